"""The result of `harden` as issues: invariants that nothing of the asked size restores, or of which that is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callproof.model.specification import Specification
from callproof.report.check_text import calls
from callproof.report.harden_text import verdict
from callproof.report.issues import Issue, Issues, Kind, Level, invariant_rule
from callproof.run.repairs import HardenResult, Repairs


def harden_issues(result: HardenResult, spec: Specification[Any]) -> Issues:
    """What has no set is an error; what has one is a note that names the sets."""
    return Issues("harden", result.spec, spec.version, verdict(result), result.exit, tuple(_issues(result, spec)))


def _issues(result: HardenResult, spec: Specification[Any]) -> Iterator[Issue]:
    layer = result.layer.name
    for repairs in result.repairs:
        rule = invariant_rule(spec, repairs.invariant)
        title, message = _said(repairs, layer, result.size)
        yield Issue(
            rule,
            Kind.OPEN if not repairs.sets and repairs.unknown else Kind.FAIL,
            Level.NOTE if repairs.sets else Level.ERROR,
            title,
            message,
            f"{result.spec}/{layer}/{repairs.invariant}",
            ("harden", result.spec, layer),
            rule.place,
        )
    for id in result.unknown:
        rule = invariant_rule(spec, id)
        title = f"whether {layer} breaks {id} is unknown"
        message = f"{rule.text}. {title}: a budget ran out."
        yield Issue(rule, Kind.OPEN, Level.ERROR, title, message, f"{result.spec}/{layer}/{id}",
                    ("harden", result.spec, layer), rule.place)  # fmt: skip


def _said(repairs: Repairs, layer: str, size: int) -> tuple[str, str]:
    broken = f"{layer} breaks {repairs.invariant} by {calls(repairs.broken.calls)}"
    if not repairs.sets:
        return (
            f"nothing small restores {repairs.invariant}",
            f"{broken}, and no set of up to {size} clauses restores it.",
        )
    sets = [" + ".join(made.clauses) for made in repairs.sets]
    return f"{repairs.invariant} is restored by {sets[0]}", f"{broken}; it is restored by {' or '.join(sets)}."
