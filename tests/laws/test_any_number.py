"""`proved` for any number of resources is said only where it is so: planted defects that need several.

Each is found by the default check, or the scope of what is said to be proved is a number too small to show it, and
the reason is named.
"""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from callproof.model import (
    Specification,
)
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Finding, Status
from tests.support import planted
from tests.support.planted import ANY, FEW, LANES, Planted


def finding(spec: Specification[Any], invariant: str, **asked: Any) -> Finding:
    """What `check` says of an invariant where callers keep to what is documented."""
    return check(spec, Request(layer="documented", **asked)).layers[0].status(invariant)


def units_of(scope: str) -> int | None:
    """The number of units that a scope speaks of; None for any."""
    found = re.search(r"(\d+) UnitId", scope)
    return int(found[1]) if found else None


# -- planted defects ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ANY, ids=lambda make: make().name)
def test_a_defect_that_two_units_show_is_found(make: Callable[[], Planted]) -> None:
    made = make()
    found = finding(made.spec, made.invariant)
    assert found.status is Status.VIOLATED
    assert found.counterexample is not None
    assert len(found.counterexample.steps) == made.calls


@pytest.mark.parametrize("make", [*ANY, *FEW], ids=lambda make: make().name)
def test_a_defect_is_found_or_lies_beyond_the_scope(make: Callable[[], Planted]) -> None:
    made = make()
    result = check(made.spec, Request(layer="documented"))
    found = result.layers[0].status(made.invariant)
    if found.status is Status.VIOLATED:
        assert found.counterexample is not None
        assert len(found.counterexample.steps) == made.calls
    elif found.status is Status.PROVED:
        units = units_of(found.scope)
        assert units is not None, "said to be proved for any number"
        assert units < made.units
        assert made.reason in result.note


@pytest.mark.parametrize("make", FEW, ids=lambda make: make().name)
def test_what_is_no_argument_for_any_number_is_named(make: Callable[[], Planted]) -> None:
    made = make()
    result = check(made.spec, Request(layer="documented"))
    found = result.layers[0].status(made.invariant)
    assert "any number" not in found.scope
    assert result.note.startswith(made.reason) if result.note else found.status is Status.VIOLATED


@pytest.mark.parametrize("make", [*ANY, *FEW], ids=lambda make: make().name)
def test_a_defect_is_found_with_as_many_units_as_it_needs_and_not_with_fewer(make: Callable[[], Planted]) -> None:
    made = make()
    enough = finding(made.spec, made.invariant, graphs=made.units)
    assert enough.status is Status.VIOLATED
    assert enough.counterexample is not None
    assert len(enough.counterexample.steps) == made.calls
    if made.units > 1:
        fewer = finding(made.spec, made.invariant, graphs=made.units - 1)
        assert fewer.status is not Status.VIOLATED
        assert units_of(fewer.scope) == made.units - 1


@pytest.mark.parametrize("make", LANES, ids=lambda make: make().name)
def test_other_resources_are_as_many_as_the_scope_says(make: Callable[[], Planted]) -> None:
    made = make()
    one = finding(made.spec, made.invariant)
    assert (one.status, one.scope) == (Status.PROVED, "any length, any number of UnitId, 1 LaneId")
    two = finding(made.spec, made.invariant, resources=(("LaneId", made.lanes),))
    assert two.status is Status.VIOLATED
    assert two.counterexample is not None
    assert len(two.counterexample.steps) == made.calls
    assert two.scope == "any length, any number of UnitId, 2 LaneId"


@pytest.mark.parametrize("calls", range(1, 10))
def test_a_defect_at_a_depth_is_found_at_that_depth(calls: int) -> None:
    made = planted.long(calls)
    found = finding(made.spec, made.invariant)
    assert found.counterexample is not None
    assert len(found.counterexample.steps) == calls
    if calls > 1:
        short = finding(made.spec, made.invariant, bound=calls - 1)
        assert short.status is Status.UNKNOWN


def test_an_invariant_that_names_more_than_there_are_holds_trivially_and_says_so() -> None:
    made = planted.two_named()
    found = finding(made.spec, made.invariant, graphs=1)
    assert found.status is Status.PROVED
    assert found.scope == "any length, 1 UnitId, 1 LaneId, trivially: it names 2"
    assert found.reason == "it names 2 UnitId, and there is 1"


@pytest.fixture
def few_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of more than three control states are too large."""
    monkeypatch.setattr(sys.modules["callproof.graph.explore"], "STATE_LIMIT", 3)


@pytest.mark.usefixtures("few_states")
def test_where_two_have_too_many_states_the_scope_is_one() -> None:
    made = planted.names_two()
    result = check(made.spec, Request(layer="documented"))
    assert result.note == "Join names 2 UnitId; and 2 have too many control states"
    assert result.layers[0].status("whole").scope == "any length, 1 UnitId, 1 LaneId"


@pytest.mark.usefixtures("few_states")
def test_where_three_have_too_many_states_nothing_is_known_of_three() -> None:
    found = finding(planted.three_named().spec, "at-most-two")
    assert found.status is Status.UNKNOWN
    assert found.reason == "at-most-two names 3 UnitId; and 3 have too many control states"


@pytest.mark.usefixtures("few_states")
def test_an_invariant_of_two_is_unknown_where_only_one_could_be_explored() -> None:
    found = finding(planted.awaits(1).spec, "both-whole")
    assert found.status is Status.UNKNOWN
    assert found.reason == "it speaks of 2 UnitId, and one was there"
