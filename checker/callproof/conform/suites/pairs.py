"""Clauses between two resources: a short way for either, one behind the other, then the call.

Such a clause has many parts (this region of one against that region of the other), and calls of one kind state it in
different ways. A driver may have any of that wrong, so each part is seen failing alone where that can be, and a call
is seen accepted where another call with the same clause would be refused for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from callproof.conform.cases import Case, Planned
from callproof.conform.clause_parts import ClauseParts, Shown
from callproof.conform.goals import Goal
from callproof.conform.space import Space
from callproof.conform.suites import clauses, variants
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
    """For each wanted clause of a call on the first resources a short case at whose end it fails alone.

    Behind it, of the suite `variants`, cases for its parts and for calls like it.

    `space` has one resource, `world` two of the same kind. The second goes its way first, then the first its own,
    without what concerns no resource and was done before.
    """
    to_second = _Renamed(space.world, world, 2)
    to_first = _Renamed(space.world, world, 1)
    for target in wanted:
        if not can_fail(world, target):
            continue
        others = [way for steps in _other_ways(space, world, target) for way in to_second.repeated(steps)]
        own = [way for steps in _own_ways(space, world, target[0]) for way in to_first.ending(steps)]
        suite = clauses.SUITE
        for found in _shown(world, others, own, target):
            if found[-1].goal is None:
                yield target, Case(variants.SUITE, world, found)
            else:
                yield target, Case(suite, world, found)
                suite = variants.SUITE


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

    def repeated(self, way: Sequence[Planned]) -> Iterator[_Way]:
        """A way, and the way with one of its calls made once more in the end, on another resource of another kind."""
        steps = self.steps(way)
        yield _Way(steps)
        for step in steps:
            for again in self._variants(step)[1:]:
                yield _Way((*steps, again))

    def ending(self, way: Sequence[Planned]) -> Iterator[_Way]:
        """A way up to its last call, which may be made on any resource of another kind."""
        *steps, final = self.steps(way)
        for last in self._variants(final):
            yield _Way(tuple(steps), last)

    def _variants(self, step: Planned) -> list[Planned]:
        """A call that is given a resource of the kind, on each resource of other kinds, itself first."""
        act = self._two.acts[step.act]
        alike = (a for a in self._two.acts if a.action.call == act.action.call and a.resource == act.resource)
        others = [replace(step, act=a.number) for a in alike if a.number != step.act]
        return [step, *others] if act.resource else [step]

    def _step(self, step: Planned) -> Planned:
        action = self._one.acts[step.act].action
        handles = tuple(self._index if kind == self._kind else i for _, kind, i in action.handles)
        terms = tuple(Term(tuple(self._slots[s] for s in t.slots), t.offset, t.minus) for t in step.terms)
        return replace(step, act=self._two.machine.action(action.call, handles), terms=terms, goal=None)


def _way_to(space: Space, node: int) -> list[Planned]:
    return [Planned(arc.goal.act, arc.terms, True) for _, arc in space.way(node)]


def _other_ways(space: Space, world: World, target: Target) -> Iterator[list[Planned]]:
    """Shortest ways to states that differ in what calls with the clause ask of the other resource.

    They differ as well in what else is finite in the records of which the clause asks something.
    """
    mentioned = variables(*(c.formula for a in world.acts for c in a.action.clauses if c.id == target[1]))
    table = dict(world.system.tables)
    records = {
        name.replace("[2]", "[1]", 1).rpartition(".")[0]
        for name in mentioned
        if "[2]" in name and table.get(name.partition("[")[0]) == world.system.counts[0][0]
    }
    machine = space.world.machine
    slots = [s for s, name in enumerate(machine.names) if name.rpartition(".")[0] in records]
    slots = [s for s in slots if not machine.sorts[s].is_word]
    seen: set[Any] = set()
    for node in space.breadth_first():
        space.arcs(node)
        key = tuple(space.nodes[node][slot] for slot in slots)
        if key not in seen:
            seen.add(key)
            yield _way_to(space, node)


def _own_ways(space: Space, world: World, call: str) -> Iterator[list[Planned]]:
    """Shortest ways to states in which the call is accepted and that differ in what it asks, the call last.

    What it asks beside another resource counts too.
    """
    seen: set[Any] = set()
    machine = space.world.machine
    mentioned = variables(*(c.formula for a in world.acts if a.action.call == call for c in a.action.clauses))
    asked = [slot for slot, name in enumerate(machine.names) if name in mentioned and not machine.sorts[slot].is_word]
    for node in space.breadth_first():
        for arc in space.arcs(node):
            act = space.world.acts[arc.goal.act]
            if act.action.call != call:
                continue
            key = act.number, act.project(space.nodes[node]), *[space.nodes[node][slot] for slot in asked]
            if key not in seen:
                seen.add(key)
                yield [*_way_to(space, node), Planned(act.number, arc.terms, False)]


def _shown(world: World, others: Sequence[_Way], own: Sequence[_Way], target: Target) -> Iterator[tuple[Planned, ...]]:
    """The shortest pairs of ways that show the target, or something of it that was not shown before."""
    seen: set[Shown] = set()
    by_act: dict[int, ClauseParts] = {}
    begun: dict[int, _Made | None] = {}
    pairs = sorted(itertools.product(range(len(others)), range(len(own))), key=lambda p: (p[0] + p[1], p))
    for first, second in pairs[:PAIRS]:
        way, last = own[second].steps, own[second].last
        assert last is not None
        if first not in begun:
            begun[first] = _made(world, others[first].steps)
        made = _made(world, way, begun[first])
        if made is None:
            continue
        if last.act not in by_act:
            by_act[last.act] = ClauseParts(world, last.act, target[1])
        parts = by_act[last.act]
        new = parts.shown(made.state, last) - seen
        if new:
            seen |= new
            moves = parts.accepted(made.state, last)
            steps = _shortened(world, made.steps, partial(_keeps, parts, new, last))
            yield (*steps, replace(last, moves=moves, goal=None if moves else Goal(last.act, (), None, target[1])))


def _keeps(parts: ClauseParts, shown: frozenset[Shown], last: Planned, state: State) -> bool:
    return shown <= parts.shown(state, last)


@dataclass(frozen=True, slots=True)
class _Made:
    """The steps of a way that were made, and the state behind them."""

    steps: tuple[Planned, ...]
    state: State


def _made(world: World, way: tuple[Planned, ...], begun: _Made | None = _Made((), [])) -> _Made | None:
    """What is made of a way behind what is made already; None where a step is not possible."""
    if begun is None:
        return None
    state, made = (begun.state or world.initial).copy(), list(begun.steps)
    done = {step.act for step in made}
    kind = world.system.counts[0][0]
    for step in way:
        act = world.acts[step.act]
        if step.act in done and all(k != kind for _, k, _ in act.action.handles):
            continue
        if not _make(world, state, step):
            return None
        done.add(step.act)
        made.append(step)
    return _Made(tuple(made), state)


def _make(world: World, state: State, step: Planned) -> bool:
    act = world.acts[step.act]
    args = values(step.terms, state)
    if act.compiled.judge(state, args, act.no_results) != 0:
        return False
    results = world.choose(act, state, args, {})
    return results is not None and act.compiled.apply(state, args, results) >= 0


def _shortened(world: World, way: tuple[Planned, ...], keeps: Callable[[State], bool]) -> tuple[Planned, ...]:
    """The way without the steps that what it shows does not need."""
    for at in range(len(way) - 1, -1, -1):
        shorter = way[:at] + way[at + 1 :]
        made = _made(world, shorter)
        if made is not None and made.steps == shorter and keeps(made.state):
            way = shorter
    return way
