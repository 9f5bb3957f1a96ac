"""All that the HTML report shows, as plain data made of a result and its specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callproof.model.specification import Specification
from callproof.report.check_text import calls, cell, counterexamples, resources, verdict_line
from callproof.report.html.graph import GraphData
from callproof.report.html.regions import Memory, memory_of
from callproof.report.html.results import Results, TestedClause
from callproof.report.html.traces import Player, TraceData
from callproof.report.markdown import uncovered
from callproof.verdict import CheckResult, Finding, Needs


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report is made of besides the specification."""

    result: CheckResult
    graph: GraphData | None = None
    no_graph: str = ""
    """Why there is none."""
    results: Results | None = None
    traces: tuple[TraceData, ...] = ()
    """Findings of a test and recorded traces."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One invariant in one layer."""

    layer: str
    status: str
    text: str
    """As the terminal has it: `VIOLATED #9, 4 calls`."""
    target: str
    """The part of the page that explains it."""
    detail: str
    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One invariant."""

    id: str
    cls: str
    summary: str
    over: str
    answers: tuple[str, ...]
    cells: tuple[Cell, ...]
    needs: tuple[tuple[str, str], ...] | None
    """The clauses that its proof in the judged layer needs, each with the calls; None where that was not asked."""


@dataclass(frozen=True, slots=True)
class Use:
    """A clause in one call; `fails` and `decides` as in `verdict.ClauseCoverage`."""

    call: str
    fails: bool
    decides: bool
    tested: TestedClause | None

    @property
    def coverage(self) -> str:
        """What it does there, as the words before the call."""
        if self.decides:
            return "decides in"
        return "fails only with others in" if self.fails else "never fails in"


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause."""

    id: str
    origin: str
    text: str
    citation: str
    reading: str
    uses: tuple[Use, ...]
    needed_by: tuple[str, ...]
    need_note: str


@dataclass(frozen=True, slots=True)
class Settings:
    """A name and what it was."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """The report."""

    spec: str
    title: str
    version: str
    verdict: str
    held: bool
    judged: str
    settings: tuple[Settings, ...]
    layers: tuple[tuple[str, str, int, int], ...]
    """Name, meaning, control states and edges."""
    classes: tuple[tuple[str, tuple[Row, ...]], ...]
    clauses: tuple[ClauseRow, ...]
    events: tuple[str, ...]
    memory: tuple[Memory, ...]
    traces: tuple[TraceData, ...]
    sequences: str
    uncovered: tuple[str, ...]
    needs_asked: bool


def document(evidence: Evidence, spec: Specification[Any], player: Player) -> Document:
    """Everything that the page shows; equal evidence gives an equal document."""
    result, sequences = evidence.result, evidence.result.sequences
    rows = tuple(_rows(result, spec))
    return Document(
        result.spec,
        result.title,
        result.version,
        verdict_line(result),
        int(result.exit) == 0,
        result.judged,
        tuple(_settings(result)),
        tuple((layer.layer, layer.meaning, layer.states, layer.edges) for layer in result.layers),
        tuple((cls, tuple(r for r in rows if r.cls == cls)) for cls in dict.fromkeys(r.cls for r in rows)),
        tuple(_clauses(result, spec, evidence.results)),
        tuple(name for name, operation in spec.operations.items() if operation.is_event),
        tuple(memory_of(spec.state)),
        (*_examples(result, player), *evidence.traces),
        ""
        if sequences is None
        else f"{'' if sequences.exact else 'at most '}{sequences.accepted:,} accepted sequences of 1 to "
        f"{sequences.bound} calls",
        tuple(uncovered(result)),
        result.needs is not None,
    )


def _settings(result: CheckResult) -> Iterator[Settings]:
    yield Settings("Resources", resources(result))
    yield Settings("Sequences", "of any length")
    fixed = ", ".join(f"{name}={value}" for name, value in result.options)
    yield Settings("Options", fixed or "of any value")
    for id, name in result.readings:
        yield Settings(f"Clause {id}", f"read as “{name}”")
    if result.note:
        yield Settings("Not for any number", result.note)


def _rows(result: CheckResult, spec: Specification[Any]) -> Iterator[Row]:
    needs = result.needs
    for position, finding in enumerate(result.layers[0].findings):
        invariant = spec.invariants[finding.invariant]
        yield Row(
            finding.invariant,
            finding.cls,
            invariant.summary,
            "step" if invariant.over_step else "state",
            invariant.answers,
            tuple(_cell(layer.layer, layer.findings[position]) for layer in result.layers),
            None if needs is None else _needs(needs, finding.invariant),
        )


def _cell(layer: str, finding: Finding) -> Cell:
    example = finding.counterexample
    if example is None:
        target, detail = f"invariant-{finding.invariant}", ""
    else:
        target = f"example-{example.number}"
        detail = f"#{example.number}, {calls(len(example.steps))}"
    return Cell(layer, finding.status.value, cell(finding), target, detail, finding.scope, finding.reason)


def _needs(needs: Needs, invariant: str) -> tuple[tuple[str, str], ...] | None:
    if needs.of(invariant) is None:
        return None
    return tuple((row.clause, ", ".join(row.calls)) for row in needs.rows if row.invariant == invariant)


def _clauses(result: CheckResult, spec: Specification[Any], results: Results | None) -> Iterator[ClauseRow]:
    tested = {} if results is None else {(row.call, row.clause): row for row in results.clauses}
    readings = dict(result.readings)
    for clause in spec.clauses.values():
        yield ClauseRow(
            clause.id,
            clause.origin.value,
            clause.text,
            clause.citation,
            readings.get(clause.id, ""),
            tuple(
                Use(row.call, row.fails, row.decides, tested.get((row.call, row.clause)))
                for row in result.clauses
                if row.clause == clause.id
            ),
            *_needed(result.needs, clause.id),
        )


def _needed(needs: Needs | None, clause: str) -> tuple[tuple[str, ...], str]:
    """The invariants that fall without a clause, and what else is to be said of it."""
    if needs is None:
        return (), ""
    row = next((row for row in needs.clauses if row.clause == clause), None)
    if row is None:
        return (), f"not in {needs.layer}"
    if clause in needs.untold:
        return (), "without it there are too many control states to tell"
    pairs = [
        f"{', '.join(e.invariants)} without {next(c for c in e.clauses if c != clause)} too"
        for e in needs.either
        if clause in e.clauses
    ]
    return row.invariants, "; ".join(pairs) if pairs or row.invariants else "no proof"


def _examples(result: CheckResult, player: Player) -> Iterator[TraceData]:
    for number, (example, broken) in counterexamples(result).items():
        by_invariant: dict[str, list[str]] = {}
        for invariant, layer in broken:
            by_invariant.setdefault(invariant, []).append(layer)
        said = "; ".join(f"{id} ({', '.join(layers)})" for id, layers in by_invariant.items())
        how = "A shortest sequence that the layer accepts" if example.shortest else "A sequence that the layer accepts"
        yield player.shown(
            f"example-{number}",
            f"#{number} {said}",
            f"{how}: {calls(len(example.steps))}.",
            example.trace,
            tuple(broken),
        )
