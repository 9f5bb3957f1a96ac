"""The shortest walk that breaks an invariant: walks in order of length, each solved as one path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callproof.prove.goals import Goal, Goals
from callproof.prove.order import Edge, Order
from callproof.prove.paths import Paths, Prefix
from callproof.residue import FALSE, Move
from callproof.symbolic import Answer
from callproof.trace import Trace

PATH_LIMIT = 5_000
"""Walks after which a search gives up."""


Walk = tuple[Edge, ...]
"""The edges of a walk from the initial state."""


class Space(Protocol):
    """Where walks are looked for."""

    def successors(self, state: int) -> Iterable[tuple[int, int, int]]:
        """Move, target and residue of each edge that leaves a state."""

    def add_targets(self, length: int) -> bool:
        """Take in the edges that may break the property on a walk of this length; false if there are none."""

    def is_target(self, state: int, move: int, target: int) -> bool:
        """The edge may break the property."""

    def goals(self, state: int, move: int) -> Sequence[Goal]:
        """What of the property such an edge may break."""

    def mirror(self, state: int, move: int) -> Mapping[int, int] | None:
        """Variables that must be equal in pairs for a walk that goes on so to mirror one with lower numbers.

        None where it mirrors no other. The mirror image goes the same way up to this state, and breaks the property.
        """

    def remaining(self, state: int) -> float:
        """A lower bound on the calls from a state up to and with an edge that may break the property."""


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search: a trace, or why there is none."""

    trace: Trace | None
    shortest: bool
    reason: str = ""


class OutOfBudget(Exception):
    """The search has asked as many path queries as it may."""


UNKNOWN_LIMIT = 8
"""Paths that the solver cannot decide within the budget, after which a search gives up."""


