"""What a driver's test is asked."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.conform.plan import SUITES
from callproof.drivers.session import DEFAULT_TIMEOUT
from callproof.model.published import Deviation


@dataclass(frozen=True, slots=True)
class Request:
    """What to test, and how."""

    command: tuple[str, ...]
    suites: tuple[str, ...] = SUITES
    seed: int = 1
    seconds: float | None = None
    """Time for playing the suites; None is as long as they take."""
    jobs: int = 2
    timeout: float = DEFAULT_TIMEOUT
    strict: bool = False
    """Hazards count against the driver."""
    layer: str = "documented"
    walks: int | None = None
    stop_after: int | None = None
    """Failing steps in one unit after which everything ends."""
    shrink: bool = True
    readings: tuple[tuple[str, str], ...] = ()
    known: tuple[Deviation, ...] = ()
    """Differences that were looked into, and do not count."""
