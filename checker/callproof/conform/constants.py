"""Edges that control allows and data does not: sizes that a kind fixes are followed through the sequence graph."""

from __future__ import annotations

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
    start = {model.state_env[name]: pool.const(_sort(abstract, name), 0) for name in model.data_names}
    known: dict[int, Known] = {0: start}
    alive: set[int] = set()
    waiting = [0]
    queued = {0}
    while waiting:
        state = waiting.pop()
        queued.discard(state)
        for number in abstract.leaving.get(state, ()):
            _, target, move, residue = abstract.edge(number)
            formula = _substituted(pool, residue, known[state])
            if formula == FALSE or abstract.solver.check([formula]) is Answer.UNSAT:
                continue
            alive.add(number)
            after = _after(abstract, model.moves[move], state, known[state], formula)
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


def _substituted(pool: Pool, formula: int, known: Known) -> int:
    mapping = {v: known[v] for v in pool.data_of(formula) if v in known}
    return pool.substitute(formula, mapping, {}) if mapping else formula


def _after(abstract: Abstract, move: Move, state: int, known: Known, formula: int) -> Known:
    """The constants behind an edge, `formula` being what it demands."""
    pool, env = abstract.model.pool, abstract.model.state_env
    choices = known | _forced(pool, formula)
    after = dict(known)
    for name, written in move.data:
        value = _substituted(pool, pool.specialise(written, state), choices)
        if pool.op[value] == CONST:
            after[env[name]] = value
        else:
            after.pop(env[name], None)
    return after


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
