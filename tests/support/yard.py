"""The API that planted defects are written in: units, of which there may be any number, on lanes that they point to."""

from __future__ import annotations

import enum

from callproof.model import (
    Handle,
    Origin,
    Record,
    Specification,
    boolean,
    clause,
    enumeration,
    handle,
    number,
    size,
    table,
)


class UnitId(Handle):
    """Names a unit."""


class LaneId(Handle):
    """Names a lane."""


class Stage(enum.Enum):
    NEW = 0
    READY = 1
    DONE = 2


class Unit(Record):
    stage = enumeration(Stage)
    running = boolean()
    broken = boolean()
    lane = handle(LaneId)
    step = size()
    level = number()


class Lane(Record):
    taken = boolean()


class Yard(Record):
    open = boolean()
    busy = number()
    units = table(Unit, UnitId)
    lanes = table(Lane, LaneId)


CLAUSES = (
    clause("D1", Origin.DOCUMENTED, "Yard", "rules", "a rule"),
    clause("D2", Origin.DOCUMENTED, "Yard", "rules", "another rule"),
)


def yard(name: str, clauses: int = 2) -> Specification[Yard]:
    return Specification(name, "Units in a yard", Yard, CLAUSES[:clauses])


def with_start(name: str) -> Specification[Yard]:
    """Any unit may be started."""
    spec = yard(name, 0)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit."""
        s.units[unit].running = True

    return spec
