"""Invariants between two resources: the touched one, and any other in any reachable state.

Where the argument of `parametric` holds, every state of two resources projects, for each, on a state that one alone can
reach, and the joins of such states on what they share are all there can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callproof.graph import Reach
from callproof.model.clauses import Origin
from callproof.model.system import primed
from callproof.residue import Model, Move


@dataclass(frozen=True, slots=True)
class Piece:
    """A control variable of the system of one, and where it lies in the system of two."""

    shift: int
    width: int
    target: int

    def move(self, state: int) -> int:
        """The variable's bits, at their place in the system of two."""
        return (state >> self.shift & (1 << self.width) - 1) << self.target


class Pairs:
    """The joins of the reachable states of a system of one resource, as states of a system of two."""

    def __init__(self, one: Model, two: Model, reach: Reach, kind: str) -> None:
        self.one, self.two, self.reach, self.kind = one, two, reach, kind
        own = frozenset(name for name in one.slots if one.system.owner_of(name) == kind)
        self._shared = [(name, name) for name in one.slots if name not in own]
        self._first = [(name, name) for name in one.slots if name in own]
        self._second = [(name, name.replace("[1]", "[2]", 1)) for name in one.slots if name in own]
        self.symmetric = is_symmetric(two, kind)
        """What holds of the first resource and the second holds with the two exchanged."""
        roles = (None, 1) if self.symmetric else (None, 1, 2)
        self.moves = [m.number for m in two.moves if _index(m, kind) in roles]
        """The moves to look at: those on the second resource mirror those on the first."""
        self.indexed = {m.number: index for m in two.moves if (index := _index(m, kind)) is not None}
        """Moves on one resource in particular, and which it is."""
        self.exchanged = _exchange(two, kind)
        self._cache: dict[int, list[int]] = {}
        self._states: dict[tuple[bool, int], dict[int, list[int]]] = {}

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
            shared = sum(self.two.slots[name].mask for _, name in self._shared) & mask
            by_shared: dict[int, list[int]] = {}
            for state in self._half(self._second, mask):
                by_shared.setdefault(state & shared, []).append(state)
            found = self._cache[mask] = sorted(
                first | second
                for first in self._half(self._first, mask)
                for second in by_shared.get(first & shared, ())
            )
        return found

    def _half(self, own: list[tuple[str, str]], mask: int) -> set[int]:
        """What the states of one resource, in the place that `own` gives it, look like under a mask of two."""
        pieces = self.pieces(own, mask)
        wanted = 0
        for piece in pieces:
            wanted |= ((1 << piece.width) - 1) << piece.shift
        seen = {state & wanted for state in self.reach.states}
        return {sum(piece.move(state) for piece in pieces) for state in seen}

    def pieces(self, own: list[tuple[str, str]], mask: int) -> list[Piece]:
        """The variables of the system of one that matter under a mask of the system of two."""
        return [
            Piece(self.one.slots[a].shift, self.one.slots[a].width, self.two.slots[b].shift)
            for a, b in (*self._shared, *own)
            if self.two.slots[b].mask & mask
        ]

    def states_of(self, second: bool, mask: int, key: int) -> list[int]:
        """The states of one resource that agree with a projection of two on the first or the second."""
        index = self._states.get((second, mask))
        if index is None:
            pieces = self.pieces(self._second if second else self._first, mask)
            wanted = sum(((1 << p.width) - 1) << p.shift for p in pieces)
            index = self._states[second, mask] = {}
            for state in self.reach.states:
                index.setdefault(sum(p.move(state & wanted) for p in pieces), []).append(state)
        covered = sum(
            ((1 << p.width) - 1) << p.target for p in self.pieces(self._second if second else self._first, mask)
        )
        return index.get(key & covered, [])

    def halves(self, state: int) -> tuple[int, int]:
        """The two states of one resource of which a state of two is the join."""
        return self._back(state, self._first), self._back(state, self._second)

    def _back(self, state: int, own: list[tuple[str, str]]) -> int:
        return sum(self.two.slots[b].of(state) << self.one.slots[a].shift for a, b in (*self._shared, *own))


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
        for origin in Origin:
            demanded = [pool.and_([f for _, o, f in m.clauses if o is origin]) for m in (move, twin)]
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


def _name(move: Move, kind: str) -> tuple[object, ...]:
    """What identifies a move whichever resource of a kind it touches."""
    handles = tuple((name, 1 if k == kind else index) for name, k, index in move.action.handles)
    return move.action.call, handles, move.choices, move.outcome.name
