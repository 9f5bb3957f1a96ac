"""The result of testing a driver as JUnit XML: one test case for each clause of each call."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from callproof.conform.results import ClauseRow, ConformanceResult, Finding
from callproof.report.junit import cleaned, junit_document
from callproof.report.replay_text import shown_values


def conformance_junit(result: ConformanceResult) -> str:
    """The document. A clause that cannot be tested is skipped, with the reason; what fails the driver is an error."""
    suite = Element("testsuite", name=cleaned(f"{result.spec}.{result.driver}"))
    left = list(result.findings)
    for row in result.clauses:
        own = [f for f in left if f.signature.call == row.call and row.clause in f.signature.clauses]
        left = [f for f in left if f not in own]
        _case(suite, f"{result.spec}.{row.call}", row.clause, own, row)
    for finding in left:
        _case(suite, f"{result.spec}.{finding.signature.call}", finding.signature.sort.value, [finding], None)
    missing = [u for u in result.uncovered if u.required]
    if result.edges is not None or missing:
        coverage = SubElement(suite, "testcase", classname=result.spec, name="coverage")
        if missing:
            SubElement(coverage, "failure", message=cleaned("; ".join(f"{u.what}: {u.why}" for u in missing)))
    suite.set("time", f"{result.running_seconds:.3f}")
    return junit_document(f"{result.spec}.{result.driver}", [suite])


def _case(suite: Element, classname: str, name: str, findings: Iterable[Finding], row: ClauseRow | None) -> None:
    case = SubElement(suite, "testcase", classname=cleaned(classname), name=cleaned(name))
    for finding in findings:
        if not finding.fails or finding.known:
            SubElement(case, "system-out").text = cleaned(_story(finding))
            continue
        tag = "error" if finding.signature.sort.is_failure else "failure"
        made = SubElement(case, tag, type=finding.signature.sort.value, message=cleaned(finding.message or tag))
        made.text = cleaned(_story(finding))
        return
    if row is not None and row.status in ("impossible", "caller", "beyond", "missed"):
        SubElement(case, "skipped", message=cleaned(row.why))


def _story(finding: Finding) -> str:
    steps = finding.trace.steps
    return "\n".join(f"{n}. {s.call}({shown_values(s.args)}) -> {s.returned}" for n, s in enumerate(steps, 1))
