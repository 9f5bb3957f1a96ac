"""Replaying a trace: no trace is shown before it ran through the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callproof.errors import Exit, InputError, InternalError, LimitError, UsageError, UserError
from callproof.model.clauses import Layer
from callproof.model.handles import Handle, Universe
from callproof.model.instantiate import (
    Selection,
    handle_kinds,
    instantiate,
    invariant_properties,
    record_action,
    signature,
)
from callproof.model.recording import Recorder
from callproof.model.records import declared
from callproof.model.specification import Specification
from callproof.model.system import Axiom, ClauseUse, Property, System, Variable
from callproof.semantics import Call, Machine, Values, Verdict, bind, decode, results_of, shapes, verdict_of
from callproof.trace import Step, Trace, Value

SUCCESS: frozenset[str | int] = frozenset({0, "SUCCESS"})
"""What a step returned if its call was accepted; anything else is a refusal."""

WORK_LIMIT = 6_000
"""Calls on particular resources, times resources, past which a replay gives up: rules between two grow with both."""

H = TypeVar("H", bound=Handle)


@dataclass(frozen=True, slots=True)
class ReplayedStep:
    """One step, judged and made."""

    number: int
    step: Step
    verdict: Verdict
    clauses: tuple[ClauseUse, ...]
    """Those that fail, as often as the call states them."""
    axioms: tuple[Axiom, ...]
    """Those that what was returned, or the event itself, contradicts."""
    accepted: bool
    conforms: bool | None
    outcome: str
    """The name of the outcome that was taken; empty where the call has only one or was refused."""
    changed: Mapping[str, tuple[Value, Value]]
    broken: tuple[Property, ...]

    @property
    def clause_ids(self) -> tuple[str, ...]:
        """The ids of the clauses that fail, each once."""
        return tuple(dict.fromkeys(use.id for use in self.clauses))

    def outside(self, layer: Layer) -> tuple[ClauseUse, ...]:
        """The failing clauses that the layer lacks: what lets the step through."""
        return tuple(use for use in self.clauses if not layer.demands(self.step.call, use.id, use.origin))


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that broke at a step; step 0 is the state before any call."""

    step: int
    property: Property


@dataclass(frozen=True, slots=True)
class Replay:
    """A replayed trace."""

    trace: Trace
    readings: Mapping[str, str]
    options: Mapping[str, str]
    steps: tuple[ReplayedStep, ...]
    broken: tuple[Broken, ...]
    initial: Mapping[str, Value] = field(default_factory=dict)
    """The state before any call: every variable, of the resources that the trace names."""

    @property
    def exit(self) -> Exit:
        """OK if every step conforms and no invariant broke."""
        bad = self.broken or any(step.conforms is False for step in self.steps)
        return Exit.VIOLATED if bad else Exit.OK


