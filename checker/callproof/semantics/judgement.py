"""What a contract says of one call in one state."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from callproof.model.clauses import Origin
from callproof.model.system import ClauseUse


class Verdict(enum.Enum):
    """What a driver owes; the first that applies in the order of `DECIDING`."""

    MUST_ACCEPT = "must_accept"
    """Every clause holds."""
    MUST_REJECT = "must_reject"
    """A documented or header clause fails."""
    MAY = "may"
    """Only hardening (and perhaps a caller's duty) fails: accepting is a hazard, not a fault."""
    UNDEFINED = "undefined"
    """Only a caller's duty fails: nothing is judged."""


VERDICTS = (Verdict.MUST_ACCEPT, Verdict.MUST_REJECT, Verdict.MAY, Verdict.UNDEFINED)
"""The verdict of each code that a compiled action gives."""

DECIDING: tuple[tuple[int, frozenset[Origin]], ...] = (
    (1, frozenset({Origin.DOCUMENTED, Origin.HEADER})),
    (2, frozenset({Origin.HARDENING})),
    (3, frozenset({Origin.CALLER})),
)
"""Codes of the verdicts other than `must_accept`, with the origins whose failing decides for them."""


def verdict_of(failing: Iterable[ClauseUse]) -> Verdict:
    """The verdict where these clauses fail."""
    origins = {use.origin for use in failing}
    return VERDICTS[next((code for code, deciding in DECIDING if origins & deciding), 0)]
