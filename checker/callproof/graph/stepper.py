"""The moves that a control state accepts in a layer, each looked up by the few control variables it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callproof.model.clauses import Layer
from callproof.residue import FALSE, Model

Feasible = Callable[[int], bool]
"""Says whether a residue can be satisfied at all."""


Table = dict[int, tuple[int, int] | None]
"""Projection -> the bits that a move sets and its residue, or None where it is refused."""
Tables = dict[tuple[int, int], Table]
"""Move and guard -> what is known of them."""

TELLING_BITS = 10
"""Control bits by which moves are picked before each is looked up: a thousand lists at most."""


@dataclass(slots=True)
class Row:
    """One move: the bits it depends on, the bits it keeps, and what is known of each projection met so far."""

    move: int
    guard: int
    mask: int
    keep: int
    table: Table


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
        self._rules = [[f for f in model.pool.conjuncts(row.guard) if not model.pool.data_of(f)] for row in self.rows]
        self.telling = self._telling()
        """The bits by which most moves are ruled out."""
        self._near: dict[int, list[Row]] = {}

    def near(self, state: int) -> list[Row]:
        """The moves that a state may accept, as far as its telling bits tell; in order."""
        key = state & self.telling
        found = self._near.get(key)
        if found is None:
            pool, rest = self._model.pool, ~self.telling
            found = self._near[key] = [
                row
                for row, rules in zip(self.rows, self._rules, strict=True)
                if not any(not pool.mask[f] & rest and pool.specialise(f, key) == FALSE for f in rules)
            ]
        return found

    def _telling(self) -> int:
        """The variables on which most of the guards' parts depend that depend on few."""
        weights: dict[int, float] = {}
        for rules in self._rules:
            for f in rules:
                slots = [slot for slot in self._model.slots.values() if slot.mask & self._model.pool.mask[f]]
                for slot in slots:
                    weights[slot.mask] = weights.get(slot.mask, 0) + 1 / len(slots) ** 2
        telling, bits = 0, 0
        for mask in sorted(weights, key=lambda mask: (-weights[mask], mask)):
            if bits + mask.bit_count() <= TELLING_BITS:
                telling, bits = telling | mask, bits + mask.bit_count()
        return telling

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
        for row in self._near.get(state & self.telling) or self.near(state):
            hit = row.table.get(state & row.mask, missing)
            if hit is missing:
                hit = self.look_up(row, state)
            if hit is not None:
                yield row.move, state & row.keep | hit[0], hit[1]
