"""Every edge of the sequence graph at least once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callproof.conform.cases import Case, Planned
from callproof.conform.space import Space
from callproof.graph.tours import Tour

SUITE = "edges"
LENGTH = 200
"""Calls of one walk at most: a failing walk has to be shrunk."""


def edge_cases(space: Space, wanted: Iterable[int]) -> Iterator[Case]:
    """Walks that take every wanted edge, by its number in the space's graph."""
    tour = Tour(lambda node: [(arc.edge, arc.target) for arc in space.known(node)], wanted, LENGTH)
    while tour.left:
        walk = tour.walk()
        if walk is None:
            return
        steps = []
        for node, position in walk:
            arc = space.known(node)[position]
            steps.append(Planned(arc.goal.act, arc.terms, arc.target != node, arc.goal, arc.edge))
        yield Case(SUITE, space.world, tuple(steps))
