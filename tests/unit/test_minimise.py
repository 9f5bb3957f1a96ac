"""Traces get shorter and simpler, and no further than the predicate allows."""

from __future__ import annotations

from callproof.minimise import minimise, shorten
from callproof.trace import Step, Trace


def trace(*calls: str) -> Trace:
    return Trace("toy", tuple(Step(call, {"size": 4096}) for call in calls))


def names(found: Trace) -> list[str]:
    return [step.call for step in found.steps]


def test_only_the_calls_that_matter_stay() -> None:
    kept = shorten(trace(*"abcdefgh"), lambda t: {"b", "g"} <= set(names(t)))
    assert names(kept) == ["b", "g"]


def test_nothing_goes_where_everything_matters() -> None:
    whole = trace(*"abc")
    assert shorten(whole, lambda t: t == whole) == whole


def test_values_go_down_to_the_least_that_is_kept() -> None:
    kept = minimise(trace("a", "b"), lambda t: any(s.call == "b" and int(s.args["size"]) >= 100 for s in t.steps))
    assert names(kept) == ["b"]
    assert kept.steps[0].args["size"] == 128
