"""A flat system as constrained Horn clauses, for Z3's Spacer.

One relation holds of every state that calls can lead to. It is defined by a clause for the initial states and one for
each way in which each call can end, word for word from the specification's formulas: control and data alike, no
sequence graph, no residue, no invariants to begin with. An invariant is violated if the relation meets its negation.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import z3

from callproof.errors import UsageError
from callproof.expr import Node, Not, Sort
from callproof.model.clauses import Layer
from callproof.model.demands import demanded, demands
from callproof.model.system import Action, Outcome, Property, System, call_marker, primed
from callproof.symbolic.solver import Answer, Statistics
from callproof.symbolic.words import Unfit, Words


@dataclass(frozen=True, slots=True)
class Step:
    """One way in which a call can end."""

    action: Action
    own: dict[str, Sort]
    """Parameters and results, as they are called in the text."""
    guard: str
    """When it is possible, and what it assigns."""
    names: dict[str, str]
    """How the text calls each variable of the action's formulas."""


class Horn:
    """The clauses of one system in one layer, with words of `width` bits.

    Raises `UsageError` where a constant of the specification does not fit.
    """

    def __init__(self, system: System, layer: Layer, width: int) -> None:
        self._system, self._layer, self._words = system, layer, Words(width)
        self._sorts = {v.name: v.var.sort for v in system.variables} | {v.name: v.sort for v in system.options}
        self._before = {name: f"|{name}|" for name in self._sorts}
        self._states = [v.name for v in system.variables]
        self._after = {**self._before, **{name: f"|{primed(name)}|" for name in self._states}}
        self._variables: dict[str, Sort] = {}
        for name, sort in self._sorts.items():
            self._variables[self._before[name]] = self._variables[self._after[name]] = sort
        self._steps = [self._step(action, outcome) for action in system.actions for outcome in action.outcomes]
        lines = [f"(declare-fun state ({self._domain()}) Bool)", self._start()]
        for step in self._steps:
            premises = f"{self._of(self._before)} {step.guard}"
            lines.append(f"(assert (forall ({self._bound(step.own)}) (=> (and {premises}) {self._of(self._after)})))")
        self._text = "\n".join(lines)

    # -- clauses ------------------------------------------------------------------------------------------------

    def _domain(self) -> str:
        return " ".join(self._words.sort(sort) for sort in self._sorts.values())

    def _of(self, names: dict[str, str]) -> str:
        return f"(state {' '.join(names.values())})"

    def _bound(self, own: dict[str, Sort]) -> str:
        return " ".join(f"({name} {self._words.sort(sort)})" for name, sort in {**self._variables, **own}.items())

    def _start(self) -> str:
        """Before any call every variable has its first value, and each option some value for good."""
        fixed = dict(self._system.fixed_options)
        given = []
        for name, sort in self._sorts.items():
            if name in self._states or name in fixed:
                given.append(f"(= {self._before[name]} {self._words.literal(sort, fixed.get(name, 0))})")
            else:
                given.append(self._words.in_range(sort, self._before[name]))
        names = " ".join(f"({self._before[name]} {self._words.sort(sort)})" for name, sort in self._sorts.items())
        return f"(assert (forall ({names}) (=> (and true {' '.join(given)}) {self._of(self._before)})))"

    def _step(self, action: Action, outcome: Outcome) -> Step:
        own = {p.var.name: p.var.sort for p in action.params} | {r.var.name: r.var.sort for r in action.results}
        names = {**self._before, **{name: f"|{name}|" for name in own}}
        needed = [*demands(action, self._layer), outcome.when]
        written = dict(outcome.writes)
        try:
            premises = [f"(= {self._after[n]} {self._before[n]})" for n in self._states if n not in written]
            premises += [text for name, sort in own.items() if (text := self._words.in_range(sort, names[name]))]
            premises += [f"(= {self._after[n]} {self._words.text([value], names)})" for n, value in outcome.writes]
            guard = self._words.shared(needed, premises, names)
        except Unfit as error:
            used = [(c.location, c.formula) for c in demanded(action, self._layer)]
            used += [(a.location, a.formula) for a in action.axioms]
            at = next((f"{place}: " for place, formula in used if not self._fits(formula, names)), "")
            raise UsageError(f"{at}{action.call}: {error}") from None
        return Step(action, {f"|{name}|": sort for name, sort in own.items()}, guard, names)

    def _fits(self, formula: Node, names: dict[str, str]) -> bool:
        try:
            self._words.text([formula], names)
        except Unfit:
            return False
        return True

    def _broken(self, prop: Property) -> Iterable[str]:
        """The clauses by which a violation of an invariant is derived."""
        try:
            if not prop.over_step:
                wrong = self._words.text([Not(prop.formula)], self._before)
                names = " ".join(f"({self._before[n]} {self._words.sort(s)})" for n, s in self._sorts.items())
                yield f"(assert (forall ({names}) (=> (and {self._of(self._before)} {wrong}) false)))"
                return
            for step in self._steps:
                seen = {**step.names, **{primed(n): self._after[n] for n in self._states}}
                for other in self._system.actions:
                    seen[call_marker(other.call, other.indices)] = "true" if other is step.action else "false"
                wrong = self._words.text([Not(prop.formula)], seen)
                premises = f"{self._of(self._before)} {step.guard} {wrong}"
                yield f"(assert (forall ({self._bound(step.own)}) (=> (and {premises}) false)))"
        except Unfit as error:
            raise UsageError(f"invariant {prop.id}: {error}") from None

    # -- answers ------------------------------------------------------------------------------------------------

    def text(self, props: Sequence[Property]) -> str:
        """The whole problem as SMT-LIB: satisfiable if none of the invariants can be violated."""
        return "\n".join(["(set-logic HORN)", self._text, *(c for prop in props for c in self._broken(prop))])

    def holds(self, props: Sequence[Property], budget: int, statistics: Statistics) -> Answer:
        """UNSAT if some call sequence, of whatever length, breaks one of the invariants; SAT if none does."""
        started = time.perf_counter()
        solver = z3.SolverFor("HORN")
        solver.set("rlimit", budget)
        solver.from_string(self.text(props))
        answer = solver.check()
        statistics.calls += 1
        statistics.seconds += time.perf_counter() - started
        if answer == z3.unknown and "interrupted" in solver.reason_unknown():
            raise KeyboardInterrupt
        if answer == z3.sat:
            return Answer.SAT
        return Answer.UNSAT if answer == z3.unsat else Answer.UNKNOWN
