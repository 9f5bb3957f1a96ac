"""Invariants between two resources: the touched one, and any other in any reachable state.

Where the argument of `parametric` holds, every state of two resources projects, for each, on a state that one alone can
reach, and the joins of such states on what they share are all there can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from callproof.graph import Reach
from callproof.model.system import primed
from callproof.residue import Model, Move


class Half:
    """The reachable states of one resource, at the place of the first or the second in the system of two."""

    def __init__(self, one: Model, two: Model, states: Iterable[int], names: dict[str, str]) -> None:
        runs = _runs(sorted((one.slots[a].shift, one.slots[a].width, two.slots[b].shift) for a, b in names.items()))
        self.mask = sum(two.slots[b].mask for b in names.values())
        """The bits of one resource and of what is shared."""
        self.origin = {sum((state >> low & bits) << high for low, bits, high in runs): state for state in states}
        """Placed state -> state of one."""
        self._projected: dict[int, dict[int, list[int]]] = {
            self.mask: {placed: [state] for placed, state in self.origin.items()}
        }

    def projected(self, mask: int) -> dict[int, list[int]]:
        """The placed states under a mask, each with the states of one that look like it.

        A projection that is there already and tells more is taken as the start: the smallest such.
        """
        mask &= self.mask
        found = self._projected.get(mask)
        if found is None:
            finer = min((p for wide, p in self._projected.items() if wide & mask == mask), key=len)
            found = self._projected[mask] = {}
            for placed, states in finer.items():
                found.setdefault(placed & mask, []).extend(states)
        return found


def _runs(pieces: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Slots (shift, width, shift in the system of two) that move together, as (shift, mask, shift in two)."""
    merged: list[list[int]] = []
    for low, width, high in pieces:
        if merged and merged[-1][0] + merged[-1][1] == low and merged[-1][2] + merged[-1][1] == high:
            merged[-1][1] += width
        else:
            merged.append([low, width, high])
    return [(low, (1 << width) - 1, high) for low, width, high in merged]


