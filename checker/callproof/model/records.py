"""State as records of typed fields: reading a field gives a term, assigning one is recorded as an effect."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, overload

from callproof.errors import fault
from callproof.expr import (
    ADDRESS,
    BOOLEAN,
    NUMBER,
    SIZE,
    Address,
    Bool,
    Const,
    EnumTerm,
    Eq,
    Ite,
    Kind,
    Node,
    Not,
    Number,
    Size,
    Sort,
    Term,
    Var,
    disjoint,
    enum_sort,
    holds,
    no_wrap,
)

E = TypeVar("E", bound=enum.Enum)


class Handle:
    """A small integer by which callers name a resource: subclass it once for each kind (graph id, stream, ...)."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Handle) and other.index == self.index

    def __hash__(self) -> int:
        return hash((type(self), self.index))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.index})"


H = TypeVar("H", bound=Handle)
R = TypeVar("R", bound="Record")


class Universe:
    """How many resources of each handle kind exist in one instance of a specification."""

    __slots__ = ("counts",)

    def __init__(self, counts: dict[type[Handle], int]) -> None:
        self.counts = dict(counts)

    def count(self, kind: type[Handle]) -> int:
        return self.counts.get(kind, 1)

    def handles(self, kind: type[H]) -> list[H]:
        """Every handle of a kind, counted from 1."""
        return [kind(index) for index in range(1, self.count(kind) + 1)]


def handle_sort(kind: type[Handle], universe: Universe) -> Sort:
    """The sort of a stored handle: one member for each resource of its kind."""
    return Sort(Kind.ENUMERATION, kind.__name__, tuple(str(n) for n in range(1, universe.count(kind) + 1)))


class Frame(Protocol):
    """What a record needs from whoever runs a body: names for reads, a place for writes."""

    universe: Universe

    def read(self, name: str, sort: Sort) -> Node: ...

    def write(self, name: str, value: Node) -> None: ...

    def may_touch(self, handle: Handle) -> bool: ...


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

    def _read(self, record: Record) -> Node:
        return record._frame.read(f"{record._path}{self.name}", self.sort_in(record._frame.universe))

    def _write(self, record: Record, node: Node) -> None:
        record._frame.write(f"{record._path}{self.name}", node)

    def _coerce(self, value: object, term: Term) -> Node:
        """The node that an assignment stores: `value` as a term of this field's sort."""
        if isinstance(value, Term) and type(value) is type(term) and value.node.sort == term.node.sort:
            return value.node
        return term._other(value)


class BoolField(Field):
    sort = BOOLEAN

    def __init__(self, *, data: bool) -> None:
        self.data = data

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Bool: ...
    def __get__(self, record: Record | None, owner: type) -> Bool | Self:
        return self if record is None else Bool(self._read(record))

    def __set__(self, record: Record, value: Bool | bool) -> None:
        self._write(record, self._coerce(value, Bool(Const(BOOLEAN, 0))))


class EnumField(Field, Generic[E]):
    data = False

    def __init__(self, members: type[E]) -> None:
        self.sort = enum_sort(members)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> EnumTerm[E]: ...
    def __get__(self, record: Record | None, owner: type) -> EnumTerm[E] | Self:
        return self if record is None else EnumTerm(self._read(record))

    def __set__(self, record: Record, value: EnumTerm[E] | E) -> None:
        assert self.sort is not None
        self._write(record, self._coerce(value, EnumTerm(Const(self.sort, 0))))


W = TypeVar("W", Address, Size, Number)


class WordField(Field, Generic[W]):
    def __init__(self, term: type[W]) -> None:
        self.sort = term.SORT
        self._term: type[W] = term

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> W: ...
    def __get__(self, record: Record | None, owner: type) -> W | Self:
        return self if record is None else self._term(self._read(record))

    def __set__(self, record: Record, value: W | int) -> None:
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
    data = False

    def __init__(self, kind: type[H]) -> None:
        self.kind = kind

    def sort_in(self, universe: Universe) -> Sort:
        return handle_sort(self.kind, universe)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> StoredHandle[H]: ...
    def __get__(self, record: Record | None, owner: type) -> StoredHandle[H] | Self:
        return self if record is None else StoredHandle(self._read(record), self.kind)

    def __set__(self, record: Record, value: StoredHandle[H] | H) -> None:
        self._write(record, StoredHandle(self._read(record), self.kind)._other(value))


class RecordField(Generic[R]):
    """A record inside a record."""

    def __init__(self, of: type[R]) -> None:
        self.of = of
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> R: ...
    def __get__(self, record: Record | None, owner: type) -> R | Self:
        return self if record is None else self.of(record._frame, f"{record._path}{self.name}.")


