"""The engine `edges`: each edge of the sequence graph proved once, for sequences of any length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callproof.answers import Answers
from callproof.errors import LimitError
from callproof.graph import Reach
from callproof.graph.sequences import SequenceGraph
from callproof.model.clauses import Layer
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.prove.coverage import Coverage, States, cover, joined, projected
from callproof.prove.exact import is_exact
from callproof.prove.pairs import Pairs
from callproof.prove.parametric import Wide, holds_on_stutters
from callproof.prove.vacuity import premises_reachable
from callproof.run.judged import Judged, LayerAnswer
from callproof.run.layer import LayerRun, Shown, Side, Times
from callproof.run.memory import Memory, once
from callproof.run.request import Request
from callproof.run.resources import Resources
from callproof.run.sides import Sides
from callproof.run.standing import Standings
from callproof.symbolic import Answer
from callproof.trace import Trace
from callproof.verdict import CallCoverage, ClauseCoverage, SequenceCount, Status, Work


@dataclass(frozen=True, slots=True)
class _Proved:
    """What is left of one layer's run for the questions that follow it."""

    reach: Reach
    stands: frozenset[int]
    pairs: Pairs | None


class Edges:
    """One check by this engine; layers are asked for one after another, the weakest first."""

    def __init__(
        self,
        spec: Specification[Any],
        request: Request,
        resources: Resources,
        tick: Callable[[str], None],
        answers: Answers | None = None,
        enrich: Callable[[System], System] = lambda system: system,
    ) -> None:
        self.spec, self.request, self.tick = spec, request, tick
        self._sides = Sides(spec, request, answers, enrich)
        self.times = Times()
        self._obligations = self._distinct = 0
        self._earlier: dict[str, Trace] = {}
        self._last: _Proved | None = None
        self.memory: Memory | None = None
        """Set where a layer's invariants are judged a few at a time: what they have in common is then kept."""
        self._stood: tuple[Layer, dict[str, frozenset[str]]] | None = None
        self.shares = False
        """Take over what the layer judged before has shown, where this one demands all that it demands.

        Each sequence that the stronger layer accepts the weaker one accepts, with the same effects. So an invariant
        that is proved in the weaker layer holds in the stronger one, where it is a lemma and no obligation; and a
        shortest counterexample of the weaker layer that the stronger one accepts is a shortest one there, so that
        the invariant needs no attempt at a proof. What fell in the weaker layer by a trace that the stronger one
        refuses is proved, or searched from that trace's length on.

        A certificate asks for each layer's whole proof, and a question about a few invariants is no layer's answer:
        neither shares.
        """
        self.shown: tuple[Shown, ...] = ()
        """The proofs of the layer judged last."""
        self.resources = self._affordable(resources)
        self.one = self._sides.first(self.resources)

    def _side(self, count: int) -> Side:
        """The system with so many resources of the first kind."""
        return self._sides.of(self.resources, count)

    def _affordable(self, resources: Resources) -> Resources:
        """Without an argument for any number: as many resources as invariants name, if their states can be held."""
        self.resources = resources
        if not resources.note or resources.count == 1:
            return resources
        try:
            for layer in self.request.layers:
                self._run(layer).explore(self._side(resources.count))
        except LimitError:
            return resources.fallen_back(1, f"{resources.note}; and {resources.count} have too many control states")
        return resources

    def _run(self, layer: Layer, wanted: tuple[str, ...] | None = None) -> LayerRun:
        sought = self.request.invariants if wanted is None else wanted
        return LayerRun(layer, self.request.bound, self.times, self.tick, sought, memory=self.memory)

    # -- one layer ----------------------------------------------------------------------------------------------

    def layer(
        self, layer: Layer, wanted: tuple[str, ...] | None = None, earlier: dict[str, Trace] | None = None
    ) -> LayerAnswer:
        """Judge every invariant in a layer, or those that are `wanted`.

        `earlier` are shortest counterexamples of a weaker layer, by default of the one that was judged last.
        """
        run = self._run(layer, wanted)
        self._last, self.shown = None, ()  # the graph of another layer is let go before this one's is explored
        if self.shares and wanted is None and earlier is None:
            run.shares = True
            if self._stood is not None and layer.demands_all_of(self._stood[0]):
                run.settled = self._stood[1]
        if earlier is not None:
            self._earlier = earlier
        reach = run.explore(self.one)
        properties = self.one.model.system.properties
        ids = set(self.resources.alone())
        stands = run.prove(self.one, reach, [n for n, p in enumerate(properties) if p.id in ids], self._earlier)
        pairs = self._pairs(run, reach) if wanted is None or set(wanted) & set(self.resources.pairs()) else None
        wide = self.resources.wide() | self._on_stutters(run, reach, pairs)
        reasons = self._literally(run, wide)
        self._earlier = {id: replay.trace for id, (replay, _, shortest) in run.found.items() if shortest}
        self._obligations += run.obligations
        self._distinct += run.distinct
        self._last = _Proved(reach, stands, pairs)
        self._stood = (layer, run.stood) if run.shares else None
        self.shown = () if run.shares else tuple(run.shown)
        asked = self.resources.named if wanted is None else wanted
        judged = {id: self._judge(run, reach, id, wide.get(id), reasons) for id in asked}
        return LayerAnswer(layer, judged, len(reach.states), len(reach.edges))

    def _pairs(self, run: LayerRun, reach: Reach) -> Pairs | None:
        wanted = self.resources.pairs()
        if not wanted:
            return None
        two = self._side(2)
        pairs = once(
            run.memory, ("joined", id(reach)), lambda: Pairs(self.one.model, two.model, reach, self.resources.kind)
        )
        properties = two.model.system.properties
        props = [n for n, prop in enumerate(properties) if prop.id in wanted]
        run.prove_pairs(two, pairs, props, self._lemmas(run, two), self._earlier)
        return pairs

    def _lemmas(self, run: LayerRun, side: Side) -> list[int]:
        """What one resource alone has shown, and so holds of each among any number."""
        known = run.stands & set(self.resources.alone())
        return [n for n, p in enumerate(side.model.system.properties) if p.id in known and not p.over_step]

    def _on_stutters(self, run: LayerRun, reach: Reach, pairs: Pairs | None) -> dict[str, Wide]:
        """Invariants over a step that stand, but not on a call on yet another resource."""
        if not self.resources.any_number:
            return {}
        kind, found = self.resources.kind, {}
        sides: list[tuple[Side, States, list[str]]] = [(self.one, projected(reach), self.resources.alone())]
        if pairs is not None:
            sides.append((self._side(2), joined(pairs), self.resources.pairs()))
        for side, states, ids in sides:
            lemmas = self._lemmas(run, side)
            for prop in side.model.system.properties:
                if not prop.over_step or prop.id not in ids or prop.id not in run.stands:
                    continue
                if not holds_on_stutters(side.model, prop, states, side.goals, lemmas, side.solver):
                    count = self.resources.needed(prop.id) + 1
                    found[prop.id] = Wide(count, f"{prop.id} speaks of steps of a further {kind}")
        return found

    def _literally(self, run: LayerRun, wide: dict[str, Wide]) -> dict[str, str]:
        """Check invariants with as many resources as each needs; the reason where these are too many."""
        failed = {}
        wanted = {id: w for id, w in wide.items() if not run.wanted or id in run.wanted}
        for count in sorted({w.count for w in wanted.values()}):
            ids = [id for id, w in wanted.items() if w.count == count]
            run.stands -= set(ids)
            side = self._side(count)
            properties = side.model.system.properties
            try:
                reach = run.explore(side)
            except LimitError:
                for id in ids:
                    run.fell[id] = Answer.UNKNOWN
                    failed[id] = f"{wide[id].reason}; and {count} have too many control states"
                continue
            props = [n for n, prop in enumerate(properties) if prop.id in ids]
            run.prove(side, reach, props, self._earlier, self._lemmas(run, side), f"with {count}")
        return failed

    def _judge(self, run: LayerRun, reach: Reach, id: str, wide: Wide | None, reasons: dict[str, str]) -> Judged:
        kind = self.resources.kind
        scope = self.resources.scope(id, None if wide is None else wide.count)
        why = "" if wide is None else f"with {wide.count} {kind}, for {wide.reason}"
        if id in run.found:
            replay, side, shortest = run.found[id]
            return Judged(Status.VIOLATED, scope, "", replay, side.model.system, shortest)
        if id in run.fell:
            return Judged(Status.UNKNOWN, scope, reasons.get(id) or run.reasons.get(id, ""))
        if self.resources.note and self.resources.needed(id) > self.resources.count:
            return Judged(Status.UNKNOWN, scope, f"it speaks of {self.resources.needed(id)} {kind}, and one was there")
        explored = id in self.resources.alone() and wide is None
        if explored and not premises_reachable(self.one.model, reach, id):
            return Judged(Status.VACUOUS, scope, "what it speaks of can never come about")
        if self.resources.trivial(id):
            why = f"it names {self.resources.named[id]} {kind}, and there is {self.resources.count}"
        return Judged(Status.PROVED, scope, why)

    # -- behind the last layer ----------------------------------------------------------------------------------

    def coverage(self, layer: Layer) -> tuple[tuple[CallCoverage, ...], tuple[ClauseCoverage, ...]]:
        """Which calls and clauses of the layer judged last accept, refuse and decide."""
        assert self._last is not None
        self.tick("looking for clauses that never decide")
        reach, pairs = self._last.reach, self._last.pairs
        one = Coverage(self.one.model, self.one.solver, self.one.goals, self._last.stands, projected(reach))
        two = None
        if pairs is not None:
            side = self._side(2)
            two = Coverage(side.model, side.solver, side.goals, (), joined(pairs))
        return cover(layer, one, two)

    def never_accepted(self) -> tuple[str, ...]:
        """The calls that the layer judged last refuses in every state."""
        assert self._last is not None
        one, layer = self.one, self._last.reach.layer
        coverage = Coverage(one.model, one.solver, one.goals, self._last.stands, projected(self._last.reach))
        calls = dict.fromkeys(action.call for action in one.model.system.actions)
        return tuple(call for call in calls if not coverage.accepts(call, layer))

    def sequences(self) -> SequenceCount:
        """How many sequences the layer judged last accepts."""
        assert self._last is not None
        self.tick("counting sequences")
        accepted = SequenceGraph(self.one.model, self._last.reach).count(self.request.bound)
        one = self.one
        exact = is_exact(one.model, self._last.reach, self._last.stands, one.goals, one.solver)
        return SequenceCount(self.request.bound, accepted, exact)

    def sides(self) -> tuple[Side, ...]:
        """The system of one resource, and where something is proved of pairs that of two."""
        return (self.one, self._side(2)) if self.resources.pairs() else (self.one,)

    def standings(self) -> Standings:
        """Proofs without counterexamples on the same systems, with all that was solved so far."""
        return Standings(self.one, self.sides()[1] if self.resources.pairs() else None, self.resources, self.tick)

    def work(self, total: float) -> Work:
        """What it has cost; `total` in seconds."""
        statistics = self._sides.statistics()
        return Work(
            self._obligations,
            self._distinct,
            sum(s.calls for s in statistics),
            sum(s.kept for s in statistics),
            self.times.graph,
            self.times.proof,
            self.times.search,
            sum(s.seconds for s in statistics),
            total,
        )
