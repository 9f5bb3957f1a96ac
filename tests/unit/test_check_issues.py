"""Matrices with cells that are unknown or vacuous, as issues, SARIF and JUnit."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from callproof.errors import Exit
from callproof.model.loading import load_specification
from callproof.report.check_issues import check_issues
from callproof.report.check_junit import check_junit
from callproof.report.issues import Kind, Level
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import CallCoverage, CheckResult, ClauseCoverage, Status

SPEC = load_specification("examples/dma.py")


@pytest.fixture(scope="module")
def proved() -> CheckResult:
    return check(SPEC, Request(layer="hardened"))


def judged(result: CheckResult, status: Status, reason: str) -> CheckResult:
    """The same with another verdict."""
    (layer,) = result.layers
    findings = tuple(replace(finding, status=status, reason=reason) for finding in layer.findings)
    return replace(result, layers=(replace(layer, findings=findings),))


def test_what_is_proved_is_no_issue(proved: CheckResult) -> None:
    assert check_issues(proved, SPEC).issues == ()
    assert ElementTree.fromstring(check_junit(proved, SPEC.clauses)).get("failures") == "0"


def test_what_is_unknown_is_open_and_skipped(proved: CheckResult) -> None:
    result = judged(proved, Status.UNKNOWN, "the budget ran out in its proof")
    found = check_issues(result, SPEC)
    assert found.exit is Exit.UNKNOWN
    (issue,) = found.issues
    assert (issue.kind, issue.level, issue.steps) == (Kind.OPEN, Level.ERROR, ())
    assert issue.message.endswith("buffer-stable is unknown in hardened: the budget ran out in its proof.")
    (case,) = (c for c in ElementTree.fromstring(check_junit(result, SPEC.clauses)).iter("testcase") if len(c))
    assert case.find("failure") is None
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "unknown: the budget ran out in its proof"


def test_what_is_violated_without_a_trace_fails(proved: CheckResult) -> None:
    result = judged(proved, Status.VIOLATED, "the bound is too small for a trace")
    (issue,) = check_issues(result, SPEC).issues
    assert "No trace: the bound is too small for a trace." in issue.message
    root = ElementTree.fromstring(check_junit(result, SPEC.clauses))
    assert [f.get("message") for f in root.iter("failure")] == ["violated: the bound is too small for a trace"]


def test_a_vacuous_cell_fails(proved: CheckResult) -> None:
    result = judged(proved, Status.VACUOUS, "no channel is ever running")
    (issue,) = check_issues(result, SPEC).issues
    assert (issue.kind, issue.level) == (Kind.VACUOUS, Level.ERROR)
    assert [f.get("type") for f in ElementTree.fromstring(check_junit(result, SPEC.clauses)).iter("failure")] == [
        "vacuous"
    ]


def test_dead_calls_and_clauses_are_issues_of_their_own(proved: CheckResult) -> None:
    result = replace(
        proved,
        calls=(CallCoverage("dma_start", False, False, True),),
        clauses=(ClauseCoverage("dma_start", "D1", False, False),),
    )
    found = check_issues(result, SPEC)
    assert found.exit is Exit.VACUOUS
    assert [(i.rule.id, i.kind, i.scope) for i in found.issues] == [
        ("never-accepted", Kind.VACUOUS, "dma/hardened/dma_start"),
        ("D1", Kind.VACUOUS, "dma/hardened/dma_start"),
    ]
    assert all(issue.place is not None for issue in found.issues)
    (failure,) = ElementTree.fromstring(check_junit(result, SPEC.clauses)).iter("failure")
    assert failure.get("message") == "dma_start is never accepted; D1 of dma_start never fails"
