"""Clauses that cannot fail alone: proved over the whole sequence graph, whatever a driver offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callproof.conform.targets import Target, alone
from callproof.graph import Stepper, explore
from callproof.model.clauses import HARDENED
from callproof.model.instantiate import Selection, instantiate
from callproof.model.specification import Specification
from callproof.prove.coverage import Coverage, projected
from callproof.prove.goals import Goals
from callproof.prove.induction import Induction
from callproof.prove.states import Projections
from callproof.residue import Model
from callproof.symbolic import Answer, Solver


def impossible_alone(
    spec: Specification[Any], wanted: Iterable[Target], readings: tuple[tuple[str, str], ...] = ()
) -> tuple[frozenset[Target], frozenset[Target]]:
    """The wanted targets that fail alone in no state that accepted calls reach; those among them that never decide.

    Decided by control and by the invariants that hold in every such state; a clause between two resources is never
    among them, for one resource is looked at.
    """
    wanted = list(wanted)
    if not wanted:
        return frozenset(), frozenset()
    model = Model(instantiate(spec, {}, Selection(readings)))
    solver = Solver(model.pool)
    stepper = Stepper(model, HARDENED, lambda residue: solver.check([residue]) is not Answer.UNSAT)
    reach = explore(stepper, HARDENED, len(model.moves))
    goals = Goals(model)
    stands = Induction(goals, HARDENED, solver, Projections(reach)).run(range(len(model.system.properties))).stands
    coverage = Coverage(model, solver, goals, stands, projected(reach))

    def never(target: Target, strict: bool) -> bool:
        call, clause = target
        own = [m for m in model.moves if m.action.call == call and any(id == clause for id, _, _ in m.clauses)]
        formulas = {alone(move, clause, model.pool, strict) for move in own}
        return bool(own) and not any(coverage.reachable(formula) for formula in sorted(formulas))

    strictly = [target for target in wanted if never(target, True)]
    return frozenset(strictly), frozenset(target for target in strictly if never(target, False))
