"""Every edge of the sequence graph at least once, and behind it calls that are refused where it leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from callproof.conform.cases import Case, Planned
from callproof.conform.space import Arc, Space
from callproof.conform.suites.refusals import Refused
from callproof.graph.tours import Tour

SUITE = "edges"
LENGTH = 200
"""Calls of one walk at most: a failing walk has to be shrunk."""
TRIES = 20
"""Walks on which an edge that its state does not allow is put off before it is given up."""


def edge_cases(space: Space, wanted: Iterable[int]) -> Iterator[Case]:
    """Walks that take every wanted edge, by its number in the space's graph."""
    arcs = [space.known(node) for node in range(len(space.nodes))]
    tour = Tour([[(arc.edge, arc.target) for arc in leaving] for leaving in arcs], wanted)
    refused = Refused(space)
    failures: Counter[int] = Counter()
    given_up: set[int] = set()
    while tour.left:
        postponed: list[int] = []
        steps = tuple(_walk(space, arcs, tour, refused, postponed))
        failures.update(postponed)
        for edge in postponed:
            if failures[edge] < TRIES:
                tour.restore(edge)
            else:
                given_up.add(edge)
        if steps:
            yield Case(SUITE, space.world, steps)
        elif not postponed:
            break
    yield from _one_by_one(space, arcs, given_up | tour.left)


def _one_by_one(space: Space, arcs: Sequence[tuple[Arc, ...]], left: set[int]) -> Iterator[Case]:
    """The way on which an edge was found, for those that the walks came by in other states of the same key."""
    for node, leaving in enumerate(arcs):
        for arc in leaving:
            if arc.edge in left:
                left.discard(arc.edge)
                way = [a for _, a in space.way(node)] + [arc]
                yield Case(SUITE, space.world, tuple(Planned(a.goal.act, a.terms, True, a.goal, a.edge) for a in way))


def _walk(
    space: Space, arcs: Sequence[tuple[Arc, ...]], tour: Tour, refused: Refused, postponed: list[int]
) -> Iterator[Planned]:
    """One walk, made on a stand-in for the driver: states with one key need not be alike in every call."""
    state, node, made = space.world.initial, 0, 0
    while made < LENGTH:
        way = tour.way(node, LENGTH - made)
        if way is None:
            return
        for source, position in way:
            arc = arcs[source][position]
            shot = space.marksman.aim(state, arc.goal)
            if shot is None:
                if not tour.took(arc.edge):
                    return
                postponed.append(arc.edge)
                break
            tour.took(arc.edge)
            made += 1
            yield Planned(arc.goal.act, shot.terms, shot.after != state, arc.goal, arc.edge)
            if shot.after != state:
                yield from refused.behind(arc.goal, shot.after)
            state, node = shot.after, space.find(shot.after)
            if node < 0 or node >= len(arcs):
                return
            if node != arc.target:
                break
