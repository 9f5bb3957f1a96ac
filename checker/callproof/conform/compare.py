"""Two drivers side by side: the first call to which they answer differently, and the fewest calls that show it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callproof.conform.cases import Planned
from callproof.conform.catalogue import Catalogue
from callproof.conform.judge import arguments
from callproof.conform.plan import make_plan
from callproof.conform.rerun import Moved, Rerun
from callproof.conform.settings import Setting
from callproof.conform.terms import values
from callproof.conform.world import Act, World
from callproof.drivers.messages import Answer, Offer, results
from callproof.drivers.session import DriverFailure, Session
from callproof.errors import InputError, UsageError
from callproof.expr import Kind
from callproof.minimise import minimise
from callproof.model.specification import Specification
from callproof.replay import SUCCESS
from callproof.semantics import Values, results_of
from callproof.trace import Step, Trace, Value

Open = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference: what either driver answered to the last step."""

    call: str
    first: str
    second: str
    setting: Setting
    steps: tuple[Step, ...]
    """The calls that both accepted before, as the first driver answered them, then the one that differs."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of `callproof compare`."""

    names: tuple[str, str]
    difference: Difference | None
    calls: int
    """Calls that both were asked."""


def common(one: Offer, two: Offer) -> Offer:
    """What two drivers both offer."""
    names = {kind.name for kind in two.kinds}
    kinds = tuple(kind for kind in one.kinds if kind.name in names)
    if (one.kinds or two.kinds) and not kinds:
        raise UsageError("the two drivers offer no kind of the same name")
    options = {
        name: tuple(v for v in one.options[name] if v in two.options[name])
        for name in one.options
        if name in two.options
    }
    handles = {name: min(count, two.handles.get(name, 1)) for name, count in one.handles.items()}
    calls = frozenset(call for call in one.calls if two.has(call))
    return Offer(one.driver, one.version, calls, kinds, {n: v for n, v in options.items() if v}, handles)


Made = tuple[Act, Values, Values]


class Duo:
    """Two processes that get the same calls, each on the addresses that it handed out."""

    def __init__(self, openers: tuple[Open, Open]) -> None:
        self._openers = openers
        self._sessions: list[Session | None] = [None, None]
        self.calls = 0

    def close(self) -> None:
        for at, session in enumerate(self._sessions):
            if session is not None:
                session.close(politely=True)
                self._sessions[at] = None

    def planned(self, world: World, steps: Sequence[Planned]) -> Difference | None:
        """Play a case until the two differ or no longer do what the plan says."""

        def make(at: int, one: list[int], two: list[int]) -> Made | None:
            act = world.acts[steps[at].act]
            return act, values(steps[at].terms, one), values(steps[at].terms, two)

        return self._run(world, len(steps), make, lambda *_: None)

    def recorded(self, rerun: Rerun, steps: Sequence[Step]) -> Difference | None:
        """Run recorded steps again."""
        moved = (Moved(), Moved())

        def make(at: int, one: list[int], two: list[int]) -> Made | None:
            try:
                act, args = rerun.act(steps[at], f"step {at + 1}")
            except InputError:
                return None
            return act, moved[0].args(act, args), moved[1].args(act, args)

        def learn(at: int, act: Act, got: tuple[Mapping[str, Value], Mapping[str, Value]]) -> None:
            for side in (0, 1):
                moved[side].learn(act, steps[at].result, got[side])

        return self._run(rerun.world, len(steps), make, learn)

    def _run(
        self,
        world: World,
        count: int,
        make: Callable[[int, list[int], list[int]], Made | None],
        learn: Callable[[int, Act, tuple[Mapping[str, Value], Mapping[str, Value]]], None],
    ) -> Difference | None:
        self._reset(world.setting)
        states = world.initial.copy(), world.initial.copy()
        log: list[Step] = []
        for at in range(count):
            made = make(at, *states)
            if made is None:
                return None
            act, *args = made
            code = act.compiled.judge(states[0], args[0], act.no_results)
            if code != act.compiled.judge(states[1], args[1], act.no_results):
                return None
            if any(_breaks_duty(act, s, a) for s, a in zip(states, args, strict=True)):
                continue
            given = arguments(act, args[0])
            answers = self._ask(act, given, arguments(act, args[1]))
            said = tuple(_shown(act, answer) for answer in answers)
            log.append(_step(act, given, answers[0]))
            if said[0] != said[1]:
                return Difference(act.action.call, said[0], said[1], world.setting, tuple(log))
            if not _accepted(answers[0]):
                continue
            if code != 0 or not self._apply(act, states, args, answers):
                return None
            learn(at, act, (_results(answers[0]), _results(answers[1])))
        return None

    @staticmethod
    def _apply(
        act: Act, states: Sequence[list[int]], args: Sequence[Values], answers: Sequence[Answer | DriverFailure]
    ) -> bool:
        for state, passed, answer in zip(states, args, answers, strict=True):
            try:
                got, missing = results_of(act.compiled, state, passed, _results(answer), act.action.call)
            except InputError:
                return False
            if missing is not None or act.compiled.apply(state, passed, got) < 0:
                return False
        return True

    def _reset(self, setting: Setting) -> None:
        kinds = {str(index): name for index, name in setting.kinds.items() if name}
        for at in (0, 1):
            session = self._sessions[at]
            if session is None:
                session = self._sessions[at] = self._openers[at]()
            session.reset(setting.options, kinds)

    def _ask(self, act: Act, *given: Mapping[str, Value]) -> list[Answer | DriverFailure]:
        self.calls += 1
        found: list[Answer | DriverFailure] = []
        for at, args in enumerate(given):
            session = self._sessions[at]
            assert session is not None
            try:
                session.post([(act.action.call, args)])
                found += session.collect()
            except DriverFailure as failure:
                session.close()
                self._sessions[at] = None
                found.append(failure)
        return found


