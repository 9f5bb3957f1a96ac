"""What a process remembers of its anonymous private memory, as far as the calls on it depend on that."""

import enum

from callproof.model import (
    Address,
    Bool,
    EnumTerm,
    Handle,
    Number,
    Record,
    address,
    all_of,
    boolean,
    enumeration,
    number,
    record,
    size,
    table,
)

PAGE = 4096
"""Bytes of a page."""
LONGEST = 2**64 - PAGE
"""The greatest number of bytes that can be rounded up to whole pages."""


class RegionId(Handle):
    """A name that the caller gives to pages that were mapped, protected and written alike."""


class Protection(enum.Enum):
    """`int prot` of mmap and mprotect."""

    PROT_NONE = 0
    PROT_READ = 1
    PROT_READ_WRITE = 2


class Placement(enum.Enum):
    """`int flags` of mmap, beside MAP_PRIVATE and MAP_ANONYMOUS: where the new pages go."""

    ANYWHERE = 0
    MAP_FIXED = 1
    MAP_FIXED_NOREPLACE = 2


class Moving(enum.Enum):
    """`int flags` of mremap."""

    IN_PLACE = 0
    MAYMOVE = 1
    MAYMOVE_FIXED = 2
    FIXED = 3


class Advice(enum.Enum):
    """`int advice` of madvise."""

    MADV_NORMAL = 0
    MADV_DONTNEED = 1


class Range(Record):
    """The bytes [base, end), `size` of them.

    Both ends are kept: what lies where is then a question of order, which is decided faster than one of sums.
    """

    base = address()
    size = size()
    end = address()

    def span(self, base: Address, end: Address) -> None:
        """From now on these are the bytes [base, end)."""
        self.base = base
        self.end = end
        self.size = end - base

    def has(self, base: Address, end: Address) -> Bool:
        """Every byte of [base, end) lies in the range, and there is one."""
        return (self.base <= base) & (base < end) & (end <= self.end)

    def is_apart(self, base: Address, end: Address) -> Bool:
        """No byte of [base, end) lies in the range; neither is empty."""
        return (end <= self.base) | (self.end <= base)

    @property
    def is_sound(self) -> Bool:
        """Whole pages, one at least, that do not pass the end of the address space; the size is theirs."""
        pages = self.base.is_aligned(PAGE) & self.end.is_aligned(PAGE)
        return (self.base < self.end) & pages & (self.size == self.end - self.base)


class Arena(Range):
    """The range of addresses that the caller keeps free of anything else, once it has `reserved` one."""

    reserved = boolean()


class Pages(Range):
    """The pages [base, end) while `mapped`.

    `intact`: all of them are still mapped; a call on other memory has not taken any away. `placed`: the caller said
    where they go. `stamp`: what the first eight bytes of each page hold; 0 is how pages begin.
    """

    mapped = boolean()
    protection = enumeration(Protection)
    intact = boolean(data=True)
    placed = boolean(data=True)
    stamp = number()

    @property
    def here(self) -> Bool:
        """The pages are mapped, as the caller believes."""
        return self.mapped & self.intact

    def become(
        self, protection: EnumTerm[Protection], base: Address, end: Address, stamp: Number | int, placed: Bool | bool
    ) -> None:
        """From now on the name stands for these pages; that they are intact is said elsewhere."""
        self.mapped = True
        self.protection = protection
        self.placed = placed
        self.stamp = stamp
        self.span(base, end)

    def is_clear_of(self, base: Address, end: Address) -> Bool:
        """No byte of [base, end) lies in the region, as far as is known."""
        return ~self.here | self.is_apart(base, end)

    def is_exactly(self, base: Address, end: Address) -> Bool:
        """[base, end) are the pages of the region, no less and no more."""
        return self.here & (self.base == base) & (self.end == end)

    def holds(self, base: Address, end: Address) -> Bool:
        """Every byte of [base, end) is in the region."""
        return self.here & self.has(base, end)


class Process(Record):
    """The caller's regions, and the range that it keeps for itself. Ranges that are asked about are never empty."""

    arena = record(Arena)
    regions = table(Pages, RegionId)

    def owns(self, base: Address, end: Address) -> Bool:
        """[base, end) lies in the arena."""
        return self.arena.reserved & self.arena.has(base, end)

    def is_free(self, base: Address, end: Address) -> Bool:
        """No region has a byte in [base, end)."""
        return all_of(*(r.is_clear_of(base, end) for r in self.regions.every()))

    def is_free_beside(self, region: RegionId, base: Address, end: Address) -> Bool:
        """No region but the one named has a byte in [base, end)."""
        return all_of(*(r.is_clear_of(base, end) for r in self.regions.others(region)))

    def is_mapped_in_part(self, base: Address, end: Address) -> Bool:
        """Some region has a byte in [base, end), or nothing is known of these addresses."""
        return ~self.owns(base, end) | ~self.is_free(base, end)

    def is_fresh(self, base: Address, end: Address) -> Bool:
        """[base, end) are whole pages that no region has, not at the null address, within the address space."""
        return (base != 0) & base.is_aligned(PAGE) & (base < end) & self.is_free(base, end)

    def discard_beside(
        self, region: RegionId, base: Address, end: Address, tail: Pages | None = None, named: Bool | bool = False
    ) -> None:
        """All regions but the one named lose what they have in [base, end); `tail` is whole where `named`."""
        for r in self.regions.others(region):
            intact = r.intact & r.is_apart(base, end)
            r.intact = intact | named if tail is not None and r._path == tail._path else intact
