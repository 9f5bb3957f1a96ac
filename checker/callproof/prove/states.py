"""The projections of an explored graph's states on the control bits that a question mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from callproof.graph import Reach


class Projections:
    """The projections of an explored graph.

    A projection that is there already and tells more is taken as the start of another: the smallest such. So the
    states themselves, of which there are many, are gone through for the first few masks only. Moves that are accepted
    in the same states have the same projections.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        numbers: dict[tuple[int, ...], int] = {}
        self._alike = [numbers.setdefault(sources, len(numbers)) for sources in reach.sources]
        """Of each move the number of the states that accept it."""
        self._keys: dict[int, dict[int, Collection[int]]] = {}
        self._sorted: dict[tuple[int, int], list[int]] = {}
        self._depths: dict[int, dict[int, dict[int, int]]] = {}

    def __call__(self, move: int, mask: int) -> Iterable[int]:
        alike = self._alike[move]
        found = self._sorted.get((alike, mask))
        if found is None:
            known = self._keys.get(alike)
            if known is None:
                known = self._keys[alike] = {-1: self._reach.sources[move]}
            finer = min((keys for wide, keys in known.items() if wide & mask == mask), key=len)
            known[mask] = {key & mask for key in finer}
            found = self._sorted[alike, mask] = sorted(known[mask])
        return found

    def depths(self, move: int, mask: int) -> dict[int, int]:
        """For each projection the calls on the shortest walk to a state that has it and accepts the move."""
        known = self._depths.setdefault(self._alike[move], {})
        found = known.get(mask)
        if found is None:
            finer = min((depths for wide, depths in known.items() if wide & mask == mask), key=len, default=None)
            if finer is None:
                # States come in order of their depth, and the last that is written stays.
                depth = self._reach.depth
                found = {state & mask: depth[state] for state in reversed(self._reach.sources[move])}
            else:
                found = {}
                for key, least in finer.items():
                    found[key & mask] = min(least, found.get(key & mask, least))
            known[mask] = found
        return found
