"""The whole test of a driver: ask what it offers, plan, play, shrink what fails, and account for what was covered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callproof.conform.catalogue import Catalogue
from callproof.conform.coverage import clause_rows, declined, edge_coverage
from callproof.conform.lanes import Done, Open, run_units
from callproof.conform.observations import Seen, Sighting, Signature, Sort
from callproof.conform.plan import Plan, make_plan
from callproof.conform.request import Request
from callproof.conform.rerun import Rerun
from callproof.conform.results import ClauseRow, ConformanceResult, EdgeCoverage, Finding, Uncovered
from callproof.conform.settings import Setting
from callproof.conform.shares import played
from callproof.conform.shrink import Group, Shrinker, grouped
from callproof.drivers.session import Session
from callproof.model.identity import Named
from callproof.model.published import Deviation
from callproof.model.specification import Specification
from callproof.trace import Trace
from callproof.work import Campaign

__all__ = ["Prepared", "Request", "conformance", "prepare"]

Tick = Callable[[str], None]
SHRINK_SECONDS = 8.0
"""Seconds for one finding at most."""
SHRINK_TOTAL = 40.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with the catalogue that it was made from: it serves every driver with the same offer."""

    catalogue: Catalogue
    plan: Plan
    seconds: float


def conformance(
    spec: Specification[Any],
    request: Request,
    tick: Tick = lambda _: None,
    prepared: Prepared | None = None,
    sharing: tuple[Named, Campaign] | None = None,
) -> ConformanceResult:
    """Test a driver; with `sharing` the workers of a campaign play the suites.

    Raises `UsageError` where it cannot be started, `InputError` where what it offers does not fit the specification,
    and `DriverFailure` where it cannot even be reset.
    """

    def open_session() -> Session:
        return Session(request.command, spec.name, request.timeout)

    ready = prepared or prepare(spec, request, tick, open_session)
    started = time.monotonic()
    deadline = None if request.seconds is None else started + request.seconds

    enough = False

    def stop(seen: Seen) -> bool:
        nonlocal enough
        enough = enough or (request.stop_after is not None and len(seen.sightings) >= request.stop_after)
        if enough:
            return True
        return deadline is not None and time.monotonic() > deadline

    if sharing is None:
        done = _played(ready.plan, request, open_session, stop, tick)
    else:
        done = played(ready.plan, sharing[0], request, sharing[1], tick)
    seconds = time.monotonic() - started
    findings = _findings(ready.catalogue, request, done, open_session, tick)
    return _result(spec, request, ready, done, findings, seconds)


def prepare(spec: Specification[Any], request: Request, tick: Tick, open_session: Open) -> Prepared:
    """Ask a driver what it offers, learn what it leaves unsaid, and plan."""
    started = time.monotonic()
    tick("asking the driver what it offers")
    with open_session() as session:
        catalogue = Catalogue(spec, session.offer, request.readings)
        catalogue.learn(session)
    plan = make_plan(catalogue, request.suites, request.seed, request.walks, tick)
    return Prepared(catalogue, plan, time.monotonic() - started)


def _played(plan: Plan, request: Request, open_session: Open, stop: Callable[[Seen], bool], tick: Tick) -> list[Done]:
    calls = played = 0

    def said(seen: Seen) -> None:
        nonlocal calls, played
        calls, played = calls + seen.calls, played + 1
        tick(f"{played} of {len(plan.units)} parts, {calls:,} calls")

    return run_units(plan.units, open_session, max(1, request.jobs), stop, said)


def _findings(
    catalogue: Catalogue, request: Request, done: list[Done], open_session: Open, tick: Tick
) -> tuple[Finding, ...]:
    sightings = [s for unit in done for s in unit.seen.sightings]
    deadline = time.monotonic() + SHRINK_TOTAL
    worlds: dict[str, Rerun] = {}
    found = []
    shrinker = Shrinker(open_session, deadline)
    try:
        for number, group in enumerate(grouped(sightings), 1):
            tick(f"shrinking finding {number}")
            setting = group.sighting.setting
            if setting.label not in worlds:
                worlds[setting.label] = Rerun(catalogue.world(setting, catalogue.counts))
            found.append(_finding(group, worlds[setting.label], request, shrinker))
    finally:
        shrinker.close()
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[object, ...]:
    order = list(Sort)
    return (
        bool(finding.known),
        not finding.fails,
        order.index(finding.signature.sort),
        finding.signature.call,
        finding.signature.clauses,
    )


def _finding(group: Group, rerun: Rerun, request: Request, shrinker: Shrinker) -> Finding:
    sighting, deterministic, minimal = group.sighting, True, False
    if request.shrink and sighting.steps:
        shrunk = shrinker.shrink(rerun, sighting, SHRINK_SECONDS)
        sighting, deterministic, minimal = shrunk.sighting, shrunk.deterministic, shrunk.minimal
    return Finding(
        group.signature,
        sighting.verdict,
        sighting.message,
        _trace(rerun, sighting),
        group.count,
        group.sighting.suite,
        deterministic,
        minimal,
        group.signature.sort is not Sort.HAZARD or request.strict,
        _known(group.signature, request.known),
    )


def _known(signature: Signature, deviations: tuple[Deviation, ...]) -> str:
    of = signature.sort.value, signature.call, signature.clauses
    return next((d.why for d in deviations if (d.sort, d.call, d.clauses) == of), "")


def _trace(rerun: Rerun, sighting: Sighting) -> Trace:
    system = rerun.world.system
    kinds = {str(index): name for index, name in sighting.setting.kinds.items() if name}
    options = dict(sighting.setting.options)
    return Trace(system.spec, sighting.steps, dict(system.readings), options, "callproof test", kinds)


def _result(
    spec: Specification[Any],
    request: Request,
    ready: Prepared,
    done: list[Done],
    findings: tuple[Finding, ...],
    seconds: float,
) -> ConformanceResult:
    catalogue, plan = ready.catalogue, ready.plan
    number = {id(unit): n for n, unit in enumerate(plan.units)}
    by_unit = {number[id(d.unit)]: d for d in done}
    rows = clause_rows(catalogue, plan, done, request.suites)
    edges = edge_coverage(plan, by_unit) if "edges" in request.suites else None
    settings: list[Setting] = list(catalogue.first.values())
    return ConformanceResult(
        spec.name,
        catalogue.offer.driver,
        catalogue.offer.version,
        request.command,
        request.suites,
        request.layer,
        request.seed,
        tuple(setting.label for setting in settings),
        findings,
        rows,
        edges,
        _uncovered(rows, edges, request),
        sum(d.seen.calls for d in done),
        sum(d.seen.resets for d in done),
        plan.clause_calls,
        not all(d.finished for d in done),
        ready.seconds,
        seconds,
        declined(done),
    )


def _uncovered(rows: tuple[ClauseRow, ...], edges: EdgeCoverage | None, request: Request) -> tuple[Uncovered, ...]:
    """What was not covered; the clauses suite owes every clause that can fail alone, the edges suite every edge."""
    found = [
        Uncovered(
            f"{row.call}, {row.clause} failing alone",
            row.why,
            "clauses" in request.suites and row.status == "missed",
        )
        for row in rows
        if row.status != "covered"
    ]
    if edges is not None and edges.taken < edges.takeable:
        missing = edges.takeable - edges.taken
        found.append(Uncovered(f"{missing:,} of {edges.takeable:,} edges", "the test ended before them", True))
    if edges is not None and edges.untakeable:
        why = "no sizes and addresses that this driver hands out were found to take them"
        found.append(Uncovered(f"{edges.untakeable:,} further edges of the sequence graph", why, False))
    return tuple(found)
