"""What is proved in a layer, and what still is once clauses are taken out: no counterexample is sought."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callproof.graph import Reach, Stepper, explore
from callproof.model.clauses import Layer
from callproof.prove.coverage import States, joined, projected
from callproof.prove.induction import Cone, Induction
from callproof.prove.pairs import Pairs
from callproof.prove.parametric import holds_on_stutters
from callproof.prove.states import Projections
from callproof.run.layer import Side
from callproof.run.resources import Resources


@dataclass(frozen=True, slots=True)
class Standing:
    """The proof of one layer."""

    layer: Layer
    reach: Reach
    pairs: Pairs | None
    ids: frozenset[str]
    """The invariants that are proved."""


class Standings:
    """Proves layers of one specification again and again; what was solved once is not solved anew.

    `two` is the system of two resources, None where no invariant is proved of pairs. A question that differs from an
    earlier one by clauses that its refutation did not use is answered from the refutation (`Solver.core`), so that
    taking out a clause costs about what the clause was good for.
    """

    def __init__(self, one: Side, two: Side | None, resources: Resources, tick: Callable[[str], None]) -> None:
        self.one, self.two, self.resources, self._tick = one, two, resources, tick
        self._alone, self._between = frozenset(resources.alone()), frozenset(resources.pairs())

    @property
    def known(self) -> frozenset[str]:
        """The invariants that can be proved here; the others need more resources than these systems have."""
        return self._alone | self._between

    def whole(self, layer: Layer) -> Standing:
        """What is proved in a layer."""
        reach = self._explore(layer)
        pairs = self._paired(reach)
        alone = self._prove_alone(layer, reach, self._alone, None)
        return Standing(layer, reach, pairs, alone | self._prove_between(layer, pairs, self._between, alone, None))

    def without(self, base: Standing, dropped: frozenset[tuple[str, str]]) -> Standing:
        """What of a layer's proof is left if pairs (call, clause id) are taken out of it.

        Fewer clauses accept more, and prove nothing that was not proved before. Where no new control state can be
        reached, the calls that keep their clauses have the obligations that they had, as long as every invariant
        stands that helped to show them.
        """
        layer = base.layer.less(dropped)
        reach = self._explore(layer)
        same = len(reach.states) == len(base.reach.states)
        calls = frozenset(call for call, _ in dropped) if same else None
        alone = self._prove_alone(layer, reach, base.ids & self._alone, calls)
        kept = same and alone == base.ids & self._alone
        pairs = base.pairs if same else self._paired(reach)
        between = self._prove_between(layer, pairs, base.ids & self._between, alone, calls if kept else None)
        return Standing(layer, reach, pairs, alone | between)

    # -- proofs -------------------------------------------------------------------------------------------------

    def _explore(self, layer: Layer) -> Reach:
        model = self.one.model
        stepper = Stepper(model, layer, self.one.feasible, self.one.tables)
        return explore(stepper, layer, len(model.moves))

    def _paired(self, reach: Reach) -> Pairs | None:
        return None if self.two is None else Pairs(self.one.model, self.two.model, reach, self.resources.kind)

    def _prove_alone(
        self, layer: Layer, reach: Reach, ids: frozenset[str], calls: frozenset[str] | None
    ) -> frozenset[str]:
        """Those of some invariants that one resource keeps; `calls` are the ones to look at, None for all."""
        side = self.one
        induction = Induction(side.goals, layer, side.solver, Projections(reach), self._tick)
        stands = _run(side, induction, ids, (), calls, range(len(side.model.moves)))
        return self._on_stutters(side, projected(reach), stands, stands)

    def _prove_between(
        self,
        layer: Layer,
        pairs: Pairs | None,
        ids: frozenset[str],
        alone: frozenset[str],
        calls: frozenset[str] | None,
    ) -> frozenset[str]:
        """The same between each two resources; `alone` are the invariants that each of them keeps."""
        side = self.two
        if side is None or pairs is None or not ids:
            return frozenset()
        induction = Induction(
            side.goals, layer, side.solver, pairs.project, self._tick, deepest=Cone.CALL, symbolic=True
        )
        stands = _run(side, induction, ids, _positions(side, alone, over_steps=False), calls, pairs.moves)
        return self._on_stutters(side, joined(pairs), stands, alone | stands)

    def _on_stutters(self, side: Side, states: States, ids: frozenset[str], known: frozenset[str]) -> frozenset[str]:
        """Those of some proved invariants that also a call on yet another resource keeps."""
        if not self.resources.any_number:
            return ids
        lemmas = _positions(side, known, over_steps=False)
        fallen = {
            prop.id
            for prop in side.model.system.properties
            if prop.over_step
            and prop.id in ids
            and not holds_on_stutters(side.model, prop, states, side.goals, lemmas, side.solver)
        }
        return ids - fallen


def _run(
    side: Side,
    induction: Induction,
    ids: frozenset[str],
    lemmas: Iterable[int],
    calls: frozenset[str] | None,
    moves: Iterable[int],
) -> frozenset[str]:
    """Prove invariants over some moves, first of all those of the calls that have changed."""
    named, known = side.model.system.properties, tuple(lemmas)
    chosen = list(moves)
    if calls is not None:
        changed = [number for number in chosen if side.model.moves[number].action.call in calls]
        fell = {named[prop].id for prop in induction.run(_positions(side, ids), known, changed).fell}
        if not fell:
            return ids
        ids -= fell
    # What was shown with the help of an invariant that fell has to be shown without it, for every call.
    return ids - {named[prop].id for prop in induction.run(_positions(side, ids), known, chosen).fell}


def _positions(side: Side, ids: frozenset[str], *, over_steps: bool = True) -> list[int]:
    """Where the properties of some invariants lie."""
    named = enumerate(side.model.system.properties)
    return [n for n, prop in named if prop.id in ids and (over_steps or not prop.over_step)]
