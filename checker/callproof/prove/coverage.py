"""Vacuity: calls that can never be accepted or never be refused, and clauses that never decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from callproof.graph import Reach
from callproof.model.clauses import Layer, Origin
from callproof.model.system import Action
from callproof.prove.goals import Goals
from callproof.prove.pairs import Pairs
from callproof.residue import FALSE, TRUE, Model, Move
from callproof.symbolic import Answer, Solver
from callproof.verdict import CallCoverage, ClauseCoverage

_WRITTEN = frozenset({Origin.DOCUMENTED, Origin.HEADER})
_JUDGED_WITH = {
    Origin.DOCUMENTED: _WRITTEN,
    Origin.HEADER: _WRITTEN,
    Origin.HARDENING: _WRITTEN | {Origin.HARDENING},
    Origin.CALLER: frozenset(Origin),
}
"""The clauses that must hold for a clause of an origin to decide: the verdict looks at these before or with it."""

States = Callable[[int], Iterable[int]]
"""mask -> the reachable projections to look at."""


class Coverage:
    """Looks for a reachable state in which a call is refused, or one clause alone refuses it."""

    def __init__(self, model: Model, solver: Solver, goals: Goals, stands: Iterable[int], states: States) -> None:
        self.model, self.solver, self._states = model, solver, states
        self._lemmas = [part for prop in sorted(stands) for part in goals.parts[prop]]

    def accepts(self, call: str, layer: Layer) -> bool:
        """Some reachable state accepts the call."""
        return any(self.reachable(move.guard(self.model.pool, layer)) for move in self._moves(call))

    def refused(self, call: str, layer: Layer) -> bool:
        """Some reachable state refuses the call."""
        pool = self.model.pool
        return any(self.reachable(pool.not_(move.demands(pool, layer))) for move in self._moves(call))

    def clauses(self) -> list[tuple[str, str]]:
        """Call and id of every clause, in order."""
        return list(dict.fromkeys((m.action.call, id) for m in self.model.moves for id, _, _ in m.clauses))

    def decides(self, call: str, clause: str) -> bool:
        """In some reachable state the clause fails, and all that is judged before or with it holds."""
        pool = self.model.pool
        for move in self._moves(call):
            own = [(origin, f) for id, origin, f in move.clauses if id == clause]
            if not own:
                continue
            judged = _JUDGED_WITH[own[0][0]]
            others = [f for id, origin, f in move.clauses if id != clause and origin in judged]
            if self.reachable(pool.and_([pool.not_(pool.and_([f for _, f in own])), *others])):
                return True
        return False

    def fails(self, call: str, clause: str) -> bool:
        """In some reachable state the clause fails, alone or with others."""
        pool = self.model.pool
        for move in self._moves(call):
            own = pool.and_([f for id, _, f in move.clauses if id == clause])
            if self.reachable(pool.not_(own)):
                return True
        return False

    def _moves(self, call: str) -> Iterator[Move]:
        """The moves of a call on the first resources, once on one and once on several of a kind: others mirror them."""
        for move in self.model.moves:
            if move.action.call == call and _counts_up(move.action):
                yield move

    def reachable(self, formula: int) -> bool:
        """Some reachable state satisfies the formula, as far as the invariants that stand can tell."""
        if formula in (FALSE, TRUE):
            return formula == TRUE
        pool = self.model.pool
        for key in self._states(pool.mask[formula]):
            residue = pool.specialise(formula, key)
            if residue == FALSE or self.solver.check([residue]) is Answer.UNSAT:
                continue
            variables = pool.data_of(residue)
            related = [h for h in self._lemmas if pool.data_of(h) and not variables.isdisjoint(pool.data_of(h))]
            mask = pool.mask[formula]
            for h in related:
                mask |= pool.mask[h]
            for state in self._states(mask):
                if state & pool.mask[formula] == key:
                    known = [pool.specialise(h, state) for h in related]
                    if FALSE not in known and self.solver.check([residue, *known]) is not Answer.UNSAT:
                        return True
        return False


def _counts_up(action: Action) -> bool:
    """Of each kind the first resource is named first, and each further one behind those before it."""
    highest: dict[str, int] = {}
    for _, kind, index in action.handles:
        if index > highest.get(kind, 0) + 1:
            return False
        highest[kind] = max(index, highest.get(kind, 0))
    return True


def projected(reach: Reach) -> States:
    """The projections of an explored graph's states."""
    cache: dict[int, list[int]] = {}

    def states(mask: int) -> Iterable[int]:
        if mask not in cache:
            cache[mask] = sorted({state & mask for state in reach.states})
        return cache[mask]

    return states


def joined(pairs: Pairs) -> States:
    """The projections of the joins of two resources' states."""
    return lambda mask: pairs.project(0, mask)


def cover(
    layer: Layer, one: Coverage, two: Coverage | None
) -> tuple[tuple[CallCoverage, ...], tuple[ClauseCoverage, ...]]:
    """The coverage of every call and clause; `two` looks at the clauses that only speak of two resources."""
    events = {action.call: action.is_event for action in one.model.system.actions}
    calls = tuple(
        CallCoverage(call, is_event, one.accepts(call, layer), one.refused(call, layer))
        for call, is_event in events.items()
    )
    known = one.clauses()
    rows = [_row(one, call, clause) for call, clause in known]
    if two is not None:
        rows += [_row(two, call, clause) for call, clause in two.clauses() if (call, clause) not in known]
    order = {call: position for position, call in enumerate(events)}
    return calls, tuple(sorted(rows, key=lambda row: order[row.call]))


def _row(coverage: Coverage, call: str, clause: str) -> ClauseCoverage:
    decides = coverage.decides(call, clause)
    return ClauseCoverage(call, clause, decides or coverage.fails(call, clause), decides)
