"""The evidence page: the matrix, the counterexamples as diagrams, and every clause with its citation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callproof.errors import InternalError
from callproof.model.specification import Specification
from callproof.report.check_text import calls, cell, counterexamples, resources, verdict_line
from callproof.report.mermaid import sequence_diagram
from callproof.verdict import CheckResult


def markdown(result: CheckResult, spec: Specification[Any]) -> str:
    """The page as text; equal results give equal bytes."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("callproof.report"),
        autoescape=False,  # Markdown, not HTML: `escape_md` keeps text in its cell
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["escape_md"] = escape_md
    events = frozenset(name for name, operation in spec.operations.items() if operation.is_event)
    sequences = result.sequences
    if sequences is None:
        raise InternalError("the evidence page is made of the engine that explores the sequence graph")
    page = environment.get_template("report.md.jinja").render(
        result=result,
        spec=spec,
        verdict=verdict_line(result),
        resources=resources(result),
        options=", ".join(f"{name}={value}" for name, value in result.options) or "of any value",
        rows=list(_rows(result, spec)),
        examples=list(_examples(result, events)),
        clauses=list(_clauses(result, spec)),
        uncovered=list(uncovered(result)),
        sequences=f"{'' if sequences.exact else 'at most '}{sequences.accepted:,} accepted sequences of 1 to "
        f"{sequences.bound} calls",
    )
    return "\n".join(line.rstrip() for line in page.splitlines()) + "\n"


def escape_md(text: str) -> str:
    """Text that stays in its table cell and is shown as it is."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _rows(result: CheckResult, spec: Specification[Any]) -> Iterator[dict[str, object]]:
    for position, finding in enumerate(result.layers[0].findings):
        invariant = spec.invariants[finding.invariant]
        findings = [layer.findings[position] for layer in result.layers]
        yield {
            "id": finding.invariant,
            "cls": finding.cls,
            "cells": [cell(f) for f in findings],
            "summary": invariant.summary,
            "scope": finding.scope,
            "remarks": " ".join(
                [f"Answers {', '.join(invariant.answers)}."] * bool(invariant.answers)
                + [f"{f.reason}." for f in findings if f.reason]
            ),
        }


def _examples(result: CheckResult, events: frozenset[str]) -> Iterator[dict[str, object]]:
    for number, (example, broken) in counterexamples(result).items():
        yield {
            "number": number,
            "calls": calls(len(example.steps)),
            "broken": ", ".join(f"`{invariant}` ({layer})" for invariant, layer in broken),
            "lacks": ", ".join(dict.fromkeys(id for step in example.steps for id in step.let_through)),
            "diagram": sequence_diagram(example, events),
        }


def _clauses(result: CheckResult, spec: Specification[Any]) -> Iterator[dict[str, object]]:
    for clause in spec.clauses.values():
        rows = [row for row in result.clauses if row.clause == clause.id]
        idle = [row.call for row in rows if not row.decides]
        yield {
            "id": clause.id,
            "origin": clause.origin.value,
            "citation": clause.citation,
            "text": clause.text,
            "calls": [row.call for row in rows],
            "decides": "yes" if not idle else f"not in {', '.join(idle)}",
        }


def uncovered(result: CheckResult) -> Iterator[str]:
    """What a result says nothing about, a line each."""
    for layer in result.layers:
        for finding in layer.findings:
            if finding.reason:
                yield f"{finding.invariant} ({layer.layer}): {finding.reason}"
    for call in result.dead_calls:
        yield f"{call.call} is never accepted in {result.judged}"
    for row in result.dead_clauses:
        yield f"clause {row.clause} of {row.call} never fails in {result.judged}"
    for row in result.idle_clauses:
        yield f"clause {row.clause} of {row.call} decides nothing in {result.judged}: other clauses fail with it"
    for call in result.calls:
        if not call.rejected:
            yield f"{call.call} is never refused in {result.judged}"
    resources = ", ".join(f"{count} {kind}" for kind, count in result.resources)
    yield f"more resources than {resources}, but for invariants between two of the first kind"
    if result.sequences is not None and not result.sequences.exact:
        yield "the number of accepted sequences is an upper bound: data may refuse some of them"


__all__ = ["escape_md", "markdown", "uncovered"]
