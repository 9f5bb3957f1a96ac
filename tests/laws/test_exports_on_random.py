"""What is exported of random specifications says what they say."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from callproof.errors import SpecError
from callproof.export import Problem, exported, problem
from callproof.model.clauses import ALL_LAYERS
from callproof.model.instantiate import handle_kinds
from callproof.verdict import Status
from tests.support.c_replay import compare, compiled
from tests.support.consumers import spin_says, z3_says
from tests.support.differential import answers
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification

BOUND = 3
BUDGET = 200_000
WITHOUT_CC = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
WITHOUT_SPIN = pytest.mark.skipif(shutil.which("spin") is None, reason="spin is not installed (Debian: spin)")


def drawn(number: int) -> settings:
    """So many examples, each made as it is: to make a failing one smaller would compile for minutes."""
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def posed(plan: Plan, graphs: int, ids: list[str], bound: int = BOUND) -> Problem:
    spec = specification(plan)
    kind = handle_kinds(spec.state)[0].__name__
    return problem(spec, "random", ALL_LAYERS[plan.layer], ids, {kind: graphs}, bound)


def test_unrollings_have_the_length_of_the_shortest_counterexample() -> None:
    said: Counter[int | None] = Counter()

    @seed(1)
    @drawn(12)
    @given(plans())
    def agree(plan: Plan) -> None:
        asked = {"layer": plan.layer, "bound": BOUND, "budget": BUDGET, "graphs": 2}
        for id, answer in answers(specification(plan), **asked, engine="paths").items():
            if answer.status is Status.UNKNOWN:
                continue
            said[answer.calls] += 1
            for bound in {max(1, (answer.calls or BOUND + 1) - 1), answer.calls or BOUND}:
                wanted = "sat" if answer.calls is not None and answer.calls <= bound else "unsat"
                assert z3_says(exported(posed(plan, 2, [id], bound), "smtlib")) == wanted, (id, bound)

    agree()
    assert None in said
    assert len(said) > 2, "some proved, and some broken by fewer calls than others"


@WITHOUT_CC
def test_c_programs_do_what_the_interpreter_does(tmp_path: Path) -> None:
    played: Counter[bool] = Counter()

    @seed(2)
    @drawn(8)
    @given(plans())
    def agree(plan: Plan) -> None:
        made = posed(plan, 2, [])
        program = compiled(made, tmp_path)
        for start in range(3):
            try:
                played.update("refused" in line for line in compare(made, program, start, 100) if line[0] != "\t")
            except SpecError:
                return  # a state without an outcome, which the walk cannot leave

    agree()
    assert min(played[True], played[False]) > 100


@WITHOUT_CC
@WITHOUT_SPIN
def test_what_spin_finds_can_happen(tmp_path: Path) -> None:
    found: Counter[bool] = Counter()

    @seed(3)
    @drawn(4)
    @given(plans())
    def agree(plan: Plan) -> None:
        asked = {"layer": plan.layer, "bound": BOUND, "budget": BUDGET, "graphs": 2}
        for id, answer in answers(specification(plan), **asked, engine="paths").items():
            by_spin = spin_says(exported(posed(plan, 2, [id]), "promela"), tmp_path)
            found[by_spin] += 1
            assert not by_spin or answer.status in (Status.VIOLATED, Status.UNKNOWN), id

    agree()
    assert found[True]
