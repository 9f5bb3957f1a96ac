"""`check`: what it refuses to do, and whether it was done before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callproof.answers import Answers
from callproof.errors import UsageError
from callproof.expr import WORD_BITS
from callproof.model.clauses import ALL_LAYERS, Layer
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.run.recall import keep, question, recall
from callproof.run.request import ENGINES, Request
from callproof.verdict import CheckResult

if TYPE_CHECKING:
    from callproof.run.edges import Edges
    from callproof.run.shares import Sharing


def check(
    spec: Specification[Any],
    request: Request,
    tick: Callable[[str], None] | None = None,
    answers: Answers | None = None,
    proofs: Callable[[Layer, Edges], None] | None = None,
    sharing: Sharing | None = None,
) -> CheckResult:
    """Check a specification; `proofs` hears of each layer when the engine `edges` has judged it.

    `answers` are those of earlier runs, and take in those of this one; unless the proofs are asked for, the whole
    result may be one of them. With `sharing` workers do the work. Raises `UsageError` for a wrong request, `SpecError`
    for a faulty specification and `LimitError` where the state space is too large.
    """
    started = time.perf_counter()
    _require_sense(spec, request)
    require_clean(spec)
    asked = question(spec, request) if answers is not None and answers.open else None
    if answers is not None and asked is not None and proofs is None:
        result = recall(answers, asked)
        if result is not None:
            return replace(result, work=replace(result.work, total_seconds=time.perf_counter() - started))

    # The engines, and Z3 with them, are imported only now: that takes longer than finding a result again.
    if sharing is not None:
        from callproof.run.shares import shared_check

        result = shared_check(spec, request, sharing, tick or (lambda _: None))
    else:
        from callproof.run.matrix import matrix

        result = matrix(spec, request, tick or (lambda _: None), answers, proofs)
    if answers is not None and asked is not None:
        keep(answers, asked, result)
    return replace(result, work=replace(result.work, total_seconds=time.perf_counter() - started))


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
