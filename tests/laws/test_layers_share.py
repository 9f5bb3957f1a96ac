"""What a layer takes over from a weaker one changes no answer: random specifications, with sharing and without."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from callproof.model.clauses import LAYERS
from callproof.model.loading import load_specification
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.judged import Judged
from callproof.run.request import Request
from callproof.run.resources import choose
from callproof.trace import Trace
from callproof.verdict import Status
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification

BOUND = 3
BUDGET = 100_000
EXAMPLES = 30


@dataclass(frozen=True)
class Told:
    """What is said of one invariant."""

    status: Status
    scope: str
    reason: str
    shortest: bool
    trace: Trace | None


def answers(spec: Specification[Any], request: Request, *, shares: bool) -> tuple[list[dict[str, Told]], int]:
    """What is said of each invariant in each layer, and how many obligations that took."""
    resources = choose(spec, request.graphs, {}, request.selection, request.budget)
    engine = Edges(spec, request, resources, lambda _: None)
    engine.shares = shares
    said: list[dict[str, Told]] = []
    for layer in LAYERS:
        judged = engine.layer(layer).judged
        said.append({id: told(one) for id, one in judged.items()})
    return said, engine.work(0.0).obligations


def told(judged: Judged) -> Told:
    trace = None if judged.replay is None else judged.replay.trace
    return Told(judged.status, judged.scope, judged.reason, judged.shortest, trace)


def test_sharing_changes_no_answer() -> None:
    saved = 0

    @seed(30)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans(), st.sampled_from((1, 2, None)))
    def agree(plan: Plan, graphs: int | None) -> None:
        nonlocal saved
        spec = specification(plan)
        request = Request(bound=BOUND, budget=BUDGET, graphs=graphs)
        shared, fewer = answers(spec, request, shares=True)
        apart, all_ = answers(spec, request, shares=False)
        assert shared == apart
        assert fewer <= all_
        saved += fewer < all_

    agree()
    assert saved > EXAMPLES // 8


@pytest.mark.parametrize("example", ["dma", "ring"])
def test_an_example_is_told_the_same(example: str) -> None:
    spec = load_specification(f"examples/{example}.py:SPEC")
    shared, fewer = answers(spec, Request(), shares=True)
    apart, all_ = answers(spec, Request(), shares=False)
    assert shared == apart
    assert fewer < all_
    statuses = {tuple(one.status for one in row) for row in zip(*(layer.values() for layer in shared), strict=True)}
    assert any(len(set(across)) > 1 for across in statuses)
