"""What a clause asks in different ways: calls accepted under one value of an option and refused under another.

The parts of clauses between two resources are of this suite too (see `pairs`), and kinds under options that rule out
what they return elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from callproof.conform.cases import Case, Planned
from callproof.conform.space import Space
from callproof.conform.terms import values
from callproof.conform.world import World
from callproof.expr import variables
from callproof.model.clauses import Origin
from callproof.residue import FALSE, Pool

SUITE = "variants"

Difference = tuple[str, str, str, int, int]
"""Call, clause and option, the option's value by its position, and the other one."""


def differences(world: World, option: str) -> set[Difference]:
    """What could be shown of an option in a world: clauses that can hold under its value and fail under another."""
    machine, pool = world.machine, Pool()
    sort = machine.sorts[machine.slots[option]]
    here = world.initial[machine.slots[option]]
    env = [{option: pool.const(sort, value)} for value in range(sort.values)]
    found: set[Difference] = set()
    for act in world.acts:
        for use in () if act.action.is_event else act.action.clauses:
            if use.origin is Origin.CALLER or option not in variables(use.formula):
                continue
            holds = pool.intern(use.formula, env[here])
            for other in range(sort.values):
                if pool.and_([holds, pool.not_(pool.intern(use.formula, env[other]))]) != FALSE:
                    found.add((act.action.call, use.id, option, here, other))
    return found


def option_cases(space: Space, wanted: set[Difference]) -> Iterator[tuple[Difference, Case]]:
    """Shortest cases whose last call is accepted, while a clause of it fails under the other value."""
    left = set(wanted)
    calls = {call for call, *_ in left}
    for node in space.breadth_first():
        if not left:
            return
        for arc in space.arcs(node):
            act = space.world.acts[arc.goal.act]
            if act.action.call not in calls:
                continue
            for found in [d for d in left if d[0] == act.action.call]:
                state = space.nodes[node].copy()
                args = values(arc.terms, state)
                state[space.world.machine.slots[found[2]]] = found[4]
                failing = act.compiled.explain(state, args, act.no_results)
                if any(act.action.clauses[n].id == found[1] for n in failing):
                    left.discard(found)
                    way = [*space.way(node), (node, arc)]
                    steps = (Planned(a.goal.act, a.terms, True, a.goal) for _, a in way)
                    yield found, Case(SUITE, space.world, tuple(steps))
