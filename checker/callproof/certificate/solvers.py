"""Asking solvers that run in processes of their own, each question within a time limit."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
import threading
from dataclasses import dataclass

from callproof.errors import UsageError

SOLVERS = ("cvc5", "bitwuzla", "z3")
START_SECONDS = 120.0
"""How long a solver may take to start."""


class Said(enum.Enum):
    """What became of one question."""

    UNSAT = "unsat"
    SAT = "sat"
    UNKNOWN = "unknown"
    LACKS = "lacks something"
    """It could not read the question, or has no theory for it."""
    LATE = "ran out of time"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what else the solver said."""

    said: Said
    text: str = ""


class Solver:
    """One solver, started anew whenever it is gone. Raises `UsageError` where it is not installed."""

    def __init__(self, name: str, seconds: float, command: tuple[str, ...] = ()) -> None:
        self.name, self._seconds = name, seconds
        self._command = command or (sys.executable, "-m", "callproof.certificate.child", name)
        self._process: subprocess.Popen[bytes] | None = None
        self.version = ""

    def start(self) -> None:
        """Start it, and learn its version."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        line = self._within(START_SECONDS, b"")
        said = _decoded(line)
        if "missing" in said:
            self.stop()
            raise UsageError(f"{self.name} is not installed: pip install 'callproof[certify]' ({said['missing']})")
        if "version" not in said:
            self.stop()
            raise UsageError(f"{self.name} does not start")
        self.version = str(said["version"])

    def ask(self, script: str) -> Reply:
        """Is the script unsatisfiable?"""
        if self._process is None:
            self.start()
        data = script.encode()
        line = self._within(self._seconds, len(data).to_bytes(8, "big") + data)
        if line is None:
            self.stop()
            return Reply(Said.LATE, f"no answer within {self._seconds:g} s")
        said = _decoded(line)
        if "answer" not in said:
            self.stop()
            return Reply(Said.DIED)
        kinds = {"unsat": Said.UNSAT, "sat": Said.SAT, "unknown": Said.UNKNOWN}
        return Reply(kinds.get(str(said["answer"]), Said.LACKS), str(said.get("text", "")))

    def _within(self, seconds: float, data: bytes) -> bytes | None:
        """The line that answers some bytes; None where the time ran out, and the process is killed."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            process.stdin.write(data)
            process.stdin.flush()
            line = process.stdout.readline(10_000)
        except OSError:
            line = b""
        finally:
            timer.cancel()
        return None if late.is_set() else line

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        process.wait()


def _decoded(line: bytes | None) -> dict[str, object]:
    try:
        said = json.loads(line or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
