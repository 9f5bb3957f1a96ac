"""Edges that control allows and data does not: sizes that a kind fixes are followed through the sequence graph."""

from __future__ import annotations

from collections import deque

from callproof.conform.space import Abstract
from callproof.expr import Sort
from callproof.residue import FALSE, Move
from callproof.residue.pool import CONST, DATA, EQ, Pool
from callproof.symbolic import Answer

Known = dict[int, int]
"""Data variables with the one value that they can have, as formulas; a variable that is missing can have any."""


def dead_edges(abstract: Abstract) -> set[int]:
    """The numbers of the edges that no sequence of accepted calls takes, as far as constants show.

    A state variable has a constant in a control state if every way there gives it the same. The answer is sound: an
    edge that is not among the found ones may be dead all the same.
    """
    model, pool = abstract.model, abstract.model.pool
    followed = _Followed(abstract)
    start = {model.state_env[name]: pool.const(_sort(abstract, name), 0) for name in model.data_names}
    known: dict[int, Known] = {0: start}
    alive: set[int] = set()
    waiting = deque([0])
    queued = {0}
    while waiting:
        state = waiting.popleft()
        queued.discard(state)
        for number in abstract.leaving.get(state, ()):
            _, target, move, residue = abstract.edge(number)
            formula, possible = followed.demanded(residue, known[state])
            if not possible:
                continue
            alive.add(number)
            after = followed.behind(model.moves[move], state, known[state], formula)
            before = known.get(target)
            joined = after if before is None else {v: c for v, c in before.items() if after.get(v) == c}
            if joined != before:
                known[target] = joined
                if target not in queued:
                    queued.add(target)
                    waiting.append(target)
    return set(range(len(abstract.reach.edges))) - alive


def _sort(abstract: Abstract, name: str) -> Sort:
    pool = abstract.model.pool
    return pool.sort[abstract.model.state_env[name]]


class _Followed:
    """Formulas with constants put in, each once: the same few come back on edge after edge."""

    def __init__(self, abstract: Abstract) -> None:
        self._pool, self._solver, self._env = abstract.model.pool, abstract.solver, abstract.model.state_env
        self._substituted: dict[tuple[int, frozenset[tuple[int, int]]], int] = {}
        self._possible: dict[int, bool] = {}
        self._forced: dict[int, Known] = {}

    def demanded(self, residue: int, known: Known) -> tuple[int, bool]:
        """What an edge demands of the data that is left, and whether that can be."""
        formula = self._with(residue, known)
        possible = self._possible.get(formula)
        if possible is None:
            possible = formula != FALSE and self._solver.check([formula]) is not Answer.UNSAT
            self._possible[formula] = possible
        return formula, possible

    def behind(self, move: Move, state: int, known: Known, formula: int) -> Known:
        """The constants behind an edge, `formula` being what it demands."""
        pool, env = self._pool, self._env
        forced = self._forced.get(formula)
        if forced is None:
            forced = self._forced[formula] = _forced(pool, formula)
        choices = known | forced
        after = dict(known)
        for name, written in move.data:
            value = self._with(pool.specialise(written, state), choices)
            if pool.op[value] == CONST:
                after[env[name]] = value
            else:
                after.pop(env[name], None)
        return after

    def _with(self, formula: int, known: Known) -> int:
        mapping = {v: known[v] for v in self._pool.data_of(formula) if v in known}
        if not mapping:
            return formula
        key = formula, frozenset(mapping.items())
        found = self._substituted.get(key)
        if found is None:
            found = self._substituted[key] = self._pool.substitute(formula, mapping, {})
        return found


def _forced(pool: Pool, formula: int) -> Known:
    """Variables that a formula demands to be one constant."""
    found: Known = {}
    for part in pool.conjuncts(formula):
        if pool.op[part] == EQ:
            a, b = pool.args[part]
            for variable, value in ((a, b), (b, a)):
                if pool.op[variable] == DATA and pool.op[value] == CONST:
                    found[variable] = value
    return found
