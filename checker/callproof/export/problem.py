"""What is exported: a system, a layer of its contract, and the invariants that are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callproof.errors import UsageError
from callproof.expr import Node, Sort, Var
from callproof.model.clauses import Layer
from callproof.model.demands import demands
from callproof.model.instantiate import STATE_PARAMETERS, Selection, handle_kinds, instantiate, signature
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.model.system import Action, Outcome, Property, System


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a call on particular handles can end; they are counted from 0."""

    number: int
    action: Action
    outcome: Outcome

    @property
    def label(self) -> str:
        """The way as a person names it: `aclrtFree(block=1)`, with the outcome where there are several."""
        return f"{self.action.label}: {self.outcome.name}" if self.outcome.name else self.action.label

    @property
    def own(self) -> tuple[Var, ...]:
        """What the caller passes and what the driver returns, in the action's order."""
        return (*(p.var for p in self.action.params), *(r.var for r in self.action.results))

    def demands(self, layer: Layer) -> list[Node]:
        """What has to hold for a call to be accepted and to end in this way."""
        return [*demands(self.action, layer), self.outcome.when]


@dataclass(frozen=True, slots=True)
class Problem:
    """One system in one layer, with instances of the invariants that are asked; `bound` calls at most."""

    spec: str
    """How the specification is named on the command line."""
    system: System
    layer: Layer
    invariants: tuple[str, ...]
    bound: int
    ways: tuple[Way, ...]
    """Every way in which a call can end, in the order of the specification."""

    @property
    def properties(self) -> tuple[Property, ...]:
        """The instances of the invariants."""
        return self.system.properties

    @property
    def states(self) -> dict[str, Sort]:
        """The state variables."""
        return {v.name: v.var.sort for v in self.system.variables}

    @property
    def options(self) -> dict[str, Sort]:
        """The options, which keep one value."""
        return {v.name: v.sort for v in self.system.options}

    @property
    def fixed(self) -> Mapping[str, int]:
        """The options whose value was chosen."""
        return dict(self.system.fixed_options)

    @property
    def own(self) -> dict[str, Sort]:
        """Every parameter and result; calls share those of one name and sort."""
        return {var.name: var.sort for way in self.ways for var in way.own}

    @property
    def scope(self) -> str:
        """The resources, readings and fixed options as a person names them."""
        parts = [f"{count} {kind}" for kind, count in self.system.counts]
        parts += [f"{id} read as {name}" for id, name in self.system.readings]
        sorts = self.options
        parts += [f"{sorts[name].name}={sorts[name].members[value]}" for name, value in self.system.fixed_options]
        return ", ".join(parts)


def problem(
    spec: Specification[Any],
    named: str,
    layer: Layer,
    invariants: Sequence[str],
    counts: Mapping[str, int],
    bound: int,
    readings: tuple[tuple[str, str], ...] = (),
    options: tuple[tuple[str, str], ...] = (),
) -> Problem:
    """The problem that is asked for; `named` is the specification's name on the command line.

    Where no number of a kind is given, there are as many as the invariants name.

    Raises `SpecError` for a faulty specification, and `UsageError` for an unknown invariant, reading or option, and
    where there are too few resources for an invariant to say anything.
    """
    require_clean(spec)
    chosen = tuple(dict.fromkeys(invariants))
    needed = {kind.__name__: spec.numbers.get(kind, 1) for kind in handle_kinds(spec.state)}
    for id in chosen:
        for kind, count in _named(spec, id).items():
            if counts.get(kind, count) < count:
                raise UsageError(f"{id} says nothing of {counts[kind]} {kind}: it names {count}")
            needed[kind] = max(needed[kind], count)
    system = instantiate(spec, {**needed, **counts}, Selection(readings, options, chosen))
    pairs = [(a, o) for a in system.actions for o in a.outcomes]
    ways = tuple(Way(number, action, outcome) for number, (action, outcome) in enumerate(pairs))
    return Problem(named, system, layer, chosen or tuple(spec.invariants), bound, ways)


def _named(spec: Specification[Any], id: str) -> dict[str, int]:
    """How many resources of each kind an invariant names."""
    found: dict[str, int] = {}
    if id in spec.invariants:
        invariant = spec.invariants[id]
        for _, kind in signature(invariant.body, STATE_PARAMETERS[invariant.over_step]).handles:
            found[kind.__name__] = found.get(kind.__name__, 0) + 1
    return found
