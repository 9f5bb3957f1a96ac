"""`callproof spec`: what specifications there are, what one says, and what is wrong with it."""

from __future__ import annotations

import json

import click

from callproof.cli.terminal import columns, show
from callproof.errors import Exit

DEFAULT = "ge-memory"
WIDEST = 140
"""Columns past which lines are hard to read."""


@click.group("spec")
def spec_group() -> None:
    """List, show and lint specifications.

    SPEC is the name of an installed specification or file.py:NAME.
    """


@spec_group.command("list")
def list_specs() -> int:
    """List the installed specifications."""
    from callproof.model.loading import available, load_specification
    from callproof.report.tables import table

    found = available()
    rows: list[tuple[str, ...]] = [("name", "calls", "events", "clauses", "invariants", "title")]
    for entry in found:
        if entry.problem:
            click.echo(f"callproof: {entry.problem}", err=True)
            continue
        spec = load_specification(entry.name)
        events = sum(operation.is_event for operation in spec.operations.values())
        counts = (len(spec.operations) - events, events, len(spec.clauses), len(spec.invariants))
        rows.append((entry.name, *map(str, counts), entry.title))
    show("".join(f"{line}\n" for line in table(rows, columns())))
    return Exit.USAGE if any(entry.problem for entry in found) else Exit.OK


@spec_group.command("show")
@click.argument("spec", default=DEFAULT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show_spec(spec: str, as_json: bool) -> int:
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
        show(render(described, min(columns(), WIDEST)))
    return Exit.OK


@spec_group.command("lint")
@click.argument("spec", default=DEFAULT)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
def lint_spec(spec: str, quiet: bool) -> int:
    """Report every fault of SPEC with its file and line."""
    from callproof.model.lint import lint
    from callproof.model.loading import load_specification

    loaded = load_specification(spec)
    faults = lint(loaded)
    for error in faults:
        if not quiet:
            show(f"{error}\n")
    if faults:
        show(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}\n")
        return Exit.USAGE
    calls, clauses, invariants = len(loaded.operations), len(loaded.clauses), len(loaded.invariants)
    show(f"no faults: {calls} calls, {clauses} clauses, {invariants} invariants\n")
    return Exit.OK
