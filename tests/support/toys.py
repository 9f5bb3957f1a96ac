"""Small specifications, for tests of the language and of the engines.

`locker` is safe as written: a box holds at most its capacity, and a locked box does not change.
"""

import enum

from callproof.model import (
    Bool,
    Fact,
    Handle,
    Option,
    Origin,
    Question,
    Record,
    Size,
    Specification,
    StepInfo,
    Treatment,
    axiom,
    boolean,
    clause,
    enumeration,
    handle,
    harden,
    implies,
    number,
    outcome,
    record,
    require,
    result,
    size,
    table,
)
from callproof.model.records import Region


class BoxId(Handle):
    """Names a box."""


class Door(enum.Enum):
    OPEN = 0
    SHUT = 1
    LOCKED = 2


class Box(Record):
    door = enumeration(Door)
    used = size()
    capacity = size()
    visits = number()
    region = record(Region)


class Store(Record):
    ready = boolean()
    favourite = handle(BoxId)
    boxes = table(Box, BoxId)


STRICT = Option("strict", ("no", "yes"), "whether a locked box may be asked")


def locker() -> Specification[Store]:
    """A new specification without faults."""
    toy = Specification(
        "locker",
        "Boxes with a lock",
        Store,
        (
            clause("P1", Origin.DOCUMENTED, "Put", "rules", "the box is not locked"),
            clause("P2", Origin.DOCUMENTED, "Put", "rules", "it fits", readings=("at-most", "less")),
            clause("H1", Origin.HARDENING, "", "", "the box is empty", question="Q1"),
        ),
        options=(STRICT,),
        facts=(Fact("P1", Treatment.CLAUSE, "P1"), Fact("P2", Treatment.CLAUSE, "P2")),
        questions=(Question("Q1", "Is it empty?", "Yes: H1."),),
        products=("wood", "steel"),
    )

    @toy.call("Make")
    def make(s: Store, box: BoxId) -> None:
        """Give a box its capacity."""
        b = s.boxes[box]
        harden("H1", b.used == 0)
        b.capacity = result("capacity", Size)
        s.ready = True
        s.favourite = box

    @toy.call("Put", page="Put and take")
    def put(s: Store, box: BoxId, amount: Size) -> None:
        """Put something in."""
        b = s.boxes[box]
        require("P1", b.door != Door.LOCKED)
        require("P2", amount <= b.capacity, reading="at-most")
        require("P2", amount < b.capacity, reading="less")
        b.used = amount
        with outcome("shut", when=b.door == Door.SHUT):
            b.door = Door.LOCKED
        with outcome("open", when=b.door != Door.SHUT):
            pass

    @toy.event("wind")
    def wind(s: Store, box: BoxId) -> None:
        """The door falls shut."""
        b = s.boxes[box]
        axiom("open", b.door == Door.OPEN)
        b.door = Door.SHUT

    @toy.invariant("fits", "SIZE", answers=("Q1",))
    def fits(s: Store, box: BoxId) -> Bool:
        """A box holds at most its capacity."""
        b = s.boxes[box]
        return b.used <= b.capacity

    @toy.step_invariant("locked", "LIFECYCLE")
    def locked(old: Store, new: Store, step: StepInfo, box: BoxId) -> Bool:
        """What lies in a locked box stays, but for making it anew."""
        a, b = old.boxes[box], new.boxes[box]
        return implies((a.door == Door.LOCKED) & ~step.is_call("Make", box), a.used == b.used)

    return toy
