"""The running kernel as a driver of this specification: `callproof test posix-memory:kernel --spec posix-memory`.

The driver works in a range of addresses that is far from everything that a Linux process has (the arena), and in what
the kernel has placed elsewhere for it. A call is passed on where its effect stays there, or where the kernel must
refuse it for its arguments alone. Any other is not made (`NotImplementedError`): it might take memory from under this
process.
"""

import os
import platform
from typing import ClassVar

from posix_memory import system
from posix_memory.state import LONGEST, PAGE

ARENA = 1 << 44
"""Where the arena begins: below all that Linux places by itself on 64-bit machines, for it seeks from above, or from a
third of the address space; and above programs that are not moved."""
LARGEST = 1 << 22
"""Bytes of an arena at most: so many pages as one system call writes to."""

_PROTECTIONS = {
    "PROT_NONE": system.PROT_NONE,
    "PROT_READ": system.PROT_READ,
    "PROT_READ_WRITE": system.PROT_READ | system.PROT_WRITE,
}
_PLACEMENTS = {
    "ANYWHERE": 0,
    "MAP_FIXED": system.MAP_FIXED,
    "MAP_FIXED_NOREPLACE": system.MAP_FIXED_NOREPLACE,
}
_MOVES = {
    "IN_PLACE": 0,
    "MAYMOVE": system.MREMAP_MAYMOVE,
    "MAYMOVE_FIXED": system.MREMAP_MAYMOVE | system.MREMAP_FIXED,
    "FIXED": system.MREMAP_FIXED,
}
_ADVICE = {"MADV_NORMAL": system.MADV_NORMAL, "MADV_DONTNEED": system.MADV_DONTNEED}

Done = str | tuple[str, dict[str, int]]
Span = tuple[int, int]
"""The bytes from the first number to before the second."""


