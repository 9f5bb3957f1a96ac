"""Whether a body looks at the resources of a table one at a time, and at each in the same way.

A body is a Python function, so what it says of many resources is known for the numbers it was run with only. A body
that keeps to the rules below says of each further resource what it says of the others; `parametric` needs that to
conclude from few resources on any number:

- behind each step of `every()` or `others()` the body reads or writes the resource it was given, before the next step;
- it reads and writes no resource that it has gone past, and ranges over the kind in one loop at a time, to the end;
- it does the same with each: reads and assigns the same fields, and states the same clauses in the same order.

What these rules do not see is a body that counts in Python (`enumerate`) and changes its mind at some number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from callproof.expr import Bool, Node, Sort
from callproof.model.clauses import Origin
from callproof.model.handles import Handle, Universe
from callproof.model.instantiate import STATE_PARAMETERS, Signature, record_action, signature
from callproof.model.recording import Recorder, StateFrame
from callproof.model.specification import Invariant, Operation, Specification, StepInfo
from callproof.model.system import place_of

RESOURCES = 5
"""With the touched one there are four others, whose treatment can be compared."""

H = TypeVar("H", bound=Handle)


class Watch:
    """What one run of a body does with the resources of one kind that it was not given."""

    def __init__(self, kind: type[Handle], own: frozenset[int]) -> None:
        self.kind, self._own = kind, own
        self.fault = ""
        """The first breach of a rule, as the end of a sentence; empty if there was none."""
        self._current: int | None = None
        self._events: list[tuple[str, str]] = []
        self._first: list[tuple[str, str]] | None = None
        self._open = 0

    def begin(self) -> None:
        """A loop starts."""
        if self._open:
            self._blame("ranges over all {} inside a loop over them")
        self._open += 1
        self._first = None

    def enter(self, index: int) -> None:
        """A loop comes to a resource."""
        self._current, self._events = index, []

    def leave(self, index: int) -> None:
        """A loop goes on to the next."""
        foreign = index not in self._own
        if foreign and not any(name.startswith("*") for _, name in self._events):
            self._blame("goes past a {} without looking at it")
        if foreign and self._first is not None and self._events != self._first:
            self._blame("does not treat every {} alike")
        if foreign:
            self._first = self._events
        self._current = None

    def end(self) -> None:
        """A loop has come to its end."""
        self._open -= 1

    def touch(self, verb: str, name: str, tables: dict[str, str]) -> None:
        """A variable is read or written."""
        place = place_of(name, tables)
        if place is not None and place[0] == self.kind.__name__ and place[1] not in self._own:
            if place[1] != self._current:
                self._blame("looks at several {} at once")
            name = "*" + name.partition("]")[2]
        self.note(verb, name)

    def note(self, verb: str, what: str) -> None:
        """Anything else that a body does."""
        self._events.append((verb, what))

    def finish(self) -> str:
        """The first breach of a rule, or an empty string."""
        if self._open:
            self._blame("does not range over all {} to the end")
        return self.fault

    def _blame(self, text: str) -> None:
        self.fault = self.fault or text.format(self.kind.__name__)


class _Line(list[Any]):
    """Handles whose iteration is watched."""

    def __init__(self, handles: list[Any], watch: Watch) -> None:
        super().__init__(handles)
        self._watch = watch

    def __iter__(self) -> Iterator[Any]:
        self._watch.begin()
        for handle in super().__iter__():
            self._watch.enter(handle.index)
            yield handle
            self._watch.leave(handle.index)
        self._watch.end()


class _WatchedUniverse(Universe):
    """A universe that tells how its handles are ranged over."""

    def __init__(self, counts: dict[type[Handle], int], watch: Watch) -> None:
        super().__init__(counts)
        self._watch = watch

    def handles(self, kind: type[H]) -> list[H]:
        found = super().handles(kind)
        return _Line(found, self._watch) if kind is self._watch.kind else found


class _WatchedRecorder(Recorder):
    """A recorder that tells what a call's body does, and when."""

    def __init__(
        self,
        watch: Watch,
        universe: Universe,
        picked: frozenset[Handle],
        spec: Specification[Any],
        tables: dict[str, str],
    ) -> None:
        super().__init__(universe, picked, spec.clauses, spec.default_readings, frozenset())
        self._watch, self._tables = watch, tables

    def read(self, name: str, sort: Sort) -> Node:
        self._watch.touch("read", name, self._tables)
        return super().read(name, sort)

    def write(self, name: str, value: Node) -> None:
        self._watch.touch("write", name, self._tables)
        super().write(name, value)

    def add_clause(self, verb: str, origins: tuple[Origin, ...], id: str, formula: Bool, reading: str | None) -> None:
        self._watch.note("clause", id)
        super().add_clause(verb, origins, id, formula, reading)

    def add_axiom(self, id: str, formula: Bool) -> None:
        self._watch.note("axiom", id)
        super().add_axiom(id, formula)

    def add_result(self, name: str, sort: Sort, when: Bool) -> Node:
        self._watch.note("result", name)
        return super().add_result(name, sort, when)

    @contextmanager
    def open_outcome(self, name: str, when: Bool) -> Iterator[None]:
        self._watch.note("outcome", name)
        with super().open_outcome(name, when):
            yield


class _WatchedFrame(StateFrame):
    """A state that tells what an invariant's body reads."""

    def __init__(self, watch: Watch, universe: Universe, tables: dict[str, str], *, after: bool = False) -> None:
        super().__init__(universe, after=after)
        self._watch, self._tables = watch, tables

    def read(self, name: str, sort: Sort) -> Node:
        self._watch.touch("read", name, self._tables)
        return super().read(name, sort)


def watch_operation(spec: Specification[Any], operation: Operation, kind: type[Handle], tables: dict[str, str]) -> str:
    """The first rule that the body of a call breaks, or an empty string."""
    shape = signature(operation.body, 1)
    picked = _picked(shape, kind)
    watch = Watch(kind, _own(picked, kind))
    universe = _WatchedUniverse({kind: RESOURCES}, watch)
    recorder = _WatchedRecorder(watch, universe, frozenset(picked), spec, tables)
    record_action(spec, operation, shape, picked, recorder)
    return watch.finish()


def watch_invariant(spec: Specification[Any], invariant: Invariant, kind: type[Handle], tables: dict[str, str]) -> str:
    """The same of an invariant's body."""
    shape = signature(invariant.body, STATE_PARAMETERS[invariant.over_step])
    picked = _picked(shape, kind)
    named = {name: handle for (name, _), handle in zip(shape.handles, picked, strict=True)}
    own = _own(picked, kind)
    watch = Watch(kind, own)
    universe = _WatchedUniverse({kind: max(own, default=1) + RESOURCES - 1}, watch)
    old = spec.state(_WatchedFrame(watch, universe, tables))
    if invariant.over_step:
        new = spec.state(_WatchedFrame(watch, universe, tables, after=True))
        invariant.body(old, new, StepInfo(spec.operations), **named)
    else:
        invariant.body(old, **named)
    return watch.finish()


def _picked(shape: Signature, kind: type[Handle]) -> tuple[Handle, ...]:
    """Handles to run a body with: the first of every kind, but of `kind` the first, second, ... in their order."""
    count, picked = 0, []
    for _, of in shape.handles:
        count += of is kind
        picked.append(of(count) if of is kind else of(1))
    return tuple(picked)


def _own(picked: tuple[Handle, ...], kind: type[Handle]) -> frozenset[int]:
    return frozenset(handle.index for handle in picked if type(handle) is kind)
