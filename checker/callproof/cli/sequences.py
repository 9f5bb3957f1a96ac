"""`callproof sequences`: how many call sequences a contract accepts, which, and the graph of which they are walks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from callproof.cli.options import counts, known_layer, layer_option, pairs, selection_options, spec_argument
from callproof.cli.terminal import show
from callproof.cli.workers import Workers, worker_options
from callproof.errors import Exit, UsageError

if TYPE_CHECKING:
    from callproof.graph.sequences import SequenceGraph
    from callproof.prove.listing import Listed
    from callproof.symbolic import Solver

LIST_LIMIT = 100_000
"""Sequences past which they are not listed."""


@click.command("sequences")
@spec_argument
@click.option("--bound", type=int, default=12, show_default=True, metavar="K", help="The calls of a longest sequence.")
@click.option("--count", "count", is_flag=True, help="Print how many there are (the default).")
@click.option("--list", "listed", is_flag=True, help="Print each sequence on a line of its own.")
@click.option("--dot", metavar="FILE", help="Write the whole sequence graph for Graphviz (- is standard output).")
@layer_option()
@selection_options
@worker_options
def sequences_command(
    spec: str,
    bound: int,
    count: bool,
    listed: bool,
    dot: str | None,
    layer: str,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
    jobs: str,
    executor: str | None,
    resume: str | None,
) -> int:
    """Count, list or draw the sequences of calls that a layer of SPEC accepts."""
    if count + listed + (dot is not None) > 1:
        raise UsageError("give one of --count, --list and --dot")
    if bound < 0:
        raise UsageError(f"--bound is a number of calls, not {bound}")
    workers = Workers.asked(jobs, executor, resume)
    if not listed:
        workers.refuse("--dot" if dot is not None else "--count")

    from callproof.model.identity import Named
    from callproof.model.instantiate import Selection
    from callproof.model.lint import require_clean
    from callproof.model.loading import load_specification
    from callproof.prove.listing import Listed, explored

    chosen = known_layer(layer)
    fixed = pairs(reading, "--reading"), pairs(option, "--option")
    loaded = load_specification(spec)
    require_clean(loaded)
    numbers = counts(loaded, graphs, resource)
    graph, solver = explored(loaded, chosen, numbers, Selection(*fixed))
    if dot is not None:
        _draw(graph, dot)
    elif listed:
        asked = Listed(Named.of(spec, loaded), chosen, numbers, *fixed) if workers.wanted else None
        _list(graph, bound, workers, asked)
    else:
        total = graph.count(bound)
        note = "exact" if not total or _is_exact(graph, solver, bound) else "at most: data may refuse some"
        lengths = _calls(bound) if bound < 2 else f"1 to {_calls(bound)}"
        show(f"{_sequences(total)} of {lengths} ({note})\n")
    return Exit.OK


def _is_exact(graph: SequenceGraph, solver: Solver, bound: int) -> bool:
    """Data refuses nothing. Only where every invariant together would show that, it is proved which of them stand."""
    from callproof.prove.exact import is_exact
    from callproof.prove.goals import Goals
    from callproof.prove.induction import Induction
    from callproof.prove.states import Projections

    model, reach = graph.model, graph.reach
    goals, every = Goals(model), range(len(model.system.properties))
    if not is_exact(model, reach, every, goals, solver, bound):
        return False
    proof = Induction(goals, reach.layer, solver, Projections(reach)).run(every)
    return is_exact(model, reach, proof.stands, goals, solver, bound)


def _list(graph: SequenceGraph, bound: int, workers: Workers, asked: Listed | None) -> None:
    from callproof.prove.listing import line, listing

    total = 0
    for length, count in enumerate(graph.counts(bound), 1):
        total += count
        if total > LIST_LIMIT:
            raise UsageError(
                f"there are {_sequences(total)} of up to {_calls(length)}, and at most {LIST_LIMIT:,} are listed: "
                f"give a --bound below {length}, or --count"
            )
    if asked is None:
        for walk in graph.walks(bound):
            click.echo(line(graph, walk))
        return
    with workers.campaign() as campaign:
        for made in listing(asked, bound, total, campaign):
            click.echo(made)


def _draw(graph: SequenceGraph, file: str) -> None:
    from callproof.trace.files import write_atomically

    if file == "-":
        click.echo(graph.dot(), nl=False)
    else:
        write_atomically(file, graph.dot())


def _sequences(number: int) -> str:
    # Decimal, for Python refuses to print an integer of more than 4,300 digits.
    return f"{Decimal(number):,} sequence{'' if number == 1 else 's'}"


def _calls(number: int) -> str:
    return f"{number:,} call{'' if number == 1 else 's'}"
