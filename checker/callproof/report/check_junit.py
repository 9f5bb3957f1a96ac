"""The result of `check` as JUnit XML: one test case for each invariant in each layer, and one for what is vacuous."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from callproof.model.clauses import Clause
from callproof.report.check_text import calls, example_lines
from callproof.report.junit import cleaned, junit_document
from callproof.verdict import CheckResult, Finding, LayerResult, Status


def check_junit(result: CheckResult, clauses: Mapping[str, Clause]) -> str:
    """The document: what fails is what the exit code counts.

    A cell of a layer that is not judged never fails: one that is violated is skipped, with its calls. What is unknown
    is skipped too; the exit code says so. Cells of the judged layer that are vacuous fail.
    """
    suites = [_layer(result, layer, clauses) for layer in result.layers]
    suites[[layer.layer for layer in result.layers].index(result.judged)].append(_vacuity(result))
    suites[-1].set("time", f"{result.work.total_seconds:.3f}")
    return junit_document(result.spec, suites)


def _layer(result: CheckResult, layer: LayerResult, clauses: Mapping[str, Clause]) -> Element:
    suite = Element("testsuite", name=cleaned(f"{result.spec} {layer.layer}"))
    properties = SubElement(suite, "properties")
    settings = {
        "specification": f"{result.spec} {result.version}",
        "engine": result.engine,
        "z3": result.z3,
        **{f"resources {name}": str(count) for name, count in result.resources},
        **{f"reading {id}": name for id, name in result.readings},
        **{f"option {name}": value for name, value in result.options},
    }
    for name, value in settings.items():
        SubElement(properties, "property", name=cleaned(name), value=cleaned(value))
    for finding in layer.findings:
        classname = cleaned(f"{result.spec}.{layer.layer}.{finding.cls}")
        case = SubElement(suite, "testcase", classname=classname, name=cleaned(finding.invariant))
        _judge(case, finding, clauses, judged=layer.layer == result.judged)
    return suite


def _judge(case: Element, finding: Finding, clauses: Mapping[str, Clause], *, judged: bool) -> None:
    example = finding.counterexample
    if finding.status is Status.PROVED:
        return
    said = finding.status.value
    if example is not None:
        said += f" by {calls(len(example.steps))}"
    if finding.reason:
        said += f": {finding.reason}"
    story = "" if example is None else cleaned("\n".join(example_lines(example, clauses)))
    if judged and finding.status is not Status.UNKNOWN:
        kind = "counterexample" if finding.status is Status.VIOLATED else "vacuous"
        SubElement(case, "failure", type=kind, message=cleaned(said)).text = story
        return
    SubElement(case, "skipped", message=cleaned(said if judged else f"{said}; this layer is not judged"))
    if story:
        SubElement(case, "system-out").text = story


def _vacuity(result: CheckResult) -> Element:
    """One test case for the calls and the clauses of the judged layer: nothing is proved of what cannot come about."""
    case = Element("testcase", classname=cleaned(f"{result.spec}.{result.judged}"), name="coverage")
    dead = [f"{call.call} is never accepted" for call in result.dead_calls]
    dead += [f"{row.clause} of {row.call} never fails" for row in result.dead_clauses]
    if dead:
        SubElement(case, "failure", type="vacuous", message=cleaned("; ".join(dead)))
    return case
