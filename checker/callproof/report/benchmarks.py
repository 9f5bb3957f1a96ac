"""Measurements as a Markdown page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SECTIONS = ("Machine", "Figures", "Engines", "Peers", "Growth")

Rows = Sequence[tuple[str, ...]]
"""A table, its head first."""


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """What one run measured, as tables."""

    spec: str
    command: str
    machine: Rows
    figures: Rows
    engines: Rows
    peers: Rows
    growth: Rows
    notes: tuple[str, ...]
    """What has to be known about the peers."""


def benchmarks_markdown(found: Benchmarks, picture: str) -> str:
    """The page; `picture` is the file of the curves, beside it."""
    parts = [
        f"# Benchmarks of {found.spec}\n",
        f"Written by `{found.command}`.\n",
        "Seconds are of whole processes unless a row says otherwise, medians of up to five runs; every ratio is of\n"
        "measurements in this one run. Other work on the machine makes seconds on the clock longer.\n",
    ]
    bodies = {
        "Machine": markdown_table(found.machine),
        "Figures": "What was asked for, and what was measured.\n\n" + markdown_table(found.figures),
        "Engines": "In one process; a step of the yardstick is one update of a dict.\n\n"
        + markdown_table(found.engines),
        "Peers": "\n".join(f"{note}\n" for note in found.notes) + "\n" + markdown_table(found.peers),
        "Growth": (
            "Seconds of the processor; the exponent is of the power of x that fits best, and beside it of the edges\n"
            f"of the sequence graph.\n\n![Seconds by size, on logarithmic axes]({picture})\n\n"
            + markdown_table(found.growth)
        ),
    }
    return "\n".join([*parts, *(f"## {name}\n\n{bodies[name]}" for name in SECTIONS)])


def markdown_table(rows: Rows) -> str:
    """A table; a bar in a cell is escaped."""
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in body]
    return "\n".join(lines) + "\n"
