"""Calls that bring a session, a graph or an allocator into being and take it away again."""

from dataclasses import dataclass

from callproof.model import Bool, Size, assume, axiom, harden, implies, ite, outcome, require, result
from ge_memory.contract import FEATURE_BASE_REFRESHABLE, ge
from ge_memory.state import Graph, GraphId, Phase, Session, StreamId


@ge.call("GEInitializeV2")
def initialise(s: Session) -> None:
    """Start the one GE instance."""
    assume("L1-once", ~s.initialised)
    s.initialised = True


@ge.call("GEFinalizeV2")
def finalise(s: Session) -> None:
    """Release everything: graphs, their memory, registered allocators (fact L2)."""
    require("L1", s.initialised)
    s.initialised = False
    for g in s.graphs.every():
        harden("Q4", ~g.running)
        g.reset()
    for stream in s.streams.every():
        stream.reset()


@ge.call("AddGraph")
def add_graph(s: Session, graph_id: GraphId) -> None:
    """Add a graph to the session."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L3", g.phase == Phase.ABSENT)
    g.phase = Phase.ADDED


@ge.call("RemoveGraph")
def remove_graph(s: Session, graph_id: GraphId) -> None:
    """Delete a graph; nothing of it survives under its id (question Q11)."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L4", g.phase != Phase.ABSENT)
    harden("Q4", ~g.running)
    g.reset()


@dataclass(frozen=True, slots=True)
class Summary:
    """What compiling a graph decides about it (facts S1 to S7)."""

    is_static: Bool
    is_refreshable: Bool
    const: Size
    feature: Size
    fixed: Size
    p2p: Size
    refreshable: Size

    def store(self, g: Graph, when: Bool | bool = True) -> None:
        """Make it the graph's summary, where `when` holds."""
        g.is_static = ite(when, self.is_static, g.is_static)
        g.is_refreshable = ite(when, self.is_refreshable, g.is_refreshable)
        g.need_const = ite(when, self.const, g.need_const)
        g.need_feature = ite(when, self.feature, g.need_feature)
        g.need_fixed = ite(when, self.fixed, g.need_fixed)
        g.need_p2p = ite(when, self.p2p, g.need_p2p)
        g.need_refreshable = ite(when, self.refreshable, g.need_refreshable)


def returned_summary(when: Bool | bool = True) -> Summary:
    """The summary as results of a call, where `when` holds; a dynamic graph has fixed sizes only (fact S1)."""
    is_static = result("is_static", Bool, when=when)
    static = is_static & when
    summary = Summary(
        is_static,
        result("is_refreshable", Bool, when=static),
        result("const_size", Size, when=static),
        result("feature_size", Size, when=static),
        result("fixed_size", Size, when=when),
        result("p2p_fixed_size", Size, when=when),
        result("refreshable_size", Size, when=static),
    )
    axiom("S6", implies(static, implies(summary.is_refreshable, FEATURE_BASE_REFRESHABLE.is_("1"))))
    axiom("S7", implies(static, covers(summary.fixed, summary.refreshable, summary.feature)))
    return Summary(
        summary.is_static,
        summary.is_refreshable,
        ite(is_static, summary.const, 0),
        ite(is_static, summary.feature, 0),
        summary.fixed,
        summary.p2p,
        ite(is_static, summary.refreshable, 0),
    )


def covers(fixed: Size, refreshable: Size, feature: Size) -> Bool:
    """The two parts hold all feature memory, and their sum does not wrap (fact S7)."""
    return (feature >= fixed) & (fixed + refreshable >= feature) & (fixed + refreshable >= fixed)


@ge.call("CompileGraph")
def compile_graph(s: Session, graph_id: GraphId) -> None:
    """Compile a graph; from here on the caller may manage its memory (fact L5)."""
    compile_once(s, graph_id)


def compile_once(s: Session, graph_id: GraphId) -> None:
    """What compiling demands and decides."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L5", g.phase >= Phase.ADDED)
    harden("Q12", g.phase == Phase.ADDED)
    returned_summary().store(g)
    g.phase = Phase.COMPILED


@ge.call("GetCompiledGraphSummary")
def get_summary(s: Session, graph_id: GraphId) -> None:
    """Read what compiling decided."""
    g = s.graphs[graph_id]
    require("L1", s.initialised)
    require("L6", g.phase >= Phase.COMPILED)
    axiom("S1", result("is_static", Bool) == g.is_static)
    axiom("S6", result("is_refreshable", Bool, when=g.is_static) == g.is_refreshable)
    axiom("S2", implies(g.is_static, result("const_size", Size, when=g.is_static) == g.need_const))
    axiom("S3", implies(g.is_static, result("feature_size", Size, when=g.is_static) == g.need_feature))
    axiom("S4", result("fixed_size", Size) == g.need_fixed)
    axiom("S4", result("p2p_fixed_size", Size) == g.need_p2p)
    axiom("S5", implies(g.is_static, result("refreshable_size", Size, when=g.is_static) == g.need_refreshable))


@ge.call("RegisterExternalAllocator")
def register_allocator(s: Session, stream: StreamId) -> None:
    """Let an allocator of the caller serve loads on a stream; the last one counts (fact A2)."""
    require("L1", s.initialised)
    s.streams[stream].allocator = True


@ge.call("UnregisterExternalAllocator")
def unregister_allocator(s: Session, stream: StreamId) -> None:
    """Take the allocator back; without one this succeeds and does nothing (fact A4)."""
    t = s.streams[stream]
    require("L1", s.initialised)
    with outcome("unregistered", when=t.allocator):
        t.allocator = False
    with outcome("nothing to do", when=~t.allocator):
        pass
