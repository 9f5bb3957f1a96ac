"""What must hold in every state and on every step, whatever sequence of accepted calls leads there."""

from callproof.model import Bool, StepInfo, all_of, any_of, disjoint, implies
from ge_memory.contract import STATIC_MEMORY_POLICY, ge
from ge_memory.execution import all_live, graphs_apart, shares_memory
from ge_memory.state import BlockId, Graph, GraphId, Memory, Phase, RunMode, Session


def _same_base(old: Memory, new: Memory) -> Bool:
    return new.bound & (new.base == old.base)


def _lives(g: Graph) -> Bool:
    return g.phase != Phase.ABSENT


@ge.invariant("const-fits", "SIZE")
def const_fits(s: Session, graph_id: GraphId) -> Bool:
    """Bound const memory holds what the compiled graph needs."""
    g = s.graphs[graph_id]
    return implies(g.const.bound, g.const.size >= g.need_const)


@ge.invariant("feature-fits", "SIZE")
def feature_fits(s: Session, graph_id: GraphId) -> Bool:
    """Bound feature memory holds what the compiled graph needs."""
    g = s.graphs[graph_id]
    return implies(g.feature.bound, g.feature.size >= g.need_feature)


@ge.invariant("refreshable-fits", "SIZE", answers=("Q8", "Q12"))
def refreshable_fits(s: Session, graph_id: GraphId) -> Bool:
    """Bound refreshable memory holds what the compiled graph needs."""
    g = s.graphs[graph_id]
    return implies(g.refreshable.bound, g.refreshable.size >= g.need_refreshable)


@ge.invariant("fixed-fits", "SIZE")
def fixed_fits(s: Session, graph_id: GraphId) -> Bool:
    """Bound fixed memory of type DEFAULT holds what the compiled graph needs."""
    g = s.graphs[graph_id]
    return implies(g.fixed.bound, g.fixed.size >= g.need_fixed)


@ge.invariant("p2p-fixed-fits", "SIZE")
def p2p_fixed_fits(s: Session, graph_id: GraphId) -> Bool:
    """Bound fixed memory of type P2P holds what the compiled graph needs."""
    g = s.graphs[graph_id]
    return implies(g.p2p.bound, g.p2p.size >= g.need_p2p)


@ge.invariant("loaded-backed", "SIZE", answers=("Q5", "Q12"))
def loaded_backed(s: Session, graph_id: GraphId) -> Bool:
    """Every byte that a loaded static graph needs is backed by memory, whoever allocated it."""
    g = s.graphs[graph_id]
    const = g.const.bound & (g.const.size >= g.need_const)
    feature = g.feature.bound & (g.feature.size >= g.need_feature)
    refreshable = g.refreshable.bound & (g.refreshable.size >= g.need_refreshable)
    fixed = (g.need_fixed == 0) | g.fixed.bound & (g.fixed.size >= g.need_fixed)
    p2p = (g.need_p2p == 0) | g.p2p.bound & (g.p2p.size >= g.need_p2p)
    return implies((g.phase == Phase.LOADED) & g.is_static, const & p2p & (feature | refreshable & fixed))


@ge.invariant("base-not-null", "ADDRESS", answers=("Q1",))
def base_not_null(s: Session, graph_id: GraphId) -> Bool:
    """Bound memory does not start at the null address."""
    return all_of(*(implies(m.bound, m.base != 0) for m in s.graphs[graph_id].memories))


@ge.invariant("no-wrap", "ADDRESS", answers=("Q2",))
def no_wrap(s: Session, graph_id: GraphId) -> Bool:
    """Bound memory does not pass the end of the address space."""
    return all_of(*(implies(m.bound, m.within_space) for m in s.graphs[graph_id].memories))


@ge.invariant("block-sound", "ADDRESS")
def block_sound(s: Session, block: BlockId) -> Bool:
    """Memory that the caller has allocated lies inside the address space, not at the null address."""
    b = s.blocks[block]
    return implies(b.live, (b.base != 0) & (b.base <= b.base + (b.size - 1)))


@ge.invariant("own-memory-live", "ADDRESS")
def own_memory_live(s: Session, graph_id: GraphId) -> Bool:
    """Memory that GE allocated stays allocated while it is bound."""
    return all_of(*(implies(m.bound & ~m.by_caller, m.live) for m in s.graphs[graph_id].memories))


