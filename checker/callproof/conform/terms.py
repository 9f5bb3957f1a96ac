"""Arguments as terms over the state: `16 bytes past the end of the bound const memory` holds for any addresses.

A plan made of terms fits whatever sizes and addresses a driver hands out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callproof.expr import WORD_MAX, Kind, Sort
from callproof.semantics import State, Values

_PAGE = 4096
_SOME_ADDRESS = 0x10_0000
ROOM = 1 << 20
"""Bytes that a caller allocates at the least, so that all memory of a resource finds room."""


@dataclass(frozen=True, slots=True)
class Term:
    """The sum of state variables (by slot) and an offset, less another argument (by position); modulo 2**64."""

    slots: tuple[int, ...]
    offset: int = 0
    minus: int = -1


Terms = tuple[Term, ...]
"""One term an argument."""


def values(terms: Terms, state: State) -> Values:
    """The arguments in a state."""
    found: list[int] = []
    late = False
    for term in terms:
        value = term.offset
        for slot in term.slots:
            value += state[slot]
        late = late or term.minus >= 0
        found.append(value & WORD_MAX)
    if late:
        for position, term in enumerate(terms):
            if term.minus >= 0:
                found[position] = (found[position] - found[term.minus]) & WORD_MAX
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Places:
    """The words of a state from which arguments are made."""

    sizes: tuple[int, ...]
    """Sizes that belong to no region: what is required."""
    regions: tuple[tuple[int, int], ...]
    """Base and size of each region."""
    numbers: tuple[int, ...]


def places(names: Sequence[str], sorts: Sequence[Sort], wanted: Sequence[int]) -> Places:
    """The places among the slots wanted. A region is an address and a size of one record, one of them wanted.

    Where a record has several addresses the first is the base: `base`, `size` and `end` are one region.
    """
    known = {} if all(sorts[slot].kind is not Kind.ADDRESS for slot in wanted) else _regions(names, sorts)
    sizes, numbers = [], []
    regions: dict[tuple[int, int], None] = {}
    for slot in wanted:
        region = known.get(names[slot].rpartition(".")[0])
        kind = sorts[slot].kind
        if region is not None and kind in (Kind.ADDRESS, Kind.SIZE):
            regions[region] = None
        elif kind is Kind.SIZE:
            sizes.append(slot)
        elif kind is Kind.NUMBER:
            numbers.append(slot)
    return Places(tuple(sizes), tuple(reversed(regions)), tuple(numbers))


def _regions(names: Sequence[str], sorts: Sequence[Sort]) -> dict[str, tuple[int, int]]:
    """Base and size of the regions by the names of their records.

    Sizes beside an address, as `size` is beside `base`: a record of several sizes requires them, and is no region.
    """
    words: dict[str, dict[Kind, list[int]]] = {}
    for slot, name in enumerate(names):
        front, dot, _ = name.rpartition(".")
        if dot:
            words.setdefault(front, {}).setdefault(sorts[slot].kind, []).append(slot)
    found = {front: (kinds.get(Kind.ADDRESS, []), kinds.get(Kind.SIZE, [])) for front, kinds in words.items()}
    return {front: (bases[0], sizes[0]) for front, (bases, sizes) in found.items() if bases and len(sizes) == 1}


def sort_terms(sort: Sort, known: Places, room: int, size_at: int, masks: Sequence[int]) -> list[Term]:
    """The terms to try for one argument, those that a caller would pass first.

    `room` is the memory to allocate where nothing is required; `size_at` is the position of the argument that holds
    the size of the same region, or -1; `masks` are the words that addresses are masked by, to ask for their alignment.
    """
    match sort.kind:
        case Kind.BOOLEAN:
            return [Term((), 1), Term((), 0)]
        case Kind.ENUMERATION:
            return [Term((), value) for value in range(len(sort.members))]
        case Kind.SIZE:
            return _unique(_sizes(known, room))
        case Kind.NUMBER:
            near = [Term((slot,), by) for by in (0, 1, -1) for slot in known.numbers]
            return _unique([*near, Term((), 1), Term(()), Term((), WORD_MAX)])
        case Kind.ADDRESS:
            return _unique(_addresses(known, size_at, masks))


def _sizes(known: Places, room: int) -> Iterator[Term]:
    yield from (Term((slot,)) for slot in known.sizes)
    if not known.sizes:
        yield Term((), room)
    yield Term((), _PAGE)
    yield from (Term((slot,), by) for slot in known.sizes for by in (-1, 1))
    yield from (Term(()), Term((), 1))
    yield from (Term((size,), by) for _, size in known.regions for by in (0, 1, -1))
    yield from (Term((), room), Term((), WORD_MAX))


def _addresses(known: Places, size_at: int, masks: Sequence[int]) -> Iterator[Term]:
    yield from (Term((base,)) for base, _ in known.regions)
    yield from (Term((base, size)) for base, size in known.regions)
    yield Term((), _SOME_ADDRESS)
    yield Term(())
    if size_at >= 0:
        yield from (Term((base, size), 0, size_at) for base, size in known.regions)
        yield from (Term((base,), 0, size_at) for base, _ in known.regions)
        yield from (Term((base,), 1, size_at) for base, _ in known.regions)
    yield from (Term((base, size), -1) for base, size in known.regions)
    yield from (Term((base,), by) for base, _ in known.regions for by in (1, -1))
    yield Term((), _SOME_ADDRESS + 1)
    yield from (Term((), _SOME_ADDRESS + by) for mask in masks for by in ((mask + 1) // 2, mask + 1))
    yield from (Term((base,), by * _PAGE) for base, _ in known.regions for by in (1, 2, 4, 8))
    yield from (Term((), WORD_MAX), Term((), WORD_MAX + 1 - _PAGE))


def _unique(terms: Sequence[Term] | Iterator[Term]) -> list[Term]:
    return list(dict.fromkeys(terms))
