"""Drivers that come with a specification, what they are known to do, and the errors that refusals are held to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callproof.conform.campaign import Request, conformance
from callproof.conform.observations import Sort
from callproof.conform.results import ConformanceResult
from callproof.drivers.locate import driver_command
from callproof.errors import Exit
from callproof.model import (
    Bool,
    Deviation,
    Handle,
    Origin,
    PublishedDriver,
    Record,
    Size,
    Specification,
    StepInfo,
    boolean,
    clause,
    require,
    size,
    table,
)
from callproof.model.lint import lint

HERE = Path(__file__)


class SlotId(Handle):
    """A slot."""


class Slot(Record):
    """A slot that may be full."""

    full = boolean()
    held = size()


class Rack(Record):
    """All slots."""

    slots = table(Slot, SlotId)


def rack(deviations: tuple[Deviation, ...] = ()) -> Specification[Rack]:
    spec = Specification(
        "rack",
        "A rack",
        Rack,
        (
            clause("K1", Origin.DOCUMENTED, "put", "ERRORS", "the slot is empty", refused_with=("BUSY",)),
            clause("K2", Origin.DOCUMENTED, "put", "ERRORS", "at most 8192 bytes", refused_with=("LARGE", "LIMIT")),
            clause("K3", Origin.DOCUMENTED, "take", "ERRORS", "the slot is full"),
        ),
        drivers={"own": PublishedDriver("rack:DRIVER", deviations)},
    )

    @spec.call("put")
    def put(state: Rack, slot: SlotId, length: Size) -> None:
        """Fill a slot."""
        s = state.slots[slot]
        require("K1", ~s.full)
        require("K2", length <= 8192)
        s.full = True
        s.held = length

    @spec.call("take")
    def take(state: Rack, slot: SlotId) -> None:
        """Empty a slot."""
        require("K3", state.slots[slot].full)
        state.slots[slot].reset()

    @spec.step_invariant("kept", "LIFECYCLE")
    def kept(old: Rack, new: Rack, step: StepInfo, slot: SlotId) -> Bool:
        """What a slot holds does not change while it is full."""
        a, b = old.slots[slot], new.slots[slot]
        return ~(a.full & b.full) | (a.held == b.held)

    return spec


class Good:
    """It refuses by the statuses that the pages name, and does not offer the greatest lengths."""

    busy, large = "BUSY", "LIMIT"

    def __init__(self) -> None:
        self.full = False

    def put(self, slot: int, length: int) -> str:
        if length >> 63:
            raise NotImplementedError("not that much")
        if self.full:
            return self.busy
        if length > 8192:
            return self.large
        self.full = True
        return "SUCCESS"

    def take(self, slot: int) -> str:
        if not self.full:
            return "EMPTY, or so"
        self.full = False
        return "SUCCESS"


class Muddled(Good):
    """It says that a full slot is a large one."""

    busy = "LARGE"


def tried(driver: str, deviations: tuple[Deviation, ...] = ()) -> ConformanceResult:
    command = driver_command((f"{HERE}:{driver}",))
    return conformance(rack(), Request(command, ("clauses", "boundaries"), jobs=1, known=deviations))


@pytest.fixture(scope="module")
def muddled() -> ConformanceResult:
    return tried("Muddled")


def test_refusals_by_the_statuses_of_the_pages_conform() -> None:
    result = tried("Good")
    assert result.exit is Exit.OK
    assert result.findings == ()


def test_calls_that_a_driver_declines_are_counted_and_it_does_not_lack_the_call() -> None:
    result = tried("Good")
    assert [call for call, number in result.declined if number > 0] == ["put"]
    assert {row.status for row in result.clauses if row.call == "put"} == {"covered"}


def test_another_status_is_a_finding(muddled: ConformanceResult) -> None:
    (finding,) = [f for f in muddled.findings if f.signature.clauses == ("K1",)]
    assert (finding.signature.sort, finding.signature.call) == (Sort.STATUS, "put")
    assert finding.message == "it returned 'LARGE', and the pages name BUSY"
    assert [step.call for step in finding.trace.steps] == ["put", "put"]
    assert muddled.exit is Exit.VIOLATED


def test_where_two_clauses_fail_either_status_will_do(muddled: ConformanceResult) -> None:
    assert not [f for f in muddled.findings if len(f.signature.clauses) > 1]


def test_a_known_deviation_is_shown_and_does_not_count() -> None:
    known = Deviation("status", "put", ("K1",), "it was looked into")
    result = tried("Muddled", (known, replace(known, clauses=("K2",))))
    assert [f.known for f in result.findings] == ["it was looked into"]
    assert (result.failures, result.exit) == ((), Exit.OK)
    assert tried("Muddled", (replace(known, call="take"),)).exit is Exit.VIOLATED


def test_deviations_name_calls_and_clauses_that_exist() -> None:
    assert lint(rack((Deviation("status", "put", ("K1",), "why"),))) == []
    wrong = (Deviation("status", "push", ("K1",), "why"), Deviation("status", "put", ("K1", "K9"), "why"))
    assert [fault.message for fault in lint(rack(wrong))] == [
        "driver own deviates in the unknown call push",
        "driver own deviates from the unknown clause K9",
    ]