class Table(Generic[R, H]):
    """The records of one kind of resource, indexed by its handle."""

    def __init__(self, frame: Frame, path: str, of: type[R], kind: type[H]) -> None:
        self._frame, self._path, self._of, self.kind = frame, path, of, kind

    def __getitem__(self, handle: H) -> R:
        if not isinstance(handle, self.kind):
            fault(f"{self._path} is indexed by a {self.kind.__name__}, not by {type(handle).__name__}")
            handle = self.kind(1)
        elif not self._frame.may_touch(handle):
            fault(f"a call touches only the {self.kind.__name__} it was given: pass {handle!r} as a parameter")
        return self._record(handle.index)

    def _record(self, index: int) -> R:
        return self._of(self._frame, f"{self._path}[{index}].")

    def every(self) -> Iterator[R]:
        """Each record, for a rule or an effect that is the same for all of them."""
        for handle in self._frame.universe.handles(self.kind):
            yield self._record(handle.index)

    def others(self, than: H) -> Iterator[R]:
        """Each record but that of one handle, for a rule between two resources."""
        for handle in self._frame.universe.handles(self.kind):
            if handle != than:
                yield self._record(handle.index)


class TableField(Generic[R, H]):
    def __init__(self, of: type[R], kind: type[H]) -> None:
        self.of, self.kind = of, kind
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Table[R, H]: ...
    def __get__(self, record: Record | None, owner: type) -> Table[R, H] | Self:
        return self if record is None else Table(record._frame, f"{record._path}{self.name}", self.of, self.kind)


class Record:
    """A group of fields. Declare them as class attributes with `boolean()`, `size()`, `record(...)`, ..."""

    __slots__ = ("_frame", "_path")
    _frame: Frame
    _path: str
    FIELDS: ClassVar[dict[str, Field | RecordField[Any] | TableField[Any, Any]]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: field for name, field in vars(cls).items() if isinstance(field, Field | RecordField | TableField)}
        cls.FIELDS = {**cls.FIELDS, **own}

    def __init__(self, frame: Frame, path: str = "") -> None:
        object.__setattr__(self, "_frame", frame)
        object.__setattr__(self, "_path", path)

    def __setattr__(self, name: str, value: object) -> None:
        field = type(self).FIELDS.get(name)
        if isinstance(field, Field):
            object.__setattr__(self, name, value)
        elif field is not None:
            fault(f"{name} is a record: assign its fields one by one")
        else:
            fault(f"{type(self).__name__} has no field {name}; its fields: {', '.join(type(self).FIELDS)}")

    def reset(self) -> None:
        """Every field goes back to its initial value."""
        for name, field in type(self).FIELDS.items():
            if isinstance(field, Field):
                field._write(self, Const(field.sort_in(self._frame.universe), 0))
            elif isinstance(field, RecordField):
                field.of(self._frame, f"{self._path}{name}.").reset()


def declared(root: type[Record], universe: Universe, path: str = "") -> Iterator[tuple[Var, Field]]:
    """Every state variable below a record, with the field that declares it, in order of declaration."""
    for name, field in root.FIELDS.items():
        if isinstance(field, Field):
            yield Var(field.sort_in(universe), f"{path}{name}"), field
        elif isinstance(field, RecordField):
            yield from declared(field.of, universe, f"{path}{name}.")
        else:
            for handle in universe.handles(field.kind):
                yield from declared(field.of, universe, f"{path}{name}[{handle.index}].")


def boolean(*, data: bool = False) -> BoolField:
    """A flag, initially false. With `data` it is left to the solver: no call's control depends on it."""
    return BoolField(data=data)


def enumeration(members: type[E]) -> EnumField[E]:
    """A value of an enumeration, initially its first member."""
    return EnumField(members)


def address() -> WordField[Address]:
    """An address, initially 0."""
    return WordField(Address)


def size() -> WordField[Size]:
    """A number of bytes, initially 0."""
    return WordField(Size)


def number() -> WordField[Number]:
    """A count, initially 0."""
    return WordField(Number)


def handle(kind: type[H]) -> HandleField[H]:
    """A stored handle, initially the first of its kind."""
    return HandleField(kind)


def record(of: type[R]) -> RecordField[R]:
    """A record inside this one."""
    return RecordField(of)


def table(of: type[R], kind: type[H]) -> TableField[R, H]:
    """Records indexed by a handle."""
    return TableField(of, kind)


class Region(Record):
    """Memory that may be bound: the bytes [base, base + size) while `bound`."""

    __slots__ = ()
    bound = boolean()
    base = address()
    size = size()

    def bind(self, base: Address, size: Size) -> None:
        """Bind, or bind anew, to [base, base + size)."""
        self.bound = True
        self.base = base
        self.size = size

    def overlaps(self, base: Address, size: Size) -> Bool:
        """The region is bound and shares a byte with [base, base + size)."""
        return self.bound & ~disjoint(self.base, self.size, base, size)

    def contains(self, base: Address, size: Size) -> Bool:
        """The region is bound and holds all of [base, base + size)."""
        return self.bound & holds(self.base, self.size, base, size)

    @property
    def within_space(self) -> Bool:
        """The region does not pass the end of the address space."""
        return no_wrap(self.base, self.size)


__all__ = [
    "ADDRESS", "NUMBER", "SIZE", "Field", "Frame", "Handle", "Record", "Region", "StoredHandle", "Table", "Universe",
    "address", "boolean", "declared", "enumeration", "handle", "handle_sort", "number", "record", "size", "table",
]  # fmt: skip
