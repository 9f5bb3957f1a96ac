"""The argument for any number of resources: what it accepts, what it refuses, and the reason that it names."""

from collections.abc import Callable
from typing import Any

import pytest

from callproof.model import (
    Bool,
    Handle,
    Option,
    Origin,
    Record,
    Selection,
    Specification,
    all_of,
    boolean,
    clause,
    harden,
    implies,
    number,
    require,
    size,
    table,
)
from callproof.prove.parametric import Argument, argue
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Finding, Status
from ge_memory import SPEC
from ge_memory.state import GraphId
from tests.support import planted
from tests.support.yard import LaneId, UnitId, Yard, yard


def finding(spec: Specification[Any], invariant: str, **asked: Any) -> Finding:
    """What `check` says of an invariant where callers keep to what is documented."""
    return check(spec, Request(layer="documented", **asked)).layers[0].status(invariant)


def argument(spec: Specification[Any], kind: type[Handle] = UnitId) -> Argument:
    return argue(spec, kind, {}, Selection())


# -- what the argument accepts --------------------------------------------------------------------------------------


def test_ge_memory_is_proved_for_any_number_of_graphs() -> None:
    found = argument(SPEC, GraphId)
    assert found.reason == ""
    assert found.wide == {}
    assert found.pairs == {"disjoint-in-flight", "own-memory-apart", "disjoint-during-run", "alone-where-shared"}
    assert found.single | found.pairs == set(SPEC.invariants)


def test_a_guard_that_every_other_has_to_meet_takes_behaviour_away() -> None:
    spec = yard("exclusive", 1)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit where none runs."""
        for h in s.units.others(unit):
            require("D1", ~h.running)
        s.units[unit].running = True

    @spec.event("stop all")
    def stop(s: Yard) -> None:
        """Every unit stops."""
        for h in s.units.every():
            h.running = False

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """No two units run."""
        return ~(s.units[unit].running & s.units[other].running)

    assert argument(spec) == Argument("UnitId", "", frozenset(), frozenset({"alone"}), {})
    assert finding(spec, "alone").scope == "any length, any number of UnitId, 1 LaneId"
    assert finding(spec, "alone").status is Status.PROVED
    assert finding(spec, "alone", graphs=3).status is Status.PROVED


def test_a_rule_about_each_other_may_be_said_in_one_formula() -> None:
    spec = yard("in-one-formula", 2)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit where none runs, if the yard is open."""
        require("D1", implies(s.open, all_of(*(~h.running for h in s.units.others(unit)))))
        harden_free(s, unit)
        s.units[unit].running = True

    def harden_free(s: Yard, unit: UnitId) -> None:
        busy = [h.running for h in s.units.others(unit)]
        require("D2", ~(s.open & busy[0]) if len(busy) == 1 else all_of(*(~(s.open & b) for b in busy)))

    assert argument(spec).reason == ""


# -- what it refuses, and why ---------------------------------------------------------------------------------------


def refused(body: Callable[[Yard, UnitId], None], clauses: int = 1) -> str:
    """The reason for which a call on a unit is no part of the argument."""
    spec = yard("refused", clauses)

    @spec.call("Act")
    def act(s: Yard, unit: UnitId) -> None:
        """Whatever the test asks for."""
        body(s, unit)

    return argument(spec).reason


def test_a_call_that_writes_the_session() -> None:
    def body(s: Yard, unit: UnitId) -> None:
        s.open = True

    assert refused(body, 0) == "Act writes open, which is not of its own UnitId"


def test_a_call_that_demands_less_beside_another() -> None:
    def body(s: Yard, unit: UnitId) -> None:
        waived = s.open
        for h in s.units.others(unit):
            waived = waived | h.running
        require("D1", waived)

    assert refused(body) == "Act demands D1 alone, but not beside another UnitId"


def test_a_call_whose_effect_depends_on_another() -> None:
    def body(s: Yard, unit: UnitId) -> None:
        seen = s.open
        for h in s.units.others(unit):
            seen = seen | h.running
        s.units[unit].broken = seen

    assert refused(body, 0) == "Act gives units[1].broken another value beside another UnitId"


