"""Questions of order alone, put to one Z3 solver after another: what it has read once it need not read again.

The formulas are read over integers, with every sum, difference and bitwise term an unknown of its own. Each model of
the formulas is one of these, so where these have none they have none. What is decided by order alone (most of what is
said of regions) is decided here at once; SAT is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from callproof.expr import Kind
from callproof.residue.pool import ADD, AND, BITAND, CONST, CONTROL, DATA, EQ, ITE, NOT, SUB, ULT, Pool

FORMULAS = 600
"""Formulas that a solver holds before the next one begins anew: those that no switch turns on cost time as well."""


class OrderTerms:
    """Formulas of one pool as Z3's terms, each built once, by the functions beneath Z3's Python classes.

    Those classes look at each operand again, and reading text takes as long as an answer.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._context = z3.main_ctx()
        self._ref = self._context.ref()
        self._made: dict[int, z3.ExprRef] = {}
        self._words: dict[int, frozenset[int]] = {}
        self._limits: dict[int, z3.BoolRef] = {}
        self._switches: dict[int, z3.BoolRef] = {}
        self._int, self._bool = z3.IntSort(), z3.BoolSort()

    def of(self, i: int) -> z3.ExprRef:
        """The term of a formula."""
        found = self._made.get(i)
        if found is None:
            found = self._made[i] = self._make(i)
        return found

    def words(self, i: int) -> frozenset[int]:
        """The unknown integers of a formula."""
        found = self._words.get(i)
        if found is None:
            if self._is_unknown(i):
                found = frozenset((i,))
            elif self._pool.op[i] in (CONST, CONTROL, DATA):
                found = frozenset()
            else:
                found = frozenset().union(*map(self.words, self._pool.args[i]))
            self._words[i] = found
        return found

    def limits(self, i: int) -> z3.BoolRef:
        """An unknown integer is in the range of its sort."""
        found = self._limits.get(i)
        if found is None:
            term = self.of(i)
            found = self._limits[i] = z3.And(term >= 0, term <= self._pool.sort[i].values - 1)
        return found

    def switch(self, i: int) -> z3.BoolRef:
        """What turns a formula on."""
        found = self._switches.get(i)
        if found is None:
            found = self._switches[i] = z3.Bool(f"a{i}")
        return found

    def switched(self, i: int) -> z3.BoolRef:
        """The formula where its switch is on."""
        return self._bool_ref(z3.Z3_mk_implies(self._ref, self.switch(i).as_ast(), self.of(i).as_ast()))

    def _is_unknown(self, i: int) -> bool:
        pool = self._pool
        return pool.op[i] in (DATA, CONTROL, ADD, SUB, BITAND) and pool.sort[i].kind is not Kind.BOOLEAN

    def _bool_ref(self, ast: z3.Ast) -> z3.BoolRef:
        return z3.BoolRef(ast, self._context)

    def _make(self, i: int) -> z3.ExprRef:
        pool, ref = self._pool, self._ref
        op, args = pool.op[i], pool.args[i]
        boolean = pool.sort[i].kind is Kind.BOOLEAN
        if op == CONST:
            return z3.BoolVal(bool(args[0])) if boolean else z3.IntVal(args[0])
        if self._is_unknown(i):
            return z3.Int(f"o{i}")
        if op in (DATA, CONTROL):
            return z3.Bool(f"o{i}")
        terms = [self.of(a).as_ast() for a in args]
        if op == NOT:
            return self._bool_ref(z3.Z3_mk_not(ref, terms[0]))
        if op == AND:
            return self._bool_ref(z3.Z3_mk_and(ref, len(terms), (z3.Ast * len(terms))(*terms)))
        if op == EQ:
            return self._bool_ref(z3.Z3_mk_eq(ref, terms[0], terms[1]))
        if op == ULT:
            return self._bool_ref(z3.Z3_mk_lt(ref, terms[0], terms[1]))
        assert op == ITE
        kind = z3.BoolRef if boolean else z3.ArithRef
        return kind(z3.Z3_mk_ite(ref, terms[0], terms[1], terms[2]), self._context)


class OrderSolver:
    """Formulas of one pool, each under a switch that a question turns on."""

    def __init__(self, terms: OrderTerms, budget: int) -> None:
        self._terms, self._budget = terms, budget
        self._begin()

    def _begin(self) -> None:
        self.solver = z3.SimpleSolver()
        self.solver.set("rlimit", self._budget)
        # What is asked here are differences, for which this is the theory solver with the least to set up.
        self.solver.set("arith.solver", 1)
        self._read: set[int] = set()
        self._limited: set[int] = set()

    def switches(self, formulas: Sequence[int]) -> list[z3.BoolRef]:
        """Have the solver read what it does not know, and return what turns each formula on."""
        unread = [f for f in formulas if f not in self._read]
        if unread and len(self._read) + len(unread) > FORMULAS:
            self._begin()
            unread = list(formulas)
        terms = self._terms
        for f in unread:
            for word in sorted(terms.words(f) - self._limited):
                self._limited.add(word)
                self._assert(terms.limits(word))
            self._assert(terms.switched(f))
        self._read.update(unread)
        return [terms.switch(f) for f in formulas]

    def _assert(self, formula: z3.BoolRef) -> None:
        z3.Z3_solver_assert(formula.ctx.ref(), self.solver.solver, formula.as_ast())
