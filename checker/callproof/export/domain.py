"""A few words to stand for all, for tools that list values one by one."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.errors import UsageError
from callproof.expr import WORD_MAX, Kind, Sort

DEFAULT: Mapping[Kind, tuple[int, ...]] = {
    Kind.ADDRESS: (0, 0x100000, 0x101000, WORD_MAX + 1 - 0x1000),
    Kind.SIZE: (0, 0x2000),
    Kind.NUMBER: (0, 1, 2),
}
"""Null, two neighbouring pages and the last one; nothing, and two pages, to reach a neighbour and to wrap."""

LIMIT = 64
"""Values of one kind at the most."""


def domain(given: Mapping[str, str]) -> dict[Kind, tuple[int, ...]]:
    """The values of each kind of word: those given (`address` -> `0,0x1000`), or `DEFAULT`; `UsageError` for others."""
    kinds = {kind.value: kind for kind in DEFAULT}
    found = dict(DEFAULT)
    for name, text in given.items():
        if name not in kinds:
            raise UsageError(f"--domain {name}={text}: a domain is of one of {', '.join(kinds)}")
        values = []
        for word in text.split(","):
            try:
                values.append(int(word, 0))
            except ValueError:
                raise UsageError(f"--domain {name}: {word[:40]!r} is no number") from None
        if not all(0 <= value <= WORD_MAX for value in values):
            raise UsageError(f"--domain {name}: its values are from 0 to 2**64 - 1")
        if len(set(values)) > LIMIT:
            raise UsageError(f"--domain {name}: at most {LIMIT} values, not {len(set(values))}")
        found[kinds[name]] = tuple(dict.fromkeys(values))
    return found


def values_of(sort: Sort, values: Mapping[Kind, tuple[int, ...]]) -> tuple[int, ...]:
    """What a value of a sort may be: a few words, and every flag and member."""
    return values[sort.kind] if sort.is_word else tuple(range(sort.values))
