"""Writing traces: addresses as hexadecimal strings, sizes as decimal strings, the rest as JSON has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from callproof.expr import Kind, Sort
from callproof.model.system import System
from callproof.trace.files import write_atomically
from callproof.trace.reading import FORMAT, VERSION
from callproof.trace.steps import Step, Trace, Value

_EXACT = 1 << 53
"""Up to here every JSON reader keeps an integer exactly."""

Sorts = Mapping[str, Mapping[str, Sort]]
"""The sort of each plain parameter and result, by call and name."""


def sorts_of(system: System) -> Sorts:
    """The sorts by which the values of a system's traces are written."""
    found: dict[str, dict[str, Sort]] = {}
    for action in system.actions:
        sorts = found.setdefault(action.call, {})
        sorts.update({item.name: item.var.sort for item in action.params})
        sorts.update({item.name: item.var.sort for item in action.results})
    return found


def trace_text(trace: Trace, sorts: Sorts | None = None) -> str:
    """A trace as a JSON document, one step a line. Without `sorts` large integers are hexadecimal strings."""
    head: dict[str, object] = {"format": FORMAT, "version": VERSION, "spec": trace.spec}
    if trace.origin is not None:
        head["origin"] = trace.origin
    if trace.readings:
        head["readings"] = dict(trace.readings)
    if trace.options:
        head["options"] = dict(trace.options)
    if trace.kinds:
        head["kinds"] = dict(trace.kinds)
    lines = [_json(step_document(step, (sorts or {}).get(step.call, {}))) for step in trace.steps]
    steps = ",\n  ".join(lines)
    return f'{_json(head)[:-1]},\n "steps": [\n  {steps}\n ]}}\n' if lines else f'{_json(head)[:-1]}, "steps": []}}\n'


def step_document(step: Step, sorts: Mapping[str, Sort]) -> dict[str, object]:
    """One step as JSON has it."""
    document: dict[str, object] = {"call": step.call, "args": _values(step.args, sorts)}
    if step.returned is not None:
        document["returned"] = step.returned
    if step.result is not None:
        document["result"] = _values(step.result, sorts)
    return document


def _values(values: Mapping[str, Value], sorts: Mapping[str, Sort]) -> dict[str, Value]:
    return {name: written(value, sorts.get(name)) for name, value in values.items()}


def written(value: Value, sort: Sort | None) -> Value:
    """One value as it stands in a file."""
    if type(value) is not int:
        return value
    if sort is not None and sort.kind is Kind.ADDRESS:
        return hex(value)
    if sort is not None and sort.kind in (Kind.SIZE, Kind.NUMBER):
        return str(value)
    return value if value < _EXACT else hex(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_trace(path: str | Path, trace: Trace, sorts: Sorts | None = None) -> None:
    """Write a trace to a file, whole or not at all."""
    write_atomically(path, trace_text(trace, sorts))
