"""`callproof harden`: the clauses that would restore what a layer breaks."""

from __future__ import annotations

import shutil
import sys

import click

from callproof.cli.options import (
    graph_count,
    known_layer,
    layer_option,
    pairs,
    resource_counts,
    selection_options,
    spec_argument,
)
from callproof.errors import UsageError

MAX_SIZE, MAX_BOUND = 8, 10_000


@click.command("harden")
@spec_argument
@layer_option("documented")
@click.option("--size", type=int, default=2, show_default=True, metavar="N", help="The most clauses of a set.")
@click.option("--bound", type=int, default=12, show_default=True, help="Longest counterexamples that are sought.")
@selection_options
@click.option(
    "--invariant", "invariants", multiple=True, metavar="ID", help="Restore this invariant only (repeatable)."
)
@click.option("--propose", is_flag=True, help="Also guess clauses that nobody wrote; takes long, so name invariants.")
@click.option("--budget", type=int, default=None, help="Z3 resource units a query; past them a set is unknown.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout, and nothing else).")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.option("-v", "--verbose", count=True, help="Print the counterexamples as well.")
def harden_command(
    spec: str,
    layer: str,
    size: int,
    bound: int,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
    invariants: tuple[str, ...],
    propose: bool,
    budget: int | None,
    json_file: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Find the minimal sets of hardening and caller clauses that restore what a layer of SPEC breaks.

    Exit code 0: every violated invariant has such a set; 1: some has none of this size; 4: a budget hides one.
    """
    if not 1 <= size <= MAX_SIZE:
        raise UsageError(f"--size {size}: give 1 to {MAX_SIZE}")
    if not 1 <= bound <= MAX_BOUND:
        raise UsageError(f"--bound {bound}: give 1 to {MAX_BOUND}")
    if budget is not None and not 1 <= budget < 2**32:
        raise UsageError(f"--budget {budget}: give 1 to 2**32 - 1")

    from callproof.model.loading import load_specification
    from callproof.report.harden_text import harden_json, harden_text, verdict
    from callproof.report.progress import progress
    from callproof.run import Request
    from callproof.run.harden import harden
    from callproof.run.propose import propose as proposed
    from callproof.symbolic import DEFAULT_BUDGET, z3_version
    from callproof.trace.files import require_writable, write_atomically

    loaded = load_specification(spec)
    request = Request(
        known_layer(layer),
        bound,
        graph_count(graphs),
        resource_counts(resource),
        pairs(reading, "--reading"),
        pairs(option, "--option"),
        invariants,
        DEFAULT_BUDGET if budget is None else budget,
    )
    if json_file not in (None, "-"):
        require_writable(str(json_file))
    with progress(quiet=quiet) as tick:
        result = harden(loaded, request, size, tick)
        proposals = proposed(loaded, request, tick) if propose else None
    if json_file is not None:
        document = harden_json(result, z3_version(), proposals)
        if json_file == "-":
            click.echo(document, nl=False)
        else:
            write_atomically(json_file, document)
    if quiet and json_file != "-":
        click.echo(verdict(result))
    elif json_file != "-":
        width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
        click.echo(harden_text(result, loaded.clauses, proposals, verbose=verbose, width=width), nl=False)
    return int(result.exit)