class Leaving:
    """The edges that leave each state of a space, asked for once."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._known: dict[int, tuple[Edge, ...]] = {}

    def of(self, state: int) -> tuple[Edge, ...]:
        """Those of one state."""
        found = self._known.get(state)
        if found is None:
            found = self._known[state] = tuple(self._space.successors(state))
        return found


class Search:
    """Looks for the shortest trace that breaks one property."""

    def __init__(
        self,
        goals: Goals,
        paths: Paths,
        space: Space,
        prop: int,
        tick: Callable[[int], None],
        limit: int = PATH_LIMIT,
    ) -> None:
        self._goals, self._paths, self._space, self._prop = goals, paths, space, prop
        self._model = goals.model
        self._leaving = Leaving(space)
        self._order = Order(goals.model, self._leaving.of)
        self._tick, self._limit = tick, limit
        self._asked = 0
        self._unknown = False
        self._unknowns = 0
        self._dead: set[Walk] = set()
        self._leading: dict[tuple[int, int], bool] = {}
        self._prefixes: dict[tuple[int, ...], Prefix] = {}
        self._alive: set[Walk] = set()
        """Walks that values may allow."""

    def run(self, bound: int, start: int = 1) -> Found:
        """Try walks of `start`, ... `bound` calls. Nothing may break the property in fewer than `start`."""
        try:
            for length in range(start, bound + 1):
                self._tick(length)
                if not self._space.add_targets(length):
                    continue
                for walk in self._walks(0, 0, (), length):
                    found = self._solve(walk)
                    if found is not None:
                        return found
        except OutOfBudget:
            return Found(None, False, f"no counterexample among {self._asked:,} paths")
        if self._unknown:
            return Found(None, False, "the budget ran out on some path")
        return Found(None, False, f"no proof, and no counterexample of {bound} calls or fewer")

    def _walks(self, source: int, state: int, walk: Walk, left: int) -> Iterator[Walk]:
        """Walks of exactly `left` more calls whose last edge may break the property, as far as control tells.

        `source` is the state before the walk's last call. Of two calls next to each other that commute only the order
        with the lower number first is looked at (the last call of all keeps its place), and of two ends that mirror
        each other the lower. Either exchange keeps a walk feasible and its length, and lowers it lexicographically:
        so the lowest of the shortest ones is among those that are left.
        """
        if walk in self._dead:
            return
        for edge in self._leaving.of(state):
            number, target, _ = edge
            if left == 1:
                if self._space.is_target(state, number, target):
                    yield (*walk, edge)
            elif (
                self._leads_on(state, edge, left - 1)
                and not self._is_image(walk, state, number)
                and not (walk and number < walk[-1][0] and self._order.commute(source, walk[-1], edge))
            ):
                yield from self._walks(state, target, (*walk, edge), left - 1)
            if walk in self._dead:
                return

    def _is_image(self, walk: Walk, state: int, number: int) -> bool:
        mirror = self._space.mirror(state, number)
        if mirror is None:
            return False
        values = self._prefix(walk).values
        return all(values.get(one) == values.get(two) for one, two in mirror.items())

    def _leads_on(self, state: int, edge: Edge, left: int) -> bool:
        """Behind the edge some walk of exactly `left` calls ends in a target, as far as control tells.

        Known once for all lengths: a state that a walk meets with so many calls left meets the same targets later.
        """
        number, target, _ = edge
        found = self._leading.get((target, left))
        if found is None:
            found = self._leading[target, left] = self._leads_from(target, left)
        return found and not (target == state and self._order.changes_nothing(number, state, target))

    def _leads_from(self, state: int, left: int) -> bool:
        if self._space.remaining(state) > left:
            return False
        if left == 1:
            return any(self._space.is_target(state, number, target) for number, target, _ in self._leaving.of(state))
        return any(self._leads_on(state, edge, left - 1) for edge in self._leaving.of(state))

    def _solve(self, walk: Walk) -> Found | None:
        """A trace along the walk, if there are values for one."""
        before, (number, target, residue) = self._prefix(walk[:-1]), walk[-1]
        move = self._model.moves[number]
        prefix = self._paths.extend(before, move, target, residue)
        self._asked += 1
        if self._asked > self._limit:
            raise OutOfBudget
        broken = self._broken(before, prefix, move)
        if not broken:
            self._bury(walk)
            return None
        answers = set()
        for part in broken:
            solution = self._paths.solve(prefix, part)
            if solution.answer is Answer.SAT:
                return Found(self._paths.trace(prefix, solution), not self._unknown)
            answers.add(solution.answer)
        if Answer.UNKNOWN in answers:
            self._note_unknown()
        else:
            self._bury(walk)
        return None

    def _broken(self, before: Prefix, prefix: Prefix, move: Move) -> list[int]:
        """The conjuncts of the property that may be broken behind the path, negated.

        One by one: what refutes one of them is small, and refutes it on many walks.
        """
        if prefix.impossible:
            return []
        goals = self._space.goals(before.state, move.number)
        parts = [self._paths.behind(before, move, g.after) for g in goals]
        negated = dict.fromkeys(self._model.pool.not_(part) for part in parts)
        return [part for part in negated if part != FALSE and not self._paths.refuted(prefix, part)]

    def _note_unknown(self) -> None:
        self._unknown = True
        self._unknowns += 1
        if self._unknowns >= UNKNOWN_LIMIT:
            raise OutOfBudget

    def _prefix(self, walk: Walk) -> Prefix:
        """The path along a walk, built once for all walks that begin with it."""
        if not walk:
            return self._paths.start
        key = tuple(number for number, _, _ in walk)
        found = self._prefixes.get(key)
        if found is None:
            number, target, residue = walk[-1]
            before = self._prefix(walk[:-1])
            found = self._prefixes[key] = self._paths.extend(before, self._model.moves[number], target, residue)
        return found

    def _bury(self, walk: Walk) -> None:
        """Remember the shortest part of an infeasible walk that no values allow, so that none goes on from there."""
        longest = walk[:-1]
        if not longest or self._is_alive(longest):  # then every shorter part is, which asks for less
            return
        for length in range(1, len(walk)):
            if length == len(longest) or not self._is_alive(walk[:length]):
                self._dead.add(walk[:length])
                return

    def _is_alive(self, walk: Walk) -> bool:
        """Values may allow a walk."""
        if walk in self._alive:
            return True
        part = self._prefix(walk)
        if part.impossible or (part.constraints and self._paths.feasible(part) is Answer.UNSAT):
            return False
        self._alive.add(walk)
        return True
