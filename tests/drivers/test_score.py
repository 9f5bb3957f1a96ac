"""The suites of `callproof test` find out every mutant of the library in C++, and the stored score is of today."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from callproof.conform.campaign import Prepared, Request, conformance
from callproof.errors import Exit
from ge_memory import SPEC
from tests.drivers import mutants
from tests.support.scoring import prepared, score

native = pytest.mark.xdist_group("native-score")
QUICK = ("clauses", "variants", "random")
SAMPLE = ("40", "45", "52", "61", "84", "98", "144", "186")
"""One for each suite that is needed for some mutant, and one that no calls can show."""


@pytest.fixture(scope="module")
def plan() -> Prepared:
    """The plan for the library without a defect, which serves every mutant."""
    return prepared(mutants.native_command())


@native
def test_the_library_without_a_defect_conforms(plan: Prepared, request: pytest.FixtureRequest) -> None:
    command = mutants.native_command()
    if request.config.getoption("--all-mutants"):
        result = conformance(SPEC, Request(command, timeout=60.0), prepared=plan)
    else:
        units = [unit for unit in plan.plan.units if unit.name.startswith(QUICK)]
        quick = replace(plan, plan=replace(plan.plan, units=units, edges={}))
        result = conformance(SPEC, Request(command, QUICK, timeout=60.0), prepared=quick)
    assert (result.findings, result.exit) == ((), Exit.OK)
    assert result.calls > 24_000


@native
def test_every_mutant_is_found_out_or_equivalent(plan: Prepared, request: pytest.FixtureRequest) -> None:
    subjects = mutants.native_subjects()
    if not request.config.getoption("--all-mutants"):
        subjects = [subject for subject in subjects if subject.name in SAMPLE]
        assert len(subjects) == len(SAMPLE)
    rows = [score(subject, plan) for subject in subjects]
    assert [row for row in rows if not row.expected] == []


def test_the_stored_score_is_of_these_mutants_and_suites() -> None:
    stored = json.loads(mutants.REPORT.read_text(encoding="utf-8"))
    stale = f"reports/{mutants.REPORT.name} is stale: run `{mutants.COMMAND}` (some minutes)"
    assert stored["digests"] == mutants.digests(), stale
    subjects = {mutants.NATIVE: mutants.native_subjects(), mutants.PYTHON: mutants.python_subjects()}
    for driver in stored["drivers"]:
        listed = [(m["name"], m["wrong"], m.get("equivalent", "")) for m in driver["mutants"]]
        assert listed == [(s.name, s.wrong, s.equivalent) for s in subjects[driver["driver"]]], stale
    assert mutants.REPORT.with_suffix(".md").read_text(encoding="utf-8") == mutants.markdown(stored), stale


def test_the_stored_score_leaves_no_mutant_alive() -> None:
    stored = json.loads(mutants.REPORT.read_text(encoding="utf-8"))
    assert [driver["driver"] for driver in stored["drivers"]] == [mutants.NATIVE, mutants.PYTHON]
    for driver in stored["drivers"]:
        assert set(driver["score"]) <= {"killed", "equivalent"}, driver["score"]
        assert sum(driver["score"].values()) == len(driver["mutants"]) > 100
