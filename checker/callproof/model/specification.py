"""A specification: state, clauses, calls, events and invariants, built by decorated functions."""

from __future__ import annotations

import ast
import enum
import inspect
import opcode
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Any, Generic, TypeVar

from callproof.errors import Location, SpecError, _shown, caller_location, fault
from callproof.expr import Bool, Const, Eq, Kind, Sort, Var
from callproof.model.clauses import Clause, Fact, Question
from callproof.model.handles import Handle
from callproof.model.native import Recorder, Reproduction, Runner
from callproof.model.published import PublishedDriver
from callproof.model.records import Record
from callproof.model.system import Class, call_marker

S = TypeVar("S", bound=Record)
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that keeps one value for a whole run; compare it with one of its values."""

    name: str
    values: tuple[str, ...]
    meaning: str

    @property
    def var(self) -> Var:
        return Var(Sort(Kind.ENUMERATION, self.name, self.values), f"option:{self.name}")

    def is_(self, value: str) -> Bool:
        """True in runs in which the option has this value."""
        if value not in self.values:
            fault(f"option {self.name} has no value {value!r}; it has {', '.join(self.values)}")
            value = self.values[0]
        return Bool(Eq(self.var, Const(self.var.sort, self.values.index(value))))


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of the API or an event of its environment."""

    name: str
    body: Callable[..., None]
    is_event: bool
    page: str
    location: Location

    @property
    def summary(self) -> str:
        """The first line of the body's docstring."""
        return (inspect.getdoc(self.body) or "").partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A property of every reachable state, or of every step between two."""

    id: str
    cls: Class
    body: Callable[..., Bool]
    over_step: bool
    answers: tuple[str, ...]
    location: Location

    @property
    def summary(self) -> str:
        """The first line of the body's docstring."""
        return (inspect.getdoc(self.body) or "").partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Twin:
    """A call under another name: when two specifications are compared, `call` of this one is `of` of the other.

    `given` are the values of parameters that only the other call has, by their names: a member of an enumeration, a
    boolean or a number.
    """

    call: str
    of: str
    given: Mapping[str, enum.Enum | bool | int] = field(default_factory=dict)


class StepInfo:
    """What an invariant over a step can ask about the step itself."""

    __slots__ = ("_known",)

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)

    def is_call(self, call: str, *handles: Any) -> Bool:
        """True where the step is this call on these handles."""
        if call not in self._known:
            fault(f"unknown call {call}")
        return Bool(Var(Sort(Kind.BOOLEAN), call_marker(call, tuple(h.index for h in handles))))


