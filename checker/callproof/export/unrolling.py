"""SMT-LIB: the first calls of a system written out, in logic QF_BV; satisfiable if they can break an invariant.

`v@0` is a variable before any call and `v@3` behind the third, `call@3` says which call that was and `in ...@3` and
`out ...@3` what it was given and what it returned. Formulas are defined once and applied at each call. A sequence may
end early: `call@3` is 0 where there is no third call, and then there is no fourth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callproof.errors import UsageError
from callproof.export.heading import heading
from callproof.export.problem import Problem, Way
from callproof.expr import Const, Node, Not, Sort, Var, variables
from callproof.model.system import Property, call_marker, primed
from callproof.symbolic.words import Unfit, Words


class Unrolling:
    """The script of one problem, with words of `width` bits. Raises `UsageError` where a constant does not fit."""

    def __init__(self, problem: Problem, width: int) -> None:
        self._problem, self._words = problem, Words(width)
        self._given = {**problem.states, **problem.options}
        self._formal: dict[str, tuple[str, ...]] = {}
        """What each definition is over."""
        self._call_bits = max(1, len(problem.ways).bit_length())
        self._markers: dict[str, list[Way]] = {}
        for way in problem.ways:
            self._markers.setdefault(call_marker(way.action.call, way.action.indices), []).append(way)

    def text(self) -> str:
        """The whole script, with `check-sat` at its end."""
        try:
            lines = [*self._definitions(), *self._start()]
            for step in range(1, self._problem.bound + 1):
                lines += self._step(step)
            lines.append(f"(assert (or false {' '.join(self._broken())}))")
        except Unfit as error:
            raise UsageError(f"{self._problem.spec}: {error}") from None
        head = heading(self._problem, ";", list(self._says()))
        return head + "\n".join(["(set-logic QF_BV)", *lines, "(check-sat)", ""])

    def _says(self) -> Iterator[str]:
        calls = f"{self._problem.bound} call{'' if self._problem.bound == 1 else 's'} or fewer"
        yield f"sat: {calls} break the invariant; unsat: none do."
        if self._words.width != 64:
            yield f"Words have {self._words.width} bits instead of 64."
        yield "call@1, call@2, ... say which calls are made, 0 for none:"
        for way in self._problem.ways:
            yield f"  {way.number + 1} {way.label}"

    # -- definitions --------------------------------------------------------------------------------------------

    def _definitions(self) -> Iterator[str]:
        for way in self._problem.ways:
            yield f"; {way.number + 1} {way.label}"
            yield self._define(f"guard {way.number + 1}", way.demands(self._problem.layer))
            for name, value in way.outcome.writes:
                if not isinstance(value, Const | Var):
                    yield self._define(f"{name} by {way.number + 1}", [value])
        for number, prop in enumerate(self._problem.properties):
            yield f"; {prop.id}({', '.join(str(index) for _, index in prop.handles)}) does not hold"
            yield self._define(f"broken {number + 1}", [Not(prop.formula)])

    def _define(self, name: str, parts: list[Node]) -> str:
        found = variables(*parts)
        self._formal[name] = tuple(found)
        # A symbol that begins with @ is reserved for solvers.
        names = {v: f"|is {v[1:]}|" if v.startswith("@") else f"|{v}|" for v in found}
        formal = " ".join(f"({names[v]} {self._words.sort(found[v].sort)})" for v in found)
        return f"(define-fun |{name}| ({formal}) {self._words.sort(parts[0].sort)}\n  {self._words.text(parts, names)})"

    def _applied(self, name: str, actual: Mapping[str, str]) -> str:
        formal = self._formal[name]
        return f"(|{name}| {' '.join(actual[v] for v in formal)})" if formal else f"|{name}|"

    # -- calls --------------------------------------------------------------------------------------------------

    def _at(self, name: str, step: int) -> str:
        """A state variable behind a call, an option, or what the call was given."""
        return f"|{name}|" if name in self._problem.options else f"|{name}@{step}|"

    def _start(self) -> Iterator[str]:
        yield "; before any call"
        for name, sort in self._problem.options.items():
            if name in self._problem.fixed:
                value = self._words.literal(sort, self._problem.fixed[name])
                yield f"(define-fun |{name}| () {self._words.sort(sort)} {value})"
            else:
                yield from self._declared(f"|{name}|", sort)
        for name, sort in self._problem.states.items():
            yield f"(define-fun {self._at(name, 0)} () {self._words.sort(sort)} {self._words.literal(sort, 0)})"

    def _declared(self, symbol: str, sort: Sort) -> Iterator[str]:
        yield f"(declare-const {symbol} {self._words.sort(sort)})"
        if limit := self._words.in_range(sort, symbol):
            yield f"(assert {limit})"

    def _is(self, way: Way, step: int) -> str:
        return f"(= call@{step} (_ bv{way.number + 1} {self._call_bits}))"

    def _names(self, step: int) -> dict[str, str]:
        """What the formulas of a call are about."""
        before = {name: self._at(name, step - 1) for name in self._given}
        return before | {name: self._at(name, step) for name in self._problem.own}

    def _step(self, step: int) -> Iterator[str]:
        ways, bits = self._problem.ways, self._call_bits
        yield f"; call {step}"
        yield f"(declare-const call@{step} (_ BitVec {bits}))"
        yield f"(assert (bvule call@{step} (_ bv{len(ways)} {bits})))"
        if step > 1:
            yield f"(assert (=> (= call@{step - 1} (_ bv0 {bits})) (= call@{step} (_ bv0 {bits}))))"
        for name, sort in self._problem.own.items():
            yield from self._declared(self._at(name, step), sort)
        names = self._names(step)
        for way in ways:
            yield f"(assert (=> {self._is(way, step)} {self._applied(f'guard {way.number + 1}', names)}))"
        for name, sort in self._problem.states.items():
            yield f"(define-fun {self._at(name, step)} () {self._words.sort(sort)} {self._behind(name, step, names)})"

    def _behind(self, name: str, step: int, names: Mapping[str, str]) -> str:
        """The value of a state variable behind a call."""
        text, closing = "", ""
        for way in self._problem.ways:
            value = dict(way.outcome.writes).get(name)
            if value is None or (isinstance(value, Var) and value.name == name):
                continue
            text += f"(ite {self._is(way, step)} {self._value(f'{name} by {way.number + 1}', value, names)} "
            closing += ")"
        return f"{text}{names[name]}{closing}"

    def _value(self, name: str, value: Node, names: Mapping[str, str]) -> str:
        if isinstance(value, Const):
            return self._words.literal(value.sort, value.value)
        return names[value.name] if isinstance(value, Var) else self._applied(name, names)

    # -- invariants ---------------------------------------------------------------------------------------------

    def _broken(self) -> Iterator[str]:
        for number, prop in enumerate(self._problem.properties, 1):
            for step in range(1 if prop.over_step else 0, self._problem.bound + 1):
                yield self._applied(f"broken {number}", self._seen(prop, f"broken {number}", step))

    def _seen(self, prop: Property, name: str, step: int) -> dict[str, str]:
        """What an invariant is about behind a call; over a step, also what was before it and which call it is."""
        if not prop.over_step:
            return {name: self._at(name, step) for name in self._given}
        names = {name: self._at(name, step - 1) for name in self._given}
        names |= {primed(name): self._at(name, step) for name in self._problem.states}
        for marker in (v for v in self._formal[name] if v.startswith("@")):
            # A call on handles that the system has no action for never happens.
            taken = " ".join(self._is(way, step) for way in self._markers.get(marker, ()))
            names[marker] = f"(or false {taken})"
        return names
