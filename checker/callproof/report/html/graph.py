"""The sequence graph as the report carries it: packed states and edges, deflated, with the words that they stand for."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
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
    """The graph. `packed` is base64 of zlib of: each state in little-endian bytes; then, for each state in the same
    order, the number of its edges and each edge as two numbers: label * layers + strictest layer, and the target
    less the source (2n for n >= 0, else -2n - 1). Numbers are LEB128: seven bits a byte, the lowest first."""

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
    bits = sum(slot.width for slot in slots)
    size = max(1, (bits + 7) // 8)
    labels: dict[tuple[str, str], int] = {}
    packed = bytearray()
    for state in states:
        packed += state.to_bytes(size, "little")
    edges = 0
    for number, state in enumerate(states):
        found = [edge for edge in leaving[state] if edge[0] in index]
        edges += len(found)
        packed += bytes(_number(len(found)))
        for target, move, strictest in found:
            name = graph.model.moves[move].action.call, graph.label(state, move)
            label = labels.setdefault(name, len(labels))
            away = index[target] - number
            packed += bytes(_number(label * len(land.layers) + strictest))
            packed += bytes(_number(2 * away if away >= 0 else -2 * away - 1))
    return GraphData(
        tuple(layer.name for layer in land.layers),
        tuple(Slot(s.name, s.width, () if s.sort.kind is Kind.BOOLEAN else tuple(s.sort.members)) for s in slots),
        tuple(labels),
        len(states),
        edges,
        size,
        len(reach.states) - kept,
        base64.b64encode(zlib.compress(bytes(packed), 9)).decode("ascii"),
    )


def _number(value: int) -> Iterator[int]:
    while value >= 128:
        yield value & 127 | 128
        value >>= 7
    yield value
