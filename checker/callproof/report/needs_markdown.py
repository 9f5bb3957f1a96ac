"""The evidence page on what each proof needs of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callproof.model.specification import Specification
from callproof.report.markdown import escape_md
from callproof.report.needs_text import without_need
from callproof.verdict import NeedRow, Needs


def needs_markdown(needs: Needs, spec: Specification[Any]) -> str:
    """The page as text; equal results give equal bytes."""
    return "\n".join(_lines(needs, spec)) + "\n"


def _lines(needs: Needs, spec: Specification[Any]) -> Iterator[str]:
    yield f"<!-- Written by `callproof report {spec.name} --out reports --needs`; do not edit. -->"
    yield f"# {spec.name}: which clauses the proofs need"
    yield ""
    yield f"Layer: {needs.layer}. A clause is taken out of all calls that state it, and everything is proved again:"
    yield "what is not proved any more needs the clause."
    if needs.note:
        yield from ("", f"Not told: {escape_md(needs.note)}.")
        return
    yield from ("", "## What each invariant needs", "", "| invariant | clauses |", "| --- | --- |")
    for id in needs.proved:
        yield f"| `{id}` | {', '.join(needs.of(id) or ()) or 'no single clause'} |"
    yield from (
        "",
        "## What falls without a clause",
        "",
        "| clause | what it demands | invariants |",
        "| --- | --- | --- |",
    )
    for row in needs.clauses:
        fallen = ", ".join(_fallen(needs, row.clause, row.calls)) or "none"
        yield f"| {row.clause} | {escape_md(spec.clauses[row.clause].text)} | {fallen} |"
    yield from ("", "Where an invariant needs a clause in some of its calls only, these are named.")
    said = list(without_need(needs))
    if said:
        yield from ("", "## Clauses that nothing needs by themselves", "")
        yield from (f"- {escape_md(line[:1].upper() + line[1:])}." for line in said)


def _fallen(needs: Needs, clause: str, stated: tuple[str, ...]) -> Iterator[str]:
    for row in needs.rows:
        if row.clause == clause:
            yield f"`{row.invariant}`{_calls(row, stated)}"


def _calls(row: NeedRow, stated: tuple[str, ...]) -> str:
    if row.calls == stated:
        return ""
    return f" ({', '.join(row.calls) or 'in no call by itself'})"
