"""Every invariant in every layer, by the engine that was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from callproof.answers import Answers
from callproof.model.clauses import Layer
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.judged import LayerAnswer
from callproof.run.needs import needs
from callproof.run.other_engines import Other
from callproof.run.request import Request
from callproof.run.resources import Resources, choose
from callproof.run.shown import shown
from callproof.symbolic import z3_version
from callproof.trace import Trace
from callproof.verdict import CheckResult, Finding, LayerResult


def matrix(
    spec: Specification[Any],
    request: Request,
    tick: Callable[[str], None],
    answers: Answers | None,
    proofs: Callable[[Layer, Edges], None] | None,
) -> CheckResult:
    """Judge every invariant in the layers that a sensible request names; see `callproof.run.check`."""
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, answers)
    return Judging(spec, request, resources, tick, answers).whole(proofs)


class Judging:
    """One engine at work on one request. The `engine` may be one that has judged other invariants of the request."""

    def __init__(
        self,
        spec: Specification[Any],
        request: Request,
        resources: Resources,
        tick: Callable[[str], None],
        answers: Answers | None,
        engine: Edges | None = None,
    ) -> None:
        self._started = time.perf_counter()
        self._spec, self._request = spec, request
        made = Edges if request.engine == "edges" else Other
        self._engine = engine or made(spec, request, resources, tick, answers)
        self._traces: list[Trace] = []
        self._before = self._engine.work(0.0)

    def whole(self, proofs: Callable[[Layer, Edges], None] | None = None, *, rest: bool = True) -> CheckResult:
        """Every invariant of the request in its layers, the weakest first; with the `rest` of a result or without."""
        if isinstance(self._engine, Edges):
            self._engine.shares = proofs is None
        layers = []
        for layer in self._request.layers:
            layers.append(_result(self._spec, self._request, self._engine.layer(layer), self._traces))
            if proofs is not None and isinstance(self._engine, Edges):
                proofs(layer, self._engine)
        return self._told(layers, rest=rest)

    def share(self, invariants: tuple[str, ...], *, rest: bool) -> CheckResult:
        """Some invariants, by an engine that may have judged others before."""
        assert isinstance(self._engine, Edges)
        layers = []
        last = self._request.layers[-1]
        for number, layer in enumerate(self._request.layers):
            # Coverage takes what was explored of two resources, which only a property of two makes it look at.
            more = self._engine.resources.pairs()[:1] if rest and layer is last else []
            wanted = tuple(dict.fromkeys((*invariants, *more)))
            answer = self._engine.layer(layer, wanted, None if number else {})
            layers.append(_result(self._spec, self._request, answer, self._traces))
        return self._told(layers, rest=rest)

    def _told(self, layers: list[LayerResult], *, rest: bool) -> CheckResult:
        spec, request, engine = self._spec, self._request, self._engine
        # The other engines explore no graph that coverage and counts could be read off.
        edges = engine if isinstance(engine, Edges) and rest else None
        calls, clauses = edges.coverage(request.layers[-1]) if edges else ((), ())
        sequences = edges.sequences() if edges else None
        needed = needs(spec, request, edges, request.layers[-1], edges.tick) if edges and request.needs else None
        system, proved = engine.one.model.system, engine.resources
        return CheckResult(
            spec.name,
            spec.title,
            spec.version,
            z3_version(),
            request.engine,
            request.word_bits,
            system.readings,
            request.options,
            system.counts,
            (proved.kind,) if proved.any_number and isinstance(engine, Edges) else (),
            proved.note,
            request.layers[-1].name,
            tuple(layers),
            sequences,
            calls,
            clauses,
            engine.work(time.perf_counter() - self._started).since(self._before),
            needed,
        )


def _result(spec: Specification[Any], request: Request, answer: LayerAnswer, traces: list[Trace]) -> LayerResult:
    """One column of the matrix; `traces` are those shown so far, which are numbered in their order."""
    findings = []
    for id, invariant in spec.invariants.items():
        if request.invariants and id not in request.invariants:
            continue
        judged, example = answer.judged[id], None
        if judged.replay is not None and judged.system is not None:
            if judged.replay.trace not in traces:
                traces.append(judged.replay.trace)
            number = traces.index(judged.replay.trace) + 1
            example = shown(number, judged.replay, answer.layer, judged.system, shortest=judged.shortest)
        findings.append(Finding(id, invariant.cls.value, judged.status, judged.scope, judged.reason, example))
    return LayerResult(answer.layer.name, answer.layer.meaning, tuple(findings), answer.states, answer.edges)