def test_a_demand_that_counts_the_others() -> None:
    """No more behaviour with more units, but that is not seen from the formulas."""

    def body(s: Yard, unit: UnitId) -> None:
        require("D1", planted.sum_of_running(s.units.every()) <= 1)

    assert refused(body) == "Act speaks of several other UnitId at once (D1)"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("listed", "goes past a UnitId without looking at it"),
        ("nested", "ranges over all UnitId inside a loop over them"),
        ("first", "does not range over all UnitId to the end"),
        ("unlike", "does not treat every UnitId alike"),
    ],
)
def test_a_body_that_does_not_look_at_one_after_another(name: str, fault: str) -> None:
    def body(s: Yard, unit: UnitId) -> None:
        if name == "listed":
            if len(list(s.units.others(unit))) > 3:
                s.units[unit].broken = True
        elif name == "nested":
            for h in s.units.every():
                for _ in s.units.every():
                    require("D1", h.level == h.level)
        elif name == "first":
            require("D1", next(iter(s.units.every())).level == 0)
        elif name == "unlike":
            for n, h in enumerate(s.units.others(unit)):
                require("D1", (h.level if n else h.level + 0) == h.level)
                if n:
                    require("D1", h.step == h.step)

    assert refused(body, 0 if name == "listed" else 1) in (
        f"Act {fault}", "Act demands D1 alone, but not beside another UnitId",
    )  # fmt: skip
    if name in ("listed", "nested"):
        assert refused(body, 0 if name == "listed" else 1) == f"Act {fault}"


def counting(limit: int) -> Specification[Yard]:
    """Starting a unit asks only some of the others."""
    spec = yard("counting", 1)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit where none of the first others runs."""
        for n, h in enumerate(s.units.others(unit)):
            if n < limit:
                require("D1", ~h.running)
        s.units[unit].running = True

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """No two units run."""
        return ~(s.units[unit].running & s.units[other].running)

    return spec


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_body_that_counts_a_few_in_python_is_seen(limit: int) -> None:
    assert argument(counting(limit)).reason != ""


@pytest.mark.xfail(strict=True, reason="a body that counts many in plain Python is not seen through: a known limit")
def test_a_body_that_counts_many_in_python_is_seen() -> None:
    assert argument(counting(7)).reason != ""


class Part(Handle):
    """Names a part of a thing."""


class Thing(Handle):
    """Names a thing."""


class Inner(Record):
    used = boolean()
    room = size()


class Outer(Record):
    parts = table(Inner, Part)
    weight = number()


class World(Record):
    things = table(Outer, Thing)


def nested() -> Specification[World]:
    spec = Specification("nested", "Parts of things", World, (clause("D1", Origin.DOCUMENTED, "Use", "rules", "free"),))

    @spec.call("Use")
    def use(s: World, thing: Thing, part: Part) -> None:
        """Use a part of a thing that is free."""
        require("D1", ~s.things[thing].parts[part].used)
        s.things[thing].parts[part].used = True

    @spec.invariant("one", "LIFECYCLE")
    def one(s: World, thing: Thing, other: Thing, part: Part) -> Bool:
        """No part is used of two things."""
        return ~(s.things[thing].parts[part].used & s.things[other].parts[part].used)

    @spec.invariant("weightless", "SIZE")
    def weightless(s: World, thing: Thing) -> Bool:
        """Nothing has a weight."""
        return s.things[thing].weight == 0

    return spec


@pytest.mark.parametrize("parts", [1, 2])
def test_tables_inside_tables(parts: int) -> None:
    """Exchanging two things leaves the numbers of their parts alone."""
    found = check(nested(), Request(layer="documented", resources=(("Part", parts),))).layers[0]
    assert found.status("one").status is Status.VIOLATED
    example = found.status("one").counterexample
    assert example is not None
    assert len(example.steps) == 2
    assert found.status("weightless").scope == f"any length, any number of Thing, {parts} Part"


def test_the_inner_kind_first_is_no_table_of_the_session() -> None:
    assert argument(nested(), Part).reason == "Part indexes a table inside a record"


# -- the command line's numbers ---------------------------------------------------------------------------------------


def test_options_and_layers_do_not_matter_to_the_argument() -> None:
    option = Option("lax", ("no", "yes"), "whether a yard is open")
    spec = Specification(
        "lax", "A yard", Yard, (clause("H1", Origin.HARDENING, "Yard", "rules", "none runs"),), options=(option,)
    )

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit; with the check only where none runs."""
        for h in s.units.others(unit):
            harden("H1", implies(option.is_("no"), ~h.running))
        s.units[unit].running = True

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """No two units run."""
        return ~(s.units[unit].running & s.units[other].running)

    assert argument(spec).reason == ""
    for value, status in (("no", Status.PROVED), ("yes", Status.VIOLATED)):
        result = check(spec, Request(options=(("lax", value),)))
        assert [layer.status("alone").status for layer in result.layers] == [Status.VIOLATED, Status.VIOLATED, status]


def test_kinds_are_those_of_the_specification() -> None:
    assert LaneId.__name__ in dict(check(planted.two_lanes().spec, Request(layer="documented")).resources)
