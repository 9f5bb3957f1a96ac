"""Each call refused in every state that differs in what the call asks of it: a clause has several ways to fail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from callproof.conform.cases import Case, Planned
from callproof.conform.goals import Goal
from callproof.conform.space import Space
from callproof.conform.terms import Terms, values
from callproof.conform.world import Act
from callproof.semantics import State

SUITE = "refusals"
TRIES = 40
"""Combinations of arguments among which those are chosen for which the fewest clauses fail."""


Choices = tuple[tuple[str, int], ...]


class Refused:
    """The calls that are refused behind a step, each once for each way in which the step and what it asks differ.

    A driver may have made a step otherwise than it must, which no later call that it accepts has to show.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._acts = _refusable(space)
        self._seen: set[tuple[Goal, int, Choices, Any]] = set()
        self._known: dict[tuple[int, Choices, Any], Terms | None] = {}

    def behind(self, made: Goal, state: State) -> Iterator[Planned]:
        """Calls to make in the state that a step led to."""
        for act, chosen in self._acts:
            asked = act.project(state)
            for choice in chosen:
                if (made, act.number, choice, asked) in self._seen:
                    continue
                self._seen.add((made, act.number, choice, asked))
                key = act.number, choice, asked
                if key not in self._known:
                    self._known[key] = _refused(self._space, act, state, choice)
                terms = self._known[key]
                if terms is not None:
                    failing = act.compiled.explain(state, values(terms, state), act.no_results)
                    if failing and act.caller.isdisjoint(failing):
                        yield Planned(act.number, terms, False)


def _refusable(space: Space) -> list[tuple[Act, list[Choices]]]:
    return [(act, list(_choices(act))) for act in space.world.acts if not act.action.is_event]


def refusal_cases(space: Space) -> Iterator[Case]:
    """For each state on the way outwards the calls that are refused there and in no state like it before."""
    seen: set[tuple[int, Any, Any]] = set()
    choices = _refusable(space)
    for node in space.breadth_first():
        space.arcs(node)
        state = space.nodes[node]
        refused = []
        for act, chosen in choices:
            asked = act.project(state)
            for choice in chosen:
                key = act.number, choice, asked
                if key in seen:
                    continue
                seen.add(key)
                terms = _refused(space, act, state, choice)
                if terms is not None:
                    refused.append(Planned(act.number, terms, False))
        if refused:
            way = (Planned(arc.goal.act, arc.terms, True, arc.goal) for _, arc in space.way(node))
            yield Case(SUITE, space.world, (*way, *refused))


def _choices(act: Act) -> Iterator[Choices]:
    """The flags and enumeration values that can be passed."""
    names = [p.var for p in act.action.params if not p.var.sort.is_word]
    for picked in itertools.product(*(range(var.sort.values) for var in names)):
        yield tuple((var.name, value) for var, value in zip(names, picked, strict=True))


def _refused(space: Space, act: Act, state: State, choices: Choices) -> Terms | None:
    """The arguments for which the fewest clauses fail; None where the call can be accepted or a duty would break."""
    best: tuple[int, Terms] | None = None
    candidates = space.marksman.candidates(act, Goal(act.number, choices))
    for terms in itertools.islice(candidates, TRIES):
        failing = act.compiled.explain(state, values(terms, state), act.no_results)
        if not failing:
            return None
        if act.caller.isdisjoint(failing) and (best is None or len(failing) < best[0]):
            best = len(failing), terms
    return None if best is None else best[1]
