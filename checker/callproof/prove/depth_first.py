"""The bounded engine `paths`: every feasible call sequence up to a length, depth first, on one incremental solver.

It knows no induction. Sequences are tried in order of length, so that the first that breaks an invariant is shortest.
Two kinds of sequence are left out, of which a shorter one breaks what they break: those with a call before the last
that changes nothing, and those whose last call leaves an invariant's formula as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callproof.graph import Stepper
from callproof.model.clauses import Layer
from callproof.prove.paths import Paths, Prefix
from callproof.residue import FALSE, TRUE, Model, Move
from callproof.symbolic import Answer, Stack
from callproof.trace import Trace

STACK_BUDGET = 300_000
"""Z3 resource units for one check of the incremental solver; what it leaves open is asked once more by itself."""
CALL_LIMIT = 100_000
"""Calls tried behind some sequence, after which the search ends with the length that it has completed."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """What the sequences up to a length show."""

    found: dict[int, Trace]
    """Property -> its shortest counterexample."""
    completed: dict[int, int]
    """Property without one -> the length up to which no sequence breaks it."""
    reason: str = ""
    """Why that is less than was asked for."""


class _Ended(Exception):
    """As many calls were tried as may be."""


class DepthFirst:
    """One search on one system in one layer."""

    def __init__(self, model: Model, layer: Layer, paths: Paths, tick: Callable[[int], None]) -> None:
        self._model, self._paths, self._tick = model, paths, tick
        self._stepper = Stepper(model, layer, lambda residue: paths.solver.check([residue]) is not Answer.UNSAT)
        self._stack = Stack(model.pool, min(STACK_BUDGET, paths.solver.budget), paths.solver.statistics)
        self._edges: dict[int, tuple[tuple[int, int, int], ...]] = {}
        self._formulas: dict[tuple[int, int], int] = {}
        self._before: dict[int, int] = {}
        self._found: dict[int, Trace] = {}
        self._unsure: dict[int, int] = {}
        self._open: list[int] = []
        self._breakable: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._calls = 0
        self._limit = CALL_LIMIT

    def run(self, props: Sequence[int], bound: int, limit: int = CALL_LIMIT) -> Bounded:
        """Try every sequence of 0, 1, ... `bound` calls, as far as `limit` calls go."""
        self._open, self._limit = list(props), limit
        done, reason = -1, ""
        try:
            for length in range(bound + 1):
                self._tick(length)
                if length:
                    self._visit(self._paths.start, length)
                else:
                    self._initially()
                done = length
                self._open = [p for p in self._open if p not in self._found]
                self._breakable.clear()
                if not self._open:
                    break
        except _Ended:
            reason = f"{limit:,} calls were tried before all sequences of {done + 1} were"
        completed = {p: min(done, self._unsure.get(p, done + 1) - 1) for p in props if p not in self._found}
        if self._unsure and not reason:
            reason = "the solver's budget ran out on some sequence"
        return Bounded(self._found, completed, reason)

    def _initially(self) -> None:
        model = self._model
        for prop in self._open:
            property_ = model.system.properties[prop]
            if property_.over_step:
                continue
            start = self._paths.start
            formula = self._before[prop] = model.state_formula(property_)
            broken = model.pool.not_(model.pool.substitute(model.pool.specialise(formula, 0), start.values, {}))
            if self._possible(prop, start, broken):
                self._found[prop] = self._trace(start, broken)

    def _visit(self, prefix: Prefix, left: int) -> None:
        """Every sequence that continues a prefix, whose constraints are on the stack, by exactly `left` calls."""
        for number, target, residue in self._leaving(prefix.state):
            self._calls += 1
            if self._calls > self._limit:
                raise _Ended
            move = self._model.moves[number]
            if left == 1:
                self._judge(prefix, move, target, residue)
                continue
            longer = self._paths.extend(prefix, move, target, residue)
            if target == prefix.state and longer.values == prefix.values:
                continue
            added = longer.constraints[len(prefix.constraints) :]
            self._stack.push(added)
            if not added or self._stack.check() is not Answer.UNSAT:
                self._visit(longer, left - 1)
            self._stack.pop()

    def _judge(self, prefix: Prefix, move: Move, target: int, residue: int) -> None:
        """The sequence of a prefix and one more call, for each invariant that is not violated yet."""
        longer = None
        for prop, after in self._breaking(prefix.state, move):
            if prop in self._found:
                continue
            broken = self._model.pool.not_(self._paths.behind(prefix, move, after))
            if broken == FALSE:
                continue
            longer = longer or self._paths.extend(prefix, move, target, residue)
            if self._possible(prop, longer, *longer.constraints[len(prefix.constraints) :], broken):
                self._found[prop] = self._trace(longer, broken)

    def _possible(self, prop: int, prefix: Prefix, *formulas: int) -> bool:
        """What is on the stack has values for which the last formulas of a prefix hold as well."""
        if FALSE in formulas:
            return False
        self._stack.push(formulas)
        answer = self._stack.check()
        self._stack.pop()
        if answer is Answer.UNKNOWN:
            answer = self._paths.solver.check([*prefix.constraints, *formulas])
        if answer is Answer.UNKNOWN:
            self._unsure.setdefault(prop, prefix.length)
        return answer is Answer.SAT

    def _breaking(self, state: int, move: Move) -> tuple[tuple[int, int], ...]:
        """The invariants that a call in a state may break, with what has to hold for them to hold behind it."""
        key = state, move.number
        found = self._breakable.get(key)
        if found is None:
            specialise = self._model.pool.specialise
            after = [(prop, specialise(self._after(prop, move), state)) for prop in self._open]
            found = self._breakable[key] = tuple(
                (prop, f)
                for prop, f in after
                if f != TRUE and not (prop in self._before and f == specialise(self._before[prop], state))
            )
        return found

    def _trace(self, prefix: Prefix, broken: int) -> Trace:
        return self._paths.trace(prefix, self._paths.solve(prefix, broken))

    def _after(self, prop: int, move: Move) -> int:
        key = prop, move.number
        found = self._formulas.get(key)
        if found is None:
            property_ = self._model.system.properties[prop]
            found = self._formulas[key] = self._model.after_formula(property_, move)
        return found

    def _leaving(self, state: int) -> tuple[tuple[int, int, int], ...]:
        found = self._edges.get(state)
        if found is None:
            found = self._edges[state] = tuple(self._stepper.successors(state))
        return found
