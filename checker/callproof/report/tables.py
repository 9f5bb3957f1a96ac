"""Tables and lines that fit the columns there are, and leave nothing out where those are few."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

Row = tuple[str, ...]
ROOM = 30
"""Columns that a column of text is broken into at the least."""


def columns_of(rows: Sequence[Row]) -> int:
    """How wide a table is."""
    return sum(max(map(len, column)) for column in zip(*rows, strict=True)) + 2 * (len(rows[0]) - 1)


def table(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Rows below the first, which names the columns.

    Where they are too wide the last column is broken into lines, if that leaves it room, and else each row is a
    paragraph of its own.
    """
    if columns_of(rows) <= width:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield _line(row, widths)
        return
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    room = width - sum(widths) - 2 * len(widths)
    if room >= ROOM:
        for row in rows:
            first, *rest = textwrap.wrap(row[-1], room, break_long_words=False) or [""]
            yield _line((*row[:-1], first), [*widths, 0])
            yield from (_line((*("" for _ in widths), part), [*widths, 0]) for part in rest)
        return
    names = rows[0]
    for row in rows[1:]:
        yield row[0]
        told = [f"{name}: {cell}" if name else cell for name, cell in zip(names[1:], row[1:], strict=True) if cell]
        indent = " " * (len(row[0]) - len(row[0].lstrip()) + 4)
        if told:
            yield from wrapped("; ".join(told), width, indent, indent)


def _line(row: Row, widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """A text broken at spaces; a word that is longer than a line stays whole."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def fit(line: str, width: int) -> list[str]:
    """A line broken at spaces where it is too long, its rest indented below its text."""
    if len(line) <= width:
        return [line]
    return wrapped(line, width, rest=" " * (len(line) - len(line.lstrip()) + 4))
