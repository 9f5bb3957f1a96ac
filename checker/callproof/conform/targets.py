"""The clauses of a world, each to be seen failing alone, and where that can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from callproof.conform.goals import Goal, judged_with
from callproof.conform.space import Abstract, Space
from callproof.conform.terms import Terms
from callproof.conform.world import World
from callproof.model.clauses import Origin
from callproof.residue import FALSE, TRUE, Move, Pool
from callproof.symbolic import Answer

MISSES = 8
"""Searches in vain after which no more states are tried for a goal."""

Target = tuple[str, str]
"""A call and the id of one of its clauses."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A target with the terms that show it in one node."""

    target: Target
    goal: Goal
    terms: Terms


def targets(world: World) -> list[Target]:
    """Every clause that a driver can be held to, in the order of the specification: duties of callers are left out."""
    found: dict[Target, None] = {}
    for act in world.acts:
        for use in act.action.clauses:
            if use.origin is not Origin.CALLER:
                found[act.action.call, use.id] = None
    return list(found)


def goals_of(
    abstract: Abstract, world: World, wanted: Iterable[Target], strict: bool = True
) -> Iterator[tuple[Target, Goal, int]]:
    """The goals that show a target, each with the formula over control and data that says where."""
    pool = abstract.model.pool
    wanted = list(wanted)
    seen: set[Goal] = set()
    for move in abstract.model.moves:
        act = world.machine.action(move.action.call, move.action.indices)
        passed = {p.var.name for p in move.action.params}
        choices = tuple((name, value) for name, value in move.choices if name in passed)
        for target in wanted:
            goal = Goal(act, choices, None, target[1], strict)
            if target[0] != move.action.call or goal in seen:
                continue
            seen.add(goal)
            formula = alone(move, target[1], pool, strict)
            if formula != FALSE:
                yield target, goal, formula


def alone(move: Move, clause: str, pool: Pool, strict: bool = True) -> int:
    """The condition that a clause fails and every other one of the call holds, or those that `strict` asks for."""
    own = [(origin, formula) for id, origin, formula in move.clauses if id == clause]
    if not own:
        return FALSE
    judged = frozenset(Origin) if strict else judged_with(own[0][0])
    others = [formula for id, origin, formula in move.clauses if id != clause and origin in judged]
    return pool.and_([pool.not_(pool.and_([formula for _, formula in own])), *others])


def can_fail(world: World, target: Target) -> bool:
    """The options of the setting leave something of the clause."""
    pool = Pool()
    options = world.setting.options
    env = {v.name: pool.const(v.sort, v.sort.members.index(options[v.sort.name])) for v in world.system.options}
    return any(
        pool.intern(use.formula, env) != TRUE
        for act in world.acts
        if act.action.call == target[0]
        for use in act.action.clauses
        if use.id == target[1]
    )


def find(space: Space, wanted: Iterable[Target], strict: bool = True) -> Mapping[int, tuple[Aim, ...]]:
    """For each node what targets can be shown there, one goal each. Looks at every node of the space."""
    abstract, found = space.abstract, dict[int, dict[Target, Aim]]()
    pool = abstract.model.pool
    for node in space.breadth_first():
        space.arcs(node)
    for target, goal, formula in goals_of(abstract, space.world, wanted, strict):
        answers: dict[int, bool] = {}
        misses = 0
        for node, control in enumerate(space.control):
            here = found.setdefault(node, {})
            if target in here:
                continue
            key = control & pool.mask[formula]
            if key not in answers:
                residue = pool.specialise(formula, key)
                answers[key] = residue != FALSE and abstract.solver.check([residue]) is not Answer.UNSAT
            if answers[key] and misses < MISSES:
                shot = space.marksman.aim(space.nodes[node], goal)
                if shot is not None:
                    here[target] = Aim(target, goal, shot.terms)
                else:
                    misses += space.marksman.searched
    return {node: tuple(here.values()) for node, here in found.items() if here}
