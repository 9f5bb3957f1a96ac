"""How much of a contract a campaign has tried: from counters to rows, and the reasons for what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from callproof.conform.catalogue import Catalogue
from callproof.conform.goals import judged_with
from callproof.conform.lanes import Done
from callproof.conform.observations import Row
from callproof.conform.plan import Plan
from callproof.conform.results import ClauseRow, EdgeCoverage
from callproof.conform.targets import Target
from callproof.model.clauses import Origin
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification

_DUTY = "a duty of the caller: a test does not break it"


def clause_rows(
    catalogue: Catalogue, plan: Plan, done: Iterable[Done], suites: tuple[str, ...]
) -> tuple[ClauseRow, ...]:
    """One row for each clause of each call, in the order of the specification."""
    counts: Counter[Row] = Counter()
    for unit in done:
        counts.update(unit.seen.rows)
    avoided = {key for unit in done for key in unit.seen.unsupported}
    lacking = {call for call, _ in avoided} - {call for call, *_ in counts}
    lacking_alone = {(call, clause) for call, fails in avoided for clause in fails}
    uses = clause_uses(catalogue.spec)
    tallies = {use: _tally(use, uses, counts) for use in uses}
    rows = []
    for (call, clause), origin in uses.items():
        tally = tallies[call, clause]
        status, why = _status(catalogue, plan, (call, clause), origin, tally, lacking, lacking_alone, suites)
        rows.append(ClauseRow(call, clause, origin.value, *tally, status, why))
    return tuple(rows)


def declined(done: Iterable[Done]) -> tuple[tuple[str, int], ...]:
    """Calls that the driver did not make with the arguments that it was given, and how often."""
    counts: Counter[str] = Counter()
    for unit in done:
        for (call, _), number in unit.seen.unsupported.items():
            counts[call] += number
    return tuple(sorted(counts.items()))


def clause_uses(spec: Specification[Any]) -> dict[Target, Origin]:
    """Every clause of every call, those between two resources included."""
    two = {kind: 2 for kind, _ in instantiate(spec, {}).counts}
    found: dict[Target, Origin] = {}
    for action in instantiate(spec, two).actions:
        for use in action.clauses:
            found[action.call, use.id] = use.origin
    return found


def _tally(
    use: Target, uses: Mapping[Target, Origin], counts: Mapping[Row, int]
) -> tuple[int, int, int, int, int, int]:
    call, clause = use
    judged = judged_with(uses[use])
    found = [0] * 6
    for (of, _, fails, accepted), number in counts.items():
        if of != call:
            continue
        if clause not in fails:
            found[0 if accepted else 1] += number
            continue
        found[2 if accepted else 3] += number
        if not any(uses[call, other] in judged for other in fails if other != clause):
            found[4 if accepted else 5] += number
    return found[0], found[1], found[2], found[3], found[4], found[5]


def _status(
    catalogue: Catalogue,
    plan: Plan,
    target: Target,
    origin: Origin,
    tally: tuple[int, int, int, int, int, int],
    lacking: set[str],
    avoided: set[Target],
    suites: tuple[str, ...],
) -> tuple[str, str]:
    call = target[0]
    if not catalogue.offer.has(call) or call in lacking:
        return "beyond", "the driver lacks the call"
    if origin is Origin.CALLER:
        return "caller", _DUTY
    if not tally[4] + tally[5]:
        if target in plan.impossible:
            return "impossible", "proved: whenever it fails, another clause that is judged with it fails too"
        if target in avoided:
            return "beyond", "the driver does not make the call with arguments that show it"
        return _why(plan, target, suites)
    if not tally[0]:
        return "missed", "the driver never accepted the call where it holds"
    return "covered", ""


def _why(plan: Plan, target: Target, suites: tuple[str, ...]) -> tuple[str, str]:
    if "clauses" not in suites:
        return "missed", "the clauses suite was not run"
    if target not in plan.targets:
        return "beyond", "it takes two resources, and the driver serves one"
    if target in plan.aimed:
        return "missed", "the test ended before, or the driver's answers led elsewhere"
    return "beyond", "no state was found in which it fails alone, with the kinds and options that the driver offers"


def edge_coverage(plan: Plan, done: Mapping[int, Done]) -> EdgeCoverage:
    """The edges taken of those that were found to be takeable."""
    taken = takeable = 0
    for number, (_, wanted) in plan.edges.items():
        takeable += len(wanted)
        taken += len(wanted & done[number].seen.edges) if number in done else 0
    return EdgeCoverage(taken, takeable, len(plan.untaken), len(plan.dead))
