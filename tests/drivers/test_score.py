"""The suites of `callproof test` find out every mutant of the library in C++, and the stored score is of today."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from callproof.conform.campaign import Request, conformance
from callproof.conform.plan import SUITES
from callproof.errors import Exit
from ge_memory import SPEC
from tests.drivers import mutants
from tests.support.scoring import prepared, score

QUICK = ("clauses", "variants", "random")
SAMPLE = ("40", "52", "61", "84", "98", "144", "186")
"""One for each suite that some mutant needs, as far as it shows soon."""
KINDS = ("static", "refreshable", "dynamic", "static-no-fixed")


@pytest.mark.xdist_group("native-score")
def test_every_mutant_is_found_out_or_equivalent_and_nothing_else(request: pytest.FixtureRequest) -> None:
    whole = request.config.getoption("--all-mutants")
    plan = prepared(mutants.native_command(), None if whole else KINDS)
    units = plan.plan.units if whole else [unit for unit in plan.plan.units if unit.name.startswith(QUICK)]
    tried = replace(plan, plan=replace(plan.plan, units=units, edges=plan.plan.edges if whole else {}))
    suites = SUITES if whole else QUICK
    result = conformance(SPEC, Request(mutants.native_command(), suites, timeout=60.0), prepared=tried)
    assert (result.findings, result.exit) == ((), Exit.OK), "the library without a defect"
    assert result.calls > 24_000

    subjects = [subject for subject in mutants.native_subjects() if whole or subject.name in SAMPLE]
    assert len(subjects) >= len(SAMPLE)
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
