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
from callproof.run.resources import choose
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
    started = time.perf_counter()
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, answers)
    made = Edges if request.engine == "edges" else Other
    engine = made(spec, request, resources, tick, answers)
    traces: list[Trace] = []
    layers = []
    for layer in request.layers:
        layers.append(_result(spec, request, engine.layer(layer), traces))
        if proofs is not None and isinstance(engine, Edges):
            proofs(layer, engine)
    # The other engines explore no graph that coverage and counts could be read off.
    edges = engine if isinstance(engine, Edges) else None
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
        (proved.kind,) if proved.any_number and edges else (),
        proved.note,
        request.layers[-1].name,
        tuple(layers),
        sequences,
        calls,
        clauses,
        engine.work(time.perf_counter() - started),
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
