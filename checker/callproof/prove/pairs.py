"""Invariants between two resources: the touched one, and any other in any reachable state.

A call touches one resource of the kind and what all of them share. So every state of two of them projects, for
each, on a state that one alone can reach, and the joins of such states on what they share are all there can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callproof.graph import Reach
from callproof.model.clauses import Layer
from callproof.model.system import primed
from callproof.residue import Model, Move
from callproof.symbolic import Answer, Solver


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
        self._cache: dict[int, list[int]] = {}

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

    def part(self, second: bool, mask: int, key: int) -> list[int]:
        """The states of one resource that agree with a projection of two on the first or the second."""
        pieces = self.pieces(self._second if second else self._first, mask)
        covered = sum(((1 << p.width) - 1) << p.target for p in pieces)
        wanted = key & covered
        return [s for s in self.reach.states if sum(p.move(s) for p in pieces) == wanted]

    def halves(self, state: int) -> tuple[int, int]:
        """The two states of one resource of which a state of two is the join."""
        return self._back(state, self._first), self._back(state, self._second)

    def _back(self, state: int, own: list[tuple[str, str]]) -> int:
        return sum(self.two.slots[b].of(state) << self.one.slots[a].shift for a, b in (*self._shared, *own))


def _index(move: Move, kind: str) -> int | None:
    """Which resource of a kind a move touches, if one in particular."""
    return next((index for _, k, index in move.action.handles if k == kind), None)


def locality(one: Model, two: Model, kind: str, layer: Layer, solver: Solver) -> str | None:
    """Why the argument does not hold for a specification, or None where it does.

    A call on one resource writes that resource only, and it is accepted among two only where it would be accepted
    alone. A call on none in particular does to each, and to what is shared, what it does where there is one.
    """
    alone = {_name(move, kind): move for move in one.moves}
    for move in two.moves:
        other = alone.get(_name(move, kind))
        if other is None:
            return f"{move.action.call} has no counterpart with one {kind}"
        index = _index(move, kind)
        for role in (index,) if index is not None else (1, 2):
            reason = _unlike(two, move, other, kind, role, layer, solver)
            if reason is not None:
                return reason
    return None


def _unlike(two: Model, move: Move, other: Move, kind: str, role: int, layer: Layer, solver: Solver) -> str | None:
    """How a move among two resources differs from `other`, the same move where there is one, for the resource `role`."""
    pool = two.pool
    own = {name: _renamed(two, name, kind, role) for name in two.state_env}
    if _index(move, kind) is not None:
        foreign = [n for n in sorted(move.writes) if two.system.owner_of(n) != kind or f"[{role}]" not in n]
        if foreign:
            return f"{move.action.call} writes {foreign[0]}, which is not of its own {kind}"
    env = {name: two.state_env[there] for name, there in own.items()} | two.option_env
    env |= {name: move.env[name] for name, _ in move.choices}
    demands = [c.formula for c in other.action.clauses if c.origin in layer.origins]
    demands += [*(a.formula for a in other.action.axioms), other.outcome.when]
    guard = move.guard(pool, layer)
    weaker = pool.and_([pool.intern(f, env, {}) for f in demands])
    if solver.check([guard, pool.not_(weaker)]) is not Answer.UNSAT:
        return f"{move.action.call} is accepted beside another {kind} where it would be refused alone"
    effects = dict(other.outcome.writes)
    for name in (n for n in two.state_env if two.system.owner_of(n) != kind or "[1]" in n):
        alone = pool.intern(effects[name], env, {}) if name in effects else env[name]
        beside = move.env[primed(own[name])]
        if alone != beside and solver.check([guard, pool.not_(pool.eq(alone, beside))]) is not Answer.UNSAT:
            return f"{move.action.call} gives {name} another value beside another {kind}"
    return None


def _renamed(model: Model, name: str, kind: str, role: int) -> str:
    """The variable of the resource `role` that plays the part of the only one's."""
    return name.replace("[1]", f"[{role}]", 1) if model.system.owner_of(name) == kind else name


def _name(move: Move, kind: str) -> tuple[object, ...]:
    """What identifies a move whichever resource of a kind it touches."""
    handles = tuple((name, 1 if k == kind else index) for name, k, index in move.action.handles)
    return move.action.call, handles, move.choices, move.outcome.name
