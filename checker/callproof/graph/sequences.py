"""The sequence graph: its walks are the call sequences, counted exactly, enumerated one by one, or drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from callproof.errors import UsageError
from callproof.expr import Kind, Sort
from callproof.graph.explore import Edge, Reach
from callproof.residue import FALSE, Model

if TYPE_CHECKING:
    import networkx as nx

Walk = tuple[Edge, ...]
"""The edges of one call sequence, from the initial state."""

COUNT_LIMIT = 10_000
"""Calls past which sequences are not counted: the counts themselves then have tens of thousands of bits."""


class SequenceGraph:
    """An explored graph whose walks from the initial state are the accepted call sequences, the empty one left out.

    An edge that only the data decides is an edge like any other, so that counts are upper bounds unless
    `prove.exact` shows that data refuses nothing.
    """

    def __init__(self, model: Model, reach: Reach) -> None:
        self.model, self.reach = model, reach
        self._labels: dict[tuple[int, int], str] = {}
        self._when: dict[int, tuple[tuple[str, Sort, int, int], ...]] = {}
        self._graph: nx.MultiDiGraph[int] | None = None

    # -- counting -----------------------------------------------------------------------------------------------

    def count(self, bound: int) -> int:
        """The number of sequences of 1 to `bound` calls."""
        return sum(self.counts_by_length(bound))

    def counts_by_length(self, bound: int) -> tuple[int, ...]:
        """The numbers of sequences of exactly 1, 2, ... `bound` calls."""
        _check_bound(bound)
        if bound > COUNT_LIMIT:
            raise UsageError(f"sequences are counted up to {COUNT_LIMIT:,} calls, not {bound:,}")
        found = tuple(self.counts(bound))
        return (*found, *([0] * (bound - len(found))))

    def counts(self, bound: int) -> Iterator[int]:
        """The same one after another, each computed when asked for; ends early where there are no longer sequences."""
        # An edge is listed as often as it exists, so that a state's number is one sum without a step of Python's.
        depth = self.reach.depth
        states = [s for s in self.reach.states if depth[s] <= bound]
        index = {state: number for number, state in enumerate(states)}
        into: list[list[int]] = [[] for _ in states]
        for source, target, _, _ in self.reach.edges:
            if source in index and target in index:
                into[index[target]].append(index[source])
        reached = [1, *([0] * (len(states) - 1))]
        for length in range(1, bound + 1):
            known = reached.__getitem__
            reached = [
                sum(map(known, sources)) if depth[state] <= length else 0
                for state, sources in zip(states, into, strict=True)
            ]
            total = sum(reached)
            if total == 0:
                return
            yield total

    # -- the graph ----------------------------------------------------------------------------------------------

    def networkx(self) -> nx.MultiDiGraph[int]:
        """Nodes are packed control states with their control variables; an edge's key is its move's number."""
        if self._graph is None:
            import networkx as nx  # costs 70 ms, and counting does without

            graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(name=self.model.system.spec, layer=self.reach.layer.name)
            for state in self.reach.states:
                graph.add_node(state, control=self.model.decode(state), depth=self.reach.depth[state])
            for source, target, move, residue in self.reach.edges:
                graph.add_edge(source, target, key=move, label=self.label(source, move), residue=residue)
            self._graph = graph
        return self._graph

    def leaving(self) -> dict[int, tuple[Edge, ...]]:
        """The edges that leave each state, by the number of the move."""
        found: dict[int, tuple[Edge, ...]] = {}
        for source, targets in self.networkx().adjacency():
            edges = [
                (source, target, int(move), int(data["residue"]))
                for target, keyed in targets.items()
                for move, data in _items(keyed)
            ]
            found[source] = tuple(sorted(edges, key=lambda edge: edge[2]))
        return found

    def walks(self, bound: int) -> Iterator[Walk]:
        """Every sequence of 1 to `bound` calls, the shorter ones first, those of one length in order of their moves."""
        _check_bound(bound)
        leaving = self.leaving()
        for length in range(1, bound + 1):
            found = False
            for walk in _walks(leaving, length):
                found = True
                yield walk
            if not found:
                return

    # -- as a person reads it -----------------------------------------------------------------------------------

    def label(self, state: int, move: int) -> str:
        """An edge as a person names it: `CompileGraph(graph_id=1) [is_static=true]`."""
        whens = self._whens(move)
        mask = 0
        for *_, when in whens:
            mask |= self.model.pool.mask[when]
        key = move, state & mask
        found = self._labels.get(key)
        if found is None:
            found = self._labels[key] = self._label(state, move)
        return found

    def _label(self, state: int, move: int) -> str:
        made = self.model.moves[move]
        action, choices = made.action, dict(made.choices)
        passed = [f"{name}={index}" for name, _, index in action.handles]
        passed += [
            f"{p.name}={_shown(p.var.sort, choices[p.var.name])}" for p in action.params if p.var.name in choices
        ]
        notes = [
            f"{name}={_shown(sort, value)}"
            for name, sort, value, when in self._whens(move)
            if self.model.pool.specialise(when, state) != FALSE
        ]
        if len(action.outcomes) > 1 and made.outcome.name:
            notes.append(f"outcome={made.outcome.name}")
        return f"{action.call}({', '.join(passed)})" + (f" [{', '.join(notes)}]" if notes else "")

    def _whens(self, move: int) -> tuple[tuple[str, Sort, int, int], ...]:
        """Name, sort and value of each control result of a move, and the condition under which it exists."""
        found = self._when.get(move)
        if found is None:
            made = self.model.moves[move]
            choices = dict(made.choices)
            found = self._when[move] = tuple(
                (r.name, r.var.sort, choices[r.var.name], self.model.pool.intern(r.when, made.env))
                for r in made.action.results
                if r.var.name in choices
            )
        return found

    def state_label(self, state: int) -> str:
        """The control variables that are not as they were at first, one a line."""
        changed = [
            name if slot.sort.kind is Kind.BOOLEAN else f"{name}={_shown(slot.sort, slot.of(state))}"
            for name, slot in self.model.slots.items()
            if slot.of(state)
        ]
        return "\n".join(changed) or "initial"

    def dot(self) -> str:
        """The graph in the language of Graphviz, states numbered in order of discovery."""
        number = {state: n for n, state in enumerate(self.reach.states)}
        title = f"{self.model.system.spec}, {self.reach.layer.name}"
        lines = [f"digraph {quoted(title)} {{", "  node [shape=box, fontname=monospace];"]
        lines += [f"  n{n} [label={quoted(self.state_label(state))}];" for state, n in number.items()]
        lines += [
            f"  n{number[source]} -> n{number[target]} [label={quoted(self.label(source, move))}];"
            for source, target, move, _ in self.reach.edges
        ]
        return "\n".join([*lines, "}", ""])


def quoted(text: str) -> str:
    """A string of the DOT language that is drawn as `text`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n")
    return f'"{escaped}"'


def _shown(sort: Sort, value: int) -> str:
    if sort.kind is Kind.BOOLEAN:
        return "true" if value else "false"
    return sort.members[value] if sort.members else str(value)


def _items(keyed: Any) -> Iterator[tuple[Any, Any]]:
    """The parallel edges between two nodes; the stubs of networkx know the attributes of one edge only."""
    yield from keyed.items()


def _check_bound(bound: int) -> None:
    if bound < 0:
        raise UsageError(f"a bound is a number of calls, not {bound}")


def _walks(leaving: dict[int, tuple[Edge, ...]], length: int) -> Iterator[Walk]:
    """The walks of exactly that length. Without recursion, for a walk may be longer than Python's stack."""
    walk: list[Edge] = []
    stack = [iter(leaving.get(0, ()))]
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            if walk:
                walk.pop()
        elif len(walk) + 1 == length:
            yield (*walk, edge)
        else:
            walk.append(edge)
            stack.append(iter(leaving[edge[1]]))
