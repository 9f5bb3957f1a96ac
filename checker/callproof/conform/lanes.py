"""Several driver processes at once: while one answers, the next is asked. The order of work never depends on timing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from callproof.conform.cases import Case
from callproof.conform.goals import Marksman
from callproof.conform.observations import Seen
from callproof.conform.play import Batch, Player, Talk
from callproof.drivers.messages import Answer
from callproof.drivers.session import DriverFailure, Session

Open = Callable[[], Session]
"""Starts a driver process."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Cases that are played one after another on one process; units share nothing, so any number may run at once."""

    name: str
    cases: Iterable[Case]
    marksman: Marksman


@dataclass(frozen=True, slots=True)
class Done:
    """What was seen in one unit."""

    unit: Unit
    seen: Seen
    finished: bool
    """False where time ran out."""


class Lane:
    """One process and the unit that it works on."""

    def __init__(self, open_session: Open, stop: Callable[[Seen], bool]) -> None:
        self._open, self._stop = open_session, stop
        self._session: Session | None = None
        self._unit: Unit | None = None
        self._cases: Iterator[Case] = iter(())
        self._talk: Talk | None = None
        self._player = Player(Seen())
        self._posted = 0
        self._failure: DriverFailure | None = None

    def take(self, unit: Unit) -> None:
        """Begin a unit."""
        self._unit, self._cases, self._talk = unit, iter(unit.cases), None
        self._player = Player(Seen())
        self._posted, self._failure = 0, None

    @property
    def idle(self) -> bool:
        return self._unit is None

    def step(self) -> Done | None:
        """Take the answers that are due and post the next calls; what was seen once the unit is over."""
        answers: list[Answer] | DriverFailure | None = None
        if self._posted:
            answers = self._collect()
        while True:
            batch = self._next(answers)
            if batch is _OVER:
                unit, self._unit = self._unit, None
                assert unit is not None
                return Done(unit, self._player.seen, not self._stop(self._player.seen))
            assert isinstance(batch, list)
            self._post(batch)
            if self._posted:
                return None
            answers = self._collect()

    def _next(self, answers: list[Answer] | DriverFailure | None) -> Batch | object:
        """The next calls to post; resets are made on the way."""
        while True:
            try:
                if self._talk is None:
                    case = None if self._stop(self._player.seen) else next(self._cases, None)
                    if case is None:
                        return _OVER
                    assert self._unit is not None
                    self._talk = self._player.play(case, self._unit.marksman)
                    self._case = case
                    batch = next(self._talk)
                else:
                    batch = self._talk.send(answers if answers is not None else [])
            except StopIteration:
                self._talk, answers = None, None
                continue
            if batch is not None:
                return batch
            self._reset()
            answers = None

    def _reset(self) -> None:
        setting = self._case.world.setting
        kinds = {str(index): name for index, name in setting.kinds.items() if name}
        if self._session is not None:
            try:
                self._session.reset(setting.options, kinds)
                return
            except DriverFailure:
                self.close(politely=False)
        # A fresh process that cannot be reset either is no driver.
        self._session = self._open()
        try:
            self._session.reset(setting.options, kinds)
        except BaseException:
            self.close(politely=False)
            raise

    def _post(self, batch: Batch) -> None:
        assert self._session is not None
        try:
            self._session.post(batch)
            self._posted = len(batch)
        except DriverFailure as failure:
            self._failure = failure

    def _collect(self) -> list[Answer] | DriverFailure:
        assert self._session is not None
        self._posted = 0
        failure, self._failure = self._failure, None
        if failure is None:
            try:
                return self._session.collect()
            except DriverFailure as error:
                failure = error
        self.close(politely=False)
        return failure

    def close(self, politely: bool = True) -> None:
        """End the process."""
        if self._session is not None:
            session, self._session = self._session, None
            session.close(politely)


_OVER = object()


def run_units(
    units: Iterable[Unit], open_session: Open, jobs: int, stop: Callable[[Seen], bool], tick: Callable[[Seen], None]
) -> list[Done]:
    """Play all units on `jobs` processes; results in the order of the units."""
    waiting = iter(units)
    order: list[Unit] = []
    done: dict[int, Done] = {}
    lanes = [Lane(open_session, stop) for _ in range(jobs)]
    try:
        while True:
            for lane in lanes:
                if lane.idle:
                    unit = next(waiting, None)
                    if unit is not None:
                        order.append(unit)
                        lane.take(unit)
                if not lane.idle:
                    result = lane.step()
                    if result is not None:
                        done[id(result.unit)] = result
                        tick(result.seen)
            if all(lane.idle for lane in lanes) and len(done) == len(order):
                unit = next(waiting, None)
                if unit is None:
                    return [done[id(u)] for u in order]
                order.append(unit)
                lanes[0].take(unit)
    finally:
        for lane in lanes:
            lane.close()
