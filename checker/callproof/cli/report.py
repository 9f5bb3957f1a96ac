"""`callproof report`: the evidence, as files that can be made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callproof.cli import asked
from callproof.cli.options import spec_argument
from callproof.errors import Exit, LimitError, UsageError

if TYPE_CHECKING:
    from callproof.answers import Answers
    from callproof.model.specification import Specification
    from callproof.replay import Replay
    from callproof.report.html.graph import GraphData
    from callproof.report.html.results import Results
    from callproof.report.html.traces import Converter, Player, TraceData
    from callproof.run.request import Request
    from callproof.verdict import CheckResult


@click.command("report")
@spec_argument
@click.option("--out", "out", metavar="DIR", help="Where to write SPEC.md and SPEC.json.")
@click.option("--html", "html", metavar="FILE", help="Write one HTML file with all of it, to be read in a browser.")
@click.option("--needs", is_flag=True, help="Also which clauses each proof needs; in DIR as SPEC-needs.md and .json.")
@click.option("--results", metavar="FILE", help="Add the results of `callproof test --json FILE` to the HTML file.")
@click.option("--trace", "traces", multiple=True, metavar="FILE", help="Add a trace to the HTML file (repeatable).")
@click.option("-q", "--quiet", is_flag=True, help="Print the last line only.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep solvers' answers between runs.")
def report_command(
    spec: str,
    out: str | None,
    html: str | None,
    needs: bool,
    results: str | None,
    traces: tuple[str, ...],
    no_cache: bool,
    quiet: bool,
) -> int:
    """Write the evidence on SPEC: matrix, counterexamples, clauses with citations, and what was not covered."""
    if out is None and html is None:
        raise UsageError("say where the report goes: --html FILE, --out DIR or both")
    if html is None and (results is not None or traces):
        raise UsageError("--results and --trace are for --html")

    from callproof.cli.kept import kept_answers
    from callproof.cli.terminal import progress, show
    from callproof.model.loading import load_specification
    from callproof.run.check import check
    from callproof.run.request import Request
    from callproof.trace.files import write_atomically

    loaded = load_specification(spec)
    directory = None if out is None else _directory(out)
    asked.require_file(html)
    request = Request(needs=needs)
    shown = None if html is None else _shown(loaded, spec, results, traces)
    # What a run has cost stands in the files of --out, and is not the same where answers are kept.
    with kept_answers(not no_cache and out is None) as answers:
        with progress(quiet=quiet) as tick:
            result = check(loaded, request, tick, answers)
        files = {} if directory is None else _evidence(directory, result, loaded)
        if html is not None and shown is not None:
            files[html] = _page(loaded, request, result, shown, answers)
    for path, text in files.items():
        write_atomically(path, text)
        if not quiet or path == list(files)[-1]:
            show(f"wrote {path}\n")
    return int(Exit.OK)


def _directory(out: str) -> Path:
    directory = Path(out)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    return directory


def _evidence(directory: Path, result: CheckResult, spec: Specification[Any]) -> dict[str, str]:
    """The files of --out by path."""
    from dataclasses import replace

    from callproof.report.check_json import check_json, needs_json
    from callproof.report.markdown import markdown
    from callproof.report.needs_markdown import needs_markdown

    # What needs what has files of its own, so that the others are the same whether it was asked or not.
    document = check_json(replace(result, needs=None), with_times=False)
    files = {f"{spec.name}.md": markdown(result, spec), f"{spec.name}.json": document}
    if result.needs is not None:
        files[f"{spec.name}-needs.md"] = needs_markdown(result.needs, spec)
        files[f"{spec.name}-needs.json"] = needs_json(spec.name, result.needs)
    return {str(directory / name): text for name, text in files.items()}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the HTML file shows besides the result."""

    player: Player
    results: Results | None
    traces: tuple[TraceData, ...]


def _shown(spec: Specification[Any], named: str, results: str | None, traces: tuple[str, ...]) -> _Shown:
    """The files that are to be added, read before the work."""
    from callproof.model.lint import require_clean
    from callproof.report.html.results import read_results
    from callproof.report.html.traces import Player
    from callproof.reproduce.targets import SOME_DRIVER, TARGETS, Subject
    from callproof.trace import Sorts, read_trace

    def convert(target: str) -> Converter:
        def made(played: Replay, sorts: Sorts, source: str) -> str:
            return TARGETS[target](Subject(spec, named, played, sorts, source, SOME_DRIVER))

        return made

    require_clean(spec)
    player = Player(spec, {"C++": convert("cpp"), "pytest": convert("pytest")})
    tested, shown = (None, ()) if results is None else read_results(results, player)
    for number, file in enumerate(traces, 1):
        trace = read_trace(file)
        shown += (player.shown(f"trace-{number}", Path(file).name, "A recorded trace.", trace, source=file),)
    return _Shown(player, tested, shown)


def _page(spec: Specification[Any], request: Request, result: CheckResult, shown: _Shown, answers: Answers) -> str:
    """The HTML file."""
    from callproof.report.html import Evidence, document, page

    graph, why = _graph(spec, request, result, answers)
    evidence = Evidence(result, graph, why, shown.results, shown.traces)
    return page(document(evidence, spec, shown.player), evidence, spec)


def _graph(
    spec: Specification[Any], request: Request, result: CheckResult, answers: Answers
) -> tuple[GraphData | None, str]:
    """The sequence graph, or why there is none."""
    from callproof.report.html.graph import graph_data
    from callproof.run.landscape import landscape

    try:
        return graph_data(landscape(spec, request, dict(result.resources), request.layers, answers)), ""
    except LimitError as error:
        return None, str(error)
