"""`callproof monitor`: recorded calls against the contract."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.options import DEFAULT_SPEC, pairs
from callproof.cli.outlets import Outlets, outlet_options, outlets
from callproof.errors import Exit, worst

if TYPE_CHECKING:
    from callproof.monitor import Finding, Problem


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
    out: Outlets,
) -> int:
    from callproof.cli.asked import require_file, write_document
    from callproof.model.loading import load_specification
    from callproof.monitor import Settings, monitor
    from callproof.monitor.profile import read_profile
    from callproof.parametric import OpenMachine
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

    results, codes, summaries = [], [], list[str]()
    machine = OpenMachine(loaded)
    for log in logs:
        if summaries and json_file != "-":
            out.text(summaries[-1])
        result = monitor(loaded, log, settings, told, machine=machine)
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
