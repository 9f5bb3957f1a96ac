"""Handles, by which callers name resources, and how many resources of each kind there are."""

from __future__ import annotations

from typing import Protocol, TypeVar

from callproof.expr import Kind, Node, Sort


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
