"""What logs show as issues: one for each finding that is told, at its line of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callproof.errors import Exit, Location
from callproof.model.specification import Specification
from callproof.monitor import Blame, Finding, MonitorResult, Problem
from callproof.report.issues import Issue, Issues, IssueStep, Kind, Level, Rule, clause_rule
from callproof.report.replay_text import printable

_RULES = {
    Blame.CALLER: Rule("caller", "A caller makes no call that the contract refuses or leaves undefined."),
    Blame.DRIVER: Rule("driver", "A driver accepts, refuses and returns what the contract says."),
    Blame.HAZARD: Rule("hazard", "A driver refuses what nothing but a hardening clause speaks against."),
}
"""What is broken where no clause of the specification is."""
UNREADABLE = Rule("unreadable", "Every line of a log is a call.")


def monitor_issues(results: Sequence[MonitorResult], spec: Specification[Any], verdict: str, exit: Exit) -> Issues:
    """The findings and the lines that cannot be read, log by log."""
    found: list[Issue] = []
    for result in results:
        told: list[Finding | Problem] = [*result.findings, *result.problems]
        found += [monitor_issue(one, spec, failing_hazards=result.failing_hazards) for one in told]
    return Issues("monitor", spec.name, spec.version, verdict, exit, tuple(found))


def monitor_issue(told: Finding | Problem, spec: Specification[Any], *, failing_hazards: bool) -> Issue:
    """One finding, or a line that cannot be read."""
    place = None if told.source == "-" else Location(told.source, told.line)
    scope = f"{spec.name}/line {told.line}"
    identity = ("monitor", spec.name)
    if isinstance(told, Problem):
        message = f"Line {told.line} cannot be read: {printable(told.message)}."
        return Issue(UNREADABLE, Kind.FAIL, Level.ERROR, "cannot be read", message, scope, identity, place)
    cited = [clause_rule(spec, c.id) or Rule(c.id, c.text, c.citation) for c in told.cited]
    rule = cited[0] if cited else _RULES[told.blame]
    call = told.call.partition("(")[0]
    message = f"{told.call}: {told.message}. " + "".join(f"{r.id}: {r.text} ({r.citation}). " for r in cited)
    steps = [
        IssueStep(f"line {e.line}: {e.call}", e.call.partition("(")[0], _at(told, e.line), {}, e.makes)
        for e in told.earlier
    ]
    steps.append(IssueStep(f"line {told.line}: {told.call}", call, place, dict(told.before)))
    return Issue(
        rule,
        Kind.FAIL,
        Level.WARNING if told.blame is Blame.HAZARD and not failing_hazards else Level.ERROR,
        f"{told.blame.value}: {call}" + (f" ({', '.join(c.id for c in told.cited)})" if told.cited else ""),
        message.rstrip(),
        scope,
        (*identity, told.blame.value, call, *(c.id for c in told.cited)),
        place,
        tuple(steps),
        tuple(r for r in cited if r is not rule),
    )


def _at(told: Finding, line: int) -> Location | None:
    return None if told.source == "-" else Location(told.source, line)
