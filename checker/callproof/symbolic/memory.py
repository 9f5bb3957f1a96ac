"""How much memory Z3 may take where the address space of the process is limited.

Z3 that is refused memory by the system may leave a lock behind and wait for ever; one that has reached its own limit
says so and answers unknown.
"""

from __future__ import annotations

import resource
from pathlib import Path

import z3

SHARE = 2
"""Z3 may take one part in so many of what is left; Python needs the rest."""


def limit_memory() -> None:
    """Give Z3 a limit below that of the process, if that has one."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        used = 0
    z3.set_param("memory_max_size", max(1, (limit - used) // SHARE >> 20))


limit_memory()
