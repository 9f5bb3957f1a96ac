"""A flat system as constrained Horn clauses, for Z3's Spacer.

One relation holds of every state that calls can lead to. It is defined by a clause for the initial states and one for
each way in which each call can end, word for word from the specification's formulas: control and data alike, no
sequence graph, no residue, no invariants to begin with. An invariant is violated if the relation meets its negation.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import z3

from callproof.errors import Location, UsageError
from callproof.expr import Const, Eq, Node, Not, Or, Sort
from callproof.model.clauses import Layer
from callproof.model.system import Action, Outcome, Property, System, call_marker, primed
from callproof.symbolic.solver import Answer, Statistics
from callproof.symbolic.words import Unfit, Words


class Horn:
    """The clauses of one system in one layer, with words of `width` bits.

    Raises `UsageError` where a constant of the specification does not fit.
    """

    def __init__(self, system: System, layer: Layer, width: int) -> None:
        self._system, self._layer, self._words = system, layer, Words(width)
        self._sorts = {v.name: v.var.sort for v in system.variables} | {v.name: v.sort for v in system.options}
        self._before = {name: f"|{name}|" for name in self._sorts}
        self._after = {name: f"|{primed(name)}|" if self._is_state(name) else f"|{name}|" for name in self._sorts}
        self._variables: dict[str, Sort] = {}
        for name, sort in self._sorts.items():
            self._variables[self._before[name]] = self._variables[self._after[name]] = sort
        self._steps = [self._step(action, outcome) for action in system.actions for outcome in action.outcomes]
        self._text = "\n".join([f"(declare-fun state ({self._domain()}) Bool)", self._start()])
        self._text += "\n" + "\n".join(
            f"(assert (forall ({self._bound(own)}) (=> (and {self._of(self._before)} {guard}) {self._of(self._after)})))"
            for _, own, guard, _ in self._steps
        )

    def _is_state(self, name: str) -> bool:
        return not name.startswith("option:")

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
            if self._is_state(name) or name in fixed:
                given.append(f"(= {self._before[name]} {self._words.literal(sort, fixed.get(name, 0))})")
            else:
                given.append(self._words.in_range(sort, self._before[name]))
        names = " ".join(f"({self._before[name]} {self._words.sort(sort)})" for name, sort in self._sorts.items())
        return f"(assert (forall ({names}) (=> (and true {' '.join(given)}) {self._of(self._before)})))"

    def _step(self, action: Action, outcome: Outcome) -> tuple[Action, dict[str, Sort], str, dict[str, str]]:
        """A call, the variables of its own, when it is accepted and what it assigns, and what each name stands for."""
        own = {p.var.name: p.var.sort for p in action.params} | {r.var.name: r.var.sort for r in action.results}
        names = {**self._before, **{name: f"|{name}|" for name in own}}
        demands: list[Node] = [c.formula for c in action.clauses if c.origin in self._layer.origins]
        demands += [axiom.formula for axiom in action.axioms]
        demands.append(outcome.when)
        # A result that does not exist is 0, as it is where a trace is replayed.
        demands += [Or((r.when, Eq(r.var, Const(r.var.sort, 0)))) for r in action.results]
        place = next((use.location for use in action.clauses), Location(self._system.spec, 0))
        try:
            written = dict(outcome.writes)
            kept = [
                f"(= {self._after[n]} {self._before[n]})" for n in self._sorts if self._is_state(n) and n not in written
            ]
            kept += [self._words.in_range(sort, names[name]) for name, sort in own.items()]
            made = [f"(= {self._after[name]} {self._words.text([value], names)})" for name, value in outcome.writes]
            guard = self._words.shared(demands, [text for text in (*kept, *made) if text], names)
        except Unfit as error:
            raise UsageError(f"{place}: {action.call}: {error}") from None
        return action, {f"|{name}|": sort for name, sort in own.items()}, guard, names

    def _broken(self, prop: Property) -> Iterable[str]:
        """The clauses by which a violation of an invariant is derived."""
        try:
            if not prop.over_step:
                wrong = self._words.text([Not(prop.formula)], self._before)
                names = " ".join(f"({self._before[n]} {self._words.sort(s)})" for n, s in self._sorts.items())
                yield f"(assert (forall ({names}) (=> (and {self._of(self._before)} {wrong}) false)))"
                return
            for action, own, guard, names in self._steps:
                seen = {**names, **{primed(n): self._after[n] for n in self._sorts if self._is_state(n)}}
                for other in self._system.actions:
                    seen[call_marker(other.call, other.indices)] = "true" if other is action else "false"
                wrong = self._words.text([Not(prop.formula)], seen)
                premises = f"{self._of(self._before)} {guard} {wrong}"
                yield f"(assert (forall ({self._bound(own)}) (=> (and {premises}) false)))"
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
