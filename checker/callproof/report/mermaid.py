"""A counterexample as a Mermaid sequence diagram."""

from __future__ import annotations

from callproof.report.check_text import grouped
from callproof.verdict import Counterexample


def escaped(text: str) -> str:
    """Text that Mermaid shows as it is."""
    return text.replace("#", "#35;").replace(";", "#59;").replace("#35#59;", "#35;").replace("\n", " ")


def sequence_diagram(example: Counterexample, events: frozenset[str]) -> str:
    """The diagram; `events` are the names that happen around the API rather than in it."""
    lines = ["sequenceDiagram", "  autonumber", "  participant C as Caller", "  participant D as Driver"]
    for step in example.steps:
        target = "C" if step.call in events else "D"
        lines.append(f"  C->>{target}: {escaped(f'{step.call}({step.arguments})')}")
        changes = [f"{record or 'session'}: {' '.join(fields)}" for record, fields in grouped(step).items()]
        if changes:
            lines.append(f"  Note over {target}: {'<br/>'.join(escaped(change) for change in changes)}")
        if step.let_through:
            lines.append(f"  Note right of D: let through by the lack of {escaped(', '.join(step.let_through))}")
    return "\n".join(lines)
