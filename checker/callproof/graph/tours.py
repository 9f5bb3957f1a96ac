"""Covering walks: every wanted arc of a graph is taken at least once, in few steps and few restarts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

Arcs = Callable[[int], Sequence[tuple[int, int]]]
"""The arcs that leave a node, as label and target, in a fixed order."""


class Tour:
    """Walks from node 0, each at most `length` arcs long, that take every wanted label which can be reached.

    Greedy: an untaken arc of the node where the walk stands, or else the way to the nearest node that has one. That
    node is where most is left to take, so that the walk rarely comes back.
    """

    def __init__(self, arcs: Arcs, wanted: Iterable[int], length: int) -> None:
        self._arcs, self._length = arcs, length
        self.left = set(wanted)
        self._open: dict[int, list[int]] = {}

    def walk(self) -> list[tuple[int, int]] | None:
        """The next walk as nodes and positions of the arcs taken there; None where no wanted label can be reached."""
        walk: list[tuple[int, int]] = []
        node = 0
        while len(walk) < self._length:
            position = self._next_at(node)
            if position is not None:
                label, target = self._arcs(node)[position]
                self.left.discard(label)
                walk.append((node, position))
                node = target
                continue
            way = self._nearest(node, self._length - len(walk))
            if way is None:
                break
            for source, position in way:
                label, node = self._arcs(source)[position]
                self.left.discard(label)
            walk += way
        while walk and not self._taken_here(walk):
            walk.pop()
        return walk or None

    def _taken_here(self, walk: list[tuple[int, int]]) -> bool:
        return True

    def _next_at(self, node: int) -> int | None:
        """An arc to take: one that stays where it is before one that leaves."""
        left = self._open.get(node)
        if left is None:
            arcs = self._arcs(node)
            # Taken from the end: arcs that lead away, in reverse, then those that stay.
            leaving = [n for n, (_, target) in enumerate(arcs) if target != node]
            staying = [n for n, (_, target) in enumerate(arcs) if target == node]
            left = self._open[node] = [*reversed(leaving), *reversed(staying)]
        while left:
            if self._arcs(node)[left[-1]][0] in self.left:
                return left.pop()
            left.pop()
        return None

    def _has_wanted(self, node: int) -> bool:
        left = self._open.get(node)
        if left is not None and not left:
            return False
        arcs = self._arcs(node)
        return any(arcs[n][0] in self.left for n in left) if left else any(label in self.left for label, _ in arcs)

    def _nearest(self, start: int, limit: int) -> list[tuple[int, int]] | None:
        """The way to the nearest node with an arc to take."""
        before: dict[int, tuple[int, int]] = {start: (-1, -1)}
        queue = deque([(start, 0)])
        while queue:
            node, depth = queue.popleft()
            if node != start and self._has_wanted(node):
                way = []
                while node != start:
                    node, position = before[node]
                    way.append((node, position))
                return way[::-1]
            if depth >= limit - 1:
                continue
            for position, (_, target) in enumerate(self._arcs(node)):
                if target not in before:
                    before[target] = (node, position)
                    queue.append((target, depth + 1))
        return None
