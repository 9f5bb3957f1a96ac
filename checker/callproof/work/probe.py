"""A task that only says where it ran: for a look at a cluster before the work, and for tests of executors."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import msgspec


class Probe(msgspec.Struct, frozen=True):
    """What to do before answering. `mark` is a file that gets a line for each try."""

    number: int = 0
    seconds: float = 0.0
    mark: str = ""
    dies: int = 0
    """The tries in which the worker kills itself; all where it is negative."""


def probe(content: bytes) -> bytes:
    """Answer the number of the probe."""
    asked = msgspec.json.decode(content, type=Probe)
    tries = 1
    if asked.mark:
        path = Path(asked.mark)
        with path.open("a") as file:
            file.write("tried\n")
        tries = len(path.read_text().splitlines())
    time.sleep(asked.seconds)
    if asked.dies < 0 or tries <= asked.dies:
        os.kill(os.getpid(), signal.SIGKILL)
    return msgspec.json.encode(asked.number)
