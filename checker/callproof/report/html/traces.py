"""A trace as the player of the report shows it: step by step, with what each changes and what let it through."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callproof.errors import UserError
from callproof.model.instantiate import handle_kinds, instantiate, universe_of
from callproof.model.specification import Specification
from callproof.replay import Replay, ReplayedStep, replay
from callproof.report.html.regions import pattern, variable_sorts
from callproof.report.replay_text import printable
from callproof.run.shown import value_text
from callproof.trace import Sorts, Trace, Value, sorts_of, trace_text

Converter = Callable[[Replay, Sorts, str], str]
"""Writes a replayed trace as something to copy, with words on where it came from; `UserError` where it cannot."""


@dataclass(frozen=True, slots=True)
class StepData:
    """One step. Values are text; a variable is named by its position in the trace's list of names."""

    call: str
    args: tuple[tuple[str, str], ...]
    result: tuple[tuple[str, str], ...] = ()
    returned: str = ""
    outcome: str = ""
    accepted: bool = True
    verdict: str = ""
    conforms: bool | None = None
    clauses: tuple[str, ...] = ()
    """Those that fail: where the step was accepted, its layer or its driver does not make them."""
    axioms: tuple[str, ...] = ()
    changes: tuple[tuple[int, str, str], ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    """Invariants that break here, and the resources on which they do."""


@dataclass(frozen=True, slots=True)
class TraceData:
    """A trace, and why it is in the report."""

    key: str
    """What the page calls it in its addresses: `example-9`, `finding-1`, `trace-1`."""
    title: str
    says: str
    """What it shows, in a sentence."""
    breaks: tuple[tuple[str, str], ...]
    """Invariant and layer, of a counterexample."""
    settings: tuple[tuple[str, str], ...]
    """Options and readings."""
    initially: tuple[tuple[str, str], ...]
    """Invariants that do not hold before any step, and the resources on which they do not."""
    names: tuple[str, ...]
    steps: tuple[StepData, ...]
    copies: Mapping[str, str] = field(default_factory=dict)
    """What can be copied, by the name of the format."""


class Player:
    """Replays traces on one specification for the report; `converters` add formats to copy besides JSON."""

    def __init__(self, spec: Specification[Any], converters: Mapping[str, Converter] | None = None) -> None:
        self.spec = spec
        self._sorts = sorts_of(instantiate(spec, {}))
        universe = universe_of(spec, {kind.__name__: 1 for kind in handle_kinds(spec.state)})
        self._variables = dict(variable_sorts(spec.state, universe))
        self._converters = dict(converters or {})

    def shown(
        self,
        key: str,
        title: str,
        says: str,
        trace: Trace,
        breaks: tuple[tuple[str, str], ...] = (),
        source: str = "",
    ) -> TraceData:
        """The trace, replayed; `UserError`, which begins with `source`, where it does not fit the specification."""
        played = replay(self.spec, trace, source=source or key)
        names: dict[str, int] = {}
        steps = tuple(self._step(step, names) for step in played.steps)
        return TraceData(
            key,
            printable(title),
            printable(says),
            breaks,
            tuple((printable(k), printable(v)) for k, v in (*trace.options.items(), *trace.readings.items())),
            tuple((b.property.id, _resources(b.property.handles)) for b in played.broken if b.step == 0),
            tuple(printable(name) for name in names),
            steps,
            self._copies(played, title),
        )

    def _step(self, step: ReplayedStep, names: dict[str, int]) -> StepData:
        made, sorts = step.step, self._sorts.get(step.step.call, {})

        def values(given: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
            return tuple((printable(n), printable(value_text(v, sorts.get(n)))) for n, v in given.items())

        changes = []
        for name, (old, new) in step.changed.items():
            sort = self._variables.get(pattern(name))
            number = names.setdefault(name, len(names))
            changes.append((number, printable(value_text(old, sort)), printable(value_text(new, sort))))
        return StepData(
            printable(made.call),
            values(made.args),
            values(made.result or {}),
            "" if made.returned is None else printable(made.returned),
            step.outcome,
            step.accepted,
            step.verdict.value,
            step.conforms,
            step.clause_ids,
            tuple(dict.fromkeys(axiom.id for axiom in step.axioms)),
            tuple(changes),
            tuple((prop.id, _resources(prop.handles)) for prop in step.broken),
        )

    def _copies(self, played: Replay, source: str) -> dict[str, str]:
        made = {"JSON": _plain_json(trace_text(played.trace, self._sorts))}
        for name, convert in self._converters.items():
            with contextlib.suppress(UserError):  # not every specification says how its calls are written
                made[name] = convert(played, self._sorts, source)
        return made


def _resources(handles: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{kind} {index}" for kind, index in handles)


def _plain_json(text: str) -> str:
    """The same JSON with every character escaped that is not seen, or that would steer how others are seen."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
