"""Commands run on a terminal of so many columns."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ROOT = Path(__file__).parents[2]
_OTHERS = ("COLUMNS", "LINES", "CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a terminal was sent."""

    code: int
    out: str
    err: str
    """What came on standard error, where that was no terminal."""

    @property
    def plain(self) -> str:
        """Without escape sequences."""
        return ESCAPE.sub("", self.out)


def on_terminal(
    columns: int, *words: object, env: dict[str, str] | None = None, err: bool = False, cwd: Path = ROOT
) -> Shown:
    """Run callproof with standard output, and with `err` standard error too, on a terminal."""
    clean = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    clean |= {"TERM": "xterm-256color", **(env or {})}
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-m", "callproof", *map(str, words)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs if err else subprocess.PIPE, cwd=cwd, env=clean
    ) as process:
        os.close(theirs)
        sent = bytearray()
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            sent += part
        said = b"" if process.stderr is None else process.stderr.read()
        code = process.wait(timeout=60)
    os.close(ours)
    return Shown(code, sent.decode().replace("\r\n", "\n"), said.decode())
