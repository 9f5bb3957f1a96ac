"""From a specification to a `System`: each body is run once for each combination of handles."""

from __future__ import annotations

import enum
import inspect
import itertools
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

from callproof.errors import (
    InternalError,
    Location,
    SpecError,
    UsageError,
    UserError,
    collect_faults,
    fault,
    raised_location,
)
from callproof.expr import BOOLEAN, Address, Bool, Const, EnumTerm, Number, Size, Sort, Term, enum_sort, truth
from callproof.model.handles import Handle, Universe
from callproof.model.recording import Recorder, StateFrame, recording
from callproof.model.records import Record, RecordField, TableField, declared
from callproof.model.specification import Invariant, Operation, Specification, StepInfo, where
from callproof.model.system import Action, Parameter, Property, System, Variable, passed

STATE_PARAMETERS = {False: 1, True: 3}
"""How many leading parameters of an invariant are the state: one, or old, new and step."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The handles and the plain parameters of a body, by name."""

    handles: tuple[tuple[str, type[Handle]], ...]
    plain: tuple[tuple[str, Sort, type[Term]], ...]
    order: tuple[str, ...]


def signature(body: typing.Callable[..., object], skip: int) -> Signature:
    """Read the annotations of a body, past its leading state parameters."""
    try:
        hints = typing.get_type_hints(body)
    except Exception as error:
        raise SpecError(f"cannot read the annotations of {body.__name__}: {error}", where(body)) from None
    names = list(inspect.signature(body).parameters)[skip:]
    handles: list[tuple[str, type[Handle]]] = []
    plain: list[tuple[str, Sort, type[Term]]] = []
    for name in names:
        hint = hints.get(name)
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if isinstance(hint, type) and issubclass(hint, Handle):
            handles.append((name, hint))
        elif hint is Bool:
            plain.append((name, BOOLEAN, Bool))
        elif hint in (Address, Size, Number):
            plain.append((name, hint.SORT, hint))
        elif origin is EnumTerm and isinstance(args[0], type) and issubclass(args[0], enum.Enum):
            plain.append((name, enum_sort(args[0]), EnumTerm))
        else:
            fault(
                f"parameter {name} of {body.__name__} needs a handle, Address, Size, Number, Bool or EnumTerm[...]",
                where(body),
            )
    return Signature(tuple(handles), tuple(plain), tuple(names))


def handle_kinds(root: type[Record]) -> list[type[Handle]]:
    """The kinds of handle that index the tables below a record, in order of declaration."""
    found: list[type[Handle]] = []
    for field in root.FIELDS.values():
        if isinstance(field, TableField | RecordField):
            here = [field.kind] if isinstance(field, TableField) else []
            found += [kind for kind in (*here, *handle_kinds(field.of)) if kind not in found]
    return found


