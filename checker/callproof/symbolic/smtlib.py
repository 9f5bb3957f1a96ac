"""Formulas as SMT-LIB 2.6 text: the one translation for solvers."""

from __future__ import annotations

from collections.abc import Sequence

from callproof.errors import InternalError
from callproof.expr import BOOLEAN, WORD_BITS, Kind, Sort
from callproof.residue.pool import ADD, AND, BITAND, CONST, CONTROL, DATA, EQ, FALSE, ITE, NOT, SUB, TRUE, ULT, Pool

ENUM_BITS = 8
"""The width of an enumeration value: a specification's enumerations have at most 256 members."""

_OPERATORS = {NOT: "not", AND: "and", EQ: "=", ULT: "bvult", ITE: "ite", ADD: "bvadd", SUB: "bvsub", BITAND: "bvand"}


def symbol(name: str) -> str:
    """A variable's name as an SMT-LIB symbol."""
    return f"|{name}|"


def sort_text(sort: Sort) -> str:
    """A sort as SMT-LIB text."""
    if sort == BOOLEAN:
        return "Bool"
    return f"(_ BitVec {WORD_BITS if sort.is_word else ENUM_BITS})"


def literal(sort: Sort, value: int) -> str:
    """A constant as SMT-LIB text."""
    if sort == BOOLEAN:
        return "true" if value else "false"
    return f"#x{value:0{(WORD_BITS if sort.is_word else ENUM_BITS) // 4}x}"


class Script:
    """Assertions over one pool as text: declarations first, then a definition for each shared subformula."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.declarations: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._lines: list[str] = []

    def add(self, formulas: Sequence[int]) -> None:
        """Assert each formula."""
        uses: dict[int, int] = {}
        for f in formulas:
            self._count(f, uses)
        for f in formulas:
            text = self._text(f, uses)
            self._lines.append(f"(assert {text})")

    def _count(self, i: int, uses: dict[int, int]) -> None:
        uses[i] = uses.get(i, 0) + 1
        if uses[i] == 1 and self._pool.op[i] not in (CONST, DATA, CONTROL):
            for a in self._pool.args[i]:
                self._count(a, uses)

    def _text(self, i: int, uses: dict[int, int]) -> str:
        found = self._texts.get(i)
        if found is not None:
            return found
        pool, op = self._pool, self._pool.op[i]
        if op == CONST:
            text = literal(pool.sort[i], pool.args[i][0])
        elif op in (DATA, CONTROL):
            text = symbol(pool.name[i])
            self.declarations[i] = f"(declare-const {text} {sort_text(pool.sort[i])})"
            if pool.sort[i].kind is Kind.ENUMERATION:
                last = literal(pool.sort[i], pool.sort[i].values - 1)
                self.declarations[i] += f"(assert (bvule {text} {last}))"
        elif op in _OPERATORS:
            text = f"({_OPERATORS[op]} {' '.join([self._text(a, uses) for a in pool.args[i]])})"
            if uses.get(i, 0) > 1:
                self._lines.append(f"(define-fun s{i} () {self._sort(i)} {text})")
                text = f"s{i}"
        else:
            raise InternalError(f"no SMT-LIB operator for node kind {op}")
        self._texts[i] = text
        return text

    def _sort(self, i: int) -> str:
        return sort_text(self._pool.sort[i])

    def text(self) -> str:
        """The whole script, without `check-sat`."""
        return "\n".join([*self.declarations.values(), *self._lines])


def script(pool: Pool, formulas: Sequence[int]) -> str:
    """Formulas, asserted together, as one script."""
    made = Script(pool)
    made.add([f for f in formulas if f != TRUE])
    if FALSE in formulas:
        return "(assert false)"
    return made.text()
