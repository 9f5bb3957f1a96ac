"""Every control state that accepted calls can reach, and every edge between two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callproof.errors import LimitError
from callproof.graph.stepper import Row, Stepper, Table
from callproof.model.clauses import Layer

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
    stepper: Stepper
    states: tuple[int, ...]
    edges: tuple[Edge, ...]
    """In order of their source states."""
    sources: tuple[tuple[int, ...], ...]
    depth: dict[int, int]
    """Calls on the shortest walk from the initial state."""


def explore(stepper: Stepper, layer: Layer, moves: int, tick: Callable[[int, int], None] | None = None) -> Reach:
    """Breadth-first search from the initial state, 0.

    `moves` is the number of moves of the model; `tick` hears the numbers of states and edges now and then. Raises
    `LimitError` past `STATE_LIMIT` states.
    """
    sources: dict[int, list[int]] = {row.move: [] for row in stepper.rows}
    quick = {row.move: (row, row.move, row.mask, row.keep, row.table, sources[row.move].append) for row in stepper.rows}
    by_telling: dict[int, list[tuple[Row, int, int, int, Table, Callable[[int], None]]]] = {}
    missing, telling = (-1, -1), stepper.telling
    depth = {0: 0}
    states = [0]
    same = {0: 0}
    """Each state, so that all edges to it hold one integer: there are ten times as many edges as states."""
    edges: list[Edge] = []
    add = edges.append
    for state in states:
        rows = by_telling.get(state & telling)
        if rows is None:
            rows = by_telling[state & telling] = [quick[row.move] for row in stepper.near(state)]
        below = depth[state] + 1
        for row, move, mask, keep, table, accepts in rows:
            hit = table.get(state & mask, missing)
            if hit is missing:
                hit = stepper.look_up(row, state)
            if hit is None:
                continue
            found = state & keep | hit[0]
            target = same.get(found)
            if target is None:
                target = same[found] = found
                depth[found] = below
                states.append(found)
            add((state, target, move, hit[1]))
            accepts(state)
        if len(states) > STATE_LIMIT:
            raise LimitError(
                f"the sequence graph has more than {STATE_LIMIT:,} control states; "
                "ask for fewer resources (--graphs) or fix options (--option)"
            )
        if tick is not None and len(states) & 1023 == 0:
            tick(len(states), len(edges))
    by_move = tuple(tuple(sources.get(number, ())) for number in range(moves))
    return Reach(layer, stepper, tuple(states), tuple(edges), by_move, depth)
