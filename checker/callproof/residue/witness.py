"""Guessing a model before asking a solver: most satisfiable residues hold for values that look like real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from callproof.errors import InternalError
from callproof.expr import WORD_MAX, Kind
from callproof.residue.pool import ADD, AND, BITAND, CONST, DATA, EQ, ITE, NOT, SUB, ULT, Pool

_SIZE = 4096
_FIRST_ADDRESS = _STRIDE = 0x10_0000


def evaluate(pool: Pool, i: int, values: Mapping[int, int], memo: dict[int, int]) -> int:
    """The value of a formula over data alone; variables without a value are 0."""
    found = memo.get(i)
    if found is not None:
        return found
    op, args = pool.op[i], pool.args[i]
    if op == AND:
        found = 1
        for a in args:
            part = memo.get(a)
            if not (evaluate(pool, a, values, memo) if part is None else part):
                found = 0
                break
    elif op == NOT:
        found = 1 - evaluate(pool, args[0], values, memo)
    elif op == DATA:
        found = values.get(i, 0)
    elif op == CONST:
        found = args[0]
    elif op == ITE:
        found = evaluate(pool, args[1] if evaluate(pool, args[0], values, memo) else args[2], values, memo)
    else:
        a, b = evaluate(pool, args[0], values, memo), evaluate(pool, args[1], values, memo)
        found = _operate(op, a, b)
    memo[i] = found
    return found


def _operate(op: int, a: int, b: int) -> int:
    if op == EQ:
        return int(a == b)
    if op == ULT:
        return int(a < b)
    if op == ADD:
        return a + b & WORD_MAX
    if op == SUB:
        return a - b & WORD_MAX
    if op == BITAND:
        return a & b
    raise InternalError("a formula to evaluate depends on control state")


def satisfied(pool: Pool, formulas: Iterable[int], values: dict[int, int]) -> bool:
    """The values make every formula true."""
    memo: dict[int, int] = {}
    for f in formulas:  # noqa: SIM110 - a tenth of a check is spent here, and a generator costs as much again
        if not evaluate(pool, f, values, memo):
            return False
    return True


def typical(pool: Pool, formulas: Sequence[int]) -> dict[int, int]:
    """What the variables of some formulas often hold, but for what a formula says outright."""
    variables = sorted(frozenset().union(*(pool.data_of(f) for f in formulas)) if formulas else ())
    values = {v: _typical(pool, v, rank) for rank, v in enumerate(variables)}
    return values | forced(pool, formulas)


def forced(pool: Pool, formulas: Iterable[int]) -> dict[int, int]:
    """The values that conjuncts of the form `x = constant`, `x` or `not x` give their variables."""
    values: dict[int, int] = {}
    for f in formulas:
        for c in pool.conjuncts(f):
            values.update(_forced(pool, c))
    return values


def guess(pool: Pool, formulas: Sequence[int], hint: Mapping[int, int] | None = None) -> dict[int, int] | None:
    """Values that satisfy every formula, or None where two guesses do not; None proves nothing.

    `hint` holds values that satisfied a similar question, which are tried with typical ones for the rest.
    """
    if any(pool.mask[f] for f in formulas):
        return None
    values = typical(pool, formulas)
    if hint:
        known = values | {v: hint[v] for v in values if v in hint}
        if satisfied(pool, formulas, known):
            return known
    return values if satisfied(pool, formulas, values) else None


def _typical(pool: Pool, variable: int, rank: int) -> int:
    """What such a variable often holds: addresses far apart, equal sizes, one run in flight."""
    match pool.sort[variable].kind:
        case Kind.ADDRESS:
            return _FIRST_ADDRESS + rank * _STRIDE
        case Kind.SIZE:
            return _SIZE
        case Kind.NUMBER | Kind.BOOLEAN:
            return 1
        case Kind.ENUMERATION:
            return 0


def _forced(pool: Pool, c: int) -> dict[int, int]:
    """The value that a conjunct of the form `x = constant`, `x` or `not x` gives a variable."""
    if pool.op[c] == DATA:
        return {c: 1}
    if pool.op[c] == NOT and pool.op[pool.args[c][0]] == DATA:
        return {pool.args[c][0]: 0}
    if pool.op[c] == EQ:
        a, b = pool.args[c]
        for variable, other in ((a, b), (b, a)):
            value = pool.value(other)
            if pool.op[variable] == DATA and value is not None:
                return {variable: value}
    return {}
