"""What logs show, as data for JSON."""

from __future__ import annotations

from collections.abc import Sequence

from callproof import __version__
from callproof.errors import worst
from callproof.monitor import Finding, MonitorResult

FORMAT, VERSION = "callproof-monitor", 1


def monitor_document(results: Sequence[MonitorResult]) -> dict[str, object]:
    """The document of `callproof monitor --json`: one entry for each log."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"callproof": __version__},
        "spec": results[0].spec if results else "",
        "logs": [_log(result) for result in results],
        "exit": int(worst([result.exit for result in results])),
    }


def _log(result: MonitorResult) -> dict[str, object]:
    return {
        "source": ", ".join(result.sources),
        "readings": dict(result.readings),
        "options": dict(result.options),
        "from_unknown": result.from_unknown,
        "interrupted": result.interrupted,
        "calls": result.lines,
        "skipped": result.skipped,
        "undecided": result.undecided,
        "sessions": {"count": result.sessions, "not_ended": result.still_open},
        "findings": [_finding(found) for found in result.findings],
        "counts": [
            {"blame": c.blame.value, "call": c.call, "clauses": list(c.clauses), "lines": c.lines}
            for c in result.counts
        ],
        "problems": {
            "count": result.problem_count,
            "first": [{"line": p.line, "message": p.message} for p in result.problems],
        },
        "notes": list(result.notes),
        "exit": int(result.exit),
    }


def _finding(found: Finding) -> dict[str, object]:
    return {
        "line": found.line,
        "blame": found.blame.value,
        "call": found.call,
        "session": found.session or None,
        "message": found.message,
        "clauses": [{"id": c.id, "text": c.text, "citation": c.citation} for c in found.cited],
        "because": [{"line": e.line, "call": e.call, "makes": list(e.makes)} for e in found.earlier],
        "before": dict(found.before),
        "overlapping": list(found.window),
    }
