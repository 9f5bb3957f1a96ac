"""The shortest walk that breaks an invariant: walks in order of length, each solved as one path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from callproof.prove.goals import Goals
from callproof.prove.paths import Paths, Prefix, Solution
from callproof.residue import FALSE, Move
from callproof.symbolic import Answer
from callproof.trace import Trace

PATH_LIMIT = 300
"""Path queries after which a search gives up."""


class Space(Protocol):
    """Where walks are looked for."""

    def successors(self, state: int) -> Iterable[tuple[int, int, int]]:
        """Move, target and residue of each edge that leaves a state."""

    def add_targets(self, length: int) -> bool:
        """Take in the edges that may break the property on a walk of this length; false if there are none."""

    def is_target(self, state: int, move: int) -> bool:
        """The edge may break the property."""

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


class Search:
    """Looks for the shortest trace that breaks one property."""

    def __init__(self, goals: Goals, paths: Paths, space: Space, prop: int, tick: Callable[[int], None]) -> None:
        self._goals, self._paths, self._space, self._prop = goals, paths, space, prop
        self._model = goals.model
        self._tick = tick
        self._asked = 0
        self._unknown = False
        self._dead: dict[int, Prefix] = {}

    def run(self, bound: int) -> Found:
        """Try walks of 1, 2, ... `bound` calls."""
        try:
            for length in range(1, bound + 1):
                self._tick(length)
                if not self._space.add_targets(length):
                    continue
                for prefix, solution in self._walks(self._paths.start, length):
                    return Found(self._paths.trace(prefix, solution), not self._unknown)
        except OutOfBudget:
            return Found(None, False, f"no counterexample among {PATH_LIMIT} paths")
        if self._unknown:
            return Found(None, False, "the budget ran out on some path")
        return Found(None, False, f"no proof, and no counterexample of {bound} calls or fewer")

    def _walks(self, prefix: Prefix, left: int) -> Iterator[tuple[Prefix, Solution]]:
        """Feasible walks of exactly `left` more calls whose last edge breaks the property, and values for them."""
        state = prefix.state
        for number, target, residue in self._space.successors(state):
            if id(prefix) in self._dead:
                return
            move = self._model.moves[number]
            if left == 1:
                if self._space.is_target(state, number):
                    yield from self._last(prefix, move, target, residue)
            elif self._space.remaining(target) <= left - 1 and not self._changes_nothing(move, state, target):
                longer = self._paths.extend(prefix, move, target, residue)
                if not longer.impossible:
                    yield from self._walks(longer, left - 1)

    def _last(self, prefix: Prefix, move: Move, target: int, residue: int) -> Iterator[tuple[Prefix, Solution]]:
        longer = self._paths.extend(prefix, move, target, residue)
        goals = self._model.pool.and_([goal.after for goal in self._goals.of(self._prop, move)])
        broken = self._model.pool.not_(self._paths.behind(prefix, move, goals))
        if longer.impossible or broken == FALSE:
            return
        self._asked += 1
        if self._asked > PATH_LIMIT:
            raise OutOfBudget
        solution = self._paths.solve(longer, broken)
        if solution.answer is Answer.SAT:
            yield longer, solution
        elif solution.answer is Answer.UNKNOWN:
            self._unknown = True
        else:
            self._bury(longer)

    def _bury(self, prefix: Prefix) -> None:
        """Remember the shortest part of an infeasible walk that no values allow, so that none goes on from there."""
        for part in prefix.chain():
            if part.constraints and self._paths.feasible(part) is Answer.UNSAT:
                self._dead[id(part)] = part
                return

    def _changes_nothing(self, move: Move, state: int, target: int) -> bool:
        """The call leaves everything as it was, so that a shortest trace does without it."""
        if target != state:
            return False
        pool, env = self._model.pool, self._model.state_env
        return all(pool.specialise(value, state) == env[name] for name, value in move.data)
