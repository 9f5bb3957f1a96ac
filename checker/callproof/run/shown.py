"""A certified counterexample as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.expr import Kind, Sort
from callproof.model.clauses import Layer
from callproof.model.system import System
from callproof.replay import Replay, ReplayedStep
from callproof.trace import Value
from callproof.trace.writing import sorts_of, trace_text
from callproof.verdict import Change, Counterexample, ShownStep


def shown(number: int, replay: Replay, layer: Layer, system: System, *, shortest: bool) -> Counterexample:
    """A replayed trace with readable values and, for each step, the clauses that would have refused it."""
    sorts = {v.name: v.var.sort for v in system.variables}
    steps = tuple(_step(step, layer, system, sorts) for step in replay.steps)
    text = trace_text(replay.trace, sorts_of(system))
    return Counterexample(number, replay.trace, text, steps, shortest)


def _step(step: ReplayedStep, layer: Layer, system: System, sorts: Mapping[str, Sort]) -> ShownStep:
    action = next(a for a in system.actions if a.call == step.step.call)
    arguments = {p.name: p.var.sort for p in action.params}
    results = {r.name: r.var.sort for r in action.results}
    return ShownStep(
        step.step.call,
        _values(step.step.args, arguments),
        _values(step.step.result or {}, results),
        step.outcome,
        tuple(
            Change(name, value_text(old, sorts[name]), value_text(new, sorts[name]))
            for name, (old, new) in step.changed.items()
        ),
        tuple(dict.fromkeys(use.id for use in step.outside(layer))),
    )


def _values(values: Mapping[str, Value], sorts: Mapping[str, Sort]) -> str:
    return ", ".join(f"{name}={value_text(value, sorts.get(name))}" for name, value in values.items())


def value_text(value: Value, sort: Sort | None) -> str:
    """A value as it is written in a report: addresses in hexadecimal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and sort is not None and sort.kind is Kind.ADDRESS:
        return f"{value:#x}"
    return str(value)
