"""Lines judged one after the other, on the states of their sessions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callproof.errors import UsageError
from callproof.monitor.binding import BadValue, Bound, Handler, binder, handler
from callproof.monitor.blame import Breach, breach_of
from callproof.monitor.lines import CLOSE, OPEN, Line
from callproof.monitor.outcomes import Blame
from callproof.monitor.sessions import Sessions
from callproof.monitor.tally import Kind, Repeats, Tally
from callproof.parametric import OPEN_MADE, OpenMachine, Taken, Undecided, World
from callproof.parametric.generate import OPEN as NOT_KNOWN

if TYPE_CHECKING:
    from callproof.monitor.possible import Possible

RANK = {Blame.HAZARD: 1, Blame.CALLER: 2, Blame.DRIVER: 3}


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with a line, in which state it is so, and what else there is to say."""

    breach: Breach | None
    repeated: Kind | None = None
    """The kind of a breach that was explained often enough, in the place of `breach`."""
    world: World | None = None
    """The state before, where something is wrong."""
    bound: Bound | None = None
    undecided: bool = False
    problem: str = ""

    window: tuple[int, ...] = ()
    """The lines of calls that overlap this one in time."""

    def overlapping(self, numbers: tuple[int, ...]) -> Judged:
        """The same of a call that others overlap."""
        return replace(self, window=numbers)

    @property
    def rank(self) -> int:
        """How bad it is; of overlapping calls an order with the least bad one is taken."""
        if self.repeated is not None:
            return RANK[self.repeated[0]]
        return RANK[self.breach.blame] if self.breach is not None else 0


FINE = Judged(None)
UNDECIDED = Judged(None, undecided=True)

Report = Callable[[int, Line, Judged], None]


class Judge:
    """Judges lines of one log. What is compiled for a call is kept.

    With `possible`, what known values do not decide is asked of what the log has shown; with a `tally`, lines of a
    kind that was explained often enough are not explained again.
    """

    def __init__(
        self,
        machine: OpenMachine,
        types: dict[type, str],
        tally: Tally | None = None,
        possible: Possible | None = None,
    ) -> None:
        self.machine, self.types, self._possible = machine, types, possible
        self._repeats = None if tally is None else Repeats(machine, tally)
        self._handlers: dict[type, Handler] = {}
        self._binders: dict[type, Callable[[Line], Bound]] = {}

    def run(self, sessions: Sessions, lines: list[Line], numbers: Iterable[int], report: Report) -> None:
        """Judge lines in their order; `report` is told of those with which something is wrong or not known."""
        handlers, get = self._handlers, sessions.worlds.get
        shared = self._shared(sessions)
        for number, line in zip(numbers, lines, strict=True):
            world = get(line.session)
            if world is None or world is shared:
                judged = self.take(sessions, number, line)
                shared = self._shared(sessions)
            else:
                try:
                    code = handlers[line.__class__](line, world, number)
                    if not code:
                        continue
                    judged = UNDECIDED if code == OPEN_MADE else self.take(sessions, number, line)
                except (Undecided, BadValue, KeyError):
                    judged = self.take(sessions, number, line)
                    shared = self._shared(sessions)
            if judged is not FINE:
                report(number, line, judged)

    @staticmethod
    def _shared(sessions: Sessions) -> World | None:
        """The world of what concerns the whole process, where a line on it is one on every session."""
        return sessions.worlds[None] if len(sessions.worlds) > 1 else None

    def take(self, sessions: Sessions, number: int, line: Line) -> Judged:
        """Judge one line and make it, in every session that it concerns."""
        kind = line.__class__
        call = self.types[kind]
        if call in (OPEN, CLOSE):
            return self._frame(sessions, call, line)
        self._prepare(kind)
        worlds = [sessions.get(line.session)] if line.session is not None else list(sessions.worlds.values())
        try:
            found = [self._one(world, call, number, line) for world in worlds]
        except BadValue as error:
            return Judged(None, problem=str(error))
        worst = found[0]
        for judged in found:
            if judged.rank > worst.rank or (judged.undecided and worst is FINE):
                worst = judged
        return worst

    def bound(self, line: Line) -> Bound:
        """What a line passes and returns; raises `BadValue`."""
        self._prepare(line.__class__)
        return self._binders[line.__class__](line)

    def _prepare(self, kind: type) -> None:
        if kind not in self._handlers:
            call, kept = self.types[kind], self.machine.kept
            for name, make in (("line", handler), ("read", binder)):
                if (name, call) not in kept:
                    kept[name, call] = make(self.machine, call)
            self._handlers[kind], self._binders[kind] = kept["line", call], kept["read", call]

    def _frame(self, sessions: Sessions, call: str, line: Line) -> Judged:
        try:
            if call == OPEN:
                sessions.open(line.session, line.args)
            else:
                sessions.close(line.session)
        except UsageError as error:
            return Judged(None, problem=str(error))
        return FINE

    def _one(self, world: World, call: str, number: int, line: Line) -> Judged:
        kind = line.__class__
        try:
            code = self._handlers[kind](line, world, number)
        except Undecided:
            code = NOT_KNOWN
        if code in (0, OPEN_MADE):
            return UNDECIDED if code else FINE
        bound = self._binders[kind](line)
        if self._repeats is not None:
            with contextlib.suppress(Undecided):
                again = self._repeats.repeated(world, call, bound, code, (number, line))
                if again is not None:
                    return Judged(None, again)
        return self._slowly(world, call, number, line, bound)

    def _slowly(self, world: World, call: str, number: int, line: Line, bound: Bound) -> Judged:
        """Judge a line by every rule, and make it."""
        handles, args, results, accepted = bound
        possible = self._possible if self._possible is not None and self._possible.left > 0 else None
        if possible is not None:
            possible.settle(world, call, handles)
        taken = self.machine.judge(world, call, handles, args, results)
        breach = breach_of(taken, accepted)
        undecided = breach is None and not _conforms(taken, accepted)
        if breach is None and possible is not None:
            breach, decided = possible.decide(world, call, bound, taken)
            undecided = undecided and not decided
        before = world.copy() if breach is not None else None
        if _made(taken, accepted, bool(self.machine.shape(call).results)):
            effect = possible.effect(world, call, bound) if possible is not None else {}
            self.machine.make(world, call, handles, args, results, (number, line))
            if possible is not None:
                possible.made(world, effect)
        if breach is not None:
            return Judged(breach, None, before, bound)
        return UNDECIDED if undecided else FINE


def _conforms(taken: Taken, accepted: bool | None) -> bool:
    """The line is in order whichever of the possible verdicts is the right one."""
    return all(
        breach_of(Taken((verdict,), taken.failing, taken.open, (), ""), accepted) is None for verdict in taken.verdicts
    )


def _made(taken: Taken, accepted: bool | None, returns: bool) -> bool:
    """The call was made: the driver says so, or the contract where the log does not say."""
    if accepted is False or (taken.against and not returns):
        return False
    return accepted is True or taken.verdicts[0].value != "must_reject"
