"""Playing a case on a driver: calls are sent ahead as far as they do not depend on answers, and judged in order."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from callproof.conform.cases import Case, Planned
from callproof.conform.goals import Marksman
from callproof.conform.judge import all_failing, arguments, failing, judge
from callproof.conform.observations import Seen, Sighting, Signature, Sort
from callproof.conform.terms import values
from callproof.conform.world import Act, World
from callproof.drivers.messages import Answer, results
from callproof.drivers.session import DriverFailure, Failure
from callproof.semantics import VERDICTS, State, Values
from callproof.trace import Step, Value

WINDOW = 64
"""Calls that are sent before an answer is waited for."""
RECOVERIES = 400
"""Fresh starts within one case, each behind a finding, after which the case is given up."""
REPEATS = 2
"""Times that a finding is provoked in one unit before steps that show nothing else are left out."""

Batch = list[tuple[str, Mapping[str, Value]]]
Talk = Generator[Batch | None, list[Answer] | DriverFailure, None]
"""Yields calls to post (None: reset first), and is sent their answers."""


@dataclass(slots=True)
class Sent:
    """A call on its way. `before` is the state before it, kept where the answer is judged by it."""

    at: int
    act: Act
    args: Values
    given: Mapping[str, Value]
    code: int
    before: State
    awaited: bool
    edge: int = -1


_DONE, _AGAIN = -1, -2

FAILURES = {
    Failure.CRASHED: Sort.CRASHED,
    Failure.HUNG: Sort.HUNG,
    Failure.PROTOCOL: Sort.PROTOCOL,
    Failure.RAISED: Sort.RAISED,
}


class Player:
    """Plays the cases of one unit; what it sees goes into `seen`."""

    def __init__(self, seen: Seen, window: int = WINDOW) -> None:
        self.seen, self._widest, self._window = seen, window, window
        self._counts: dict[Signature, int] = {}
        self._state: State = []
        self._log: list[tuple[Sent, Answer | None]] = []
        self._steps: list[Step] = []
        """The log as far as it was asked for."""
        self._ended = False

    def play(self, case: Case, marksman: Marksman) -> Talk:
        """The talk about one case, fresh starts behind findings included."""
        steps = case.steps
        self._window = self._widest
        for _ in range(RECOVERIES):
            yield None
            self.seen.resets += 1
            stopped = yield from self._run(case, steps, marksman)
            if stopped == _AGAIN:
                self._window = 1
                continue
            if stopped == _DONE:
                return
            # Behind a call that should have changed nothing the plan still holds: its way is gone again without.
            if steps[stopped].moves:
                return
            steps = tuple(step for step in steps[:stopped] if step.moves) + steps[stopped + 1 :]

    def _run(self, case: Case, steps: tuple[Planned, ...], marksman: Marksman) -> Generator[
        Batch | None, list[Answer] | DriverFailure, int
    ]:  # fmt: skip
        """Play steps until the state is no longer what the plan says: the number of that step, `_DONE` or `_AGAIN`."""
        world = case.world
        self._state = world.initial.copy()
        self._log, self._steps = [], []
        at = 0
        while at < len(steps):
            sent, at, lost = self._ahead(world, steps, at, marksman)
            if sent:
                answered = yield [(s.act.action.call, s.given) for s in sent]
                stopped = self._judge_all(case, sent, answered)
                if stopped is not None:
                    return stopped
            if lost:
                return _DONE
        return _DONE

    def _ahead(
        self, world: World, steps: tuple[Planned, ...], at: int, marksman: Marksman
    ) -> tuple[list[Sent], int, bool]:
        """The calls to send now, the next step behind them, and whether the plan is lost there."""
        sent: list[Sent] = []
        while at < len(steps) and len(sent) < self._window:
            step = steps[at]
            made = self._arguments(world, step, marksman)
            if made is None:
                self.seen.missed += 1
                if step.moves:
                    return sent, at, True
                at += 1
                continue
            act, args, code = made
            at += 1
            if code and self._is_known(act, args):
                continue
            state = self._state
            awaited = code == 0 and world.awaits(act, state, args)
            before = state.copy() if code or act.action.results else state
            sent.append(Sent(at - 1, act, args, arguments(act, args), code, before, awaited, step.edge))
            if awaited or code == 2:
                break
            if code == 0 and act.changes:
                act.compiled.apply(state, args, act.no_results)
        return sent, at, False

    def _arguments(self, world: World, step: Planned, marksman: Marksman) -> tuple[Act, Values, int] | None:
        """The arguments of a step in the state as the driver made it; None where it has become impossible."""
        act, state = world.acts[step.act], self._state
        args = values(step.terms, state)
        if step.goal is None:
            code = act.compiled.judge(state, args, act.no_results)
            if code == 3 or (code == 0) is not step.moves or not _can_happen(act, state, args):
                return None
            return act, args, code
        shot = marksman.hits(act, state, step.goal, step.terms) or marksman.aim(state, step.goal)
        if shot is None:
            return None
        return act, shot.args, act.compiled.judge(state, shot.args, act.no_results)

    def _is_known(self, act: Act, args: Values) -> bool:
        """A step that is likely to show only what was found before."""
        if not self._counts:
            return False
        ids = failing(act, self._state, args)
        return any(
            self._counts.get(Signature(sort, act.action.call, ids), 0) >= REPEATS
            for sort in (Sort.ACCEPTED, Sort.HAZARD, Sort.CRASHED, Sort.HUNG, Sort.RAISED, Sort.PROTOCOL)
        )

    # -- answers ------------------------------------------------------------------------------------------------

    def _judge_all(self, case: Case, sent: list[Sent], answered: list[Answer] | DriverFailure) -> int | None:
        """Judge the answers in order; the number of the step behind which the plan no longer holds, if there is one."""
        answers = answered.answers if isinstance(answered, DriverFailure) else answered
        for s, answer in zip(sent, answers, strict=False):
            self.seen.calls += 1
            if not self._judge(case, s, answer):
                return s.at
        if isinstance(answered, DriverFailure):
            if len(sent) > 1:
                # Answers may have been lost with the process: one call at a time shows which it was.
                return _AGAIN
            culprit = sent[min(len(answers), len(sent) - 1)]
            self._failed(case, culprit, answered)
            return culprit.at
        return None

    def _judge(self, case: Case, s: Sent, answer: Answer) -> bool:
        """Judge one answer; false where the driver's state is no longer the plan's."""
        if answer.unsupported:
            self.seen.unsupported[s.act.action.call, all_failing(s.act, s.before, s.args) if s.code else ()] += 1
            return s.code != 0
        verdict = judge(case.world, s.act, s.before, s.args, s.code, answer)
        fails = all_failing(s.act, s.before, s.args) if s.code else ()
        self.seen.rows[s.act.action.call, s.code, fails, verdict.accepted] += 1
        self._log.append((s, answer))
        if verdict.wrong is not None:
            self._found(case, verdict.wrong, s.code, verdict.message)
            return False
        if s.code:
            return not verdict.accepted
        if not verdict.accepted:
            self.seen.refused_events[s.act.action.call] += 1
            return False
        if s.edge >= 0:
            self.seen.edges.add(s.edge)
        if s.awaited:
            s.act.compiled.apply(self._state, s.args, verdict.returned)
        return True

    def _failed(self, case: Case, s: Sent, failure: DriverFailure) -> None:
        self._log.append((s, None))
        ids = failing(s.act, s.before, s.args) if s.code else ()
        self._found(case, Signature(FAILURES[failure.how], s.act.action.call, ids), s.code, failure.message)

    def _found(self, case: Case, signature: Signature, code: int, message: str) -> None:
        self._counts[signature] = self._counts.get(signature, 0) + 1
        self._steps += [_step(s, answer) for s, answer in self._log[len(self._steps) :]]
        steps = tuple(self._steps)
        self.seen.sightings.append(Sighting(signature, VERDICTS[code], message, case.world.setting, steps, case.suite))


def _can_happen(act: Act, state: State, args: Values) -> bool:
    """An event that returns nothing happens only where its axioms hold; they may fail where the plan was another."""
    if not act.action.is_event or act.action.results or not act.action.axioms:
        return True
    return bool(act.compiled.possible(state, args, act.no_results))


def _step(s: Sent, answer: Answer | None) -> Step:
    """What was called and what came back, if anything did."""
    if answer is None:
        return Step(s.act.action.call, s.given)
    return Step(s.act.action.call, s.given, answer.status, results(answer.result) if answer.result else None)
