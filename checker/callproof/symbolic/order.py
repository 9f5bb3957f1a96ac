"""Questions of order alone, put to one Z3 solver after another: what it has read once it need not read again."""

from __future__ import annotations

from collections.abc import Sequence

import z3

from callproof.residue.pool import Pool
from callproof.symbolic.smtlib import OrderScript

FORMULAS = 200
"""Formulas that a solver holds before the next one begins anew: those that no switch turns on cost time as well."""


class OrderSolver:
    """Formulas of one pool over integers (see `OrderScript`), each under a switch that a question turns on."""

    def __init__(self, pool: Pool, budget: int) -> None:
        self._pool, self._budget = pool, budget
        self._begin()

    def _begin(self) -> None:
        self.solver = z3.SimpleSolver()
        self.solver.set("rlimit", self._budget)
        # What is asked here are differences, for which this is the theory solver with the least to set up.
        self.solver.set("arith.solver", 1)
        self._script = OrderScript(self._pool)
        self._switches: dict[int, z3.BoolRef] = {}

    def switches(self, formulas: Sequence[int]) -> list[z3.BoolRef]:
        """Have the solver read what it does not know, and return what turns each formula on."""
        unread = [f for f in formulas if f not in self._switches]
        if unread and len(self._switches) + len(unread) > FORMULAS:
            self._begin()
            unread = list(formulas)
        if unread:
            names = self._script.add_switched(unread)
            self.solver.from_string(self._script.take())
            self._switches.update(zip(unread, map(z3.Bool, names), strict=True))
        return [self._switches[f] for f in formulas]
