"""Findings and results as plain data, which every report renders and no engine prints."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

from callproof.errors import Exit, worst
from callproof.trace import Trace


class Status(enum.Enum):
    """What is known of an invariant in a layer."""

    PROVED = "proved"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    """A budget ran out, or there is neither a proof nor a counterexample within the bound."""
    VACUOUS = "vacuous"
    """It holds because what it speaks of can never come about."""


@dataclass(frozen=True, slots=True)
class Change:
    """A state variable that a step changed, as a person reads it."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of a counterexample, after it was replayed."""

    call: str
    arguments: str
    result: str
    outcome: str
    changes: tuple[Change, ...]
    let_through: tuple[str, ...]
    """Ids of clauses outside the layer that would have refused the step."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A shortest sequence of accepted calls behind which an invariant does not hold."""

    number: int
    trace: Trace
    text: str
    """The trace as it is written to a file."""
    steps: tuple[ShownStep, ...]
    shortest: bool
    """No shorter sequence breaks the invariant; false only where the search for one ran out of budget."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one invariant in one layer."""

    invariant: str
    cls: str
    status: Status
    scope: str
    reason: str = ""
    counterexample: Counterexample | None = None


@dataclass(frozen=True, slots=True)
class LayerResult:
    """One column of the matrix."""

    layer: str
    meaning: str
    findings: tuple[Finding, ...]
    states: int
    edges: int

    def status(self, invariant: str) -> Finding:
        """The finding on one invariant."""
        return next(f for f in self.findings if f.invariant == invariant)


@dataclass(frozen=True, slots=True)
class SequenceCount:
    """How many call sequences a layer accepts up to a length."""

    bound: int
    accepted: int
    exact: bool
    """False: an upper bound, since some sequences may be refused for their data."""


@dataclass(frozen=True, slots=True)
class CallCoverage:
    """Whether some reachable state accepts a call, and some refuses it."""

    call: str
    is_event: bool
    accepted: bool
    rejected: bool


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """Whether a clause of a call ever fails in a reachable state, and whether it ever decides.

    It decides where it fails while all clauses hold that the verdict looks at before it or with it.
    """

    call: str
    clause: str
    fails: bool
    decides: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What a run has cost."""

    obligations: int
    distinct: int
    solver_calls: int
    kept: int
    """Questions that an earlier run had answered, or this one in another system."""
    graph_seconds: float
    proof_seconds: float
    search_seconds: float
    solver_seconds: float
    total_seconds: float

    def since(self, before: Work) -> Work:
        """What was added to an earlier account."""
        return Work(*(getattr(self, f.name) - getattr(before, f.name) for f in fields(Work)))


@dataclass(frozen=True, slots=True)
class NeedRow:
    """An invariant that is not proved any more once a clause is taken out of all calls that state it."""

    invariant: str
    clause: str
    calls: tuple[str, ...]
    """The calls out of which alone the clause cannot be taken; none where it takes the loss in several."""


@dataclass(frozen=True, slots=True)
class ClauseNeed:
    """A clause, the calls that state it, and the invariants that fall without it."""

    clause: str
    calls: tuple[str, ...]
    invariants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EitherClause:
    """Two clauses of which no proof needs either, and the invariants that fall without both."""

    clauses: tuple[str, str]
    invariants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What each proof of a layer needs of the contract."""

    layer: str
    proved: tuple[str, ...]
    """The invariants that were proved with all clauses; those checked with more resources are not among them."""
    clauses: tuple[ClauseNeed, ...]
    rows: tuple[NeedRow, ...]
    either: tuple[EitherClause, ...] = ()
    untold: tuple[str, ...] = ()
    """Clauses without which there are too many control states to prove anything."""
    note: str = ""
    """Why nothing could be told; empty where it could."""

    def of(self, invariant: str) -> tuple[str, ...] | None:
        """The clauses that an invariant needs; None where that was not asked of it."""
        if invariant not in self.proved:
            return None
        return tuple(row.clause for row in self.rows if row.invariant == invariant)

    @property
    def unneeded(self) -> tuple[ClauseNeed, ...]:
        """Clauses without which every invariant still stands.

        They are rules of function, or superfluous, or another clause stands in for them (`either`).
        """
        return tuple(row for row in self.clauses if not row.invariants and row.clause not in self.untold)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of `callproof check`."""

    spec: str
    title: str
    version: str
    z3: str
    """The version of the solver."""
    engine: str
    word_bits: int
    """The width of addresses, sizes and numbers that the verdicts are about."""
    readings: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    resources: tuple[tuple[str, int], ...]
    """How many of each kind of handle there are in the system that was explored."""
    any_number_of: tuple[str, ...]
    """The kinds of which there may be any number, by what was proved of one and two."""
    note: str
    """Why there is no such kind although it was asked for; empty where nothing is to be said."""
    judged: str
    """The layer that decides the exit code."""
    layers: tuple[LayerResult, ...]
    sequences: SequenceCount | None
    """None with an engine that explores no sequence graph; it has no coverage either."""
    calls: tuple[CallCoverage, ...]
    clauses: tuple[ClauseCoverage, ...]
    work: Work
    needs: Needs | None = None
    """Which clauses the proofs of the judged layer need, where that was asked."""
    confirmed_by: str = ""
    """The other solver that has confirmed what is proved, with its version, where one was asked."""

    @property
    def judged_layer(self) -> LayerResult:
        return next(layer for layer in self.layers if layer.layer == self.judged)

    @property
    def idle_clauses(self) -> tuple[ClauseCoverage, ...]:
        """Clauses that decide nothing, for whenever they fail others of the call do so too."""
        return tuple(c for c in self.clauses if c.fails and not c.decides)

    @property
    def dead_clauses(self) -> tuple[ClauseCoverage, ...]:
        """Clauses that never fail."""
        return tuple(c for c in self.clauses if not c.fails)

    @property
    def dead_calls(self) -> tuple[CallCoverage, ...]:
        """Calls that no reachable state accepts."""
        return tuple(c for c in self.calls if not c.accepted)

    @property
    def exit(self) -> Exit:
        """The exit code: that of the judged layer's worst finding."""
        codes = {
            Status.PROVED: Exit.OK,
            Status.VIOLATED: Exit.VIOLATED,
            Status.UNKNOWN: Exit.UNKNOWN,
            Status.VACUOUS: Exit.VACUOUS,
        }
        found = [codes[f.status] for f in self.judged_layer.findings]
        if self.dead_calls or self.dead_clauses:
            found.append(Exit.VACUOUS)
        return worst(found)
