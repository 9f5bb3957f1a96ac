"""Things laid on a shelf of 64-bit places, any number of them, none over another: shown of two, by order alone."""

from __future__ import annotations

from callproof.model import (
    Address,
    Bool,
    Handle,
    Origin,
    Record,
    Region,
    Size,
    Specification,
    boolean,
    clause,
    disjoint,
    implies,
    no_wrap,
    record,
    require,
    table,
)


class ThingId(Handle):
    """Names a thing."""


class Thing(Record):
    place = record(Region)
    fragile = boolean()


class Shelf(Record):
    things = table(Thing, ThingId)


def shelf() -> Specification[Shelf]:
    """One call; `fragile` is a choice that the invariant does not depend on."""
    spec = Specification(
        "shelf",
        "Things on a shelf",
        Shelf,
        clauses=(
            clause("S1", Origin.DOCUMENTED, "put", "Remarks", "it does not pass the end"),
            clause("S2", Origin.DOCUMENTED, "put", "Remarks", "nothing lies there"),
        ),
    )

    @spec.call("put")
    def put(s: Shelf, thing: ThingId, fragile: Bool, at: Address, size: Size) -> None:
        """Lay a thing somewhere."""
        t = s.things[thing]
        require("S1", no_wrap(at, size))
        for other in s.things.others(thing):
            require("S2", implies(other.place.bound, disjoint(other.place.base, other.place.size, at, size)))
        t.place.bind(at, size)
        t.fragile = fragile

    @spec.invariant("apart", "ADDRESS")
    def apart(s: Shelf, thing: ThingId, other: ThingId) -> Bool:
        """No two things overlap."""
        a, b = s.things[thing].place, s.things[other].place
        return implies(a.bound & b.bound, disjoint(a.base, a.size, b.base, b.size))

    return spec
