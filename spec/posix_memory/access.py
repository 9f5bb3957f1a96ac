"""What the processor does with the pages: loads and stores, which the protection allows or not."""

from callproof.model import Address, Number, Size, assume, axiom, implies, ite, require, result
from posix_memory.contract import posix
from posix_memory.state import Process, Protection, RegionId


@posix.call("load", page="mmap")
def load(p: Process, region: RegionId, address: Address) -> None:
    """Read the first eight bytes of the page that has the address."""
    r = p.regions[region]
    end = address + Size.of(1)
    known = p.is_mapped_in_part(address, end)
    readable = implies(r.holds(address, end), r.protection != Protection.PROT_NONE)
    require("S1", known)
    require("S2", readable)
    assume("whole", implies(known & readable, r.holds(address, end)))
    axiom("S4", result("stamp", Number) == r.stamp)


@posix.call("store", page="mmap")
def store(p: Process, region: RegionId, address: Address, size: Size, stamp: Number) -> None:
    """Write a number to the first eight bytes of every page of a region."""
    r = p.regions[region]
    end = address + size
    whole = r.is_exactly(address, end)
    known = (size == 0) | p.is_mapped_in_part(address, end)
    writable = implies(whole, r.protection == Protection.PROT_READ_WRITE)
    require("S1", known)
    require("S3", writable)
    assume("whole", implies(known & writable, whole))
    before = r.stamp
    r.stamp = ite(whole, stamp, before)
