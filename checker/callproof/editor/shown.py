"""What an editor is sent: diagnostics, hovers in Markdown, and the titles of code lenses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from callproof.editor.records import Cell, Checked, Clause, Described, Failure, Invariant, Needs, Operation, Place

SOURCE = "callproof"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#+!|~-])")
_QUOTED = re.compile(r"\"([^\"\\]{1,100})\"|'([^'\\]{1,100})'")

START = types.Range(types.Position(0, 0), types.Position(0, 0))
VIOLATED, UNKNOWN, PROVED, VACUOUS = "violated", "unknown", "proved", "vacuous"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def uri(file: str) -> str:
    """The address of a file."""
    return Path(file).as_uri()


def whole_line(place: Place) -> types.Range:
    """A line, to its end: no editor has one that is longer."""
    line = max(0, place.line - 1)
    return types.Range(types.Position(line, 0), types.Position(line, 10_000))


# -- diagnostics ------------------------------------------------------------------------------------------------------


def fault_diagnostics(found: Described | Failure, path: str) -> dict[str, list[types.Diagnostic]]:
    """The faults of a specification by file; those without a place stand at the head of the file that was asked of."""
    faults = [found.fault] if isinstance(found, Failure) else found.faults
    by_file: dict[str, list[types.Diagnostic]] = {path: []}
    for fault in faults:
        place = fault.place
        by_file.setdefault(path if place is None else place.file, []).append(
            types.Diagnostic(
                START if place is None else whole_line(place),
                fault.message,
                severity=types.DiagnosticSeverity.Error,
                source=f"{SOURCE} lint",
            )
        )
    return by_file


def verdict_diagnostics(checked: Checked, described: Described) -> dict[str, list[types.Diagnostic]]:
    """What is violated, at the call that breaks it; an error in the layer that decides, and else a warning."""
    operations = {operation.name: operation for operation in described.operations}
    by_file: dict[str, list[types.Diagnostic]] = {}
    for cell in checked.cells:
        last = operations.get(cell.calls[-1]) if cell.calls else None
        if cell.status != VIOLATED or last is None:
            continue
        judged = cell.layer == checked.judged
        by_file.setdefault(last.place.file, []).append(
            types.Diagnostic(
                whole_line(last.place),
                f"{last.name} breaks {cell.invariant} in {cell.layer}: {'; '.join(cell.labels)}",
                severity=types.DiagnosticSeverity.Error if judged else types.DiagnosticSeverity.Warning,
                code=cell.invariant,
                source=f"{SOURCE} check",
                related_information=list(_steps(cell, operations)),
            )
        )
    return by_file


def _steps(cell: Cell, operations: Mapping[str, Operation]) -> Iterator[types.DiagnosticRelatedInformation]:
    for number, (call, label) in enumerate(zip(cell.calls, cell.labels, strict=True), 1):
        place = operations[call].place
        yield types.DiagnosticRelatedInformation(
            types.Location(uri(place.file), whole_line(place)), f"step {number}: {label}"
        )


# -- hovers -----------------------------------------------------------------------------------------------------------


def quoted_at(line: str, character: int) -> tuple[str, int, int] | None:
    """The string literal under the cursor, and from where to where its text stands."""
    for found in _QUOTED.finditer(line):
        if found.start() <= character < found.end():
            return found[1] or found[2], found.start() + 1, found.end() - 1
    return None


def hover(word: str, described: Described, checked: Checked | None, needs: Needs | None) -> str:
    """What is known of the clause, call or invariant of this name, as Markdown; empty where there is none."""
    parts = [_clause(c, needs) for c in described.clauses if c.id == word]
    parts += [_operation(o, described, checked) for o in described.operations if o.name == word]
    parts += [_invariant(i, checked, needs) for i in described.invariants if i.id == word]
    return "\n\n---\n\n".join(parts)


def _clause(clause: Clause, needs: Needs | None) -> str:
    lines = [f"**{plain(clause.id)}** · {plain(clause.origin)} · {plain(clause.text)}"]
    lines += [f"Source: {plain(clause.citation)}"] if clause.citation else []
    lines += [f"Question: {plain(clause.question)} {plain(clause.answer)}"] if clause.question else []
    lines += [f"Readings: {_list(clause.readings)}"] if clause.readings else []
    lines += [f"Stated by {_list(clause.calls)}"] if clause.calls else []
    return "\n\n".join([*lines, _needed_by(clause.id, needs)])


def _needed_by(clause: str, needs: Needs | None) -> str:
    if needs is None:
        return "What needs it is not known yet."
    if needs.note:
        return f"What needs it is not known: {plain(needs.note)}"
    row = next((row for row in needs.clauses if row.clause == clause), None)
    if row is None or not row.told:
        return f"What needs it in {needs.layer} could not be told."
    if not row.invariants:
        return f"No proof in {needs.layer} needs it."
    return f"Needed in {needs.layer} by {_list(row.invariants)}"


def _operation(operation: Operation, described: Described, checked: Checked | None) -> str:
    kind = "event" if operation.is_event else "call"
    lines = [f"**{plain(operation.name)}** · {kind} · {plain(operation.summary)}"]
    stated = [clause.id for clause in described.clauses if operation.name in clause.calls]
    lines += [f"Clauses: {_list(stated)}"] if stated else []
    lines += [f"Page: {plain(operation.page)}"] if operation.page else []
    return "\n\n".join([*lines, *([] if checked is None else _breaks(operation.name, checked))])


def _breaks(call: str, checked: Checked) -> list[str]:
    found = [f"- {c.layer}: breaks {plain(c.invariant)} after {len(c.calls) - 1} calls" for c in _ending(call, checked)]
    return ["\n".join(found)] if found else []


def _invariant(invariant: Invariant, checked: Checked | None, needs: Needs | None) -> str:
    lines = [f"**{plain(invariant.id)}** · {plain(invariant.cls)} · {plain(invariant.summary)}"]
    if checked is not None:
        cells = [cell for cell in checked.cells if cell.invariant == invariant.id]
        lines.append("\n".join(f"- {cell.layer}: {_verdict(cell)}" for cell in cells))
    if needs is not None and not needs.note:
        wanted = [row.clause for row in needs.clauses if invariant.id in row.invariants]
        lines += [f"Needs {_list(wanted)} in {needs.layer}"] if wanted else []
    return "\n\n".join(line for line in lines if line)


def _verdict(cell: Cell) -> str:
    if cell.status == VIOLATED and cell.labels:
        return f"violated by {plain('; '.join(cell.labels))}"
    return f"{cell.status}: {plain(cell.reason)}" if cell.reason else cell.status


def _list(words: Iterable[str]) -> str:
    return ", ".join(map(plain, words))


# -- code lenses ------------------------------------------------------------------------------------------------------


def call_title(call: str, checked: Checked | None) -> str:
    """What stands above a call: how to have it checked, or what came of it."""
    if checked is None:
        return "check this call"
    broken: dict[str, list[str]] = {}
    for cell in _ending(call, checked):
        broken.setdefault(cell.layer, []).append(cell.invariant)
    layers = dict.fromkeys(cell.layer for cell in checked.cells)
    said = [f"{layer}: breaks {', '.join(broken[layer])}" for layer in layers if layer in broken]
    return "; ".join(said) if said else _unbroken(checked)


def _unbroken(checked: Checked) -> str:
    """No shortest counterexample ends with the call; that nothing can be broken is known of what is proved only."""
    judged = [cell for cell in checked.cells if cell.layer == checked.judged]
    if all(cell.status in (PROVED, VACUOUS) for cell in judged):
        return f"{checked.judged}: breaks nothing"
    return f"{checked.judged}: ends no shortest counterexample"


def invariant_title(invariant: str, checked: Checked | None) -> str:
    """What stands above an invariant."""
    cells = [] if checked is None else [cell for cell in checked.cells if cell.invariant == invariant]
    if not cells:
        return "check this invariant"
    return "; ".join(f"{cell.layer}: {cell.status}" for cell in cells)


def _ending(call: str, checked: Checked) -> Iterator[Cell]:
    return (cell for cell in checked.cells if cell.status == VIOLATED and cell.calls and cell.calls[-1] == call)
