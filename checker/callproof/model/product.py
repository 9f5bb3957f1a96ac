"""Two specifications side by side: one system of steps that both contracts accept, and of calls on which they part.

A state is a state of each. A call that both accept, with the same arguments and results, is a step. A call that one
accepts and of which a clause of the other is the first to fail is a step that changes nothing, and a property over
steps says that there is none. So the engines find the shortest sequence up to it, or prove that there is none of any
length. A variable that is always equal in both stands in the product once; whoever says which ones are has to show the
product's `claims`, by which they stay so (a bisimulation: Park, 1981).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from callproof.errors import UsageError
from callproof.expr import BOOLEAN, And, Const, Node, Not, Or, Var, replaced
from callproof.model.clauses import Layer
from callproof.model.product_side import NOWHERE, Part, Side
from callproof.model.system import (
    Action,
    Axiom,
    Class,
    Outcome,
    Property,
    Result,
    System,
    call_marker,
)

RESULTS = "results"
"""Stands for a clause where the other contract accepts the call, but rules out what was returned."""
NO_CALL = "no such call"
"""Stands for a clause where the other specification has no such call."""
_SIDES = ("a", "b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A call of each specification that are one call; `given` are the values of parameters that only one has."""

    calls: tuple[str, str]
    given: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})

    @property
    def name(self) -> str:
        """The call as the product names it."""
        one, two = self.calls
        return one if one == two else f"{one} ~ {two}"


@dataclass(frozen=True, slots=True)
class Parting:
    """What one contract accepts, and why the other does not."""

    accepted_by: int
    """0 or 1: the first or the second specification."""
    call: str
    """As the one that accepts names it."""
    other: str
    """As the other names it; empty where it has no such call."""
    clause: str
    """The first clause of the other's that fails, or `RESULTS` or `NO_CALL`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that both accept gives a shared variable the same value in both."""

    name: str
    action: Action
    outcome: Outcome
    values: tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Product:
    """The product system, and what its actions and properties stand for."""

    system: System
    claims: tuple[Claim, ...]
    untold: tuple[Parting, ...]
    """Ways to part that the product cannot show."""
    partings: Mapping[str, Parting]
    """By the id of the property, which is also the name of the calls that it is about."""
    pairs: Mapping[str, Pair]
    """By the name of the step that both accept."""


def sharable(systems: tuple[System, System]) -> frozenset[str]:
    """The variables that both systems have, of the same sort."""
    one, two = ({v.name: (v.var.sort, v.control) for v in system.variables} for system in systems)
    return frozenset(name for name, kind in one.items() if two.get(name) == kind)


def product(
    systems: tuple[System, System], layers: tuple[Layer, Layer], pairs: list[Pair], shared: frozenset[str]
) -> Product:
    """The product of two systems, each under a layer of its contract; both see the same `shared` variables.

    Raises `UsageError` where a call of one takes what its counterpart does not, and nothing says its value.
    """
    first, second = sides = tuple(
        Side(system, layer, mark, shared) for system, layer, mark in zip(systems, layers, _SIDES, strict=True)
    )
    actions: list[Action] = []
    claims: list[Claim] = []
    partings: dict[str, Parting] = {}
    untold: list[Parting] = []
    for pair in pairs:
        for a, b in _together(systems, pair):
            mine, yours = first.part(a, pair.given[0]), second.part(b, pair.given[1])
            _require_same_parameters(pair, mine, yours)
            actions.append(_both(pair, mine, yours, shared))
            claims += _claims(actions[-1], mine, yours, shared)
            for number, (one, other) in enumerate(((mine, yours), (yours, mine))):
                untold += _untold(pair, number, one, other)
                for parting, action in _partings(pair, number, one, other):
                    partings.setdefault(action.call, parting)
                    actions.append(action)
    for number, side in enumerate(sides):
        met = {pair.calls[number] for pair in pairs}
        for action in systems[number].actions:
            if action.call not in met:
                parting = Parting(number, action.call, "", NO_CALL)
                partings.setdefault(_name(parting), parting)
                actions.append(side.part(action, {}).alone(_name(parting), ()))
    properties = [_never(action) for action in actions if action.call in partings]
    options = {option.name: option for option in systems[0].options}
    for option in systems[1].options:
        if options.setdefault(option.name, option) != option:
            raise UsageError(f"option {option.sort.name} has not the same values in both specifications")
    made = System(
        f"{systems[0].spec} and {systems[1].spec}",
        tuple({v.name: v for side in sides for v in side.variables()}.values()),
        tuple(options.values()),
        tuple(actions),
        (*properties, *dict.fromkeys(prop for side in sides for prop in side.invariants())),
        (),
        systems[0].counts,
        tuple(dict(table for side in sides for table in side.tables()).items()),
        tuple(dict(fixed for system in systems for fixed in system.fixed_options).items()),
    )
    return Product(made, tuple(claims), tuple(dict.fromkeys(untold)), partings, {pair.name: pair for pair in pairs})


