"""The specification value that the calls, events and invariants of this package are added to."""

from callproof.model import PublishedDriver, Specification
from posix_memory.clauses import CLAUSES
from posix_memory.deviations import DEVIATIONS
from posix_memory.facts import FACTS, QUESTIONS
from posix_memory.state import Process, RegionId

posix = Specification(
    "posix-memory",
    "Anonymous private memory by mmap, munmap, mprotect, mremap and madvise",
    Process,
    CLAUSES,
    facts=FACTS,
    questions=QUESTIONS,
    products=("POSIX.1-2017 and POSIX.1-2024", "Linux, with pages of 4096 bytes"),
    # A cut or a growing region makes two of one, and beside these two a third tells what must not be touched.
    numbers={RegionId: 3},
    drivers={"kernel": PublishedDriver("posix_memory.kernel:KERNEL", DEVIATIONS)},
)
