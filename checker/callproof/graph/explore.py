"""Every control state that accepted calls can reach, and every edge between two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callproof.errors import LimitError
from callproof.model.clauses import Layer
from callproof.residue import FALSE, Model

STATE_LIMIT = 400_000
"""States after which an exploration gives up: the graph is held in memory."""

Edge = tuple[int, int, int, int]
"""Source state, target state, number of the move, and the residue of its guard (a formula of the pool)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The reachable control states in order of discovery, the edges, and for each move the states that accept it.

    An over-approximation where data decides: an edge is here if its residue is satisfiable on its own.
    """

    layer: Layer
    states: tuple[int, ...]
    edges: tuple[Edge, ...]
    sources: tuple[tuple[int, ...], ...]
    depth: dict[int, int]
    """Calls on the shortest walk from the initial state."""


def explore(
    model: Model, layer: Layer, feasible: Callable[[int], bool], tick: Callable[[int, int], None] | None = None
) -> Reach:
    """Breadth-first search from the initial state.

    `feasible` says whether a residue can be satisfied at all; `tick` hears the numbers of states and edges now and
    then. Raises `LimitError` past `STATE_LIMIT` states.
    """
    pool = model.pool
    guards = [move.guard(pool, layer) for move in model.moves]
    rows = []
    for move, guard in zip(model.moves, guards, strict=True):
        if guard == FALSE:
            continue
        mask = pool.mask[guard]
        for write in move.control:
            mask |= pool.mask[write.value]
        keep = ~0
        for write in move.control:
            keep &= ~write.slot.mask
        table: dict[int, tuple[int, int] | None] = {}
        sources: list[int] = []
        rows.append((move.number, mask, keep, table, sources))
    missing = object()

    def look_up(number: int, state: int, keep: int) -> tuple[int, int] | None:
        residue = pool.specialise(guards[number], state)
        if residue == FALSE or not feasible(residue):
            return None
        return model.successor(model.moves[number], state) & ~keep, residue

    depth = {0: 0}
    states = [0]
    edges: list[Edge] = []
    for state in states:
        for number, mask, keep, table, sources in rows:
            key = state & mask
            hit = table.get(key, missing)
            if hit is missing:
                hit = table[key] = look_up(number, state, keep)
            if hit is None:
                continue
            target = state & keep | hit[0]  # type: ignore[index]
            edges.append((state, target, number, hit[1]))  # type: ignore[index]
            sources.append(state)
            if target not in depth:
                depth[target] = depth[state] + 1
                states.append(target)
        if len(states) > STATE_LIMIT:
            raise LimitError(
                f"the sequence graph has more than {STATE_LIMIT:,} control states; "
                "ask for fewer resources (--graphs) or fix options (--option)"
            )
        if tick is not None and len(states) & 1023 == 0:
            tick(len(states), len(edges))
    by_move: list[tuple[int, ...]] = [()] * len(model.moves)
    for number, _, _, _, sources in rows:
        by_move[number] = tuple(sources)
    return Reach(layer, tuple(states), tuple(edges), tuple(by_move), depth)
