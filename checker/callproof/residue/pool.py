"""Interned formulas of a specification, and partial evaluation: with control fixed one is a residue over data."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.errors import InternalError
from callproof.expr import (
    Add,
    And,
    BitAnd,
    Const,
    Eq,
    Ite,
    Node,
    Not,
    Or,
    Sub,
    Ule,
    Ult,
    Var,
)
from callproof.residue.fold import (
    ADD,
    AND,
    BITAND,
    CONST,
    CONTROL,
    DATA,
    EQ,
    FALSE,
    ITE,
    NOT,
    SUB,
    TRUE,
    ULT,
    Folding,
)

__all__ = [
    "ADD",
    "AND",
    "BITAND",
    "CONST",
    "CONTROL",
    "DATA",
    "EQ",
    "FALSE",
    "ITE",
    "NOT",
    "SUB",
    "TRUE",
    "ULT",
    "Pool",
]


_WORDS: dict[type, int] = {Add: ADD, Sub: SUB, BitAnd: BITAND}


class Pool(Folding):
    """Interned formulas, and what is computed of them."""

    def __init__(self) -> None:
        super().__init__()
        self._data: dict[int, frozenset[int]] = {}
        self._sets: dict[frozenset[int], frozenset[int]] = {}
        """Each set of data variables once: many formulas mention the same ones."""

    # -- from formulas ------------------------------------------------------------------------------------------

    def intern(self, node: Node, env: Mapping[str, int], memo: dict[int, int] | None = None) -> int:
        """The formula `node` with each variable replaced by what `env` maps its name to.

        A variable that `env` lacks becomes a data variable of its own name. `memo` may be shared among calls with
        one `env` as long as the nodes live.
        """
        memo = {} if memo is None else memo
        found = memo.get(id(node))
        if found is None:
            found = memo[id(node)] = self._intern(node, env, memo)
        return found

    def _intern(self, node: Node, env: Mapping[str, int], memo: dict[int, int]) -> int:
        # The tests are of types and stand in the order of how often they hold: a check comes here 400,000 times.
        if type(node) is Var:
            known = env.get(node.name)
            return self.data(node.name, node.sort) if known is None else known
        if type(node) is And or type(node) is Or:
            parts = []
            for a in node.args:
                found = memo.get(id(a))
                if found is None:
                    found = memo[id(a)] = self._intern(a, env, memo)
                parts.append(found)
            return self.and_(parts) if type(node) is And else self.or_(parts)
        if type(node) is Not:
            return self.not_(self.intern(node.arg, env, memo))
        if type(node) is Const:
            return self.const(node.sort, node.value)
        if type(node) is Ite:
            cond, then, other = node.cond, node.then, node.other
            return self.ite(self.intern(cond, env, memo), self.intern(then, env, memo), self.intern(other, env, memo))
        left, right = self.intern(node.left, env, memo), self.intern(node.right, env, memo)
        if type(node) is Eq:
            return self.eq(left, right)
        if type(node) is Ule:
            return self.ule(left, right)
        if type(node) is Ult:
            return self.ult(left, right)
        return self.word(_WORDS[type(node)], node.sort, left, right)

    # -- partial evaluation -------------------------------------------------------------------------------------

    def specialise(self, i: int, state: int) -> int:
        """The residue of a formula in a packed control state."""
        cache = self._cache[i]
        if cache is None:
            return i
        key = state & self.mask[i]
        found = cache.get(key)
        if found is None:
            found = cache[key] = self._specialise(i, state)
        return found

    def _specialise(self, i: int, state: int) -> int:
        op, args = self.op[i], self.args[i]
        if op == NOT:
            return self.not_(self.specialise(args[0], state))
        if op == AND:
            parts = []
            for a in args:
                part = self.specialise(a, state)
                if part == FALSE:
                    return FALSE
                if part != TRUE:
                    parts.append(part)
            return self.and_(parts)
        if op == CONTROL:
            return self.const(self.sort[i], (state >> args[0]) & args[1])
        if op == ITE:
            cond = self.specialise(args[0], state)
            if cond <= TRUE:
                return self.specialise(args[1] if cond == TRUE else args[2], state)
            return self.ite(cond, self.specialise(args[1], state), self.specialise(args[2], state))
        return self._rebuild(i, op, self.specialise(args[0], state), self.specialise(args[1], state))

    def _rebuild(self, i: int, op: int, left: int, right: int) -> int:
        """The comparison or word `i` with other operands."""
        if op == ULT:
            return self.ult(left, right)
        if op == EQ:
            return self.eq(left, right)
        if op in (ADD, SUB, BITAND):
            return self.word(op, self.sort[i], left, right)
        raise InternalError(f"formula {i} has no operands to replace")

    def substitute(self, i: int, mapping: Mapping[int, int], memo: dict[int, int]) -> int:
        """The formula with variables replaced. `memo` may be shared among calls with one mapping."""
        found = memo.get(i)
        if found is None:
            found = memo[i] = self._substitute(i, mapping, memo)
        return found

    def _substitute(self, i: int, mapping: Mapping[int, int], memo: dict[int, int]) -> int:
        op, args = self.op[i], self.args[i]
        if op == NOT:
            return self.not_(self.substitute(args[0], mapping, memo))
        if op == AND:
            return self.and_([self.substitute(a, mapping, memo) for a in args])
        if op in (CONTROL, DATA):
            return mapping.get(i, i)
        if op == CONST:
            return i
        if op == ITE:
            return self.ite(*[self.substitute(a, mapping, memo) for a in args])
        return self._rebuild(i, op, self.substitute(args[0], mapping, memo), self.substitute(args[1], mapping, memo))

    # -- questions ----------------------------------------------------------------------------------------------

    def data_of(self, i: int) -> frozenset[int]:
        """The data variables that a formula mentions."""
        found = self._data.get(i)
        if found is None:
            if self.op[i] == DATA:
                found = frozenset((i,))
            elif self.op[i] in (CONST, CONTROL):
                found = frozenset()
            else:
                found = frozenset().union(*(self.data_of(a) for a in self.args[i]))
            found = self._data[i] = self._sets.setdefault(found, found)
        return found
