"""`callproof sequences`: how many call sequences a contract accepts, which, and the graph of which they are walks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from callproof.cli.options import counts, known_layer, layer_option, pairs, selection_options, spec_argument
from callproof.cli.terminal import show
from callproof.errors import Exit, UsageError

if TYPE_CHECKING:
    from callproof.graph.sequences import SequenceGraph
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
) -> int:
    """Count, list or draw the sequences of calls that a layer of SPEC accepts."""
    if count + listed + (dot is not None) > 1:
        raise UsageError("give one of --count, --list and --dot")
    if bound < 0:
        raise UsageError(f"--bound is a number of calls, not {bound}")
    graph, solver = _explored(spec, layer, graphs, resource, reading, option)
    if dot is not None:
        _draw(graph, dot)
    elif listed:
        _list(graph, bound)
    else:
        total = graph.count(bound)
        note = "exact" if not total or _is_exact(graph, solver, bound) else "at most: data may refuse some"
        lengths = _calls(bound) if bound < 2 else f"1 to {_calls(bound)}"
        show(f"{_sequences(total)} of {lengths} ({note})\n")
    return Exit.OK


def _explored(
    name: str,
    layer: str,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
) -> tuple[SequenceGraph, Solver]:
    """The graph of what the options choose, and the solver that knows its formulas."""
    from callproof.graph import Stepper, explore
    from callproof.graph.sequences import SequenceGraph
    from callproof.model.clauses import ALL_LAYERS
    from callproof.model.instantiate import Selection, instantiate
    from callproof.model.lint import require_clean
    from callproof.model.loading import load_specification
    from callproof.residue import Model
    from callproof.symbolic import Answer, Solver

    chosen = ALL_LAYERS[known_layer(layer)]
    select = Selection(pairs(reading, "--reading"), pairs(option, "--option"))
    spec = load_specification(name)
    require_clean(spec)
    model = Model(instantiate(spec, counts(spec, graphs, resource), select))
    solver = Solver(model.pool)
    stepper = Stepper(model, chosen, lambda residue: solver.check([residue]) is not Answer.UNSAT)
    return SequenceGraph(model, explore(stepper, chosen, len(model.moves))), solver


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


def _list(graph: SequenceGraph, bound: int) -> None:
    total = 0
    for length, count in enumerate(graph.counts(bound), 1):
        total += count
        if total > LIST_LIMIT:
            raise UsageError(
                f"there are {_sequences(total)} of up to {_calls(length)}, and at most {LIST_LIMIT:,} are listed: "
                f"give a --bound below {length}, or --count"
            )
    for walk in graph.walks(bound):
        click.echo("; ".join(graph.label(source, move) for source, _, move, _ in walk))


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
