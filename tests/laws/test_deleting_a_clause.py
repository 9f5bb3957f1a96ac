"""No clause is idle: without it the result is another one, or `check` says that it decides nothing.

A whole check a clause would take minutes, so the cheap parts of a result are compared first, and no counterexample is
sought: an invariant that stood and now does not is another cell of the matrix, whatever it becomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property

import pytest

from callproof.graph import Reach
from callproof.graph.sequences import SequenceGraph
from callproof.limits import DEFAULT_BUDGET
from callproof.model import ALL_LAYERS, instantiate
from callproof.model.clauses import HARDENED, Layer
from callproof.model.instantiate import Selection
from callproof.prove.coverage import Coverage, cover, joined, projected
from callproof.prove.induction import Cone, Induction
from callproof.prove.pairs import Pairs
from callproof.prove.projection import Comparison
from callproof.prove.states import Projections
from callproof.residue import Model
from callproof.run.layer import LayerRun, Side, Times
from callproof.verdict import ClauseCoverage
from ge_memory import SPEC

KIND = "GraphId"
BOUND = 12
ORDER = (HARDENED, *(layer for layer in ALL_LAYERS.values() if layer is not HARDENED))
"""All is proved in `hardened`, so what a deletion breaks shows there first."""


class Unsearched(LayerRun):
    """A layer's proof without counterexamples."""

    def _search(self, *_: object) -> None:
        """Nothing is sought."""


class Subject:
    """The specification without some clauses, as systems of one graph and of two."""

    def __init__(self, *dropped: tuple[str, str]) -> None:
        self._select = Selection(dropped=frozenset(dropped))
        self.one = Side.of(self._model(1), DEFAULT_BUDGET)
        self.reach = cache(self._reach)

    def _model(self, graphs: int) -> Model:
        return Model(instantiate(SPEC, {KIND: graphs}, self._select))

    @cached_property
    def two(self) -> Side:
        return Side.of(self._model(2), DEFAULT_BUDGET)

    @cached_property
    def refutation(self) -> str:
        """Why what is shown of one graph says nothing of two."""
        one, two = self.one.model.system, self.two.model.system
        return Comparison(two, KIND, DEFAULT_BUDGET).projects(one, two, ((1,), (2,)))

    def _reach(self, layer: Layer) -> Reach:
        return Unsearched(layer, BOUND, Times(), lambda _: None).explore(self.one)

    def graph(self, layer: Layer) -> tuple[int, int]:
        reach = self.reach(layer)
        return len(reach.states), len(reach.edges)

    def sequences(self) -> int:
        return SequenceGraph(self.one.model, self.reach(HARDENED)).count(BOUND)

    def pairs(self, layer: Layer) -> Pairs | None:
        if self.refutation:
            return None
        return Pairs(self.one.model, self.two.model, self.reach(layer), KIND)

    def positions(self, side: Side, ids: frozenset[str], *, between: bool = False) -> list[int]:
        """Where the properties of some invariants lie; `between`: those only that speak of two graphs."""
        alone = {prop.id for prop in self.one.model.system.properties}
        named = enumerate(side.model.system.properties)
        return [n for n, prop in named if prop.id in ids and not (between and prop.id in alone)]