class Pairs:
    """The joins of the reachable states of a system of one resource, as states of a system of two."""

    def __init__(self, one: Model, two: Model, reach: Reach, kind: str) -> None:
        self.one, self.two, self.reach, self.kind = one, two, reach, kind
        self.places = places = [{name: _renamed(one, name, kind, role) for name in one.slots} for role in (1, 2)]
        """For each of the two, the control variables of one and those of two in their place."""
        self._halves = [Half(one, two, reach.states, names) for names in places]
        self.masks = [half.mask for half in self._halves]
        """For each of the two, its bits and those of what is shared."""
        self.shared = sum(two.slots[a].mask for a, b in places[1].items() if a == b)
        self.symmetric = is_symmetric(two, kind)
        """What holds of the first resource and the second holds with the two exchanged."""
        roles = (None, 1) if self.symmetric else (None, 1, 2)
        self.moves = [m.number for m in two.moves if _index(m, kind) in roles]
        """The moves to look at: those on the second resource mirror those on the first."""
        self.indexed = {m.number: index for m in two.moves if (index := _index(m, kind)) is not None}
        """Moves on one resource in particular, and which it is."""
        self.exchanged = _exchange(two, kind)
        self._cache: dict[int, list[int]] = {}

    def representatives(self, props: Iterable[int], mirrored: bool = False) -> list[int]:
        """The properties less those whose formula is that of an earlier one.

        With `mirrored` also less the mirror images of earlier ones: what breaks one breaks, with the resources
        exchanged, the other. Their proofs need both, since only moves on the first resource are looked at.
        """
        kept: list[int] = []
        seen: set[tuple[object, ...]] = set()
        for prop in props:
            property_ = self.two.system.properties[prop]
            if not property_.over_step:
                name: tuple[object, ...] = (property_.id, self.two.state_formula(property_))
            else:
                name = (property_.id, property_.handles)
            names = {name}
            if mirrored and self.symmetric:
                names.add((property_.id, property_.handles, "mirrored"))
            if names & seen:
                continue
            kept.append(prop)
            seen |= names
            seen.add((property_.id, self._exchanged(property_.handles), "mirrored"))
        return kept

    def is_mirrored(self, prop: int) -> bool:
        """The property says of the two resources what it says of them exchanged.

        And of each two moves that mirror one another that on the first resource has the lower number.
        """
        property_ = self.two.system.properties[prop]
        if property_.over_step or not self.symmetric:
            return False
        formula = self.two.state_formula(property_)
        numbers = {(_name(self.two.moves[n], self.kind), index): n for n, index in self.indexed.items()}
        ordered = all(n < numbers[name, 2] for (name, index), n in numbers.items() if index == 1)
        return ordered and self.two.pool.substitute(formula, self.exchanged, {}) == formula

    def _exchanged(self, handles: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        return tuple((kind, 3 - index if kind == self.kind else index) for kind, index in handles)

    def project(self, move: int, mask: int) -> Iterable[int]:
        """The projections on `mask` of every join; the same for each move, which refuses some of them itself."""
        found = self._cache.get(mask)
        if found is None:
            first, second = (half.projected(mask) for half in self._halves)
            by_shared: dict[int, list[int]] = {}
            for placed in second:
                by_shared.setdefault(placed & self.shared, []).append(placed)
            found = self._cache[mask] = sorted(
                one | two for one in first for two in by_shared.get(one & self.shared, ())
            )
        return found

    def prepare(self, masks: Iterable[int]) -> None:
        """Project on some masks together first: each of them is then soon told."""
        union = 0
        for mask in masks:
            union |= mask
        for half in self._halves:
            half.projected(union)

    def projected(self, second: bool, mask: int) -> list[int]:
        """The projections of one resource's states, at the place of the first or the second."""
        return list(self._halves[second].projected(mask))

    def states_of(self, second: bool, mask: int, keys: Iterable[int]) -> list[int]:
        """The states of one resource that have such projections at the place of the first or the second."""
        projected = self._halves[second].projected(mask)
        return [state for key in keys for state in projected[key]]

    @cached_property
    def distances(self) -> Distances:
        """How far the states of one resource are from one another."""
        return Distances(self.one, self.reach, self.kind)

    def halves(self, state: int) -> tuple[int | None, int | None]:
        """The two states of one resource of which a state of two is the join; None for one that cannot be reached."""
        first, second = self._halves
        return first.origin.get(state & first.mask), second.origin.get(state & second.mask)


class Distances:
    """Shortest distances in the graph of one resource: 2 for its own call, 1 for one on what is shared."""

    def __init__(self, one: Model, reach: Reach, kind: str) -> None:
        own = {m.number for m in one.moves if any(k == kind for _, k, _ in m.action.handles)}
        self._back: tuple[dict[int, list[int]], dict[int, list[int]]] = ({}, {})
        """Target -> sources, by the calls on what is shared and by the others."""
        for source, target, move, _ in reach.edges:
            if source != target:
                sources = self._back[move in own]
                known = sources.get(target)
                if known is None:
                    sources[target] = [source]
                elif known[-1] != source:  # edges come in order of their sources
                    known.append(source)
        self._found: dict[frozenset[int], dict[int, int]] = {}

    def backward(self, goals: Iterable[int]) -> dict[int, int]:
        """From every state to the nearest of some."""
        key = frozenset(goals)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._backward(key)
        return found

    def _backward(self, goals: Iterable[int]) -> dict[int, int]:
        shared, own = self._back
        distance: dict[int, int] = {}
        rings: list[list[int]] = [list(goals), [], []]
        so_far = 0
        while any(rings):
            for state in rings[0]:
                if state not in distance:
                    distance[state] = so_far
                    rings[1] += shared.get(state, ())
                    rings[2] += own.get(state, ())
            rings = [rings[1], rings[2], []]
            so_far += 1
        return distance


def _index(move: Move, kind: str) -> int | None:
    """Which resource of a kind a move touches, if one in particular."""
    return next((index for _, k, index in move.action.handles if k == kind), None)


def is_symmetric(two: Model, kind: str) -> bool:
    """Exchanging the two resources turns every move into a move, so that the calls on one speak for the other's."""
    pool, swap = two.pool, _exchange(two, kind)
    memo: dict[int, int] = {}
    shapes = {(_name(move, kind), _index(move, kind)): move for move in two.moves}
    for (name, index), move in shapes.items():
        twin = shapes.get((name, {1: 2, 2: 1}.get(index or 0)))
        if twin is None:
            return False
        for known in {id: None for m in (move, twin) for id, _, _ in m.clauses}:
            demanded = [pool.and_([f for id, _, f in m.clauses if id == known]) for m in (move, twin)]
            if pool.substitute(demanded[0], swap, memo) != demanded[1]:
                return False
        if pool.substitute(move.rest, swap, memo) != twin.rest:
            return False
        for leaf_name in move.writes:
            leaf = two.state_env[leaf_name]
            target = pool.name[swap.get(leaf, leaf)]
            if pool.substitute(move.env[primed(leaf_name)], swap, memo) != twin.env[primed(target)]:
                return False
    return True


def _exchange(two: Model, kind: str) -> dict[int, int]:
    """Each variable of one resource, and the other's that plays its part."""
    swap = {}
    for name, leaf in two.state_env.items():
        if two.system.owner_of(name) == kind:
            other = re.sub(r"\[([12])\]", lambda index: f"[{3 - int(index[1])}]", name, count=1)
            swap[leaf] = two.state_env[other]
    return swap


def _renamed(model: Model, name: str, kind: str, role: int) -> str:
    """The variable of the resource `role` that plays the part of the only one's."""
    return name.replace("[1]", f"[{role}]", 1) if model.system.owner_of(name) == kind else name


def _name(move: Move, kind: str) -> tuple[object, ...]:
    """What identifies a move whichever resource of a kind it touches."""
    handles = tuple((name, 1 if k == kind else index) for name, k, index in move.action.handles)
    return move.action.call, handles, move.choices, move.outcome.name
