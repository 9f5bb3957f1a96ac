"""The sequences of a graph by their numbers: the list of all of them, from any place in it on."""

from __future__ import annotations

from collections.abc import Iterator

from callproof.graph.explore import Edge
from callproof.graph.sequences import SequenceGraph, Walk


def ranged(graph: SequenceGraph, bound: int, first: int, last: int) -> Iterator[Walk]:
    """The sequences numbered `first` to `last` - 1 in the order of `SequenceGraph.walks`, found without the others.

    How many ways lead on from each state tells how many sequences to leave out at once.
    """
    leaving = graph.leaving()
    ways: list[dict[int, int]] = [dict.fromkeys(graph.reach.states, 1)]
    skip, left = first, last - first
    for length in range(1, bound + 1):
        known = ways[-1]
        ways.append({s: sum(known[edge[1]] for edge in leaving.get(s, ())) for s in graph.reach.states})
        total = ways[length][0]
        if not total or left <= 0:
            return
        if skip >= total:
            skip -= total
            continue
        for walk in _from(leaving, ways, length, skip):
            if left <= 0:
                return
            yield walk
            left -= 1
        skip = 0


def _from(leaving: dict[int, tuple[Edge, ...]], ways: list[dict[int, int]], length: int, skip: int) -> Iterator[Walk]:
    """The walks of exactly that length, without the first `skip` of them."""
    walk: list[Edge] = []
    stack = [iter(leaving.get(0, ()))]
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            if walk:
                walk.pop()
            continue
        behind = ways[length - len(walk) - 1].get(edge[1], 0)
        if skip >= behind:
            skip -= behind
        elif len(walk) + 1 == length:
            yield (*walk, edge)
        else:
            walk.append(edge)
            stack.append(iter(leaving[edge[1]]))
