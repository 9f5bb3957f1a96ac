"""A check divided among workers: each judges some of the invariants in every layer; what they say is put together.

With the engine `edges` a share is an invariant or a few, judged in all layers: so it keeps what layers have in common,
the residues and the counterexamples of the weaker ones, and a worker proves once what all its shares need. How many
shares there are depends on the request alone, so that any number of workers gives the same, and a campaign that is
resumed may have another number of them.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec

from callproof.errors import LimitError
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
    """The content of a task: some invariants in some layers, and whether the rest of a result is asked for as well."""

    spec: Named
    request: Request
    layers: tuple[str, ...]
    invariants: tuple[str, ...]
    rest: bool = False


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
    shares = divided(spec, request, sharing.named)
    tasks = [
        Task("check", f"{', '.join(share.invariants)} ({', '.join(share.layers)})", msgspec.json.encode(share))
        for share in shares
    ]
    answers = sharing.campaign.run(tasks, tick)
    parts = [
        answer if isinstance(answer, Lost) else msgspec.json.decode(answer, type=CheckResult) for answer in answers
    ]
    return replace(_merged(spec, request, shares, parts), work=_work(parts, time.perf_counter() - started))


def divided(spec: Specification[Any], request: Request, named: Named) -> list[Share]:
    """The shares of a check, those first that take longest.

    The engine `edges` proves once what all invariants need, and then has a search for each. The others know nothing of
    one layer in another; and those that try sequences try each for all invariants at once.
    """
    asked = request.invariants or tuple(spec.invariants)
    wanted = tuple(id for id in spec.invariants if id in asked)

    def resources(id: str) -> int:
        found = spec.invariants[id]
        return len(signature(found.body, STATE_PARAMETERS[found.over_step]).handles)

    ordered = sorted(wanted, key=lambda id: -resources(id))
    apart = [tuple(ordered[first::SHARES]) for first in range(min(SHARES, len(wanted)))] or [()]
    names = tuple(layer.name for layer in request.layers)
    if request.engine == "edges":
        return [Share(named, request, names, ids, rest=not number) for number, ids in enumerate(apart)]
    groups = apart if request.engine == "chc" else [wanted]
    return [Share(named, request, (name,), ids) for name in names for ids in groups]


def check_share(content: bytes) -> bytes:
    """Judge what one share names."""
    share = msgspec.json.decode(content, type=Share)
    spec, resources, engine = _prepared(share.spec, share.request)
    request = replace(share.request, invariants=share.invariants)
    if engine is None:
        request = replace(request, layer=share.layers[0])
    judging = Judging(spec, request, resources, lambda _: None, None, engine)
    return msgspec.json.encode(judging.whole() if engine is None else judging.share(share.invariants, rest=share.rest))


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
    spec: Specification[Any], request: Request, shares: Sequence[Share], parts: Sequence[CheckResult | Lost]
) -> CheckResult:
    found = [part for part in parts if isinstance(part, CheckResult)]
    if not found:
        reason = next(part.reason for part in parts if isinstance(part, Lost))
        raise LimitError(f"no worker came to a result: {reason}; fewer --jobs leave each of them more memory")
    traces: list[Trace] = []
    layers = []
    for layer in request.layers:
        said = [(share, part) for share, part in zip(shares, parts, strict=True) if layer.name in share.layers]
        judged = {id: _finding(spec, layer.name, id, part, traces) for id, part in _in_order(spec, said)}
        sizes = [
            of for _, part in said if isinstance(part, CheckResult) for of in part.layers if of.layer == layer.name
        ]
        states, edges = (sizes[0].states, sizes[0].edges) if sizes else (0, 0)
        layers.append(LayerResult(layer.name, layer.meaning, tuple(judged.values()), states, edges))
    return replace(found[0], judged=request.layers[-1].name, layers=tuple(layers))


def _in_order(
    spec: Specification[Any], said: Sequence[tuple[Share, CheckResult | Lost]]
) -> Iterator[tuple[str, CheckResult | Lost]]:
    """The invariants of one layer in the order of the specification, each with what its worker said."""
    by_id = {id: part for share, part in said for id in share.invariants}
    return ((id, by_id[id]) for id in spec.invariants if id in by_id)


def _finding(spec: Specification[Any], layer: str, id: str, part: CheckResult | Lost, traces: list[Trace]) -> Finding:
    """What is known of an invariant; counterexamples are numbered in the order in which the whole result shows them."""
    if isinstance(part, Lost):
        return Finding(id, spec.invariants[id].cls.value, Status.UNKNOWN, "", part.reason)
    finding = next(of for of in part.layers if of.layer == layer).status(id)
    example = finding.counterexample
    if example is None:
        return finding
    if example.trace not in traces:
        traces.append(example.trace)
    return replace(finding, counterexample=replace(example, number=traces.index(example.trace) + 1))


def _work(parts: Sequence[CheckResult | Lost], total: float) -> Work:
    """What all have cost together; `total` in seconds from the first to the last."""
    works = [part.work for part in parts if isinstance(part, CheckResult)]
    added = Work(*(sum(getattr(work, field.name) for work in works) for field in fields(Work)))
    return replace(added, total_seconds=total)
