"""Conditions that nobody wrote: each restores its invariant, in no call for nothing, and forbids no call altogether."""

from __future__ import annotations

from typing import Any

import pytest

from callproof.model.guesses import guessed, guessed_ids
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.report.harden_text import harden_text
from callproof.run.harden import harden
from callproof.run.propose import Proposal, propose
from callproof.run.request import Request
from ge_memory import SPEC
from tests.support.tank import tank
from tests.support.valve import valve


def proposed(spec: Specification[Any], *invariants: str, **request: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = propose(spec, Request(**{"layer": "documented", "invariants": invariants, **request}))
    assert {made.invariant for made in found} <= set(invariants)
    return [(made.condition, made.calls) for made in found]


def test_what_is_guessed() -> None:
    system = instantiate(valve(), {})
    assert guessed_ids(system)[:4] == (
        "valves[].phase = NEW",
        "valves[].phase is not NEW",
        "valves[].phase = FITTED",
        "valves[].phase is not FITTED",
    )
    before, after = (next(a for a in s.actions if a.call == "Shut") for s in (system, guessed(system)))
    assert len(after.clauses) == len(before.clauses) + 8  # three phases and a flag, each with its contrary


def test_the_clause_that_the_layer_lacks_is_found_again() -> None:
    """H2 of Seal says that the valve is shut."""
    assert proposed(valve(), "sealed-shut") == [("not valves[].open", ("Seal",))]


def test_what_forbids_a_call_is_no_proposal() -> None:
    """A tank is never broken: that it is would restore the invariant, and forbid to fill one."""
    assert proposed(tank(), "not-over") == []
    result = harden(tank(), Request(layer="documented"), 1)
    text = harden_text(result, tank().clauses, (Proposal("not-over", "x", ("Fill", "Pour")),))
    assert "conditions that nobody wrote\n  not-over: x, in Fill, Pour\n" in text
    assert "no condition of the simple ones" in harden_text(result, tank().clauses, ())


@pytest.mark.xdist_group("needs")
@pytest.mark.parametrize(
    ("invariant", "condition", "call", "clause"),
    [
        ("off-then-no-refreshable", "not graphs[].refreshable.bound", "SetGraphFixedFeatureMemoryBaseWithType", "Q5"),
        ("running-is-loaded", "graphs[].phase = ADDED", "CompileGraph", "Q12"),
    ],
)
def test_hardening_of_ge_memory_is_found_again(invariant: str, condition: str, call: str, clause: str) -> None:
    """On a copy without any hardening clause: Q5 demands it where fixed memory is switched off, Q12 word for word."""
    hardening = {id for id, known in SPEC.clauses.items() if known.origin.value == "hardening"}
    dropped = frozenset((name, id) for name in SPEC.operations for id in hardening)
    assert (condition, (call,)) in proposed(SPEC, invariant, dropped=dropped)
    if clause == "Q12":
        action = next(a for a in guessed(instantiate(SPEC, {})).actions if a.call == call)
        assert len({use.formula for use in action.clauses if use.id in (clause, condition)}) == 1
