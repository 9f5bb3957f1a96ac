"""What restores an invariant: all minimal sets, what each clause forbids, and what is forbidden altogether."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings

from callproof.errors import Exit, UsageError
from callproof.model.specification import Specification
from callproof.replay import certify
from callproof.report.harden_text import harden_json, harden_text
from callproof.run.check import check
from callproof.run.harden import harden
from callproof.run.repairs import HardenResult
from callproof.run.request import Request
from callproof.verdict import Status
from tests.support.random_tanks import CallPlan, plans, tanks
from tests.support.tank import tank
from tests.support.toys import locker
from tests.support.valve import valve


def asked(spec: Specification[Any], size: int = 2, **request: Any) -> HardenResult:
    return harden(spec, Request(**{"layer": "documented", **request}), size)


def sets(result: HardenResult) -> dict[str, list[tuple[str, ...]]]:
    return {repairs.invariant: [made.clauses for made in repairs.sets] for repairs in result.repairs}


def by_trying_all(spec: Specification[Any], size: int, **request: Any) -> dict[str, list[tuple[str, ...]]]:
    """The same by whole checks of every set; of a layer that holds no hardening and no caller clauses."""
    whole = check(spec, Request(**request, layer="documented", needs=False))
    calls = [(row.call, row.clause) for row in check(spec, Request(**request, layer="hardened")).clauses]
    literal = {"graphs": None if whole.any_number_of else whole.resources[0][1], **request}
    outside = [id for id, c in spec.clauses.items() if c.origin.value in ("hardening", "caller")]
    candidates = [id for id in outside if id in {clause for _, clause in calls}]
    found: dict[str, list[tuple[str, ...]]] = {
        f.invariant: [] for f in whole.judged_layer.findings if f.status is Status.VIOLATED
    }
    for count in range(1, size + 1):
        for chosen in combinations(candidates, count):
            dropped = frozenset((call, id) for call, id in calls if id in candidates and id not in chosen)
            result = check(spec, Request(**literal, layer="hardened", dropped=dropped))
            for finding in result.judged_layer.findings:
                smaller = found.get(finding.invariant)
                if smaller is None or finding.status is not Status.PROVED:
                    continue
                if not any(set(known) <= set(chosen) for known in smaller):
                    smaller.append(chosen)
    return found


def test_all_minimal_sets() -> None:
    result = asked(tank())
    assert result.candidates == ("H1", "H2", "H3", "C1")
    assert sets(result) == {"not-over": [("H3",), ("C1",), ("H1", "H2")]}
    assert result.exit is Exit.OK


def test_a_set_that_forbids_a_call_says_so() -> None:
    (repairs,) = asked(tank()).repairs
    assert {made.clauses: made.never_accepted for made in repairs.sets} == {
        ("H3",): ("Fill", "Pour"),
        ("C1",): (),
        ("H1", "H2"): (),
    }


def test_each_clause_of_a_set_forbids_a_trace_that_the_others_let_through() -> None:
    result = asked(tank())
    (repairs,) = result.repairs
    both = repairs.sets[-1]
    for clause, other, known in zip(both.clauses, reversed(both.clauses), both.forbids, strict=True):
        assert known is not None
        certify(tank(), known.replay.trace, result.layer, "not-over")
        refusing = known.replay.steps[known.refused[clause] - 1]
        assert clause in refusing.clause_ids
        assert not any(other in step.clause_ids for step in known.replay.steps)


def test_the_limit_on_the_size() -> None:
    result = asked(tank(), size=1)
    assert sets(result) == {"not-over": [("H3",), ("C1",)]}
    assert asked(tank(), size=1, layer="driver").repairs == ()  # nothing is violated there


def test_a_set_that_is_larger_than_asked() -> None:
    """Without C1 and H3 only the two together restore it."""
    spec = tank()
    result = harden(spec, Request(layer="documented", dropped=frozenset(dropped(spec, "C1", "H3"))), 1)
    (repairs,) = result.repairs
    assert (repairs.sets, repairs.larger, result.exit) == ((), ("H1", "H2"), Exit.VIOLATED)


def test_nothing_restores_it() -> None:
    spec = tank()
    result = harden(spec, Request(layer="documented", dropped=frozenset(dropped(spec, "C1", "H3", "H2"))), 2)
    (repairs,) = result.repairs
    assert (repairs.sets, repairs.larger, repairs.unknown) == ((), (), ())
    assert "nor do all clauses together" in harden_text(result, spec.clauses)


def dropped(spec: Specification[Any], *ids: str) -> set[tuple[str, str]]:
    return {(call, id) for call in spec.operations for id in ids}


def test_between_two_resources() -> None:
    assert sets(asked(valve())) == {"sealed-shut": [("H2",)], "one-open": [("H3",)]}
    assert sets(asked(valve(), invariants=("one-open",))) == {"one-open": [("H3",)]}


@pytest.mark.parametrize("spec", [tank, valve, locker])
def test_the_same_by_trying_all(spec: Any) -> None:
    assert sets(asked(spec())) == by_trying_all(spec(), 2)


@pytest.mark.parametrize("graphs", [2, None])
def test_the_same_by_trying_all_of_random_specifications(graphs: int | None) -> None:
    found: set[tuple[str, int]] = set()

    @seed(5)
    @settings(max_examples=40, deadline=None, database=None, phases=[Phase.generate])
    @given(plans())
    def agree(plan: tuple[CallPlan, ...]) -> None:
        spec, request = tanks(plan), {"bound": 4, "graphs": graphs}
        made = sets(asked(spec, **request))
        assert made == by_trying_all(spec, 2, **request)
        found.update((id, len(clauses)) for id, restoring in made.items() for clauses in restoring)

    agree()
    assert {size for _, size in found} == {1, 2}
    assert {id for id, _ in found} == {"not-over", "broken-was-built", "broken-keeps", "one-broken"}


def test_the_documents() -> None:
    spec = tank()
    result = asked(spec)
    text = harden_text(result, spec.clauses, verbose=1)
    assert "  C1 (caller): the caller puts in at most 50; refuses" in text
    assert "  H1 + H2\n" in text
    assert "but no state accepts Fill, Pour any more" in text
    assert text.endswith("tank documented: 1 of 1 invariants violated, 1 restored by up to 2 clauses (4 sets proved)\n")
    document = json.loads(harden_json(result, "4"))
    (invariant,) = document["invariants"]
    assert [made["clauses"] for made in invariant["sets"]] == [["H3"], ["C1"], ["H1", "H2"]]
    numbers = {example["number"] for example in document["counterexamples"]}
    assert {f["counterexample"] for made in invariant["sets"] for f in made["forbids"].values()} <= numbers
    assert harden_json(asked(tank()), "4") == harden_json(result, "4")


def test_bad_requests() -> None:
    with pytest.raises(UsageError, match="unknown layer 'all'"):
        asked(tank(), layer="all")
    with pytest.raises(UsageError, match="unknown invariant 'nonsense'"):
        asked(tank(), invariants=("nonsense",))
