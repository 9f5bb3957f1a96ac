"""What became of every fact taken from the pages, and how each open question is answered."""

from callproof.model import Fact, Question, Treatment

_CLAUSE, _AXIOM, _EFFECT, _NONE = Treatment.CLAUSE, Treatment.AXIOM, Treatment.EFFECT, Treatment.NONE

FACTS = (
    Fact("M1", _AXIOM, "M1: a place that the system chooses is free, aligned and not null; a hint binds it to nothing"),
    Fact("M2", _AXIOM, "M2: a fixed mapping lies at addr"),
    Fact("M3", _CLAUSE, "M3"),
    Fact("M4", _CLAUSE, "M4"),
    Fact("M5", _CLAUSE, "M5"),
    Fact("M6", _CLAUSE, "M6"),
    Fact("M7", _EFFECT, "mmap: whole pages, rounded up, which read as zeros"),
    Fact("M8", _CLAUSE, "M8"),
    Fact("M9", _EFFECT, "MAP_FIXED discards what other regions have in the range: they are no longer intact"),
    Fact("M10", _NONE, "files, shared and locked memory, huge pages, stacks and PROT_EXEC are left out"),
    Fact(
        "U1", _EFFECT, "munmap takes every page with a byte in the range: all of a region, its front, its back, a hole"
    ),
    Fact("U2", _CLAUSE, "U2"),
    Fact("U3", _CLAUSE, "U3"),
    Fact("U4", _CLAUSE, "U4"),
    Fact("U5", _EFFECT, "munmap of a range that has no pages succeeds: the outcome `nothing was mapped`"),
    Fact("P1", _EFFECT, "mprotect changes every page with a byte in the range"),
    Fact("P2", _CLAUSE, "P2"),
    Fact("P3", _CLAUSE, "P3"),
    Fact("P4", _CLAUSE, "P4"),
    Fact(
        "P5", _CLAUSE, "P5: a range that is mapped in part is left to the caller, for a failing call may change pages"
    ),
    Fact("A1", _EFFECT, "MADV_DONTNEED lets go of what anonymous private pages hold: they read as zeros"),
    Fact("A2", _CLAUSE, "A2"),
    Fact("A3", _CLAUSE, "A3"),
    Fact("A4", _CLAUSE, "A4"),
    Fact("A5", _CLAUSE, "A5: a range that is mapped in part is left to the caller, as with P5"),
    Fact("R1", _AXIOM, "R1: where the pages are afterwards: in place, at new_address, or at a free place"),
    Fact("R2", _CLAUSE, "R2"),
    Fact("R3", _CLAUSE, "R3"),
    Fact("R4", _CLAUSE, "R4"),
    Fact("R5", _CLAUSE, "R5"),
    Fact("R6", _CLAUSE, "R6"),
    Fact("R7", _CLAUSE, "R7"),
    Fact("R8", _CLAUSE, "R8 and R8-within"),
    Fact("R9", _CLAUSE, "R9"),
    Fact("R10", _CLAUSE, "R10; shared memory, of which 0 bytes may be asked for, is left out"),
    Fact("R11", _EFFECT, "MREMAP_FIXED discards what other regions have in the new range"),
    Fact("R12", _EFFECT, "what pages hold moves with them, and pages beyond the new size are gone"),
    Fact("S1", _CLAUSE, "S1 on load and store"),
    Fact("S2", _CLAUSE, "S2 on load"),
    Fact("S3", _CLAUSE, "S3 on store"),
    Fact("S4", _AXIOM, "S4: a load returns what was stored last, or 0"),
)

QUESTIONS = (
    Question("Q1", "May a caller place memory at the null address?", "No: Q1. Linux leaves it to vm.mmap_min_addr."),
    Question(
        "Q2", "May mprotect and madvise be given a length of 0?", "Yes, and nothing happens: the outcomes `no page`."
    ),
    Question("Q3", "What do the pages hold by which mremap makes a region larger?", "Zeros, as new pages of mmap do."),
    Question(
        "Q4",
        "Which pages does a name stand for?",
        "Pages that were mapped, protected and written alike. The system knows no names: they are the caller's.",
    ),
    Question(
        "Q5",
        "When does the system have no memory or no room left?",
        "Not while a request fits into the caller's range: `memory`, `own-grow`. Beyond that nothing is judged.",
    ),
)
