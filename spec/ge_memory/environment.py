"""What happens around the API: runs end, and the caller allocates and frees device memory."""

from callproof.model import Address, Size, all_of, any_of, assume, axiom, disjoint, implies, no_wrap, outcome, result
from ge_memory.contract import ge
from ge_memory.execution import any_in_use
from ge_memory.state import BlockId, GraphId, Owner, Session, StreamId


@ge.event("run callback", page="RunGraphAsync")
def run_callback(s: Session, graph_id: GraphId) -> None:
    """The callback of a RunGraphAsync is called: that run has ended (fact L9)."""
    g = s.graphs[graph_id]
    axiom("L9", g.awaiting)
    pending = g.pending
    g.pending = pending - 1
    with outcome("last in flight", when=pending == 1):
        g.awaiting = False
    with outcome("more in flight", when=pending != 1):
        pass


@ge.event("aclrtSynchronizeStream", page="RunGraphWithStreamAsync")
def synchronise(s: Session, stream: StreamId) -> None:
    """The caller waits for a stream: every run on it has ended (fact L9)."""
    for g in s.graphs.every():
        g.lanes[stream].busy = False


@ge.event("aclrtMalloc")
def allocate(s: Session, block: BlockId, size: Size) -> None:
    """The caller allocates device memory. Naming a block anew means that the old one is no longer followed."""
    base = result("memory", Address)
    b = s.blocks[block]
    axiom("fresh", (base != 0) & (size > 0) & no_wrap(base, size))
    axiom("fresh", all_of(*(implies(o.live, disjoint(o.base, o.size, base, size)) for o in s.blocks.every())))
    for g in s.graphs.every():
        for m in g.memories:
            axiom("fresh", implies(m.bound & m.live, disjoint(m.base, m.size, base, size)))
    b.live = True
    b.base = base
    b.size = size


@ge.event("aclrtFree")
def free(s: Session, block: BlockId) -> None:
    """The caller frees device memory; whatever is still bound there is no longer allocated."""
    b = s.blocks[block]
    base, size = b.base, b.size
    assume("free-live", b.live)
    assume("Q10", ~any_of(*(any_in_use(g, base, size) for g in s.graphs.every())))
    for g in s.graphs.every():
        for m in g.memories:
            live = m.live
            m.live = live & ~((m.owner == Owner.CALLER) & ~disjoint(m.base, m.size, base, size))
    b.reset()
