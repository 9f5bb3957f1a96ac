"""`callproof spec`: what specifications there are, what one says, and what is wrong with it."""

from __future__ import annotations

import json
import shutil
import sys

import click

from callproof.errors import Exit

DEFAULT = "ge-memory"
PIPE_WIDTH = 100
"""Columns where the output is no terminal: the same on every machine."""


@click.group("spec")
def spec_group() -> None:
    """List, show and lint specifications.

    SPEC is the name of an installed specification or file.py:NAME.
    """


@spec_group.command("list")
def list_specs() -> int:
    """List the installed specifications."""
    from rich.console import Console
    from rich.table import Table

    from callproof.model.loading import available, load_specification

    found = available()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("name", no_wrap=True)
    table.add_column("title")
    for title in ("calls", "events", "clauses", "invariants"):
        table.add_column(title, justify="right", no_wrap=True)
    for entry in found:
        if entry.problem:
            click.echo(f"callproof: {entry.problem}", err=True)
            continue
        spec = load_specification(entry.name)
        events = sum(operation.is_event for operation in spec.operations.values())
        counts = (len(spec.operations) - events, events, len(spec.clauses), len(spec.invariants))
        table.add_row(spec.name if spec.name == entry.name else entry.name, entry.title, *map(str, counts))
    console = Console(width=_width(), highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())
    return Exit.USAGE if any(entry.problem for entry in found) else Exit.OK


@spec_group.command("show")
@click.argument("spec", default=DEFAULT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(spec: str, as_json: bool) -> int:
    """Print calls, clauses with origin and citation, invariants, facts and questions of SPEC."""
    from callproof.model.lint import require_clean
    from callproof.model.loading import load_specification
    from callproof.report.spec_text import describe, render

    loaded = load_specification(spec)
    require_clean(loaded)
    described = describe(loaded)
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
    else:
        click.echo(render(described, _width()), nl=False)
    return Exit.OK


@spec_group.command("lint")
@click.argument("spec", default=DEFAULT)
def lint_spec(spec: str) -> int:
    """Report every fault of SPEC with its file and line."""
    from callproof.model.lint import lint
    from callproof.model.loading import load_specification

    loaded = load_specification(spec)
    faults = lint(loaded)
    for error in faults:
        click.echo(str(error))
    if faults:
        click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}")
        return Exit.USAGE
    calls, clauses, invariants = len(loaded.operations), len(loaded.clauses), len(loaded.invariants)
    click.echo(f"no faults: {calls} calls, {clauses} clauses, {invariants} invariants")
    return Exit.OK


def _width() -> int:
    if not sys.stdout.isatty():
        return PIPE_WIDTH
    return min(shutil.get_terminal_size().columns, 140)
