"""The moves that a control state accepts in a layer, each looked up by the few control variables it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callproof.model.clauses import Layer
from callproof.residue import FALSE, Model

Feasible = Callable[[int], bool]
"""Says whether a residue can be satisfied at all."""


Tables = dict[tuple[int, int], dict[int, tuple[int, int] | None]]
"""Move and guard -> projection -> the bits the move sets and its residue, or None where it is refused."""


@dataclass(slots=True)
class Row:
    """One move: the bits it depends on, the bits it keeps, and what is known of each projection met so far."""

    move: int
    guard: int
    mask: int
    keep: int
    table: dict[int, tuple[int, int] | None]


class Stepper:
    """Successors of packed control states of one model in one layer.

    `tables` hold what is known already: a move whose guard is the same in two layers does the same in both.
    """

    def __init__(self, model: Model, layer: Layer, feasible: Feasible, tables: Tables | None = None) -> None:
        known: Tables = {} if tables is None else tables
        self._model, self._feasible = model, feasible
        self.rows: list[Row] = []
        for move in model.moves:
            guard = move.guard(model.pool, layer)
            if guard == FALSE:
                continue
            mask, keep = model.pool.mask[guard], ~0
            for write in move.control:
                mask |= model.pool.mask[write.value]
                keep &= ~write.slot.mask
            self.rows.append(Row(move.number, guard, mask, keep, known.setdefault((move.number, guard), {})))
        self._quick = [(row, row.move, row.mask, row.keep, row.table) for row in self.rows]

    def look_up(self, row: Row, state: int) -> tuple[int, int] | None:
        """What a move does in a state, computed once for each projection."""
        key = state & row.mask
        if key in row.table:
            return row.table[key]
        residue = self._model.pool.specialise(row.guard, state)
        hit = None
        if residue != FALSE and self._feasible(residue):
            hit = self._model.successor(self._model.moves[row.move], state) & ~row.keep, residue
        row.table[key] = hit
        return hit

    def successors(self, state: int) -> Iterator[tuple[int, int, int]]:
        """Move, target and residue of each edge that leaves a state."""
        missing = (-1, -1)
        for row, number, mask, keep, table in self._quick:
            hit = table.get(state & mask, missing)
            if hit is missing:
                hit = self.look_up(row, state)
            if hit is not None:
                yield number, state & keep | hit[0], hit[1]