def _results(answer: Answer | DriverFailure) -> dict[str, Value]:
    return results(answer.result or {}) if isinstance(answer, Answer) else {}


def _accepted(answer: Answer | DriverFailure) -> bool:
    return isinstance(answer, Answer) and answer.status in SUCCESS


def _step(act: Act, given: Mapping[str, Value], answer: Answer | DriverFailure) -> Step:
    status = answer.status if isinstance(answer, Answer) else None
    return Step(act.action.call, given, status, _results(answer) or None)


def _shown(act: Act, answer: Answer | DriverFailure) -> str:
    """What is compared: addresses are each driver's own, and so is the name of a refusal."""
    if isinstance(answer, DriverFailure):
        return answer.how.value
    if answer.unsupported:
        return "lacks the call"
    if answer.status not in SUCCESS:
        return "refuses"
    sorts = {r.name: r.var.sort for r in act.action.results}
    known = sorted(_results(answer).items())
    texts = [f"{n}={v}" for n, v in known if n not in sorts or sorts[n].kind is not Kind.ADDRESS]
    return "accepts" + (f" with {', '.join(texts)}" if texts else "")


def _breaks_duty(act: Act, state: list[int], args: Values) -> bool:
    return bool(act.caller) and not act.caller.isdisjoint(act.compiled.explain(state, args, act.no_results))


def compare(
    spec: Specification[Any],
    openers: tuple[Open, Open],
    suites: tuple[str, ...],
    seed: int,
    seconds: float,
    tick: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Give two drivers the same calls for so many seconds, or until they differ.

    Raises `UsageError` where they have nothing in common, and `DriverFailure` where one cannot be started.
    """
    with openers[0]() as one, openers[1]() as two:
        names = one.offer.driver, two.offer.driver
        catalogue = Catalogue(spec, common(one.offer, two.offer))
        catalogue.learn(one)
    plan = make_plan(catalogue, suites, seed, None, tick)
    deadline = time.monotonic() + seconds
    duo = Duo(openers)
    try:
        for case in itertools.chain.from_iterable(unit.cases for unit in plan.units):
            if time.monotonic() > deadline:
                break
            tick(f"{duo.calls:,} calls, {case.suite}")
            found = duo.planned(case.world, case.steps)
            if found is not None:
                rerun = Rerun(catalogue.world(case.world.setting, catalogue.counts))
                return Comparison(names, _shrunk(duo, rerun, found), duo.calls)
    finally:
        duo.close()
    return Comparison(names, None, duo.calls)


def _shrunk(duo: Duo, rerun: Rerun, found: Difference) -> Difference:
    known = {id(step.result) for step in found.steps}
    best = found

    def keeps(trace: Trace) -> bool:
        nonlocal best
        if any(id(step.result) not in known for step in trace.steps):
            return False
        again = duo.recorded(rerun, trace.steps)
        if again is None or again.call != found.call or len(again.steps) != len(trace.steps):
            return False
        best = again
        return True

    minimise(Trace("", found.steps), keeps)
    return best
