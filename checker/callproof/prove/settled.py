"""Values for a path that depend on the path alone, and not on what was solved before it.

A pool numbers formulas in the order in which it meets them, and guesses and models follow these numbers. So the path's
formulas are written once more into a pool of their own, in an order that only they decide: whoever solves the path, and
after whatever else, shows the same trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from callproof.residue import TRUE
from callproof.residue.digest import Digests
from callproof.residue.pool import ADD, AND, BITAND, CONST, DATA, EQ, ITE, NOT, SUB, ULT, Pool
from callproof.residue.witness import guess, satisfied
from callproof.symbolic import Answer, Solver


def settle(
    pool: Pool,
    formulas: Sequence[int],
    nice: Mapping[int, int],
    small: Callable[[Pool, int], int],
    digests: Digests,
    budget: int,
) -> dict[int, int] | None:
    """Values of the variables that the formulas mention; None where the budget does not suffice.

    `nice` gives values to try first, for the variables in an order that depends on the path alone; `small` a formula
    that keeps a variable's value readable.
    """
    copy = _Copy(pool, digests)
    variables = {v: copy.of(v) for v in nice}
    asked = [copy.of(f) for f in sorted(formulas, key=digests.of)]
    wanted = {variables[v]: value for v, value in nice.items()}
    values = _values(copy.target, asked, wanted, small, budget)
    return None if values is None else {v: values.get(there, wanted[there]) for v, there in variables.items()}


def _values(
    pool: Pool, asked: list[int], nice: dict[int, int], small: Callable[[Pool, int], int], budget: int
) -> dict[int, int] | None:
    if satisfied(pool, asked, nice):
        return nice
    guessed = guess(pool, asked)
    if guessed is not None:
        return guessed
    mentioned = {v for f in asked for v in pool.data_of(f)}
    bounds = [bound for v in sorted(mentioned) if (bound := small(pool, v)) != TRUE]
    solver = Solver(pool, budget)
    for formulas in ([*asked, *bounds], asked):
        answer, values = solver.model(formulas, by_order=False)
        if answer is Answer.SAT:
            return values
    return None


class _Copy:
    """Formulas over data of one pool written into another."""

    def __init__(self, source: Pool, digests: Digests) -> None:
        self.target, self._source, self._digests = Pool(), source, digests
        self._made: dict[int, int] = {}

    def of(self, i: int) -> int:
        """The formula's number in the other pool."""
        found = self._made.get(i)
        if found is None:
            found = self._made[i] = self._copied(i)
        return found

    def _copied(self, i: int) -> int:
        source, target = self._source, self.target
        op, args, sort = source.op[i], source.args[i], source.sort[i]
        if op == CONST:
            return target.const(sort, args[0])
        if op == DATA:
            return target.data(source.name[i], sort)
        children = [self.of(a) for a in (sorted(args, key=self._digests.of) if op in Pool.UNORDERED else args)]
        if op == NOT:
            return target.not_(children[0])
        if op == AND:
            return target.and_(children)
        if op in (EQ, ULT):
            return (target.eq if op == EQ else target.ult)(*children)
        if op == ITE:
            return target.ite(*children)
        assert op in (ADD, SUB, BITAND)
        return target.word(op, sort, *children)
