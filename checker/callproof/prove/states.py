"""The projections of an explored graph's states on the control bits that a question mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from callproof.graph import Reach


class Projections:
    """The projections of an explored graph.

    A projection that is there already and tells more is taken as the start of another: the smallest such. So the
    states themselves, of which there are many, are gone through for the first few masks only.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._keys: dict[int, dict[int, Collection[int]]] = {}
        self._sorted: dict[tuple[int, int], list[int]] = {}
        self._depths: dict[int, dict[int, dict[int, int]]] = {}

    def __call__(self, move: int, mask: int) -> Iterable[int]:
        found = self._sorted.get((move, mask))
        if found is None:
            known = self._keys.get(move)
            if known is None:
                known = self._keys[move] = {-1: self._reach.sources[move]}
            finer = min((keys for wide, keys in known.items() if wide & mask == mask), key=len)
            known[mask] = {key & mask for key in finer}
            found = self._sorted[move, mask] = sorted(known[mask])
        return found

    def depths(self, move: int, mask: int) -> dict[int, int]:
        """For each projection the calls on the shortest walk to a state that has it and accepts the move."""
        known = self._depths.get(move)
        if known is None:
            depth = self._reach.depth
            known = self._depths[move] = {-1: {state: depth[state] for state in self._reach.sources[move]}}
        found = known.get(mask)
        if found is None:
            finer = min((depths for wide, depths in known.items() if wide & mask == mask), key=len)
            found = known[mask] = {}
            # They come in order of their depth, and the first of each projection stays.
            for key, depth_ in finer.items():
                found.setdefault(key & mask, depth_)
        return found
