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
        self._known: dict[frozenset[int], list[tuple[int, int, frozenset[int]]]] = {}
        """Some properties -> their conjuncts, each with its property and its data."""
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
        own = [(h, -1, pool.data_of(h)) for h in (*self._guard_parts(goal.move), goal.before)]
        lemmas: list[tuple[int, int, frozenset[int]]] = []
        if cone is not Cone.OWN:
            lemmas = self._lemmas(known | {goal.prop})
        variables = set(pool.data_of(goal.after) | pool.data_of(goal.before))
        if not variables:  # the goal is that the call is never accepted: all depends on its constraints
            variables = set().union(*(data for _, _, data in own))
        ties = {Cone.OWN: [], Cone.CALL: own, Cone.NEAR: [*own, *lemmas], Cone.ALL: [*own, *lemmas]}[cone]
        grew = True
        while grew:
            more = variables.union(*(data for _, _, data in ties if not variables.isdisjoint(data)))
            grew = cone is Cone.ALL and more != variables
            variables = more
        taken = [(h, source) for h, source, data in own if h != TRUE and data <= variables]
        taken += [(h, source) for h, source, data in lemmas if data <= variables and h != goal.before]
        mine = self._goals.parts[goal.prop]  # what another property says as well is the goal's own all the same
        sources = frozenset(source for h, source in taken if source >= 0 and h not in mine)
        return tuple(h for h, _ in taken), sources

    def _lemmas(self, known: frozenset[int]) -> list[tuple[int, int, frozenset[int]]]:
        found = self._known.get(known)
        if found is None:
            pool = self._model.pool
            parts = {part: source for source in sorted(known) for part in self._goals.parts[source]}
            found = self._known[known] = [(part, source, pool.data_of(part)) for part, source in parts.items()]
        return found

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
