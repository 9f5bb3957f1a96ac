"""Whether the outcomes of a call divide its cases: exactly one is possible whenever the call is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from callproof.errors import Location, SpecError
from callproof.expr import TRUE
from callproof.model.clauses import Origin
from callproof.residue import Model
from callproof.symbolic import Answer, Solver

_WRITTEN = frozenset({Origin.DOCUMENTED, Origin.HEADER})


def require_divided(model: Model, solver: Solver, places: Mapping[str, Location]) -> None:
    """Raise `SpecError` where two outcomes are possible at once, or none is, in whatever state.

    Where the budget is too small to tell, the interpreter still refuses such a step when it meets one.
    `places` says where each call is declared. The interpreter and the engines would otherwise each take another one.
    """
    pool = model.pool
    env = {**model.state_env, **model.option_env}
    for action in model.system.actions:
        if len(action.outcomes) == 1 and action.outcomes[0].when == TRUE:
            continue
        memo: dict[int, int] = {}
        accepted = [pool.intern(c.formula, env, memo) for c in action.clauses if c.origin in _WRITTEN]
        accepted += [pool.intern(a.formula, env, memo) for a in action.axioms]
        whens = [pool.intern(outcome.when, env, memo) for outcome in action.outcomes]
        place = places[action.call]
        for (first, a), (second, b) in combinations(zip(action.outcomes, whens, strict=True), 2):
            if solver.check([*accepted, a, b]) is Answer.SAT:
                raise SpecError(
                    f"outcomes {first.name!r} and {second.name!r} of {action.call} are possible at once; "
                    "make their conditions exclude each other",
                    place,
                )
        if solver.check([*accepted, *(pool.not_(when) for when in whens)]) is Answer.SAT:
            raise SpecError(f"{action.call} can be accepted with no outcome possible; add one for the rest", place)
