"""Actions and properties as Python functions, generated from their formulas when they are first asked for.

Only our own formulas become source; nothing that was read from a file does. A state is one flat list: the state
variables in the system's order, then the options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from callproof.errors import InternalError
from callproof.expr import TRUE, Node
from callproof.model.system import PRIME, Action, Outcome, Property
from callproof.semantics.judgement import DECIDING
from callproof.semantics.source import Body, Table

State = list[int]
Values = tuple[int, ...]
Judge = Callable[[State, Values, Values], int]
Explain = Callable[[State, Values, Values], list[int]]

_RUN = 4
"""Neighbouring constants from which on one slice assignment is faster than single ones."""


class CompiledAction:
    """One call or event on particular handles.

    Every function takes the state, the values of the plain parameters and those of the results, in the action's
    order; a result that does not exist is 0.
    """

    def __init__(self, action: Action, table: Table, slots: Mapping[str, int], booleans: frozenset[int]) -> None:
        self.action = action
        self._table, self._slots, self._booleans = table, slots, booleans
        self._passed = {p.var.name: f"a{n}" for n, p in enumerate(action.params)}
        self._passed |= {r.var.name: f"r{n}" for n, r in enumerate(action.results)}

    @cached_property
    def judge(self) -> Judge:
        """The code of the verdict: 0 must_accept, 1 must_reject, 2 may, 3 undefined."""
        body = self._body([c.formula for c in self.action.clauses])
        self._verdict(body)
        body.line("return 0")
        made: Judge = self._function("judge", body)
        return made

    @cached_property
    def step(self) -> Judge:
        """The fast path: the verdict's code, and where it is 0 the state is updated in place; -1 lacks an outcome."""
        body = self._body([c.formula for c in self.action.clauses] + self._effects())
        self._verdict(body)
        self._outcomes(body, lambda _: "0")
        made: Judge = self._function("step", body)
        return made

    @cached_property
    def apply(self) -> Judge:
        """Update the state in place whatever the clauses say; the outcome's position, or -1 where none is possible."""
        body = self._body(self._effects())
        self._outcomes(body, str)
        made: Judge = self._function("apply", body)
        return made

    @cached_property
    def explain(self) -> Explain:
        """The positions of the clauses that fail."""
        return self._positions("explain", [c.formula for c in self.action.clauses])

    @cached_property
    def against(self) -> Explain:
        """The positions of the axioms that fail."""
        return self._positions("against", [a.formula for a in self.action.axioms])

    @cached_property
    def possible(self) -> Judge:
        """1 where every axiom holds, else 0: `against` for those in a hurry."""
        body = self._body([a.formula for a in self.action.axioms])
        for axiom in self.action.axioms:
            body.check(self._table.intern(axiom.formula), "return 0")
        body.line("return 1")
        made: Judge = self._function("possible", body)
        return made

    @cached_property
    def exists(self) -> tuple[Judge | None, ...]:
        """For each result whether it exists; None where it always does."""
        made: list[Judge | None] = []
        for number, result in enumerate(self.action.results):
            if result.when == TRUE:
                made.append(None)
                continue
            body = self._body([result.when])
            body.line(f"return 1 if {body.value(self._table.intern(result.when))} else 0")
            made.append(self._function(f"exists{number}", body))
        return tuple(made)

    # -- source -------------------------------------------------------------------------------------------------

    def _effects(self) -> list[Node]:
        return [node for o in self.action.outcomes for node in (o.when, *(value for _, value in o.writes))]

    def _place(self, name: str) -> str:
        slot = self._slots.get(name)
        if slot is not None:
            return f"S[{slot}]"
        if name not in self._passed:
            raise InternalError(f"{self.action.label} mentions {name}, which is no variable, parameter or result")
        return self._passed[name]

    def _body(self, nodes: Iterable[Node]) -> Body:
        roots = [self._table.intern(node) for node in nodes]
        body = Body(self._table, self._place, roots)
        used = {self._passed[name] for name in self._table.variables(roots) if name in self._passed}
        for letter, source, count in (("a", "A", len(self.action.params)), ("r", "R", len(self.action.results))):
            if any(name.startswith(letter) for name in used):
                body.line(f"{', '.join(f'{letter}{n}' for n in range(count))}, = {source}")
        return body

    def _verdict(self, body: Body) -> None:
        for code, origins in DECIDING:
            for clause in self.action.clauses:
                number = self._table.intern(clause.formula)
                if clause.origin in origins and number != self._table.true:
                    body.check(number, f"return {code}")

    def _positions(self, name: str, formulas: Sequence[Node]) -> Explain:
        body = self._body(formulas)
        body.line("F = []")
        for position, formula in enumerate(formulas):
            number = self._table.intern(formula)
            if number != self._table.true:
                body.line(f"if not {body.value(number)}: F.append({position})")
        body.line("return F")
        made: Explain = self._function(name, body)
        return made

    def _outcomes(self, body: Body, answer: Callable[[int], str]) -> None:
        for position, outcome in enumerate(self.action.outcomes):
            when = self._table.intern(outcome.when)
            if when == self._table.true:
                self._writes(body, outcome)
                body.line(f"return {answer(position)}")
                return
            with body.block(f"if {body.value(when)}:"):
                self._writes(body, outcome)
                body.line(f"return {answer(position)}")
        body.line("return -1")

    def _writes(self, body: Body, outcome: Outcome) -> None:
        """Every new value is computed from the state before, then all are stored."""
        constants: dict[int, int] = {}
        computed: list[tuple[int, str]] = []
        for name, node in outcome.writes:
            slot, number = self._slots[name], self._table.intern(node)
            op, _, extra = self._table.keys[number]
            if op == "const":
                constants[slot] = int(extra)
            elif extra != name:
                text = body.value(number)
                plain = op == "var" or slot not in self._booleans
                computed.append((slot, text if plain else f"1 if {text} else 0"))
        if computed:
            targets, values = zip(*computed, strict=True)
            body.line(f"{', '.join(f'S[{slot}]' for slot in targets)} = {', '.join(values)}")
        for run in _runs(sorted(constants)):
            if len(run) >= _RUN:
                body.line(f"S[{run[0]}:{run[-1] + 1}] = ({', '.join(str(constants[slot]) for slot in run)})")
            else:
                for slot in run:
                    body.line(f"S[{slot}] = {constants[slot]}")

    def _function(self, name: str, body: Body) -> Any:
        return function(f"{self.action.label}.{name}", "S, A, R", body.lines)