class Whole(Subject):
    """The whole specification, with what is known of it."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = self.sequences()
        self.stands = cache(self._stands)
        self.rows = cache(self._rows)

    def _stands(self, layer: Layer) -> frozenset[str]:
        """The invariants that are proved."""
        run, pairs = Unsearched(layer, BOUND, Times(), lambda _: None), self.pairs(layer)
        assert pairs is not None
        run.prove(self.one, self.reach(layer), list(range(len(self.one.model.system.properties))), {})
        props = self.positions(self.two, frozenset(SPEC.invariants), between=True)
        run.prove_pairs(self.two, pairs, props, self.lemmas(frozenset(run.stands)), {})
        return frozenset(run.stands)

    def lemmas(self, ids: frozenset[str]) -> list[int]:
        named = self.two.model.system.properties
        return [n for n in self.positions(self.two, ids) if not named[n].over_step]

    def _rows(self) -> dict[tuple[str, str], ClauseCoverage]:
        """What `check` reports of each clause, in the layer that its exit code judges."""
        pairs, stands = self.pairs(HARDENED), self.positions(self.one, self.stands(HARDENED))
        assert pairs is not None
        one, two = self.one, self.two
        alone = Coverage(one.model, one.solver, one.goals, stands, projected(self.reach(HARDENED)))
        beside = Coverage(two.model, two.solver, two.goals, (), joined(pairs))
        _, rows = cover(HARDENED, alone, beside)
        return {(row.call, row.clause): row for row in rows}


def falls_alone(without: Subject, call: str, layer: Layer) -> bool:
    """Some invariant that stood where there is one graph does not any more.

    The graph being what it was, the obligations of other calls are what they were. And with fewer clauses nothing
    stands that did not before.
    """
    side = without.one
    induction = Induction(side.goals, layer, side.solver, Projections(without.reach(layer)))
    moves = [move.number for move in side.model.moves if move.action.call == call]
    return bool(induction.run(without.positions(side, whole().stands(layer)), (), moves).fell)


def falls_beside(without: Subject, call: str, layer: Layer) -> bool:
    """The same of the invariants between two graphs."""
    side, pairs, known = without.two, without.pairs(layer), whole()
    if pairs is None:
        return True
    induction = Induction(side.goals, layer, side.solver, pairs.project, deepest=Cone.CALL, symbolic=True)
    moves = [number for number in pairs.moves if side.model.moves[number].action.call == call]
    props = without.positions(side, known.stands(layer), between=True)
    alone = known.stands(layer) - {side.model.system.properties[n].id for n in props}
    return bool(induction.run(props, known.lemmas(alone), moves).fell)


@cache
def whole() -> Whole:
    return Whole()


@cache
def clauses() -> dict[str, tuple[str, ...]]:
    """The ids of each call's clauses, where there are two graphs."""
    found: dict[str, dict[str, None]] = {}
    for action in instantiate(SPEC, {KIND: 2}).actions:
        found.setdefault(action.call, {}).update({use.id: None for use in action.clauses})
    return {call: tuple(ids) for call, ids in found.items()}


def differences(call: str, clause: str) -> Iterator[str]:
    """In what the result without a clause differs, the cheapest to find first."""
    without, known = Subject((call, clause)), whole()
    layers = [layer for layer in ORDER if SPEC.clauses[clause].origin in layer.origins]
    if clause in {use.id for action in known.one.model.system.actions if action.call == call for use in action.clauses}:
        for layer in layers:
            if without.graph(layer) != known.graph(layer):
                yield f"{layer.name}: states and edges"
                return  # the rest compares what happens on the same graph
        if without.sequences() != known.counted:
            yield "sequences"
        for layer in layers:
            if falls_alone(without, call, layer):
                yield f"{layer.name}: invariants of one graph"
    for layer in layers:
        if falls_beside(without, call, layer):
            yield f"{layer.name}: invariants between two graphs"


@pytest.mark.parametrize("call", clauses())
def test_a_clause_matters_or_is_reported(call: str) -> None:
    idle = [id for id in clauses()[call] if not whole().rows()[call, id].decides]
    silent = [id for id in clauses()[call] if id not in idle and next(differences(call, id), None) is None]
    assert silent == [], f"{call}: nothing changes without {', '.join(silent)}"


def test_every_clause_of_the_contract_is_used() -> None:
    assert {id for ids in clauses().values() for id in ids} == set(SPEC.clauses)
    assert set(whole().rows()) == {(call, id) for call, ids in clauses().items() for id in ids}


def test_a_deletion_shows() -> None:
    """The comparison itself: deleting nothing changes nothing, and what is deleted is found."""
    nothing = Subject()
    assert nothing.graph(HARDENED) == whole().graph(HARDENED)
    assert whole().stands(HARDENED) == frozenset(SPEC.invariants)
    assert not falls_alone(nothing, "SetGraphConstMemoryBase", HARDENED)
    assert not falls_beside(nothing, "RunGraph", HARDENED)
    assert next(differences("AddGraph", "L3")) == "hardened: states and edges"
    assert next(differences("SetGraphConstMemoryBase", "Q1")) == "hardened: invariants of one graph"
    assert next(differences("RunGraph", "O1")) == "hardened: invariants between two graphs"
