"""From many failing steps to one small representative of each finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from callproof.conform.observations import Sighting, Signature, Sort
from callproof.conform.rerun import Rerun
from callproof.drivers.session import DriverFailure, Session
from callproof.minimise import minimise
from callproof.trace import Step, Trace

AGAIN = 3
"""Times that a failing case is run again before it is believed."""
HUNG_SECONDS = 1.0
"""Seconds for one answer while a case that hangs is made smaller: every candidate that hangs takes all of them."""


@dataclass(frozen=True, slots=True)
class Group:
    """The sightings of one finding: the first of the shortest, and how many there were."""

    signature: Signature
    sighting: Sighting
    count: int


def grouped(sightings: Iterable[Sighting]) -> list[Group]:
    """One group for each call, clause and verdict.

    A step at which several clauses fail belongs to the group of one of them, where there is one that fails alone.
    """
    by: dict[Signature, list[Sighting]] = {}
    for sighting in sorted(sightings, key=lambda s: len(s.signature.clauses)):
        own = sighting.signature
        single = next((t for t in (replace(own, clauses=(c,)) for c in own.clauses) if t in by), own)
        by.setdefault(single, []).append(sighting)
    found = []
    for signature, members in by.items():
        exact = [s for s in members if s.signature == signature]
        found.append(Group(signature, min(exact, key=lambda s: len(s.steps)), len(members)))
    return found


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A representative: its steps as they were last seen to fail."""

    sighting: Sighting
    deterministic: bool
    minimal: bool


class Shrinker:
    """Runs candidates on one driver process, started anew whenever it fails."""

    def __init__(self, open_session: Callable[[], Session], deadline: float) -> None:
        self._open, self._deadline = open_session, deadline
        self._session: Session | None = None
        self._patience: float | None = None

    def close(self, politely: bool = True) -> None:
        """End the process."""
        if self._session is not None:
            self._session.close(politely)
            self._session = None

    def shrink(self, rerun: Rerun, sighting: Sighting, budget: float) -> Shrunk:
        """Run a failing case again three times; where it always fails alike, make it as small as can be."""
        last = sighting
        self._impatient(sighting.signature.sort is Sort.HUNG)
        for _ in range(1 if sighting.signature.sort is Sort.HUNG else AGAIN):
            again = self._once(rerun, sighting.steps)
            if again is None or again.signature != sighting.signature or len(again.steps) != len(sighting.steps):
                return Shrunk(sighting, False, False)
            last = again
        end = min(self._deadline, time.monotonic() + budget)
        seen = {id(step.result) for step in sighting.steps}
        best = [last]

        def keeps(trace: Trace) -> bool:
            steps = trace.steps
            if time.monotonic() > end or any(id(step.result) not in seen for step in steps):
                return False
            if not rerun.expects(steps, sighting.signature):
                return False
            found = self._once(rerun, steps)
            if found is None or found.signature != sighting.signature or len(found.steps) != len(steps):
                return False
            best[0] = found
            return True

        minimise(Trace("", self._quick(sighting, keeps)), keeps)
        return Shrunk(best[0], True, time.monotonic() <= end)

    def _impatient(self, wanted: bool) -> None:
        """Wait no longer than need be while a case that hangs is run again and again."""
        if wanted is not (self._patience is not None):
            self.close()
        self._patience = HUNG_SECONDS if wanted else None

    @staticmethod
    def _quick(sighting: Sighting, keeps: Callable[[Trace], bool]) -> tuple[Step, ...]:
        """Without the calls that were refused on the way, if that still fails."""
        *way, last = sighting.steps
        steps = (*(step for step in way if step.returned in (0, "SUCCESS")), last)
        return steps if len(steps) == len(sighting.steps) or keeps(Trace("", steps)) else sighting.steps

    def _once(self, rerun: Rerun, steps: tuple[Step, ...]) -> Sighting | None:
        if self._session is None:
            self._session = self._open()
        if self._patience is not None:
            self._session.timeout = min(self._session.timeout, self._patience)
        try:
            found = rerun.run(self._session, steps).sighting
        except DriverFailure:
            self.close(politely=False)
            return None
        if found is not None and found.signature.sort.is_failure:
            self.close(politely=False)
        return found
