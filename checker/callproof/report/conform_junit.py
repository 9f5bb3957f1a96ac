"""The result of testing a driver as JUnit XML: one test case for each clause of each call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from callproof.conform.results import ClauseRow, ConformanceResult, Finding
from callproof.report.replay_text import shown_values

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def conformance_junit(result: ConformanceResult) -> str:
    """The document. A clause that cannot be tested is skipped, with the reason; what fails the driver is an error."""
    suite = Element("testsuite", name=_clean(f"{result.spec}.{result.driver}"))
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
            SubElement(coverage, "failure", message=_clean("; ".join(f"{u.what}: {u.why}" for u in missing)))
    for name in ("failure", "error", "skipped"):
        suite.set({"failure": "failures", "error": "errors"}.get(name, name), str(len(suite.findall(f"*/{name}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{result.running_seconds:.3f}")
    root = Element("testsuites", {k: v for k, v in suite.attrib.items() if k != "skipped"})
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, classname: str, name: str, findings: Iterable[Finding], row: ClauseRow | None) -> None:
    case = SubElement(suite, "testcase", classname=_clean(classname), name=_clean(name))
    for finding in findings:
        if not finding.fails or finding.known:
            SubElement(case, "system-out").text = _clean(_story(finding))
            continue
        tag = "error" if finding.signature.sort.is_failure else "failure"
        made = SubElement(case, tag, type=finding.signature.sort.value, message=_clean(finding.message or tag))
        made.text = _clean(_story(finding))
        return
    if row is not None and row.status in ("impossible", "caller", "beyond", "missed"):
        SubElement(case, "skipped", message=_clean(row.why))


def _story(finding: Finding) -> str:
    steps = finding.trace.steps
    return "\n".join(f"{n}. {s.call}({shown_values(s.args)}) -> {s.returned}" for n, s in enumerate(steps, 1))


def _clean(text: str) -> str:
    return _CONTROL.sub("?", text)
