"""Whether what an invariant speaks of ever comes about."""

from __future__ import annotations

from callproof.graph import Reach
from callproof.residue import TRUE, Model, conjuncts
from callproof.residue.pool import AND, NOT


def premises_reachable(one: Model, reach: Reach, id: str) -> bool:
    """Some reachable state satisfies the premise of some part of an invariant over a state.

    A part is `not (a and b ...)`; its premise is the members but one. An invariant over a step, or between two
    resources, is taken to speak of something: its premise is met by the calls that it names.
    """
    props = [p for p in one.system.properties if p.id == id and not p.over_step]
    if not props:
        return True
    pool = one.pool
    for prop in props:
        for part in conjuncts(pool, one.state_formula(prop)):
            if pool.op[part] != NOT or pool.op[pool.args[part][0]] != AND:
                return True
            members = pool.args[pool.args[part][0]]
            control = [m for m in members if not pool.data_of(m)]
            # Where data is part of it, the premise is what control says; else any member is the conclusion.
            premises = [control] if len(control) < len(members) else [[m for m in control if m != c] for c in control]
            for premise in map(pool.and_, premises):
                if any(pool.specialise(premise, key) == TRUE for key in {s & pool.mask[premise] for s in reach.states}):
                    return True
    return False