class Replayer:
    """Takes steps one by one.

    Whether a step was accepted: what it `returned` says; where that is absent, the contract decides. With a `layer`
    a step is then accepted if all clauses of the layer hold, without one unless the verdict is `must_reject`.
    A refused step changes nothing. Neither does an event without results that its axioms rule out.
    """

    def __init__(self, machine: Machine, options: Mapping[str, str], layer: Layer | None = None) -> None:
        self.machine, self.layer = machine, layer
        self.state = machine.initial(options)
        self._shapes = shapes(machine.system)
        self._count = 0

    def step(self, step: Step, place: str) -> ReplayedStep:
        """Judge a step and make it; `InputError` (starting with `place`) where it does not fit the specification."""
        return self.take(step, bind(self._shapes, step, place), place)

    def take(self, step: Step, call: Call, place: str) -> ReplayedStep:
        """The same for a step whose arguments are bound already."""
        machine, self._count = self.machine, self._count + 1
        number = machine.action(call.name, call.handles)
        compiled = machine.compiled[number]
        results, missing = results_of(compiled, self.state, call.args, step.result, place)
        clauses = machine.failing(self.state, number, call.args, results)
        verdict = verdict_of(clauses)
        accepted = self._accepted(step, verdict, clauses)
        if not accepted:
            conforms = self._conforms(step, verdict, False, compiled.action.is_event, ())
            return ReplayedStep(self._count, step, verdict, clauses, (), False, conforms, "", {}, ())
        if missing is not None:
            raise InputError(f"{place}, result.{missing}: missing, but an accepted {call.name} returns it")
        axioms = machine.axioms_failing(self.state, number, call.args, results)
        conforms = self._conforms(step, verdict, True, compiled.action.is_event, axioms)
        if axioms and not compiled.action.results:
            return ReplayedStep(self._count, step, verdict, clauses, axioms, True, conforms, "", {}, ())
        outcome, changed, broken = self._make(number, call.args, results)
        return ReplayedStep(self._count, step, verdict, clauses, axioms, True, conforms, outcome, changed, broken)

    def _make(
        self, number: int, args: Values, results: Values
    ) -> tuple[str, dict[str, tuple[Value, Value]], tuple[Property, ...]]:
        machine, before = self.machine, self.state.copy()
        outcome = machine.apply(self.state, number, args, results)
        changed = {
            machine.names[slot]: (decode(old, machine.sorts[slot]), decode(new, machine.sorts[slot]))
            for slot, (old, new) in enumerate(zip(before, self.state, strict=True))
            if old != new
        }
        return outcome, changed, machine.broken(before, self.state, number)

    def _accepted(self, step: Step, verdict: Verdict, clauses: Iterable[ClauseUse]) -> bool:
        if step.returned is not None:
            return step.returned in SUCCESS
        if self.layer is not None:
            return not any(self.layer.demands(step.call, use.id, use.origin) for use in clauses)
        return verdict is not Verdict.MUST_REJECT

    @staticmethod
    def _conforms(
        step: Step, verdict: Verdict, accepted: bool, is_event: bool, axioms: tuple[Axiom, ...]
    ) -> bool | None:
        """None where nothing was returned or nothing is judged; an event that fails is nobody's breach."""
        if verdict is Verdict.UNDEFINED:
            return None
        if axioms:
            return False
        if step.returned is None or verdict is Verdict.MAY or (is_event and not accepted):
            return None
        return accepted is (verdict is Verdict.MUST_ACCEPT)


def replay(spec: Specification[Any], trace: Trace, *, layer: Layer | None = None, source: str = "") -> Replay:
    """Replay a trace on a specification; see `Replayer`. `source` names the file in messages.

    Raises `InputError` where the trace does not fit the specification, and `LimitError` where it uses too many
    resources.
    """
    front = f"{source}: " if source else ""
    known = shapes(spec)
    calls = [bind(known, step, f"{front}step {n}") for n, step in enumerate(trace.steps, 1)]
    try:
        replayer = Replayer(Machine(system_of(spec, trace, calls)), trace.options, layer)
    except UsageError as error:
        raise InputError(f"{front}{error}") from None
    except LimitError as error:
        raise LimitError(f"{front}{error}") from None
    return _run(replayer, trace, lambda n: replayer.take(trace.steps[n], calls[n], f"{front}step {n + 1}"))


def _run(replayer: Replayer, trace: Trace, take: Callable[[int], ReplayedStep]) -> Replay:
    machine = replayer.machine
    broken = [Broken(0, prop) for prop in machine.violated(replayer.state)]
    options = {
        var.sort.name: var.sort.members[machine.value(replayer.state, var.name)] for var in machine.system.options
    }
    initial = {
        v.var.name: decode(value, v.var.sort)
        for v, value in zip(machine.system.variables, replayer.state, strict=False)  # the options stand behind them
    }
    steps = tuple(take(n) for n in range(len(trace.steps)))
    broken += [Broken(step.number, prop) for step in steps for prop in step.broken]
    return Replay(trace, dict(machine.system.readings), options, steps, tuple(broken), initial)


class _Used(Universe):
    """A universe of the resources that a trace names, under the numbers that it gives them."""

    def __init__(self, used: Mapping[type[Handle], set[int]]) -> None:
        super().__init__({kind: max(indices) for kind, indices in used.items()})
        self._used = {kind: sorted(indices) for kind, indices in used.items()}

    def handles(self, kind: type[H]) -> list[H]:
        return [kind(index) for index in self._used.get(kind, [1])]


