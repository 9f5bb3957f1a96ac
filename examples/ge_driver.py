"""A driver in Python for `callproof test`: what GE's graph memory calls must do, and every check that no page names.

It computes nothing. It keeps the books of a session as the numbered facts of the documentation ask, and hands out
addresses that no memory stands behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

SUCCESS, FAILED, PARAM_INVALID, NOT_INITIALIZED = "SUCCESS", "FAILED", "PARAM_INVALID", "GE_CLI_GE_NOT_INITIALIZED"
ABSENT, ADDED, COMPILED, LOADED = range(4)
END = 1 << 64
Result = dict[str, int | bool]


@dataclass
class Region:
    """Memory bound to a graph; `mine`: the caller bound it, not this driver while loading."""

    base: int
    size: int
    mine: bool = True

    def overlaps(self, base: int, size: int) -> bool:
        return self.size > 0 and size > 0 and base < self.base + self.size and self.base < base + size


@dataclass
class Summary:
    """What compiling decides about a graph."""

    is_static: bool
    is_refreshable: bool
    const: int
    feature: int
    fixed: int
    p2p: int
    refreshable: int

    def result(self) -> Result:
        found: Result = {"is_static": self.is_static, "fixed_size": self.fixed, "p2p_fixed_size": self.p2p}
        if self.is_static:
            found["is_refreshable"] = self.is_refreshable
            found["const_size"] = self.const
            found["feature_size"] = self.feature
            found["refreshable_size"] = self.refreshable
        return found


SUMMARIES = {
    "static-refreshable": Summary(True, True, 512, 10240, 2048, 1024, 8192),
    "static": Summary(True, False, 768, 6144, 0, 512, 6144),
    "dynamic": Summary(False, False, 0, 0, 2048, 0, 0),
    "empty": Summary(True, False, 0, 0, 0, 0, 0),
}


@dataclass
class Graph:
    """One graph of the session."""

    phase: int = ABSENT
    summary: Summary = field(default_factory=lambda: SUMMARIES["empty"])
    regions: dict[str, Region] = field(default_factory=dict)
    fixed_off: bool = False
    mode: str = ""
    callbacks: int = 0
    streams: set[int] = field(default_factory=set)

    @property
    def runs(self) -> bool:
        return self.callbacks > 0 or bool(self.streams)

    def mine(self, name: str) -> bool:
        return name in self.regions and self.regions[name].mine

    def free_for(self, name: str, base: int, size: int) -> bool:
        return not any(r.overlaps(base, size) for other, r in self.regions.items() if other != name)


class GeDriver:
    """Every method is a call of the API or an event around it, as `callproof driver protocol` lists them."""

    driver, version = "ge-example", "1"
    kinds: ClassVar = [
        {"name": name, "result": {key: s.result()[key] for key in ("is_static", "is_refreshable") if key in s.result()}}
        for name, s in SUMMARIES.items()
    ]
    options: ClassVar = {"ge.featureBaseRefreshable": ["1", "0"], "ge.exec.staticMemoryPolicy": ["0", "2", "3", "4"]}
    handles: ClassVar = {"GraphId": 4, "StreamId": 2, "BlockId": 4}

    def __init__(self) -> None:
        self.reset({}, {})

    def reset(self, options: dict[str, str], kinds: dict[str, str]) -> None:
        self.policy = options.get("ge.exec.staticMemoryPolicy", "0")
        self.refreshable = options.get("ge.featureBaseRefreshable", "0") == "1"
        self.of_kind = kinds
        self.initialised = False
        self.graphs: dict[int, Graph] = {}
        self.allocators: set[int] = set()
        self.blocks: dict[int, Region] = {}
        self.next = 0x10_0000_0000

    # -- life of a session and a graph ------------------------------------------------------------------------

    def GEInitializeV2(self) -> str:
        self.initialised = True
        return SUCCESS

    def GEFinalizeV2(self) -> str:
        if not self.initialised:
            return NOT_INITIALIZED
        if any(g.runs for g in self.graphs.values()):
            return FAILED
        self.graphs.clear()
        self.allocators.clear()
        self.initialised = False
        return SUCCESS

    def AddGraph(self, graph_id: int) -> str:
        if not self.initialised:
            return NOT_INITIALIZED
        if graph_id in self.graphs:
            return FAILED
        self.graphs[graph_id] = Graph(ADDED)
        return SUCCESS

    def RemoveGraph(self, graph_id: int) -> str:
        if not self.initialised:
            return NOT_INITIALIZED
        if graph_id not in self.graphs:
            return FAILED
        if self.graphs[graph_id].runs:
            return FAILED
        del self.graphs[graph_id]
        return SUCCESS

    def CompileGraph(self, graph_id: int) -> tuple[str, Result]:
        if not self.initialised:
            return NOT_INITIALIZED, {}
        g = self.graphs.get(graph_id)
        if g is None or g.phase >= COMPILED:
            return PARAM_INVALID, {}
        self.compile(graph_id, g)
        return SUCCESS, g.summary.result()

    def compile(self, graph_id: int, g: Graph) -> None:
        made = SUMMARIES[self.of_kind.get(str(graph_id)) or "static-refreshable"]
        g.summary = Summary(
            made.is_static, made.is_refreshable and self.refreshable,
            made.const, made.feature, made.fixed, made.p2p, made.refreshable,
        )  # fmt: skip
        g.phase = COMPILED

    def GetCompiledGraphSummary(self, graph_id: int) -> tuple[str, Result]:
        g = self.graphs.get(graph_id)
        if g is None or g.phase < COMPILED:
            return FAILED, {}
        return SUCCESS, g.summary.result()

    # -- allocators -------------------------------------------------------------------------------------------

    def RegisterExternalAllocator(self, stream: int) -> str:
        if not self.initialised:
            return NOT_INITIALIZED
        self.allocators.add(stream)
        return SUCCESS

    def UnregisterExternalAllocator(self, stream: int) -> str:
        if not self.initialised:
            return NOT_INITIALIZED
        self.allocators.discard(stream)
        return SUCCESS

    def allocate(self, size: int) -> int:
        base = self.next
        self.next += (size + 511) // 512 * 512 + 512
        return base

    # -- the memory calls -------------------------------------------------------------------------------------

    def compiled(self, graph_id: int) -> Graph | None:
        g = self.graphs.get(graph_id)
        return None if g is None or g.phase < COMPILED else g

    def SetGraphConstMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        g = self.compiled(graph_id)
        if g is None:
            return FAILED
        if size < g.summary.const:
            return PARAM_INVALID
        if g.mine("const"):
            return FAILED
        if not g.summary.is_static:
            return FAILED
        if g.phase >= LOADED:
            return FAILED
        if memory == 0 or memory + size > END:
            return PARAM_INVALID
        if not g.free_for("const", memory, size):
            return PARAM_INVALID
        g.regions["const"] = Region(memory, size)
        return SUCCESS

    def UpdateGraphFeatureMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        g = self.compiled(graph_id)
        if g is None:
            return FAILED
        if size < g.summary.feature:
            return PARAM_INVALID
        if g.mine("feature") and not g.summary.is_refreshable:
            return FAILED
        if not g.summary.is_static:
            return FAILED
        if g.mine("fixed") or g.fixed_off:
            return FAILED
        if g.mine("refreshable"):
            return FAILED
        if memory == 0 or memory + size > END:
            return PARAM_INVALID
        if not g.free_for("feature", memory, size):
            return PARAM_INVALID
        if g.runs:
            return FAILED
        if g.phase == LOADED and not g.summary.is_refreshable:
            return FAILED
        g.regions["feature"] = Region(memory, size)
        for name in ("refreshable", "fixed"):
            g.regions.pop(name, None)
        return SUCCESS

    def UpdateGraphRefreshableFeatureMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        g = self.compiled(graph_id)
        if g is None:
            return FAILED
        if size < g.summary.refreshable:
            return PARAM_INVALID
        if g.mine("refreshable") and not g.summary.is_refreshable:
            return FAILED
        if not g.summary.is_static:
            return FAILED
        if g.fixed_off:
            return FAILED
        if g.mine("feature"):
            return FAILED
        if memory == 0 or memory + size > END:
            return PARAM_INVALID
        if not g.free_for("refreshable", memory, size):
            return PARAM_INVALID
        if g.runs:
            return FAILED
        if g.phase == LOADED and not g.summary.is_refreshable:
            return FAILED
        g.regions["refreshable"] = Region(memory, size)
        return SUCCESS

    def SetGraphFixedFeatureMemoryBaseWithType(self, graph_id: int, type: str, memory: int, size: int) -> str:
        g = self.compiled(graph_id)
        if g is None:
            return FAILED
        default = type == "MEMORY_TYPE_DEFAULT"
        name = "fixed" if default else "p2p"
        need = g.summary.fixed if default else g.summary.p2p
        off = default and memory == 0 and size == 0 and need > 0
        if size < need and not off:
            return PARAM_INVALID
        if g.mine(name) or (default and g.fixed_off):
            return FAILED
        if default and g.mine("feature"):
            return FAILED
        if off and self.policy == "4":
            return FAILED
        if g.phase >= LOADED:
            return FAILED
        if off:
            if "refreshable" in g.regions:
                return FAILED
            g.fixed_off = True
        elif need > 0:
            if memory == 0 or memory + size > END:
                return PARAM_INVALID
            if not g.free_for(name, memory, size):
                return PARAM_INVALID
            g.regions[name] = Region(memory, size)
        return SUCCESS

    # -- loading and running ----------------------------------------------------------------------------------

    def LoadGraph(self, graph_id: int, stream: int) -> tuple[str, Result]:
        g = self.graphs.get(graph_id)
        if g is None:
            return FAILED, {}
        return SUCCESS, self.load(graph_id, g)

    def load(self, graph_id: int, g: Graph) -> Result:
        result: Result = {}
        if g.phase < COMPILED:
            self.compile(graph_id, g)
            result = g.summary.result()
        if g.phase < LOADED and g.summary.is_static:
            needs = {"const": g.summary.const, "p2p": g.summary.p2p}
            if "feature" not in g.regions and g.fixed_off:
                if "refreshable" not in g.regions:
                    needs["feature"] = g.summary.feature
            elif "feature" not in g.regions:
                needs |= {"refreshable": g.summary.refreshable, "fixed": g.summary.fixed}
            for name, size in needs.items():
                if name not in g.regions:
                    g.regions[name] = Region(self.allocate(size), size, mine=False)
                    result["p2p_fixed_base" if name == "p2p" else f"{name}_base"] = g.regions[name].base
        g.phase = LOADED
        return result

    def run(self, graph_id: int, mode: str, tensor: int, stream: int = 0) -> tuple[str, Result]:
        if not self.initialised:
            return NOT_INITIALIZED, {}
        g = self.graphs.get(graph_id)
        if g is None:
            return FAILED, {}
        if g.mode not in ("", mode):
            return FAILED, {}
        if tensor % 32 != 0:
            return PARAM_INVALID, {}
        flying = [h for h in self.graphs.values() if h is not g and h.runs]
        if flying and self.policy in ("2", "4"):
            return FAILED, {}
        for h in flying:
            if h.streams == {stream}:
                continue
            if any(a.overlaps(b.base, b.size) for a in g.regions.values() for b in h.regions.values()):
                return FAILED, {}
        result = self.load(graph_id, g)
        g.mode = mode
        return SUCCESS, result

    def RunGraph(self, graph_id: int, tensor: int) -> tuple[str, Result]:
        return self.run(graph_id, "sync", tensor)

    def RunGraphAsync(self, graph_id: int, tensor: int) -> tuple[str, Result]:
        status, result = self.run(graph_id, "callback", tensor)
        if status == SUCCESS:
            self.graphs[graph_id].callbacks += 1
        return status, result

    def RunGraphWithStreamAsync(self, graph_id: int, stream: int, tensor: int) -> tuple[str, Result]:
        status, result = self.run(graph_id, "stream", tensor, stream)
        if status == SUCCESS:
            self.graphs[graph_id].streams.add(stream)
        return status, result

    # -- what happens around the API --------------------------------------------------------------------------

    def run_callback(self, graph_id: int) -> str:
        self.graphs[graph_id].callbacks -= 1
        return SUCCESS

    def aclrtSynchronizeStream(self, stream: int) -> str:
        for g in self.graphs.values():
            g.streams.discard(stream)
        return SUCCESS

    def aclrtMalloc(self, block: int, size: int) -> tuple[str, Result]:
        base = self.allocate(size)
        self.blocks[block] = Region(base, size)
        return SUCCESS, {"memory": base}

    def aclrtFree(self, block: int) -> str:
        del self.blocks[block]
        return SUCCESS
