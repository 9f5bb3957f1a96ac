"""What must hold in every state and on every step, whatever sequence of accepted calls leads there."""

from callproof.model import Bool, StepInfo, implies
from posix_memory.contract import posix
from posix_memory.state import Process, Protection, RegionId


@posix.invariant("whole-pages", "SIZE")
def whole_pages(p: Process, region: RegionId) -> Bool:
    """A region is one page or more, of whole pages, does not pass the end of the address space, and knows its size."""
    r = p.regions[region]
    return implies(r.mapped, r.is_sound)


@posix.invariant("arena-whole", "SIZE")
def arena_whole(p: Process) -> Bool:
    """The caller's range is of whole pages, knows its size, and does not begin at the null address."""
    return implies(p.arena.reserved, p.arena.is_sound & (p.arena.base != 0))


@posix.invariant("placed-in-arena", "SIZE")
def placed_in_arena(p: Process, region: RegionId) -> Bool:
    """A region whose place the caller chose lies in the range that the caller keeps for itself."""
    r = p.regions[region]
    return implies(r.mapped & r.placed, p.owns(r.base, r.end))


@posix.invariant("not-null", "ADDRESS", answers=("Q1",))
def not_null(p: Process, region: RegionId) -> Bool:
    """No region starts at the null address."""
    r = p.regions[region]
    return implies(r.mapped, r.base != 0)


@posix.invariant("disjoint", "ADDRESS")
def apart(p: Process, region: RegionId, other: RegionId) -> Bool:
    """No page belongs to two regions."""
    r, o = p.regions[region], p.regions[other]
    return implies(r.here & o.here, r.is_apart(o.base, o.end))


@posix.invariant("intact", "ADDRESS")
def intact(p: Process, region: RegionId) -> Bool:
    """What was mapped stays mapped until a call names it: none takes pages of another region away."""
    r = p.regions[region]
    return implies(r.mapped, r.intact)


@posix.step_invariant("arena-kept", "ADDRESS")
def arena_kept(old: Process, new: Process, step: StepInfo) -> Bool:
    """The range that the caller keeps for itself does not change."""
    a, b = old.arena, new.arena
    return implies(a.reserved, b.reserved & (b.base == a.base) & (b.size == a.size))


@posix.invariant("gone", "LIFECYCLE")
def gone(p: Process, region: RegionId) -> Bool:
    """Nothing is left of a region that was unmapped."""
    r = p.regions[region]
    nothing = (r.base == 0) & (r.size == 0) & (r.end == 0) & (r.stamp == 0) & ~r.intact & ~r.placed
    return r.mapped | nothing & (r.protection == Protection.PROT_NONE)


@posix.step_invariant("contents-kept", "LIFECYCLE")
def contents_kept(old: Process, new: Process, step: StepInfo, region: RegionId) -> Bool:
    """What pages hold is changed by stores, MADV_DONTNEED and a new mapping only: not by moving or protecting them."""
    a, b = old.regions[region], new.regions[region]
    changes = step.is_call("store", region) | step.is_call("madvise", region) | step.is_call("mmap", region)
    return implies(a.mapped & b.mapped & ~changes, b.stamp == a.stamp)


@posix.step_invariant("protection-kept", "LIFECYCLE")
def protection_kept(old: Process, new: Process, step: StepInfo, region: RegionId) -> Bool:
    """What may be done with pages is changed by mprotect and a new mapping only."""
    a, b = old.regions[region], new.regions[region]
    changes = step.is_call("mprotect", region) | step.is_call("mmap", region)
    return implies(a.mapped & b.mapped & ~changes, b.protection == a.protection)
