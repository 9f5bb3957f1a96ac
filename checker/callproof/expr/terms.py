"""What a specification author writes with: typed terms whose operators build formula nodes.

Words compare unsigned, and there is no way to ask for anything else. Terms of different sorts do not mix:
mypy says so before the program runs, and `SpecError` says so when it does.
"""

from __future__ import annotations

import enum
from typing import Any, Generic, Self, TypeVar

from callproof.errors import SpecError, fault
from callproof.expr.nodes import (
    ADDRESS,
    FALSE,
    NUMBER,
    SIZE,
    TRUE,
    WORD_MAX,
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
)

E = TypeVar("E", bound=enum.Enum)
T = TypeVar("T", bound="Term")


def enum_sort(members: type[enum.Enum]) -> Sort:
    """The sort of a Python enumeration; its order is the order of declaration."""
    return Sort(Kind.ENUMERATION, members.__name__, tuple(member.name for member in members))


class Term:
    """A formula under construction. It has no truth value: combine terms with `&`, `|`, `~`, `implies`, `ite`."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __bool__(self) -> bool:
        fault("a formula has no truth value while it is built: use & | ~ implies() ite(), not and/or/not/if")
        return True

    def __hash__(self) -> int:
        fault("a formula cannot be a dictionary key or a member of a set")
        return id(self)

    def _other(self, value: object) -> Node:
        own = self.node.sort
        if type(value) is type(self) and isinstance(value, Term) and (value.node.sort is own or value.node.sort == own):
            return value.node
        fault(f"cannot mix {self.node.sort} with {_describe(value)}")
        return Const(self.node.sort, 0)

    def _like(self, node: Node) -> Self:
        """A term of this one's type around another node."""
        return type(self)(node)


def _is(value: object, kind: type[Term]) -> bool:
    return isinstance(value, kind)  # a function, since mypy would believe the annotation of what an author passes


def _describe(value: object) -> str:
    if isinstance(value, Term):
        return str(value.node.sort)
    return f"{type(value).__name__} {value!r}"


class Bool(Term):
    """A boolean formula."""

    __slots__ = ()

    def _other(self, value: object) -> Node:
        if isinstance(value, bool):
            return TRUE if value else FALSE
        return super()._other(value)

    def __and__(self, other: Bool | bool) -> Bool:
        return Bool(And((self.node, self._other(other))))

    def __or__(self, other: Bool | bool) -> Bool:
        return Bool(Or((self.node, self._other(other))))

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Bool:
        return Bool(Not(self.node))

    def __eq__(self, other: Bool | bool) -> Bool:  # type: ignore[override]
        return Bool(Eq(self.node, self._other(other)))

    def __ne__(self, other: Bool | bool) -> Bool:  # type: ignore[override]
        return Bool(Not(Eq(self.node, self._other(other))))

    __hash__ = Term.__hash__


class EnumTerm(Term, Generic[E]):
    """A value of an enumeration; `<` and `<=` follow the order of declaration."""

    __slots__ = ()

    def _other(self, value: object) -> Node:
        if isinstance(value, enum.Enum) and enum_sort(type(value)) == self.node.sort:
            return Const(self.node.sort, self.node.sort.members.index(value.name))
        return super()._other(value)

    def __eq__(self, other: EnumTerm[E] | E) -> Bool:  # type: ignore[override]
        return Bool(Eq(self.node, self._other(other)))

    def __ne__(self, other: EnumTerm[E] | E) -> Bool:  # type: ignore[override]
        return Bool(Not(Eq(self.node, self._other(other))))

    def __lt__(self, other: EnumTerm[E] | E) -> Bool:
        return Bool(Ult(self.node, self._other(other)))

    def __le__(self, other: EnumTerm[E] | E) -> Bool:
        return Bool(Ule(self.node, self._other(other)))

    def __gt__(self, other: EnumTerm[E] | E) -> Bool:
        return Bool(Ult(self._other(other), self.node))

    def __ge__(self, other: EnumTerm[E] | E) -> Bool:
        return Bool(Ule(self._other(other), self.node))

    __hash__ = Term.__hash__

    def is_one_of(self, *members: E) -> Bool:
        """True where the value is one of the members."""
        return any_of(*(self == member for member in members))


