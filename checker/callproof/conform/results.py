"""What a campaign found, as plain data that every report renders."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.conform.observations import Signature
from callproof.errors import Exit, worst
from callproof.semantics import Verdict
from callproof.trace import Trace


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a driver does not do what it must, with a representative."""

    signature: Signature
    verdict: Verdict | None
    message: str
    trace: Trace
    occurrences: int
    suite: str
    deterministic: bool
    minimal: bool
    """No call can be left out; false where the budget for shrinking ran out or the failure comes and goes."""
    fails: bool
    """It counts against the driver (a hazard need not)."""
    known: str = ""
    """What was found out of it before, where it is a known deviation: it counts no more."""

    @property
    def exit(self) -> Exit:
        if self.known:
            return Exit.OK
        if self.signature.sort.is_failure:
            return Exit.DRIVER
        return Exit.VIOLATED if self.fails else Exit.OK


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """How often a clause of a call was seen to hold and to fail, and what the driver did."""

    call: str
    clause: str
    origin: str
    holds_accepted: int
    holds_refused: int
    fails_accepted: int
    fails_refused: int
    alone_accepted: int
    alone_refused: int
    status: str
    """`covered`, `impossible` (it cannot fail alone), `caller` (a duty that a test must not break), `beyond` (what the
    driver offers does not show it), `missed`."""
    why: str = ""

    @property
    def alone(self) -> int:
        """Calls at which it failed and every other clause held that its verdict depends on."""
        return self.alone_refused + self.alone_accepted


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Something that was not covered, and why."""

    what: str
    why: str
    required: bool


@dataclass(frozen=True, slots=True)
class EdgeCoverage:
    """Edges of the sequence graphs of what a driver offers: taken, and found to be takeable."""

    taken: int
    takeable: int
    untakeable: int
    """Edges that control allows, for which no sizes and addresses were found."""
    ruled_out: int
    """Edges that control allows and the sizes of the driver's kinds rule out, as is proved."""


@dataclass(frozen=True, slots=True)
class ConformanceResult:
    """The result of `callproof test`."""

    spec: str
    driver: str
    version: str
    command: tuple[str, ...]
    suites: tuple[str, ...]
    layer: str
    seed: int
    settings: tuple[str, ...]
    findings: tuple[Finding, ...]
    clauses: tuple[ClauseRow, ...]
    edges: EdgeCoverage | None
    uncovered: tuple[Uncovered, ...]
    calls: int
    resets: int
    clause_calls: int
    """Calls that the clauses suite planned."""
    out_of_time: bool
    planning_seconds: float
    running_seconds: float
    declined: tuple[tuple[str, int], ...] = ()
    """Calls that the driver did not make, and how often: it lacks them, or not with the arguments that it was given."""

    @property
    def minimum(self) -> int:
        """The fewest calls that the clauses suite could have: one for each clause that can fail alone, on each side."""
        return 2 * sum(row.status == "covered" for row in self.clauses)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that count against the driver."""
        return tuple(f for f in self.findings if f.fails and not f.known)

    @property
    def hazards(self) -> tuple[Finding, ...]:
        """The findings that are only reported."""
        return tuple(f for f in self.findings if not f.fails and not f.known)

    @property
    def known(self) -> tuple[Finding, ...]:
        """The findings that are known deviations."""
        return tuple(f for f in self.findings if f.known)

    @property
    def exit(self) -> Exit:
        """The exit code: the worst finding's, or that of a required coverage missed."""
        codes = [finding.exit for finding in self.findings]
        if any(u.required for u in self.uncovered):
            codes.append(Exit.VACUOUS)
        return worst(codes)
