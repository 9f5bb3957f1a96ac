"""Shorter traces under any predicate: first without calls, then with simpler values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from callproof.trace import Step, Trace, Value

Keeps = Callable[[Trace], bool]
"""Says whether a candidate still shows what the trace is kept for."""


def minimise(trace: Trace, keeps: Keeps) -> Trace:
    """The trace with as few calls and as simple values as `keeps` allows; no single call can be left out any more."""
    return simplify(shorten(trace, keeps), keeps)


def shorten(trace: Trace, keeps: Keeps) -> Trace:
    """Leave out runs of calls, long ones first, then single ones until none can go."""
    size = max(1, len(trace.steps) // 2)
    while True:
        smaller = next((t for t in _without(trace, size) if keeps(t)), None)
        if smaller is not None:
            trace = smaller
        elif size > 1:
            size //= 2
        else:
            return trace


def _without(trace: Trace, size: int) -> Iterator[Trace]:
    for start in range(len(trace.steps) - size, -1, -1):
        yield replace(trace, steps=trace.steps[:start] + trace.steps[start + size :])


def simplify(trace: Trace, keeps: Keeps) -> Trace:
    """Replace one argument or result after another by 0 or its half, as often as that is kept."""
    changed = True
    while changed:
        changed = False
        for simpler in _simpler(trace):
            if keeps(simpler):
                trace, changed = simpler, True
                break
    return trace


def _simpler(trace: Trace) -> Iterator[Trace]:
    for at, step in enumerate(trace.steps):
        for name, value in step.args.items():
            for less in _less(value):
                yield _with(trace, at, replace(step, args={**step.args, name: less}))
        for name, value in (step.result or {}).items():
            for less in _less(value):
                yield _with(trace, at, replace(step, result={**(step.result or {}), name: less}))


def _less(value: Value) -> Iterator[int]:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        yield 0
        if value > 1:
            yield value // 2


def _with(trace: Trace, at: int, step: Step) -> Trace:
    return replace(trace, steps=(*trace.steps[:at], step, *trace.steps[at + 1 :]))
