"""The result of testing a driver, as data for JSON."""

from __future__ import annotations

import json
from typing import Any

from callproof import __version__
from callproof.conform.results import ClauseRow, ConformanceResult, Finding
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.trace import sorts_of, trace_text

FORMAT, VERSION = "callproof-conformance", 1


def conformance_document(result: ConformanceResult, spec: Specification[Any]) -> dict[str, object]:
    """The document of `callproof test --json`."""
    sorts = sorts_of(instantiate(spec, {}))
    edges = result.edges
    return {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"callproof": __version__},
        "spec": result.spec,
        "driver": {"name": result.driver, "version": result.version, "command": list(result.command)},
        "suites": list(result.suites),
        "seed": result.seed,
        "layer": result.layer,
        "settings": list(result.settings),
        "findings": [_finding(f, json.loads(trace_text(f.trace, sorts))) for f in result.findings],
        "clauses": [_row(row) for row in result.clauses],
        "edges": None
        if edges is None
        else {
            "taken": edges.taken,
            "takeable": edges.takeable,
            "untakeable": edges.untakeable,
            "ruled_out": edges.ruled_out,
        },
        "uncovered": [{"what": u.what, "why": u.why, "required": u.required} for u in result.uncovered],
        "calls": result.calls,
        "declined": dict(result.declined),
        "sessions": result.resets,
        "clause_suite": {"calls": result.clause_calls, "minimum": result.minimum},
        "out_of_time": result.out_of_time,
        "seconds": {"planning": round(result.planning_seconds, 3), "running": round(result.running_seconds, 3)},
        "exit": int(result.exit),
    }


def _finding(finding: Finding, trace: object) -> dict[str, object]:
    return {
        "sort": finding.signature.sort.value,
        "call": finding.signature.call,
        "clauses": list(finding.signature.clauses),
        "verdict": finding.verdict.value if finding.verdict else None,
        "message": finding.message,
        "counts": finding.fails and not finding.known,
        "known": finding.known or None,
        "occurrences": finding.occurrences,
        "suite": finding.suite,
        "deterministic": finding.deterministic,
        "minimal": finding.minimal,
        "trace": trace,
    }


def _row(row: ClauseRow) -> dict[str, object]:
    return {
        "call": row.call,
        "clause": row.clause,
        "origin": row.origin,
        "holds": {"accepted": row.holds_accepted, "refused": row.holds_refused},
        "fails": {"accepted": row.fails_accepted, "refused": row.fails_refused},
        "alone": {"accepted": row.alone_accepted, "refused": row.alone_refused},
        "status": row.status,
        "why": row.why,
    }
