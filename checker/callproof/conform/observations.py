"""What was seen of a driver, as plain data: failing steps, coverage counters, and the steps that led there."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field

from callproof.conform.settings import Setting
from callproof.semantics import Verdict
from callproof.trace import Step


class Sort(enum.Enum):
    """What is wrong with a step."""

    REFUSED = "refused"
    """Every clause holds, and the driver refuses."""
    ACCEPTED = "accepted"
    """A documented or header clause fails, and the driver accepts."""
    HAZARD = "hazard"
    """Only a check that no page names is missing."""
    RESULT = "result"
    """What was returned contradicts the specification, or is missing or none of its values."""
    STATUS = "status"
    """It is refused, as it must be, but by another status than the pages name."""
    CRASHED = "crashed"
    HUNG = "hung"
    PROTOCOL = "protocol"
    RAISED = "raised"

    @property
    def is_failure(self) -> bool:
        """The driver itself failed, as opposed to its answer."""
        return self in (Sort.CRASHED, Sort.HUNG, Sort.PROTOCOL, Sort.RAISED)


@dataclass(frozen=True, slots=True)
class Signature:
    """What makes two failing steps the same finding."""

    sort: Sort
    call: str
    clauses: tuple[str, ...]
    """Ids of the clauses that fail, or of the axioms that are contradicted."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One failing step with everything that came before it."""

    signature: Signature
    verdict: Verdict | None
    message: str
    setting: Setting
    steps: tuple[Step, ...]
    """All steps since the reset, the failing one last."""
    suite: str = ""


Row = tuple[str, int, tuple[str, ...], bool]
"""Call, the verdict's code, ids of the failing clauses, and whether it was accepted."""


@dataclass(slots=True)
class Seen:
    """Counters that fill while cases are played."""

    rows: Counter[Row] = field(default_factory=Counter)
    edges: set[int] = field(default_factory=set)
    unsupported: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    """Calls that the driver did not make, with the clauses that fail: it lacks them, or not with such arguments."""
    calls: int = 0
    resets: int = 0
    missed: int = 0
    """Planned steps for which the driver's own choices left no arguments."""
    refused_events: Counter[str] = field(default_factory=Counter)
    sightings: list[Sighting] = field(default_factory=list)
