"""A walk through a specification, step by step, with what can be called next and what stands in the way."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callproof.conform.goals import Goal, Marksman
from callproof.conform.judge import arguments
from callproof.conform.settings import Setting
from callproof.conform.terms import values
from callproof.conform.world import Act, Base, World
from callproof.errors import InputError
from callproof.model.clauses import Layer
from callproof.model.instantiate import Selection, instantiate
from callproof.model.specification import Specification
from callproof.model.system import Property
from callproof.replay import SUCCESS
from callproof.report.replay_text import shown_values
from callproof.semantics import State, Values, bind, decode, results_of, shapes, verdict_of
from callproof.trace import Step, Trace, Value

TRIED = 60
"""Arguments that are looked at to say what stands in the way of a call."""
NEAR = 4_000
"""States that are looked at to find a way to a call."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A call that can be made: with these arguments, and results as a driver could return them."""

    act: Act
    args: Values
    results: Values
    returned: Mapping[str, Value]
    """The results that exist."""
    outcome: str

    @property
    def step(self) -> Step:
        """The call as a trace has it."""
        return Step(self.act.action.call, arguments(self.act, self.args), "SUCCESS", self.returned or None)

    def __str__(self) -> str:
        words = {r.name for r in self.act.action.results if r.var.sort.is_word}
        flags = {name: value for name, value in self.returned.items() if name not in words}
        shown = f" -> {shown_values(flags)}" if flags else ""
        outcome = f" [{self.outcome}]" if self.outcome else ""
        return f"{self.act.action.call}({shown_values(arguments(self.act, self.args))}){shown}{outcome}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that cannot be made here: with the arguments that come nearest, and the clauses that fail for them."""

    act: Act
    args: Values
    clauses: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.act.action.call}({shown_values(arguments(self.act, self.args))}): {', '.join(self.clauses)}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was made, the state after it, and what it broke."""

    step: Step
    accepted: bool
    verdict: str
    clauses: tuple[str, ...]
    broken: tuple[Property, ...]
    before: State


class Walk:
    """A state, the steps that led there, and the calls from it.

    A call is offered where all clauses of `layer` hold. Raises `UsageError` for unknown options and readings.
    """

    def __init__(
        self,
        spec: Specification[Any],
        layer: Layer,
        counts: Mapping[str, int] = {},
        options: Mapping[str, str] = {},
        readings: Mapping[str, str] = {},
    ) -> None:
        self.spec, self.layer = spec, layer
        system = instantiate(spec, counts, Selection(tuple(readings.items()), tuple(options.items())))
        chosen = {option.name: options.get(option.name, option.values[0]) for option in spec.options}
        self.world = World(Setting(chosen), Base(system), {}, {})
        self.machine = self.world.machine
        self.state: State = self.world.initial.copy()
        self.taken: list[Taken] = []
        self._marksman = Marksman(self.world)
        self._goals = {act.number: _goals(act) for act in self.world.acts}
        self._shapes = shapes(system)

    def offers(self) -> list[Offer]:
        """The calls that can be made now, one for each outcome and choice of flags, in the specification's order."""
        return [offer for act in self.world.acts for offer in self._offers(act, self.state)]

    def _offers(self, act: Act, state: State) -> list[Offer]:
        found: dict[tuple[Values, Values], Offer] = {}
        for goal in self._goals[act.number]:
            shot = self._marksman.aim(state, goal)
            if shot is not None:
                outcome = act.action.outcomes[goal.outcome or 0].name
                results = shot.results if act.decided else self._observed(act, state, shot.args)
                returned = self._returned(act, state, shot.args, results)
                found.setdefault((shot.args, results), Offer(act, shot.args, results, returned, outcome))
        return list(found.values())

    def _observed(self, act: Act, state: State, args: Values) -> Values:
        """What a call that only shows the state returns: for each result the value that contradicts the least."""
        results = list(act.no_results)
        for position, result in enumerate(act.action.results):
            sort = result.var.sort
            values = dict.fromkeys(
                value for slot, value in enumerate(state) if self.machine.sorts[slot].kind is sort.kind
            )  # fmt: skip
            tried = values if sort.is_word else range(sort.values)
            scored = []
            for value in tried:
                results[position] = value
                scored.append((len(act.compiled.against(state, args, tuple(results))), value))
            results[position] = min(scored)[1] if scored else 0
        return tuple(results)

    def _returned(self, act: Act, state: State, args: Values, results: Values) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for result, value, exists in zip(act.action.results, results, act.compiled.exists, strict=True):
            if exists is None or exists(state, args, results):
                sort = result.var.sort
                found[result.name] = value if sort.is_word else decode(value, sort)
        return found

    def refusals(self) -> list[Refusal]:
        """The calls that cannot be made now, with the fewest clauses that stand in the way."""
        return [self._refusal(act) for act in self.world.acts if not self._offers(act, self.state)]

    def _refusal(self, act: Act) -> Refusal:
        best: Refusal | None = None
        candidates = self._marksman.candidates(act, Goal(act.number)) if act.terms else iter([()])
        for terms in itertools.islice(candidates, TRIED):
            args = values(terms, self.state)
            uses = self.machine.failing(self.state, act.number, args, act.no_results)
            ids = tuple(dict.fromkeys(use.id for use in uses))
            if ids and (best is None or len(ids) < len(best.clauses)):
                best = Refusal(act, args, ids)
        return best or Refusal(act, (0,) * len(act.action.params), ("its effect",))

    def way_to(self, act: Act) -> list[Offer] | None:
        """The fewest calls after which the call can be made, of those that are offered on the way.

        None where no way was found: there is none, or it leads past the states that are looked at.
        """
        queue: list[tuple[State, list[Offer]]] = [(self.state, [])]
        seen = {self.world.key(self.state)}
        for state, way in queue:
            if self._offers(act, state):
                return way
            if len(queue) > NEAR:
                continue
            for other in self.world.acts:
                for offer in self._offers(other, state):
                    after = state.copy()
                    other.compiled.apply(after, offer.args, offer.results)
                    key = self.world.key(after)
                    if key not in seen:
                        seen.add(key)
                        queue.append((after, [*way, offer]))
        return None

    def take(self, offer: Offer) -> Taken:
        """Make a call that is offered."""
        return self._make(offer.act, offer.args, offer.results, offer.step, True)

    def replay(self, trace: Trace, place: str) -> None:
        """Begin anew and make the steps of a trace, whatever the contract says; `InputError` where it does not fit."""
        self.state, self.taken = self.world.initial.copy(), []
        for number, step in enumerate(trace.steps, 1):
            here = f"{place}: step {number}"
            call = bind(self._shapes, step, here)
            action = self.machine.action(call.name, call.handles)
            act = self.world.acts[action]
            results, missing = results_of(act.compiled, self.state, call.args, step.result, here)
            accepted = step.returned is None or step.returned in SUCCESS
            if accepted and missing is not None:
                raise InputError(f"{here}, result.{missing}: missing, but an accepted {call.name} returns it")
            self._make(act, call.args, results, step, accepted)

    def _make(self, act: Act, args: Values, results: Values, step: Step, accepted: bool) -> Taken:
        uses = self.machine.failing(self.state, act.number, args, results)
        before = self.state.copy()
        if accepted:
            self.machine.apply(self.state, act.number, args, results)
        broken = self.machine.broken(before, self.state, act.number) if accepted else ()
        ids = tuple(dict.fromkeys(use.id for use in uses))
        self.taken.append(Taken(step, accepted, verdict_of(uses).value, ids, broken, before))
        return self.taken[-1]

    def undo(self) -> Step | None:
        """Take the last step back; None where there is none."""
        if not self.taken:
            return None
        last = self.taken.pop()
        self.state = last.before
        return last.step

    def trace(self) -> Trace:
        """The steps so far."""
        system = self.world.system
        steps = tuple(taken.step for taken in self.taken)
        return Trace(system.spec, steps, dict(system.readings), dict(self.world.setting.options), "callproof explore")


def _goals(act: Act) -> list[Goal]:
    """Each outcome with each choice of flags and enumerations, among what is passed and what is returned."""
    passed = [p.var for p in act.action.params]
    finite = [var for var in (*passed, *(r.var for r in act.action.results)) if not var.sort.is_word]
    return [
        Goal(act.number, choices, outcome)
        for outcome in range(len(act.action.outcomes))
        for choices in itertools.product(*([(v.name, n) for n in reversed(range(v.sort.values))] for v in finite))
    ]
