"""Running a program with a recorder in front of the library that it uses, and collecting what was recorded."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callproof.errors import UsageError
from callproof.trace.files import require_writable

DEFAULT_LIMIT = 1 << 30
"""Bytes of log that a process may write, if nobody says otherwise; the file takes up only what is written."""
SMALLEST_LIMIT = 1 << 12
_CHUNK = 1 << 20
_LONGEST = 1 << 16
"""Bytes of a line past which it is none of the recorder's."""


@dataclass(frozen=True, slots=True)
class RecordedLog:
    """The log of one process: how many lines it has, and how many were cut short by its end."""

    path: str
    lines: int
    torn: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of the program (its exit status; 128 and the signal's number where one ended it), and its logs."""

    status: int
    logs: tuple[RecordedLog, ...]


def record(recorder: str, program: Sequence[str], out: str, limit: int = DEFAULT_LIMIT) -> Recording:
    """Run a program with a recorder preloaded, and write what it and the programs that it starts call to `out`.

    The log of the first process that calls is `out` itself; those of further ones have their number at the end of the
    name. Each is there whole or not at all, also when the program was killed. Raises `UsageError` where the program
    cannot be started or the log cannot be written.
    """
    if not os.path.isfile(recorder):
        raise UsageError(f"the recorder {recorder}: there is no such file")
    require_writable(out)
    target = os.path.realpath(out)
    raw = f"{target}.{os.getpid()}.recording"
    before = os.environ.get("LD_PRELOAD", "")
    environment = os.environ | {
        "LD_PRELOAD": f"{os.path.abspath(recorder)}{':' if before else ''}{before}",
        "CALLPROOF_RECORD_OUT": raw,
        "CALLPROOF_RECORD_LIMIT": str(max(limit, SMALLEST_LIMIT)),
    }
    try:
        status = _run(program, environment)
        logs = tuple(_collected(file, target + suffix) for file, suffix in _raw_logs(raw))
    finally:
        for file, _ in _raw_logs(raw):
            with contextlib.suppress(OSError):
                os.unlink(file)
    return Recording(status, logs)


def _run(program: Sequence[str], environment: dict[str, str]) -> int:
    """The program's exit status. What would end this process is handed on to it, so that its log is still collected."""
    try:
        child = subprocess.Popen(program, env=environment)
    except (OSError, ValueError) as error:
        raise UsageError(f"{program[0]}: cannot be started: {getattr(error, 'strerror', None) or error}") from None

    def hand_on(number: int, _: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)

    kept = {number: signal.signal(number, hand_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    # The terminal sends its interrupt to the program too; what it does about it is its own affair.
    kept[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = child.wait()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return 128 - status if status < 0 else status


def _raw_logs(raw: str) -> list[tuple[str, str]]:
    """The files of the processes, the first one's first, with what their numbers add to the name of the log."""
    folder, name = os.path.split(raw)
    found = [re.fullmatch(re.escape(name) + r"((?:\.\d+)?)", file) for file in os.listdir(folder)]
    return sorted((os.path.join(folder, m[0]), m[1]) for m in found if m)


def _collected(raw: str, target: str) -> RecordedLog:
    beside = f"{target}.{os.getpid()}.tmp"
    lines = torn = 0
    try:
        with open(raw, "rb", buffering=0) as source, open(beside, "xb") as file:
            for line in whole_lines(source):
                if line is None:
                    torn += 1
                else:
                    lines += 1
                    file.write(line + b"\n")
        os.replace(beside, target)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)
    return RecordedLog(target, lines, torn)


def whole_lines(source: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a recorder's file without their ends; None stands for one that was not finished.

    Space that was reserved and never written reads as zero bytes, and a line's first byte is written last.
    """
    left = _data_end(source)
    rest = b""
    while left > 0:
        data = source.read(min(_CHUNK, left))
        if not data:
            break
        left -= len(data)
        *segments, rest = (rest + data).split(b"\n")
        for segment in segments:
            yield from _whole(segment)
        if len(rest) > _LONGEST:
            rest = rest[-_LONGEST:]
    if rest.strip(b"\0"):
        yield None


def _whole(segment: bytes) -> Iterator[bytes | None]:
    before, _, line = segment.rpartition(b"\0")
    finished = line.startswith(b"{") and line.endswith(b"}")
    if before.strip(b"\0") or not finished:
        yield None
    if finished:
        yield line


def _data_end(source: BinaryIO) -> int:
    """Where the file's first hole begins: behind everything that was written, give or take a page."""
    size = os.fstat(source.fileno()).st_size
    try:
        end = os.lseek(source.fileno(), 0, os.SEEK_HOLE)
    except OSError:
        end = size
    source.seek(0)
    return end


def size_of(text: str) -> int:
    """Bytes as a person writes them: a number, or one with K, M or G behind it."""
    found = re.fullmatch(r"(\d{1,12})([KMG]?)", text, re.ASCII)
    if not found:
        raise UsageError(f"--limit takes a number of bytes, perhaps with K, M or G behind it, not {text!r}")
    size = int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]]
    if not SMALLEST_LIMIT <= size <= 1 << 42:
        raise UsageError(f"--limit is from 4K to 4096G, not {text}")
    return size


def program_of(words: Sequence[str]) -> tuple[str, ...]:
    """The program to run, as given: `UsageError` where nothing is."""
    if not words:
        raise UsageError("name the program to record: callproof record ... -- PROGRAM ARGUMENTS")
    return tuple(words)


def recorder_name(folder: str | Path) -> str:
    """Where a recorder is built that is used once."""
    return os.path.join(folder, "libcallproof_record.so")
