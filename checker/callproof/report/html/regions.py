"""Which state variables are memory: the records of a specification that have a base and a size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callproof.expr import Kind, Sort
from callproof.model.fields import BoolField, Field
from callproof.model.handles import Universe
from callproof.model.records import Record, RecordField, Region, TableField

_INDEX = re.compile(r"\[\d+\]")

ALLOCATED = ("live", "intact")
"""Flags of a record of memory that say, by convention, that its bytes are still there."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A kind of memory: the bytes [base, base + size) of the records at a path such as `graphs[].const`.

    Fields are named within the record. Two of one `group` are meant to be apart or their overlap is worth a look;
    those of different groups may well lie in one another, as bound memory lies in an allocation.
    """

    path: str
    group: str
    base: str
    size: str
    present: str
    """The flag without which the memory is not there; empty where its size alone tells."""
    allocated: str
    """The flag without which its bytes are gone although it is there; empty where nothing tells."""


def pattern(name: str) -> str:
    """A variable's name without the numbers of the resources that it belongs to."""
    return _INDEX.sub("[]", name)


def memory_of(root: type[Record], path: str = "") -> Iterator[Memory]:
    """The kinds of memory below a record: every record with one size and an address, the first of which is the base."""
    for name, field in root.FIELDS.items():
        if isinstance(field, RecordField):
            yield from _memory(field.of, f"{path}{name}")
            yield from memory_of(field.of, f"{path}{name}.")
        elif isinstance(field, TableField):
            yield from _memory(field.of, f"{path}{name}[]")
            yield from memory_of(field.of, f"{path}{name}[].")


def _memory(of: type[Record], path: str) -> Iterator[Memory]:
    fields = {name: field for name, field in of.FIELDS.items() if isinstance(field, Field)}
    kinds = {name: field.sort.kind for name, field in fields.items() if field.sort is not None}
    bases = [name for name, kind in kinds.items() if kind is Kind.ADDRESS]
    sizes = [name for name, kind in kinds.items() if kind is Kind.SIZE]
    if not bases or len(sizes) != 1:
        return
    is_region = issubclass(of, Region)
    control = [name for name, field in fields.items() if isinstance(field, BoolField) and not field.data]
    present = "bound" if is_region else next(iter(control), "")
    allocated = next((name for name in ALLOCATED if name in fields and name != present), "")
    yield Memory(path, "region" if is_region else of.__name__, bases[0], sizes[0], present, allocated)


def variable_sorts(root: type[Record], universe: Universe, path: str = "") -> Iterator[tuple[str, Sort]]:
    """The sort of every state variable, by the pattern of its name."""
    for name, field in root.FIELDS.items():
        if isinstance(field, Field):
            yield f"{path}{name}", field.sort_in(universe)
        elif isinstance(field, RecordField):
            yield from variable_sorts(field.of, universe, f"{path}{name}.")
        else:
            yield from variable_sorts(field.of, universe, f"{path}{name}[].")
