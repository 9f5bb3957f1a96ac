"""Whole processes, timed: wall clock, processor time and the most memory that one of them held."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OUTPUT_LIMIT = 1 << 20
SHORT = 2.0
"""Seconds under which a process is run again, for a median."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One process, or the median of several runs: `seconds` on the clock, `cpu` of the processor, `memory` in bytes."""

    seconds: float
    cpu: float
    memory: int
    code: int | None
    """The exit code; None where the time ran out."""
    output: str
    runs: int = 1

    @property
    def late(self) -> bool:
        """The time ran out."""
        return self.code is None


def ran(command: Sequence[str], limit: float, folder: str | None = None, more: Mapping[str, str] | None = None) -> Ran:
    """Run a command, with its children, for at most `limit` seconds; what outlives that is ended."""
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(more or {})},
            start_new_session=True,
        )
        code, usage = _waited(child, started + limit)
        seconds = time.perf_counter() - started
        out.seek(0)
        text = out.read(OUTPUT_LIMIT).decode(errors="replace")
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, code, text)


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
    cpu, memory = statistics.median(one.cpu for one in made), max(one.memory for one in made)
    return Ran(middle.seconds, cpu, memory, last.code, last.output, len(made))
