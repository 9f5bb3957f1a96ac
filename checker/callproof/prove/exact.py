"""Whether a count of sequences is exact: no reachable state's data refuses a call that its control accepts.

If, for all data that the standing invariants allow in a state, each edge that leaves it has parameters and results
that take it, then by induction over its calls every walk of the graph can be taken: counting walks counts sequences.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from callproof.graph import Reach
from callproof.prove.goals import Goals
from callproof.residue import FALSE, TRUE, Model
from callproof.symbolic import Answer, Solver

EXACT_BUDGET = 200_000
"""Z3 resource units for one question: a proof that is not found at once is not worth waiting for."""
VALUATION_LIMIT = 64
"""Valuations of the options past which the rest is not tried."""


def is_exact(
    model: Model, reach: Reach, stands: Iterable[int], goals: Goals, solver: Solver, bound: int | None = None
) -> bool:
    """True if every walk (of `bound` calls or fewer) is proved to be an accepted sequence; false if no proof was found.

    `stands` are the positions of the invariants that hold in every reachable state. Options are constants of a run,
    and a sequence counts if some run has it. So one valuation of them under which no edge is refused is enough; it
    has to be the same for all edges, since a walk is a run with one valuation.
    """
    return Exactness(model, reach, stands, goals, solver, bound).shown()


class Exactness:
    """The proof for one graph."""

    def __init__(
        self, model: Model, reach: Reach, stands: Iterable[int], goals: Goals, solver: Solver, bound: int | None
    ) -> None:
        self._model, self._solver = model, solver
        self._state = frozenset(model.state_env[name] for name in model.data_names)
        self._options = frozenset(f for f in model.option_env.values() if model.pool.data_of(f))
        self._parts = tuple(dict.fromkeys(part for prop in sorted(stands) for part in goals.parts[prop]))
        self._by_residue: dict[int, set[int]] = {}
        for source, _, _, residue in reach.edges:
            if bound is None or reach.depth[source] < bound:
                self._by_residue.setdefault(residue, set()).add(source)
        self._known: dict[int, bool] = {}

    def shown(self) -> bool:
        """Try each valuation of the options that the edges mention; the cheapest questions first."""
        residues = sorted(
            (r for r in self._by_residue if r != TRUE), key=lambda r: (len(self._model.pool.data_of(r)), r)
        )
        mentioned = frozenset().union(*(self._model.pool.data_of(r) for r in residues)) if residues else frozenset()
        valuations = self._valuations(sorted(mentioned & self._options))
        return any(
            all(self._allows(residue, valuation) for residue in residues)
            for valuation in itertools.islice(valuations, VALUATION_LIMIT)
        )

    def _valuations(self, options: list[int]) -> Iterator[dict[int, int]]:
        pool = self._model.pool
        for values in itertools.product(*(range(pool.sort[option].values) for option in options)):
            yield {o: pool.const(pool.sort[o], v) for o, v in zip(options, values, strict=True)}

    def _allows(self, residue: int, valuation: Mapping[int, int]) -> bool:
        """All data that may stand where the residue guards an edge leaves it satisfiable."""
        pool = self._model.pool
        memo: dict[int, int] = {}
        asked = pool.substitute(residue, valuation, memo)
        if not pool.data_of(asked) & self._state:
            return asked != FALSE and self._solver.check([asked]) is Answer.SAT
        if self._valid(asked):
            return True
        near = [part for part in self._parts if pool.data_of(part) & pool.data_of(asked)]
        mask = 0
        for part in near:
            mask |= pool.mask[part]
        for key in sorted({state & mask for state in self._by_residue[residue]}):
            premises = pool.and_([pool.substitute(pool.specialise(part, key), valuation, memo) for part in near])
            if premises == TRUE or not self._valid(pool.implies(premises, asked)):
                return False
        return True

    def _valid(self, formula: int) -> bool:
        """For every value of the data of the state, some parameters and results make the formula true."""
        found = self._known.get(formula)
        if found is None:
            chosen = self._model.pool.data_of(formula) - self._state
            answer = self._solver.valid_for_all([formula], chosen, EXACT_BUDGET)
            found = self._known[formula] = answer is Answer.UNSAT
        return found