def _name(parting: Parting) -> str:
    one = parting.call if parting.other in ("", parting.call) else f"{parting.call} ~ {parting.other}"
    return f"{one} / {_SIDES[1 - parting.accepted_by]}: {parting.clause}"


def _together(systems: tuple[System, System], pair: Pair) -> Iterator[tuple[Action, Action]]:
    """The actions of both calls on the same resources."""
    others = {_resources(action): action for action in systems[1].actions if action.call == pair.calls[1]}
    for action in systems[0].actions:
        if action.call == pair.calls[0]:
            other = others.get(_resources(action))
            if other is None:
                raise UsageError(f"{pair.name}: the two are not given the same resources")
            yield action, other


def _resources(action: Action) -> frozenset[tuple[str, str, int]]:
    return frozenset(action.handles)


def _require_same_parameters(pair: Pair, mine: Part, yours: Part) -> None:
    for number, (one, other) in enumerate(((mine, yours), (yours, mine))):
        known = {(p.name, p.var) for p in other.params}
        for parameter in one.params:
            if (parameter.name, parameter.var) not in known:
                raise UsageError(
                    f"{pair.name}: {pair.calls[number]} takes {parameter.name}: {parameter.var.sort}, and the other "
                    "does not; say its value in a Twin of one of the specifications"
                )


def _both(pair: Pair, mine: Part, yours: Part, shared: frozenset[str]) -> Action:
    """The call where both accept it."""
    results: dict[str, Result] = {}
    for result in (*mine.action.results, *yours.action.results):
        known = results.get(result.name)
        if known is not None and known.var != result.var:
            raise UsageError(f"{pair.name}: the result {result.name} is of two sorts")
        when = result.when if known is None else Or((known.when, result.when))
        results[result.name] = replace(result, when=when)
    return Action(
        pair.name,
        mine.action.is_event,
        mine.action.handles,
        mine.params,
        tuple(results.values()),
        (*mine.demands(), *yours.demands()),
        tuple(Axiom("", node, NOWHERE) for node in (*mine.axioms, *yours.axioms)),
        tuple(
            Outcome(
                f"{a.name} | {b.name}",
                And((a.when, b.when)),
                (*a.writes, *((name, value) for name, value in b.writes if name not in shared)),
            )
            for a in mine.outcomes
            for b in yours.outcomes
        ),
    )


def _claims(action: Action, mine: Part, yours: Part, shared: frozenset[str]) -> Iterator[Claim]:
    """What has to hold for the shared variables to stay equal on this step."""
    outcomes = iter(action.outcomes)
    for a in mine.outcomes:
        for b in yours.outcomes:
            outcome, one, two = next(outcomes), dict(a.writes), dict(b.writes)
            for name in dict.fromkeys([*one, *two]):
                if name in shared:
                    old = mine.state[name]
                    yield Claim(name, action, outcome, (one.get(name, old), two.get(name, old)))


def _partings(pair: Pair, number: int, one: Part, other: Part) -> Iterator[tuple[Parting, Action]]:
    """The call where one accepts it and a clause of the other is the first to fail, clause by clause."""
    absent = {
        r.var.name: Const(r.var.sort, 0)
        for r in other.action.results
        if r.name not in {mine.name for mine in one.action.results}
    }
    calls = pair.calls[number], pair.calls[1 - number]
    holds: tuple[Node, ...] = ()
    for id in dict.fromkeys(id for id, _ in other.clauses):
        stated = And(tuple(replaced(node, absent, {}) for known, node in other.clauses if known == id))
        parting = Parting(number, *calls, id)
        yield parting, one.alone(_name(parting), (*holds, Not(stated)))
        holds = (*holds, stated)
    if other.axioms and not absent:
        parting = Parting(number, *calls, RESULTS)
        yield parting, one.alone(_name(parting), (*holds, Not(And(other.axioms))))


def _untold(pair: Pair, number: int, one: Part, other: Part) -> Iterator[Parting]:
    """The other one returns more, and rules some of it out: whether any value of that is left is not asked."""
    known = {result.name for result in one.action.results}
    if other.axioms and any(result.name not in known for result in other.action.results):
        yield Parting(number, pair.calls[number], pair.calls[1 - number], RESULTS)


def _never(action: Action) -> Property:
    """No step is this call."""
    marker = Var(BOOLEAN, call_marker(action.call, action.indices))
    resources = tuple((kind, index) for _, kind, index in action.handles)
    return Property(action.call, Class.LIFECYCLE, True, resources, Not(marker))
