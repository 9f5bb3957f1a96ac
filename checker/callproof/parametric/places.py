"""Where the variables of a specification live when there is any number of resources.

The session is one record. Each resource is one record of its kind, and each pair of resources that has fields of its
own (a table inside a table) is one record of that pair of kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callproof.errors import LimitError
from callproof.expr import BOOLEAN, Kind, Sort
from callproof.model.handles import Handle, Universe
from callproof.model.instantiate import handle_kinds
from callproof.model.records import Record, RecordField, TableField, declared
from callproof.model.specification import Specification

_INDEX = re.compile(r"\[(\d+)\]")
HANDLE_MARK = "@"


@dataclass(frozen=True, slots=True)
class Place:
    """A variable: the kinds and indices of the resources it belongs to, and its slot in their record."""

    kinds: tuple[str, ...]
    indices: tuple[int, ...]
    slot: int


@dataclass(frozen=True, slots=True)
class Field:
    """One slot of a record: the variable's name with empty brackets, and its sort in the smallest universe."""

    pattern: str
    sort: Sort
    stored: str
    """The kind of handle that is stored here, or empty."""


class Places:
    """The records of a specification. `fields` lists the slots of each group of kinds, the session's under `()`.

    Raises `LimitError` where a table stands in a table in a table.
    """

    def __init__(self, spec: Specification[Any]) -> None:
        self.kinds: dict[str, type[Handle]] = {kind.__name__: kind for kind in handle_kinds(spec.state)}
        self._tables = _tables(spec.state, "")
        self.fields: dict[tuple[str, ...], list[Field]] = {(): [], **{(kind,): [] for kind in self.kinds}}
        self._slots: dict[str, tuple[tuple[str, ...], int]] = {}
        self._found: dict[str, Place | None] = {}
        for var, _ in declared(spec.state, Universe({})):
            pattern = _INDEX.sub("[]", var.name)
            owners = self._owners(pattern)
            if len(owners) > 2:
                raise LimitError(f"{spec.name} keeps {pattern} for three resources at once; two are the most followed")
            stored = var.sort.name if self.is_handle(var.sort) else ""
            group = self.fields.setdefault(owners, [])
            self._slots[pattern] = owners, len(group)
            group.append(Field(pattern, var.sort, stored))
        self.options = tuple(option.var for option in spec.options)
        for option in self.options:
            self._slots[option.name] = (), len(self.fields[()])
            self.fields[()].append(Field(option.name, option.sort, ""))
        self.pairs = tuple(owners for owners in self.fields if len(owners) == 2)
        self.storing = _storing(self.fields, self.kinds)
        """By kind, the slots of each group in which its handles are stored."""
        handles = {field.stored for group in self.fields.values() for field in group}
        self._referenced = frozenset(kind for pair in self.pairs for kind in pair) | handles
        self.numbers = {kind: number for number, kind in enumerate(self.kinds)}

    def _owners(self, pattern: str) -> tuple[str, ...]:
        parts = pattern.split("[]")[:-1]
        return tuple(self._tables["[]".join(parts[: n + 1])] for n in range(len(parts)))

    def is_handle(self, sort: Sort) -> bool:
        """Values of the sort are stored handles."""
        return sort.kind is Kind.ENUMERATION and sort.name in self.kinds and sort.members[:1] == ("1",)

    def find(self, name: str) -> Place | None:
        """The place of a variable of some instance; None for parameters and results."""
        if name not in self._found:
            found = self._slots.get(_INDEX.sub("[]", name))
            place = None if found is None else Place(found[0], tuple(map(int, _INDEX.findall(name))), found[1])
            self._found[name] = place
        return self._found[name]

    def shown(self, place: Place, handles: tuple[str, ...]) -> str:
        """The name of a variable as a person reads it, on the resources of a log."""
        text = self.fields[place.kinds][place.slot].pattern
        for handle in handles:
            text = text.replace("[]", f"[{handle}]", 1)
        return text.removeprefix("option:")

    def is_boolean(self, place: Place) -> bool:
        """The variable is a flag."""
        return self.fields[place.kinds][place.slot].sort == BOOLEAN

    def references(self, kind: str) -> bool:
        """A resource of the kind can be named by pairs or by stored handles."""
        return kind in self._referenced


def resources(name: str, places: Places) -> tuple[tuple[str, int], ...]:
    """The resources that a variable's name mentions, as kind and index."""
    if name.startswith(HANDLE_MARK):
        kind, index = name[1:-1].split("[")
        return ((kind, int(index)),)
    place = places.find(name)
    return () if place is None else tuple(zip(place.kinds, place.indices, strict=True))


def _storing(
    fields: Mapping[tuple[str, ...], list[Field]], kinds: Iterable[str]
) -> dict[str, list[tuple[tuple[str, ...], list[int]]]]:
    found: dict[str, list[tuple[tuple[str, ...], list[int]]]] = {}
    for kind in kinds:
        for group, slots in fields.items():
            stored = [slot for slot, field in enumerate(slots) if field.stored == kind]
            if stored:
                found.setdefault(kind, []).append((group, stored))
    return found


def _tables(record: type[Record], path: str) -> dict[str, str]:
    """The kind by which each table is indexed, by its name with empty brackets."""
    found: dict[str, str] = {}
    for name, field in record.FIELDS.items():
        if isinstance(field, TableField):
            found[path + name] = field.kind.__name__
            found |= _tables(field.of, f"{path}{name}[].")
        elif isinstance(field, RecordField):
            found |= _tables(field.of, f"{path}{name}.")
    return found
