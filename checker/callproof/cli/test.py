"""`callproof test`, `callproof replay` and `callproof compare`: a driver against the specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.options import DEFAULT_SPEC, known_layer, pairs
from callproof.cli.outlets import Outlets, outlet_options, outlets
from callproof.cli.terminal import columns, show
from callproof.cli.workers import share_options, suite_sharing, suite_workers
from callproof.errors import Exit, UsageError, worst

if TYPE_CHECKING:
    from callproof.conform.campaign import Request
    from callproof.conform.results import ConformanceResult
    from callproof.model.specification import Specification
    from callproof.report.events import Event
    from callproof.report.issues import Issues

SUITE_NAMES = ("all", "clauses", "variants", "edges", "refusals", "boundaries", "random")
JOBS_LIMIT = 64
SPEC_HELP = f"The specification: the one that publishes DRIVER, else {DEFAULT_SPEC}."


@click.command("test", context_settings={"allow_interspersed_args": True})
@click.argument("driver", nargs=-1, required=True)
@click.option(
    "--suite",
    multiple=True,
    default=("all",),
    show_default=True,
    metavar="SUITE",
    help=f"{', '.join(SUITE_NAMES)}; repeatable.",
)
@click.option("--spec", metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--layer",
    default="documented",
    show_default=True,
    metavar="LAYER",
    help="What the driver must refuse: the documented clauses, or hardened: the missing checks too.",
)
@click.option(
    "--hazards",
    type=click.Choice(["report", "fail"]),
    default="report",
    show_default=True,
    help="Whether a missing check that no page names fails the test.",
)
@click.option("--time", "seconds", metavar="SECONDS", help="Stop calling after so long (60, 60s or 5m).")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Of the random suite.")
@click.option("--walks", type=click.IntRange(0), metavar="N", help="Walks of the random suite in each setting.")
@click.option(
    "--jobs",
    type=click.IntRange(1, JOBS_LIMIT),
    default=2,
    show_default=True,
    metavar="N",
    help="Driver processes at once.",
)
@share_options
@click.option(
    "--timeout", type=click.FloatRange(0.01), default=10.0, show_default=True, metavar="SECONDS", help="For one answer."
)
@click.option("--reading", multiple=True, metavar="ID=NAME", help="Read a clause in that way.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON (-: stdout, and nothing else).")
@outlet_options()
@click.option("--corpus", metavar="DIR", help="Write a trace file for each finding.")
@click.option("-v", "--verbose", is_flag=True, help="Show every clause, and all that was not covered.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
def test_command(
    driver: tuple[str, ...],
    spec: str | None,
    json_file: str | None,
    corpus: str | None,
    verbose: bool,
    quiet: bool,
    **chosen: Any,
) -> int:
    """Test DRIVER against the specification: module:attr, file.py:attr, SPEC:NAME, or -- command args.

    Exit code 0: it conforms; 1: it does not; 2: bad usage; 5: something that a suite owes was not covered; 6: the
    driver crashed, hung or broke the protocol.
    """
    wanted = {name: chosen.pop(name) for name in ("junit", "sarif", "github", "events")}
    with outlets("test", spec or "", wanted, json_file) as out:
        return _tested(driver, spec, json_file, corpus, verbose, quiet, chosen, out)


def _tested(
    driver: tuple[str, ...],
    spec: str | None,
    json_file: str | None,
    corpus: str | None,
    verbose: bool,
    quiet: bool,
    chosen: dict[str, Any],
    out: Outlets,
) -> int:
    from callproof.cli import asked
    from callproof.cli.terminal import progress
    from callproof.conform.campaign import conformance
    from callproof.conform.corpus import write_corpus
    from callproof.drivers.locate import publisher
    from callproof.report.conform_json import conformance_document
    from callproof.report.conform_text import conformance_text, verdict_line

    asked.require_file(json_file)
    loaded = _specification(spec, driver)
    executor, resume = chosen.pop("executor"), chosen.pop("resume")
    request = _request(driver, chosen)
    workers = suite_workers(request, executor, resume)
    name = spec or publisher(driver) or DEFAULT_SPEC
    with progress(quiet=quiet, also=out.progress) as tick, suite_sharing(workers, name, loaded) as others:
        result = conformance(loaded, request, tick, sharing=others)
    if corpus is not None:
        write_corpus(corpus, result.findings, loaded)
    document = ""
    if json_file is not None:
        document = json.dumps(conformance_document(result, loaded), ensure_ascii=False, indent=1) + "\n"
    asked.write_document(json_file, document)
    _hand_out(out, result, loaded)

    def text(width: int) -> str:
        if quiet:
            return verdict_line(result) + "\n"
        return conformance_text(result, loaded, verbose=verbose, width=width)

    asked.show(json_file, document, text, out=out)
    return int(result.exit)


def _hand_out(out: Outlets, result: ConformanceResult, spec: Specification[Any]) -> None:
    def issues() -> Issues:
        from callproof.report.conform_issues import conformance_issues

        return conformance_issues(result, spec)

    def junit() -> str:
        from callproof.report.conform_junit import conformance_junit

        return conformance_junit(result)

    def details() -> Iterator[Event]:
        from callproof.report.events import clauses

        return clauses(result)

    out.write(issues, junit, details)


def _specification(name: str | None, driver: tuple[str, ...]) -> Specification[Any]:
    """The specification that is asked for, or else the one that publishes the driver."""
    from callproof.drivers.locate import publisher
    from callproof.model.lint import require_clean
    from callproof.model.loading import load_specification

    loaded = load_specification(name or publisher(driver) or DEFAULT_SPEC)
    require_clean(loaded)
    return loaded


def _request(driver: tuple[str, ...], chosen: dict[str, Any]) -> Request:
    from callproof.conform.campaign import Request
    from callproof.drivers.locate import deviations_of, driver_command

    layer = known_layer(chosen["layer"])
    if layer == "+caller":
        raise UsageError("a driver keeps documented, hardened or driver; +caller is about callers")
    return Request(
        driver_command(driver),
        _suites(chosen["suite"]),
        chosen["seed"],
        _seconds(chosen["seconds"]),
        chosen["jobs"],
        chosen["timeout"],
        chosen["hazards"] == "fail" or layer != "documented",
        layer,
        chosen["walks"],
        readings=pairs(chosen["reading"], "--reading"),
        known=deviations_of(driver),
    )


def _suites(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in SUITE_NAMES:
            raise UsageError(f"unknown suite {name!r}; the suites: {', '.join(SUITE_NAMES)}")
    return SUITE_NAMES[1:] if "all" in names else tuple(s for s in SUITE_NAMES if s in names)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1.0)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 1e9:
        raise UsageError(f"--time takes a number of seconds such as 60, 60s or 5m, not {text!r}")
    return seconds


@click.command("replay")
@click.argument("folder", metavar="DIR")
@click.argument("driver", nargs=-1, required=True)
@click.option("--spec", metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--timeout", type=click.FloatRange(0.01), default=10.0, show_default=True, metavar="SECONDS", help="For one answer."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
def replay_command(folder: str, driver: tuple[str, ...], spec: str | None, timeout: float, quiet: bool) -> int:
    """Run the cases of a corpus on DRIVER again: fixed, failing or error for each.

    Exit code 0: all are fixed; 1: some still fail; 2: some file is no such case; 6: the driver crashed or hung.
    """
    from callproof.conform.corpus import corpus_files, replay_corpus
    from callproof.drivers.locate import driver_command
    from callproof.drivers.session import Session
    from callproof.report.replay_text import printable

    loaded = _specification(spec, driver)
    files = corpus_files(folder)
    command = driver_command(driver)
    results = replay_corpus(loaded, files, lambda: Session(command, loaded.name, timeout))
    for result in () if quiet else results:
        message = f": {printable(result.message)}" if result.message else ""
        show(f"{result.status:<8}{printable(result.file)}{message}\n")
    counts = [sum(r.status == s for r in results) for s in ("fixed", "failing", "error")]
    show(f"{counts[0]} fixed, {counts[1]} failing, {counts[2]} with errors\n")
    return worst([r.exit for r in results] or [Exit.OK])


@click.command("compare")
@click.argument("first", metavar="DRIVER_A")
@click.argument("second", metavar="DRIVER_B")
@click.option(
    "--suite",
    multiple=True,
    default=("clauses", "random"),
    metavar="SUITE",
    help=f"{', '.join(SUITE_NAMES)}; repeatable.",
)
@click.option("--spec", metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--time",
    "seconds",
    default="30s",
    show_default=True,
    metavar="SECONDS",
    help="Stop after so long without a difference.",
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Of the random suite.")
@click.option(
    "--timeout", type=click.FloatRange(0.01), default=10.0, show_default=True, metavar="SECONDS", help="For one answer."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
def compare_command(
    first: str,
    second: str,
    suite: tuple[str, ...],
    spec: str | None,
    seconds: str,
    seed: int,
    timeout: float,
    quiet: bool,
) -> int:
    """Find the first call that DRIVER_A and DRIVER_B answer differently, and the fewest calls that show it.

    A driver is module:attr, file.py:attr or a command line. Exit code 0: no difference was found; 1: one was.
    """
    import shlex

    from callproof.cli.terminal import progress
    from callproof.conform.compare import compare
    from callproof.drivers.locate import driver_command
    from callproof.drivers.session import Session
    from callproof.report.conform_text import comparison_text

    loaded = _specification(spec, tuple(shlex.split(first)))
    one, two = driver_command(shlex.split(first)), driver_command(shlex.split(second))
    limit = _seconds(seconds)
    with progress(quiet=quiet) as tick:
        result = compare(
            loaded,
            (lambda: Session(one, loaded.name, timeout), lambda: Session(two, loaded.name, timeout)),
            _suites(suite),
            seed,
            limit if limit is not None else 30.0,
            tick,
        )
    text = comparison_text(result, width=columns())
    show(text.splitlines()[-1] + "\n" if quiet else text)
    return Exit.OK if result.difference is None else Exit.VIOLATED
