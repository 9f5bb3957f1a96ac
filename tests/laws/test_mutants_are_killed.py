"""A test of the tester: drivers with one defect each are found out, and the driver without defects is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from callproof.conform.campaign import Prepared, Request, conformance
from callproof.errors import Exit
from ge_memory import SPEC
from tests.drivers.mutants import python_command, python_subjects
from tests.support import scoring
from tests.support.ge_mutants import EQUIVALENT, MUTANTS
from tests.support.scoring import score

pytestmark = pytest.mark.xdist_group("mutants")
STEP = 13
"""Every so many mutants one is in the sample."""
REQUEST = Request(python_command(), jobs=2, timeout=60.0)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """The plan for the example driver, which is that of every mutant: they offer the same."""
    return scoring.prepared(REQUEST.command)


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


def test_every_mutant_is_killed(prepared: Prepared, request: pytest.FixtureRequest) -> None:
    subjects = python_subjects() if request.config.getoption("--all-mutants") else python_subjects()[::STEP]
    assert [row for row in (score(subject, prepared) for subject in subjects) if not row.expected] == []
