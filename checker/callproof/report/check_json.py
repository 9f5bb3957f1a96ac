"""The result of `check` as the JSON document that tools read."""

from __future__ import annotations

import json
import platform

from callproof import __version__
from callproof.verdict import CheckResult, Finding, LayerResult, Needs

FORMAT, VERSION = "callproof-result", 1


def check_document(result: CheckResult, *, with_times: bool = True) -> dict[str, object]:
    """The document; without times two equal runs give equal documents."""
    work, sequences, judged = result.work, result.sequences, result.judged_layer
    tool = {"callproof": __version__, "z3": result.z3}
    made: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "spec": result.spec,
        "spec_version": result.version,
        "engine": result.engine,
        "word_bits": result.word_bits,
        "readings": dict(result.readings),
        "options": dict(result.options),
        "resources": dict(result.resources),
        "any_number_of": list(result.any_number_of),
        "note": result.note,
        "tool": tool | {"python": platform.python_version()} if with_times else tool,
        "judged": result.judged,
        "layers": [_layer(layer, result.needs) for layer in result.layers],
        "graph": {"layer": judged.layer, "states": judged.states, "edges": judged.edges},
        "sequences": None
        if sequences is None
        else {"bound": sequences.bound, "accepted": str(sequences.accepted), "exact": sequences.exact},
        "obligations": {
            "total": work.obligations,
            "distinct": work.distinct,
            "solver_calls": work.solver_calls,
            "kept": work.kept,
        },
        "calls": [
            {
                "call": call.call,
                "event": call.is_event,
                "accepted_reachable": call.accepted,
                "rejected_reachable": call.rejected,
            }
            for call in result.calls
        ],
        "clauses": [
            {"call": row.call, "clause": row.clause, "fails": row.fails, "decides": row.decides}
            for row in result.clauses
        ],
    }
    if result.confirmed_by:
        made["confirmed_by"] = result.confirmed_by
    if result.needs is not None:
        made["needs"] = _needs(result.needs)
    if with_times:
        made["seconds"] = {
            "graph": round(work.graph_seconds, 3),
            "proof": round(work.proof_seconds, 3),
            "search": round(work.search_seconds, 3),
            "solver": round(work.solver_seconds, 3),
            "total": round(work.total_seconds, 3),
        }
    made["exit"] = int(result.exit)
    return made


def _layer(layer: LayerResult, needs: Needs | None) -> dict[str, object]:
    told = needs if needs is not None and needs.layer == layer.layer else None
    return {
        "layer": layer.layer,
        "states": layer.states,
        "edges": layer.edges,
        "invariants": [_finding(finding, told) for finding in layer.findings],
    }


def _finding(finding: Finding, told: Needs | None) -> dict[str, object]:
    example = finding.counterexample
    needs = None if told is None else told.of(finding.invariant)
    made: dict[str, object] = {
        "id": finding.invariant,
        "class": finding.cls,
        "verdict": finding.status.value,
        "scope": finding.scope,
        "needs": None if needs is None else list(needs),
        "trace": None if example is None else json.loads(example.text),
    }
    if example is not None:
        made["counterexample"] = example.number
        made["shortest"] = example.shortest
        made["let_through"] = sorted({id for step in example.steps for id in step.let_through})
    if finding.reason:
        made["reason"] = finding.reason
    return made


def _needs(needs: Needs) -> dict[str, object]:
    return {
        "layer": needs.layer,
        "note": needs.note,
        "clauses": [
            {
                "clause": row.clause,
                "calls": list(row.calls),
                "invariants": list(row.invariants),
                "needed_in": {r.invariant: list(r.calls) for r in needs.rows if r.clause == row.clause},
            }
            for row in needs.clauses
        ],
        "unneeded": [row.clause for row in needs.unneeded],
        "either": [{"clauses": list(row.clauses), "invariants": list(row.invariants)} for row in needs.either],
        "untold": list(needs.untold),
    }


def needs_json(spec: str, needs: Needs) -> str:
    """What the proofs of a specification need, as a document of its own."""
    made = {"format": "callproof-needs", "version": VERSION, "spec": spec} | _needs(needs)
    made["needs"] = {id: list(needs.of(id) or ()) for id in needs.proved}
    return json.dumps(made, indent=2) + "\n"


def check_json(result: CheckResult, *, with_times: bool = True) -> str:
    """The document as text."""
    return json.dumps(check_document(result, with_times=with_times), indent=2) + "\n"
