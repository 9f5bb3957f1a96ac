"""Which clauses a proof needs: the same as a whole check without the clause says, and on ge-memory what is evident."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings

from callproof.model.clauses import HARDENED
from callproof.model.specification import Specification
from callproof.run.check import check
from callproof.run.edges import Edges
from callproof.run.needs import stated
from callproof.run.request import Request
from callproof.run.resources import choose
from callproof.run.standing import Standing, Standings
from callproof.verdict import CheckResult, Status
from ge_memory import SPEC
from tests.support.random_tanks import CallPlan, plans, tanks
from tests.support.toys import locker
from tests.support.valve import valve

ROOT = Path(__file__).parents[2]
HOLDS = frozenset({Status.PROVED, Status.VACUOUS})


def proved(result: CheckResult) -> set[str]:
    return {f.invariant for f in result.judged_layer.findings if f.status in HOLDS}


def contradictions(spec: Specification[Any], **asked: Any) -> list[str]:
    """Where the needs differ from what whole checks of the specification without one clause, or two, say."""
    whole = check(spec, Request(**asked, needs=True))
    told, base = whole.needs, proved(whole)
    assert told is not None
    if told.note:
        return []
    # Without a clause the argument for any number may hold where it did not: that is another question.
    graphs = None if whole.any_number_of else whole.resources[0][1]

    def fallen(*dropped: tuple[str, str]) -> set[str]:
        left = proved(check(spec, Request(**asked, graphs=graphs, dropped=frozenset(dropped))))
        return (base - left) & set(told.proved)

    found, calls = [], {row.clause: row.calls for row in told.clauses}
    for row in told.clauses:
        expected = {"all calls": fallen(*((call, row.clause) for call in row.calls))}
        expected |= {call: fallen((call, row.clause)) for call in row.calls}
        said = {"all calls": set(row.invariants)}
        said |= {
            call: {r.invariant for r in told.rows if r.clause == row.clause and call in r.calls} for call in row.calls
        }
        if said != expected:
            found.append(f"without {row.clause}: {said}, not {expected}")
    for either in told.either:
        both = fallen(*((call, id) for id in either.clauses for call in calls[id]))
        if set(either.invariants) != both:
            found.append(f"without {' and '.join(either.clauses)}: {either.invariants}, not {both}")
    return found


@pytest.mark.parametrize("layer", ["documented", "hardened"])
def test_a_check_without_the_clause_says_the_same(layer: str) -> None:
    assert contradictions(locker(), layer=layer) == []
    assert contradictions(valve(), layer=layer) == []


def test_a_check_without_the_clause_says_the_same_of_random_specifications() -> None:
    needed: set[str] = set()

    @seed(300)
    @settings(max_examples=20, deadline=None, database=None, phases=[Phase.generate])
    @given(plans())
    def agree(plan: tuple[CallPlan, ...]) -> None:
        assert contradictions(tanks(plan), layer="hardened", bound=2) == []
        told = check(tanks(plan), Request(layer="hardened", bound=2, needs=True)).needs
        assert told is not None
        needed.update(row.invariant for row in told.rows)
        needed.update("either" for _ in told.either)

    agree()
    assert needed >= {"not-over", "broken-was-built", "either"}


# -- ge-memory -------------------------------------------------------------------------------------------------------


@cache
def ge_memory() -> tuple[Standings, Standing, dict[str, tuple[str, ...]]]:
    """The proof of the hardened contract, and the calls of each of its clauses."""
    request = Request()
    resources = choose(SPEC, None, {}, request.selection, request.budget)
    engine = Edges(SPEC, request, resources, lambda _: None)
    standings = engine.standings()
    return standings, standings.whole(HARDENED), stated(engine, HARDENED)


def fallen(clause: str, *calls: str) -> set[str]:
    standings, base, known = ge_memory()
    dropped = frozenset((call, clause) for call in calls or known[clause])
    return set(base.ids - standings.without(base, dropped).ids)


@pytest.mark.xdist_group("needs")
@pytest.mark.parametrize(
    ("clause", "invariants"),
    [
        ("R2", {"refreshable-fits", "loaded-backed"}),
        ("Q1", {"base-not-null"}),
        ("Q4", {"stable-while-running", "no-remove-while-running", "disjoint-in-flight"}),
        ("L10", {"tensor-aligned"}),
        ("O1", {"alone-where-shared", "disjoint-in-flight", "disjoint-during-run"}),
        ("F1", set()),
        ("free-live", set()),
    ],
)
def test_what_falls_without_a_clause_of_ge_memory(clause: str, invariants: set[str]) -> None:
    assert fallen(clause) == invariants
    written = json.loads((ROOT / "reports" / "ge-memory-needs.json").read_text(encoding="utf-8"))
    assert {id for id, clauses in written["needs"].items() if clause in clauses} == invariants


@pytest.mark.xdist_group("needs")
def test_what_falls_without_a_clause_of_one_call() -> None:
    assert fallen("Q4", "RemoveGraph") == {"no-remove-while-running"}
    assert fallen("Q1", "SetGraphFixedFeatureMemoryBaseWithType") == set()  # null switches fixed memory off there
    assert fallen("Q3-flight", "RunGraph") == {"disjoint-during-run"}


@pytest.mark.xdist_group("needs")
def test_without_no_clause_nothing_falls() -> None:
    standings, base, _ = ge_memory()
    assert base.ids == frozenset(SPEC.invariants)
    assert standings.without(base, frozenset()).ids == base.ids
    assert standings.known == base.ids


def test_the_page_on_ge_memory_is_that_of_the_document() -> None:
    page = (ROOT / "reports" / "ge-memory-needs.md").read_text(encoding="utf-8")
    written = json.loads((ROOT / "reports" / "ge-memory-needs.json").read_text(encoding="utf-8"))
    assert set(written["needs"]) == set(SPEC.invariants)
    for id, clauses in written["needs"].items():
        assert f"| `{id}` | {', '.join(clauses) or 'no single clause'} |" in page
    assert ["Q2", "live-region"] in [sorted(either["clauses"]) for either in written["either"]]
