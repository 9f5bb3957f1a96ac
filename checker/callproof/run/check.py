"""`check`: every invariant in every layer, by the engine that was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from callproof.answers import Answers
from callproof.errors import UsageError
from callproof.expr import WORD_BITS
from callproof.model.clauses import ALL_LAYERS, Layer
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.needs import needs
from callproof.run.other_engines import Other
from callproof.run.request import ENGINES, LayerAnswer, Request
from callproof.run.resources import choose
from callproof.run.shown import shown
from callproof.trace import Trace
from callproof.verdict import CheckResult, Finding, LayerResult


def check(
    spec: Specification[Any],
    request: Request,
    tick: Callable[[str], None] | None = None,
    answers: Answers | None = None,
    proofs: Callable[[Layer, Edges], None] | None = None,
) -> CheckResult:
    """Check a specification; `proofs` hears of each layer when the engine `edges` has judged it.

    `answers` are those of earlier runs, and take in those of this one. Raises `UsageError` for a wrong request,
    `SpecError` for a faulty specification and `LimitError` where the state space is too large.
    """
    started = time.perf_counter()
    _require_sense(spec, request)
    require_clean(spec)
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, answers)
    made = Edges if request.engine == "edges" else Other
    engine = made(spec, request, resources, tick or (lambda _: None), answers)
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


def _require_sense(spec: Specification[Any], request: Request) -> None:
    if request.layer != "all" and request.layer not in ALL_LAYERS:
        raise UsageError(f"unknown layer {request.layer!r}; the layers are all, {', '.join(ALL_LAYERS)}")
    if request.engine not in ENGINES:
        raise UsageError(f"unknown engine {request.engine!r}; the engines are {', '.join(ENGINES)}")
    if request.needs and request.engine != "edges":
        raise UsageError(f"--needs is for --engine edges, which proves again without each clause; not {request.engine}")
    if not 1 <= request.word_bits <= WORD_BITS:
        raise UsageError(f"--word-bits is a number from 1 to {WORD_BITS}, not {request.word_bits}")
    if request.word_bits != WORD_BITS and request.engine != "chc":
        raise UsageError(f"--word-bits is for --engine chc; {request.engine} takes words of {WORD_BITS} bits")
    for id in request.invariants:
        if id not in spec.invariants:
            raise UsageError(f"unknown invariant {id!r}; {spec.name} has {', '.join(spec.invariants)}")


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
