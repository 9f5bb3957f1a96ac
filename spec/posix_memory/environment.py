"""What happens around the calls: the caller takes a range of addresses for itself, and renames what it has."""

from callproof.model import Address, Size, axiom, result
from posix_memory.contract import posix
from posix_memory.state import PAGE, Process, RegionId


@posix.event("reserve", page="mmap")
def reserve(p: Process, size: Size) -> None:
    """The caller finds a range of whole pages that nothing in the process uses, and keeps it for itself."""
    arena = p.arena
    base = result("memory", Address)
    end = base + size
    axiom("arena", ~arena.reserved)
    axiom("arena", (base != 0) & (base < end) & base.is_aligned(PAGE) & end.is_aligned(PAGE))
    arena.reserved = True
    arena.span(base, end)


@posix.event("cut", page="mmap")
def cut(p: Process, region: RegionId, rest: RegionId, at: Address) -> None:
    """The caller calls the pages of a region from `at` on by another name; the system knows nothing of names."""
    r, tail = p.regions[region], p.regions[rest]
    base, end, protection, stamp, placed = r.base, r.end, r.protection, r.stamp, r.placed
    axiom("cut", r.here & at.is_aligned(PAGE) & (base < at) & (at < end))
    axiom("cut", ~tail.mapped)
    if rest == region:
        return
    r.span(base, at)
    tail.become(protection, at, end, stamp, placed)
    tail.intact = True
