"""The sequence graph as the report carries it: states and edges packed and deflated, and the words they stand for."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callproof.expr import Kind
from callproof.run.landscape import Landscape

EDGE_LIMIT = 400_000
"""Edges past which the report carries a part of a graph: a browser lists them all when it opens the graph."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A control variable: its width in bits and, unless it is a flag, the names of its values."""

    name: str
    width: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphData:
    """The graph.

    `packed` is base64 of zlib of: each state in little-endian bytes; then, for each state in the same order, the number
    of its edges and each edge as two numbers: label * layers + strictest layer, and the target's position less the
    source's (2n for n >= 0, else -2n - 1). Numbers are LEB128: seven bits a byte, the lowest first.
    """

    layers: tuple[str, ...]
    slots: tuple[Slot, ...]
    labels: tuple[tuple[str, str], ...]
    """The call of an edge, and the edge as a person names it."""
    states: int
    edges: int
    bytes: int
    """Bytes of a packed state."""
    left_out: int
    """States that are not here, the farthest ones."""
    packed: str


def graph_data(land: Landscape, edge_limit: int = EDGE_LIMIT) -> GraphData:
    """The graph, or as many of its states from the initial one as have no more than `edge_limit` edges."""
    graph, reach = land.graph, land.graph.reach
    leaving: dict[int, list[tuple[int, int, int]]] = {state: [] for state in reach.states}
    for (source, target, move, _), strictest in zip(reach.edges, land.strictest, strict=True):
        leaving[source].append((target, move, strictest))
    kept, total = 0, 0
    for state in reach.states:
        if total + len(leaving[state]) > edge_limit:
            break
        kept, total = kept + 1, total + len(leaving[state])
    states = reach.states[:kept]
    index = {state: number for number, state in enumerate(states)}
    slots = list(graph.model.slots.values())
    labels: dict[tuple[str, str], int] = {}
    edges: list[list[Leaving]] = []
    for state in states:
        found = []
        for target, move, strictest in leaving[state]:
            if target in index:
                name = graph.model.moves[move].action.call, graph.label(state, move)
                found.append((index[target], labels.setdefault(name, len(labels)), strictest))
        edges.append(found)
    size = max(1, (sum(slot.width for slot in slots) + 7) // 8)
    return GraphData(
        tuple(layer.name for layer in land.layers),
        tuple(Slot(s.name, s.width, () if s.sort.kind is Kind.BOOLEAN else tuple(s.sort.members)) for s in slots),
        tuple(labels),
        len(states),
        sum(map(len, edges)),
        size,
        len(reach.states) - kept,
        packed(states, edges, size, len(land.layers)),
    )


Leaving = tuple[int, int, int]
"""An edge by the positions of its target, its label and the strictest layer that has it."""


def packed(states: Sequence[int], edges: Sequence[Sequence[Leaving]], size: int, layers: int) -> str:
    """States of `size` bytes and the edges that leave each, as `GraphData.packed` has them."""
    made = bytearray()
    for state in states:
        made += state.to_bytes(size, "little")
    for number, leaving in enumerate(edges):
        made += bytes(_number(len(leaving)))
        for target, label, strictest in leaving:
            away = target - number
            made += bytes(_number(label * layers + strictest))
            made += bytes(_number(2 * away if away >= 0 else -2 * away - 1))
    return base64.b64encode(zlib.compress(bytes(made), 9)).decode("ascii")


def _number(value: int) -> Iterator[int]:
    while value >= 128:
        yield value & 127 | 128
        value >>= 7
    yield value
