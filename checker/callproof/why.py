"""Why a call is allowed or not at a step of a trace, and the fewest calls that would make it allowed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from callproof.errors import UsageError
from callproof.expr import Kind, Sort
from callproof.model.specification import Specification
from callproof.model.system import Axiom, ClauseUse
from callproof.parametric import OpenMachine, Shape, World
from callproof.replay import Replay, replay
from callproof.semantics import Call, Verdict, bind, decode, encode, shapes
from callproof.trace import Step, Trace

DEPTH = 5
"""The most calls of a sequence that is looked for."""
STATES = 4_000
"""The most states that are looked at."""
CHOICES = 24
"""The most choices of values that are tried for one call on particular handles."""
FRESH = 1 << 40
"""Addresses from here on are given to whatever allocates on the way."""


@dataclass(frozen=True, slots=True)
class Why:
    """What the contract says of a step, and how the call could become allowed."""

    number: int
    step: Step
    verdict: Verdict
    failing: tuple[ClauseUse, ...]
    against: tuple[Axiom, ...]
    holding: tuple[str, ...]
    """Ids of the clauses that hold."""
    enabling: tuple[Step, ...] | None
    """The fewest calls after which every clause holds; None where none was found, or none is needed."""
    exhausted: bool
    """Every sequence of up to `DEPTH` calls with the values that were tried was looked at, or none can help."""


def why(spec: Specification[Any], trace: Trace, number: int, *, source: str = "") -> Why:
    """Explain step `number`, counted from 1, of a trace.

    Raises `UsageError` where the trace has no such step, and what `replay` raises.
    """
    if not 1 <= number <= len(trace.steps):
        raise UsageError(f"there is no step {number}; the trace has steps 1 to {len(trace.steps)}")
    whole = replay(spec, Trace(trace.spec, trace.steps[:number], trace.readings, trace.options), source=source)
    asked = whole.steps[-1]
    machine = OpenMachine(spec, whole.readings)
    known = shapes(spec)
    calls = [bind(known, step, f"step {n}") for n, step in enumerate(trace.steps[:number], 1)]
    world = _before(machine, whole, calls)
    program = machine.program(calls[-1].name, calls[-1].handles)
    failing = {use.id for use in asked.clauses}
    holding = tuple(dict.fromkeys(r.use.id for r in program.clauses if r.use.id not in failing))
    enabling, exhausted = None, True
    if asked.verdict is not Verdict.MUST_ACCEPT:
        enabling, exhausted = Search(machine, world, calls).run()
    return Why(number, asked.step, asked.verdict, asked.clauses, asked.axioms, holding, enabling, exhausted)


def _before(machine: OpenMachine, whole: Replay, calls: list[Call]) -> World:
    """The state before the last step."""
    world = machine.world(whole.options)
    for call, step in zip(calls[:-1], whole.steps, strict=False):
        if step.accepted and not (step.axioms and not machine.shape(call.name).results):
            results = tuple(
                encode(step.step.result[r.name], r.sort, r.name)
                if step.step.result is not None and r.name in step.step.result
                else 0
                for r in machine.shape(call.name).results
            )
            machine.make(world, call.name, call.handles, call.args, results)
    return world


class Search:
    """Breadth first over calls on the handles that the trace names, with values that the trace or the state holds."""

    def __init__(self, machine: OpenMachine, world: World, calls: list[Call]) -> None:
        self._machine, self._start, self._target = machine, world, calls[-1]
        self._handles: dict[str, list[int]] = {kind: [] for kind in machine.places.kinds}
        for call in (self._target, *reversed(calls[:-1])):
            for (_, kind), handle in zip(machine.shape(call.name).handles, call.handles, strict=True):
                if handle not in self._handles[kind]:
                    self._handles[kind].append(handle)
        for kind, found in self._handles.items():
            self._handles[kind] = [*found[:2], next(n for n in itertools.count(1) if n not in found)][
                : 2 if found else 1
            ]
        self._words = dict.fromkeys((*self._target.args, *(w for call in reversed(calls[:-1]) for w in call.args)))

    def run(self) -> tuple[tuple[Step, ...] | None, bool]:
        """The fewest calls after which the target is allowed, and whether all was looked at."""
        target = self._target
        allowed = self._machine.fast(target.name, target.handles, False)
        none = (0,) * len(self._machine.shape(target.name).results)
        if self._hopeless():
            return None, True
        level: list[tuple[World, tuple[Step, ...]]] = [(self._start, ())]
        seen = {_key(self._start)}
        for _ in range(DEPTH):
            following: list[tuple[World, tuple[Step, ...]]] = []
            for world, path in level:
                for after, step in self._moves(world, len(path)):
                    key = _key(after)
                    if key in seen:
                        continue
                    if allowed(after, target.handles, target.args, none, None) == 0:
                        return (*path, step), True
                    if len(seen) >= STATES:
                        return None, False
                    seen.add(key)
                    following.append((after, (*path, step)))
            level = following
        return None, True

    def _hopeless(self) -> bool:
        """A clause fails for what is passed alone, so in every state."""
        target, machine = self._target, self._machine
        program = machine.program(target.name, target.handles)
        none = (0,) * len(machine.shape(target.name).results)
        failing, _ = machine.evaluator(self._start, program, target.handles, target.args, none).fails(program.clauses)
        places = machine.places
        return any(all(places.find(name) is None for name in program.table.variables([r.number])) for r in failing)

    def _moves(self, world: World, depth: int) -> Iterator[tuple[World, Step]]:
        for call in self._machine.spec.operations:
            shape = self._machine.shape(call)
            for handles in itertools.product(*(self._handles[kind] for _, kind in shape.handles)):
                take = self._machine.fast(call, handles, True)
                for args, results in itertools.islice(self._values(world, shape, depth), CHOICES):
                    after = world.copy()
                    if take(after, handles, args, results, (0, None)) == 0:
                        yield after, self._step(call, shape, handles, args, results)

    def _values(self, world: World, shape: Shape, depth: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        own = dict.fromkeys(v for table in world.tables for record in table.values() for v in record if type(v) is int)
        words = [*self._words, *(v for v in own if v > 1)][:6] or [0]
        sorts = [sort for _, sort in shape.plain]
        for args in itertools.product(*(_choices(sort, words) for sort in sorts)):
            for results in self._returned(shape, depth):
                yield args, results

    def _returned(self, shape: Shape, depth: int) -> Iterator[tuple[int, ...]]:
        """Results: each choice of flags, one size for all sizes, and addresses that are named, or that nobody has."""
        sizes = list(dict.fromkeys((0, *self._words)))[:3]
        places = [*self._words][:1]
        flags = [_choices(r.sort, ()) if not r.sort.is_word else [0] for r in shape.results]
        for size, named in itertools.product(sizes, (*places, None)):
            for picked in itertools.product(*flags):
                yield tuple(
                    flag
                    if not r.sort.is_word
                    else size
                    if r.sort.kind is not Kind.ADDRESS
                    else FRESH + (depth * 16 + n) * (1 << 32)
                    if named is None
                    else named
                    for n, (r, flag) in enumerate(zip(shape.results, picked, strict=True))
                )

    @staticmethod
    def _step(
        call: str, shape: Shape, handles: tuple[int, ...], args: tuple[int, ...], results: tuple[int, ...]
    ) -> Step:
        given: dict[str, Any] = {name: handle for (name, _), handle in zip(shape.handles, handles, strict=True)}
        given |= {name: decode(value, sort) for (name, sort), value in zip(shape.plain, args, strict=True)}
        found = {r.name: decode(value, r.sort) for r, value in zip(shape.results, results, strict=True)}
        return Step(call, given, None, found or None)


def _choices(sort: Sort, words: Iterable[int]) -> list[int]:
    if sort.kind is Kind.BOOLEAN:
        return [1, 0]
    if sort.kind is Kind.ENUMERATION:
        return list(range(sort.values))
    return list(dict.fromkeys((*words, 0)))


def _key(world: World) -> tuple[object, ...]:
    tables = tuple(tuple(sorted((h, *map(_plain, r)) for h, r in table.items() if any(r))) for table in world.tables)
    pairs = tuple(tuple(sorted((*h, *map(_plain, r)) for h, r in pair.items())) for pair in world.pairs)
    return tuple(map(_plain, world.session)), tables, pairs


def _plain(value: object) -> int:
    return value if isinstance(value, int) else -1
