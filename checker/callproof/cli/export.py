"""`callproof export`: a cell of the matrix for other tools."""

from __future__ import annotations

import click

from callproof.cli.options import counts, known_layer, layer_option, pairs, selection_options, spec_argument
from callproof.errors import Exit, UsageError

MAX_BOUND = 1_000
"""Calls that are written out at the most."""


@click.command("export")
@spec_argument
@click.option("--to", "target", required=True, metavar="FORMAT", help="smtlib, chc, c or promela.")
@layer_option()
@click.option("--invariant", "invariants", multiple=True, metavar="ID", help="Export this invariant (repeatable).")
@click.option("--bound", type=int, default=12, show_default=True, metavar="K", help="The calls of a longest sequence.")
@selection_options
@click.option("--word-bits", type=int, default=64, show_default=True, metavar="N", help="For smtlib and chc.")
@click.option(
    "--domain", multiple=True, metavar="KIND=V,V", help="For promela: the addresses, sizes or numbers to choose from."
)
@click.option("--trace", metavar="FILE", help="For c: the program plays this trace where it is given nothing else.")
@click.option(
    "--out", metavar="FILE", default="-", show_default=True, help="Write to this file (- is standard output)."
)
def export_command(
    spec: str,
    target: str,
    layer: str,
    invariants: tuple[str, ...],
    bound: int,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
    word_bits: int,
    domain: tuple[str, ...],
    trace: str | None,
    out: str,
) -> int:
    """Write SPEC, a layer of its contract and its invariants for a solver or model checker.

    smtlib: the first K calls written out, in QF_BV. chc: Horn clauses, for any length. c: a program for model checkers
    of C, and for a compiler one that plays a trace. promela: a model for Spin, with a few words to choose from.
    """
    if not 1 <= bound <= MAX_BOUND:
        raise UsageError(f"--bound {bound}: give 1 to {MAX_BOUND}")
    chosen = known_layer(layer)

    from callproof.export import TARGETS, Wanted, exported, problem
    from callproof.model.clauses import ALL_LAYERS
    from callproof.model.loading import load_specification
    from callproof.trace import read_trace
    from callproof.trace.files import require_writable, write_atomically

    if target not in TARGETS:
        raise UsageError(f"unknown target {target!r}; the targets: {', '.join(TARGETS)}")
    loaded = load_specification(spec)
    if out != "-":
        require_writable(out)
    wanted = Wanted(word_bits, dict(pairs(domain, "--domain")), None if trace is None else read_trace(trace))
    numbers = counts(loaded, graphs, resource)
    made = problem(
        loaded,
        spec,
        ALL_LAYERS[chosen],
        invariants,
        numbers,
        bound,
        pairs(reading, "--reading"),
        pairs(option, "--option"),
    )
    text = exported(made, target, wanted)
    if out == "-":
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)
    return int(Exit.OK)
