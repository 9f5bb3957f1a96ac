"""The memory that a state is about, as a map: which regions there are, and where they lie in each other."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.conform.terms import places
from callproof.semantics import Machine, State


@dataclass(frozen=True, slots=True)
class Span:
    """A region with a base that is not null: [base, base + size), in bytes."""

    name: str
    base: int
    size: int
    overlaps: tuple[str, ...]


def spans(machine: Machine, state: State) -> list[Span]:
    """The regions of a state that are bound or live, by address; one without such flags counts if it has a size."""
    known = places(machine.names, machine.sorts, range(len(machine.sorts))).regions
    found: list[tuple[str, int, int]] = []
    for base, size in known:
        name = machine.names[base].rpartition(".")[0]
        flags = [machine.slots[f"{name}.{flag}"] for flag in ("bound", "live") if f"{name}.{flag}" in machine.slots]
        if state[flags[0]] if flags else state[size]:
            found.append((name, state[base], state[size]))
    found.sort(key=lambda span: (span[1], span[2], span[0]))
    return [
        Span(name, base, size, tuple(other for other, b, s in found if other != name and _meet(base, size, b, s)))
        for name, base, size in found
    ]


def _meet(base: int, size: int, other: int, length: int) -> bool:
    return base < other + length and other < base + size


def memory_map(machine: Machine, state: State) -> list[str]:
    """The map as lines of text, lowest address first."""
    lines = []
    for span in spans(machine, state):
        within = f"  in {', '.join(span.overlaps)}" if span.overlaps else ""
        lines.append(f"{span.base:#018x} + {span.size:<10} {span.name}{within}")
    return lines or ["no memory is bound or allocated"]
