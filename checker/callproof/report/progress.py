"""What a long run is doing, on stderr: a status line where that is a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

INTERVAL = 10.0
"""Seconds between two lines where there is no terminal."""
PATIENCE = 2.0
"""Seconds after which a status line says how long it has been the same."""

Tell = Callable[[str], None]


@contextmanager
def progress(*, shown: bool, live: bool, colour: bool, also: Tell | None = None) -> Iterator[Tell]:
    """Within this block the function given says what is being done; `also` hears all of it.

    A thread shows what was said last, and for how long that has been so: a solver that is at one obligation says
    nothing meanwhile. With `live` that is a line that changes, and else a new line now and then.
    """
    heart = _Heart(also)
    if not shown:
        yield heart.tell
    elif live:
        from rich.console import Console

        status = Console(stderr=True, no_color=not colour).status("starting")
        with status, heart.beating(0.2, lambda: status.update(heart.said(PATIENCE))):
            yield heart.tell
    else:
        with heart.beating(INTERVAL, lambda: heart.print(sys.stderr)):
            yield heart.tell


class _Heart:
    """What was said last, and since when."""

    def __init__(self, also: Tell | None) -> None:
        self._also = also
        self._doing = ("", time.monotonic())

    def tell(self, what: str) -> None:
        if what != self._doing[0]:
            self._doing = (what, time.monotonic())
        if self._also is not None:
            self._also(what)

    def said(self, patience: float) -> str:
        """What is being done, and for how long where it takes long."""
        what, since = self._doing
        seconds = time.monotonic() - since
        return f"{what or 'starting'}, for {seconds:.0f} s" if seconds >= patience else what or "starting"

    def print(self, stream: IO[str]) -> None:
        stream.write(f"callproof: {self.said(PATIENCE)}\n")
        stream.flush()

    @contextmanager
    def beating(self, interval: float, show: Callable[[], None]) -> Iterator[None]:
        """Within this block `show` is called every so many seconds, by another thread."""
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(interval):
                show()

        thread = threading.Thread(target=beat, name="callproof progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
