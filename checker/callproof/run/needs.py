"""Which clauses each proved invariant needs: a clause is taken out, and what falls is what needs it.

This is the inductive validity core of Ghassabani, Gacek and Whalen (FSE 2016), asked of the clauses of a contract. It
is told by proving again without the clause, which is exact: a core alone names clauses that others can stand in for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from callproof.errors import LimitError
from callproof.model.clauses import Layer
from callproof.model.specification import Specification
from callproof.prove.parametric import argue_apart
from callproof.run.edges import Edges
from callproof.run.request import Request
from callproof.verdict import ClauseNeed, EitherClause, NeedRow, Needs


def needs(
    spec: Specification[Any], request: Request, engine: Edges, layer: Layer, tick: Callable[[str], None]
) -> Needs:
    """Take every clause out of a layer, first of all its calls at once and then, where that matters, of each."""
    resources = engine.resources
    if resources.any_number:
        others = {name: count for name, count in resources.counts.items() if name != resources.kind}
        reason = argue_apart(spec, resources.kind, others, request.selection, request.budget)
        if reason:
            return Needs(
                layer.name, (), (), (), note=f"what holds for any {resources.kind} may need all clauses: {reason}"
            )
    tick(f"{layer.name}: proving")
    return _Asked(spec, engine, layer, tick).all()


class _Asked:
    """The questions about one layer."""

    def __init__(self, spec: Specification[Any], engine: Edges, layer: Layer, tick: Callable[[str], None]) -> None:
        self._order, self._layer, self._tick = tuple(spec.invariants), layer, tick
        self._standings = engine.standings()
        self._base = self._standings.whole(layer)
        self._stated = stated(engine, layer)

    def all(self) -> Needs:
        """Each clause by itself, each two that nothing needs, and what is left to say."""
        clauses, rows, untold = [], [], []
        for clause, calls in self._stated.items():
            self._tick(f"{self._layer.name}: without {clause}")
            fallen = self._fallen(clause)
            if fallen is None:
                untold.append(clause)
            clauses.append(ClauseNeed(clause, calls, fallen or ()))
            rows += self._rows(clause, calls, fallen or ())
        rows.sort(key=lambda row: self._order.index(row.invariant))
        unneeded = [row.clause for row in clauses if not row.invariants and row.clause not in untold]
        proved = tuple(id for id in self._order if id in self._base.ids)
        either = tuple(self._either(unneeded))
        return Needs(self._layer.name, proved, tuple(clauses), tuple(rows), either, tuple(untold))

    def _rows(self, clause: str, calls: tuple[str, ...], fallen: tuple[str, ...]) -> list[NeedRow]:
        """For each invariant the calls out of which alone the clause cannot be taken."""
        by_call = dict.fromkeys(calls, fallen)
        if fallen and len(calls) > 1:
            by_call = {call: self._fallen(clause, call=call) or () for call in calls}
        return [NeedRow(id, clause, tuple(call for call in calls if id in by_call[call])) for id in fallen]

    def _either(self, unneeded: list[str]) -> Iterator[EitherClause]:
        """What falls without two clauses that can each be taken out."""
        for first, second in combinations(unneeded, 2):
            self._tick(f"{self._layer.name}: without {first} and {second}")
            fallen = self._fallen(first, second)
            if fallen:
                yield EitherClause((first, second), fallen)

    def _fallen(self, *clauses: str, call: str | None = None) -> tuple[str, ...] | None:
        """The invariants that fall without some clauses; None where there are too many control states to tell."""
        pairs = {(at, id) for id in clauses for at in self._stated[id] if call in (None, at)}
        try:
            left = self._standings.without(self._base, frozenset(pairs))
        except LimitError:
            return None
        return tuple(id for id in self._order if id in self._base.ids - left.ids)


def stated(engine: Edges, layer: Layer) -> dict[str, tuple[str, ...]]:
    """The clauses of a layer with the calls that state them, in the order of the specification."""
    calls: dict[str, dict[str, None]] = {}
    for call, id in _stated(engine, layer):
        calls.setdefault(id, {})[call] = None
    return {id: tuple(calls[id]) for id in engine.spec.clauses if id in calls}


def _stated(engine: Edges, layer: Layer) -> Iterator[tuple[str, str]]:
    for side in engine.sides():
        for action in side.model.system.actions:
            for use in action.clauses:
                if layer.demands(action.call, use.id, use.origin):
                    yield action.call, use.id
