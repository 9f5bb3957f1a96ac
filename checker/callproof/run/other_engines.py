"""The engines that know no induction of ours: `paths` and `sequences` for bounded lengths, `chc` for any.

Each takes the resources literally: those asked for, or for any number as many as an invariant speaks of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from callproof.answers import Answers
from callproof.errors import LimitError
from callproof.graph import Stepper, explore
from callproof.model.clauses import Layer
from callproof.model.specification import Specification
from callproof.prove.depth_first import DepthFirst
from callproof.prove.sequences import Literal
from callproof.replay import certify
from callproof.run.judged import Judged, LayerAnswer
from callproof.run.layer import Side
from callproof.run.request import Request
from callproof.run.resources import Resources
from callproof.run.sides import Sides
from callproof.symbolic import Answer, Horn
from callproof.trace import Trace
from callproof.verdict import Status, Work

Outcomes = dict[int, "Trace | int | str"]
"""Property -> its counterexample, the length up to which none breaks it, or why nothing is known."""


class Other:
    """One check by one of these engines; layers are asked for one after another."""

    def __init__(
        self,
        spec: Specification[Any],
        request: Request,
        resources: Resources,
        tick: Callable[[str], None],
        answers: Answers | None = None,
    ) -> None:
        self.spec, self.request, self.resources, self.tick = spec, request, resources, tick
        self._sides = Sides(spec, request, answers)
        self._asked = 0
        self.one = self._sides.first(resources)

    def side(self, count: int) -> Side:
        """The system with so many resources of the first kind."""
        return self._sides.of(self.resources, count)

    def layer(self, layer: Layer) -> LayerAnswer:
        """Judge every invariant that was asked for in a layer."""
        wanted = [id for id in self.resources.named if not self.request.invariants or id in self.request.invariants]
        judged: dict[str, Judged] = {}
        for count in sorted({self.resources.literally(id) for id in wanted}):
            ids = [id for id in wanted if self.resources.literally(id) == count]
            judged |= _RUNS[self.request.engine](self, layer, count, ids)
        return LayerAnswer(layer, judged)

    def judge(self, layer: Layer, count: int, id: str, answers: Outcomes, reason: str) -> Judged:
        """The verdict on an invariant from those on its instances."""
        side = self.side(count)
        mine = [answers[n] for n, prop in enumerate(side.model.system.properties) if prop.id == id]
        traces = [answer for answer in mine if isinstance(answer, Trace)]
        lengths = [answer for answer in mine if isinstance(answer, int)]
        why = next((answer for answer in mine if isinstance(answer, str)), "")
        if traces:
            trace = min(traces, key=lambda trace: len(trace.steps))
            shortest = not why and all(length >= len(trace.steps) - 1 for length in lengths)
            replay = certify(side.machine, trace, layer, id)
            scope = self.resources.scope(id, count, f"sequences of up to {len(trace.steps)} calls")
            return Judged(Status.VIOLATED, scope, "", replay, side.model.system, shortest)
        length = min(lengths, default=self.request.bound)
        scope = self.resources.scope(id, count, f"sequences of up to {length} call{'' if length == 1 else 's'}")
        if why or length < 1:
            return Judged(Status.UNKNOWN, scope, why or reason)
        return Judged(Status.PROVED, scope, reason if length < self.request.bound else "")

    def positions(self, count: int, ids: list[str]) -> list[int]:
        """Where the instances of some invariants lie."""
        return [n for n, prop in enumerate(self.side(count).model.system.properties) if prop.id in ids]

    def note(self, obligations: int) -> None:
        """So many questions were asked."""
        self._asked += obligations

    def work(self, total: float) -> Work:
        """What it has cost; `total` in seconds."""
        statistics = self._sides.statistics()
        calls = sum(s.calls for s in statistics)
        return Work(
            self._asked,
            self._asked,
            calls,
            sum(s.kept for s in statistics),
            0.0,
            0.0,
            0.0,
            sum(s.seconds for s in statistics),
            total,
        )


def _paths(check: Other, layer: Layer, count: int, ids: list[str]) -> dict[str, Judged]:
    side, props = check.side(count), check.positions(count, ids)
    search = DepthFirst(
        side.model, layer, side.paths, lambda length: check.tick(f"{layer.name}: sequences of {length} calls")
    )
    bounded = search.run(props, check.request.bound)
    check.note(len(props))
    answers: Outcomes = {**bounded.found, **bounded.completed}
    return {id: check.judge(layer, count, id, answers, bounded.reason) for id in ids}


def _sequences(check: Other, layer: Layer, count: int, ids: list[str]) -> dict[str, Judged]:
    side, props = check.side(count), check.positions(count, ids)
    check.note(len(props))
    try:
        stepper = Stepper(side.model, layer, side.feasible)
        literal = Literal(side.model, explore(stepper, layer, len(side.model.moves)), side.paths, props)
    except LimitError as error:
        return {id: check.judge(layer, count, id, dict.fromkeys(props, str(error)), "") for id in ids}
    reason = ""
    try:
        literal.run(check.request.bound)
    except LimitError as error:
        reason = str(error)
    answers: Outcomes = {
        prop: literal.completed if length is None else literal.trace(prop) for prop, length in literal.found.items()
    }
    return {id: check.judge(layer, count, id, answers, reason) for id in ids}


def _chc(check: Other, layer: Layer, count: int, ids: list[str]) -> dict[str, Judged]:
    side, bits = check.side(count), check.request.word_bits
    horn = Horn(side.model.system, layer, bits)
    judged = {}
    for id in ids:
        check.tick(f"{layer.name}: {id} as Horn clauses")
        check.note(1)
        props = [prop for prop in side.model.system.properties if prop.id == id]
        answer = horn.holds(props, check.request.budget, side.solver.statistics)
        reach = "any length" if bits == 64 else f"any length, words of {bits} bits"
        scope = check.resources.scope(id, count, reach)
        if answer is Answer.SAT:
            why = f"with words of {bits} bits" if bits != 64 else ""
            judged[id] = Judged(Status.PROVED, scope, why)
        elif answer is Answer.UNKNOWN:
            judged[id] = Judged(Status.UNKNOWN, scope, "Spacer's budget ran out")
        else:
            judged[id] = _with_trace(check, layer, count, id, scope)
    return judged


def _with_trace(check: Other, layer: Layer, count: int, id: str, scope: str) -> Judged:
    """A violation that Spacer derived, with the trace that the engine `paths` finds for it, if it finds one."""
    found = _paths(check, layer, count, [id])[id]
    if found.status is Status.VIOLATED:
        return Judged(Status.VIOLATED, scope, "", found.replay, found.system, found.shortest)
    bits = check.request.word_bits
    words = "" if bits == 64 else f" with words of {bits} bits"
    return Judged(Status.VIOLATED, scope, f"derived{words}; no trace of 64-bit words among {found.scope}")


class _Run(Protocol):
    def __call__(self, check: Other, layer: Layer, count: int, ids: list[str]) -> dict[str, Judged]: ...


_RUNS: dict[str, _Run] = {"paths": _paths, "sequences": _sequences, "chc": _chc}
