"""Running a body once on symbolic state: what it requires, assumes, chooses and assigns becomes formulas."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, overload

from callproof.errors import SpecError, caller_location, fault
from callproof.expr import (
    BOOLEAN,
    TRUE,
    Address,
    Bool,
    EnumTerm,
    Node,
    Number,
    Size,
    Sort,
    Term,
    Var,
    enum_sort,
    truth,
)
from callproof.model.clauses import Clause, Origin
from callproof.model.handles import Handle, Universe
from callproof.model.system import Axiom, ClauseUse, Outcome, Result, primed, returned

T = TypeVar("T", bound=Term)
E = TypeVar("E", bound=enum.Enum)


class StateFrame:
    """A frame that only reads: the state before a step, or with `after` the state behind it."""

    def __init__(self, universe: Universe, *, after: bool = False) -> None:
        self.universe = universe
        self._after = after

    def read(self, name: str, sort: Sort) -> Node:
        return Var(sort, primed(name) if self._after else name)

    def write(self, name: str, value: Node) -> None:
        fault(f"an invariant assigns nothing, but this one writes {name}")

    def may_touch(self, handle: Handle) -> bool:
        return True


class Recorder:
    """Collects what one run of a call's body says."""

    def __init__(
        self,
        universe: Universe,
        handles: frozenset[Handle],
        clauses: Mapping[str, Clause],
        readings: Mapping[str, str],
        dropped: frozenset[str],
    ) -> None:
        self.universe = universe
        self.clauses: list[ClauseUse] = []
        self.axioms: list[Axiom] = []
        self.results: list[Result] = []
        self.used: dict[tuple[str, str], None] = {}
        """Clause ids and readings in the order in which the body states them, those of other readings included."""
        self.on_write: Callable[[str, Node], None] | None = None
        self._handles = handles
        self._table = clauses
        self._readings = readings
        self._dropped = dropped
        self._common: dict[str, Node] = {}
        self._outcomes: list[tuple[str, Node, dict[str, Node]]] = []
        self._open: dict[str, Node] | None = None

    def read(self, name: str, sort: Sort) -> Node:
        if name in self._common or (self._open is not None and name in self._open):
            fault(f"{name} is read after it was assigned in the same call; read it first")
        return Var(sort, name)

    def write(self, name: str, value: Node) -> None:
        target = self._common if self._open is None else self._open
        earlier = any(name in writes for _, _, writes in self._outcomes) if self._open is None else name in self._common
        if name in target or earlier:
            fault(f"two writes to {name} in one outcome")
        target[name] = value
        if self.on_write is not None:
            self.on_write(name, value)

    def may_touch(self, handle: Handle) -> bool:
        return handle in self._handles

    def add_clause(self, verb: str, origins: tuple[Origin, ...], id: str, formula: Bool, reading: str | None) -> None:
        location = caller_location()
        known = self._table.get(id)
        if known is None:
            fault(f"unknown clause id {id}; add it to the clause table", location)
            return
        if known.origin not in origins:
            fault(f"{verb}() states a {' or '.join(o.value for o in origins)} clause, but {id} is {known.origin.value}")
        if reading is None and known.readings:
            fault(f"clause {id} has the readings {', '.join(known.readings)}: say which one this is", location)
        if reading is not None and reading not in known.readings:
            fault(f"clause {id} has no reading {reading!r}; it has {', '.join(known.readings) or 'none'}", location)
        self.used[id, reading or ""] = None
        if id in self._dropped or (reading is not None and self._readings.get(id) != reading):
            return
        self.clauses.append(ClauseUse(id, known.origin, formula.node, location, known.refused_with))

    def add_axiom(self, id: str, formula: Bool) -> None:
        self.axioms.append(Axiom(id, formula.node, caller_location()))

    def add_result(self, name: str, sort: Sort, when: Bool) -> Node:
        if any(result.name == name for result in self.results):
            fault(f"two results are named {name}")
        var = returned(name, sort)
        self.results.append(Result(name, var, when.node))
        return var

    @contextmanager
    def open_outcome(self, name: str, when: Bool) -> Iterator[None]:
        if self._open is not None:
            raise SpecError("an outcome cannot stand inside another")
        self._open = {}
        try:
            yield
        finally:
            self._outcomes.append((name, when.node, self._open))
            self._open = None

    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that the body declared, or the single one that it implies."""
        listed = self._outcomes or [("", TRUE, {})]
        return tuple(Outcome(name, when, tuple({**self._common, **own}.items())) for name, when, own in listed)


_current: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Within this block the verbs below speak to `recorder`."""
    token = _current.set(recorder)
    try:
        yield
    finally:
        _current.reset(token)


def _recorder(verb: str) -> Recorder:
    found = _current.get()
    if found is None:
        raise SpecError(f"{verb}() can be used only in the body of a call or event")
    return found


def require(id: str, formula: Bool | bool, *, reading: str | None = None) -> None:
    """A documented or header clause: a driver must refuse the call where it fails."""
    _recorder("require").add_clause("require", (Origin.DOCUMENTED, Origin.HEADER), id, truth(formula), reading)


def assume(id: str, formula: Bool | bool, *, reading: str | None = None) -> None:
    """A caller clause: where it fails nothing is judged, for no driver can check it."""
    _recorder("assume").add_clause("assume", (Origin.CALLER,), id, truth(formula), reading)


def harden(id: str, formula: Bool | bool, *, reading: str | None = None) -> None:
    """A hardening clause: no page says it, and a driver that accepts the call where it fails lets a hazard in."""
    _recorder("harden").add_clause("harden", (Origin.HARDENING,), id, truth(formula), reading)


def axiom(id: str, formula: Bool | bool) -> None:
    """What holds of the results of an accepted call, or of an event whenever it happens."""
    _recorder("axiom").add_axiom(id, truth(formula))


@overload
def result(name: str, sort: type[Address], *, when: Bool | bool = True) -> Address: ...
@overload
def result(name: str, sort: type[Size], *, when: Bool | bool = True) -> Size: ...
@overload
def result(name: str, sort: type[Number], *, when: Bool | bool = True) -> Number: ...
@overload
def result(name: str, sort: type[Bool], *, when: Bool | bool = True) -> Bool: ...
@overload
def result(name: str, sort: type[E], *, when: Bool | bool = True) -> EnumTerm[E]: ...
def result(name: str, sort: type[Any], *, when: Bool | bool = True) -> Any:
    """A value that the driver chooses (a size it reports, an address it allocates), where `when` holds."""
    recorder = _recorder("result")
    if sort is Bool:
        return Bool(recorder.add_result(name, BOOLEAN, truth(when)))
    if sort in (Address, Size, Number):
        return sort(recorder.add_result(name, sort.SORT, truth(when)))
    if isinstance(sort, type) and issubclass(sort, enum.Enum):
        return EnumTerm(recorder.add_result(name, enum_sort(sort), truth(when)))
    raise SpecError(f"a result is an Address, Size, Number, Bool or an enumeration, not {sort!r}")


@contextmanager
def outcome(name: str, *, when: Bool | bool = True) -> Iterator[None]:
    """One of several ways in which an accepted call can end; what is assigned inside belongs to it alone."""
    with _recorder("outcome").open_outcome(name, truth(when)):
        yield
