"""State as records: groups of fields, records inside records, and tables of them indexed by handles."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from callproof.errors import fault
from callproof.expr import Address, Bool, Const, Number, Size, Var, disjoint, holds, no_wrap
from callproof.model.fields import BoolField, EnumField, Field, HandleField, WordField
from callproof.model.handles import Frame, Handle, Universe

E = TypeVar("E", bound=enum.Enum)
H = TypeVar("H", bound=Handle)
R_co = TypeVar("R_co", bound="Record", covariant=True)


class RecordField(Generic[R_co]):
    """A record inside a record."""

    def __init__(self, of: type[R_co]) -> None:
        self.of = of
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> R_co: ...
    def __get__(self, record: Record | None, owner: type) -> R_co | Self:
        return self if record is None else self.of(record._frame, f"{record._path}{self.name}.")


class Table(Generic[R_co, H]):
    """The records of one kind of resource, indexed by its handle."""

    def __init__(self, frame: Frame, path: str, of: type[R_co], kind: type[H]) -> None:
        self._frame, self._path, self._of, self.kind = frame, path, of, kind

    def __getitem__(self, handle: H) -> R_co:
        if not isinstance(handle, self.kind):
            fault(f"{self._path} is indexed by a {self.kind.__name__}, not by {type(handle).__name__}")
            handle = self.kind(1)
        elif not self._frame.may_touch(handle):
            fault(f"a call touches only the {self.kind.__name__} it was given: pass {handle!r} as a parameter")
        return self._record(handle.index)

    def _record(self, index: int) -> R_co:
        return self._of(self._frame, f"{self._path}[{index}].")

    def every(self) -> Iterator[R_co]:
        """Each record, for a rule or an effect that is the same for all of them."""
        for handle in self._frame.universe.handles(self.kind):
            yield self._record(handle.index)

    def others(self, than: H) -> Iterator[R_co]:
        """Each record but that of one handle, for a rule between two resources."""
        for handle in self._frame.universe.handles(self.kind):
            if handle != than:
                yield self._record(handle.index)


class TableField(Generic[R_co, H]):
    """Records indexed by a handle, declared in a record."""

    def __init__(self, of: type[R_co], kind: type[H]) -> None:
        self.of, self.kind = of, kind
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Table[R_co, H]: ...
    def __get__(self, record: Record | None, owner: type) -> Table[R_co, H] | Self:
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
            else:
                for inner in Table(self._frame, f"{self._path}{name}", field.of, field.kind).every():
                    inner.reset()


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


def record(of: type[R_co]) -> RecordField[R_co]:
    """A record inside this one."""
    return RecordField(of)


def table(of: type[R_co], kind: type[H]) -> TableField[R_co, H]:
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
