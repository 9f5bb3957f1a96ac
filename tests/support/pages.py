"""HTML reports for tests: small ones, long ones, and ones whose words are hostile."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from callproof.model.loading import load_specification
from callproof.model.specification import Specification
from callproof.report.html import Evidence, document, page
from callproof.report.html.graph import GraphData, Slot, graph_data, packed
from callproof.report.html.traces import Player, TraceData
from callproof.run.check import check
from callproof.run.landscape import landscape
from callproof.run.request import Request
from callproof.trace import Step, Trace
from callproof.verdict import CheckResult

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\u202e\u2028\u0007\"'&<!--"


@cache
def dma() -> tuple[Specification[Any], CheckResult]:
    """A small specification with a violated and a proved cell."""
    spec = load_specification(DMA)
    return spec, check(spec, Request(needs=True))


def dma_page(*traces: Trace, graph: GraphData | None = None, evidence: Evidence | None = None) -> str:
    """The page of `dma`, with traces recorded besides."""
    spec, result = dma()
    player = Player(spec, {"C++": lambda played, sorts, source: "int main() {}\n"})
    shown: tuple[TraceData, ...] = tuple(
        player.shown(f"trace-{n}", f"trace {n} {t.origin}", "Recorded.", t) for n, t in enumerate(traces, 1)
    )
    request = Request()
    made = graph or graph_data(landscape(spec, request, dict(result.resources), request.layers))
    given = replace(evidence or Evidence(result), result=result, graph=made)
    given = replace(given, traces=(*given.traces, *shown))
    return page(document(given, spec, player), given, spec)


def ge_page() -> str:
    """The page of two invariants of ge-memory in its weakest layer, of which one has regions that overlap."""
    spec = load_specification("ge-memory")
    request = Request(layer="documented", invariants=("no-wrap", "disjoint-in-graph"))
    result = check(spec, request)
    player = Player(spec)
    shown = player.shown("trace-1", "freed", "Recorded.", freed_trace())
    evidence = Evidence(result, None, "it was left out", traces=(shown,))
    return page(document(evidence, spec, player), evidence, spec)


def freed_trace() -> Trace:
    """Calls of ge-memory that bind allocated memory and then free it."""
    summary = {"is_static": True, "is_refreshable": False, "const_size": 512, "feature_size": 1024}
    summary |= {"fixed_size": 0, "p2p_fixed_size": 0, "refreshable_size": 1024}
    steps = (
        Step("GEInitializeV2", {}, "SUCCESS"),
        Step("AddGraph", {"graph_id": 1}, "SUCCESS"),
        Step("CompileGraph", {"graph_id": 1}, "SUCCESS", summary),
        Step("aclrtMalloc", {"block": 1, "size": 2048}, "SUCCESS", {"memory": 0x10_0000}),
        Step("SetGraphConstMemoryBase", {"graph_id": 1, "memory": 0x10_0400, "size": 512}, "SUCCESS"),
        Step("aclrtFree", {"block": 1}, "SUCCESS"),
        Step("UpdateGraphFeatureMemoryBase", {"graph_id": 1, "memory": 0x10_0500, "size": 1024}, "SUCCESS"),
    )
    return Trace("ge-memory", steps)


def long_trace(steps: int) -> Trace:
    """So many calls of `dma`, each of which is accepted and binds a buffer elsewhere."""
    made = [
        Step("dma_set_buffer", {"channel": 1, "memory": 0x10_0000 + 0x1000 * (n % 97), "size": 0x800}, "SUCCESS")
        for n in range(steps)
    ]
    return Trace("dma", tuple(made), origin="long")


def hostile_trace() -> Trace:
    """A trace whose driver answers with markup."""
    step = Step("dma_set_buffer", {"channel": 1, "memory": 0x10_0000, "size": 4096}, HOSTILE)
    return Trace("dma", (step,), origin=HOSTILE)


def long_graph(states: int) -> GraphData:
    """A line of states, each with a way on, a way back to the start and a loop, and two layers."""
    width = states.bit_length()
    labels = (("on", "on(a=1)"), ("back", "back()"), ("stay", "stay() [r=true]"))
    edges = [
        [((n + 1) % states, 0, 1), (0, 1, 0), (n, 2, 1)]  #
        for n in range(states)
    ]
    size = (width + 7) // 8
    slots = tuple(Slot(f"bits[1].b{bit}", 1) for bit in range(width))
    return GraphData(
        ("weak", "strict"), slots, labels, states, 3 * states, size, 0, packed(range(states), edges, size, 2)
    )
