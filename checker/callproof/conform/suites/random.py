"""Long seeded walks over all resources at once, refused calls among them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from callproof.conform.cases import Case, Planned
from callproof.conform.terms import Terms, values
from callproof.conform.world import Act, World
from callproof.semantics import State, Values

SUITE = "random"
LENGTH = 120
"""Calls of one walk."""
_ACCEPTED = 0.65
"""Share of the steps for which arguments are sought that the contract accepts."""
_TRIES = 5
_NATURAL = 6
"""The terms that a caller would pass are among the first of each list."""


def random_walks(world: World, seed: int) -> Iterator[Case]:
    """Walks without end; the same seed gives the same walks."""
    rng = random.Random(f"{seed} {world.setting.label}")
    while True:
        yield Case(SUITE, world, tuple(walk(world, rng, LENGTH)))


def walk(world: World, rng: random.Random, length: int) -> Iterator[Planned]:
    """The steps of one walk, made on a stand-in for the driver."""
    state = world.initial.copy()
    made = 0
    for _ in range(20 * length):
        if made == length:
            return
        act = world.acts[int(rng.random() * len(world.acts))]
        found = _accepted(world, state, act, rng) if rng.random() < _ACCEPTED else _any(state, act, rng)
        if found is None:
            continue
        terms, args, code = found
        if code == 0:
            results = world.choose(act, state, args, _coins(act, rng))
            if results is None or (act.changes and act.compiled.apply(state, args, results) < 0):
                continue
        made += 1
        yield Planned(act.number, terms, code == 0)


def _accepted(world: World, state: State, act: Act, rng: random.Random) -> tuple[Terms, Values, int] | None:
    compiled, none = act.compiled, act.no_results
    for number in range(_TRIES if act.terms else 1):
        terms = _terms(act, rng, 0.8)
        args = values(terms, state)
        if compiled.judge(state, args, none) == 0:
            return terms, args, 0
        if number == 0 and act.terms and not act.rigid.isdisjoint(compiled.explain(state, args, none)):
            return None  # no arguments help
    return None


def _any(state: State, act: Act, rng: random.Random) -> tuple[Terms, Values, int] | None:
    """Any arguments but those that break a duty of the caller."""
    terms = _terms(act, rng, 0.5)
    args = values(terms, state)
    code = act.compiled.judge(state, args, act.no_results)
    if code == 3 or (code and not act.caller.isdisjoint(act.compiled.explain(state, args, act.no_results))):
        return None
    return terms, args, code


def _terms(act: Act, rng: random.Random, natural: float) -> Terms:
    draw = rng.random
    return tuple([t[int(draw() * (min(_NATURAL, len(t)) if draw() < natural else len(t)))] for t in act.terms])


def _coins(act: Act, rng: random.Random) -> dict[str, int]:
    if not act.decided:
        return {}
    return {r.var.name: rng.randrange(r.var.sort.values) for r in act.action.results if not r.var.sort.is_word}
