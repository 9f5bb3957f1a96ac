"""A check divided among workers: each judges some of the invariants in every layer; what they say is put together.

A share keeps what the layers have in common, the residues and the counterexamples of the weaker ones, for a worker
judges its invariants in all of them. How many shares there are depends on the invariants alone, so that any number of
workers gives the same, and a campaign that is resumed may have another number of them.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from callproof.errors import LimitError, UsageError
from callproof.model.identity import Named
from callproof.model.instantiate import STATE_PARAMETERS, signature
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.matrix import Judging
from callproof.run.request import Request
from callproof.run.resources import Resources, choose
from callproof.trace import Trace
from callproof.verdict import CheckResult, Finding, LayerResult, Status, Work
from callproof.work import Campaign, Lost, Task

SHARES = 32


class Share(msgspec.Struct, frozen=True):
    """The content of a task: some invariants, and whether the rest of a result is asked for with them."""

    spec: Named
    request: Request
    invariants: tuple[str, ...]
    rest: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """Where a check is done by workers."""

    named: Named
    campaign: Campaign


def shared_check(
    spec: Specification[Any], request: Request, sharing: Sharing, tick: Callable[[str], None]
) -> CheckResult:
    """The result of a check whose shares a campaign hands out.

    An invariant whose worker died is unknown. Raises `LimitError` where nothing came back at all.
    """
    started = time.perf_counter()
    wanted = request.invariants or tuple(spec.invariants)
    wanted = tuple(id for id in spec.invariants if id in wanted)
    shares = _shares(spec, wanted)
    tasks = [
        Task("check", ", ".join(ids), msgspec.json.encode(Share(sharing.named, request, ids, rest=not number)))
        for number, ids in enumerate(shares)
    ]
    answers = sharing.campaign.run(tasks, tick)
    parts = [
        answer if isinstance(answer, Lost) else msgspec.json.decode(answer, type=CheckResult) for answer in answers
    ]
    merged = _merged(spec, wanted, shares, parts)
    return replace(merged, work=_work(parts, time.perf_counter() - started))


def _shares(spec: Specification[Any], wanted: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The invariants of each share; those that speak of most resources, which take longest, are begun first."""

    def resources(id: str) -> int:
        found = spec.invariants[id]
        return len(signature(found.body, STATE_PARAMETERS[found.over_step]).handles)

    ordered = sorted(wanted, key=lambda id: -resources(id))
    return [tuple(ordered[first::SHARES]) for first in range(min(SHARES, len(wanted)))] or [()]


def check_share(content: bytes) -> bytes:
    """Judge the invariants of one share."""
    share = msgspec.json.decode(content, type=Share)
    spec, resources, engine = _prepared(share.spec, share.request)
    if share.request.engine != "edges":
        request = replace(share.request, invariants=share.invariants)
        judging = Judging(spec, request, resources, lambda _: None, None)
        return msgspec.json.encode(judging.whole(rest=share.rest))
    judging = Judging(
        spec, replace(share.request, invariants=share.invariants), resources, lambda _: None, None, engine
    )
    return msgspec.json.encode(judging.share(share.invariants, rest=share.rest))


@functools.lru_cache(1)
def _prepared(named: Named, request: Request) -> tuple[Specification[Any], Resources, Edges | None]:
    """What a worker's shares of one check have in common: its solved questions too, which change no answer."""
    spec = named.load()
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, None)
    engine = None
    if request.engine == "edges":
        engine = Edges(spec, request, resources, lambda _: None)
        engine.memory = {}
    return spec, resources, engine


# -- putting together ---------------------------------------------------------------------------------------------


def _merged(
    spec: Specification[Any],
    wanted: Sequence[str],
    shares: Sequence[tuple[str, ...]],
    parts: Sequence[CheckResult | Lost],
) -> CheckResult:
    found = [part for part in parts if isinstance(part, CheckResult)]
    if not found:
        reason = next(part.reason for part in parts if isinstance(part, Lost))
        raise LimitError(f"no worker came to a result: {reason}; fewer --jobs leave each of them more memory")
    traces: list[Trace] = []
    layers = []
    for position, layer in enumerate(found[0].layers):
        findings = []
        for id in wanted:
            number = next(n for n, ids in enumerate(shares) if id in ids)
            part = parts[number]
            if isinstance(part, Lost):
                findings.append(Finding(id, spec.invariants[id].cls.value, Status.UNKNOWN, "", part.reason))
            else:
                findings.append(_numbered(part.layers[position].status(id), traces))
        layers.append(LayerResult(layer.layer, layer.meaning, tuple(findings), layer.states, layer.edges))
    return replace(found[0], layers=tuple(layers))


def _numbered(finding: Finding, traces: list[Trace]) -> Finding:
    """The finding with its counterexample numbered in the order in which the whole result shows them."""
    example = finding.counterexample
    if example is None:
        return finding
    if example.trace not in traces:
        traces.append(example.trace)
    return replace(finding, counterexample=replace(example, number=traces.index(example.trace) + 1))


def _work(parts: Sequence[CheckResult | Lost], total: float) -> Work:
    """What all have cost together; `total` in seconds from the first to the last."""
    works = [part.work for part in parts if isinstance(part, CheckResult)]
    return Work(
        max(w.obligations for w in works),
        max(w.distinct for w in works),
        sum(w.solver_calls for w in works),
        sum(w.kept for w in works),
        sum(w.graph_seconds for w in works),
        sum(w.proof_seconds for w in works),
        sum(w.search_seconds for w in works),
        sum(w.solver_seconds for w in works),
        total,
    )


def require_shareable(request: Request) -> None:
    """Raise `UsageError` where a check cannot be divided."""
    if request.engine not in ("edges", "paths", "chc", "sequences"):
        raise UsageError(f"--engine {request.engine} cannot be divided: leave out --jobs, --executor and --resume")
