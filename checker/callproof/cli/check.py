"""`callproof check`: the matrix of invariants and layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callproof.cli import asked
from callproof.cli.options import layer_option, selection_options, spec_argument
from callproof.cli.outlets import Outlets, outlet_options, outlets
from callproof.cli.workers import Workers, worker_options
from callproof.errors import UsageError

if TYPE_CHECKING:
    from callproof.model.specification import Specification
    from callproof.report.events import Event
    from callproof.report.issues import Issues
    from callproof.run.certifying import Certificate
    from callproof.run.shares import Sharing
    from callproof.verdict import CheckResult


@click.command("check")
@spec_argument
@layer_option("all", several=True)
@click.option("--bound", type=int, default=12, show_default=True, help="Longest sequences counted and traces sought.")
@click.option("--engine", metavar="ENGINE", default="edges", show_default=True, help="edges, paths, chc or sequences.")
@click.option("--word-bits", type=int, default=64, show_default=True, metavar="N", help="Width of words, for chc only.")
@selection_options
@click.option("--invariant", "invariants", multiple=True, metavar="ID", help="Judge this invariant only (repeatable).")
@click.option("--needs", is_flag=True, help="Also which clauses each proof of the judged layer needs.")
@click.option("--budget", type=int, default=None, help="Z3 resource units a query; past them the verdict is unknown.")
@click.option(
    "--solver", metavar="NAME", default="z3", show_default=True, help="cvc5 or bitwuzla has to confirm every proof."
)
@click.option("--no-cache", is_flag=True, help="Neither use nor keep solvers' answers between runs.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout, and nothing else).")
@click.option("--traces", metavar="DIR", help="Write each counterexample as a trace file.")
@click.option("--certify", "certificate", metavar="DIR", help="Write a certificate of what is proved (engine edges).")
@worker_options
@outlet_options()
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.option("-v", "--verbose", count=True, help="Print scopes and times as well.")
def check_command(
    spec: str,
    solver: str,
    no_cache: bool,
    json_file: str | None,
    traces: str | None,
    certificate: str | None,
    quiet: bool,
    verbose: int,
    **chosen: Any,
) -> int:
    """Prove every invariant of SPEC in each layer of its contract, or show the shortest calls that break it.

    The exit code judges the layer asked for; for `all` that is `hardened`.
    """
    wanted = {name: chosen.pop(name) for name in ("junit", "sarif", "github", "events")}
    with outlets("check", spec, wanted, json_file) as out:
        return _checked(spec, solver, no_cache, json_file, traces, certificate, quiet, verbose, chosen, out)


def _checked(
    spec: str,
    solver: str,
    no_cache: bool,
    json_file: str | None,
    traces: str | None,
    certificate: str | None,
    quiet: bool,
    verbose: int,
    chosen: dict[str, Any],
    out: Outlets,
) -> int:
    workers = Workers.asked(*(chosen.pop(name) for name in ("jobs", "executor", "resume")))
    request = asked.request(**chosen, several=True)

    from callproof.cli.kept import kept_answers
    from callproof.cli.terminal import progress
    from callproof.model.loading import load_specification
    from callproof.report.check_json import check_json
    from callproof.report.check_text import check_text, verdict_line
    from callproof.run.check import check

    loaded = load_specification(spec)
    asked.require_file(json_file)
    if traces is not None:
        _make_directory(traces)
    made = _certificate(certificate, solver, request.engine)
    if made is not None:
        workers.refuse("--certify" if certificate is not None else "--solver")
    with (
        kept_answers(not no_cache) as answers,
        progress(quiet=quiet, also=out.progress) as tick,
        _sharing(workers, spec, loaded) as others,
    ):
        result = check(loaded, request, tick, answers, None if made is None else made.add, others)
        if made is not None and solver != "z3":
            from callproof.run.confirming import confirmed

            result = confirmed(result, made, solver, tick)
    document = "" if json_file is None else check_json(result)
    asked.write_document(json_file, document)
    if traces is not None:
        _write_traces(traces, result)
    if certificate is not None and made is not None:
        from callproof.certificate.writing import write_certificate

        write_certificate(certificate, made.files(result))
    _hand_out(out, result, loaded)

    def text(width: int) -> str:
        if quiet:
            return verdict_line(result) + "\n"
        return check_text(result, loaded.clauses, verbose=verbose, width=width)

    asked.show(json_file, document, text, out=out)
    return int(result.exit)


def _write_traces(directory: str, result: CheckResult) -> None:
    from callproof.report.check_text import counterexamples
    from callproof.trace.files import write_atomically

    for number, (example, _) in counterexamples(result).items():
        write_atomically(str(Path(directory) / f"{number:02}-{result.spec}.trace.json"), example.text)


def _hand_out(out: Outlets, result: CheckResult, spec: Specification[Any]) -> None:
    def issues() -> Issues:
        from callproof.report.check_issues import check_issues

        return check_issues(result, spec)

    def junit() -> str:
        from callproof.report.check_junit import check_junit

        return check_junit(result, spec.clauses)

    def details() -> Iterator[Event]:
        from callproof.report.events import cells

        return cells(result)

    out.write(issues, junit, details)


@contextmanager
def _sharing(workers: Workers, name: str, spec: Specification[Any]) -> Iterator[Sharing | None]:
    """The workers that are to do a check, if any are."""
    if not workers.wanted:
        yield None
        return
    from callproof.model.identity import Named
    from callproof.run.shares import Sharing

    with workers.campaign() as campaign:
        yield Sharing(Named.of(name, spec), campaign)


def _certificate(path: str | None, solver: str, engine: str) -> Certificate | None:
    """What is to gather the proofs, if they are wanted: for a certificate, or for another solver."""
    if solver not in (known := ("z3", "cvc5", "bitwuzla")):
        raise UsageError(f"unknown solver {solver!r}; the solvers: {', '.join(known)}")
    if path is None and solver == "z3":
        return None
    if engine != "edges":
        asked = "--solver" if path is None else "--certify"
        raise UsageError(f"{asked} is for --engine edges; {engine} leaves nothing that could be checked again")
    from callproof.certificate.writing import require_replaceable
    from callproof.run.certifying import Certificate

    if path is not None:
        require_replaceable(path)
    if solver != "z3":
        from callproof.run.confirming import require_solver

        require_solver(solver)
    return Certificate()


def _make_directory(path: str) -> None:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--traces {path}: {error.strerror}") from None
