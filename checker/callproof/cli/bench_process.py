"""Whole processes, measured: on the clock, of the processor, and the most memory that they held."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OUTPUT_LIMIT = 1 << 20
SPENT = 0.8
"""Of its limit that a process that was ended by a signal used at the least where the limit ended it."""
_ENDED = {sign for s in (signal.SIGXCPU, signal.SIGKILL) for sign in (-s, 128 + s)}
PATIENCE = 8
"""Times its limit that a process may take on the clock of a busy machine."""
SHORT = 2.0
"""Seconds under which a process is run again, for a median."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One process, or the median of several runs: `seconds` on the clock, `cpu` of the processor."""

    seconds: float
    cpu: float
    code: int
    output: str
    late: bool
    """The time ran out."""
    runs: int = 1


def ran(command: Sequence[str], limit: float, folder: str | None = None, more: Mapping[str, str] | None = None) -> Ran:
    """Run a command, each process for at most `limit` seconds of the processor; what outlives that is ended."""
    bounded = ["/bin/sh", "-c", 'ulimit -t "$0"; exec "$@"', str(math.ceil(limit)), *command]
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        child = subprocess.Popen(
            bounded,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(more or {})},
            start_new_session=True,
        )
        code, usage = _waited(child, started + PATIENCE * limit)
        seconds = time.perf_counter() - started
        out.seek(0)
        text = out.read(OUTPUT_LIMIT).decode(errors="replace")
    cpu = usage.ru_utime + usage.ru_stime
    late = code is None or cpu >= limit or (code in _ENDED and cpu >= SPENT * limit)
    return Ran(seconds, cpu, -1 if code is None else code, text, late)


def _waited(child: subprocess.Popen[bytes], until: float) -> tuple[int | None, resource.struct_rusage]:
    """The exit code, or None where the time ran out, and what the process and its children used."""
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage
        if time.perf_counter() > until:
            break
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # the session that was started above, and nothing else
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return None, usage


def median_of(
    command: Sequence[str],
    limit: float,
    runs: int,
    folder: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Ran:
    """The run of median time; one that is not short is not repeated."""
    made = [ran(command, limit, folder, more)]
    while len(made) < runs and made[0].seconds < SHORT:
        made.append(ran(command, limit, folder, more))
    middle = sorted(made, key=lambda one: one.seconds)[(len(made) - 1) // 2]
    last = made[-1]
    cpu = statistics.median(one.cpu for one in made)
    return Ran(middle.seconds, cpu, last.code, last.output, last.late, len(made))


_HELD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def memory(command: Sequence[str], limit: float, more: Mapping[str, str] | None = None) -> int | None:
    """The most bytes that a process held; None where it took too long.

    Asked of a small process that starts it, since Linux counts what a parent held at the start for its child as well.
    """
    done = ran([sys.executable, "-S", "-c", _HELD, *command], limit, None, more)
    return int(done.output) if done.output.strip().isdecimal() and not done.late else None
