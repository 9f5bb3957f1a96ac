"""Judging and making calls on any number of resources: the fast path where all is known, and the slow one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from callproof.errors import SpecError, UsageError
from callproof.expr import Sort
from callproof.model.instantiate import Selection, instantiate
from callproof.model.specification import Specification
from callproof.model.system import Axiom, ClauseUse
from callproof.parametric.evaluate import Evaluator
from callproof.parametric.generate import Fast, judging, taking
from callproof.parametric.places import Place, Places
from callproof.parametric.program import Ending, Program, Write, cleared, make_program
from callproof.parametric.trail import note
from callproof.parametric.unknown import Unknown, Value
from callproof.parametric.world import Group, Handles, World
from callproof.semantics.judgement import DECIDING, VERDICTS, Verdict

Cell = tuple[Group, Handles, int]
"""A variable: the resources it belongs to, and its slot."""
Values = tuple[Any, ...]
"""Integers and unknown values; `UNSET` for a result that is not given."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the contract says of a call in a world."""

    verdicts: tuple[Verdict, ...]
    """Those that are possible, one where everything that decides is known."""
    failing: tuple[ClauseUse, ...]
    open: tuple[ClauseUse, ...]
    """Clauses of which it is not known whether they hold."""
    against: tuple[Axiom, ...]
    """Axioms that what was returned contradicts."""
    outcome: str
    """Of the outcome that was made; empty where it is the only one, or nothing was made."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a call takes and returns: handles with their kinds, parameters and results with their sorts."""

    is_event: bool
    handles: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, Sort], ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A value that a call returns."""

    name: str
    sort: Sort


class OpenMachine:
    """A specification compiled for any number of resources, each call when it is first needed.

    Handles are any integers. Raises `UsageError` for an unknown reading or option.
    """

    def __init__(self, spec: Specification[Any], readings: Mapping[str, str] | None = None) -> None:
        self.spec = spec
        self.places = Places(spec)
        smallest = instantiate(spec, {}, Selection(tuple((readings or {}).items())))
        self.readings: Mapping[str, str] = dict(smallest.readings)
        self._shapes = {
            action.call: Shape(
                action.is_event,
                tuple((name, kind) for name, kind, _ in action.handles),
                tuple((p.name, p.var.sort) for p in action.params),
                tuple(Result(r.name, r.var.sort) for r in action.results),
            )
            for action in smallest.actions
        }
        self._programs: dict[tuple[str, tuple[int, ...]], Program] = {}
        self._fast: dict[tuple[str, tuple[int, ...], bool], Fast] = {}
        self.kept: dict[tuple[Hashable, ...], Any] = {}
        """What others generated for a call, by their name for it and the call: kept as long as the machine."""

    def shape(self, call: str) -> Shape:
        """What a call takes and returns."""
        return self._shapes[call]

    def world(self, options: Mapping[str, str] | None = None) -> World:
        """The state before any call; an option that is not given has its first value."""
        known = {option.name: option for option in self.spec.options}
        chosen: dict[str, int] = {}
        for name, value in (options or {}).items():
            if name not in known:
                raise UsageError(f"unknown option {name!r}; there are {', '.join(known) or 'none'}")
            if value not in known[name].values:
                raise UsageError(f"option {name} has no value {value!r}; it has {', '.join(known[name].values)}")
            chosen[known[name].var.name] = known[name].values.index(value)
        return World(self.places, chosen)

    def program(self, call: str, handles: Handles) -> Program:
        """The program of a call on handles."""
        same = self.pattern(call, handles)
        found = self._programs.get((call, same))
        if found is None:
            operation = self.spec.operations[call]
            found = self._programs[call, same] = make_program(self.spec, operation, self.places, self.readings, same)
        return found

    def pattern(self, call: str, handles: Handles) -> tuple[int, ...]:
        """For each handle the first position that names the same resource."""
        if len(handles) < 2:
            return (0,) * len(handles)
        named = [(kind, handle) for (_, kind), handle in zip(self._shapes[call].handles, handles, strict=True)]
        return tuple(named.index(one) for one in named)

    def fast(self, call: str, handles: Handles, accepted: bool) -> Fast:
        """The generated function of a call: the one that makes it, or the one that only judges it."""
        same = self.pattern(call, handles)
        found = self._fast.get((call, same, accepted))
        if found is None:
            make = taking if accepted else judging
            found = self._fast[call, same, accepted] = make(self.program(call, handles), self.places)
        return found

    # -- the slow path ----------------------------------------------------------------------------------------------

    def judge(self, world: World, call: str, handles: Handles, args: Values, results: Values) -> Taken:
        """What the contract says, with every clause and axiom that fails; changes nothing."""
        program = self.program(call, handles)
        evaluator = self.evaluator(world, program, handles, args, results)
        return self._judged(program, evaluator)

    def make(
        self, world: World, call: str, handles: Handles, args: Values, results: Values, cause: Any = None
    ) -> Taken:
        """The same, and make the call whatever the contract says."""
        program = self.program(call, handles)
        evaluator = self.evaluator(world, program, handles, args, results)
        taken = self._judged(program, evaluator)
        endings = self.possible(program, evaluator)
        if not endings:
            raise SpecError(f"none of the outcomes of {call} is possible in a state that was reached",
                            self.spec.operations[call].location)  # fmt: skip
        self._write(world, program, evaluator, endings, cause)
        name = endings[0].name if len(endings) == 1 else ""
        return Taken(taken.verdicts, taken.failing, taken.open, taken.against, name)

    def evaluator(self, world: World, program: Program, handles: Handles, args: Values, results: Values) -> Evaluator:
        """An evaluator on a call; results that do not exist are 0 in it."""
        evaluator = Evaluator(program, world, handles, args, tuple(Unknown() if r is UNSET else r for r in results))
        for number, result in enumerate(program.results):
            exists = evaluator.value(result.when)
            if isinstance(exists, Unknown):
                evaluator.give(number, Unknown())
            elif not exists:
                evaluator.give(number, 0)
        return evaluator

    @staticmethod
    def _judged(program: Program, evaluator: Evaluator) -> Taken:
        failing, open_ = evaluator.fails(program.clauses)
        against, _ = evaluator.fails(program.axioms)
        clauses = [r.use for r in failing if isinstance(r.use, ClauseUse)]
        unsaid = [r.use for r in open_ if isinstance(r.use, ClauseUse)]
        verdicts: list[Verdict] = []
        for code, origins in DECIDING:
            if any(use.origin in origins for use in clauses):
                verdicts.append(VERDICTS[code])
                break
            if any(use.origin in origins for use in unsaid):
                verdicts.append(VERDICTS[code])
        else:
            verdicts.append(Verdict.MUST_ACCEPT)
        axioms = tuple(r.use for r in against if isinstance(r.use, Axiom))
        return Taken(tuple(verdicts), tuple(clauses), tuple(unsaid), axioms, "")

    @staticmethod
    def possible(program: Program, evaluator: Evaluator) -> list[Ending]:
        """The outcomes that may be the one that is made, in their order."""
        found = []
        for ending in program.endings:
            when = evaluator.value(ending.when)
            if isinstance(when, Unknown) or when:
                found.append(ending)
            if not isinstance(when, Unknown) and when:
                break
        return found

    def _write(self, world: World, program: Program, evaluator: Evaluator, endings: list[Ending], cause: Any) -> None:
        """Store what the outcomes write; where several are possible and differ, nobody knows the value."""
        made = [self._values(evaluator, ending) for ending in endings]
        targets = dict.fromkeys(key for values in made for key in values)
        stored: dict[tuple[Group, Handles], dict[int, Value]] = {}
        for key in targets:
            group, handles, slot = key
            old = world.record(group, handles)[slot]
            options = [values.get(key, old) for values in made]
            first = options[0]
            same = all(o is first or (type(o) is int and type(first) is int and o == first) for o in options)
            stored.setdefault((group, handles), {})[slot] = first if same else Unknown()
        for (group, handles), values in stored.items():
            note(world, cause, program.call, group, handles, tuple(values), tuple(values.values()))
        for (kind, _), position in program.own.items():
            handles = (evaluator.handles[position],)
            table = world.tables[self.places.numbers[kind]]
            if handles[0] not in table:
                table[handles[0]] = world.blank((kind,), handles)
        if len(endings) == 1 and world.unseen:
            world.unseen.difference_update(cleared(program, self.places, endings[0]))

    def _values(self, evaluator: Evaluator, ending: Ending) -> dict[Cell, Value]:
        return {cell: evaluator.value_at(number, where) for cell, number, where in self.writes(evaluator, ending)}

    def writes(self, evaluator: Evaluator, ending: Ending) -> Iterator[tuple[Cell, int, dict[str, int]]]:
        """What an outcome writes: the cell, the formula, and the other resources of which the formula speaks."""
        for write in ending.writes:
            place = write.place
            positions = self._positions(evaluator.program, place)
            for where in self._choices(evaluator, write):
                handles = tuple(
                    where[kind] if n is None else evaluator.handles[n]
                    for kind, n in zip(place.kinds, positions, strict=True)
                )
                yield (place.kinds, handles, place.slot), write.value, where

    @staticmethod
    def _positions(program: Program, place: Place) -> list[int | None]:
        return [program.own.get(pair) for pair in zip(place.kinds, place.indices, strict=True)]

    @staticmethod
    def _choices(evaluator: Evaluator, write: Write) -> list[dict[str, int]]:
        found: list[dict[str, int]] = [{}]
        for kind in write.over:
            found = [{**where, kind: handle} for where in found for handle in evaluator.others(kind)]
        return found
