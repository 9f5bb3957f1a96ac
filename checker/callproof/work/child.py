"""A process beside a worker, for tasks that may take the process along in which they are done.

A worker of a cluster is not ours alone: if it died with every driver that kills what started it, other tasks would die
with it, and be tried on worker after worker. So such a task is done in a child of the worker, which serves one task
after another until it dies or the worker ends. Requests and answers are frames: their length in 8 bytes, then they.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

import msgspec

from callproof.work.tasks import Reply, perform

TRIES = 2
FRAME_LIMIT = 1 << 30


class Asked(msgspec.Struct, frozen=True):
    """One request to a child."""

    kind: str
    content: bytes
    expected: bytes


class _Child:
    """One process at a time, begun when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._alone = threading.Lock()

    def ask(self, request: bytes) -> bytes | None:
        """The answer, or None where the child died."""
        with self._alone:
            if self._process is None:
                env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
                command = [sys.executable, "-c", "from callproof.work.child import serve; serve()"]
                self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            try:
                _write(self._process.stdin, request)
                answer = _read(self._process.stdout)
            except OSError:
                answer = None
            if answer is None:
                self._end()
            return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            process.wait()

    close = _end


_CHILD = _Child()
atexit.register(_CHILD.close)


def perform_in_child(kind: str, content: bytes, expected: bytes) -> bytes:
    """As `perform`, in a child of this process; where that dies twice, the task is lost."""
    request = msgspec.msgpack.encode(Asked(kind, content, expected))
    for _ in range(TRIES):
        answer = _CHILD.ask(request)
        if answer is not None:
            return answer
    return msgspec.json.encode(Reply(lost="its worker died, twice"))


def _write(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(len(frame).to_bytes(8) + frame)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    """The next frame; None where the other side is gone."""
    head = pipe.read(8)
    length = int.from_bytes(head)
    if len(head) < 8 or length > FRAME_LIMIT:
        return None
    frame = pipe.read(length)
    return frame if len(frame) == length else None


def serve() -> None:
    """Do what standard input asks for until it ends. Nothing else may write to standard output meanwhile."""
    # The pipes get numbers of their own, so that neither a driver's process nor a print can speak in between.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    while (frame := _read(requests)) is not None:
        asked = msgspec.msgpack.decode(frame, type=Asked)
        _write(answers, perform(asked.kind, asked.content, asked.expected))
