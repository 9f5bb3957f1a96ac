"""A check divided among workers says what one process says, whoever judged what and after whatever else."""

import re
from concurrent.futures import BrokenExecutor, Future
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from callproof.errors import LimitError
from callproof.model.identity import Named
from callproof.model.loading import load_specification
from callproof.report.check_json import check_json
from callproof.run import shares
from callproof.run.check import check
from callproof.run.request import ENGINES, Request
from callproof.run.shares import Sharing
from callproof.verdict import CheckResult, Status
from callproof.work import Campaign
from callproof.work.processes import Inline
from tests.support.random_plans import Plan, plans

FILE = """
from callproof.model import Origin
from tests.support.random_specs import CallPlan, InvariantPlan, Plan, specification

SPEC = specification({plan})
"""
EXAMPLES = 5
DMA, RING = "examples/dma.py:SPEC", "examples/ring.py:SPEC"


class Alone(Inline):
    """Each task on a worker that has done nothing before."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        shares._prepared.cache_clear()
        return super().submit(fn, *args, **kwargs)


class Dying(Inline):
    """Some tasks come back, and the worker of the others dies."""

    def __init__(self, dead: set[int]) -> None:
        self._dead, self._number = dead, -1

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self._number += 1
        if self._number not in self._dead:
            return super().submit(fn, *args, **kwargs)
        future: Future[bytes] = Future()
        future.set_exception(BrokenExecutor())
        return future


def results(result: CheckResult) -> str:
    """The document without what it has cost."""
    work = replace(result.work, obligations=0, distinct=0, solver_calls=0, kept=0)
    return check_json(replace(result, work=work), with_times=False)


def sharing(name: str, executor: Inline) -> Sharing:
    return Sharing(Named.of(name, load_specification(name)), Campaign(executor))


@pytest.mark.parametrize("part", range(2))
def test_on_random_specifications(part: int, tmp_path: Path) -> None:
    @seed(part)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(plans())
    def agree(plan: Plan) -> None:
        path = tmp_path / "drawn.py"
        path.write_text(FILE.format(plan=re.sub(r"<(Origin\.\w+): [^>]*>", r"\1", repr(plan))))
        name = f"{path}:SPEC"
        request = Request(plan.layer, bound=4, budget=100_000)
        whole = results(check(load_specification(name), request))
        for executor in (Inline(), Alone()):
            shares._prepared.cache_clear()
            assert results(check(load_specification(name), request, sharing=sharing(name, executor))) == whole

    agree()


@pytest.mark.parametrize("engine", ENGINES)
def test_with_every_engine(engine: str) -> None:
    request = Request(engine=engine, bound=3, graphs=1)
    whole = results(check(load_specification(RING), request))
    assert results(check(load_specification(RING), request, sharing=sharing(RING, Inline()))) == whole


@pytest.mark.parametrize("more", [{"needs": True}, {"layer": "documented"}, {"graphs": 2}], ids=str)
def test_with_what_is_asked_beside(more: dict[str, object]) -> None:
    request = Request(**more)  # type: ignore[arg-type]
    whole = results(check(load_specification(DMA), request))
    assert results(check(load_specification(DMA), request, sharing=sharing(DMA, Inline()))) == whole


def test_what_a_dead_worker_was_to_judge_is_unknown_and_never_proved() -> None:
    name = RING
    spec = load_specification(name)
    request = Request("hardened")
    result = check(spec, request, sharing=sharing(name, Dying({1})))
    statuses = [finding.status for finding in result.layers[0].findings]
    assert statuses.count(Status.UNKNOWN) == 1
    assert result.exit == 4
    (lost,) = (f for f in result.layers[0].findings if f.status is Status.UNKNOWN)
    assert "died" in lost.reason


def test_where_all_workers_die_there_is_no_result() -> None:
    with pytest.raises(LimitError, match="no worker came to a result"):
        check(load_specification(DMA), Request(), sharing=sharing(DMA, Dying({0})))
