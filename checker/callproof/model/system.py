"""One instance of a specification, flat: variables, actions and invariants over a universe of resources.

Everything the engines know of a specification is here, as plain data. A `System` has no records and no handles:
`graphs[1].phase` is the name of a variable, and each combination of handles is an action of its own.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from callproof.errors import Location
from callproof.expr import TRUE, Node, Sort, Var
from callproof.model.clauses import Origin

PRIME = "'"
"""Appended to a variable's name, it names the value after the step."""


def primed(name: str) -> str:
    """The name of a variable's value after the step."""
    return name + PRIME


def passed(name: str, sort: Sort) -> Var:
    """The variable of a parameter. Calls share it, so that equal obligations of different calls are one."""
    return Var(sort, f"in {name}: {sort}")


def returned(name: str, sort: Sort) -> Var:
    """The variable of a result; see `passed`."""
    return Var(sort, f"out {name}: {sort}")


def is_result(name: str) -> bool:
    """Is this the name of a variable that `returned` made?"""
    return name.startswith("out ")


def call_marker(call: str, handles: tuple[int, ...]) -> str:
    """The name of the truth value `this step is that call on those handles`."""
    return f"@{call}({','.join(map(str, handles))})"


def place_of(name: str, tables: Mapping[str, str]) -> tuple[str, int] | None:
    """Kind and index of the resource that a variable belongs to, or None where it is the session's own.

    `tables` names the kind by which each table of the session is indexed.
    """
    table, bracket, rest = name.partition("[")
    kind = tables.get(table) if bracket else None
    return None if kind is None else (kind, int(rest.partition("]")[0]))


class Class(enum.Enum):
    """What an invariant is about."""

    SIZE = "SIZE"
    ADDRESS = "ADDRESS"
    LIFECYCLE = "LIFECYCLE"


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable; `control` ones are enumerated in the sequence graph, the others are left to the solver."""

    var: Var
    control: bool

    @property
    def name(self) -> str:
        return self.var.name


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the caller passes: `name` as written in the specification, `var` as the formulas name it."""

    name: str
    var: Var


@dataclass(frozen=True, slots=True)
class Result:
    """What the driver chooses; it exists only where `when` holds."""

    name: str
    var: Var
    when: Node = TRUE


@dataclass(frozen=True, slots=True)
class ClauseUse:
    """A clause as one call states it. `formula` is over the state, the parameters and the results."""

    id: str
    origin: Origin
    formula: Node
    location: Location
    refused_with: tuple[str, ...] = ()
    """The statuses that the page names for a call that is refused by it; any will do where there is none."""


@dataclass(frozen=True, slots=True)
class Axiom:
    """What may be relied on of results and of the environment."""

    id: str
    formula: Node
    location: Location


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which an accepted call can end: what it assigns, and when it is possible."""

    name: str
    when: Node
    writes: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A call or an event on particular handles."""

    call: str
    is_event: bool
    handles: tuple[tuple[str, str, int], ...]
    """Parameter name, handle kind and index, in the order of the signature."""
    params: tuple[Parameter, ...]
    results: tuple[Result, ...]
    clauses: tuple[ClauseUse, ...]
    axioms: tuple[Axiom, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        return tuple(index for _, _, index in self.handles)

    @property
    def label(self) -> str:
        """The call as a person names it: `CompileGraph(graph_id=1)`."""
        return f"{self.call}({', '.join(f'{name}={index}' for name, _, index in self.handles)})"


@dataclass(frozen=True, slots=True)
class Property:
    """An invariant on particular handles. Over a step, the formula names the values after it by `primed`."""

    id: str
    cls: Class
    over_step: bool
    handles: tuple[tuple[str, int], ...]
    """Handle kind and index of each resource the invariant names."""
    formula: Node


@dataclass(frozen=True, slots=True)
class System:
    """A flat transition system. All state variables are zero at first; options keep one arbitrary value."""

    spec: str
    variables: tuple[Variable, ...]
    options: tuple[Var, ...]
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    readings: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    """How many resources of each handle kind there are."""
    tables: tuple[tuple[str, str], ...]
    """The handle kind by which each table of records is indexed."""
    fixed_options: tuple[tuple[str, int], ...] = field(default=())

    def owner_of(self, name: str) -> str | None:
        """The handle kind of the resource to which a variable belongs, or None where it is the session's own."""
        place = place_of(name, dict(self.tables))
        return None if place is None else place[0]

    def sort_of(self, name: str) -> Sort:
        """The sort of a state variable or option."""
        return next(v.sort for v in (*(x.var for x in self.variables), *self.options) if v.name == name)
