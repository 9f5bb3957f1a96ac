"""A loaded specification as what an editor shows of it."""

from __future__ import annotations

import os
import re
from typing import Any

from callproof.editor.records import (
    Cell,
    Checked,
    Clause,
    Described,
    Failure,
    Fault,
    Invariant,
    Needed,
    Needs,
    Operation,
    Place,
)
from callproof.errors import Location, SpecError, UserError
from callproof.model.instantiate import Selection, handle_kinds, instantiate
from callproof.model.lint import lint
from callproof.model.specification import Specification
from callproof.report.check_text import verdict_line
from callproof.verdict import CheckResult, Finding
from callproof.verdict import Needs as Told

_PLACE = re.compile(r"(?P<file>[^\n]+?\.py):(?P<line>\d+): ")
"""How a message begins that says where its cause stands."""


def described(target: str, spec: Specification[Any]) -> Described:
    """The specification with its faults; what calls state is told only where there is no fault."""
    faults = lint(spec)
    uses = {} if faults else _uses(spec)
    answers = {question.id: question for question in spec.questions}

    def shown(id: str) -> Clause:
        clause = spec.clauses[id]
        question = answers.get(clause.question)
        stated = uses.get(id, {})
        return Clause(
            id,
            clause.origin.value,
            clause.text,
            clause.citation,
            question.question if question else "",
            question.answer if question else "",
            clause.readings,
            None if clause.location is None else _place(clause.location),
            tuple(dict.fromkeys(call for call, _ in stated)),
            tuple(dict.fromkeys(place for _, place in stated)),
        )

    return Described(
        target,
        spec.name,
        spec.title,
        tuple(_fault(error) for error in faults),
        tuple(map(shown, spec.clauses)),
        tuple(Operation(o.name, o.is_event, o.summary, o.page, _place(o.location)) for o in spec.operations.values()),
        tuple(Invariant(i.id, i.cls.value, i.summary, _place(i.location)) for i in spec.invariants.values()),
    )


def _uses(spec: Specification[Any]) -> dict[str, dict[tuple[str, Place], None]]:
    """For each clause the calls that state it, and where. A rule between two resources needs two of a kind."""
    found: dict[str, dict[tuple[str, Place], None]] = {}
    for readings in _readings(spec):
        system = instantiate(spec, {kind.__name__: 2 for kind in handle_kinds(spec.state)}, Selection(readings))
        for action in system.actions:
            for use in action.clauses:
                found.setdefault(use.id, {})[action.call, _place(use.location)] = None
    return found


def _readings(spec: Specification[Any]) -> list[tuple[tuple[str, str], ...]]:
    """The default readings, and each other one by itself."""
    others = [(id, reading) for id, clause in spec.clauses.items() for reading in clause.readings[1:]]
    return [(), *(((id, reading),) for id, reading in others)]


def checked(target: str, result: CheckResult) -> Checked:
    """The verdicts of a check."""
    cells = tuple(_cell(layer.layer, finding) for layer in result.layers for finding in layer.findings)
    return Checked(target, result.judged, verdict_line(result), cells)


def _cell(layer: str, finding: Finding) -> Cell:
    steps = () if finding.counterexample is None else finding.counterexample.steps
    labels = tuple(f"{step.call}({step.arguments})" for step in steps)
    return Cell(
        layer, finding.invariant, finding.status.value, finding.reason, tuple(step.call for step in steps), labels
    )


def needed(target: str, needs: Told | None) -> Needs:
    """What each clause is good for."""
    if needs is None:
        return Needs(target, "", "nothing was proved", ())
    clauses = tuple(Needed(row.clause, row.clause not in needs.untold, row.invariants) for row in needs.clauses)
    return Needs(target, needs.layer, needs.note, clauses)


def failure(error: UserError) -> Failure:
    """An error as a fault, at the line that its message names."""
    if isinstance(error, SpecError):
        return Failure(_fault(error))
    text = str(error)
    found = _PLACE.match(text)
    place = None if found is None else Place(os.path.abspath(found["file"]), int(found["line"]))
    return Failure(Fault(text if found is None else text[found.end() :], place))


def _fault(error: SpecError) -> Fault:
    return Fault(error.message, _place(error.location))


def _place(location: Location) -> Place:
    return Place(os.path.abspath(location.file), location.line)
