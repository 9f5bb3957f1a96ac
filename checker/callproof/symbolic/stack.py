"""One solver for a sequence that grows and shrinks: assertions are pushed with each call and popped with it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import z3

from callproof.residue.pool import FALSE, TRUE, Pool
from callproof.symbolic.smtlib import script
from callproof.symbolic.solver import Answer, Statistics


class Stack:
    """Assertions over one pool in levels. A check that exceeds `budget` (Z3 `rlimit` units) is `UNKNOWN`."""

    def __init__(self, pool: Pool, budget: int, statistics: Statistics) -> None:
        self._pool, self._budget, self._statistics = pool, budget, statistics
        self._solver = z3.SolverFor("QF_BV")
        self._solver.set("rlimit", budget)

    def push(self, formulas: Sequence[int]) -> None:
        """A new level with some assertions."""
        started = time.perf_counter()
        self._solver.push()
        asserted = [f for f in formulas if f != TRUE]
        if FALSE in asserted:
            self._solver.add(z3.BoolVal(False))
        elif asserted:
            self._solver.add(*z3.parse_smt2_string(script(self._pool, asserted)))
        self._statistics.seconds += time.perf_counter() - started

    def pop(self) -> None:
        """The last level goes away."""
        self._solver.pop()

    def check(self) -> Answer:
        """Do all levels have values together?"""
        started = time.perf_counter()
        answer = self._solver.check()
        self._statistics.queries += 1
        self._statistics.calls += 1
        self._statistics.seconds += time.perf_counter() - started
        if answer == z3.sat:
            return Answer.SAT
        if answer == z3.unknown and "interrupted" in self._solver.reason_unknown():
            raise KeyboardInterrupt
        return Answer.UNSAT if answer == z3.unsat else Answer.UNKNOWN
