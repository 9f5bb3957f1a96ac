"""Values between a trace and the interpreter: what a step passes and returns, checked against the specification."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callproof.errors import InputError
from callproof.expr import WORD_MAX, Kind, Sort
from callproof.model.instantiate import signature
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.semantics.compiled import CompiledAction, State, Values
from callproof.trace import Step, Value
from callproof.trace.reading import quoted

HANDLE_LIMIT = 64
"""The greatest handle that a replay follows."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a call takes: handles with their kinds, and plain parameters with their sorts."""

    handles: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, Sort], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A step's arguments as the interpreter takes them."""

    name: str
    handles: tuple[int, ...]
    args: Values


def shapes(subject: Specification[Any] | System) -> dict[str, Shape]:
    """The shape of every call and event."""
    if isinstance(subject, System):
        return {
            a.call: Shape(
                tuple((name, kind) for name, kind, _ in a.handles), tuple((p.name, p.var.sort) for p in a.params)
            )
            for a in subject.actions
        }
    found = {}
    for operation in subject.operations.values():
        made = signature(operation.body, 1)
        found[operation.name] = Shape(
            tuple((name, kind.__name__) for name, kind in made.handles),
            tuple((name, sort) for name, sort, _ in made.plain),
        )
    return found


def bind(known: Mapping[str, Shape], step: Step, place: str) -> Call:
    """A step's arguments, or an `InputError` that starts with `place` (`step 3`)."""
    shape = known.get(step.call)
    if shape is None:
        raise InputError(f"{place}: unknown call {quoted(step.call)}{_hint(step.call, known)}")
    names = [name for name, _ in (*shape.handles, *shape.plain)]
    _only_known(step.args, names, f"{place}, args", f"{step.call} has no such argument")
    for name in names:
        if name not in step.args:
            raise InputError(f"{place}, args.{name}: {step.call} needs this argument")
    handles = tuple(_handle(step.args[name], kind, f"{place}, args.{name}") for name, kind in shape.handles)
    return Call(
        step.call,
        handles,
        tuple(encode(step.args[name], sort, f"{place}, args.{name}") for name, sort in shape.plain),
    )


def _only_known(given: Iterable[str], names: Iterable[str], place: str, complaint: str) -> None:
    known = list(names)
    for name in given:
        if name not in known:
            takes = f"; it has {', '.join(known)}" if known else ""
            raise InputError(f"{place}.{quoted(name)[1:-1]}: {complaint}{takes}")


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name[:80], list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def _handle(value: Value, kind: str, place: str) -> int:
    if type(value) is not int:
        raise InputError(f"{place}: a {kind} is a small integer, not {quoted(value)}")
    if value < 1:
        raise InputError(f"{place}: a {kind} counts from 1, so {quoted(value)} is none")
    if value > HANDLE_LIMIT:
        raise InputError(f"{place}: {quoted(value)} is past {HANDLE_LIMIT}, the last {kind} that a replay follows")
    return value


def encode(value: Value, sort: Sort, place: str) -> int:
    """A value of a trace as the interpreter holds it."""
    if sort.kind is Kind.BOOLEAN:
        if not isinstance(value, bool):
            raise InputError(f"{place}: true or false is needed, not {quoted(value)}")
        return int(value)
    if sort.kind is Kind.ENUMERATION:
        if not isinstance(value, str) or value not in sort.members:
            raise InputError(f"{place}: {quoted(value)} is no {sort.name}; there are {', '.join(sort.members)}")
        return sort.members.index(value)
    if type(value) is not int:
        raise InputError(f"{place}: an integer is needed ({sort.kind.value}), not {quoted(value)}")
    if not 0 <= value <= WORD_MAX:
        raise InputError(f"{place}: {quoted(value)} is outside 0 to 2**64 - 1")
    return value


def decode(value: int, sort: Sort) -> Value:
    """A value as a person reads it: a member's name, a truth value, an address in hexadecimal, a size as a number."""
    match sort.kind:
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.ENUMERATION:
            return sort.members[value]
        case Kind.ADDRESS:
            return hex(value)
        case Kind.SIZE | Kind.NUMBER:
            return value


def results_of(
    compiled: CompiledAction, state: State, args: Values, given: Mapping[str, Value] | None, place: str
) -> tuple[Values, str | None]:
    """A step's results (0 where one does not exist or is not given), and the first that exists but is not given.

    A result given although it does not exist is not looked at: drivers hand back whole structures.
    """
    declared = compiled.action.results
    known = given or {}
    _only_known(known, [r.name for r in declared], f"{place}, result", f"{compiled.action.call} returns no such value")
    values = [0] * len(declared)
    missing: str | None = None
    # Whether a result exists can depend on those before it, never on those behind it.
    for position, (result, exists) in enumerate(zip(declared, compiled.exists, strict=True)):
        offered = known.get(result.name)
        value = 0 if offered is None else encode(offered, result.var.sort, f"{place}, result.{result.name}")
        if exists is not None and not exists(state, args, tuple(values)):
            continue
        values[position] = value
        if offered is None and missing is None:
            missing = result.name
    return tuple(values), missing
