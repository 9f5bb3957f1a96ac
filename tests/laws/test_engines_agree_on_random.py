"""Four engines, one answer, on random specifications; and any number of resources against two and three of them."""

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from callproof.verdict import Status
from tests.support.differential import answers, beyond_literal, disagreements
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification

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


def test_the_random_specifications_hold_and_break() -> None:
    """What the engines agree on is no triviality: some invariants stand, and some break late, in each number."""
    said: set[tuple[int, int | None]] = set()
    proved_for_any = 0

    @seed(7)
    @settings(max_examples=2 * EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans(), st.sampled_from((1, 2)))
    def gather(plan: Plan, graphs: int) -> None:
        nonlocal proved_for_any
        spec, asked = specification(plan), {"layer": plan.layer, "bound": BOUND, "budget": BUDGET}
        said.update((graphs, answer.calls) for answer in answers(spec, **asked, graphs=graphs).values())
        whole = answers(spec, **asked).values()
        proved_for_any += any("any number" in a.scope and a.status is Status.PROVED for a in whole)

    gather()
    assert said >= {(1, None), (1, 2), (2, None), (2, 2)}
    assert {calls for _, calls in said} == {None, 1, 2, 3}
    assert proved_for_any > EXAMPLES // 4
