"""What a long run is doing, on stderr: a bar where that is a terminal, a line every ten seconds where it is not."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERVAL = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Within this block the function given says what is being done."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty() and not os.environ.get("CI"):
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield lambda what: status.update(what)
    else:
        yield _lines()


def _lines() -> Callable[[str], None]:
    said = time.monotonic()

    def tick(what: str) -> None:
        nonlocal said
        if time.monotonic() - said >= INTERVAL:
            said = time.monotonic()
            print(f"callproof: {what}", file=sys.stderr, flush=True)  # noqa: T201 - this is where progress is shown

    return tick
