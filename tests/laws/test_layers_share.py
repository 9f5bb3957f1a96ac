"""What a layer takes over from a weaker one changes no answer: random specifications, with sharing and without."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from callproof.model.clauses import LAYERS
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.judged import Judged
from callproof.run.request import Request
from callproof.run.resources import choose
from callproof.verdict import Status
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification

BOUND = 3
BUDGET = 100_000
EXAMPLES = 20


def answers(spec: Specification[Any], request: Request, *, shares: bool) -> tuple[list[dict[str, object]], int]:
    """What is said of each invariant in each layer, and how many obligations that took."""
    resources = choose(spec, request.graphs, {}, request.selection, request.budget)
    engine = Edges(spec, request, resources, lambda _: None)
    engine.shares = shares
    said: list[dict[str, object]] = []
    for layer in LAYERS:
        judged = engine.layer(layer).judged
        said.append({id: told(one) for id, one in judged.items()})
    return said, engine.work(0.0).obligations


def told(judged: Judged) -> object:
    trace = None if judged.replay is None else judged.replay.trace
    return judged.status, judged.scope, judged.reason, judged.shortest, trace


@pytest.mark.parametrize("graphs", [1, 2, None], ids=lambda n: f"{n or 'any'} things")
def test_sharing_changes_no_answer(graphs: int | None) -> None:
    statuses: list[tuple[Status, ...]] = []
    saved = 0

    @seed(30 + (graphs or 0))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans())
    def agree(plan: Plan) -> None:
        nonlocal saved
        spec = specification(plan)
        request = Request(bound=BOUND, budget=BUDGET, graphs=graphs)
        shared, fewer = answers(spec, request, shares=True)
        apart, all_ = answers(spec, request, shares=False)
        assert shared == apart
        assert fewer <= all_
        saved += fewer < all_
        statuses.extend(
            tuple(one[0] for one in across)  # type: ignore[index]
            for across in zip(*(layer.values() for layer in shared), strict=True)
        )

    agree()
    # It is no triviality: something is taken over, both ways, and some invariants are told anew in a later layer.
    assert saved >= 3
    assert {(Status.PROVED,) * 3, (Status.VIOLATED,) * 3} <= set(statuses)
    assert any(first is Status.VIOLATED and last is Status.PROVED for first, *_, last in statuses)
