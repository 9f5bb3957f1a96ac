"""The parts of `callproof.conform` by themselves, on small specifications."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from callproof.conform.catalogue import Catalogue
from callproof.conform.goals import Goal, Marksman
from callproof.conform.impossible import impossible_alone
from callproof.conform.observations import Sighting, Signature, Sort
from callproof.conform.rerun import Moved
from callproof.conform.settings import Setting, counts_of, kinds_of, option_choices
from callproof.conform.shrink import grouped
from callproof.conform.suites.edges import edge_cases
from callproof.conform.suites.random import walk
from callproof.conform.targets import find, targets
from callproof.conform.terms import Term, values
from callproof.drivers.messages import KindOffer, Offer
from callproof.errors import InputError, UsageError
from callproof.graph.tours import Tour
from callproof.model.loading import load_specification
from callproof.semantics import Verdict
from callproof.trace import Step
from ge_memory import SPEC
from tests.support.toys import locker

ROOT = Path(__file__).parents[2]
DMA = load_specification(f"{ROOT}/examples/dma.py:SPEC")
EVERYTHING = Offer("toy", "1", frozenset(SPEC.operations) | frozenset(DMA.operations), (), {}, {})


@pytest.fixture
def dma() -> Catalogue:
    return Catalogue(DMA, EVERYTHING)


def only(catalogue: Catalogue) -> Setting:
    return next(iter(catalogue.first.values()))


def test_a_term_is_a_sum_of_state_and_offset() -> None:
    state = [0, 100, 20]
    assert values((Term((1, 2), -1), Term((2,))), state) == (119, 20)
    assert values((Term((1,), 1, 1), Term((2,))), state) == (81, 20)
    assert values((Term((), -1),), state) == (2**64 - 1,)


def test_a_tour_takes_every_label_and_stays_short() -> None:
    ring = [[(n, (n + 1) % 5), (5 + n, n)] for n in range(5)]
    tour = Tour(ring, range(10))
    node, taken = 0, []
    while (way := tour.way(node, 100)) is not None:
        for source, position in way:
            label, node = ring[source][position]
            tour.took(label)
            taken.append(label)
    assert sorted(taken) == list(range(10))
    tour.restore(7)
    assert tour.way(0, 100) == [(0, 0), (1, 0)]
    assert tour.way(0, 1) is None


def test_arguments_are_found_for_an_outcome_and_for_a_clause_alone(dma: Catalogue) -> None:
    place = dma.place(only(dma))
    world, marksman = place.world, place.space.marksman
    start = world.machine.action("dma_start", (1,))
    bind = world.machine.action("dma_set_buffer", (1,))
    state = world.initial.copy()
    assert marksman.aim(state, Goal(start, alone="D1")) is not None
    assert marksman.aim(state, Goal(start, outcome=0)) is None
    assert marksman.aim(state, Goal(bind, alone="H1")) is None
    shot = marksman.aim(state, Goal(bind, outcome=0))
    assert shot is not None
    running = marksman.aim(shot.after, Goal(start, outcome=0))
    assert running is not None
    assert marksman.aim(running.after, Goal(bind, alone="H1")) is not None


def test_every_edge_is_planned_once_at_the_least(dma: Catalogue) -> None:
    place = dma.place(only(dma))
    wanted = range(len(place.abstract.reach.edges))
    assert place.space.expand(wanted) == set()
    steps = [step for case in edge_cases(place.space, wanted) for step in case.steps]
    assert {step.edge for step in steps if step.moves or step.edge >= 0} == set(wanted)
    refused = [step for step in steps if step.edge < 0]
    assert refused, "behind edges calls are refused"
    assert len(refused) < len(steps) / 2
    assert len(steps) <= 10


def test_where_each_clause_fails_alone(dma: Catalogue) -> None:
    place = dma.place(only(dma))
    wanted = targets(place.world)
    shown = find(place.space, wanted)
    assert {aim.target for aims in shown.values() for aim in aims} == set(wanted)


def test_what_cannot_fail_alone_is_proved() -> None:
    wanted = [("RemoveGraph", "L1"), ("AddGraph", "L1"), ("CompileGraph", "L5"), ("SetGraphConstMemoryBase", "Q2")]
    strictly, never = impossible_alone(SPEC, wanted)
    assert strictly == {("RemoveGraph", "L1"), ("CompileGraph", "L5"), ("SetGraphConstMemoryBase", "Q2")}
    assert never == {("RemoveGraph", "L1")}


def test_walks_are_the_same_for_the_same_seed(dma: Catalogue) -> None:
    world = dma.world(only(dma), {})
    one, two, three = (list(walk(world, random.Random(seed), 50)) for seed in (1, 1, 2))
    assert one == two != three
    assert len(one) == 50


def test_an_offer_is_held_against_the_specification() -> None:
    def offer(**changes: object) -> Offer:
        return replace(EVERYTHING, **changes)

    with pytest.raises(InputError, match="no call returns 'colour'"):
        kinds_of(SPEC, offer(kinds=(KindOffer("a", {"colour": 1}),)))
    with pytest.raises(InputError, match="true or false is needed"):
        kinds_of(SPEC, offer(kinds=(KindOffer("a", {"is_static": 3}),)))
    with pytest.raises(InputError, match="unknown handle 'Fish'"):
        counts_of(SPEC, offer(handles={"Fish": 1}))
    with pytest.raises(InputError, match="has no value '7'"):
        option_choices(SPEC, offer(options={"ge.exec.staticMemoryPolicy": ("7",)}))
    with pytest.raises(UsageError, match="offers no call of ge-memory"):
        Catalogue(SPEC, offer(calls=frozenset({"sing"}))).place(
            Setting({o.name: o.values[0] for o in SPEC.options}, {1: ""})
        )


def test_options_rule_kinds_out() -> None:
    kinds = (KindOffer("refreshable", {"is_static": True, "is_refreshable": True}),)
    options = {"ge.featureBaseRefreshable": ("0", "1")}
    catalogue = Catalogue(SPEC, replace(EVERYTHING, kinds=kinds, options=options))
    assert catalogue.first["refreshable"].options["ge.featureBaseRefreshable"] == "1"
    assert list(catalogue.others("refreshable")) == []
    with pytest.raises(UsageError, match="none of the kinds"):
        Catalogue(SPEC, replace(EVERYTHING, kinds=kinds))


def test_addresses_move_with_what_a_driver_hands_out() -> None:
    catalogue = Catalogue(SPEC, EVERYTHING)
    world = catalogue.world(only(catalogue), {})
    allocate = world.acts[world.machine.action("aclrtMalloc", (1,))]
    bind = world.acts[world.machine.action("SetGraphConstMemoryBase", (1,))]
    moved = Moved()
    moved.learn(allocate, {"memory": 0x1000}, {"memory": 0x9000})
    assert moved.args(bind, (0x1010, 8)) == (0x9010, 8)
    assert moved.args(bind, (0, 8)) == (0, 8)


def test_findings_are_grouped_by_call_clause_and_verdict() -> None:
    def sighting(*clauses: str, steps: int = 1, call: str = "f") -> Sighting:
        signature = Signature(Sort.ACCEPTED, call, clauses)
        return Sighting(signature, Verdict.MUST_REJECT, "", Setting({}), (Step(call, {}),) * steps)

    groups = grouped([sighting("A", "B"), sighting("A", steps=3), sighting("A", steps=2), sighting("A", call="g")])
    assert [(g.signature.call, g.signature.clauses, g.count, len(g.sighting.steps)) for g in groups] == [
        ("f", ("A",), 3, 2), ("g", ("A",), 1, 1)
    ]  # fmt: skip
    assert [g.signature.clauses for g in grouped([sighting("A", "B")])] == [("A", "B")]


def test_a_stand_in_makes_the_choices_of_a_driver() -> None:
    toy = locker()
    catalogue = Catalogue(toy, Offer("toy", "1", frozenset(toy.operations), (), {}, {}))
    world = catalogue.world(only(catalogue), {})
    marksman = Marksman(world)
    made = marksman.aim(world.initial.copy(), Goal(world.machine.action("Make", (1,)), outcome=0))
    assert made is not None
    assert made.results == (4096,)
    put = world.machine.action("Put", (1,))
    assert marksman.aim(made.after, Goal(put, alone="P2")) is not None
    assert marksman.aim(made.after, Goal(put, alone="P1")) is None
