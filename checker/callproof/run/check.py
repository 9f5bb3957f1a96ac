"""`check`: every invariant in every layer, by proof or by a shortest counterexample."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callproof.errors import UsageError
from callproof.graph import Reach
from callproof.graph.sequences import SequenceGraph
from callproof.model.clauses import ALL_LAYERS, LAYERS, Layer
from callproof.model.instantiate import Selection, handle_kinds, instantiate
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.prove.coverage import Coverage, cover, joined, projected
from callproof.prove.exact import is_exact
from callproof.prove.outcomes import require_divided
from callproof.prove.pairs import Pairs, locality
from callproof.prove.vacuity import premises_reachable
from callproof.residue import Model
from callproof.run.layer import LayerRun, Side, Times
from callproof.run.shown import shown
from callproof.symbolic import DEFAULT_BUDGET, Answer
from callproof.trace import Trace
from callproof.verdict import CheckResult, Finding, LayerResult, SequenceCount, Status, Work


@dataclass(frozen=True, slots=True)
class Request:
    """What `check` is asked. `budget` is in Z3 resource units a query."""

    layer: str = "all"
    bound: int = 12
    graphs: int = 1
    readings: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    invariants: tuple[str, ...] = ()
    budget: int = DEFAULT_BUDGET
    dropped: frozenset[tuple[str, str]] = frozenset()
    """Pairs (call, clause id) to leave out of the specification."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers to check, the weakest first."""
        return LAYERS if self.layer == "all" else (ALL_LAYERS[self.layer],)


def check(spec: Specification[Any], request: Request, tick: Callable[[str], None] | None = None) -> CheckResult:
    """Check a specification.

    Raises `UsageError` for a wrong request, `SpecError` for a faulty specification and `LimitError` where the state
    space is too large.
    """
    return _Check(spec, request, tick or (lambda _: None)).run()


