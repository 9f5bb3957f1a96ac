"""What a log shows, as plain data that every report renders."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from callproof.errors import Exit, worst


class Blame(enum.Enum):
    """Whose part a line shows to be wrong."""

    CALLER = "caller"
    """It made a call that the contract refuses or leaves undefined."""
    DRIVER = "driver"
    """It accepted what it must refuse, refused what it must accept, or returned what an axiom rules out."""
    HAZARD = "hazard"
    """Nobody's, by the pages: a call was accepted that only a hardening clause speaks against."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A clause or an axiom that fails, and where it is stated."""

    id: str
    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier line that explains a finding."""

    line: int
    call: str
    makes: tuple[str, ...]
    """What it made of the state, as far as the clause depends on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line that breaks the contract."""

    source: str
    line: int
    blame: Blame
    call: str
    """The line as a person reads it: call, arguments, what was returned."""
    session: str
    message: str
    cited: tuple[Cited, ...]
    earlier: tuple[Earlier, ...]
    """The fewest earlier lines that make the clause fail; none where nothing had been done yet."""
    before: tuple[tuple[str, str], ...]
    """The state before, of the resources that the line names: variables that are not as in the beginning."""
    window: tuple[int, ...] = ()
    """The lines of other calls that overlap this one in time, in no order of which it is allowed."""

    @property
    def exit(self) -> Exit:
        return Exit.OK if self.blame is Blame.HAZARD else Exit.VIOLATED


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be read as a call."""

    source: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often a line of one kind was found wrong."""

    blame: Blame
    call: str
    clauses: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class MonitorResult:
    """The result of `callproof monitor`."""

    spec: str
    sources: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    from_unknown: bool
    lines: int
    """Lines that were judged."""
    skipped: int
    """Lines that a profile does not read."""
    undecided: int
    """Lines on which there is no verdict, for it depends on values that the log does not tell."""
    sessions: int
    still_open: int
    """Sessions in which something was left when the log ended."""
    findings: tuple[Finding, ...]
    """The first ones, of each kind at least one."""
    counts: tuple[Count, ...]
    problems: tuple[Problem, ...]
    """The first ones."""
    problem_count: int
    notes: tuple[str, ...]
    failing_hazards: bool = False
    interrupted: bool = False

    @property
    def exit(self) -> Exit:
        """2 where lines could not be read, 1 where the contract was broken; a hazard is only reported."""
        codes = [Exit.USAGE] if self.problem_count else []
        if any(count.blame is not Blame.HAZARD or self.failing_hazards for count in self.counts):
            codes.append(Exit.VIOLATED)
        return worst(codes)

    def total(self, blame: Blame) -> int:
        """The number of lines to blame on somebody."""
        return sum(count.lines for count in self.counts if count.blame is blame)
