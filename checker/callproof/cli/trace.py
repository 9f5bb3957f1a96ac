"""`callproof trace`: what a recorded or constructed sequence of calls does on a specification."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.options import DEFAULT_SPEC
from callproof.cli.terminal import show
from callproof.errors import Exit, InputError, UsageError

if TYPE_CHECKING:
    from callproof.model.specification import Specification

CONVERSIONS = ("trace", "itf", "jsonl", "requests", "mermaid", "cpp", "pytest", "hypothesis")


@click.group("trace")
def trace_group() -> None:
    """Replay traces (*.trace.json), and convert them."""


@trace_group.command("replay")
@click.argument("file")
@click.option("--spec", metavar="SPEC", help="Use this specification instead of the one that the file names.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
def replay_command(file: str, spec: str | None, as_json: bool, quiet: bool) -> int:
    """Judge every step of the trace in FILE (- is standard input).

    Exit code 0: every judged step conforms and no invariant broke; 1: not so; 2: the file is no such trace.
    """
    from callproof.replay import replay
    from callproof.report.replay_text import replay_document, replay_text
    from callproof.trace import read_trace

    trace = read_trace(file)
    result = replay(specification_of(file, spec, trace.spec), trace, source=file)
    if as_json:
        click.echo(json.dumps(replay_document(result), ensure_ascii=False, indent=1))
    else:
        text = replay_text(result)
        show(text.splitlines()[-1] + "\n" if quiet else text)
    return result.exit


@trace_group.command("convert")
@click.argument("file")
@click.option("--to", "target", required=True, type=click.Choice(CONVERSIONS), help="What to make of it.")
@click.option("--out", metavar="FILE", default="-", help="Where to write it; standard output if not given.")
@click.option("--spec", metavar="SPEC", help="Use this specification instead of the one that the file names.")
@click.option("--driver", metavar="DRIVER", help="The driver that a pytest or hypothesis file names.")
@click.option("--session", metavar="S", help="Of a log: the session; the first one if not given.")
@click.option("--until", metavar="LINE", type=click.IntRange(1), help="Of a log: the last line that is taken.")
def convert_command(
    file: str,
    target: str,
    out: str,
    spec: str | None,
    driver: str | None,
    session: str | None,
    until: int | None,
) -> int:
    """Write the trace in FILE (- is standard input) as something else; a file *.jsonl is a log, as of callproof record.

    trace: a trace file. itf: states, for tools that read the Informal Trace Format. jsonl: a log of steps. requests:
    what a driver process reads. mermaid: a sequence diagram. cpp: a program that makes the calls on a real library, and
    fails if the library misbehaves. pytest: the same for a driver. hypothesis: a state machine of the whole
    specification, for a driver.
    """
    from callproof.reproduce import converted
    from callproof.reproduce.from_log import is_log, read_log, trace_of_log
    from callproof.reproduce.targets import SOME_DRIVER
    from callproof.trace import read_trace
    from callproof.trace.files import write_atomically

    if is_log(file):
        loaded = specification_of(file, spec, read_log(file, 1)[0].spec or DEFAULT_SPEC)
        trace = trace_of_log(loaded, file, session, until)
    else:
        trace = read_trace(file)
        loaded = specification_of(file, spec, trace.spec)
    source = "standard input" if file == "-" else os.path.basename(file)
    text = converted(loaded, trace, target, source, driver or SOME_DRIVER, spec or "")
    if out == "-":
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)
    return int(Exit.OK)


def specification_of(file: str, chosen: str | None, named: str) -> Specification[Any]:
    """The specification that was chosen, or the one that a file names; `UsageError` where there is none."""
    from callproof.model.loading import load_specification
    from callproof.trace.reading import quoted

    if chosen is not None:
        return load_specification(chosen)
    if ":" in named or named.endswith(".py") or "/" in named or os.sep in named:
        # A file of specifications is a program: that a trace names it is no reason to run it.
        raise InputError(f"{file}: spec: {quoted(named)} is a file; it is not run because a trace says so: give --spec")
    try:
        return load_specification(named)
    except UsageError as error:
        raise InputError(f"{file}: spec: {error}") from None
