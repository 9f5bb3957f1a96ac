"""Every clause of the contract, with the page that states it or the question it answers.

`refused_with` names the errors that the pages give for it; SIGSEGV stands for the signal that an access raises.
"""

from callproof.model import Clause, Origin, clause

MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE = "mmap(2)", "munmap(2)", "mprotect(2)", "mremap(2)", "madvise(2)"
POSIX_MMAP, POSIX_MUNMAP, POSIX_MPROTECT = "POSIX mmap", "POSIX munmap", "POSIX mprotect"


def _documented(id: str, page: str, section: str, text: str, *errors: str) -> Clause:
    return clause(id, Origin.DOCUMENTED, page, section, text, refused_with=errors)


def _caller(id: str, page: str, section: str, text: str, question: str = "") -> Clause:
    return clause(id, Origin.CALLER, page, section, text, question=question)


CLAUSES = (
    # mmap
    _documented("M3", POSIX_MMAP, "ERRORS, EINVAL", "length is not 0", "EINVAL"),
    _documented(
        "M4",
        f"{MMAP}; {POSIX_MMAP}",
        "ERRORS, EINVAL and ENOMEM",
        "length, rounded up to pages, is a 64-bit number",
        "EINVAL",
        "ENOMEM",
        "EOVERFLOW",
    ),
    # A range may also be beyond what this process can address, which no caller knows: both errors are then right.
    _documented(
        "M5",
        f"{MMAP}; {POSIX_MMAP}",
        "ERRORS, EINVAL and ENOMEM",
        "a fixed addr is a multiple of the page size",
        "EINVAL",
        "ENOMEM",
    ),
    _documented(
        "M6", POSIX_MMAP, "ERRORS, ENOMEM", "a fixed range does not pass the end of the address space", "ENOMEM"
    ),
    _documented("M8", MMAP, "ERRORS, EEXIST", "MAP_FIXED_NOREPLACE finds no page mapped in the range", "EEXIST"),
    # munmap
    _documented("U2", POSIX_MUNMAP, "ERRORS, EINVAL", "addr is a multiple of the page size", "EINVAL"),
    _documented("U3", POSIX_MUNMAP, "ERRORS, EINVAL", "length is not 0", "EINVAL"),
    _documented("U4", POSIX_MUNMAP, "ERRORS, EINVAL", "the range does not pass the end of the address space", "EINVAL"),
    # mprotect
    _documented(
        "P2", f"{POSIX_MPROTECT}; {MPROTECT}", "ERRORS, EINVAL", "addr is a multiple of the page size", "EINVAL"
    ),
    _documented(
        "P3",
        f"{POSIX_MPROTECT}; {MPROTECT}",
        "ERRORS, ENOMEM",
        "the range does not pass the end of the address space",
        "ENOMEM",
    ),
    _documented(
        "P4", f"{POSIX_MPROTECT}; {MPROTECT}", "ERRORS, ENOMEM", "the range has pages that are mapped", "ENOMEM"
    ),
    _caller(
        "P5",
        POSIX_MPROTECT,
        "RETURN VALUE",
        "every page of the range is mapped, for a call that fails midway may have changed some; and the pages are "
        "those of the region named",
        "Q4",
    ),
    # madvise
    _documented("A2", MADVISE, "ERRORS, EINVAL", "addr is a multiple of the page size", "EINVAL"),
    _documented("A3", MADVISE, "ERRORS, EINVAL", "the range does not pass the end of the address space", "EINVAL"),
    _documented("A4", MADVISE, "ERRORS, ENOMEM", "the range has pages that are mapped", "ENOMEM"),
    _caller(
        "A5",
        MADVISE,
        "NOTES, Linux notes",
        "every page of the range is mapped, for Linux advises the mapped ones and fails; and the pages are those of "
        "the region named",
        "Q4",
    ),
    # mremap
    _documented("R2", MREMAP, "ERRORS, EINVAL", "MREMAP_FIXED comes with MREMAP_MAYMOVE", "EINVAL"),
    _documented("R3", MREMAP, "ERRORS, EINVAL", "old_address is a multiple of the page size", "EINVAL"),
    _documented("R4", MREMAP, "ERRORS, EINVAL", "new_size is not 0 and can be rounded up to pages", "EINVAL"),
    _documented(
        "R5",
        MREMAP,
        "ERRORS, EINVAL and EFAULT",
        "the old range does not pass the end of the address space",
        "EINVAL",
        "EFAULT",
    ),
    # Of shared memory 0 bytes mean another mapping of it; of addresses that are not the caller's nothing is known.
    _documented(
        "R10",
        MREMAP,
        "DESCRIPTION and ERRORS, EINVAL and EFAULT",
        "old_size is not 0 where the memory at old_address is private, or none",
        "EINVAL",
        "EFAULT",
    ),
    _documented(
        "R6",
        MREMAP,
        "ERRORS, EINVAL",
        "a fixed new_address is a multiple of the page size, and the new range is within the address space",
        "EINVAL",
    ),
    _documented("R7", MREMAP, "ERRORS, EINVAL", "a fixed new range has no byte of the old one", "EINVAL"),
    _documented(
        "R8", MREMAP, "ERRORS, EFAULT", "where more are asked for, every page of the old range is mapped", "EFAULT"
    ),
    _documented(
        "R8-within",
        MREMAP,
        "ERRORS, EFAULT",
        "every page of the old range is mapped, also where no more are asked for",
        "EFAULT",
    ),
    _documented(
        "R9",
        MREMAP,
        "ERRORS, ENOMEM",
        "without MREMAP_MAYMOVE the pages behind the old range, if more are asked for, are free",
        "ENOMEM",
    ),
    # loads and stores
    _documented("S1", POSIX_MUNMAP, "DESCRIPTION", "the address is mapped", "SIGSEGV"),
    _documented("S2", MPROTECT, "DESCRIPTION, PROT_NONE", "the page may be read", "SIGSEGV"),
    _documented("S3", f"{MMAP}; {MPROTECT}", "ERRORS, SIGSEGV", "the pages may be written", "SIGSEGV"),
    # what callers owe
    _caller(
        "own",
        MMAP,
        "NOTES, using MAP_FIXED safely",
        "an address that the caller chooses lies in the range that it keeps for itself, or in the region named",
    ),
    _caller("own-replace", MMAP, "NOTES, using MAP_FIXED safely", "a fixed range replaces pages of no other region"),
    _caller("own-unmap", MUNMAP, "DESCRIPTION", "the range has pages of no other region"),
    _caller(
        "own-grow", MREMAP, "ERRORS, ENOMEM", "a region grows in place within the range that the caller keeps", "Q5"
    ),
    _caller("memory", MMAP, "ERRORS, ENOMEM", "no more is asked for than the caller's range holds", "Q5"),
    _caller("name", "", "", "a name that stands for pages is not given to others, unless these replace them", "Q4"),
    _caller("name-rest", "", "", "the second name stands for nothing where one is needed", "Q4"),
    _caller("whole", "", "", "the range is the region named: give a part a name of its own first", "Q4"),
    # what no page says
    clause("Q1", Origin.HARDENING, "", "", "memory is not placed at the null address", question="Q1"),
)
