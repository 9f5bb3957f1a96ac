"""The result of testing a driver as issues: one for each finding, and one for each coverage that is owed."""

from __future__ import annotations

from typing import Any

from callproof.conform.observations import Sort
from callproof.conform.results import ConformanceResult, Finding, Uncovered
from callproof.model.specification import Specification
from callproof.report.conform_text import sentence, verdict_line
from callproof.report.issues import Issue, Issues, IssueStep, Kind, Level, Rule, call_place, clause_rule
from callproof.report.replay_text import counted, printable, shown_values
from callproof.trace import Step

_RULES = {
    Sort.REFUSED: Rule("driver-refuses", "A driver accepts every call of which all clauses hold."),
    Sort.ACCEPTED: Rule("driver-accepts", "A driver refuses every call of which a clause fails."),
    Sort.HAZARD: Rule("driver-hazard", "A driver refuses what nothing but a hardening clause speaks against."),
    Sort.RESULT: Rule("driver-result", "A driver returns what the specification promises."),
    Sort.STATUS: Rule("driver-status", "A driver refuses a call by the status that its page names."),
    Sort.CRASHED: Rule("driver-crashes", "A driver outlives every call."),
    Sort.HUNG: Rule("driver-hangs", "A driver answers every call in time."),
    Sort.PROTOCOL: Rule("driver-protocol", "A driver answers by the protocol."),
    Sort.RAISED: Rule("driver-raises", "A driver answers by a status, not by an exception."),
}
"""What is broken where no clause of the specification is."""
COVERAGE = Rule("coverage", "A suite covers all that it owes.")


def conformance_issues(result: ConformanceResult, spec: Specification[Any]) -> Issues:
    """The findings, known deviations too, and what was owed and not covered."""
    found = [_issue(result, spec, finding) for finding in result.findings]
    found += [_uncovered(result, missing) for missing in result.uncovered if missing.required]
    return Issues("test", result.spec, spec.version, verdict_line(result), result.exit, tuple(found), result.driver)


def _issue(result: ConformanceResult, spec: Specification[Any], finding: Finding) -> Issue:
    signature = finding.signature
    cited = [rule for id in signature.clauses if (rule := clause_rule(spec, id)) is not None]
    # What crashes, hangs or raises is a fault of its own, whatever clauses failed at that call.
    rule = cited[0] if cited and not signature.sort.is_failure else _RULES[signature.sort]
    said = sentence(signature)
    message = f"{said}. " + "".join(f"{r.id}: {r.text} ({r.citation}). " for r in cited)
    if finding.message:
        message += f"{printable(finding.message)}. "
    doubt = "" if finding.deterministic else "; not alike when it was run again"
    message += f"Seen {counted(finding.occurrences, 'time')}{doubt}."
    if finding.known:
        message += f" Known: {printable(finding.known)}."
    return Issue(
        rule,
        Kind.FAIL,
        Level.ERROR if finding.fails or signature.sort.is_failure else Level.WARNING,
        said,
        message,
        f"{result.spec}/{signature.call}",
        ("test", result.spec, result.driver, signature.sort.value, signature.call, *signature.clauses),
        rule.place or call_place(spec, signature.call),
        tuple(_step(spec, step) for step in finding.trace.steps),
        tuple(r for r in cited if r is not rule),
        finding.known,
    )


def _step(spec: Specification[Any], step: Step) -> IssueStep:
    returned = "" if step.returned is None else f" -> {printable(step.returned)}"
    return IssueStep(
        f"{step.call}({shown_values(step.args)}){returned}",
        step.call,
        call_place(spec, step.call),
        {name: shown_values({name: value}).partition("=")[2] for name, value in (step.result or {}).items()},
    )


def _uncovered(result: ConformanceResult, missing: Uncovered) -> Issue:
    what = printable(missing.what)
    return Issue(
        COVERAGE,
        Kind.VACUOUS,
        Level.ERROR,
        f"not covered: {what}",
        f"{what} was not covered: {printable(missing.why)}.",
        f"{result.spec}/coverage",
        ("test", result.spec, result.driver, "coverage", missing.what),
    )
