"""Drivers of `examples/dma.py`: one that keeps the contract, and some that do not. They answer in no time."""

from __future__ import annotations

import os
import time
from pathlib import Path


class Dma:
    """Two flags and nothing else."""

    driver, version = "dma-toy", "1"

    def __init__(self) -> None:
        self.bound = self.running = False

    def dma_set_buffer(self, channel: int, memory: int, size: int) -> int:
        if self.running:
            return 1
        self.bound = True
        return 0

    def dma_start(self, channel: int) -> int:
        if not self.bound:
            return 1
        self.running = True
        return 0

    def interrupt(self, channel: int) -> None:
        self.running = False


class Careless(Dma):
    """The check that no page names is missing."""

    def dma_set_buffer(self, channel: int, memory: int, size: int) -> int:
        self.bound = True
        return 0


class Unbound(Dma):
    """It starts without a buffer."""

    def dma_start(self, channel: int) -> int:
        self.running = True
        return 0


class Lazy(Dma):
    """It refuses to start again."""

    def __init__(self) -> None:
        super().__init__()
        self.started = False

    def dma_start(self, channel: int) -> int:
        if self.started:
            return 1
        self.started = self.bound
        return super().dma_start(channel)


class Dies(Dma):
    """It ends where it should refuse."""

    def dma_start(self, channel: int) -> int:
        if not self.bound:
            os._exit(7)
        return super().dma_start(channel)


class Raises(Dma):
    def dma_start(self, channel: int) -> int:
        if self.running:
            raise ValueError("running already")
        return super().dma_start(channel)


class Hangs(Dma):
    def dma_start(self, channel: int) -> int:
        if self.running:
            time.sleep(3600)
        return super().dma_start(channel)


class Fickle(Dma):
    """It starts without a buffer, but only the first time that anybody asks."""

    def dma_start(self, channel: int) -> int:
        flag = Path(os.environ["FICKLE"])
        if not self.bound and flag.exists():
            flag.unlink()
            return 0
        return super().dma_start(channel)


class Shut(Dma):
    """It cannot be interrupted."""

    interrupt = None  # type: ignore[assignment]


class Buffered(Dma):
    """It prints, which is its own business."""

    def dma_start(self, channel: int) -> int:
        print('{"id": 1}')  # noqa: T201 - the point of it
        return super().dma_start(channel)


class Unstartable:
    def __init__(self) -> None:
        raise RuntimeError("no device")


class DiesLate(Dma):
    """It ends when a buffer is set again."""

    def dma_set_buffer(self, channel: int, memory: int, size: int) -> int:
        if self.bound and not self.running:
            os._exit(3)
        return super().dma_set_buffer(channel, memory, size)
