"""Loading and running: both allocate what the caller did not bind, and running keeps memory in use."""

from callproof.model import (
    Address,
    Bool,
    Size,
    all_of,
    any_of,
    assume,
    axiom,
    constant,
    disjoint,
    harden,
    implies,
    ite,
    no_wrap,
    require,
    result,
)
from ge_memory.contract import STATIC_MEMORY_POLICY, ge
from ge_memory.lifecycle import returned_summary
from ge_memory.state import Graph, GraphId, Memory, Owner, Phase, RunMode, Session, StreamId


def shares_memory() -> Bool:
    """GE's own memory serves several static graphs of the session."""
    return STATIC_MEMORY_POLICY.is_("2") | STATIC_MEMORY_POLICY.is_("4")


class Allocation:
    """Memory that GE allocates for one region while it loads, where `when` holds."""

    def __init__(self, target: Memory, name: str, need: Size, when: Bool) -> None:
        self.target, self.need, self.when = target, need, when
        self.base = result(name, Address, when=when)

    def store(self, external: Bool) -> None:
        """The region is bound to it."""
        m, when = self.target, self.when
        source = ite(external, constant(Owner.EXTERNAL), Owner.BUILTIN)
        bound, base, size, owner, live = m.bound, m.base, m.size, m.owner, m.live
        m.bound = bound | when
        m.base = ite(when, self.base, base)
        m.size = ite(when, self.need, size)
        m.owner = ite(when, source, owner)
        m.live = live | when

    def apart_from(self, base: Address, size: Size) -> Bool:
        return disjoint(self.base, self.need, base, size)


def load(s: Session, graph_id: GraphId, external: Bool | bool) -> None:
    """Compile if need be (fact L7), then allocate what the caller did not bind (facts R3, X2)."""
    g = s.graphs[graph_id]
    compiling = g.phase < Phase.COMPILED
    summary = returned_summary(when=compiling)
    is_static = ite(compiling, summary.is_static, g.is_static)
    loading = (g.phase < Phase.LOADED) & is_static
    feature_apart = loading & ~g.feature.bound & ~g.fixed_off
    whole = loading & ~g.feature.bound & g.fixed_off & ~g.refreshable.bound
    allocations = [
        Allocation(g.const, "const_base", ite(compiling, summary.const, g.need_const), loading & ~g.const.bound),
        Allocation(g.feature, "feature_base", ite(compiling, summary.feature, g.need_feature), whole),
        Allocation(
            g.refreshable,
            "refreshable_base",
            ite(compiling, summary.refreshable, g.need_refreshable),
            feature_apart & ~g.refreshable.bound,
        ),
        Allocation(g.fixed, "fixed_base", ite(compiling, summary.fixed, g.need_fixed), feature_apart & ~g.fixed.bound),
        Allocation(g.p2p, "p2p_fixed_base", ite(compiling, summary.p2p, g.need_p2p), loading & ~g.p2p.bound),
    ]
    for number, new in enumerate(allocations):
        axiom("fresh", implies(new.when, fresh(s, g, graph_id, new)))
        for other in allocations[:number]:
            axiom("fresh", implies(new.when & other.when, new.apart_from(other.base, other.need)))
    # Fact R6, F4, C4: an allocation happens only where nothing is bound, so no allocator is asked for what is.
    for new in allocations:
        new.store(all_of(external))
    summary.store(g, when=compiling)
    g.phase = Phase.LOADED


def fresh(s: Session, g: Graph, graph_id: GraphId, new: Allocation) -> Bool:
    """What an allocator promises: memory inside the address space that nobody else has (fact A3 for external ones)."""
    taken = [implies(b.live, new.apart_from(b.base, b.size)) for b in s.blocks.every()]
    taken += [implies(m.bound & m.live, new.apart_from(m.base, m.size)) for m in g.memories]
    for h in s.graphs.others(graph_id):
        for m in h.memories:
            shared = shares_memory() & (m.owner != Owner.CALLER)
            taken.append(implies(m.bound & m.live & ~shared, new.apart_from(m.base, m.size)))
    return all_of(new.base != 0, no_wrap(new.base, new.need), *taken)


def run(s: Session, graph_id: GraphId, mode: RunMode, tensor: Address, stream: StreamId | None = None) -> None:
    """What the three run calls have in common (fact L8): load if need be, then use the graph's memory."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L8", g.phase >= Phase.ADDED)
    require("L8-mode", g.mode.is_one_of(RunMode.NONE, mode))
    require("L10", tensor.is_aligned(32))
    for h in s.graphs.others(graph_id):
        require("O1", ~(shares_memory() & h.running))
        harden("Q3-flight", implies(h.running if stream is None else h.runs_beside(stream), graphs_apart(g, h)))
    assume("Q10", all_live(g))
    load(s, graph_id, False if stream is None else s.streams[stream].allocator)
    g.mode = mode
    g.tensor = tensor


def all_live(g: Graph) -> Bool:
    """All memory that is bound is still allocated."""
    return all_of(*(implies(m.bound, m.live) for m in g.memories))


def graphs_apart(g: Graph, h: Graph) -> Bool:
    """No memory bound to one graph overlaps memory bound to the other."""
    return all_of(
        *(implies(m.bound & n.bound, disjoint(m.base, m.size, n.base, n.size)) for m in g.memories for n in h.memories)
    )


@ge.call("LoadGraph")
def load_graph(s: Session, graph_id: GraphId, stream: StreamId) -> None:
    """Prepare a graph for execution and take the memory it needs (fact L7)."""
    prepare(s, graph_id, stream)


def prepare(s: Session, graph_id: GraphId, stream: StreamId) -> None:
    """Load a graph for runs on a stream."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L7", g.phase >= Phase.ADDED)
    assume("Q10", all_live(g))
    load(s, graph_id, s.streams[stream].allocator)


@ge.call("RunGraph")
def run_graph(s: Session, graph_id: GraphId, tensor: Address) -> None:
    """Run a graph and wait for it."""
    run(s, graph_id, RunMode.SYNC, tensor)


@ge.call("RunGraphAsync")
def run_graph_async(s: Session, graph_id: GraphId, tensor: Address) -> None:
    """Run a graph; the run is in flight until its callback is called."""
    run_to_callback(s, graph_id, tensor)


def run_to_callback(s: Session, graph_id: GraphId, tensor: Address) -> None:
    """Submit a run that its callback ends (fact L9)."""
    g = s.graphs[graph_id]
    run(s, graph_id, RunMode.CALLBACK, tensor)
    g.pending = g.pending + 1
    g.awaiting = True


@ge.call("RunGraphWithStreamAsync")
def run_graph_with_stream(s: Session, graph_id: GraphId, stream: StreamId, tensor: Address) -> None:
    """Run a graph on a stream; the run is in flight until the stream is synchronised."""
    run_on_stream(s, graph_id, stream, tensor)


def run_on_stream(s: Session, graph_id: GraphId, stream: StreamId, tensor: Address) -> None:
    """Submit a run that synchronising its stream ends (fact L9)."""
    g = s.graphs[graph_id]
    run(s, graph_id, RunMode.STREAM, tensor, stream)
    g.lanes[stream].busy = True


def any_in_use(g: Graph, base: Address, size: Size) -> Bool:
    """A run in flight uses a byte of [base, base + size)."""
    return g.running & any_of(*(m.overlaps(base, size) for m in g.memories))
