"""The sequence graphs of several layers as one: every edge with the strictest layer that still has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callproof.answers import Answers
from callproof.graph import Reach, Stepper, Tables, explore
from callproof.graph.sequences import SequenceGraph
from callproof.model.clauses import Layer
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.residue import Model
from callproof.run.request import Request
from callproof.symbolic import Answer, Solver


@dataclass(frozen=True, slots=True)
class Landscape:
    """The graph of the weakest layer; those of the others are parts of it, for they accept less."""

    graph: SequenceGraph
    layers: tuple[Layer, ...]
    strictest: tuple[int, ...]
    """For each edge of the graph, in its order, the position of the last layer whose graph has the edge too."""


def landscape(
    spec: Specification[Any],
    request: Request,
    counts: dict[str, int],
    layers: Sequence[Layer],
    answers: Answers | None = None,
) -> Landscape:
    """Explore the layers, which are given from the weakest to the strictest, with so many resources of each kind.

    Raises `LimitError` where there are too many control states.
    """
    model = Model(instantiate(spec, counts, request.selection))
    solver = Solver(model.pool, request.budget, answers)
    tables: Tables = {}

    def reach(layer: Layer) -> Reach:
        stepper = Stepper(model, layer, lambda r: solver.check([r], likely=True) is not Answer.UNSAT, tables)
        return explore(stepper, layer, len(model.moves))

    weakest, *others = [reach(layer) for layer in layers]
    strictest = [0] * len(weakest.edges)
    for position, other in enumerate(others, 1):
        has = {(source, move) for source, _, move, _ in other.edges}
        for number, (source, _, move, _) in enumerate(weakest.edges):
            if (source, move) in has:
                strictest[number] = position
    return Landscape(SequenceGraph(model, weakest), tuple(layers), tuple(strictest))
