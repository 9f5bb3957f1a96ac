"""The four calls that bind memory to a compiled graph."""

from callproof.model import (
    Address,
    Bool,
    EnumTerm,
    Size,
    all_of,
    assume,
    disjoint,
    harden,
    implies,
    ite,
    no_wrap,
    outcome,
    require,
)
from ge_memory.contract import STATIC_MEMORY_POLICY, ge
from ge_memory.state import Graph, GraphId, Memory, MemoryType, Owner, Phase, Session


def bind(s: Session, target: Memory, memory: Address, size: Size) -> None:
    """The caller's memory [memory, memory + size) becomes the region's."""
    target.bind(memory, size)
    target.owner = Owner.CALLER
    target.live = s.is_live(memory, size)


def release(target: Memory) -> None:
    """GE gives back what it allocated itself; the caller's memory stays."""
    kept = target.by_caller
    base, size, live = target.base, target.size, target.live
    target.bound = kept
    target.owner = Owner.CALLER
    target.base = ite(kept, base, 0)
    target.size = ite(kept, size, 0)
    target.live = kept & live


def apart(g: Graph, target: Memory, memory: Address, size: Size) -> Bool:
    """[memory, memory + size) shares no byte with the regions of the graph but `target`, which it replaces."""
    rest = [m for m in g.memories if m._path != target._path]
    return all_of(*(implies(m.bound, disjoint(m.base, m.size, memory, size)) for m in rest))


@ge.call("SetGraphConstMemoryBase")
def set_const(s: Session, graph_id: GraphId, memory: Address, size: Size) -> None:
    """Bind the memory of a graph's weights, once."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("C1", g.phase >= Phase.COMPILED)
    require("C1-size", size >= g.need_const)
    require("C2", ~g.const.by_caller)
    require("C3", g.is_static)
    require("C5", g.phase <= Phase.COMPILED)
    harden("Q1", memory != 0)
    harden("Q2", no_wrap(memory, size))
    harden("Q3", apart(g, g.const, memory, size))
    assume("live-region", s.is_live(memory, size))
    bind(s, g.const, memory, size)


@ge.call("UpdateGraphFeatureMemoryBase")
def update_feature(s: Session, graph_id: GraphId, memory: Address, size: Size) -> None:
    """Bind or refresh all feature memory of a graph, the fixed part included."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("F1", g.phase >= Phase.COMPILED)
    require("F1-size", size >= g.need_feature)
    require("F2", implies(g.feature.by_caller, g.is_refreshable))
    require("F3", g.is_static)
    require("F5", ~g.fixed.by_caller & ~g.fixed_off)
    require("F6", ~g.refreshable.by_caller)
    harden("Q1", memory != 0)
    harden("Q2", no_wrap(memory, size))
    harden("Q3", apart(g, g.feature, memory, size))
    harden("Q4", ~g.running)
    harden("Q7", implies(g.phase == Phase.LOADED, g.is_refreshable))
    assume("live-region", s.is_live(memory, size))
    bind(s, g.feature, memory, size)
    release(g.refreshable)
    release(g.fixed)


@ge.call("SetGraphFixedFeatureMemoryBaseWithType")
def set_fixed(s: Session, graph_id: GraphId, type: EnumTerm[MemoryType], memory: Address, size: Size) -> None:
    """Bind the fixed part of a graph's feature memory, once for each memory type, or switch its allocation off."""
    fix(s, graph_id, type == MemoryType.MEMORY_TYPE_DEFAULT, memory, size)


def fix(s: Session, graph_id: GraphId, default: Bool, memory: Address, size: Size) -> None:
    """Bind fixed memory of type DEFAULT, or else P2P (facts X1 to X9)."""
    g = s.graphs[graph_id]
    need = ite(default, g.need_fixed, g.need_p2p)
    nothing_to_set = need == 0  # fact X6
    off = default & (memory == 0) & (size == 0) & ~nothing_to_set  # fact X3: DEFAULT only
    binds = ~off & ~nothing_to_set
    require("L1", s.initialised)
    require("X1", g.phase >= Phase.COMPILED)
    require("X1-size", off | (size >= need))
    require("X4", ite(default, ~g.fixed.by_caller & ~g.fixed_off, ~g.p2p.by_caller))
    require("X5", implies(default, ~(g.feature.by_caller)))
    require("X7", ~(off & STATIC_MEMORY_POLICY.is_("4")))
    require("X8", g.phase <= Phase.COMPILED)
    harden("Q1", implies(binds, memory != 0))
    harden("Q2", implies(binds, no_wrap(memory, size)))
    harden("Q3", implies(binds & default, apart(g, g.fixed, memory, size)))
    harden("Q3", implies(binds & ~default, apart(g, g.p2p, memory, size)))
    harden("Q5", ~(off & g.refreshable.bound))
    assume("live-region", implies(binds, s.is_live(memory, size)))
    with outcome("no effect", when=nothing_to_set):
        pass
    with outcome("switched off", when=off):
        g.fixed_off = True
    with outcome("set", when=binds & default):
        bind(s, g.fixed, memory, size)
    with outcome("set P2P", when=binds & ~default):
        bind(s, g.p2p, memory, size)


@ge.call("UpdateGraphRefreshableFeatureMemoryBase")
def update_refreshable(s: Session, graph_id: GraphId, memory: Address, size: Size) -> None:
    """Bind or refresh the feature memory of a graph without its fixed part."""
    g = s.graphs[graph_id]
    const_off = g.const.by_caller & (g.const.base == 0) & (g.const.size == 0)
    require("L1", s.initialised)
    require("R1", g.phase >= Phase.COMPILED)
    require("R2", size >= g.need_refreshable, reading="at-least")
    require("R2", size == g.need_refreshable, reading="exactly")
    require("R4", implies(g.refreshable.by_caller, g.is_refreshable))
    require("R5", g.is_static)
    require("R7", ~g.fixed_off, reading="fixed")
    require("R7", ~g.fixed_off & ~const_off, reading="const")
    require("R8", ~g.feature.by_caller)
    harden("Q1", memory != 0)
    harden("Q2", no_wrap(memory, size))
    harden("Q3", apart(g, g.refreshable, memory, size))
    harden("Q4", ~g.running)
    harden("Q7", implies(g.phase == Phase.LOADED, g.is_refreshable))
    assume("live-region", s.is_live(memory, size))
    bind(s, g.refreshable, memory, size)