@ge.invariant("block-apart", "ADDRESS")
def block_apart(s: Session, block: BlockId, graph_id: GraphId) -> Bool:
    """Memory that the caller has allocated overlaps none that GE allocated."""
    b = s.blocks[block]
    ms = s.graphs[graph_id].memories
    return all_of(*(implies(b.live & m.bound & ~m.by_caller, ~b.overlaps(m.base, m.size)) for m in ms))


@ge.invariant("disjoint-in-graph", "ADDRESS", answers=("Q3",))
def disjoint_in_graph(s: Session, graph_id: GraphId) -> Bool:
    """No two regions bound to a graph overlap."""
    ms = s.graphs[graph_id].memories
    return all_of(
        *(
            implies(m.bound & n.bound, disjoint(m.base, m.size, n.base, n.size))
            for i, m in enumerate(ms)
            for n in ms[:i]
        )
    )


def _concurrent(g: Graph, h: Graph) -> Bool:
    """A run of each is in flight, and not one after the other on the same stream."""
    lanes = list(h.lanes.every())
    apart = [
        mine.busy & theirs.busy for i, mine in enumerate(g.lanes.every()) for j, theirs in enumerate(lanes) if i != j
    ]
    return any_of(g.awaiting & h.running, g.running & h.awaiting, *apart)


@ge.invariant("disjoint-in-flight", "ADDRESS", answers=("Q3",))
def disjoint_in_flight(s: Session, graph_id: GraphId, other: GraphId) -> Bool:
    """No memory of a graph in flight overlaps memory of another in flight at the same time."""
    g, h = s.graphs[graph_id], s.graphs[other]
    return implies(_concurrent(g, h), graphs_apart(g, h))


@ge.invariant("own-memory-apart", "ADDRESS", answers=("Q3",))
def own_memory_apart(s: Session, graph_id: GraphId, other: GraphId) -> Bool:
    """What GE allocated for one graph overlaps nothing allocated of another, but for what a policy lets them share."""
    g, h = s.graphs[graph_id], s.graphs[other]
    return all_of(
        *(
            implies(
                m.bound & n.bound & ~m.by_caller & ~(shares_memory() & ~n.by_caller),
                implies(m.live & n.live, disjoint(m.base, m.size, n.base, n.size)),
            )
            for m in g.memories
            for n in h.memories
        )
    )


@ge.step_invariant("disjoint-during-run", "ADDRESS", answers=("Q3",))
def disjoint_during_run(old: Session, new: Session, step: StepInfo, graph_id: GraphId, other: GraphId) -> Bool:
    """While RunGraph works, its graph's memory overlaps none of a graph in flight."""
    g, h = new.graphs[graph_id], new.graphs[other]
    return implies(step.is_call("RunGraph", graph_id) & h.running, graphs_apart(g, h))


