"""A name for what a specification means: equal for equal formulas, whatever the source looks like."""

from __future__ import annotations

import enum
from dataclasses import fields
from hashlib import blake2b
from typing import Any

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
        self._names: dict[type[Any], tuple[str, ...]] = {}

    def token(self, value: Any) -> str:
        """What stands for a value in the lines: itself, or the number of its line. The value outlives this object."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        kind = type(value)
        if kind in (str, int, bool, type(None)):
            return repr(value)
        if isinstance(value, enum.Enum):
            return value.name
        parts = value if kind is tuple else [getattr(value, name) for name in self._fields(kind)]
        self.lines.append(f"{kind.__name__} {' '.join(map(self.token, parts))}")
        found = self._known[id(value)] = f"#{len(self.lines)}"
        return found

    def _fields(self, kind: type[Any]) -> tuple[str, ...]:
        """The fields of a kind of data that mean something."""
        known = self._names.get(kind)
        if known is None:
            known = () if kind is Location else tuple(field.name for field in fields(kind))
            self._names[kind] = known
        return known
