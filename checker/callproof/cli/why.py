"""`callproof why`: why a call is allowed, or not, at a step of a trace."""

from __future__ import annotations

import click

from callproof.cli.terminal import show
from callproof.cli.trace import specification_of
from callproof.errors import Exit


@click.command("why")
@click.argument("file", metavar="TRACE")
@click.argument("step", type=int)
@click.option("--spec", metavar="SPEC", help="Use this specification instead of the one that the file names.")
def why_command(file: str, step: int, spec: str | None) -> int:
    """Say in one line which clauses allow or block the call at STEP of TRACE, and what would make it allowed."""
    from callproof.report.why_text import why_text
    from callproof.trace import read_trace
    from callproof.why import why

    trace = read_trace(file)
    loaded = specification_of(file, spec, trace.spec)
    show(why_text(why(loaded, trace, step, source=file), loaded.clauses))
    return Exit.OK
