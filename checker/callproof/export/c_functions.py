"""A system as C functions: what a call demands, what it does, and what an invariant says, one function each.

The C program and the Promela model share them. `Vars` holds the state variables and the options, `Own` what the
caller passed and what the driver returned. No function has effects but through its pointers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callproof.export.c_expressions import Expressions, c_type, comment, identifiers
from callproof.export.problem import Problem, Way
from callproof.expr import Node, Sort, Var
from callproof.model.demands import named_demands
from callproof.model.system import PRIME, Action, Outcome, Property, call_marker


@dataclass(frozen=True, slots=True)
class Condition:
    """A function that says whether something holds of a state and of what a call was given."""

    function: str
    named: str
    """What fails where it does not hold: a clause, an axiom."""
    formula: Node


class Functions:
    """The functions of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.fields = identifiers([*problem.states, *problem.options])
        self.own = identifiers(problem.own)
        self._demands: dict[str, tuple[Condition, ...]] = {}
        self.functions: list[list[str]] = []
        """The lines of each function; none needs another."""
        self._count = 0
        self._markers: dict[str, list[int]] = {}
        for way in problem.ways:
            self._markers.setdefault(call_marker(way.action.call, way.action.indices), []).append(way.number)
        for action in problem.system.actions:
            self._conditions(action)
        for way in problem.ways:
            self._way(way)
        for number, prop in enumerate(problem.properties):
            self._property(number, prop)

    def of(self, way: Way) -> tuple[Condition, ...]:
        """What has to hold for a call, without its outcome."""
        return self._demands[way.action.label]

    def text(self) -> str:
        """Types and functions."""
        return "\n".join([*self.types(), *(line for function in self.functions for line in function), ""])

    # -- types --------------------------------------------------------------------------------------------------

    def types(self) -> Iterator[str]:
        """The declarations of `Vars` and `Own`."""
        given = {**self.problem.states, **self.problem.options}
        yield from _struct("Vars", [(name, self.fields[name], sort) for name, sort in given.items()])
        yield from _struct("Own", [(name, self.own[name], sort) for name, sort in self.problem.own.items()])

    # -- functions ----------------------------------------------------------------------------------------------

    def _place(self, name: str) -> str:
        return f"s->{self.fields[name]}" if name in self.fields else f"o->{self.own[name]}"

    def _conditions(self, action: Action) -> None:
        conditions = []
        for id, formula in named_demands(action, self.problem.layer):
            function, self._count = f"demand_{self._count}", self._count + 1
            self._boolean(function, formula, f"{action.label}: {id}")
            conditions.append(Condition(function, id, formula))
        self._demands[action.label] = tuple(conditions)

    def _boolean(self, function: str, formula: Node, says: str) -> None:
        made = Expressions(self._place)
        [value] = made.of([formula])
        head = f"int {function}(const Vars *s, const Own *o)"
        self._function(head, "so", [*made.lines, f"return {value};"], says)

    def _way(self, way: Way) -> None:
        """Whether a call can end in this way, and what it assigns: computed from the state before it."""
        self._boolean(f"possible_{way.number}", way.outcome.when, way.label)
        made = Expressions(self._place)
        writes = _changing(way.outcome)
        values = made.of([value for _, value in writes])
        sorts = [node.sort for _, node in writes]
        given = [
            f"const {c_type(sort)} n{n} = {value};" for n, (sort, value) in enumerate(zip(sorts, values, strict=True))
        ]
        stores = [f"s->{self.fields[name]} = n{n};" for n, (name, _) in enumerate(writes)]
        head = f"void effect_{way.number}(Vars *s, const Own *o)"
        self._function(head, "so", [*made.lines, *given, *stores], way.label)

    def _property(self, number: int, prop: Property) -> None:
        """Whether an invariant holds: of the state `s` behind a call, or of the step to it from the state `b`."""

        def place(name: str) -> str:
            if name.startswith("@"):
                taken = " || ".join(f"way == {number}" for number in self._markers.get(name, ()))
                return f"({taken or '0'})"  # a call on handles that the system has no action for never happens
            if name.endswith(PRIME) and name.removesuffix(PRIME) in self.fields:
                return f"s->{self.fields[name.removesuffix(PRIME)]}"
            return f"{'b' if prop.over_step else 's'}->{self.fields[name]}"

        handles = ", ".join(str(index) for _, index in prop.handles)
        made = Expressions(place)
        [value] = made.of([prop.formula])
        head = f"int holds_{number}(const Vars *b, const Vars *s, unsigned way)"
        self._function(head, ("b", "s", "way"), [*made.lines, f"return {value};"], f"{prop.id}({handles})")

    def _function(self, head: str, parameters: Sequence[str], body: Sequence[str], says: str) -> None:
        unused = " ".join(f"(void){name};" for name in parameters)
        lines = [f"/* {comment(says)} */", f"static {head}", "{", *(f"\t{line}" for line in (unused, *body)), "}"]
        self.functions.append(lines)


def _struct(name: str, members: Sequence[tuple[str, str, Sort]]) -> Iterator[str]:
    """A type; words come first, so that no byte between two members has no meaning."""
    yield "typedef struct {"
    for original, field, sort in sorted(members, key=lambda member: not member[2].is_word):
        listed = f": {', '.join(f'{n} {m}' for n, m in enumerate(sort.members))}" if sort.members else ""
        yield f"\t{c_type(sort)} {field}; /* {comment(original + listed)} */"
    if not members:
        yield "\tuint8_t nothing;"
    yield f"}} {name};"


def _changing(outcome: Outcome) -> list[tuple[str, Node]]:
    return [(name, node) for name, node in outcome.writes if not (isinstance(node, Var) and node.name == name)]