@ge.step_invariant("const-base-stable", "ADDRESS")
def const_base_stable(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """The const base never changes while the graph lives."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    return implies(g.const.bound & _lives(g2), _same_base(g.const, g2.const))


@ge.step_invariant("fixed-base-stable", "ADDRESS")
def fixed_base_stable(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """A fixed base never moves; GE may give its own back when the caller's feature memory takes its place."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    pairs = ((g.fixed, g2.fixed), (g.p2p, g2.p2p))
    kept = all_of(*(implies(a.by_caller & _lives(g2), b.bound) for a, b in pairs))
    return kept & all_of(*(implies(a.bound & b.bound, a.base == b.base) for a, b in pairs))


@ge.step_invariant("unrefreshable-base-stable", "ADDRESS", answers=("Q7",))
def unrefreshable_base_stable(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """The feature base of a graph that is not refreshable never changes."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    return all_of(
        *(
            implies(a.bound & ~g.is_refreshable & _lives(g2), _same_base(a, b))
            for a, b in ((g.feature, g2.feature), (g.refreshable, g2.refreshable))
        )
    )


@ge.step_invariant("stable-while-running", "ADDRESS", answers=("Q4",))
def stable_while_running(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """No base or size changes while a run is in flight."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    return all_of(
        *(
            implies(g.running & g2.running & a.bound, _same_base(a, b) & (a.size == b.size))
            for a, b in zip(g.memories, g2.memories, strict=True)
        )
    )


@ge.step_invariant("no-remove-while-running", "ADDRESS", answers=("Q4",))
def no_remove_while_running(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """No graph goes away while a run of it is in flight."""
    return implies(old.graphs[graph_id].running, _lives(new.graphs[graph_id]))


@ge.invariant("running-is-allocated", "ADDRESS", answers=("Q10",))
def running_is_allocated(s: Session, graph_id: GraphId) -> Bool:
    """Memory of a graph in flight is allocated."""
    g = s.graphs[graph_id]
    return all_of(*(implies(g.running & m.bound, m.live) for m in g.memories))


@ge.step_invariant("allocated-during-run", "ADDRESS", answers=("Q10",))
def allocated_during_run(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """While RunGraph works, its graph's memory is allocated."""
    return implies(step.is_call("RunGraph", graph_id), all_live(new.graphs[graph_id]))


@ge.invariant("tensor-aligned", "ADDRESS")
def tensor_aligned(s: Session, graph_id: GraphId) -> Bool:
    """Device tensors that a run uses lie at multiples of 32."""
    return s.graphs[graph_id].tensor.is_aligned(32)


@ge.invariant("feature-or-refreshable", "LIFECYCLE", answers=("Q6",))
def feature_or_refreshable(s: Session, graph_id: GraphId) -> Bool:
    """Feature and refreshable memory are never both bound."""
    g = s.graphs[graph_id]
    return ~(g.feature.bound & g.refreshable.bound)


@ge.invariant("feature-or-fixed", "LIFECYCLE", answers=("Q6",))
def feature_or_fixed(s: Session, graph_id: GraphId) -> Bool:
    """The caller's feature memory is never bound beside fixed memory of type DEFAULT, set or switched off."""
    g = s.graphs[graph_id]
    return implies(g.feature.by_caller, ~g.fixed.bound & ~g.fixed_off)


@ge.invariant("off-then-no-refreshable", "LIFECYCLE", answers=("Q5",))
def off_then_no_refreshable(s: Session, graph_id: GraphId) -> Bool:
    """Refreshable memory is never bound while fixed memory is switched off."""
    g = s.graphs[graph_id]
    return implies(g.fixed_off, ~g.refreshable.bound)


@ge.invariant("policy-4-never-off", "LIFECYCLE")
def policy_4_never_off(s: Session, graph_id: GraphId) -> Bool:
    """Fixed memory is never switched off under static memory policy 4."""
    return implies(s.graphs[graph_id].fixed_off, ~STATIC_MEMORY_POLICY.is_("4"))


@ge.invariant("alone-where-shared", "LIFECYCLE")
def alone_where_shared(s: Session, graph_id: GraphId, other: GraphId) -> Bool:
    """Under the policies that let static graphs share memory, no two graphs are in flight at the same time."""
    g, h = s.graphs[graph_id], s.graphs[other]
    return implies(shares_memory(), ~(g.running & h.running))


@ge.invariant("running-is-loaded", "LIFECYCLE", answers=("Q12",))
def running_is_loaded(s: Session, graph_id: GraphId) -> Bool:
    """A graph in flight is loaded."""
    g = s.graphs[graph_id]
    return implies(g.running, g.phase == Phase.LOADED)


@ge.invariant("static-only", "LIFECYCLE")
def static_only(s: Session, graph_id: GraphId) -> Bool:
    """Const, feature and refreshable memory are bound only to static graphs."""
    g = s.graphs[graph_id]
    return implies(g.const.bound | g.feature.bound | g.refreshable.bound, g.is_static)


@ge.step_invariant("one-run-mode", "LIFECYCLE")
def one_run_mode(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """A graph keeps to the first of the three run calls it was run by."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    return implies((g.mode != RunMode.NONE) & _lives(g2), g2.mode == g.mode)


@ge.step_invariant("allocator-not-used-where-bound", "LIFECYCLE")
def allocator_not_used_where_bound(old: Session, new: Session, step: StepInfo, graph_id: GraphId) -> Bool:
    """No allocator of GE's side takes the place of memory that the caller bound."""
    g, g2 = old.graphs[graph_id], new.graphs[graph_id]
    return all_of(
        *(
            implies(a.by_caller & _lives(g2) & b.bound, b.by_caller)
            for a, b in zip(g.memories, g2.memories, strict=True)
        )
    )
