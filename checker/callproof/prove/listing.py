"""The sequences that a layer accepts, as text: all in one process, or ranges of them by several."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from callproof.errors import LimitError
from callproof.graph import Stepper, explore
from callproof.graph.ranges import ranged
from callproof.graph.sequences import SequenceGraph
from callproof.model.clauses import ALL_LAYERS
from callproof.model.identity import Named
from callproof.model.instantiate import Selection, instantiate
from callproof.model.specification import Specification
from callproof.residue import Model
from callproof.symbolic import Answer, Solver
from callproof.work import Campaign, Lost, Task

RANGE = 5_000
"""Sequences of one task."""


class Listed(msgspec.Struct, frozen=True):
    """Which graph: a layer of a specification, its resources, and what is fixed of it."""

    spec: Named
    layer: str
    counts: dict[str, int]
    readings: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]


class Range(msgspec.Struct, frozen=True):
    """The content of a task: the sequences numbered `first` to `last` - 1 of those of up to `bound` calls."""

    graph: Listed
    bound: int
    first: int
    last: int


def explored(
    spec: Specification[Any], layer: str, counts: Mapping[str, int], select: Selection
) -> tuple[SequenceGraph, Solver]:
    """The graph of which the sequences are walks, and the solver that knows its formulas."""
    chosen = ALL_LAYERS[layer]
    model = Model(instantiate(spec, counts, select))
    solver = Solver(model.pool)
    stepper = Stepper(model, chosen, lambda residue: solver.check([residue]) is not Answer.UNSAT)
    return SequenceGraph(model, explore(stepper, chosen, len(model.moves))), solver


def line(graph: SequenceGraph, walk: tuple[tuple[int, int, int, int], ...]) -> str:
    """One sequence as a person reads it."""
    return "; ".join(graph.label(source, move) for source, _, move, _ in walk)


def listing(
    graph: Listed, bound: int, total: int, campaign: Campaign, tick: Callable[[str], None] = lambda _: None
) -> list[str]:
    """All sequences of up to `bound` calls, `total` in number, a string each; ranges of them by the workers.

    Raises `LimitError` where a worker died.
    """
    tasks = [
        Task("sequences", f"from {first:,}", msgspec.json.encode(Range(graph, bound, first, min(total, first + RANGE))))
        for first in range(0, total, RANGE)
    ]
    lines: list[str] = []
    for answer in campaign.run(tasks, tick):
        if isinstance(answer, Lost):
            raise LimitError(f"the list is not complete: {answer.reason}")
        lines += msgspec.json.decode(answer, type=list[str])
    return lines


def listing_share(content: bytes) -> bytes:
    """List one range."""
    asked = msgspec.json.decode(content, type=Range)
    graph = _prepared(msgspec.json.encode(asked.graph))
    return msgspec.json.encode([line(graph, walk) for walk in ranged(graph, asked.bound, asked.first, asked.last)])


@functools.lru_cache(1)
def _prepared(encoded: bytes) -> SequenceGraph:
    listed = msgspec.json.decode(encoded, type=Listed)
    select = Selection(listed.readings, listed.options)
    return explored(listed.spec.load(), listed.layer, listed.counts, select)[0]
