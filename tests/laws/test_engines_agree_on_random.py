"""Four engines, one answer, on random specifications; and any number of resources against two and three of them."""

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.support.differential import beyond_literal, disagreements
from tests.support.random_specs import Plan, plans, specification

BOUND = 3
BUDGET = 100_000
"""Z3 resource units a query: what is not decided with that is `unknown`, and contradicts nothing."""
EXAMPLES = 50


@pytest.mark.parametrize("graphs", [1, 2], ids=lambda n: f"{n} things")
@pytest.mark.parametrize("part", range(3))
def test_the_engines_agree(graphs: int, part: int) -> None:
    """Each part draws other specifications."""

    @seed(10 * graphs + part)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans())
    def agree(plan: Plan) -> None:
        assert disagreements(specification(plan), plan.layer, BOUND, BUDGET, graphs=graphs) == []

    agree()


@pytest.mark.parametrize("part", range(2))
def test_any_number_agrees_with_two_and_three(part: int) -> None:
    @seed(100 + part)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans())
    def agree(plan: Plan) -> None:
        assert beyond_literal(specification(plan), plan.layer, BOUND, BUDGET) == []

    agree()
