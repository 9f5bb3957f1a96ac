"""What a proof needs, on a specification whose answers can be read off."""

from __future__ import annotations

from typing import Any

import pytest

from callproof.errors import UsageError
from callproof.report.needs_markdown import needs_markdown
from callproof.report.needs_text import needs_lines
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Needs
from tests.support.valve import valve


def asked(**request: Any) -> Needs:
    needs = check(valve(), Request(**request, needs=True)).needs
    assert needs is not None
    return needs


@pytest.fixture(scope="module")
def told() -> Needs:
    return asked(layer="hardened")


def test_what_each_invariant_needs(told: Needs) -> None:
    assert {id: told.of(id) for id in told.proved} == {
        "bounded": (),
        "sealed-shut": ("P1", "H2"),
        "one-open": ("H3",),
        "sealed-for-good": ("P3",),
    }


def test_in_which_calls(told: Needs) -> None:
    """Open refuses a sealed valve and Seal an open one; each takes both."""
    assert {(r.invariant, r.clause): r.calls for r in told.rows} == {
        ("sealed-shut", "P1"): ("Open",),
        ("sealed-shut", "H2"): ("Seal",),
        ("one-open", "H3"): ("Open",),
        ("sealed-for-good", "P3"): ("Fit",),
    }


def test_either_of_two(told: Needs) -> None:
    assert [(e.clauses, e.invariants) for e in told.either] == [(("P2", "H1"), ("bounded",))]
    assert [row.clause for row in told.unneeded] == ["P2", "H1"]


def test_a_weaker_layer_has_needs_of_its_own() -> None:
    told = asked(layer="documented")
    assert told.proved == ("bounded", "sealed-for-good")
    assert told.of("bounded") == ("P2",)
    assert told.of("sealed-shut") is None  # it is not proved, so it needs nothing


def test_with_a_literal_number() -> None:
    told = asked(layer="hardened", graphs=2)
    assert told.of("one-open") == ("H3",)
    assert asked(layer="hardened", graphs=1).of("one-open") == ()


def test_another_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="--needs is for --engine edges"):
        asked(engine="paths")


def test_not_asked() -> None:
    assert check(valve(), Request(layer="hardened")).needs is None


def test_the_text_names_calls_with_v(told: Needs) -> None:
    lines = list(needs_lines(told))
    assert "  sealed-shut      P1, H2" in lines
    assert "  bounded          no single clause" in lines
    assert "  H2  sealed-shut" in lines
    assert "but one of P2 and H1 is needed by bounded" in lines
    assert "  H2  sealed-shut (Seal)" in list(needs_lines(told, verbose=1))


def test_the_page(told: Needs) -> None:
    page = needs_markdown(told, valve())
    assert "| `one-open` | H3 |" in page
    assert "| H2 | the valve is shut | `sealed-shut` (Seal) |" in page
    assert "| P2 | at most 100 | none |" in page
    assert "- But one of P2 and H1 is needed by bounded." in page
