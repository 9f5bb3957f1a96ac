"""Constructors of interned formulas, which fold: a table in which equal formulas have equal numbers.

A formula is a small integer here. Equal formulas have equal integers, so equal residues are found for nothing.
Only conjunction, negation and strict comparison are kept; the rest is rewritten into them, which lets `a` and
`not a` meet.
"""

from __future__ import annotations

from collections.abc import Iterable

from callproof.expr import BOOLEAN, WORD_MAX, Kind, Sort

CONST, CONTROL, DATA, NOT, AND, EQ, ULT, ITE, ADD, SUB, BITAND = range(11)

FALSE, TRUE = 0, 1
"""The integers of the two boolean constants, the same in every pool."""


class Folding:
    """A table of interned formulas over control variables (packed in one integer) and data variables."""

    UNORDERED = frozenset((AND, EQ))
    """Operators whose children stand in the order of their numbers."""

    def __init__(self) -> None:
        self.op: list[int] = []
        self.args: list[tuple[int, ...]] = []
        """Children; for CONST its value, for CONTROL its shift and mask, for DATA nothing."""
        self.sort: list[Sort] = []
        self.mask: list[int] = []
        """The bits of the packed control state on which the formula depends."""
        self.negation: list[int] = []
        """The negation of a formula if it is interned already, else -1."""
        self.name: dict[int, str] = {}
        self._is_clause: list[bool] = []
        """The formula is the negation of a conjunction."""
        # Kinds of formulas whose sort their children tell are found without it, which is faster by half.
        self._words: dict[tuple[int, tuple[int, ...], int], int] = {}
        self._sorts: dict[Sort, int] = {}
        self._sort_numbers: dict[int, tuple[int, Sort]] = {}
        """By identity, since hashing a sort hashes its members: its number, and itself so that it stays."""
        self._conjunctions: dict[tuple[int, ...], int] = {}
        self._together: dict[tuple[int, ...], int] = {}
        """What parts come to together: nine in ten conjunctions are asked for more than once."""
        self._comparisons: dict[tuple[int, int, int], int] = {}
        self._vars: dict[str, int] = {}
        self._cache: list[dict[int, int] | None] = []
        """For each formula that depends on control, its residues by the bits that it depends on."""
        self.const(BOOLEAN, 0)
        self.const(BOOLEAN, 1)
        self.negation[:] = TRUE, FALSE

    def __len__(self) -> int:
        return len(self.op)

    # -- leaves -------------------------------------------------------------------------------------------------

    def _word(self, op: int, args: tuple[int, ...], sort: Sort, mask: int) -> int:
        known = self._sort_numbers.get(id(sort))
        if known is None:
            known = self._sort_numbers[id(sort)] = (self._sorts.setdefault(sort, len(self._sorts)), sort)
        key = (op, args, known[0])
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = self._new(op, args, sort, mask)
        return found

    def _comparison(self, op: int, a: int, b: int) -> int:
        key = (op, a, b)
        found = self._comparisons.get(key)
        if found is None:
            found = self._comparisons[key] = self._new(op, (a, b), BOOLEAN, self.mask[a] | self.mask[b])
        return found

    def _new(self, op: int, args: tuple[int, ...], sort: Sort, mask: int) -> int:
        number = len(self.op)
        self.op.append(op)
        self.args.append(args)
        self.sort.append(sort)
        self.mask.append(mask)
        self.negation.append(-1)
        self._is_clause.append(op == NOT and self.op[args[0]] == AND)
        self._cache.append({} if mask else None)
        return number

    def const(self, sort: Sort, value: int) -> int:
        return self._word(CONST, (value,), sort, 0)

    def control(self, name: str, sort: Sort, shift: int, width: int) -> int:
        """A control variable that lies in the packed state at `shift`, `width` bits wide."""
        if name not in self._vars:
            number = self._new(CONTROL, (shift, (1 << width) - 1), sort, ((1 << width) - 1) << shift)
            self._vars[name] = number
            self.name[number] = name
        return self._vars[name]

    def data(self, name: str, sort: Sort) -> int:
        """A data variable: a state variable, a parameter, a result or an option left to the solver."""
        if name not in self._vars:
            number = len(self.op)
            self._vars[name] = self._new(DATA, (number,), sort, 0)
            self.name[number] = name
        return self._vars[name]

    def value(self, i: int) -> int | None:
        """The value of a constant, or None."""
        return self.args[i][0] if self.op[i] == CONST else None

    # -- constructors that fold ---------------------------------------------------------------------------------

    def not_(self, a: int) -> int:
        found = self.negation[a]
        if found < 0:
            found = self.negation[a] = self._new(NOT, (a,), BOOLEAN, self.mask[a])
            self.negation[found] = a
        return found

    def or_(self, parts: Iterable[int]) -> int:
        negation = self.negation
        return self.not_(self.and_([no if (no := negation[p]) >= 0 else self.not_(p) for p in parts]))

    def implies(self, premise: int, conclusion: int) -> int:
        return self.not_(self.and_((premise, self.not_(conclusion))))

    def and_(self, parts: Iterable[int]) -> int:
        key = tuple(parts)
        found = self._together.get(key)
        if found is None:
            found = self._together[key] = self._and(key)
        return found

    def conjuncts(self, i: int) -> tuple[int, ...]:
        """The members of a conjunction, or the formula itself; none for truth."""
        if i == TRUE:
            return ()
        return self.args[i] if self.op[i] == AND else (i,)

    def _and(self, parts: tuple[int, ...]) -> int:
        members: set[int] = set()
        stack = list(parts)
        while stack:
            p = stack.pop()
            if p == FALSE:
                return FALSE
            if p == TRUE or p in members:
                continue
            if self.op[p] == AND:
                stack.extend(self.args[p])
            else:
                members.add(p)
        return self._conjunction(members)

    def _conjunction(self, members: set[int]) -> int:
        """Unit resolution among the members, until nothing changes; then intern them in order."""
        negation, args, is_clause = self.negation, self.args, self._is_clause
        clauses = []
        for p in members:
            if negation[p] in members:
                return FALSE
            if is_clause[p]:
                clauses.append(p)
        changed = bool(clauses)
        while changed:
            changed = False
            for p in tuple(clauses):
                if p not in members:
                    continue
                literals, rest = args[args[p][0]], []
                for x in literals:
                    if x in members:
                        continue
                    if negation[x] in members:
                        members.discard(p)
                        break
                    rest.append(x)
                if p in members and len(rest) < len(literals):
                    members.discard(p)
                    for q in self.conjuncts(self.not_(self.and_(rest))):
                        if q == FALSE or negation[q] in members:
                            return FALSE
                        members.add(q)
                        if is_clause[q]:
                            clauses.append(q)
                    changed = True
        if not members:
            return TRUE
        if len(members) == 1:
            return members.pop()
        ordered = tuple(sorted(members))
        found = self._conjunctions.get(ordered)
        if found is None:
            mask = 0
            for p in ordered:
                mask |= self.mask[p]
            found = self._conjunctions[ordered] = self._new(AND, ordered, BOOLEAN, mask)
        return found

    def eq(self, a: int, b: int) -> int:
        if a == b:
            return TRUE
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return TRUE if x == y else FALSE
        if self.sort[a].kind is Kind.BOOLEAN:
            return self.and_((self.implies(a, b), self.implies(b, a)))
        if self.op[a] == ITE and (y is not None or self.sort[a].kind is Kind.ENUMERATION):
            return self._push_eq(a, b)
        if self.op[b] == ITE and (x is not None or self.sort[a].kind is Kind.ENUMERATION):
            return self._push_eq(b, a)
        first, second = (a, b) if a < b else (b, a)
        return self._comparison(EQ, first, second)

    def _push_eq(self, choice: int, b: int) -> int:
        cond, then, other = self.args[choice]
        return self.ite(cond, self.eq(then, b), self.eq(other, b))

    def ult(self, a: int, b: int) -> int:
        if a == b:
            return FALSE
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return TRUE if x < y else FALSE
        if y == 0 or x == self.sort[a].values - 1:
            return FALSE
        if x == 0:
            return self.not_(self.eq(a, b))
        if self.sort[a].kind is Kind.ENUMERATION:
            if self.op[a] == ITE:
                cond, then, other = self.args[a]
                return self.ite(cond, self.ult(then, b), self.ult(other, b))
            if self.op[b] == ITE:
                cond, then, other = self.args[b]
                return self.ite(cond, self.ult(a, then), self.ult(a, other))
        return self._comparison(ULT, a, b)

    def ule(self, a: int, b: int) -> int:
        return self.not_(self.ult(b, a))

    def ite(self, cond: int, then: int, other: int) -> int:
        if cond == TRUE or then == other:
            return then
        if cond == FALSE:
            return other
        sort = self.sort[then]
        if sort.kind is Kind.BOOLEAN:
            return self.and_((self.implies(cond, then), self.implies(self.not_(cond), other)))
        if self.op[cond] == NOT:
            cond, then, other = self.args[cond][0], other, then
        return self._word(ITE, (cond, then, other), sort, self.mask[cond] | self.mask[then] | self.mask[other])

    def word(self, op: int, sort: Sort, a: int, b: int) -> int:
        """ADD, SUB or BITAND modulo 2**64, as a value of `sort`."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.const(sort, (x + y, x - y, x & y)[op - ADD] & WORD_MAX)
        if (op == SUB and a == b) or (op == BITAND and y == 0):
            return self.const(sort, 0)
        if y == 0 and self.sort[a] == sort:
            return a
        if op == BITAND and y is not None and self.op[a] == BITAND and self.op[self.args[a][1]] == CONST:
            # What is masked twice is masked once: that a rounded value is a multiple need not be shown bit by bit.
            return self.word(BITAND, sort, self.args[a][0], self.const(sort, y & self.args[self.args[a][1]][0]))
        cond = self._common_choice(a, b)
        if cond is not None:
            (a1, a2), (b1, b2) = (self.args[i][1:] if self.op[i] == ITE else (i, i) for i in (a, b))
            return self.ite(cond, self.word(op, sort, a1, b1), self.word(op, sort, a2, b2))
        return self._word(op, (a, b), sort, self.mask[a] | self.mask[b])

    def _common_choice(self, a: int, b: int) -> int | None:
        """The condition on which both operands choose (or the one, where the other is a constant).

        The choice is then made outside the sum, so that the sum a choice leaves alone is the same term as before.
        """
        if self.op[a] == ITE and (self.op[b] == CONST or (self.op[b] == ITE and self.args[b][0] == self.args[a][0])):
            return self.args[a][0]
        return self.args[b][0] if self.op[b] == ITE and self.op[a] == CONST else None
