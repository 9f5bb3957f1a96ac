"""Formulas as SMT-LIB text straight from the specification's nodes, with words of any width.

Nothing is folded or split on the way: what reads this text is independent of the interned formulas of `residue`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callproof.expr import (
    BOOLEAN,
    Add,
    And,
    BitAnd,
    Const,
    Eq,
    Ite,
    Kind,
    Node,
    Not,
    Or,
    Sort,
    Sub,
    Ule,
    Ult,
    Var,
    children,
)

_BINARY: dict[type, str] = {Eq: "=", Ult: "bvult", Ule: "bvule", Add: "bvadd", Sub: "bvsub", BitAnd: "bvand"}


class Unfit(Exception):
    """A constant that has no value in words of the width."""

    def __init__(self, value: int, width: int) -> None:
        self.value, self.width = value, width
        super().__init__(f"the constant {value} does not fit words of {width} bits; it needs {value.bit_length()}")


class Words:
    """Writes formulas with words of one width."""

    def __init__(self, width: int) -> None:
        self.width = width

    def bits(self, sort: Sort) -> int:
        """The width of a value; enumerations are as wide as their members need."""
        return self.width if sort.is_word else max(1, (sort.values - 1).bit_length())

    def sort(self, sort: Sort) -> str:
        """A sort as SMT-LIB text."""
        return "Bool" if sort == BOOLEAN else f"(_ BitVec {self.bits(sort)})"

    def literal(self, sort: Sort, value: int) -> str:
        """A constant; raises `Unfit` where there is none such."""
        if sort == BOOLEAN:
            return "true" if value else "false"
        if value >> self.bits(sort):
            raise Unfit(value, self.width)
        return f"(_ bv{value} {self.bits(sort)})"

    def in_range(self, sort: Sort, name: str) -> str:
        """A value is a member of its enumeration; empty where each value is one."""
        if sort.kind is not Kind.ENUMERATION or sort.values == 1 << self.bits(sort):
            return ""
        return f"(bvule {name} {self.literal(sort, sort.values - 1)})"

    def text(self, parts: Sequence[Node], names: Mapping[str, str]) -> str:
        """The conjunction of some formulas; `names` says what each variable is called.

        What is used twice is bound by a `let`, the inner ones first.
        """
        return self.shared([*parts], [], names)

    def shared(self, parts: Sequence[Node], literal: Sequence[str], names: Mapping[str, str]) -> str:
        """As `text`, with further conjuncts that are text already."""
        order: list[Node] = []
        uses: dict[int, int] = {}
        for part in parts:
            self._order(part, order, uses)
        texts: dict[int, str] = {}
        lets: list[tuple[str, str]] = []
        for node in order:
            made = self._one(node, texts, names)
            if uses[id(node)] > 1 and not isinstance(node, Const | Var):
                lets.append((f"?{len(lets)}", made))  # the name of no variable
                made = lets[-1][0]
            texts[id(node)] = made
        whole = _junction("and", [*(texts[id(part)] for part in parts), *literal], "true")
        for name, made in reversed(lets):
            whole = f"(let (({name} {made})) {whole})"
        return whole

    def _order(self, root: Node, order: list[Node], uses: dict[int, int]) -> None:
        """Subformulas before what they are part of, each once; and how often each is used."""
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
                continue
            uses[id(node)] = uses.get(id(node), 0) + 1
            if uses[id(node)] == 1:
                stack.append((node, True))
                stack.extend((part, False) for part in reversed(children(node)))

    def _one(self, node: Node, texts: Mapping[int, str], names: Mapping[str, str]) -> str:
        args = [texts[id(part)] for part in children(node)]
        match node:
            case Const(sort, value):
                return self.literal(sort, value)
            case Var(_, name):
                return names[name]
            case Not():
                return f"(not {args[0]})"
            case And():
                return _junction("and", args, "true")
            case Or():
                return _junction("or", args, "false")
            case Ite():
                return f"(ite {' '.join(args)})"
            case Eq() | Ult() | Ule() | Add() | Sub() | BitAnd():
                return f"({_BINARY[type(node)]} {' '.join(args)})"


def _junction(operator: str, parts: Sequence[str], neutral: str) -> str:
    return parts[0] if len(parts) == 1 else f"({operator} {' '.join(parts)})" if parts else neutral
