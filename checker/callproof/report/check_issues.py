"""The result of `check` as issues: one for each cell that is not proved, and for each thing that is vacuous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callproof.model.specification import Specification
from callproof.report.check_text import calls, verdict_line
from callproof.report.issues import Issue, Issues, IssueStep, Kind, Level, Rule, call_place, clause_rule, invariant_rule
from callproof.verdict import CheckResult, Counterexample, Finding, ShownStep, Status

NEVER_ACCEPTED = Rule("never-accepted", "Every call is accepted in some reachable state of the judged layer.")


def check_issues(result: CheckResult, spec: Specification[Any]) -> Issues:
    """What is violated, unknown or vacuous; an issue about the judged layer is an error, any other a note."""
    found = [
        _issue(result, spec, layer.layer, finding)
        for layer in result.layers
        for finding in layer.findings
        if finding.status is not Status.PROVED
    ]
    found += _vacuous(result, spec)
    return Issues("check", result.spec, result.version, verdict_line(result), result.exit, tuple(found))


def _issue(result: CheckResult, spec: Specification[Any], layer: str, finding: Finding) -> Issue:
    rule = invariant_rule(spec, finding.invariant)
    level = Level.ERROR if layer == result.judged else Level.NOTE
    scope, identity = f"{result.spec}/{layer}/{finding.invariant}", ("check", result.spec, layer)
    example = finding.counterexample
    if finding.status is Status.VIOLATED:
        broken = "" if example is None else f" by {calls(len(example.steps))}: {_way(example)}"
        message = f"{rule.text}. In the layer {layer} this is broken{broken}."
        if example is None and finding.reason:
            message += f" No trace: {finding.reason}."
        related = _let_through(spec, example)
        if related:
            message += f" Let through: {'; '.join(f'{r.id}, {r.text} ({r.citation})' for r in related)}."
        steps = () if example is None else tuple(_step(spec, step) for step in example.steps)
        title = f"{finding.invariant} is violated in {layer}"
        return Issue(rule, Kind.FAIL, level, title, message, scope, identity, rule.place, steps, related)
    reason = finding.reason or "no more is known"
    kind = Kind.OPEN if finding.status is Status.UNKNOWN else Kind.VACUOUS
    title = f"{finding.invariant} is {finding.status.value} in {layer}"
    return Issue(rule, kind, level, title, f"{rule.text}. {title}: {reason}.", scope, identity, rule.place)


def _way(example: Counterexample) -> str:
    return ", ".join(step.call for step in example.steps)


def _let_through(spec: Specification[Any], example: Counterexample | None) -> tuple[Rule, ...]:
    ids = [] if example is None else [id for step in example.steps for id in step.let_through]
    return tuple(rule for id in dict.fromkeys(ids) if (rule := clause_rule(spec, id)) is not None)


def _step(spec: Specification[Any], step: ShownStep) -> IssueStep:
    """A step stands at the first clause that would have refused it, and else where its call is specified."""
    clauses = [spec.clauses[id] for id in step.let_through]
    place = next((clause.location for clause in clauses if clause.location is not None), None)
    return IssueStep(
        f"{step.call}({step.arguments}){f' -> {step.result}' if step.result else ''}",
        step.call,
        place or call_place(spec, step.call),
        {change.name: change.new for change in step.changes},
        tuple(f"{clause.id}, {clause.text} ({clause.citation})" for clause in clauses),
    )


def _vacuous(result: CheckResult, spec: Specification[Any]) -> Iterator[Issue]:
    for dead in result.dead_calls:
        title = f"{dead.call} is never accepted in {result.judged}"
        yield Issue(
            NEVER_ACCEPTED,
            Kind.VACUOUS,
            Level.ERROR,
            title,
            f"{title}: no reachable state meets its clauses, so what is proved says nothing about it.",
            f"{result.spec}/{result.judged}/{dead.call}",
            ("check", result.spec, result.judged, dead.call),
            call_place(spec, dead.call),
        )
    for never in result.dead_clauses:
        rule = clause_rule(spec, never.clause) or Rule(never.clause, f"A clause of {never.call}.")
        title = f"{never.clause} of {never.call} never fails in {result.judged}"
        yield Issue(
            rule,
            Kind.VACUOUS,
            Level.ERROR,
            title,
            f"{rule.text}. {title}: the clause forbids nothing there.",
            f"{result.spec}/{result.judged}/{never.call}",
            ("check", result.spec, result.judged, never.call),
            rule.place or call_place(spec, never.call),
        )