def system_of(spec: Specification[Any], trace: Trace, calls: list[Call]) -> System:
    """The system of the calls that a trace makes on the resources that it names, the first of a kind at the least."""
    # The smallest instance checks the readings and options, and says which they are.
    smallest = instantiate(spec, {}, Selection(tuple(trace.readings.items()), tuple(trace.options.items())))
    signatures = {name: signature(operation.body, 1) for name, operation in spec.operations.items()}
    used: dict[type[Handle], set[int]] = {kind: set() for kind in handle_kinds(spec.state)}
    made: dict[tuple[str, tuple[int, ...]], tuple[Handle, ...]] = {}
    for call in calls:
        kinds = [kind for _, kind in signatures[call.name].handles]
        picked = tuple(kind(index) for kind, index in zip(kinds, call.handles, strict=True))
        made[call.name, call.handles] = picked
        for handle in picked:
            used[type(handle)].add(handle.index)
    universe = _Used({kind: indices or {1} for kind, indices in used.items()})
    _check_work(universe, len(made))
    actions = [
        record_action(
            spec,
            spec.operations[name],
            signatures[name],
            picked,
            Recorder(universe, frozenset(picked), spec.clauses, dict(smallest.readings), frozenset()),
        )
        for (name, _), picked in made.items()
    ]
    return System(
        spec.name,
        tuple(Variable(var, not field.data) for var, field in declared(spec.state, universe)),
        smallest.options,
        tuple(actions),
        tuple(p for invariant in spec.invariants.values() for p in invariant_properties(spec, invariant, universe)),
        smallest.readings,
        tuple((kind.__name__, universe.count(kind)) for kind in used),
        smallest.tables,
        smallest.fixed_options,
    )


def _check_work(universe: _Used, actions: int) -> None:
    sizes = {kind: len(universe.handles(kind)) for kind in universe.counts}
    resources = sum(sizes.values())
    if actions * resources + resources**2 > WORK_LIMIT:
        named = ", ".join(f"{size} of {kind.__name__}" for kind, size in sizes.items())
        raise LimitError(f"too many different resources to replay at once ({named}); split the trace")


def certify(
    subject: Specification[Any] | System | Machine, trace: Trace, layer: Layer, broken_invariant: str
) -> Replay:
    """Replay a counterexample before anyone sees it.

    Raises `InternalError` unless the layer accepts every step, the axioms hold, and the invariant breaks at the last
    step (without steps: initially) and not before.
    """
    try:
        result = _replay_on(subject, trace, layer)
    except UserError as error:
        raise InternalError(f"the counterexample to {broken_invariant} cannot be replayed: {error}") from error
    for step in result.steps:
        outside = step.outside(layer)
        refused = [use.id for use in step.clauses if use not in outside]
        if refused or not step.accepted:
            raise InternalError(_against(broken_invariant, f"{layer.name} refuses step {step.number}", refused))
        if step.axioms:
            ids = [axiom.id for axiom in step.axioms]
            raise InternalError(_against(broken_invariant, f"step {step.number} contradicts an axiom", ids))
    at = sorted({broken.step for broken in result.broken if broken.property.id == broken_invariant})
    if at[:1] != [len(trace.steps)]:
        where = f"at step {at[0]} of {len(trace.steps)}" if at else "nowhere"
        raise InternalError(_against(broken_invariant, f"it breaks {where}", []))
    return result


def _against(invariant: str, what: str, ids: list[str]) -> str:
    return f"the counterexample to {invariant} does not replay: {what}{' by ' if ids else ''}{', '.join(ids)}"


def _replay_on(subject: Specification[Any] | System | Machine, trace: Trace, layer: Layer) -> Replay:
    if isinstance(subject, Specification):
        return replay(subject, trace, layer=layer)
    machine = subject if isinstance(subject, Machine) else Machine(subject)
    for clause, reading in machine.system.readings:
        if trace.readings.get(clause, reading) != reading:
            raise UsageError(f"the trace reads {clause} as {trace.readings[clause]}, the system as {reading}")
    replayer = Replayer(machine, trace.options, layer)
    return _run(replayer, trace, lambda n: replayer.step(trace.steps[n], f"step {n + 1}"))
