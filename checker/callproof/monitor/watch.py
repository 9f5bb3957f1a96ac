"""A log from its first line to its last: read, decoded, put in order, judged; only what is found is kept."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from callproof.errors import InputError, UsageError
from callproof.model.specification import Specification
from callproof.monitor.blame import Explainer
from callproof.monitor.files import Block, blocks
from callproof.monitor.judge import Judge, Judged
from callproof.monitor.lines import Decoded, Header, Line, Lines, header_of
from callproof.monitor.order import Order
from callproof.monitor.outcomes import Count, Finding, MonitorResult, Problem
from callproof.monitor.profile import Profile, ProfileLines
from callproof.monitor.sessions import Sessions
from callproof.monitor.tally import Tally
from callproof.parametric import OpenMachine

if TYPE_CHECKING:
    from callproof.monitor.possible import Possible

PROBLEMS = 20
"""So many problems are kept; the others are counted."""

Told = Callable[[Finding | Problem], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a log is judged. `options` and `readings` go before those that the log itself names."""

    options: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    from_unknown: bool = False
    """The log starts in the middle: nothing is known of the state before its first line."""
    follow: bool = False
    failing_hazards: bool = False
    window: int = 1024
    """So many lines may stand out of the order of time."""
    profile: Profile | None = None
    """How the lines of a text log are read; None for the native format."""


def monitor(
    spec: Specification[Any],
    path: str,
    settings: Settings = Settings(),
    told: Told | None = None,
    waiting: Callable[[], bool] | None = None,
    machine: OpenMachine | None = None,
) -> MonitorResult:
    """Judge a log (`-` is standard input); `told` hears of what is found at once. A `machine`
    of the specification is used again where its readings are those that are asked for.

    Raises `InputError` where the file cannot be read or its header does not fit, `LimitError` where more is in use at
    once than is followed, and `UsageError` for a reading or an option that is not there.
    """
    watch: Watch | None = None
    interrupted = frozen = False
    try:
        for block in blocks(path, follow=settings.follow, waiting=waiting):
            if watch is None:
                head, block = (Header("", 1), block) if settings.profile is not None else _header(block, path)
                watch = Watch(spec, path, settings, head, told, machine)
            watch.block(block)
            if not frozen:  # what was generated stays: the collector need not look at it for every few lines
                gc.freeze()
                frozen = True
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if frozen:
            gc.unfreeze()
    if watch is None:
        watch = Watch(spec, path, settings, Header("", 1), told, machine)
    return watch.result(interrupted)


def _header(block: Block, path: str) -> tuple[Header, Block]:
    first, _, others = block.data.partition(b"\n")
    found = header_of(first)
    if found is None:
        return Header("", 1), block
    if isinstance(found, str):
        raise InputError(f"{path}: {found}")
    return found, Block(block.first + 1, others, block.rest, block.long, block.lines - 1)


def _possible(machine: OpenMachine) -> Possible:
    from callproof.monitor.possible import Possible  # the solver is loaded by nobody who does not need it

    return Possible(machine)


class Watch:
    """Judges the blocks of one log as they come."""

    def __init__(
        self,
        spec: Specification[Any],
        path: str,
        settings: Settings,
        head: Header,
        told: Told | None,
        machine: OpenMachine | None = None,
    ) -> None:
        if head.spec and head.spec != spec.name:
            raise InputError(f"{path}: the log is of {head.spec!r}, not of {spec.name}; name the specification")
        self._spec, self._settings, self._told = spec, settings, told
        named = settings.profile.options if settings.profile is not None else head.options
        options, readings = {**named, **settings.options}, {**head.readings, **settings.readings}
        try:
            fits = machine is not None and machine.readings == {**spec.default_readings, **readings}
            self._machine = machine if machine is not None and fits else OpenMachine(spec, readings)
            sessions = Sessions(self._machine, options, settings.from_unknown)
        except UsageError as error:
            raise InputError(f"{path}: {error}") if head.options or head.readings else error from None
        self._options = tuple(options.items())
        self._lines = Lines(spec, self._machine)
        self._profile = (
            ProfileLines(settings.profile, self._lines, self._machine) if settings.profile is not None else None
        )
        self._source = self._profile or self._lines
        self._tally = Tally()
        self._possible = _possible(self._machine) if settings.from_unknown else None
        judge = Judge(self._machine, self._lines.types, self._tally, self._possible)
        self._order = Order(judge, sessions, settings.window, self._report)
        self._explainer = Explainer(spec, self._machine, path)
        self._path, self._count, self._undecided, self._problem_count = path, 0, 0, 0
        self._findings: list[Finding] = []
        self._problems: list[Problem] = []
        self._notes: list[str] = []

    def block(self, block: Block) -> None:
        """Judge the lines of a block."""
        decoded = self._source.decode(block)
        if block.rest:
            last = self._source.last(block)
            if last is None:
                self._notes.append("the last line is cut off and was left out")
            else:
                decoded = Decoded([*decoded.lines, last], [*decoded.numbers, block.first], decoded.problems)
        for number, message in decoded.problems:
            self._problem(number, message)
        if block.problem:
            self._problem(block.first, block.problem)
        self._count += len(decoded.lines)
        self._order.feed(decoded.lines, decoded.numbers)
        self._order.sessions.sweep()

    def _report(self, number: int, line: Line, judged: Judged) -> None:
        if judged.problem:
            self._count -= 1
            self._problem(number, judged.problem)
            return
        self._undecided += judged.undecided
        if judged.repeated is not None:
            self._tally.add(judged.repeated)
            return
        breach = judged.breach
        if breach is None:
            return
        call = self._lines.types[line.__class__]
        kind = breach.blame, call, breach.ids
        enough = self._tally.enough(kind)
        self._tally.add(kind)
        if enough:
            return
        assert judged.world is not None
        assert judged.bound is not None
        finding = self._explainer.finding(number, call, line, judged.bound, judged.world, breach, judged.window)
        self._findings.append(finding)
        self._tally.explained += 1
        if self._told is not None:
            self._told(finding)

    def _problem(self, number: int, message: str) -> None:
        self._problem_count += 1
        if self._problem_count <= PROBLEMS:
            problem = Problem(self._path, number, message)
            self._problems.append(problem)
            if self._told is not None:
                self._told(problem)

    def result(self, interrupted: bool = False) -> MonitorResult:
        """Judge what is left, and say what was found."""
        self._order.feed([], [], last=True)
        sessions = self._order.sessions
        if self._order.cut:
            self._notes.append("too many calls overlap to try every order; later lines may be undecided for that")
        if self._possible is not None and self._possible.left <= 0:
            self._notes.append("too many questions for the solver; later lines may be undecided for that")
        return MonitorResult(
            self._spec.name,
            (self._path,),
            tuple(self._machine.readings.items()),
            self._options,
            self._settings.from_unknown,
            self._count,
            self._profile.skipped if self._profile is not None else 0,
            self._undecided,
            sessions.count,
            sessions.left_open(),
            tuple(self._findings),
            tuple(Count(blame, call, ids, n) for (blame, call, ids), n in self._tally.counts.items()),
            tuple(self._problems),
            self._problem_count,
            tuple(self._notes),
            self._settings.failing_hazards,
            interrupted,
        )
