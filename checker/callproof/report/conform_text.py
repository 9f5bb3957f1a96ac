"""The result of testing a driver, as text for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callproof.conform.compare import Comparison
from callproof.conform.observations import Signature, Sort
from callproof.conform.results import ClauseRow, ConformanceResult, Finding
from callproof.model.specification import Specification
from callproof.report.replay_text import counted, printable, shown_values
from callproof.report.tables import fit, table, wrapped
from callproof.trace import Step

WIDTH = 120
"""Columns of a line of steps or of a clause, where nothing else is said."""

_SAID = {
    Sort.REFUSED: "is refused although every clause holds",
    Sort.ACCEPTED: "is accepted although {} fails",
    Sort.HAZARD: "is accepted although {} fails (a hazard: no page names the check)",
    Sort.RESULT: "returns what contradicts the specification",
    Sort.STATUS: "is refused for {}, as it must be, but by another status than the pages name",
    Sort.CRASHED: "crashes the driver",
    Sort.HUNG: "hangs the driver",
    Sort.PROTOCOL: "makes the driver break the protocol",
    Sort.RAISED: "makes the driver raise an exception",
}


def conformance_text(
    result: ConformanceResult, spec: Specification[Any], *, verbose: bool = False, width: int = WIDTH
) -> str:
    """Everything; with `verbose` also each clause of each call, and what was not covered."""
    lines = [*_head(result), "", *_calls(result, width), ""]
    if verbose:
        lines += [*_clauses(result, width), ""]
    lines += _coverage(result)
    for number, finding in enumerate(result.findings, 1):
        lines += ["", *_finding(number, finding, spec, width)]
    missing = [u for u in result.uncovered if u.required or verbose]
    if missing:
        lines += ["", "not covered", *(f"  {u.what}: {u.why}" for u in missing)]
    fitting = [part for line in lines for part in fit(line, width)]
    return "\n".join([*fitting, "", verdict_line(result)]) + "\n"


def verdict_line(result: ConformanceResult) -> str:
    """One line that says it all."""
    name = printable(result.driver)
    broken = [f for f in result.findings if f.signature.sort.is_failure and not f.known]
    wrong = [f for f in result.failures if not f.signature.sort.is_failure]
    parts = []
    if broken:
        parts.append(f"{counted(len(broken), 'way')} to make it fail")
    if wrong:
        parts.append(counted(len(wrong), "nonconformance"))
    if result.hazards:
        parts.append(counted(len(result.hazards), "hazard"))
    if result.known:
        parts.append(counted(len(result.known), "known deviation"))
    if any(u.required for u in result.uncovered):
        parts.append("coverage is missing")
    verdict = "does not conform" if wrong or broken else "conforms"
    return f"{name} {verdict} to {result.spec}" + (f": {', '.join(parts)}" if parts else "")


def _head(result: ConformanceResult) -> Iterator[str]:
    version = f" {printable(result.version)}" if result.version else ""
    yield f"{result.spec}: testing {printable(result.driver)}{version} ({', '.join(result.suites)}; seed {result.seed})"
    yield from (f"  {setting}" for setting in result.settings)
    rate = result.calls / result.running_seconds if result.running_seconds else 0.0
    yield (
        f"{result.calls:,} calls in {counted(result.resets, 'session')}, {rate:,.0f} calls/s; "
        f"{result.planning_seconds:.1f} s of planning, {result.running_seconds:.1f} s of calls"
    )
    if result.out_of_time:
        yield "time ran out before the suites were through"


def _calls(result: ConformanceResult, width: int) -> Iterator[str]:
    by: dict[str, list[ClauseRow]] = {}
    for row in result.clauses:
        by.setdefault(row.call, []).append(row)
    rows = [("call", "clauses alone", "cannot", "caller's", "beyond", "findings")]
    for call, clauses in by.items():
        status = [row.status for row in clauses]
        able = sum(s in ("covered", "missed") for s in status)
        found = sum(f.signature.call == call for f in result.findings)
        rows.append(
            (
                call,
                f"{status.count('covered')} of {able}" if able else "",
                str(status.count("impossible") or ""),
                str(status.count("caller") or ""),
                str(status.count("beyond") or ""),
                str(found or ""),
            )
        )
    yield from table(rows, width)


def _clauses(result: ConformanceResult, width: int) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("call", "clause", "origin", "holds: acc", "ref", "fails: acc", "ref", "alone: acc", "ref", "")
    ]
    for row in result.clauses:
        numbers = (
            row.holds_accepted, row.holds_refused, row.fails_accepted, row.fails_refused,
            row.alone_accepted, row.alone_refused,
        )  # fmt: skip
        rows.append((row.call, row.clause, row.origin, *(f"{n:,}" for n in numbers), row.status))
    yield from table(rows, width)


def _coverage(result: ConformanceResult) -> Iterator[str]:
    status = [row.status for row in result.clauses]
    able = sum(s in ("covered", "missed") for s in status)
    note = (
        f" in {result.clause_calls:,} calls; one a clause and side would be {result.minimum:,}"
        if result.clause_calls
        else ""
    )
    yield f"clauses: {status.count('covered')} of {able} that can fail alone{note}"
    beyond = f", {status.count('beyond')} are beyond what the driver offers" if "beyond" in status else ""
    cannot, duties = status.count("impossible"), status.count("caller")
    yield f"         {cannot} cannot (proved), {duties} are duties of the caller{beyond}"
    if result.edges is not None:
        ruled = f", {result.edges.ruled_out:,} more are ruled out by sizes (proved)" if result.edges.ruled_out else ""
        yield f"edges:   {result.edges.taken:,} of {result.edges.takeable:,}{ruled}"
    if result.declined:
        listed = ", ".join(f"{number:,} of {printable(call)}" for call, number in result.declined)
        yield f"not made: {listed} (the driver lacks the call, or does not make it with such arguments)"


def sentence(signature: Signature) -> str:
    """What is wrong, in a sentence without its full stop."""
    return f"{signature.call} {_SAID[signature.sort].format(', '.join(signature.clauses))}"


def finding_text(finding: Finding) -> str:
    """One finding by itself."""
    return "\n".join(_finding(1, finding, None, WIDTH))


def _finding(number: int, finding: Finding, spec: Specification[Any] | None, width: int) -> Iterator[str]:
    signature = finding.signature
    yield f"#{number}  {sentence(signature)}"
    for id in signature.clauses:
        clause = spec.clauses.get(id) if spec else None
        if clause is not None:
            yield from wrapped(f"{id}: {clause.text} [{clause.citation}]", width, "    ", "      ")
    if finding.known:
        yield from wrapped(f"known: {finding.known}", width, "    ", "      ")
    if finding.message:
        yield from wrapped(printable(finding.message), width, "    ", "    ")
    yield f"    seen {counted(finding.occurrences, 'time')}, first by {finding.suite}{_doubt(finding)}"
    settings = [f"{k}={v}" for k, v in (*finding.trace.kinds.items(), *finding.trace.options.items())]
    if settings:
        yield f"    with {printable(', '.join(settings))}"
    for at, step in enumerate(finding.trace.steps, 1):
        yield from wrapped(_step(step), width, f"  {at:>2}. ", "      ")


def _doubt(finding: Finding) -> str:
    if not finding.deterministic:
        return "; NONDETERMINISTIC: it did not fail alike when it was run again"
    return "" if finding.minimal else "; perhaps not the shortest"


def _step(step: Step) -> str:
    returned = "" if step.returned is None else f" -> {printable(step.returned)}"
    result = f" {{{shown_values(step.result)}}}" if step.result else ""
    return f"{step.call}({shown_values(step.args)}){returned}{result}"


def comparison_text(result: Comparison, *, width: int = WIDTH) -> str:
    """The difference between two drivers, or that there was none."""
    one, two = map(printable, result.names)
    if result.difference is None:
        return f"{one} and {two} answer alike: {result.calls:,} calls\n"
    found = result.difference
    lines = []
    settings = [f"{k}={v}" for k, v in (*found.setting.kinds.items(), *found.setting.options.items())]
    if settings:
        lines.append(f"    with {printable(', '.join(settings))}")
    *way, last = found.steps
    for at, step in enumerate(way, 1):
        lines += wrapped(_step(step), width, f"  {at:>2}. ", "      ")
    lines.append(f"  {len(way) + 1:>2}. {last.call}({shown_values(last.args)})")
    lines += [f"      A, {one}: {printable(found.first)}", f"      B, {two}: {printable(found.second)}"]
    lines.append(f"{one} and {two} differ at {found.call} after {counted(len(found.steps) - 1, 'call')}")
    return "\n".join(lines) + "\n"
