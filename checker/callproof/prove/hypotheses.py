"""Which hypotheses an obligation is tried with."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from callproof.prove.goals import Goal, Goals
from callproof.residue import TRUE, conjuncts


class Cone(enum.Enum):
    """Which hypotheses an obligation is tried with: a small question is answered in a fraction of the time."""

    OWN = 0
    """Those on the goal's own data."""
    CALL = 1
    """And on data that the call's constraints tie to it."""
    NEAR = 2
    """And on data that any hypothesis ties to it."""
    ALL = 3
    """And so on, through any number of ties."""


class Hypotheses:
    """Chooses among a move's guard, the conjunct before it and the invariants that are known."""

    def __init__(self, goals: Goals, guards: Sequence[int]) -> None:
        self._goals, self._model, self._guards = goals, goals.model, guards
        self._parts: dict[int, tuple[int, ...]] = {}
        self._chosen: dict[tuple[Goal, frozenset[int], Cone], tuple[tuple[int, ...], frozenset[int]]] = {}

    def of(self, goal: Goal, known: frozenset[int], cone: Cone, used: set[int] | None) -> tuple[int, ...]:
        """What may be assumed before the move, as far as the cone goes; `used` hears which invariants it took."""
        key = goal, known, cone
        found = self._chosen.get(key)
        if found is None:
            found = self._chosen[key] = self._choose(goal, known, cone)
        if used is not None:
            used |= found[1]
        return found[0]

    def _choose(self, goal: Goal, known: frozenset[int], cone: Cone) -> tuple[tuple[int, ...], frozenset[int]]:
        pool = self._model.pool
        own = [*self._guard_parts(goal.move), goal.before]
        lemmas: dict[int, int] = {}
        if cone is not Cone.OWN:
            lemmas = {part: source for source in sorted(known) for part in self._goals.parts[source]}
            lemmas |= {part: goal.prop for part in self._goals.parts[goal.prop] if part != goal.before}
        variables = set(pool.data_of(goal.after) | pool.data_of(goal.before))
        if not variables:  # the goal is that the call is never accepted: all depends on its constraints
            variables = set().union(*(pool.data_of(h) for h in own))
        ties = {Cone.OWN: [], Cone.CALL: own, Cone.NEAR: [*own, *lemmas], Cone.ALL: [*own, *lemmas]}[cone]
        grew = True
        while grew:
            touching = [h for h in ties if not variables.isdisjoint(pool.data_of(h))]
            more = variables.union(*(pool.data_of(h) for h in touching))
            grew = cone is Cone.ALL and more != variables
            variables = more
        taken = [h for h in (*own, *lemmas) if h != TRUE and pool.data_of(h) <= variables]
        return tuple(taken), frozenset(lemmas[h] for h in taken if h in lemmas and lemmas[h] != goal.prop)

    def _guard_parts(self, move: int) -> tuple[int, ...]:
        found = self._parts.get(move)
        if found is None:
            found = self._parts[move] = conjuncts(self._model.pool, self._guards[move])
        return found

    def mask(self, goal: Goal, hypotheses: Iterable[int]) -> int:
        pool = self._model.pool
        mask = pool.mask[goal.after] | pool.mask[goal.before]
        for h in hypotheses:
            mask |= pool.mask[h]
        return mask
