"""What the suite `variants` adds to `clauses`, on a small specification with two paints, two lanes and an option."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callproof.conform.cases import Case
from callproof.conform.catalogue import Catalogue
from callproof.conform.plan import make_plan
from callproof.conform.terms import values
from callproof.drivers.messages import KindOffer, Offer
from callproof.model import (
    Bool,
    Handle,
    Option,
    Origin,
    Record,
    Specification,
    all_of,
    any_of,
    axiom,
    boolean,
    clause,
    implies,
    require,
    result,
    table,
)


class UnitId(Handle):
    pass


class LaneId(Handle):
    pass


class Lane(Record):
    busy = boolean()


class Unit(Record):
    red = boolean()
    blue = boolean()
    glossy = boolean()
    lanes = table(Lane, LaneId)


class Shop(Record):
    units = table(Unit, UnitId)


STRICT = Option("strict", ("no", "yes"), "whether gloss is forbidden on red")


def shop() -> Specification[Shop]:
    ids = ("apart", "dull")
    made = (clause(id, Origin.DOCUMENTED, "Run", "rules", id) for id in ids)
    spec = Specification("shop", "Units that are painted", Shop, made, options=(STRICT,))

    def unlike(u: Unit, h: Unit) -> Bool:
        return all_of(~(u.red & h.red), ~(u.blue & h.blue))

    @spec.call("Red")
    def red(s: Shop, unit: UnitId) -> None:
        s.units[unit].red = True

    @spec.call("Blue")
    def blue(s: Shop, unit: UnitId) -> None:
        s.units[unit].blue = True

    @spec.call("Gloss")
    def gloss(s: Shop, unit: UnitId) -> None:
        u = s.units[unit]
        require("dull", implies(STRICT.is_("yes"), ~u.red))
        glossy = result("glossy", Bool)
        axiom("none", implies(STRICT.is_("yes"), ~glossy))
        u.glossy = glossy

    @spec.call("Run")
    def run(s: Shop, unit: UnitId, lane: LaneId) -> None:
        u = s.units[unit]
        for h in s.units.others(unit):
            require("apart", implies(any_of(*(o.busy for o in h.lanes.others(lane))), unlike(u, h)))
        u.lanes[lane].busy = True

    @spec.call("RunAll")
    def run_all(s: Shop, unit: UnitId) -> None:
        u = s.units[unit]
        for h in s.units.others(unit):
            require("apart", implies(any_of(*(o.busy for o in h.lanes.every())), unlike(u, h)))

    return spec


OFFER = Offer(
    "toy",
    "1",
    frozenset(("Red", "Blue", "Gloss", "Run", "RunAll")),
    (KindOffer("shiny", {"glossy": True}), KindOffer("matt", {"glossy": False})),
    {"strict": ("no", "yes")},
    {"UnitId": 2, "LaneId": 2},
)
Ending = tuple[str, tuple[int, ...], tuple[str, ...], dict[str, int]]


@pytest.fixture(scope="module")
def endings() -> list[tuple[Case, Ending]]:
    """Each case with its last call, handles, the clauses that fail there, and the state before it."""
    plan = make_plan(Catalogue(shop(), OFFER), ("clauses", "variants"), 1, None, lambda _: None)
    cases = [case for unit in plan.units for case in unit.cases]
    return [(case, _played(case)) for case in cases if case.suite == "variants" or len(case.world.setting.kinds) == 2]


def _played(case: Case) -> Ending:
    world, state = case.world, case.world.initial.copy()
    *way, last = case.steps
    for step in way:
        act, args = world.acts[step.act], values(step.terms, state)
        assert act.compiled.judge(state, args, act.no_results) == 0
        made = world.choose(act, state, args, {})
        assert made is not None
        assert act.compiled.apply(state, args, made) >= 0
    act = world.acts[last.act]
    failing = act.compiled.explain(state, values(last.terms, state), act.no_results)
    assert bool(failing) is not last.moves
    ids = tuple(act.action.clauses[n].id for n in failing)
    return act.action.call, act.action.indices, ids, dict(zip(world.machine.names, state, strict=True))


def some(endings: list[tuple[Case, Ending]], wanted: Callable[[Any, Any, Any, Any], bool]) -> bool:
    return any(wanted(*ending) for _, ending in endings)


def like(state: dict[str, int]) -> set[str]:
    return {paint for paint in ("red", "blue") if state[f"units[1].{paint}"] and state[f"units[2].{paint}"]}


def test_every_part_of_a_clause_fails_alone(endings: list[tuple[Case, Ending]]) -> None:
    def shows(paint: str) -> Callable[[Any, Any, Any, Any], bool]:
        return lambda call, _, failing, state: call == "RunAll" and failing == ("apart",) and like(state) == {paint}

    assert some(endings, shows("red"))
    assert some(endings, shows("blue"))


def test_the_suite_needs_no_other() -> None:
    plan = make_plan(Catalogue(shop(), OFFER), ("variants",), 1, None, lambda _: None)
    assert {case.suite for unit in plan.units for case in unit.cases} == {"variants"}
    assert len([case for unit in plan.units for case in unit.cases]) > 5
    assert (plan.clause_calls, plan.aimed) == (0, set())


def test_a_call_is_accepted_where_another_with_the_clause_is_not(endings: list[tuple[Case, Ending]]) -> None:
    def shared(call: str, handles: tuple[int, ...], failing: tuple[str, ...], state: dict[str, int]) -> bool:
        busy = [lane for lane in (1, 2) if state.get(f"units[2].lanes[{lane}].busy")]
        return call == "Run" and not failing and bool(like(state)) and busy == [handles[1]]

    assert some(endings, shared)


def test_resources_of_other_kinds_differ(endings: list[tuple[Case, Ending]]) -> None:
    def both(call: str, handles: tuple[int, ...], failing: tuple[str, ...], state: dict[str, int]) -> bool:
        lanes = [state.get(f"units[2].lanes[{lane}].busy") for lane in (1, 2)]
        return call == "Run" and failing == ("apart",) and all(lanes)

    assert some(endings, both)


def test_a_value_of_an_option_is_told_from_another(endings: list[tuple[Case, Ending]]) -> None:
    def glossed(call: str, _: object, failing: tuple[str, ...], state: dict[str, int]) -> bool:
        return call == "Gloss" and not failing and state["units[1].red"] == 1 and state[STRICT.var.name] == 0

    assert some(endings, glossed)


def test_a_kind_is_asked_under_options_that_rule_out_what_it_returns(endings: list[tuple[Case, Ending]]) -> None:
    asked = [
        (case.world.setting.kinds[1], ending[0])
        for case, ending in endings
        if case.world.setting.options["strict"] == "yes"
    ]
    assert ("shiny", "Gloss") in asked
    assert ("matt", "Gloss") not in asked
