"""The formula: sorts and a dozen kinds of frozen nodes; it is built here and computed elsewhere.

Nodes are `msgspec` structures: a check builds a hundred thousand, each in a tenth of the time a dataclass takes. They
hold one another in no circle, so that looking for garbage goes past them (`gc=False`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from msgspec import Struct

WORD_BITS = 64
WORD_MAX = (1 << WORD_BITS) - 1


class Kind(enum.Enum):
    """What a value is; words of different kinds do not mix."""

    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"
    ADDRESS = "address"
    SIZE = "size"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Sort:
    """The type of a node. Addresses, sizes and numbers are unsigned 64-bit words.

    `members` names the values of an enumeration in their order; a value is the index of its name.
    """

    kind: Kind
    name: str = ""
    members: tuple[str, ...] = ()

    @property
    def is_word(self) -> bool:
        return self.kind in (Kind.ADDRESS, Kind.SIZE, Kind.NUMBER)

    @property
    def values(self) -> int:
        """How many values the sort has (2**64 for words)."""
        if self.kind is Kind.BOOLEAN:
            return 2
        return len(self.members) if self.kind is Kind.ENUMERATION else WORD_MAX + 1

    def __str__(self) -> str:
        return self.name or self.kind.value


BOOLEAN = Sort(Kind.BOOLEAN)
ADDRESS = Sort(Kind.ADDRESS)
SIZE = Sort(Kind.SIZE)
NUMBER = Sort(Kind.NUMBER)


@final
class Const(Struct, frozen=True, gc=False):
    """A literal: 0 or 1 for a boolean, an index for an enumeration, 0..2**64-1 for a word."""

    sort: Sort
    value: int


@final
class Var(Struct, frozen=True, gc=False):
    """A named value: a state variable, a parameter, a result, an option."""

    sort: Sort
    name: str


@final
class Not(Struct, frozen=True, gc=False):
    """Negation."""

    arg: Node
    sort: Sort = BOOLEAN


@final
class And(Struct, frozen=True, gc=False):
    """Conjunction; true where there are no arguments."""

    args: tuple[Node, ...]
    sort: Sort = BOOLEAN


@final
class Or(Struct, frozen=True, gc=False):
    """Disjunction; false where there are no arguments."""

    args: tuple[Node, ...]
    sort: Sort = BOOLEAN


@final
class Ite(Struct, frozen=True, gc=False):
    """`then` where `cond` holds, else `other`."""

    cond: Node
    then: Node
    other: Node
    sort: Sort


@final
class Eq(Struct, frozen=True, gc=False):
    """Equality of two values of one sort."""

    left: Node
    right: Node
    sort: Sort = BOOLEAN


@final
class Ult(Struct, frozen=True, gc=False):
    """Unsigned (or, on an enumeration, declaration-order) less-than."""

    left: Node
    right: Node
    sort: Sort = BOOLEAN


@final
class Ule(Struct, frozen=True, gc=False):
    """Unsigned (or, on an enumeration, declaration-order) less-or-equal."""

    left: Node
    right: Node
    sort: Sort = BOOLEAN


@final
class Add(Struct, frozen=True, gc=False):
    """Sum modulo 2**64."""

    left: Node
    right: Node
    sort: Sort


@final
class Sub(Struct, frozen=True, gc=False):
    """Difference modulo 2**64."""

    left: Node
    right: Node
    sort: Sort


@final
class BitAnd(Struct, frozen=True, gc=False):
    """Bitwise conjunction of two words."""

    left: Node
    right: Node
    sort: Sort


Node = Const | Var | Not | And | Or | Ite | Eq | Ult | Ule | Add | Sub | BitAnd

TRUE = Const(BOOLEAN, 1)
FALSE = Const(BOOLEAN, 0)


def children(node: Node) -> tuple[Node, ...]:
    """The direct subformulas of a node, in order."""
    match node:
        case Const() | Var():
            return ()
        case Not(arg):
            return (arg,)
        case And(args) | Or(args):
            return args
        case Ite(cond, then, other):
            return (cond, then, other)
        case Eq(left, right) | Ult(left, right) | Ule(left, right):
            return (left, right)
        case Add(left, right) | Sub(left, right) | BitAnd(left, right):
            return (left, right)


def variables(*roots: Node) -> dict[str, Var]:
    """Every variable that the formulas mention, by name, in order of first appearance."""
    found: dict[str, Var] = {}
    seen: set[int] = set()
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Var):
            found.setdefault(node.name, node)
        stack.extend(reversed(children(node)))
    return found


def replaced(node: Node, by: Mapping[str, Node], memo: dict[int, Node]) -> Node:
    """The formula with variables replaced. `memo` may be shared among calls with one mapping while the nodes live."""
    found = memo.get(id(node))
    if found is None:
        if isinstance(node, Var):
            found = by.get(node.name, node)
        else:
            found = rebuilt(node, tuple(replaced(child, by, memo) for child in children(node)))
        memo[id(node)] = found
    return found


def rebuilt(node: Node, parts: tuple[Node, ...]) -> Node:
    """The same operator on other subformulas, in the order of `children`."""
    match node:
        case Const() | Var():
            return node
        case Not():
            return Not(parts[0])
        case And():
            return And(parts)
        case Or():
            return Or(parts)
        case Ite(sort=sort):
            return Ite(parts[0], parts[1], parts[2], sort)
        case Eq() | Ult() | Ule():
            return type(node)(parts[0], parts[1])
        case Add(sort=sort) | Sub(sort=sort) | BitAnd(sort=sort):
            return type(node)(parts[0], parts[1], sort)
