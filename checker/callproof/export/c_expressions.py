"""Formulas as C over a struct of state variables and one of what a call was given; words are `uint64_t`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

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
    Sort,
    Sub,
    Ule,
    Ult,
    Var,
    children,
)

_BINARY: Mapping[type[Node], str] = {Eq: "==", Ult: "<", Ule: "<=", Add: "+", Sub: "-", BitAnd: "&"}
_RESERVED = frozenset({
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed",
    "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "main",
})  # fmt: skip
_DEEP = 12
"""Nesting past which an expression gets a name."""


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """A C identifier for each name, no two alike: `graphs_1_phase` for `graphs[1].phase`."""
    found: dict[str, str] = {}
    taken = set(_RESERVED)
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "x"
        if plain[0].isdigit():
            plain = f"x{plain}"
        made, more = plain, 1
        while made in taken:
            more += 1
            made = f"{plain}_{more}"
        taken.add(made)
        found[name] = made
    return found


def c_type(sort: Sort) -> str:
    """The type of a value: enumerations have at most 256 members."""
    return "uint64_t" if sort.is_word else "uint8_t"


def literal(sort: Sort, value: int) -> str:
    """A constant."""
    return f"UINT64_C({value if value < 4096 else hex(value)})" if sort.is_word else str(value)


def comment(text: str) -> str:
    """Text for inside a comment, which it cannot end."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def quoted(text: str) -> str:
    """A string literal."""
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?%' else f"\\{byte:03o}" for byte in text.encode()
    )
    return f'"{escaped}"'


class Expressions:
    """Writes formulas; `place` gives the C expression of a variable. What is used twice is computed once."""

    def __init__(self, place: Callable[[str], str]) -> None:
        self._place = place
        self.lines: list[str] = []
        """The declarations that the expressions need before them."""
        self._made: dict[int, tuple[str, int]] = {}
        self._kept: list[Node] = []  # nodes are told apart by where they lie in memory

    def of(self, roots: Sequence[Node]) -> list[str]:
        """An expression for each formula."""
        self._kept += roots
        order: list[Node] = []
        uses: dict[int, int] = {}
        for root in roots:
            _ordered(root, order, uses)
        for node in order:
            if id(node) not in self._made:
                self._make(node, uses[id(node)])
        return [self._made[id(root)][0] for root in roots]

    def _make(self, node: Node, uses: int) -> None:
        parts = [self._made[id(part)] for part in children(node)]
        text, depth = self._text(node, [part for part, _ in parts]), 1 + max((d for _, d in parts), default=0)
        if not isinstance(node, Const | Var) and (uses > 1 or depth > _DEEP):
            name = f"t{len(self.lines)}"
            self.lines.append(f"const {c_type(node.sort)} {name} = {text};")
            text, depth = name, 0
        self._made[id(node)] = text, depth

    def _text(self, node: Node, parts: Sequence[str]) -> str:
        match node:
            case Const(sort, value):
                return literal(sort, value)
            case Var(_, name):
                return self._place(name)
            case Not():
                return f"!{parts[0]}"
            case And():
                return f"({' && '.join(parts)})" if parts else "1"
            case Or():
                return f"({' || '.join(parts)})" if parts else "0"
            case Ite():
                return f"({parts[0]} ? {parts[1]} : {parts[2]})"
            case Eq() | Ult() | Ule() | Add() | Sub() | BitAnd():
                return f"({parts[0]} {_BINARY[type(node)]} {parts[1]})"


def _ordered(root: Node, order: list[Node], uses: dict[int, int]) -> None:
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
