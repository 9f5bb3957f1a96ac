"""A child process that is never trusted: bounded lines, deadlines, and nothing of it is left when it is closed."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence

from callproof.drivers.messages import LINE_LIMIT
from callproof.errors import UsageError

TAIL = 2_000
"""Bytes of a child's stderr that are kept for messages."""
_CHUNK = 1 << 16
_MARK = "CALLPROOF_CHILD"
_SCANS, _QUIET = 40, 4
"""Times that descendants are looked for at most, and times in a row that none must be found."""
_GRACE = 1.0
"""Seconds that a child has to end by itself."""


class Ended(Exception):
    """The child ended or closed its output; the message says how."""


class TooLong(Exception):
    """A line is longer than allowed."""


class Late(Exception):
    """The child said nothing in time."""


class Child:
    """A command in a session of its own, with which lines are exchanged.

    Every process that it starts inherits a mark in its environment, by which also those are found that left its
    process group. Raises `UsageError` where the command cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._mark = uuid.uuid4().hex
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env={**os.environ, _MARK: self._mark},
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UsageError(f"the driver {command[0]!r} cannot be started: {reason}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._in, self._out, self._err = self._process.stdin, self._process.stdout, self._process.stderr
        for stream in (self._in, self._out, self._err):
            os.set_blocking(stream.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ, self._read)
        self._selector.register(self._err, selectors.EVENT_READ, self._drain)
        self._pidfd = os.pidfd_open(self._process.pid) if hasattr(os, "pidfd_open") else -1
        if self._pidfd >= 0:
            self._selector.register(self._pidfd, selectors.EVENT_READ, None)
        self._buffer = b""
        self._lines: list[bytes] = []
        self._tail = b""
        self._open = True
        self._closed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def complaint(self) -> str:
        """The last line that it wrote to stderr."""
        with contextlib.suppress(OSError, ValueError):
            self._drain()
        lines = self._tail.decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def send(self, data: bytes, timeout: float) -> None:
        """Write all of it; raises `Ended` or `Late`."""
        deadline = time.monotonic() + timeout
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._in.fileno(), view) :]
            except BlockingIOError:
                # It may be waiting until somebody reads what it wrote.
                self._wait(deadline, writing=True)
            except OSError:
                raise Ended(self._how()) from None

    def lines(self, count: int, timeout: float, limit: int = LINE_LIMIT) -> list[bytes]:
        """The next lines, one at the least and `count` at most; raises `Ended`, `Late` or `TooLong`."""
        deadline = time.monotonic() + timeout
        while not self._lines:
            if len(self._buffer) > limit:
                raise TooLong(f"an answer is longer than {limit:,} bytes")
            if not self._open:
                raise Ended(self._how())
            self._wait(deadline)
        found, self._lines = self._lines[:count], self._lines[count:]
        if any(len(line) > limit for line in found):
            raise TooLong(f"an answer is longer than {limit:,} bytes")
        return found

    @property
    def waiting(self) -> int:
        """Lines that came and were not taken."""
        return len(self._lines)

    def _wait(self, deadline: float, writing: bool = False) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        if writing:
            self._selector.register(self._in, selectors.EVENT_WRITE, lambda: None)
        try:
            ready = self._selector.select(left)
        finally:
            if writing:
                self._selector.unregister(self._in)
        for key, _ in ready:
            if key.data is not None:
                key.data()
        if self._pidfd >= 0 and any(key.fd == self._pidfd for key, _ in ready):
            # What it wrote before it ended still counts; what a descendant writes after that does not.
            self._selector.unregister(self._pidfd)
            self._read()
            self._open = False

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._out.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._open = False
                with contextlib.suppress(KeyError):
                    self._selector.unregister(self._out)
                return
            *whole, self._buffer = (self._buffer + data).split(b"\n")
            self._lines += whole
            # The rest stays in the pipe, which stops whoever writes without end.
            if len(data) < _CHUNK or len(self._buffer) > _CHUNK or len(self._lines) > _CHUNK:
                return

    def _drain(self) -> None:
        for _ in range(16):
            try:
                data = os.read(self._err.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not data:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(self._err)
                return
            self._tail = (self._tail + data)[-TAIL:]

    def _how(self) -> str:
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        if code >= 0:
            return f"it ended with exit code {code}"
        try:
            return f"it was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was killed by signal {-code}"

    def close(self, last: bytes = b"") -> int | None:
        """Say a last word, let it end by itself, then kill what is left of it; its exit code if it ended by itself."""
        if self._closed:
            return self._process.returncode
        self._closed = True
        code: int | None = None
        with contextlib.suppress(Ended, Late, OSError):
            if last:
                self.send(last, _GRACE)
        with contextlib.suppress(OSError):
            self._in.close()
        if last:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(_GRACE)
        self._kill(clean=code == 0)
        self._selector.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
        self._out.close()
        self._err.close()
        return code

    def _kill(self, clean: bool) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        # A descendant may have left the group, and may be starting others. One that is being started shows no mark for
        # a moment: nothing is left once nothing was found several times.
        quiet = 0
        for _ in range(_SCANS):
            left = _marked(self._mark)
            quiet = 0 if left else quiet + 1
            if quiet == (1 if clean else _QUIET):
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)


def _marked(mark: str) -> list[int]:
    """The living processes that carry a mark in their environment, where the system tells (Linux)."""
    wanted, found = f"{_MARK}={mark}".encode(), []
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/environ", "rb") as file:
                marked = wanted in file.read(1 << 20)
            if marked and not _is_dead(name):
                found.append(int(name))
    return found


def _is_dead(pid: str) -> bool:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read(512).rpartition(b") ")[2][:1] in (b"Z", b"X")
