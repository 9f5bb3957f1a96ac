"""What a driver offers, as instances of the specification: run options and kinds of resource, one setting a session."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from callproof.drivers.messages import Offer
from callproof.errors import InputError, Location, UsageError
from callproof.expr import TRUE, Const, Eq, Kind, Not, Or, Sort, variables
from callproof.model.instantiate import Selection, handle_kinds, instantiate
from callproof.model.specification import Specification
from callproof.model.system import Action, Axiom, System
from callproof.semantics import encode

SETTING_LIMIT = 256
"""Settings past which no more combinations of options and kinds are looked at."""
HANDLES_LIMIT = 2
"""Resources of one kind that a suite uses at most: rules are over one resource or between two."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a session is started: the options of the run, and the kind of each resource of the first handle kind."""

    options: Mapping[str, str]
    kinds: Mapping[int, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """As a person reads it."""
        parts = [f"{index}={name}" for index, name in self.kinds.items() if name]
        parts += [f"{name}={value}" for name, value in self.options.items()]
        return ", ".join(parts) or "default"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of resource that a driver offers, with the results that are known of each, as integers."""

    results: Mapping[str, Mapping[str, int]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.results)

    def learned(self, name: str, results: Mapping[str, int]) -> Kinds:
        """The same with more known of one kind."""
        return Kinds({**self.results, name: {**self.results.get(name, {}), **results}})


def result_sorts(spec: Specification[Any]) -> dict[str, Sort]:
    """The sorts of the results that calls on a resource of the first kind return and the state keeps.

    Addresses are left out; so is what some call returns and none keeps, which the state tells rather than the kind.
    """
    first, actions = first_kind(spec), instantiate(spec, {}).actions
    kept: set[str] = set()
    for action in actions:
        written = variables(*(value for outcome in action.outcomes for _, value in outcome.writes))
        kept.update(result.name for result in action.results if result.var.name in written)
    return {
        result.name: result.var.sort
        for action in actions
        if any(kind == first for _, kind, _ in action.handles)
        for result in action.results
        if result.var.sort.kind is not Kind.ADDRESS and result.name in kept
    }


def first_kind(spec: Specification[Any]) -> str:
    """The name of the first kind of handle: whose resources come in kinds."""
    kinds = handle_kinds(spec.state)
    return kinds[0].__name__ if kinds else ""


def kinds_of(spec: Specification[Any], offer: Offer) -> Kinds:
    """The kinds that a driver names; `InputError` where their results are none of the specification's."""
    sorts = result_sorts(spec)
    found: dict[str, dict[str, int]] = {}
    for kind in offer.kinds:
        place = f"hello, kind {kind.name[:40]!r}"
        for name in kind.result:
            if name not in sorts:
                raise InputError(f"{place}: no call returns {name[:60]!r}; known results: {', '.join(sorts)}")
        found[kind.name] = {name: encode(value, sorts[name], f"{place}, {name}") for name, value in kind.result.items()}
    return Kinds(found or {"": {}})


def counts_of(spec: Specification[Any], offer: Offer) -> dict[str, int]:
    """How many resources of each kind the suites use."""
    known = [kind.__name__ for kind in handle_kinds(spec.state)]
    for name, count in offer.handles.items():
        if name not in known:
            raise InputError(f"hello: unknown handle {name[:40]!r}; the handles of {spec.name}: {', '.join(known)}")
        if count < 1:
            raise InputError(f"hello: {count} of {name}; at least one is needed")
    return {name: min(offer.handles.get(name, 1), HANDLES_LIMIT) for name in known}


def option_choices(spec: Specification[Any], offer: Offer) -> list[dict[str, str]]:
    """Every combination of option values that a driver offers, the first values first."""
    known = {option.name: option.values for option in spec.options}
    for name, values in offer.options.items():
        if name not in known:
            raise InputError(f"hello: unknown option {name[:60]!r}; the options of {spec.name}: {', '.join(known)}")
        for value in values:
            if value not in known[name]:
                raise InputError(f"hello: option {name} has no value {value[:40]!r}; it has {', '.join(known[name])}")
    offered_values = [offer.options.get(name) or known[name][:1] for name in known]
    combined = itertools.islice(itertools.product(*offered_values), SETTING_LIMIT)
    return [dict(zip(known, choice, strict=True)) for choice in combined]


def offered(
    spec: Specification[Any], offer: Offer, counts: Mapping[str, int], readings: tuple[tuple[str, str], ...] = ()
) -> System:
    """The specification with the calls that a driver offers; invariants are none of a driver's business."""
    system = instantiate(spec, counts, Selection(readings))
    actions = tuple(action for action in system.actions if offer.has(action.call))
    if not actions:
        raise UsageError(f"the driver offers no call of {spec.name}; it offers {', '.join(sorted(offer.calls)[:5])}")
    return replace(system, actions=actions, properties=())


def restricted(system: System, setting: Setting, fixed: Mapping[int, Mapping[str, int]]) -> System:
    """The same with the setting's options, and with axioms that the results of each resource are those of its kind."""
    first = system.counts[0][0] if system.counts else ""
    actions = []
    for action in system.actions:
        index = next((i for _, kind, i in action.handles if kind == first), 0)
        actions.append(_fixed(action, fixed.get(index, {})))
    options = tuple((v.name, v.sort.members.index(setting.options[v.sort.name])) for v in system.options)
    return replace(system, actions=tuple(actions), fixed_options=options)


def _fixed(action: Action, known: Mapping[str, int]) -> Action:
    here = Location("hello", 0)
    axioms = []
    for r in action.results:
        if r.name in known:
            equal = Eq(r.var, Const(r.var.sort, known[r.name]))
            axioms.append(Axiom("kind", equal if r.when == TRUE else Or((Not(r.when), equal)), here))
    return replace(action, axioms=(*action.axioms, *axioms))