class Word(Term):
    """An unsigned 64-bit value; arithmetic is modulo 2**64."""

    __slots__ = ()
    SORT = NUMBER

    def _other(self, value: object) -> Node:
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value <= WORD_MAX:
                fault(f"{value} is no unsigned 64-bit value (0 to 2**64 - 1)")
                return Const(self.node.sort, 0)
            return Const(self.node.sort, value)
        return super()._other(value)

    def __eq__(self, other: Self | int) -> Bool:  # type: ignore[override]
        return Bool(Eq(self.node, self._other(other)))

    def __ne__(self, other: Self | int) -> Bool:  # type: ignore[override]
        return Bool(Not(Eq(self.node, self._other(other))))

    def __lt__(self, other: Self | int) -> Bool:
        return Bool(Ult(self.node, self._other(other)))

    def __le__(self, other: Self | int) -> Bool:
        return Bool(Ule(self.node, self._other(other)))

    def __gt__(self, other: Self | int) -> Bool:
        return Bool(Ult(self._other(other), self.node))

    def __ge__(self, other: Self | int) -> Bool:
        return Bool(Ule(self._other(other), self.node))

    __hash__ = Term.__hash__

    def is_aligned(self, to: int) -> Bool:
        """True where the value is a multiple of `to`, a power of two."""
        if to <= 0 or to & (to - 1):
            fault(f"an alignment is a power of two, not {to}")
        return Bool(Eq(BitAnd(self.node, Const(self.node.sort, to - 1), self.node.sort), Const(self.node.sort, 0)))

    def rounded_up(self, to: int) -> Self:
        """The least multiple of `to`, a power of two, that is no less; modulo 2**64, so 0 past the last multiple."""
        if to <= 0 or to & (to - 1):
            fault(f"a value is rounded up to a power of two, not to {to}")
            return self
        sort = self.node.sort
        return self._like(BitAnd(Add(self.node, Const(sort, to - 1), sort), Const(sort, WORD_MAX + 1 - to), sort))

    @classmethod
    def of(cls, value: int) -> Self:
        """A literal as a term, where a Python integer alone would not do."""
        return cls(cls(Const(cls.SORT, 0))._other(value))


class Size(Word):
    """A number of bytes."""

    __slots__ = ()
    SORT = SIZE

    def __add__(self, other: Size | int) -> Size:
        return Size(Add(self.node, self._other(other), SIZE))

    def __sub__(self, other: Size | int) -> Size:
        return Size(Sub(self.node, self._other(other), SIZE))


class Number(Word):
    """A count."""

    __slots__ = ()
    SORT = NUMBER

    def __add__(self, other: Number | int) -> Number:
        return Number(Add(self.node, self._other(other), NUMBER))

    def __sub__(self, other: Number | int) -> Number:
        return Number(Sub(self.node, self._other(other), NUMBER))


class Address(Word):
    """An address of a byte; address + size is an address, the difference of two addresses a size."""

    __slots__ = ()
    SORT = ADDRESS

    def __add__(self, other: Size) -> Address:
        if not _is(other, Size):
            fault(f"an address moves by a size, not by {_describe(other)}")
            return self
        return Address(Add(self.node, other.node, ADDRESS))

    def __sub__(self, other: Address) -> Size:
        if not _is(other, Address):
            fault(f"from an address only an address can be subtracted, not {_describe(other)}")
            return Size(Const(SIZE, 0))
        return Size(Sub(self.node, other.node, SIZE))


def truth(value: Bool | bool) -> Bool:
    """A Python boolean as a formula; a formula as it is."""
    if isinstance(value, bool):
        return Bool(TRUE if value else FALSE)
    if not _is(value, Bool):
        fault(f"a boolean formula is needed here, not {_describe(value)}")
        return Bool(TRUE)
    return value


def all_of(*parts: Bool | bool) -> Bool:
    """True where every part holds."""
    return Bool(And(tuple(truth(part).node for part in parts)))


def any_of(*parts: Bool | bool) -> Bool:
    """True where some part holds."""
    return Bool(Or(tuple(truth(part).node for part in parts)))


def implies(premise: Bool | bool, conclusion: Bool | bool) -> Bool:
    """True where the conclusion holds or the premise does not."""
    return Bool(Or((Not(truth(premise).node), truth(conclusion).node)))


def ite(cond: Bool | bool, then: T, other: Any) -> T:
    """`then` where the condition holds, else `other` (of the same sort, or a literal of it)."""
    if not isinstance(then, Term):
        raise SpecError(f"the second argument of ite() is a formula, not {_describe(then)}; see constant()")
    return then._like(Ite(truth(cond).node, then.node, then._other(other), then.node.sort))


def constant(member: E) -> EnumTerm[E]:
    """An enumeration member as a term."""
    sort = enum_sort(type(member))
    return EnumTerm(Const(sort, sort.members.index(member.name)))