class _Check:
    def __init__(self, spec: Specification[Any], request: Request, tick: Callable[[str], None]) -> None:
        self._started = time.perf_counter()
        if request.layer != "all" and request.layer not in ALL_LAYERS:
            raise UsageError(f"unknown layer {request.layer!r}; the layers are all, {', '.join(ALL_LAYERS)}")
        for id in request.invariants:
            if id not in spec.invariants:
                raise UsageError(f"unknown invariant {id!r}; {spec.name} has {', '.join(spec.invariants)}")
        require_clean(spec)
        self.spec, self.request, self.tick = spec, request, tick
        self._kinds = [kind.__name__ for kind in handle_kinds(spec.state)]
        select = Selection(request.readings, request.options, dropped=request.dropped)
        self._select = select
        counts = {self._kinds[0]: request.graphs} if self._kinds else {}
        self.one = Side.of(Model(instantiate(spec, counts, select)), request.budget)
        places = {name: operation.location for name, operation in spec.operations.items()}
        require_divided(self.one.model, self.one.solver, places)
        self._times = Times()
        self._two: Side | None = None
        self._pair_reason: str | None = None

    # -- two resources ------------------------------------------------------------------------------------------

    def _pair_ids(self) -> list[str]:
        """Invariants that name two resources of the first kind, which one resource alone has no instance of."""
        alone = {prop.id for prop in self.one.model.system.properties}
        return [id for id in self.spec.invariants if id not in alone]

    def _side_of_two(self) -> Side | None:
        """The system of two resources, where invariants ask for it and the argument for pairs holds."""
        if self._two is None and self._pair_reason is None and self._pair_ids():
            kind = self._kinds[0]
            model = Model(instantiate(self.spec, {kind: 2}, self._select))
            side = Side.of(model, self.request.budget)
            self._pair_reason = locality(self.one.model, model, kind, side.solver)
            if self._pair_reason is None:
                self._two = side
        return self._two

    # -- layers -------------------------------------------------------------------------------------------------

    def run(self) -> CheckResult:
        earlier: dict[str, Trace] = {}
        layers: list[LayerResult] = []
        numbers: list[Trace] = []
        obligations = distinct = 0
        for layer in self.request.layers:
            run = LayerRun(layer, self.request.bound, self._times, self.tick, self.request.invariants)
            reach = run.explore(self.one)
            props = list(range(len(self.one.model.system.properties)))
            proof = run.prove(self.one, reach, props, earlier)
            pairs = self._pairs(run, reach, earlier)
            earlier = {id: replay.trace for id, (replay, _, shortest) in run.found.items() if shortest}
            obligations += run.obligations
            distinct += run.distinct
            layers.append(self._layer_result(run, reach, numbers))
        calls, clauses = self._coverage(layer, reach, proof.stands, pairs)
        sequences = self._sequences(reach, proof.stands)
        system = self.one.model.system
        total = time.perf_counter() - self._started
        solvers = [self.one.solver, *([self._two.solver] if self._two else [])]
        return CheckResult(
            self.spec.name,
            self.spec.title,
            self.spec.version,
            system.readings,
            self.request.options,
            system.counts,
            layer.name,
            tuple(layers),
            sequences,
            calls,
            clauses,
            Work(
                obligations,
                distinct,
                sum(s.statistics.calls for s in solvers),
                self._times.graph,
                self._times.proof,
                self._times.search,
                sum(s.statistics.seconds for s in solvers),
                total,
            ),
        )

    def _pairs(self, run: LayerRun, reach: Reach, earlier: dict[str, Trace]) -> Pairs | None:
        wanted = self._pair_ids()
        two = self._side_of_two()
        if two is None:
            for id in wanted:
                run.fell[id] = Answer.UNKNOWN
                run.reasons[id] = f"no argument for two resources: {self._pair_reason}"
            return None
        pairs = Pairs(self.one.model, two.model, reach, self._kinds[0])
        properties = two.model.system.properties
        props = [n for n, prop in enumerate(properties) if prop.id in wanted]
        lemmas = [n for n, p in enumerate(properties) if p.id in run.stands and not p.over_step]
        run.prove_pairs(two, pairs, props, lemmas, earlier)
        return pairs

    def _layer_result(self, run: LayerRun, reach: Reach, numbers: list[Trace]) -> LayerResult:
        findings = []
        for id, invariant in self.spec.invariants.items():
            if self.request.invariants and id not in self.request.invariants:
                continue
            scope = self._scope(id)
            status, reason, example = Status.PROVED, "", None
            if id in run.found:
                replay, side, shortest = run.found[id]
                status = Status.VIOLATED
                if replay.trace not in numbers:
                    numbers.append(replay.trace)
                number = numbers.index(replay.trace) + 1
                example = shown(number, replay, run.layer, side.model.system, shortest=shortest)
            elif id in run.fell:
                status, reason = Status.UNKNOWN, run.reasons.get(id, "")
            elif not premises_reachable(self.one.model, reach, id):
                status, reason = Status.VACUOUS, "what it speaks of can never come about"
            findings.append(Finding(id, invariant.cls.value, status, scope, reason, example))
        return LayerResult(run.layer.name, run.layer.meaning, tuple(findings), len(reach.states), len(reach.edges))

    def _scope(self, id: str) -> str:
        """How far a verdict goes: the resources that were there."""
        counts = [f"{count} {kind}" for kind, count in self.one.model.system.counts]
        if id in self._pair_ids():
            counts[:1] = [f"one {self._kinds[0]} beside any other"]
        return ", ".join(["any length", *counts])

    def _coverage(self, layer: Layer, reach: Reach, stands: frozenset[int], pairs: Pairs | None) -> Any:
        self.tick("looking for clauses that never decide")
        one = Coverage(self.one.model, self.one.solver, self.one.goals, stands, projected(reach))
        two = None
        if pairs is not None and self._two is not None:
            two = Coverage(self._two.model, self._two.solver, self._two.goals, (), joined(pairs))
        return cover(layer, one, two)

    def _sequences(self, reach: Reach, stands: frozenset[int]) -> SequenceCount:
        self.tick("counting sequences")
        accepted = SequenceGraph(self.one.model, reach).count(self.request.bound)
        exact = is_exact(self.one.model, reach, stands, self.one.goals, self.one.solver)
        return SequenceCount(self.request.bound, accepted, exact)
