"""Clauses between two resources: a short way for either, one behind the other, then the call."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from callproof.conform.cases import Case, Planned
from callproof.conform.goals import Goal
from callproof.conform.space import Space
from callproof.conform.suites.clauses import SUITE
from callproof.conform.targets import Target, can_fail
from callproof.conform.terms import Term, values
from callproof.conform.world import World
from callproof.expr import variables
from callproof.semantics import State

PAIRS = 4_000
"""Pairs of ways that are tried for one target."""


@dataclass(frozen=True, slots=True)
class _Way:
    steps: tuple[Planned, ...]
    last: Planned | None = None


def pair_cases(space: Space, world: World, wanted: Iterable[Target]) -> Iterator[tuple[Target, Case]]:
    """For each wanted clause of a call on the first resource a short case at whose end it fails alone.

    `space` has one resource, `world` two of the same kind. The second goes its way first, then the first its own,
    without what concerns no resource and was done before.
    """
    to_second = _Renamed(space.world, world, 2)
    to_first = _Renamed(space.world, world, 1)
    for target in wanted:
        if not can_fail(world, target):
            continue
        others = [_Way(to_second.steps(way)) for way in _other_ways(space, world, target)]
        own = [_Way(to_first.steps(way[:-1]), to_first.steps(way[-1:])[0]) for way in _own_ways(space, target[0])]
        found = _first_pair(world, others, own, target)
        if found is not None:
            yield target, Case(SUITE, world, found)


class _Renamed:
    """Steps of a world with one resource as steps of a world with two, on one of them."""

    def __init__(self, one: World, two: World, index: int) -> None:
        self._one, self._two, self._index = one, two, index
        self._kind = one.system.counts[0][0]
        tables = [table for table, kind in one.system.tables if kind == self._kind]
        slots = two.machine.slots
        self._slots = [
            slots[
                next((name.replace(f"{t}[1]", f"{t}[{index}]", 1) for t in tables if name.startswith(f"{t}[1]")), name)
            ]
            for name in one.machine.names
        ]

    def steps(self, steps: Sequence[Planned]) -> tuple[Planned, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: Planned) -> Planned:
        action = self._one.acts[step.act].action
        handles = tuple(self._index if kind == self._kind else i for _, kind, i in action.handles)
        terms = tuple(Term(tuple(self._slots[s] for s in t.slots), t.offset, t.minus) for t in step.terms)
        return replace(step, act=self._two.machine.action(action.call, handles), terms=terms, goal=None)


def _way_to(space: Space, node: int) -> list[Planned]:
    return [Planned(arc.goal.act, arc.terms, True) for _, arc in space.way(node)]


def _other_ways(space: Space, world: World, target: Target) -> Iterator[list[Planned]]:
    """Shortest ways to states that differ in what the clause asks of the other resource."""
    act = world.acts[next(a.number for a in world.acts if a.action.call == target[0])]
    mentioned = variables(*(c.formula for c in act.action.clauses if c.id == target[1]))
    table = dict(world.system.tables)
    asked = [
        name.replace("[2]", "[1]", 1)
        for name in mentioned
        if "[2]" in name and table.get(name.partition("[")[0]) == world.system.counts[0][0]
    ]
    sorts = space.world.machine.sorts
    slots = [s for s in (space.world.machine.slots[name] for name in asked) if not sorts[s].is_word]
    seen: set[Any] = set()
    for node in space.breadth_first():
        key = tuple(space.nodes[node][slot] for slot in slots)
        if key not in seen:
            seen.add(key)
            yield _way_to(space, node)


def _own_ways(space: Space, call: str) -> Iterator[list[Planned]]:
    """Shortest ways to states in which the call is accepted and that differ in what it asks, the call last."""
    seen: set[Any] = set()
    for node in space.breadth_first():
        for arc in space.arcs(node):
            act = space.world.acts[arc.goal.act]
            key = act.number, act.project(space.nodes[node])
            if act.action.call == call and key not in seen:
                seen.add(key)
                yield [*_way_to(space, node), Planned(act.number, arc.terms, False)]


def _first_pair(
    world: World, others: Sequence[_Way], own: Sequence[_Way], target: Target
) -> tuple[Planned, ...] | None:
    pairs = sorted(itertools.product(range(len(others)), range(len(own))), key=lambda p: (p[0] + p[1], p))
    for first, second in pairs[:PAIRS]:
        way, last = own[second].steps, own[second].last
        assert last is not None
        steps = _made(world, (*others[first].steps, *way), last, target)
        if steps is not None:
            goal = Goal(last.act, (), None, target[1])
            shown = replace(last, goal=goal)
            return (*_shortened(world, steps, last, target), shown)
    return None


def _made(world: World, way: tuple[Planned, ...], last: Planned, target: Target) -> tuple[Planned, ...] | None:
    """The steps of a way that are made, if the last one then fails by the target alone."""
    state, made, done = world.initial.copy(), list[Planned](), set[int]()
    kind = world.system.counts[0][0]
    for step in way:
        act = world.acts[step.act]
        if step.act in done and all(k != kind for _, k, _ in act.action.handles):
            continue
        if not _make(world, state, step):
            return None
        done.add(step.act)
        made.append(step)
    act = world.acts[last.act]
    failing = act.compiled.explain(state, values(last.terms, state), act.no_results)
    alone = bool(failing) and all(act.action.clauses[n].id == target[1] for n in failing)
    return tuple(made) if alone else None


def _make(world: World, state: State, step: Planned) -> bool:
    act = world.acts[step.act]
    args = values(step.terms, state)
    if act.compiled.judge(state, args, act.no_results) != 0:
        return False
    results = world.choose(act, state, args, {})
    return results is not None and act.compiled.apply(state, args, results) >= 0


def _shortened(world: World, way: tuple[Planned, ...], last: Planned, target: Target) -> tuple[Planned, ...]:
    """The way without the steps that the last one does not need."""
    for at in range(len(way) - 1, -1, -1):
        shorter = way[:at] + way[at + 1 :]
        if _made(world, shorter, last, target) == shorter:
            way = shorter
    return way
