"""The sequence graph made concrete: states with sizes and addresses in them, and arguments for every edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from callproof.conform.goals import Goal, Marksman
from callproof.conform.terms import Terms
from callproof.conform.world import World
from callproof.graph import Edge, Reach, Stepper, explore
from callproof.model.clauses import HARDENED
from callproof.model.system import System
from callproof.residue import Model
from callproof.semantics import State
from callproof.symbolic import Answer, Solver

NODE_LIMIT = 60_000
"""Concrete states past which no more are looked at."""

EdgeKey = tuple[int, str, tuple[int, ...], tuple[tuple[str, int], ...], str, int]
"""An edge as it is named in every setting: source, call, handles, choices, outcome, target."""


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge with arguments that take it from one concrete state to another."""

    edge: int
    goal: Goal
    terms: Terms
    target: int


class Abstract:
    """The sequence graph of a world: every edge is a call that the contract accepts there."""

    def __init__(self, world: World, system: System) -> None:
        """`system` is the world's with what its setting fixes."""
        self.model = Model(system)
        self.solver = Solver(self.model.pool)
        stepper = Stepper(self.model, HARDENED, self._feasible)
        self.reach: Reach = explore(stepper, HARDENED, len(self.model.moves))
        self.leaving: dict[int, list[int]] = {}
        for number, edge in enumerate(self.reach.edges):
            self.leaving.setdefault(edge[0], []).append(number)
        self.goals = tuple(self._goal(world, number) for number in range(len(self.model.moves)))
        self._slots = tuple((world.machine.slots[name], slot.shift) for name, slot in self.model.slots.items())

    def _feasible(self, residue: int) -> bool:
        return self.solver.check([residue]) is not Answer.UNSAT

    def _goal(self, world: World, number: int) -> Goal:
        move = self.model.moves[number]
        act = world.machine.action(move.action.call, move.action.indices)
        outcome = next(n for n, o in enumerate(move.action.outcomes) if o is move.outcome)
        return Goal(act, move.choices, outcome)

    def pack(self, state: State) -> int:
        """The control state of a concrete state."""
        packed = 0
        for slot, shift in self._slots:
            packed |= state[slot] << shift
        return packed

    def edge_key(self, number: int) -> EdgeKey:
        """The edge's name in every setting."""
        source, target, move, _ = self.reach.edges[number]
        made = self.model.moves[move]
        return source, made.action.call, made.action.indices, made.choices, made.outcome.name, target

    def edge(self, number: int) -> Edge:
        return self.reach.edges[number]


class Space:
    """Concrete states, found from the initial one as they are asked for; states with one key are one node."""

    def __init__(self, world: World, abstract: Abstract) -> None:
        self.world, self.abstract = world, abstract
        self.marksman = Marksman(world)
        self.nodes: list[State] = [world.initial]
        self.control: list[int] = [abstract.pack(world.initial)]
        self.parent: list[tuple[int, int]] = [(-1, -1)]
        """The node and the position of its arc by which each node was found, on a shortest way."""
        self._index: dict[Any, int] = {world.key(world.initial): 0}
        self._arcs: dict[int, tuple[Arc, ...]] = {}

    def arcs(self, node: int) -> tuple[Arc, ...]:
        """The edges that can be taken from a node."""
        found = self._arcs.get(node)
        if found is None:
            found = self._arcs[node] = tuple(self._leave(node))
        return found

    def known(self, node: int) -> tuple[Arc, ...]:
        """The same where the node was looked at before, else nothing."""
        return self._arcs.get(node, ())

    def _leave(self, node: int) -> Iterator[Arc]:
        state, abstract = self.nodes[node], self.abstract
        for edge in abstract.leaving.get(self.control[node], ()):
            goal = abstract.goals[abstract.edge(edge)[2]]
            shot = self.marksman.aim(state, goal)
            if shot is not None:
                target = self._node(shot.after, node)
                if target >= 0:
                    yield Arc(edge, goal, shot.terms, target)

    def find(self, state: State) -> int:
        """The node of a state, or -1 where none was made for it."""
        return self._index.get(self.world.key(state), -1)

    def _node(self, state: State, source: int) -> int:
        key = self.world.key(state)
        found = self._index.get(key)
        if found is None:
            if len(self.nodes) >= NODE_LIMIT:
                return -1
            found = self._index[key] = len(self.nodes)
            self.nodes.append(state)
            self.control.append(self.abstract.pack(state))
            self.parent.append((source, -1))
        return found

    def expand(self, wanted: Iterable[int]) -> set[int]:
        """Look at node after node in order of distance until every wanted edge has been taken; those that were not."""
        left = set(wanted)
        for node in self.breadth_first():
            if not left:
                break
            left.difference_update(arc.edge for arc in self.arcs(node))
        return left

    def breadth_first(self) -> Iterator[int]:
        """Every node, found on the way."""
        node = 0
        while node < len(self.nodes):
            yield node
            node += 1

    def way(self, node: int) -> list[tuple[int, Arc]]:
        """A shortest way from the initial state: nodes with the arc taken there."""
        found: list[tuple[int, Arc]] = []
        while node:
            source = self.parent[node][0]
            arc = next(arc for arc in self.arcs(source) if arc.target == node)
            found.append((source, arc))
            node = source
        return found[::-1]
