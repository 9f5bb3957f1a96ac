"""A trace as a Mermaid sequence diagram."""

from __future__ import annotations

import re
from typing import Any

from callproof.model.specification import Specification
from callproof.replay import Replay, ReplayedStep
from callproof.report.mermaid import escaped
from callproof.report.replay_text import printable, shown_values


def diagram(spec: Specification[Any], replayed: Replay) -> str:
    """The calls, what came back, what a step changes, and in red what does not conform or breaks an invariant."""
    lines = ["sequenceDiagram", "  autonumber", "  participant C as Caller", "  participant D as Driver"]
    for step in replayed.steps:
        own = list(_step(step, spec.operations[step.step.call].is_event))
        bad = step.conforms is False or step.broken
        lines += ["  rect rgb(255, 230, 230)", *(f"  {line}" for line in own), "  end"] if bad else own
    return "\n".join(lines) + "\n"


def _step(step: ReplayedStep, is_event: bool) -> list[str]:
    target, arrow = ("C" if is_event else "D"), ("->>" if step.accepted else "-x")
    lines = [f"  C{arrow}{target}: {text(f'{step.step.call}({shown_values(step.step.args)})')}"]
    if step.step.returned is not None:
        result = f" {{{shown_values(step.step.result)}}}" if step.step.result else ""
        lines.append(f"  {target}-->>C: {text(f'{step.step.returned}{result}')}")
    notes = [shown_values({name: new}) for name, (_, new) in step.changed.items()]
    if step.conforms is False:
        notes.append(f"does not conform: {step.verdict.value} {', '.join(step.clause_ids)}".rstrip())
    elif step.clauses:
        notes.append(f"{step.verdict.value}: {', '.join(step.clause_ids)}")
    if step.axioms:
        notes.append(f"contradicts {', '.join(dict.fromkeys(a.id for a in step.axioms))}")
    if step.broken:
        notes.append(f"breaks {', '.join(dict.fromkeys(p.id for p in step.broken))}")
    if notes:
        lines.append(f"  Note over {target}: {'<br/>'.join(text(note) for note in notes)}")
    return lines


def text(value: object) -> str:
    """Any text as Mermaid shows it and does not read it: no markup, no comment, no line of its own."""
    clean = escaped(printable(value)[:1000]).replace("<", "#lt;").replace(">", "#gt;").replace("%", "#37;")
    return re.sub(r"\bend\b", "e#110;d", clean, flags=re.IGNORECASE)
