"""A test of the tester: drivers with one defect each are found out, and the driver without defects is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from callproof.conform.campaign import Prepared, Request, conformance, prepare
from callproof.conform.results import ConformanceResult
from callproof.drivers.locate import driver_command
from callproof.drivers.session import Session
from callproof.errors import Exit
from ge_memory import SPEC
from tests.support.ge_mutants import EQUIVALENT, MUTANTS, SOURCE, Mutant

pytestmark = pytest.mark.xdist_group("mutants")
STEP = 13
"""Every so many mutants one is in the sample."""
REQUEST = Request(driver_command([f"{SOURCE}:GeDriver"]), jobs=2, timeout=60.0)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """The plan for the example driver, which is that of every mutant: they offer the same."""
    return prepare(SPEC, REQUEST, lambda _: None, lambda: Session(REQUEST.command, SPEC.name, REQUEST.timeout))


def tried(mutant: Mutant, prepared: Prepared, folder: Path) -> ConformanceResult:
    """The first finding of a mutant, not shrunk."""
    file = folder / "mutant.py"
    file.write_text(mutant.source(), encoding="utf-8")
    request = replace(REQUEST, command=driver_command([f"{file}:GeDriver"]), stop_after=1, shrink=False)
    return conformance(SPEC, request, prepared=prepared)


def test_there_are_enough_mutants_each_of_its_own() -> None:
    assert len(MUTANTS) >= 60
    assert len({mutant.name for mutant in MUTANTS}) == len({mutant.source() for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        compile(mutant.source(), mutant.name, "exec")
    assert set(EQUIVALENT) <= {mutant.name for mutant in MUTANTS}


def test_the_driver_without_defects_conforms(prepared: Prepared) -> None:
    result = conformance(SPEC, replace(REQUEST, walks=2), prepared=prepared)
    assert result.findings == ()
    assert result.exit is Exit.OK
    status = Counter(row.status for row in result.clauses)
    assert status["covered"] >= 60
    assert set(status) == {"covered", "impossible", "caller"}
    assert result.edges is not None
    assert result.edges.taken == result.edges.takeable > 10_000


def test_the_clauses_take_at_most_twice_the_fewest_calls(prepared: Prepared) -> None:
    """The fewest: for each clause that can fail alone one call at which it does, and one at which all hold."""
    assert len(prepared.plan.aimed) >= 60
    assert prepared.plan.clause_calls <= 2 * (2 * len(prepared.plan.aimed))


def test_every_mutant_is_killed(prepared: Prepared, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chosen = MUTANTS if request.config.getoption("--all-mutants") else MUTANTS[::STEP]
    alive = []
    for mutant in chosen:
        killed = bool(tried(mutant, prepared, tmp_path).findings)
        if killed is (mutant.name in EQUIVALENT):
            alive.append(mutant.name)
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants as expected, of {len(MUTANTS)}")  # noqa: T201
    assert alive == []
