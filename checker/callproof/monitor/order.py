"""Lines put in the order of time, and calls that overlap in time tried in every order (linearizability).

A call takes effect at some moment between its begin and its end. Lines are judged at their ends; before a call ends,
calls that overlap it may have taken effect. What is remembered are the configurations that are possible: the states,
and which of the calls that have not ended have taken effect.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callproof.monitor.binding import BadValue
from callproof.monitor.footprint import Footprints
from callproof.monitor.judge import FINE, UNDECIDED, Judge, Judged, Report
from callproof.monitor.lines import CLOSE, OPEN, Line
from callproof.monitor.sessions import Sessions

NODES = 200
"""So many configurations are kept, and so many tried for one line; where there are more, nothing is certain."""
TRIES, MOST_TRIES = 50, 20_000
"""How many calls may be tried in another order for each line, and how many where earlier lines took fewer: what a log
full of overlapping calls costs is bounded by its length."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A line with its place in the log and in time."""

    number: int
    line: Line
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """The states, and the lines that have taken effect before they are judged, with what there is to say of each."""

    sessions: Sessions
    done: Mapping[int, Judged] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """How bad the worst of these lines is."""
        return max((judged.rank for judged in self.done.values()), default=0)


class Order:
    """Hands lines to the judge in an order that their times allow, and in which as little as possible is wrong."""

    def __init__(self, judge: Judge, sessions: Sessions, window: int, report: Report) -> None:
        self._judge, self._window, self._report = judge, window, report
        self._footprints = Footprints(judge.machine)
        self._configurations = [Configuration(sessions)]
        self._waiting: list[Timed] = []
        self._open: dict[int, Timed] = {}
        self._blind: set[int] = set()
        """Lines that came after calls were judged that overlap them: not every order could be tried."""
        self._early: dict[int, Judged] = {}
        """The least that is wrong with each refused call that has not ended, at the moments that were looked at."""
        self._ended = self._begun = 0
        self._tries = MOST_TRIES
        self.cut = False
        """An order that is possible may have been given up: nothing that follows is certainly wrong."""

    @property
    def sessions(self) -> Sessions:
        """The states; those of the first configuration where several are possible."""
        return self._configurations[0].sessions

    def feed(self, lines: list[Line], numbers: list[int], last: bool = False) -> None:
        """Judge lines, all but so many of the newest as may be out of order; with `last` these too."""
        begins = [line.begin for line in lines]
        if not self._waiting and begins.count(None) == len(begins):
            self._in_order(lines, numbers)
            return
        ends = [line.end for line in lines]
        if not self._sequential(lines, numbers, begins, ends, last):
            self._general(lines, numbers, last)

    def _in_order(self, lines: list[Line], numbers: list[int]) -> None:
        self._judge.run(self.sessions, lines, numbers, self._report)

    def _sequential(
        self, lines: list[Line], numbers: list[int], begins: list[int | None], ends: list[int | None], last: bool
    ) -> bool:
        """The frequent case: no two calls overlap, so the order is that of the lines."""
        if len(self._configurations) > 1 or self._configurations[0].done or self._open:
            return False
        waiting = self._waiting
        begins, ends = [*(t.begin for t in waiting), *begins], [*(t.end for t in waiting), *ends]
        try:
            apart: Any = operator.le  # None among them raises
            one_by_one = all(map(apart, ends, begins[1:])) and all(map(apart, begins, ends))
            if not one_by_one or (begins and not apart(self._ended, begins[0])):
                return False
        except TypeError:  # a line without times among others
            return False
        lines, numbers = [t.line for t in waiting] + lines, [t.number for t in waiting] + numbers
        ready = len(lines) if last else max(0, len(lines) - self._window)
        if ready:
            self._judge.run(self.sessions, lines[:ready], numbers[:ready], self._report)
            self._ended, self._begun = int(ends[ready - 1] or 0), int(begins[ready - 1] or 0)
        self._waiting = [
            Timed(n, line, int(line.begin), int(line.end))
            for n, line in zip(numbers[ready:], lines[ready:], strict=True)
        ]
        return True

    def _general(self, lines: list[Line], numbers: list[int], last: bool) -> None:
        for number, line in zip(numbers, lines, strict=True):
            timed = self._timed(number, line)
            if timed is not None:
                self._waiting.append(timed)
        ordered = sorted(self._waiting, key=lambda t: (t.end, t.begin, t.number))
        by_begin = sorted(self._waiting, key=lambda t: (t.begin, t.number))
        ready, begun = len(ordered) if last else max(0, len(ordered) - self._window), 0
        for timed in ordered[:ready]:
            while begun < len(by_begin) and by_begin[begun].begin < timed.end:
                self._open[by_begin[begun].number] = by_begin[begun]
                begun += 1
            self._open.pop(timed.number, None)
            self._step(timed, list(self._open.values()))
            self._ended, self._begun = max(self._ended, timed.end), max(self._begun, timed.begin)
        judged = {timed.number for timed in ordered[:ready]}
        self._blind -= judged
        self._open.clear()
        self._waiting = [timed for timed in self._waiting if timed.number not in judged]

    def _timed(self, number: int, line: Line) -> Timed | None:
        """A line in time; one without times happens when the line above it ends."""
        before = self._waiting[-1].end if self._waiting else self._ended
        begin = before if line.begin is None else line.begin
        end = begin if line.end is None else line.end
        if end < begin:
            self._report(number, line, Judged(None, problem=f"end: {end} is before begin, {begin}"))
            return None
        if end < self._begun:
            text = f"{self._window} lines or more out of the order of time (--window allows for more)"
            self._report(number, line, Judged(None, problem=text))
        elif begin < self._ended:
            self._blind.add(number)
        return Timed(number, line, begin, end)

    # -- one call ends ----------------------------------------------------------------------------------------------

    def _step(self, timed: Timed, others: list[Timed]) -> None:
        relevant = [] if self.cut else [other for other in others if not self._independent(timed, other)]
        self._tries = min(MOST_TRIES, self._tries + TRIES)
        found: list[tuple[Configuration, Judged]] = []
        for configuration in self._configurations:
            if timed.number in configuration.done:
                left = {number: judged for number, judged in configuration.done.items() if number != timed.number}
                found.append((Configuration(configuration.sessions, left), configuration.done[timed.number]))
            elif not [other for other in relevant if other.number not in configuration.done]:
                copy = configuration.sessions.copy() if len(self._configurations) > 1 else configuration.sessions
                judged = self._judge.take(copy, timed.number, timed.line)
                found.append((Configuration(copy, configuration.done), judged))
            else:
                found += self._explore(configuration, timed, relevant)
        least = min(judged.rank for _, judged in found)
        if least and relevant:
            found, least = self._blaming_less(found, least, timed, relevant)
        best = [(configuration, judged) for configuration, judged in found if judged.rank == least]
        judged = best[0][1]
        early = self._early.pop(timed.number, judged)
        if early.rank < least:  # a refused call changes nothing: it may have come before what was judged meanwhile
            judged = early if early.rank else UNDECIDED
        if least and (self.cut or timed.number in self._blind):
            judged = UNDECIDED
        if judged is not FINE:
            self._report(timed.number, timed.line, judged.overlapping(tuple(sorted(o.number for o in others))))
        kept = [configuration for configuration, _ in (best if not least else best[:1])]
        kept = self._distinct(kept, {other.number: other for other in others})
        self.cut = self.cut or len(kept) > NODES
        self._configurations = kept[:1] if self.cut else kept

    def _blaming_less(
        self, found: list[tuple[Configuration, Judged]], least: int, timed: Timed, others: list[Timed]
    ) -> tuple[list[tuple[Configuration, Judged]], int]:
        """Orders with something wrong in an overlapping call instead, where that is less bad than what was found.

        A call whose effect the contract leaves undefined has happened all the same, and may be why this one is right.
        """
        tried = [
            (configuration, judged)
            for start in self._configurations
            if timed.number not in start.done and any(other.number not in start.done for other in others)
            for configuration, judged in self._explore(start, timed, others, least)
        ]
        best = min((max(judged.rank, c.rank) for c, judged in tried), default=least)
        if best >= least:
            return found, least
        kept = [(c, judged) for c, judged in tried if max(judged.rank, c.rank) == best]
        least = min(judged.rank for _, judged in kept)
        return kept, least

    def _remember(self, other: Timed, judged: Judged) -> None:
        known = self._early.get(other.number)
        if self._judge.types[other.line.__class__] in (OPEN, CLOSE) or (known and known.rank <= judged.rank):
            return
        with contextlib.suppress(BadValue):
            if self._judge.bound(other.line)[3] is False:
                self._early[other.number] = judged

    def _independent(self, one: Timed, two: Timed) -> bool:
        a, b = one.line.session, two.line.session
        if a is not None and b is not None and a != b:
            return True
        calls = [self._judge.types[t.line.__class__] for t in (one, two)]
        if OPEN in calls or CLOSE in calls:
            return False
        try:
            first, second = ((call, self._judge.bound(t.line)[0]) for call, t in zip(calls, (one, two), strict=True))
        except BadValue:
            return True
        return self._footprints.independent(first, second)

    def _explore(
        self, start: Configuration, timed: Timed, others: list[Timed], below: int = 1
    ) -> Iterable[tuple[Configuration, Judged]]:
        """Every way in which overlapping calls, none as bad as `below`, may have taken effect before this one did."""
        queue, seen, found = [start], [start], []
        while queue:
            current = queue.pop(0)
            after = current.sessions.copy()
            judged = self._judge.take(after, timed.number, timed.line)
            found.append((Configuration(after, current.done), judged))
            for other in others:
                if other.number in current.done:
                    continue
                self._tries -= 1
                sessions = current.sessions.copy()
                early = self._judge.take(sessions, other.number, other.line)
                self._remember(other, early)
                if early.rank >= below:
                    continue
                made = Configuration(sessions, {**current.done, other.number: early if early.rank else FINE})
                if not any(made.done.keys() == one.done.keys() and sessions.same(one.sessions) for one in seen):
                    seen.append(made)
                    queue.append(made)
            if self._tries <= 0 or len(seen) > NODES // len(self._configurations):
                self.cut = True
                break
        return found

    def _distinct(self, configurations: list[Configuration], others: dict[int, Timed]) -> list[Configuration]:
        """Without those that another will come to as well, when calls that have not ended take effect later."""
        kept: list[Configuration] = []
        for one in sorted(configurations, key=lambda c: len(c.done)):
            if not any(self._leads_to(other, one, others) for other in kept):
                kept.append(one)
        return kept

    def _leads_to(self, start: Configuration, goal: Configuration, others: dict[int, Timed]) -> bool:
        if not start.done.keys() <= goal.done.keys() or goal.rank:
            return False
        left = sorted(goal.done.keys() - start.done.keys())
        if not left:
            return start.sessions.same(goal.sessions)
        self._tries -= len(left)
        if self._tries <= 0:
            return False
        sessions = start.sessions.copy()
        for number in left:
            if number not in others or self._judge.take(sessions, number, others[number].line).rank:
                return False
        return sessions.same(goal.sessions)
