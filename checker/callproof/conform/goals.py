"""What a step is meant to show, and the arguments that make it so in a given state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callproof.conform.terms import Terms, values
from callproof.conform.world import Act, World
from callproof.model.clauses import Origin
from callproof.semantics import State, Values

_WRITTEN = frozenset({Origin.DOCUMENTED, Origin.HEADER})

TRIES = 500
"""Combinations of arguments that are tried for one goal in one state."""


@dataclass(frozen=True, slots=True)
class Goal:
    """An action with its control choices, to be accepted with an outcome or to be refused by one clause alone."""

    act: int
    choices: tuple[tuple[str, int], ...] = ()
    """Flags and enumerations among parameters and results, by full name."""
    outcome: int | None = None
    """The position of the outcome; None is any."""
    alone: str | None = None
    """The id of the one clause that fails, if the call is to be refused."""
    strict: bool = True
    """Every other clause holds; else only those that the verdict looks at before this one or with it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Arguments that reach a goal, and the state after it (the same list where nothing changes)."""

    terms: Terms
    args: Values
    results: Values
    after: State


def judged_with(origin: Origin) -> frozenset[Origin]:
    """The origins of the clauses that must hold for one of an origin to decide the verdict.

    A driver must refuse what breaks a written clause whether or not a further check would refuse it too. Duties of the
    caller are kept, but for a check that is there because callers may break them.
    """
    return _WRITTEN | {Origin.HARDENING} if origin is Origin.HARDENING else _WRITTEN | {Origin.CALLER}


class Marksman:
    """Finds arguments for goals; what was found or not found in a state is tried first in states like it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[Goal, Any], Terms | None] = {}
        self._good: dict[Goal, list[Terms]] = {}
        self.searched = False
        """The last answer took a search through the whole list."""

    def aim(self, state: State, goal: Goal) -> Shot | None:
        """Arguments that reach the goal in this state, or None where none were found."""
        act = self.world.acts[goal.act]
        self.searched = False
        if not act.terms:
            return self.hits(act, state, goal, ())
        key = goal, act.project(state)
        if key in self._known:
            known = self._known[key]
            shot = None if known is None else self.hits(act, state, goal, known)
            if known is None or shot is not None:
                return shot
        found = self._search(act, state, goal)
        self._known[key] = None if found is None else found.terms
        return found

    def _search(self, act: Act, state: State, goal: Goal) -> Shot | None:
        good = self._good.setdefault(goal, [])
        first = True
        for terms in itertools.chain(good[:8], itertools.islice(self.candidates(act, goal), TRIES)):
            shot = self.hits(act, state, goal, terms)
            if shot is not None:
                if terms not in good:
                    good.insert(0, terms)
                return shot
            if first and self._hopeless(act, state, goal, terms):
                return None
            first = False
        self.searched = True
        return None

    def candidates(self, act: Act, goal: Goal) -> Iterator[Terms]:
        """Combinations of terms, those of the first sums of positions first: natural values before odd ones."""
        choices = dict(goal.choices)
        lists = [
            [t for t in terms if p.var.name not in choices or t.offset == choices[p.var.name]]
            for p, terms in zip(act.action.params, act.terms, strict=True)
        ]
        total = sum(map(len, lists)) - len(lists)
        for reach in range(total + 1):
            yield from _diagonal(lists, reach)

    def _hopeless(self, act: Act, state: State, goal: Goal, terms: Terms) -> bool:
        """No arguments can help: a clause or axiom that mentions none of them is in the way."""
        args = values(terms, state)
        failing = act.compiled.explain(state, args, act.no_results)
        uses = act.action.clauses
        if not goal.strict:
            return False
        if any(n in act.rigid and uses[n].id != goal.alone for n in failing):
            return True
        if goal.alone is None:
            if not failing and any(n in act.rigid_axioms for n in act.compiled.against(state, args, act.no_results)):
                return True
            return not failing and act.fixed_outcome
        own = [n for n, use in enumerate(uses) if use.id == goal.alone]
        return all(n in act.rigid for n in own) and not any(n in failing for n in own)

    def hits(self, act: Act, state: State, goal: Goal, terms: Terms) -> Shot | None:
        """The shot with these terms, if it reaches the goal."""
        args = values(terms, state)
        compiled = act.compiled
        if goal.alone is not None:
            failing = compiled.explain(state, args, act.no_results)
            uses = act.action.clauses
            if not goal.strict:
                judged = judged_with(next(use.origin for use in uses if use.id == goal.alone))
                failing = [n for n in failing if uses[n].origin in judged]
            if failing and all(uses[n].id == goal.alone for n in failing):
                return Shot(terms, args, act.no_results, state)
            return None
        if compiled.judge(state, args, act.no_results) != 0:
            return None
        results = self.world.choose(act, state, args, dict(goal.choices))
        if results is None:
            return None
        if act.fixed_outcome and not act.changes:
            return Shot(terms, args, results, state)
        after = state.copy()
        outcome = compiled.apply(after, args, results)
        if outcome < 0 or (goal.outcome is not None and outcome != goal.outcome):
            return None
        return Shot(terms, args, results, after)


def _diagonal(lists: list[list[Any]], reach: int) -> Iterator[Terms]:
    """The combinations whose positions add up to `reach`."""
    if not lists:
        if reach == 0:
            yield ()
        return
    if len(lists) == 1:
        if reach < len(lists[0]):
            yield (lists[0][reach],)
        return
    for position in range(min(reach, len(lists[0]) - 1) + 1):
        for rest in _diagonal(lists[1:], reach - position):
            yield (lists[0][position], *rest)
