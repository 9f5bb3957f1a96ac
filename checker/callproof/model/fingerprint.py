"""A name for what a specification means: equal for equal formulas, whatever the source looks like."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from msgspec import Struct

from callproof.errors import Location
from callproof.model.system import System


def fingerprint(system: System) -> bytes:
    """20 bytes for a system: its variables, actions, formulas and properties, but not the lines where they stand."""
    listing = _Listing()
    listing.token(system)
    return blake2b("\n".join(listing.lines).encode(), digest_size=20).digest()


class _Listing:
    """A value as numbered lines, one a part; a part that is shared stands there once, and is named by its number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[int, str] = {}
        self._parts: dict[type[Any], Callable[[Any], tuple[Any, ...]]] = {tuple: lambda value: value}

    def token(self, value: Any) -> str:
        """What stands for a value in the lines: itself, or the number of its line. The value outlives this object."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            return repr(value)
        parts = self._parts.get(kind) or self._parts_of(kind)
        self.lines.append(f"{kind.__name__} {' '.join([self.token(part) for part in parts(value)])}")
        found = self._known[id(value)] = f"#{len(self.lines)}"
        return found

    def _parts_of(self, kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
        """What gives the parts of a value of this kind that mean something."""
        names = ("name",) if issubclass(kind, enum.Enum) else _names(kind)
        made: Callable[[Any], tuple[Any, ...]] = attrgetter(*names) if len(names) > 1 else partial(_few, names)
        if kind is Location:
            made = partial(_few, ())
        self._parts[kind] = made
        return made


def _names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a dataclass or of a kind of formula."""
    if issubclass(kind, Struct):
        return kind.__struct_fields__
    return tuple(field.name for field in fields(kind))


def _few(names: tuple[str, ...], value: Any) -> tuple[Any, ...]:
    """The fields of a value, also where they are one or none, for which there is no getter of tuples."""
    return tuple(getattr(value, name) for name in names)