def universe_of(spec: Specification[typing.Any], counts: Mapping[str, int]) -> Universe:
    """The universe with so many resources of each kind, by the kind's name; one where nothing is said."""
    kinds = {kind.__name__: kind for kind in handle_kinds(spec.state)}
    return Universe({kind: counts.get(name, 1) for name, kind in kinds.items()})


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a specification is instantiated: readings, options with a fixed value, clauses left out."""

    readings: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    invariants: tuple[str, ...] = ()
    dropped: frozenset[tuple[str, str]] = frozenset()
    """Pairs (call, clause id) to leave out, for asking what a clause is good for."""


def instantiate(spec: Specification[typing.Any], counts: Mapping[str, int], select: Selection = Selection()) -> System:
    """Run every body and return the flat system.

    Raises `SpecError` for a fault of the specification and `UsageError` for an unknown reading, option or invariant.
    """
    universe = universe_of(spec, counts)
    readings = _readings(spec, select.readings)
    fixed = _options(spec, select.options)
    wanted = _invariants(spec, select.invariants)
    actions = [
        action
        for operation in spec.operations.values()
        for action in operation_actions(spec, operation, universe, readings, select.dropped)
    ]
    properties = [prop for invariant in wanted for prop in invariant_properties(spec, invariant, universe)]
    return System(
        spec.name,
        tuple(Variable(var, not field.data) for var, field in declared(spec.state, universe)),
        tuple(option.var for option in spec.options),
        tuple(actions),
        tuple(properties),
        tuple(sorted(readings.items())),
        tuple((kind.__name__, universe.count(kind)) for kind in handle_kinds(spec.state)),
        tuple((name, f.kind.__name__) for name, f in spec.state.FIELDS.items() if isinstance(f, TableField)),
        fixed,
    )


def _readings(spec: Specification[typing.Any], chosen: Iterable[tuple[str, str]]) -> dict[str, str]:
    readings = spec.default_readings
    for clause_id, name in chosen:
        clause = spec.clauses.get(clause_id)
        if clause is None or not clause.readings:
            raise UsageError(f"clause {clause_id} has no readings; those that have: {', '.join(readings) or 'none'}")
        if name not in clause.readings:
            raise UsageError(f"clause {clause_id} has no reading {name!r}; it has {', '.join(clause.readings)}")
        readings[clause_id] = name
    return readings


def _options(spec: Specification[typing.Any], chosen: Iterable[tuple[str, str]]) -> tuple[tuple[str, int], ...]:
    known = {option.name: option for option in spec.options}
    fixed: dict[str, int] = {}
    for name, value in chosen:
        if name not in known:
            raise UsageError(f"unknown option {name!r}; the options of {spec.name}: {', '.join(known) or 'none'}")
        if value not in known[name].values:
            raise UsageError(f"option {name} has no value {value!r}; it has {', '.join(known[name].values)}")
        fixed[known[name].var.name] = known[name].values.index(value)
    return tuple(fixed.items())


def _invariants(spec: Specification[typing.Any], chosen: tuple[str, ...]) -> list[Invariant]:
    for wanted in chosen:
        if wanted not in spec.invariants:
            known = ", ".join(spec.invariants)
            raise UsageError(f"unknown invariant {wanted!r}; the invariants of {spec.name}: {known}")
    return [invariant for invariant in spec.invariants.values() if not chosen or invariant.id in chosen]


def operation_actions(
    spec: Specification[typing.Any],
    operation: Operation,
    universe: Universe,
    readings: Mapping[str, str],
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> Iterable[Action]:
    """One action for each combination of handles."""
    shape = signature(operation.body, 1)
    left_out = frozenset(clause_id for call, clause_id in dropped if call == operation.name)
    for picked in combinations(shape, universe):
        recorder = Recorder(universe, frozenset(picked), spec.clauses, readings, left_out)
        yield record_action(spec, operation, shape, picked, recorder)


def combinations(shape: Signature, universe: Universe) -> Iterable[tuple[Handle, ...]]:
    """Every choice of handles for a signature."""
    return itertools.product(*(universe.handles(kind) for _, kind in shape.handles))


@contextmanager
def _running(location: Location) -> Iterator[None]:
    """Within this block a body runs: what it raises is a fault of the specification, what it prints no result."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (UserError, InternalError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())
        place = raised_location(error) or location
        raise SpecError(f"the body raises {type(error).__name__}: {text}", place) from None


def record_action(
    spec: Specification[typing.Any],
    operation: Operation,
    shape: Signature,
    picked: tuple[Handle, ...],
    recorder: Recorder,
) -> Action:
    """Run the body of a call on particular handles; the recorder is a fresh one."""
    params = [Parameter(name, passed(name, sort)) for name, sort, _ in shape.plain]
    terms = {name: term(param.var) for (name, _, term), param in zip(shape.plain, params, strict=True)}
    handles = {name: h for (name, _), h in zip(shape.handles, picked, strict=True)}
    with recording(recorder), _running(operation.location):
        operation.body(spec.state(recorder), **terms, **handles)
    return Action(
        operation.name,
        operation.is_event,
        tuple((name, kind.__name__, handles[name].index) for name, kind in shape.handles),
        tuple(params),
        tuple(recorder.results),
        tuple(recorder.clauses),
        tuple(recorder.axioms),
        recorder.outcomes(),
    )


def invariant_properties(
    spec: Specification[typing.Any], invariant: Invariant, universe: Universe
) -> Iterable[Property]:
    """One property for each combination of handles; two handles of one kind are never the same resource."""
    shape = signature(invariant.body, STATE_PARAMETERS[invariant.over_step])
    for picked in combinations(shape, universe):
        if len(set(picked)) == len(picked):
            yield invariant_property(spec, invariant, shape, picked, universe)


def invariant_property(
    spec: Specification[typing.Any],
    invariant: Invariant,
    shape: Signature,
    picked: tuple[Handle, ...],
    universe: Universe,
) -> Property:
    """Run the body of an invariant on particular handles."""
    named = {name: h for (name, _), h in zip(shape.handles, picked, strict=True)}
    old = spec.state(StateFrame(universe))
    formula: typing.Any
    with _running(invariant.location):
        if invariant.over_step:
            new = spec.state(StateFrame(universe, after=True))
            formula = invariant.body(old, new, StepInfo(spec.operations), **named)
        else:
            formula = invariant.body(old, **named)
    if not isinstance(formula, Bool | bool):
        fault(f"invariant {invariant.id} returns {type(formula).__name__}, not a boolean formula", invariant.location)
        formula = True
    return Property(
        invariant.id,
        invariant.cls,
        invariant.over_step,
        tuple((type(h).__name__, h.index) for h in picked),
        truth(formula).node,
    )


__all__ = ["Const", "Selection", "collect_faults", "handle_kinds", "instantiate", "signature", "universe_of"]
