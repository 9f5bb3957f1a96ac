"""`callproof trace`: what a recorded or constructed sequence of calls does on a specification."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from callproof.errors import InputError, UsageError

if TYPE_CHECKING:
    from callproof.model.specification import Specification


@click.group("trace")
def trace_group() -> None:
    """Replay traces (*.trace.json)."""


@trace_group.command("replay")
@click.argument("file")
@click.option("--spec", metavar="SPEC", help="Use this specification instead of the one that the file names.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def replay_command(file: str, spec: str | None, as_json: bool) -> int:
    """Judge every step of the trace in FILE (- is standard input).

    Exit code 0: every judged step conforms and no invariant broke; 1: not so; 2: the file is no such trace.
    """
    from callproof.replay import replay
    from callproof.report.replay_text import replay_document, replay_text
    from callproof.trace import read_trace

    trace = read_trace(file)
    result = replay(_specification(file, spec, trace.spec), trace, source=file)
    if as_json:
        click.echo(json.dumps(replay_document(result), ensure_ascii=False, indent=1))
    else:
        click.echo(replay_text(result), nl=False)
    return result.exit


def _specification(file: str, chosen: str | None, named: str) -> Specification[Any]:
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
