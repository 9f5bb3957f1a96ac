"""Covering walks: every wanted arc of a graph is taken at least once, in few steps and few restarts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

Arcs = Sequence[tuple[int, int]]
"""The arcs that leave a node, as label and target, in a fixed order."""


class Tour:
    """Says where a walk should go so that every wanted label is taken soon.

    Greedy: an untaken arc of the node where the walk stands, one that stays there first, or else the way to the
    nearest node that has one. Several arcs may have one label, which is taken with any of them.
    """

    def __init__(self, arcs: Sequence[Arcs], wanted: Iterable[int]) -> None:
        self._arcs = arcs
        self.left = set(wanted)
        self._nodes: dict[int, list[int]] = {}
        self._open = [0] * len(arcs)
        """Arcs with a label that is left, by node."""
        for node, leaving in enumerate(arcs):
            for label, _ in leaving:
                if label in self.left:
                    self._nodes.setdefault(label, []).append(node)
                    self._open[node] += 1
        self._ways = [self._distinct(leaving) for leaving in arcs]

    @staticmethod
    def _distinct(leaving: Arcs) -> list[tuple[int, int]]:
        """Position and target of one arc to each neighbour."""
        found: dict[int, int] = {}
        for position, (_, target) in enumerate(leaving):
            found.setdefault(target, position)
        return [(position, target) for target, position in found.items()]

    def way(self, node: int, limit: int) -> list[tuple[int, int]] | None:
        """Nodes and positions of the arcs to take next, at most `limit`; None where no wanted label can be reached."""
        position = self._next_at(node)
        return [(node, position)] if position >= 0 else self._nearest(node, limit)

    def took(self, label: int) -> bool:
        """The arc with this label was taken; true where it was left to take."""
        if label not in self.left:
            return False
        self.left.discard(label)
        for node in self._nodes[label]:
            self._open[node] -= 1
        return True

    def restore(self, label: int) -> None:
        """The label is left to take again."""
        self.left.add(label)
        for node in self._nodes[label]:
            self._open[node] += 1

    def _next_at(self, node: int) -> int:
        """The position of an arc to take, or -1."""
        if not self._open[node]:
            return -1
        best = -1
        for position, (label, target) in enumerate(self._arcs[node]):
            if label in self.left:
                if target == node:
                    return position
                if best < 0 or self._open[target] > self._open[self._arcs[node][best][1]]:
                    best = position
        return best

    def _nearest(self, start: int, limit: int) -> list[tuple[int, int]] | None:
        """The way to the nearest node with an arc to take."""
        before: dict[int, tuple[int, int]] = {start: (-1, -1)}
        queue = deque([(start, 0)])
        while queue:
            node, depth = queue.popleft()
            if depth >= limit:
                continue
            for position, target in self._ways[node]:
                if target not in before:
                    before[target] = (node, position)
                    if self._open[target]:
                        return self._way(before, start, target)
                    queue.append((target, depth + 1))
        return None

    @staticmethod
    def _way(before: dict[int, tuple[int, int]], start: int, node: int) -> list[tuple[int, int]]:
        way = []
        while node != start:
            node, position = before[node]
            way.append((node, position))
        return way[::-1]
