"""Running recorded steps again, on addresses and sizes as the driver hands them out this time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callproof.conform.judge import arguments, failing, judge
from callproof.conform.observations import Sighting, Signature
from callproof.conform.play import FAILURES
from callproof.conform.world import Act, World
from callproof.drivers.messages import results
from callproof.drivers.session import DriverFailure, Session
from callproof.errors import InputError, UsageError
from callproof.expr import WORD_MAX, Kind
from callproof.semantics import VERDICTS, Values, bind, results_of, shapes
from callproof.trace import Step, Value

_EXTENT = 1 << 40
"""Bytes behind an address that are taken to belong to what begins there."""


class Moved:
    """Where recorded addresses and sizes are now."""

    def __init__(self) -> None:
        self._addresses: dict[int, int] = {}
        self._sizes: dict[int, int] = {}

    def learn(self, act: Act, recorded: Mapping[str, Value] | None, returned: Mapping[str, Value]) -> None:
        """Compare what a step returned with what it returned when it was recorded."""
        for result in act.action.results:
            old, new = (recorded or {}).get(result.name), returned.get(result.name)
            if type(old) is not int or type(new) is not int:
                continue
            if result.var.sort.kind is Kind.ADDRESS:
                self._addresses[old] = new
            elif result.var.sort.kind is Kind.SIZE and old != new:
                self._sizes[old] = new

    def args(self, act: Act, args: Values) -> Values:
        """Arguments as they are now."""
        found = []
        for param, value in zip(act.action.params, args, strict=True):
            if param.var.sort.kind is Kind.ADDRESS:
                value = self._address(value)
            elif param.var.sort.kind is Kind.SIZE:
                value = next(
                    (new + by for old, new in self._sizes.items() for by in (0, 1, -1) if value == old + by), value
                )
            found.append(value & WORD_MAX)
        return tuple(found)

    def _address(self, value: int) -> int:
        below = [old for old in self._addresses if old - 1 <= value < old + _EXTENT]
        if not below:
            return value
        old = max(below)
        return self._addresses[old] + value - old


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a rerun came: the failing step if there was one, else why it ended early, if it did."""

    sighting: Sighting | None
    stopped: str = ""


class Rerun:
    """Runs steps on a driver, one call at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._shapes = shapes(world.system)

    def act(self, step: Step, place: str) -> tuple[Act, Values]:
        """The action and the arguments of a step; `InputError` where it has none."""
        call = bind(self._shapes, step, place)
        try:
            number = self.world.machine.action(call.name, call.handles)
        except UsageError as error:
            raise InputError(f"{place}: {error}") from None
        return self.world.acts[number], call.args

    def run(self, session: Session, steps: Sequence[Step]) -> Outcome:
        """Run the steps from a reset on until one fails; duties of the caller are never broken."""
        world = self.world
        kinds = {str(index): name for index, name in world.setting.kinds.items() if name}
        try:
            session.reset(world.setting.options, kinds)
        except DriverFailure as failure:
            return Outcome(
                Sighting(Signature(FAILURES[failure.how], "reset", ()), None, failure.message, world.setting, ())
            )
        state, moved, log = world.initial.copy(), Moved(), list[Step]()
        for number, step in enumerate(steps, 1):
            act, recorded = self.act(step, f"step {number}")
            args = moved.args(act, recorded)
            code = act.compiled.judge(state, args, act.no_results)
            if code == 3 or (code != 2 and _breaks_duty(act, state, args)):
                return Outcome(None, f"step {number} would break a duty of the caller")
            given = arguments(act, args)
            try:
                session.post([(act.action.call, given)])
                [answer] = session.collect()
            except DriverFailure as failure:
                ids = failing(act, state, args) if code else ()
                signature = Signature(FAILURES[failure.how], act.action.call, ids)
                log.append(Step(act.action.call, given))
                return Outcome(Sighting(signature, VERDICTS[code], failure.message, world.setting, tuple(log)))
            if answer.unsupported:
                return Outcome(None, f"the driver lacks {act.action.call}")
            said = judge(world, act, state, args, code, answer)
            got = results(answer.result) if answer.result else None
            log.append(Step(act.action.call, given, answer.status, got))
            if said.wrong is not None:
                return Outcome(Sighting(said.wrong, VERDICTS[code], said.message, world.setting, tuple(log)))
            if said.accepted:
                moved.learn(act, step.result, got or {})
                act.compiled.apply(state, args, said.returned)
            elif code == 0:
                return Outcome(None, f"step {number}, {act.action.call}, did not happen")
        return Outcome(None)

    def expects(self, steps: Sequence[Step], signature: Signature) -> bool:
        """By the specification alone: only the last step can fail, and in this way."""
        state = self.world.initial.copy()
        try:
            for number, step in enumerate(steps, 1):
                act, args = self.act(step, f"step {number}")
                code = act.compiled.judge(state, args, act.no_results)
                last = number == len(steps)
                if code == 3 or (code == 1 and _breaks_duty(act, state, args)):
                    return False
                if last:
                    return act.action.call == signature.call and self._fits(act, state, args, code, signature)
                if code == 0:
                    returned, missing = results_of(act.compiled, state, args, step.result, f"step {number}")
                    if missing is not None:
                        returned = self.world.choose(act, state, args, {}) or returned
                    if act.compiled.apply(state, args, returned) < 0:
                        return False
        except InputError:
            return False
        return False

    @staticmethod
    def _fits(act: Act, state: list[int], args: Values, code: int, signature: Signature) -> bool:
        if not signature.clauses or code == 0:
            return True
        return failing(act, state, args) == signature.clauses


def _breaks_duty(act: Act, state: list[int], args: Values) -> bool:
    return bool(act.caller) and not act.caller.isdisjoint(act.compiled.explain(state, args, act.no_results))
