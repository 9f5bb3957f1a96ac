"""mmap and munmap: pages come into being and go."""

from callproof.model import Address, EnumTerm, Size, assume, axiom, harden, implies, outcome, require, result, truth
from posix_memory.contract import posix
from posix_memory.state import LONGEST, PAGE, Placement, Process, Protection, RegionId


@posix.call("mmap")
def mmap(
    p: Process,
    region: RegionId,
    addr: Address,
    length: Size,
    prot: EnumTerm[Protection],
    placement: EnumTerm[Placement],
) -> None:
    """Map pages of zeros, at an address of the system's choice or of the caller's."""
    r = p.regions[region]
    end = (addr + length).rounded_up(PAGE)
    fixed = placement != Placement.ANYWHERE
    replaces = placement == Placement.MAP_FIXED
    aligned, ends = implies(fixed, addr.is_aligned(PAGE)), implies(fixed, addr < end)
    finds_none = implies(placement == Placement.MAP_FIXED_NOREPLACE, p.is_free(addr, end))
    lawful = (length != 0) & (length <= LONGEST) & aligned & ends & finds_none
    require("M3", length != 0)
    require("M4", length <= LONGEST)
    require("M5", aligned)
    require("M6", ends)
    require("M8", finds_none)
    harden("Q1", implies(fixed, addr != 0))
    # Where the system must refuse anyway, callers owe nothing.
    assume("own", implies(lawful & fixed, p.owns(addr, end)))
    assume("own-replace", implies(lawful & replaces, p.is_free_beside(region, addr, end)))
    assume("memory", implies(lawful, length <= p.arena.size))
    assume("name", implies(lawful, ~r.mapped | replaces & r.is_exactly(addr, end)))
    at = result("address", Address)
    at_end = (at + length).rounded_up(PAGE)
    axiom("M2", implies(fixed, (at == addr) & (at_end == end)))
    axiom("M1", implies(~fixed, p.is_fresh(at, at_end)))
    p.discard_beside(region, at, at_end)
    r.become(prot, at, at_end, 0, fixed)
    r.intact = True


@posix.call("munmap")
def munmap(p: Process, region: RegionId, rest: RegionId, addr: Address, length: Size) -> None:
    """Take every page away that has a byte in the range; `rest` names what is left behind a hole in `region`."""
    r, tail = p.regions[region], p.regions[rest]
    end = (addr + length).rounded_up(PAGE)
    touches = ~r.is_clear_of(addr, end)
    from_start, to_end = addr <= r.base, r.end <= end
    hole = touches & ~from_start & ~to_end
    named = hole & ~tail.mapped if rest != region else truth(False)
    r_base, r_end, protection, stamp, placed = r.base, r.end, r.protection, r.stamp, r.placed
    ends = (length <= LONGEST) & ((length == 0) | (addr < end))
    lawful = addr.is_aligned(PAGE) & (length != 0) & ends
    require("U2", addr.is_aligned(PAGE))
    require("U3", length != 0)
    require("U4", ends)
    assume("own", implies(lawful, p.owns(addr, end) | r.holds(addr, end)))
    assume("own-unmap", implies(lawful, p.is_free_beside(region, addr, end)))
    assume("name-rest", implies(lawful & hole, named))
    p.discard_beside(region, addr, end, tail, named)
    with outcome("nothing was mapped", when=~touches):
        pass
    with outcome("all", when=touches & from_start & to_end):
        r.reset()
    with outcome("the front", when=touches & from_start & ~to_end):
        r.span(end, r_end)
    with outcome("the back", when=touches & ~from_start & to_end):
        r.span(r_base, addr)
    with outcome("a hole", when=named):
        r.span(r_base, addr)
        if rest != region:
            tail.become(protection, end, r_end, stamp, placed)
    with outcome("a hole, and no name for the rest", when=hole & ~named):
        r.span(r_base, addr)
