"""The fields of a record: reading one gives a term, assigning one is recorded as an effect."""

from __future__ import annotations

import enum
from typing import Generic, Protocol, Self, TypeVar, overload

from callproof.errors import fault
from callproof.expr import (
    BOOLEAN,
    Address,
    Bool,
    Const,
    EnumTerm,
    Eq,
    Ite,
    Node,
    Not,
    Number,
    Size,
    Sort,
    Term,
    enum_sort,
)
from callproof.model.handles import Frame, Handle, Universe, handle_sort

E = TypeVar("E", bound=enum.Enum)
H = TypeVar("H", bound=Handle)


class Holder(Protocol):
    """The record that a field belongs to: whom it asks, and how its own names begin."""

    _frame: Frame
    _path: str


class Field:
    """A declared field of a record; `data` says that the solver decides it rather than the sequence graph."""

    sort: Sort | None = None
    data = True
    name = ""
    doc = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def sort_in(self, universe: Universe) -> Sort:
        assert self.sort is not None
        return self.sort

    def _read(self, record: Holder) -> Node:
        return record._frame.read(f"{record._path}{self.name}", self.sort_in(record._frame.universe))

    def _write(self, record: Holder, node: Node) -> None:
        record._frame.write(f"{record._path}{self.name}", node)

    def _coerce(self, value: object, term: Term) -> Node:
        """The node that an assignment stores: `value` as a term of this field's sort."""
        if isinstance(value, Term) and type(value) is type(term) and value.node.sort == term.node.sort:
            return value.node
        return term._other(value)


class BoolField(Field):
    """A flag."""

    sort = BOOLEAN

    def __init__(self, *, data: bool) -> None:
        self.data = data

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Holder, owner: type) -> Bool: ...
    def __get__(self, record: Holder | None, owner: type) -> Bool | Self:
        return self if record is None else Bool(self._read(record))

    def __set__(self, record: Holder, value: Bool | bool) -> None:
        self._write(record, self._coerce(value, Bool(Const(BOOLEAN, 0))))


class EnumField(Field, Generic[E]):
    """A value of an enumeration."""

    data = False

    def __init__(self, members: type[E]) -> None:
        self.sort = enum_sort(members)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Holder, owner: type) -> EnumTerm[E]: ...
    def __get__(self, record: Holder | None, owner: type) -> EnumTerm[E] | Self:
        return self if record is None else EnumTerm(self._read(record))

    def __set__(self, record: Holder, value: EnumTerm[E] | E) -> None:
        assert self.sort is not None
        self._write(record, self._coerce(value, EnumTerm(Const(self.sort, 0))))


W = TypeVar("W", Address, Size, Number)


class WordField(Field, Generic[W]):
    """An address, a size or a count."""

    def __init__(self, term: type[W]) -> None:
        self.sort = term.SORT
        self._term: type[W] = term

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Holder, owner: type) -> W: ...
    def __get__(self, record: Holder | None, owner: type) -> W | Self:
        return self if record is None else self._term(self._read(record))

    def __set__(self, record: Holder, value: W | int) -> None:
        self._write(record, self._coerce(value, self._term(Const(self._term.SORT, 0))))


class StoredHandle(Term, Generic[H]):
    """A handle kept in a field; it can be compared with another, and with a parameter."""

    __slots__ = ("kind",)

    def __init__(self, node: Node, kind: type[H]) -> None:
        super().__init__(node)
        self.kind = kind

    def _like(self, node: Node) -> Self:
        return type(self)(node, self.kind)

    def cleared_where(self, condition: Bool) -> Self:
        """The first handle of the kind where the condition holds, else this one: the value of an unused field."""
        return self._like(Ite(condition.node, Const(self.node.sort, 0), self.node, self.node.sort))

    def __eq__(self, other: object) -> Bool:  # type: ignore[override]
        return Bool(Eq(self.node, self._other(other)))

    def __ne__(self, other: object) -> Bool:  # type: ignore[override]
        return Bool(Not(Eq(self.node, self._other(other))))

    __hash__ = Term.__hash__

    def _other(self, value: object) -> Node:
        if isinstance(value, self.kind):
            return Const(self.node.sort, value.index - 1)
        if isinstance(value, StoredHandle) and value.kind is self.kind:
            return value.node
        fault(f"cannot compare a {self.kind.__name__} with {type(value).__name__}")
        return self.node


class HandleField(Field, Generic[H]):
    """A handle that is kept."""

    data = False

    def __init__(self, kind: type[H]) -> None:
        self.kind = kind

    def sort_in(self, universe: Universe) -> Sort:
        return handle_sort(self.kind, universe)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Holder, owner: type) -> StoredHandle[H]: ...
    def __get__(self, record: Holder | None, owner: type) -> StoredHandle[H] | Self:
        return self if record is None else StoredHandle(self._read(record), self.kind)

    def __set__(self, record: Holder, value: StoredHandle[H] | H) -> None:
        self._write(record, StoredHandle(self._read(record), self.kind)._other(value))
