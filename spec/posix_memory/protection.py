"""mprotect and madvise: what may be done with pages, and what need not be kept of them."""

from callproof.model import Address, EnumTerm, Number, Size, assume, implies, ite, outcome, require
from posix_memory.contract import posix
from posix_memory.state import LONGEST, PAGE, Advice, Process, Protection, RegionId


@posix.call("mprotect")
def mprotect(p: Process, region: RegionId, addr: Address, length: Size, prot: EnumTerm[Protection]) -> None:
    """Say what may be done with every page that has a byte in the range."""
    r = p.regions[region]
    end = (addr + length).rounded_up(PAGE)
    nothing = length == 0
    ends, known = (length <= LONGEST) & (nothing | (addr < end)), nothing | p.is_mapped_in_part(addr, end)
    lawful = addr.is_aligned(PAGE) & ends & known
    require("P2", addr.is_aligned(PAGE))
    require("P3", ends)
    require("P4", known)
    whole = r.is_exactly(addr, end)
    assume("P5", implies(lawful, nothing | whole))
    with outcome("no page", when=nothing):
        pass
    with outcome("other memory", when=~nothing & ~whole):
        pass
    with outcome("changed", when=~nothing & whole):
        r.protection = prot


@posix.call("madvise")
def madvise(p: Process, region: RegionId, addr: Address, length: Size, advice: EnumTerm[Advice]) -> None:
    """Say how pages will be used: MADV_DONTNEED lets go of what they hold, and they read as zeros again."""
    r = p.regions[region]
    end = (addr + length).rounded_up(PAGE)
    nothing = length == 0
    whole = r.is_exactly(addr, end)
    ends, known = (length <= LONGEST) & (nothing | (addr < end)), nothing | p.is_mapped_in_part(addr, end)
    lawful = addr.is_aligned(PAGE) & ends & known
    require("A2", addr.is_aligned(PAGE))
    require("A3", ends)
    require("A4", known)
    assume("A5", implies(lawful, nothing | whole))
    drops = ~nothing & whole & (advice == Advice.MADV_DONTNEED)
    stamp = r.stamp
    r.stamp = ite(drops, Number.of(0), stamp)