class Kernel:
    """Anonymous memory as the kernel of this machine has it. Names of regions are kept here: no kernel knows them."""

    driver = "linux"
    version = platform.release()
    handles: ClassVar = {"RegionId": 2}

    def __init__(self) -> None:
        self._system = system.System()
        self._arena: Span = (ARENA, ARENA)
        self._regions: dict[int, Span] = {}

    def reset(self, options: dict[str, str], kinds: dict[str, str]) -> None:
        """Unmap all that this driver has mapped. Raises `OSError` where pages have another size."""
        if os.sysconf("SC_PAGESIZE") != PAGE:
            raise OSError(f"the specification is of pages of {PAGE} bytes, not of {os.sysconf('SC_PAGESIZE')}")
        for base, end in (self._arena, *self._regions.values()):
            if base < end:
                self._system.munmap(base, end - base)
        self._arena, self._regions = (ARENA, ARENA), {}

    # -- events -------------------------------------------------------------------------------------------------

    def reserve(self, size: int) -> Done:
        """Take the arena, after the kernel has said that nothing is there."""
        if not 0 < size <= LARGEST:
            raise NotImplementedError(f"an arena has {LARGEST:,} bytes at most")
        found = self._system.mmap(ARENA, size, system.PROT_NONE, system.MAP_FIXED_NOREPLACE)
        if found != ARENA:
            return str(found)
        self._system.munmap(ARENA, size)
        self._arena = (ARENA, ARENA + size)
        return "SUCCESS", {"memory": ARENA}

    def cut(self, region: int, rest: int, at: int) -> Done:
        """Nothing that the kernel hears of."""
        base, end = self._regions[region]
        self._regions[region], self._regions[rest] = (base, at), (at, end)
        return "SUCCESS"

    # -- calls --------------------------------------------------------------------------------------------------

    def mmap(self, region: int, addr: int, length: int, prot: str, placement: str) -> Done:
        end = _end(addr, length)
        hopeless = length == 0 or length > LONGEST
        if placement == "ANYWHERE":
            self._allow(hopeless or length <= LARGEST)
        else:
            self._allow(hopeless or _is_odd(addr) or end <= addr or self._owns(addr, end))
        at = self._system.mmap(addr, length, _PROTECTIONS[prot], _PLACEMENTS[placement])
        if isinstance(at, str):
            return at
        self._regions[region] = (at, _end(at, length))
        return "SUCCESS", {"address": at}

    def munmap(self, region: int, rest: int, addr: int, length: int) -> Done:
        end = _end(addr, length)
        self._allow(length == 0 or self._harmless(addr, length, end))
        answer = self._system.munmap(addr, length)
        if isinstance(answer, str):
            return answer
        left = _without(self._regions.pop(region, (0, 0)), (addr, end))
        self._regions.update(zip((region, rest), left, strict=False))
        return "SUCCESS"

    def mprotect(self, region: int, addr: int, length: int, prot: str) -> Done:
        self._allow(length == 0 or self._harmless(addr, length, _end(addr, length)))
        return _status(self._system.mprotect(addr, length, _PROTECTIONS[prot]))

    def madvise(self, region: int, addr: int, length: int, advice: str) -> Done:
        self._allow(length == 0 or self._harmless(addr, length, _end(addr, length)))
        return _status(self._system.madvise(addr, length, _ADVICE[advice]))

    def mremap(
        self, region: int, rest: int, old_address: int, old_size: int, new_size: int, flags: str, new_address: int
    ) -> Done:
        old_end, new_end = _end(old_address, old_size), _end(new_address, new_size)
        refused = flags == "FIXED" or _is_odd(old_address) or new_size == 0 or new_size > LONGEST
        if flags == "MAYMOVE_FIXED":
            overlap = old_address < new_end and new_address < old_end
            refused = refused or _is_odd(new_address) or new_end <= new_address or overlap
        if not refused:
            self._allow(new_size <= LARGEST)
            # What is rounded up to 0 bytes is 0 to the kernel, and of 0 bytes of memory that others share it makes
            # another mapping: that is for its owner to ask.
            nothing = old_size == 0 or old_size > LONGEST
            self._allow(self._owns(old_address, old_address + 1) if nothing else self._safe(old_address, old_end))
            self._allow(flags != "MAYMOVE_FIXED" or self._owns(new_address, new_end))
        at = self._system.mremap(old_address, old_size, new_size, _MOVES[flags], new_address)
        if isinstance(at, str):
            return at
        end, middle = _end(at, new_size), _end(at, old_size)
        self._regions[region] = (at, min(end, middle))
        if middle < end:
            self._regions[rest] = (middle, end)
        return "SUCCESS", {"address": at}

    def load(self, region: int, address: int) -> Done:
        self._allow(self._owns(address, address + 1))
        found = self._system.read_word(address & -PAGE)
        return _status(found) if isinstance(found, str) else ("SUCCESS", {"stamp": found})

    def store(self, region: int, address: int, size: int, stamp: int) -> Done:
        self._allow(0 < size <= LARGEST and self._owns(address, address + size))
        return _status(self._system.write_words(address, address + size, PAGE, stamp))

    # -- what may be passed on ----------------------------------------------------------------------------------

    def _allow(self, harmless: bool) -> None:
        if not harmless:
            raise NotImplementedError("its effect could leave the memory that the driver works in")

    def _harmless(self, address: int, length: int, end: int) -> bool:
        """The kernel must refuse these arguments, or the pages are the driver's."""
        return length > LONGEST or self._safe(address, end)

    def _safe(self, address: int, end: int) -> bool:
        return _is_odd(address) or end <= address or self._owns(address, end)

    def _owns(self, base: int, end: int) -> bool:
        """All of [base, end) lies in the arena or in one of the regions."""
        return any(first <= base and end <= last for first, last in (self._arena, *self._regions.values()))


def _end(base: int, length: int) -> int:
    """The end of the last page that has a byte in the range, modulo 2**64."""
    return (base + length + PAGE - 1) % 2**64 & -PAGE


def _is_odd(address: int) -> bool:
    return address % PAGE != 0


def _without(span: Span, taken: Span) -> list[Span]:
    """What is left of a span."""
    parts = (span[0], min(span[1], taken[0])), (max(span[0], taken[1]), span[1])
    return [(base, end) for base, end in parts if base < end]


def _status(answer: system.Answer) -> str:
    """Success, or the error; a copy that meets memory which it may not use is what a signal is to the processor."""
    return "SUCCESS" if not isinstance(answer, str) else "SIGSEGV" if answer == "EFAULT" else answer


KERNEL = Kernel()
"""One for a process, which has one memory."""
