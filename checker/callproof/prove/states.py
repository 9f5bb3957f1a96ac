"""The projections of an explored graph's states on the control bits that a question mentions."""

from __future__ import annotations

from collections.abc import Iterable

from callproof.graph import Reach


class Projections:
    """The projections of an explored graph."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._keys: dict[tuple[int, int], list[int]] = {}
        self._depths: dict[tuple[int, int], dict[int, int]] = {}

    def __call__(self, move: int, mask: int) -> Iterable[int]:
        found = self._keys.get((move, mask))
        if found is None:
            found = self._keys[move, mask] = sorted({state & mask for state in self._reach.sources[move]})
        return found

    def depths(self, move: int, mask: int) -> dict[int, int]:
        """For each projection the calls on the shortest walk to a state that has it and accepts the move."""
        found = self._depths.get((move, mask))
        if found is None:
            depth = self._reach.depth
            # States come in order of their depth, and the last that is written stays.
            found = {state & mask: depth[state] for state in reversed(self._reach.sources[move])}
            self._depths[move, mask] = found
        return found
