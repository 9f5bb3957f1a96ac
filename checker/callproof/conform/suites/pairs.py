"""Clauses between two resources: sought by seeded walks on a stand-in for the driver, then shortened."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from callproof.conform.cases import Case, Planned
from callproof.conform.goals import Goal
from callproof.conform.suites.clauses import SUITE
from callproof.conform.suites.random import walk
from callproof.conform.targets import Target
from callproof.conform.terms import values
from callproof.conform.world import World
from callproof.semantics import State

WALKS, LENGTH = 400, 60
"""Walks after which a target is given up, and their calls."""
SEED = 7


def pair_cases(world: World, wanted: Iterable[Target]) -> Iterator[tuple[Target, Case]]:
    """For each wanted clause a short case at whose end it fails alone."""
    left = dict.fromkeys(wanted)
    rng = random.Random(SEED)
    for _ in range(WALKS):
        if not left:
            return
        steps = tuple(walk(world, rng, LENGTH))
        for target, at in _shown(world, steps, left):
            del left[target]
            goal = Goal(steps[at].act, (), None, target[1])
            way = tuple(step for step in steps[:at] if step.moves)
            last = Planned(steps[at].act, steps[at].terms, False, goal)
            yield target, Case(SUITE, world, (*_shortened(world, way, last), last))


def _shown(world: World, steps: tuple[Planned, ...], wanted: Iterable[Target]) -> Iterator[tuple[Target, int]]:
    """The wanted targets that some step of a walk shows, each once."""
    left = set(wanted)
    state = world.initial.copy()
    for at, step in enumerate(steps):
        act = world.acts[step.act]
        if not step.moves:
            failing = act.compiled.explain(state, values(step.terms, state), act.no_results)
            ids = {act.action.clauses[n].id for n in failing}
            if len(ids) == 1:
                target = act.action.call, ids.pop()
                if target in left:
                    left.discard(target)
                    yield target, at
        elif not _make(world, state, step):
            return


def _make(world: World, state: State, step: Planned) -> bool:
    act = world.acts[step.act]
    args = values(step.terms, state)
    if act.compiled.judge(state, args, act.no_results) != 0:
        return False
    results = world.choose(act, state, args, {})
    return results is not None and act.compiled.apply(state, args, results) >= 0


def _shortened(world: World, way: tuple[Planned, ...], last: Planned) -> tuple[Planned, ...]:
    """The way without the steps that the last one does not need."""
    at = len(way) - 1
    while at >= 0:
        shorter = way[:at] + way[at + 1 :]
        if _leads_to(world, shorter, last):
            way = shorter
        at -= 1
    return way


def _leads_to(world: World, way: tuple[Planned, ...], last: Planned) -> bool:
    state = world.initial.copy()
    if not all(_make(world, state, step) for step in way):
        return False
    act = world.acts[last.act]
    failing = act.compiled.explain(state, values(last.terms, state), act.no_results)
    assert last.goal is not None
    return bool(failing) and all(act.action.clauses[n].id == last.goal.alone for n in failing)
