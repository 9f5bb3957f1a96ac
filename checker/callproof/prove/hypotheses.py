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


Lemma = tuple[int, int, frozenset[int]]
"""A conjunct, the property that it is of, and the data that it mentions."""


class _Lemmas:
    """The conjuncts of some properties, found by their data."""

    def __init__(self, lemmas: Sequence[Lemma]) -> None:
        self.all = lemmas
        self._by_variable: dict[int, list[int]] = {}
        """Each under one of its variables, or under -1 if it has none."""
        for number, (_, _, data) in enumerate(lemmas):
            self._by_variable.setdefault(min(data, default=-1), []).append(number)

    def within(self, variables: set[int]) -> list[Lemma]:
        """Those that mention nothing but some variables, in order."""
        near = (n for v in (-1, *variables) for n in self._by_variable.get(v, ()) if self.all[n][2] <= variables)
        return [self.all[n] for n in sorted(near)]


class Hypotheses:
    """Chooses among a move's guard, the conjunct before it and the invariants that are known."""

    def __init__(self, goals: Goals, guards: Sequence[int]) -> None:
        self._goals, self._model, self._guards = goals, goals.model, guards
        self._parts: dict[int, tuple[int, ...]] = {}
        self._known: dict[frozenset[int], _Lemmas] = {}
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
        lemmas = self._lemmas(known | {goal.prop}) if cone is not Cone.OWN else _Lemmas(())
        variables = set(pool.data_of(goal.after) | pool.data_of(goal.before))
        if not variables:  # the goal is that the call is never accepted: all depends on its constraints
            variables = set().union(*(data for _, _, data in own))
        ties = {Cone.OWN: [], Cone.CALL: own}.get(cone, [*own, *lemmas.all])
        grew = True
        while grew:
            more = variables.union(*(data for _, _, data in ties if not variables.isdisjoint(data)))
            grew = cone is Cone.ALL and more != variables
            variables = more
        taken = [(h, source) for h, source, data in own if h != TRUE and data <= variables]
        taken += [(h, source) for h, source, _ in lemmas.within(variables) if h != goal.before]
        mine = self._goals.parts[goal.prop]  # what another property says as well is the goal's own all the same
        sources = frozenset(source for h, source in taken if source >= 0 and h not in mine)
        return tuple(h for h, _ in taken), sources

    def _lemmas(self, known: frozenset[int]) -> _Lemmas:
        found = self._known.get(known)
        if found is None:
            pool = self._model.pool
            parts = {part: source for source in sorted(known) for part in self._goals.parts[source]}
            found = self._known[known] = _Lemmas([(part, source, pool.data_of(part)) for part, source in parts.items()])
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
