"""Questions put to child processes, each bounded in time and in the size of its answer, and given up when told to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TypeVar

import msgspec

from callproof.editor.records import Failure, Fault

T = TypeVar("T")

SIZE_LIMIT = 16 << 20
"""Bytes past which an answer is not read."""
SHOWN = 400
"""Characters of what a child said last that are shown when it has died."""


async def ask(kind: type[T], *question: str, seconds: float) -> T | Failure:
    """The answer of a child process; a `Failure` where it does not come, with why.

    The child and what it started are killed when the time is over, and when the task is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "callproof.editor.child", *question),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(seconds):
            text, said, _ = await asyncio.gather(_bounded(process.stdout), _bounded(process.stderr), process.wait())
    except TimeoutError:
        return _failed(f"{question[0]} took more than {seconds:g} s and was given up")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    if process.returncode != 0:
        last = (said or b"").decode(errors="replace").strip().rpartition("\n")[2][:SHOWN]
        return _failed(f"{question[0]} ended with status {process.returncode}: {last}")
    if text is None:
        return _failed(f"{question[0]} answered more than {SIZE_LIMIT >> 20} MiB")
    try:
        found: T | Failure = msgspec.json.decode(text, type=kind | Failure)
    except msgspec.MsgspecError as error:
        return _failed(f"{question[0]} gave an answer that cannot be read: {error}")
    return found


async def _bounded(stream: asyncio.StreamReader) -> bytes | None:
    """All that comes; None where it is too much, and then the rest is read and dropped."""
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(1 << 16):
        size += len(part)
        if size <= SIZE_LIMIT:
            parts.append(part)
    return b"".join(parts) if size <= SIZE_LIMIT else None


def _failed(message: str) -> Failure:
    return Failure(Fault(message, None))
