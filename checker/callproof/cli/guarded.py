"""A command in a process of its own where memory is limited: a solver that dies of that is an unknown, and no crash."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence

from callproof.errors import Exit

INNER = "CALLPROOF_WITHIN"
"""The variable by which the inner process knows that it is one."""
DEATHS = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGKILL})
"""What a library ends with that was refused memory and did not expect it."""
OUT_OF_MEMORY = "out of memory before there was an answer; ask for less (--invariant, --graphs), or allow more memory"


def needed() -> bool:
    """The address space is limited, and this is not yet the inner process."""
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY and INNER not in os.environ


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """Run the command in a process within this one: its exit code, and a word on how it died, if it did."""
    # The inner process hears an interrupt too, and says what there is to say.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "callproof", *arguments],
            env={**os.environ, INNER: "1"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, before),
        )
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if code >= 0:
        return code, ""
    if -code in DEATHS:
        return Exit.UNKNOWN, OUT_OF_MEMORY
    return 128 - code, ""
