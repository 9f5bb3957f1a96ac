"""How Linux deviates from the pages, as far as it was found by this specification: see `callproof test`."""

from callproof.model import Deviation

DEVIATIONS = (
    Deviation(
        "accepted",
        "mremap",
        ("R8-within",),
        "To make a mapping smaller Linux only unmaps what lies behind the new size, and to keep its size it does "
        "nothing: it does not look whether all of the old range is mapped. The page has EFAULT. Seen on Linux 6.18.",
    ),
    Deviation(
        "status",
        "mmap",
        ("M5", "M6"),
        "A fixed address in the last page of the address space comes back as the result, where it is taken for an "
        "error: for -1 that is EPERM, for -14 EFAULT. The pages have EINVAL and ENOMEM. Seen on Linux 6.18.",
    ),
)