def _runs(slots: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for slot in slots:
        if runs and runs[-1][-1] == slot - 1:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


class CompiledProperty:
    """One invariant on particular handles."""

    def __init__(self, prop: Property, table: Table, slots: Mapping[str, int], markers: Mapping[str, int]) -> None:
        self.property = prop
        self._table, self._slots, self._markers = table, slots, markers
        self._root = table.intern(prop.formula)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The variables that the formula mentions, those after the step by their primed names."""
        return frozenset(self._table.variables([self._root]))

    @cached_property
    def holds(self) -> Callable[[State, State, int], int]:
        """Does it hold? Over the state before a step, the one after it, and the number of the action."""
        body = Body(self._table, self._place, [self._root])
        body.line(f"return 1 if {body.value(self._root)} else 0")
        made: Callable[[State, State, int], int] = function(f"{self.property.id}", "S, T, K", body.lines)
        return made

    def _place(self, name: str) -> str:
        if name in self._slots:
            # An invariant over one state is asked of the state after the step.
            return f"{'S' if self.property.over_step else 'T'}[{self._slots[name]}]"
        if name.endswith(PRIME) and name.removesuffix(PRIME) in self._slots:
            return f"T[{self._slots[name.removesuffix(PRIME)]}]"
        if name.startswith("@"):
            # A call on handles that this system has no action for never happens.
            return f"(K == {self._markers.get(name, -1)})"
        raise InternalError(f"{self.property.id} mentions {name}, which is no variable of the system")


def function(name: str, parameters: str, lines: Sequence[str], names: Mapping[str, Any] | None = None) -> Any:
    """A function of generated statements, which know the given names and no others."""
    source = "\n".join([f"def generated({parameters}):", *lines, ""])
    file = f"<callproof {name}>"
    scope: dict[str, Any] = {**(names or {}), "__builtins__": {}}
    exec(compile(source, file, "exec"), scope)  # our own formulas only
    return scope["generated"]
