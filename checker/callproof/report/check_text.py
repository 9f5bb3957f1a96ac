"""The result of `check` as text: the matrix, the counterexamples, the totals, and the verdict last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callproof.errors import Exit
from callproof.expr import WORD_BITS
from callproof.model.clauses import Clause
from callproof.report.needs_text import needs_lines
from callproof.report.tables import columns_of, fit, table
from callproof.verdict import CheckResult, Counterexample, Finding, LayerResult, SequenceCount, ShownStep, Status, Work

MARKS = {
    Status.PROVED: "proved",
    Status.VIOLATED: "VIOLATED, no trace",
    Status.UNKNOWN: "unknown",
    Status.VACUOUS: "vacuous",
}


def cell(finding: Finding) -> str:
    """One cell of the matrix."""
    example = finding.counterexample
    if example is None:
        return MARKS[finding.status]
    return f"VIOLATED #{example.number}, {calls(len(example.steps))}"


def calls(count: int) -> str:
    """A number of calls in words."""
    return f"{count} call{'' if count == 1 else 's'}"


def counterexamples(result: CheckResult) -> dict[int, tuple[Counterexample, list[tuple[str, str]]]]:
    """Each counterexample once, with the invariants and layers that it breaks."""
    found: dict[int, tuple[Counterexample, list[tuple[str, str]]]] = {}
    for layer in result.layers:
        for finding in layer.findings:
            if finding.counterexample is not None:
                number = finding.counterexample.number
                found.setdefault(number, (finding.counterexample, []))[1].append((finding.invariant, layer.layer))
    return dict(sorted(found.items()))


def grouped(step: ShownStep) -> dict[str, list[str]]:
    """The changed fields of a step by record: `graphs[1].const` -> `bound=true`, `base=0x100000`, ..."""
    records: dict[str, list[str]] = {}
    for change in step.changes:
        record, _, name = change.name.rpartition(".")
        records.setdefault(record, []).append(f"{name}={change.new}")
    return records


def check_text(result: CheckResult, clauses: Mapping[str, Clause], *, verbose: int = 0, width: int = 100) -> str:
    """Everything that a person wants to see of a result."""
    lines = [
        f"{result.spec}: {result.title}",
        _settings(result),
        *([f"not for any number of resources: {result.note}"] if result.note else []),
        "",
        *_matrix(result, width),
        "",
        *_examples(result, clauses),
        *(needs_lines(result.needs, verbose) if result.needs is not None else ()),
        *_coverage(result, verbose),
        *_totals(result, verbose),
    ]
    wrapped = [part for line in lines for part in fit(line.rstrip(), width)]
    return "\n".join([*wrapped, verdict_line(result)]) + "\n"


def _settings(result: CheckResult) -> str:
    parts = [resources(result)]
    if result.engine != "edges":
        words = "" if result.word_bits == WORD_BITS else f", words of {result.word_bits} bits"
        parts = [f"engine {result.engine}{words}", "as many resources as the scope says"]
    parts += [f"{id} read as {name}" for id, name in result.readings]
    fixed = [f"{name}={value}" for name, value in result.options]
    parts.append(", ".join(fixed) if fixed else "options of any value")
    return "; ".join(part for part in parts if part)


def resources(result: CheckResult) -> str:
    """The resources that the verdicts are about."""
    return ", ".join(
        f"any number of {kind}" if kind in result.any_number_of else f"{count} {kind}"
        for kind, count in result.resources
    )


def _matrix(result: CheckResult, width: int) -> Iterator[str]:
    """The matrix; where it is too wide first the number of calls goes, for it stands with each trace as well."""
    rows: list[tuple[str, ...]] = [("invariant", *(layer.layer for layer in result.layers))]
    cls = ""
    for number, finding in enumerate(result.layers[0].findings):
        if finding.cls != cls:
            cls = finding.cls
            rows.append((cls, *("" for _ in result.layers)))
        rows.append((f"  {finding.invariant}", *(cell(layer.findings[number]) for layer in result.layers)))
    if columns_of(rows) > width:
        rows = [(row[0], *(text.partition(",")[0] for text in row[1:])) for row in rows]
    yield from table(rows, width)


def _examples(result: CheckResult, clauses: Mapping[str, Clause]) -> Iterator[str]:
    for number, (example, broken) in counterexamples(result).items():
        by_invariant: dict[str, list[str]] = {}
        for invariant, layer in broken:
            by_invariant.setdefault(invariant, []).append(layer)
        said = "; ".join(f"{id} ({', '.join(layers)})" for id, layers in by_invariant.items())
        how = "" if example.shortest else ", perhaps not the shortest"
        verb = "breaks" if len(example.steps) == 1 else "break"
        yield f"#{number}  {calls(len(example.steps))}{how} {verb} {said}"
        yield from example_lines(example, clauses)
        yield ""


def example_lines(example: Counterexample, clauses: Mapping[str, Clause]) -> Iterator[str]:
    """The steps of a counterexample: what each changes, and the clauses that would have refused it."""
    if example.trace.options:
        yield f"    with {', '.join(f'{name}={value}' for name, value in example.trace.options.items())}"
    for n, step in enumerate(example.steps, 1):
        yield f"  {n:>2}. {step.call}({step.arguments}){f' -> {step.result}' if step.result else ''}"
        for record, fields in grouped(step).items():
            yield f"        {record + ': ' if record else ''}{' '.join(fields)}"
        for id in step.let_through:
            yield f"        let through: {id}, {clauses[id].text} ({clauses[id].citation})"


def _coverage(result: CheckResult, verbose: int) -> Iterator[str]:
    """What is vacuous; with -v also the calls that nothing refuses."""
    for dead in result.dead_calls:
        yield f"vacuous: {dead.call} is never accepted in {result.judged}"
    for never in result.dead_clauses:
        yield f"vacuous: {never.clause} of {never.call} never fails in {result.judged}"
    if result.idle_clauses:
        by_clause: dict[str, list[str]] = {}
        for idle in result.idle_clauses:
            by_clause.setdefault(idle.clause, []).append(idle.call)
        said = "; ".join(f"{id} of {', '.join(names)}" for id, names in by_clause.items())
        yield f"decide nothing, for other clauses fail with them: {said}"
    free = [call.call for call in result.calls if not call.rejected and not call.is_event]
    if free:
        yield f"never refused: {', '.join(free)}"
    if verbose:
        always = [call.call for call in result.calls if not call.rejected and call.is_event]
        if always:
            yield f"events that nothing refuses: {', '.join(always)}"
    for layer in result.layers:
        for finding in layer.findings:
            if finding.reason:
                yield f"{finding.status.value}: {finding.invariant} ({layer.layer}): {finding.reason}"


def _totals(result: CheckResult, verbose: int) -> Iterator[str]:
    layer, work, sequences = result.judged_layer, result.work, result.sequences
    if sequences is None:
        yield f"{work.obligations:,} questions, {_asked(work)}, {work.total_seconds:.1f} s"
    else:
        yield from _graph_totals(result, sequences)
    if result.confirmed_by:
        yield f"what is proved was confirmed by {result.confirmed_by}"
    if verbose:
        if sequences is not None:
            yield (
                f"seconds: graph {work.graph_seconds:.2f}, proof {work.proof_seconds:.2f}, "
                f"search {work.search_seconds:.2f}; of these in the solver {work.solver_seconds:.2f}"
            )
        for scope in dict.fromkeys(finding.scope for finding in layer.findings):
            ids = [finding.invariant for finding in layer.findings if finding.scope == scope]
            yield f"scope {scope}: {', '.join(ids)}"


def _graph_totals(result: CheckResult, sequences: SequenceCount) -> Iterator[str]:
    layer, work = result.judged_layer, result.work
    at_most = "" if sequences.exact else "at most "
    yield (
        f"{layer.layer}{_explored(result)}: {layer.states:,} control states, {layer.edges:,} edges, "
        f"{at_most}{sequences.accepted:,} accepted sequences of 1 to {sequences.bound} calls"
    )
    yield (f"{work.obligations:,} obligations ({work.distinct:,} distinct), {_asked(work)}, {work.total_seconds:.1f} s")


def _asked(work: Work) -> str:
    kept = f", {work.kept:,} answers kept" if work.kept else ""
    return f"{work.solver_calls:,} solver calls{kept}"


def _explored(result: CheckResult) -> str:
    """With how many resources, where the first line speaks of any number."""
    explored = [f"{count} {kind}" for kind, count in result.resources if kind in result.any_number_of]
    return f" with {', '.join(explored)}" if explored else ""


def summary(layer: LayerResult) -> str:
    """A layer's findings counted."""
    total = len(layer.findings)
    counts = {status: sum(f.status is status for f in layer.findings) for status in Status}
    if counts[Status.PROVED] == total:
        return f"{layer.layer}: all {total} proved" if total > 1 else f"{layer.layer}: proved"
    return f"{layer.layer}: " + ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)


def verdict_line(result: CheckResult) -> str:
    """The last line: what the exit code says in words."""
    words = {
        Exit.OK: "holds",
        Exit.VIOLATED: "violated",
        Exit.UNKNOWN: "unknown",
        Exit.VACUOUS: "vacuous",
    }
    said = "; ".join(summary(layer) for layer in result.layers)
    return f"{result.spec} {result.judged} {words[result.exit]} ({said})"
