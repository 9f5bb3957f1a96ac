"""`callproof monitor`: recorded calls against the contract."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.options import DEFAULT_SPEC, pairs
from callproof.cli.outlets import Outlets, outlet_options, outlets
from callproof.cli.workers import Workers, worker_options
from callproof.errors import Exit, LimitError, worst

if TYPE_CHECKING:
    from callproof.model.identity import Named
    from callproof.model.specification import Specification
    from callproof.monitor import Finding, MonitorResult, Problem, Settings


@click.command("monitor")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option("--spec", metavar="SPEC", default=DEFAULT_SPEC, show_default=True, help="The specification.")
@click.option("--profile", metavar="FILE", help="Read lines of text by the patterns of this file (TOML).")
@click.option("--from-unknown", is_flag=True, help="The log starts in the middle; what was before is not known.")
@click.option("--follow", is_flag=True, help="Wait for more when the log ends, until interrupted.")
@click.option("--window", metavar="N", default=1024, show_default=True, help="Lines that may be out of order.")
@click.option("--reading", multiple=True, metavar="ID=NAME", help="Read a clause in that way.")
@click.option("--option", multiple=True, metavar="K=V", help="The value of an option in the recorded process.")
@click.option("--hazards", is_flag=True, help="Let hazards that were let through count as violations.")
@worker_options
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout, and nothing else).")
@outlet_options(junit=False)
@click.option("-q", "--quiet", is_flag=True, help="The last line only.")
def monitor_command(logs: tuple[str, ...], spec: str, json_file: str | None, **chosen: Any) -> int:
    """Judge the calls in each LOG (- is standard input; .gz and .zst are read too), from its first line to its last.

    Exit code 0: nothing is wrong but hazards, perhaps; 1: caller or driver broke the contract; 2: lines or files that
    cannot be read; 4: more was in use at once than is followed.
    """
    wanted = {name: chosen.pop(name) for name in ("sarif", "github", "events")}
    with outlets("monitor", spec, wanted, json_file) as out:
        return _monitored(logs, spec, json_file=json_file, out=out, **chosen)


def _monitored(
    logs: tuple[str, ...],
    spec: str,
    profile: str | None,
    from_unknown: bool,
    follow: bool,
    window: int,
    reading: tuple[str, ...],
    option: tuple[str, ...],
    hazards: bool,
    json_file: str | None,
    quiet: bool,
    jobs: str,
    executor: str | None,
    resume: str | None,
    out: Outlets,
) -> int:
    from callproof.cli.asked import require_file, write_document
    from callproof.model.identity import Named
    from callproof.model.loading import load_specification
    from callproof.monitor import Settings
    from callproof.monitor.profile import read_profile
    from callproof.report.events import issue_line
    from callproof.report.monitor_issues import monitor_issue, monitor_issues
    from callproof.report.monitor_json import monitor_document
    from callproof.report.monitor_text import found_text, summary_text

    require_file(json_file)
    loaded = load_specification(spec)
    settings = Settings(
        dict(pairs(option, "--option")), dict(pairs(reading, "--reading")), from_unknown, follow, hazards, window,
        read_profile(profile, loaded) if profile is not None else None,
    )  # fmt: skip
    show = json_file != "-" and not quiet

    def told(found: Finding | Problem) -> None:
        if show:
            out.text(found_text(found))
            sys.stdout.flush()
        if out.wants_events:
            out.tell(issue_line(monitor_issue(found, loaded, failing_hazards=hazards)))

    workers = Workers.asked(jobs, executor, resume)
    if workers.wanted:
        if follow or "-" in logs:
            workers.refuse("--follow" if follow else "judging standard input")
        judged = _shared(workers, logs, Named.of(spec, loaded), settings, profile)
    else:
        judged = _one_by_one(logs, loaded, settings, told)
    results, codes, summaries = [], [], list[str]()
    for _ in logs:
        if summaries and json_file != "-":
            out.text(summaries[-1])
        result, said = next(judged)
        for found in said:
            told(found)
        results.append(result)
        codes.append(Exit.INTERRUPTED if result.interrupted else result.exit)
        summaries.append(summary_text(result, quiet=quiet))
    exit = Exit.INTERRUPTED if Exit.INTERRUPTED in codes else worst(codes)
    out.write(lambda: monitor_issues(results, loaded, summaries[-1].splitlines()[-1], exit), told=True)
    if json_file != "-":
        out.text(summaries[-1])
    document = json.dumps(monitor_document(results), ensure_ascii=False, indent=1) + "\n"
    if json_file == "-":
        click.echo(document, nl=False)
    write_document(json_file, document)
    return exit


Outcome = tuple["MonitorResult", "Sequence[Finding | Problem]"]
"""What a log shows, and what of it is still to be said."""


def _one_by_one(
    logs: tuple[str, ...], spec: Specification[Any], settings: Settings, told: Callable[[Finding | Problem], None]
) -> Iterator[Outcome]:
    """Each log in this process; what is found is said at once."""
    from callproof.monitor import monitor
    from callproof.parametric import OpenMachine

    machine = OpenMachine(spec)
    for log in logs:
        yield monitor(spec, log, settings, told, machine=machine), ()


def _shared(
    workers: Workers, logs: tuple[str, ...], named: Named, settings: Settings, profile: str | None
) -> Iterator[Outcome]:
    """Each log by some worker; in the order of the logs."""
    import msgspec

    from callproof.monitor.shares import Judged, Log, digest, log_task
    from callproof.work import Lost

    patterns = None if profile is None else os.path.abspath(profile)
    tasks = [
        log_task(
            Log(
                named, log, digest(log), tuple(settings.options.items()), tuple(settings.readings.items()),
                settings.from_unknown, settings.failing_hazards, settings.window, patterns,
            )
        )
        for log in logs
    ]  # fmt: skip
    with workers.campaign() as campaign:
        answers = campaign.run(tasks)
    for log, answer in zip(logs, answers, strict=True):
        if isinstance(answer, Lost):
            raise LimitError(f"{log}: not judged: {answer.reason}")
        judged = msgspec.json.decode(answer, type=Judged)
        yield judged.result, judged.told