class Specification(Generic[S]):
    """What an API demands and promises.

    `numbers` says how many resources of a kind a check takes at the least where there is no argument for any number;
    `drivers` publishes drivers by name, for `callproof test SPEC:NAME`.

    Build one value, then decorate a function for each call, event and invariant. Faults that can be seen while the
    file is read are kept in `faults` and reported together, with those of the bodies, by `lint`.
    """

    def __init__(
        self,
        name: str,
        title: str,
        state: type[S],
        clauses: Iterable[Clause],
        *,
        version: str = "1",
        options: Iterable[Option] = (),
        facts: Iterable[Fact] = (),
        questions: Iterable[Question] = (),
        products: Iterable[str] = (),
        runner: Runner | None = None,
        twins: Iterable[Twin] = (),
        recorder: Recorder | None = None,
        reproduction: Reproduction | None = None,
        numbers: Mapping[type[Handle], int] | None = None,
        drivers: Mapping[str, PublishedDriver] | None = None,
    ) -> None:
        self.name, self.title, self.state, self.version = name, title, state, version
        self.location = caller_location()
        self.options = tuple(options)
        self.facts = tuple(facts)
        self.questions = tuple(questions)
        self.products = tuple(products)
        self.runner, self.recorder, self.reproduction = runner, recorder, reproduction
        self.twins = tuple(twins)
        self.numbers = dict(numbers or {})
        self.drivers = dict(drivers or {})
        self.operations: dict[str, Operation] = {}
        self.invariants: dict[str, Invariant] = {}
        self.faults: list[SpecError] = []
        self.clauses: Mapping[str, Clause] = self._table(clauses)

    def _table(self, clauses: Iterable[Clause]) -> dict[str, Clause]:
        table: dict[str, Clause] = {}
        for clause in clauses:
            if clause.id in table:
                self._fault(f"clause {clause.id} is declared twice", clause.location)
            if not clause.page and not clause.question:
                self._fault(
                    f"clause {clause.id} has no citation: give the page, or the silent question", clause.location
                )
            if not clause.text:
                self._fault(f"clause {clause.id} has no text", clause.location)
            table[clause.id] = clause
        return table

    def _fault(self, message: str, location: Location | None = None) -> None:
        self.faults.append(SpecError(message, location))

    def include(self, other: Specification[Any], *names: str, **renamed: str) -> None:
        """Take over calls, events and invariants of another specification, whose bodies this one's state suits.

        `renamed` gives a name of this specification's own to a name of the other. Raises `SpecError` for a name that
        the other one lacks.
        """
        for name, of in (*((name, name) for name in names), *renamed.items()):
            if of in other.operations:
                found = other.operations[of]
                page = found.page if found.page != of else name
                if name in self.operations:
                    self._fault(f"{name} is declared twice", caller_location())
                self.operations[name] = replace(found, name=name, page=page)
            elif of in other.invariants:
                if name in self.invariants:
                    self._fault(f"invariant {name} is declared twice", caller_location())
                self.invariants[name] = replace(other.invariants[of], id=name)
            else:
                raise SpecError(f"{other.name} has neither a call nor an invariant {of}", caller_location())

    def call(self, name: str, *, page: str = "") -> Callable[[F], F]:
        """Declare a call: `def body(state, graph_id: GraphId, size: Size) -> None`."""
        return self._operation(name, is_event=False, page=page)

    def event(self, name: str, *, page: str = "") -> Callable[[F], F]:
        """Declare an event of the environment, with the same kind of body."""
        return self._operation(name, is_event=True, page=page)

    def _operation(self, name: str, *, is_event: bool, page: str) -> Callable[[F], F]:
        def add(body: F) -> F:
            place = where(body)
            if name in self.operations:
                self._fault(f"{name} is declared twice", place)
            for line, param in _assigned_parameters(body):
                self._fault(f"the body assigns to its parameter {param}", Location(place.file, place.line + line))
            self.operations[name] = Operation(name, body, is_event, page or name, place)
            return body

        return add

    def invariant(self, id: str, cls: str, *, answers: tuple[str, ...] = ()) -> Callable[[F], F]:
        """Declare a property of every reachable state: `def body(state, graph_id: GraphId) -> Bool`."""
        return self._invariant(id, cls, over_step=False, answers=answers)

    def step_invariant(self, id: str, cls: str, *, answers: tuple[str, ...] = ()) -> Callable[[F], F]:
        """Declare a property of every step: `def body(old, new, step: StepInfo, graph_id: GraphId) -> Bool`."""
        return self._invariant(id, cls, over_step=True, answers=answers)

    def _invariant(self, id: str, cls: str, *, over_step: bool, answers: tuple[str, ...]) -> Callable[[F], F]:
        def add(body: F) -> F:
            place = where(body)
            if id in self.invariants:
                self._fault(f"invariant {id} is declared twice", place)
            if cls not in Class.__members__:
                self._fault(f"invariant {id} has the unknown class {cls}; use {', '.join(Class.__members__)}", place)
                return body
            self.invariants[id] = Invariant(id, Class[cls], body, over_step, answers, place)
            return body

        return add

    @property
    def default_readings(self) -> dict[str, str]:
        """The reading of each clause that has several, as taken where nobody chooses."""
        return {c.id: c.readings[0] for c in self.clauses.values() if c.readings}

    def __repr__(self) -> str:
        return f"Specification({self.name!r})"


def where(body: Callable[..., Any]) -> Location:
    """The line on which a body begins."""
    code = inspect.unwrap(body).__code__
    return Location(_shown(code.co_filename), code.co_firstlineno)


def _assigned_parameters(body: Callable[..., Any]) -> list[tuple[int, str]]:
    """Lines (from the top of the function) that assign a new value to a parameter, which would have no effect."""
    if not _may_assign(inspect.unwrap(body).__code__, frozenset(inspect.signature(body).parameters)):
        return []
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(body)))
    except (OSError, SyntaxError):
        return []
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return []
    params = {arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    return [
        (node.lineno - 1, node.id)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in params
    ]


def _may_assign(code: CodeType, names: frozenset[str]) -> bool:
    """The compiled body may store to a local variable of one of the names; to read its source takes far longer."""
    # A function's locals are numbered so, a parameter that an inner function reads with the other parameters.
    places = [*code.co_varnames, *(n for n in code.co_cellvars if n not in code.co_varnames), *code.co_freevars]
    if len(places) > 255:  # the number of a place may then not fit its instruction
        return True
    for number, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        operation = opcode.opname[number]
        if operation.startswith(("STORE_FAST", "STORE_DEREF")) and (
            operation not in ("STORE_FAST", "STORE_DEREF") or argument >= len(places) or places[argument] in names
        ):
            return True
    return any(_may_assign(inner, names) for inner in code.co_consts if isinstance(inner, CodeType))
