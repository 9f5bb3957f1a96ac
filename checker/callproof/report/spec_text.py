"""A specification as data for JSON, and as plain text for a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from callproof.expr import Kind, Sort
from callproof.model.clauses import Clause
from callproof.model.instantiate import combinations, handle_kinds, record_action, signature, universe_of
from callproof.model.recording import Recorder
from callproof.model.specification import Operation, Specification
from callproof.model.system import Class

FORMAT, VERSION = "callproof-spec", 1

Spec = Specification[Any]
Described = dict[str, Any]

_NO_BREAK = "\N{NO-BREAK SPACE}"
_WORDS = {Kind.ADDRESS: "Address", Kind.SIZE: "Size", Kind.NUMBER: "Number", Kind.BOOLEAN: "Bool"}


def describe(spec: Spec) -> Described:
    """Everything that a specification says, as plain data; its faults must have been mended first."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": spec.name,
        "title": spec.title,
        "spec_version": spec.version,
        "products": list(spec.products),
        "options": [{"name": o.name, "values": list(o.values), "meaning": o.meaning} for o in spec.options],
        "calls": [_operation(spec, o) for o in spec.operations.values() if not o.is_event],
        "events": [_operation(spec, o) for o in spec.operations.values() if o.is_event],
        "invariants": [
            {
                "id": i.id,
                "class": i.cls.value,
                "over": "step" if i.over_step else "state",
                "summary": i.summary,
                "answers": list(i.answers),
            }
            for i in spec.invariants.values()
        ],
        "facts": [{"id": f.id, "treatment": f.treatment.value, "why": f.why} for f in spec.facts],
        "questions": [{"id": q.id, "question": q.question, "answer": q.answer} for q in spec.questions],
    }


def _operation(spec: Spec, operation: Operation) -> Described:
    # Two of each kind, because a rule between two graphs is not stated where there is only one.
    universe = universe_of(spec, {kind.__name__: 2 for kind in handle_kinds(spec.state)})
    shape = signature(operation.body, 1)
    picked = next(iter(combinations(shape, universe)))
    recorder = Recorder(universe, frozenset(picked), spec.clauses, spec.default_readings, frozenset())
    action = record_action(spec, operation, shape, picked, recorder)
    types = {name: kind.__name__ for name, kind in shape.handles} | {name: _type(sort) for name, sort, _ in shape.plain}
    stated: dict[str, list[str]] = {}
    for name, reading in recorder.used:
        stated.setdefault(name, []).extend([reading] if reading else [])
    return {
        "name": operation.name,
        "page": operation.page,
        "summary": operation.summary,
        "parameters": [{"name": name, "type": types[name]} for name in shape.order],
        "results": [{"name": r.name, "type": _type(r.var.sort)} for r in action.results],
        "clauses": [_clause(spec.clauses[name], readings) for name, readings in stated.items()],
        "axioms": list(dict.fromkeys(axiom.id for axiom in action.axioms)),
        "outcomes": [outcome.name for outcome in action.outcomes if outcome.name],
    }


def _clause(clause: Clause, readings: Sequence[str]) -> Described:
    return {
        "id": clause.id,
        "origin": clause.origin.value,
        "text": clause.text,
        "page": clause.page,
        "section": clause.section,
        "question": clause.question,
        "citation": clause.citation,
        "refused_with": list(clause.refused_with),
        "readings": [
            {"name": name, "default": name == clause.readings[0]} for name in clause.readings if name in readings
        ],
    }


def _type(sort: Sort) -> str:
    return _WORDS.get(sort.kind, sort.name)


def render(described: Described, width: int) -> str:
    """The description as text, no line longer than `width` where a word can be broken off."""
    return "\n".join(_lines(described, width)) + "\n"


def _lines(described: Described, width: int) -> Iterator[str]:
    yield f"{described['name']}: {described['title']}"
    yield f"version {described['spec_version']}"
    if described["products"]:
        yield from _wrapped("products: ", ", ".join(described["products"]), width)
    if described["options"]:
        yield from _heading("Options")
        for option in described["options"]:
            yield from _wrapped(f"  {option['name']} = {' | '.join(option['values'])}: ", option["meaning"], width, 4)
    for key in ("calls", "events"):
        if described[key]:
            yield from _heading(key.capitalize())
            for number, operation in enumerate(described[key]):
                yield from [""] if number else []
                yield from _operation_lines(operation, width)
    yield from _heading("Invariants")
    for cls in Class:
        mine = [i for i in described["invariants"] if i["class"] == cls.value]
        if mine:
            yield f"  {cls.value}"
            yield from _table([(i["id"], i["over"], _invariant_text(i)) for i in mine], width, 4)
    if described["facts"]:
        yield from _heading("Facts")
        yield from _table([(f["id"], f["treatment"], f["why"]) for f in described["facts"]], width, 2)
    if described["questions"]:
        yield from _heading("Questions")
        for question in described["questions"]:
            yield from _table([(question["id"], question["question"]), ("", question["answer"])], width, 2, first=4)


def _operation_lines(operation: Mapping[str, Any], width: int) -> Iterator[str]:
    arguments = ", ".join(f"{p['name']}:{_NO_BREAK}{p['type']}" for p in operation["parameters"])
    yield from _wrapped(f"  {operation['name']}(", f"{arguments})", width, 6)
    yield from _wrapped("    ", operation["summary"], width)
    if operation["page"] != operation["name"]:
        yield from _wrapped("    page: ", operation["page"], width)
    rows: list[tuple[str, ...]] = []
    for clause in operation["clauses"]:
        rows.append((clause["id"], clause["origin"], clause["text"]))
        errors = f"; refused with {' or '.join(clause['refused_with'])}" if clause["refused_with"] else ""
        rows.append(("", "", f"[{clause['citation']}{errors}]"))
        if clause["readings"]:
            names = ", ".join(f"{r['name']} (default)" if r["default"] else r["name"] for r in clause["readings"])
            rows.append(("", "", f"readings: {names}"))
    yield from _table(rows, width, 4, first=12, second=10)
    if operation["results"]:
        yield from _wrapped(
            "    results: ", ", ".join(f"{r['name']}:{_NO_BREAK}{r['type']}" for r in operation["results"]), width
        )
    if operation["axioms"]:
        yield from _wrapped("    axioms: ", ", ".join(operation["axioms"]), width)
    if operation["outcomes"]:
        yield from _wrapped("    outcomes: ", " | ".join(operation["outcomes"]), width)


def _invariant_text(invariant: Mapping[str, Any]) -> str:
    answers = f" (answers {', '.join(invariant['answers'])})" if invariant["answers"] else ""
    return f"{invariant['summary']}{answers}"


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield text
    yield "-" * len(text)


def _table(
    rows: Sequence[tuple[str, ...]], width: int, indent: int, *, first: int = 0, second: int = 0
) -> Iterator[str]:
    """Columns, the last of them wrapped; the others are at least as wide as asked."""
    if not rows:
        return
    least = (first, second)
    widths = [max(least[n], *(len(row[n]) for row in rows)) for n in range(len(rows[0]) - 1)]
    for row in rows:
        head = " " * indent + "".join(f"{cell:<{size}}  " for cell, size in zip(row, widths, strict=False))
        yield from _wrapped(head, row[-1], width)


def _wrapped(head: str, text: str, width: int, indent: int | None = None) -> Iterable[str]:
    """Text behind a head, continued under its beginning (or at `indent`)."""
    follow = " " * (len(head) if indent is None else indent)
    lines = textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=head,
        subsequent_indent=follow,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ").rstrip() for line in lines] or [head.rstrip()]
