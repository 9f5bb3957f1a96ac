"""Workers on other machines: a Dask cluster as an `Executor`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from callproof.errors import UsageError
from callproof.work.probe import Probe
from callproof.work.stamp import stamp
from callproof.work.tasks import perform, result_of

CONNECT_SECONDS = 5.0
_URL = re.compile(r"dask://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})")


@contextmanager
def cluster(url: str) -> Iterator[Executor]:
    """The workers that the Dask scheduler at `dask://HOST:PORT` knows.

    Raises `UsageError` where there are none, or where one of them is not the same program as this.
    """
    address = scheduler(url)
    try:
        import distributed
    except ImportError:
        raise UsageError(
            "--executor dask://... needs the package distributed: pip install 'callproof[cluster]'"
        ) from None
    for name in ("distributed", "tornado"):
        # What goes wrong there is said once, by us.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        made: Any = distributed.Client
        client = made(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise UsageError(f"--executor {url}: no Dask scheduler answers there") from None
    try:
        _require_same(url, client)
        executor: Executor = client.get_executor(retries=0, pure=False)
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False)
            raise
        executor.shutdown()
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT_SECONDS)


def scheduler(url: str) -> str:
    """The address of a scheduler; `UsageError` for anything but `dask://HOST:PORT`."""
    found = _URL.fullmatch(url)
    if found is None or not 0 < int(found[2]) < 1 << 16:
        raise UsageError(f"--executor takes dask://HOST:PORT, not {url!r}")
    return f"tcp://{found[1]}:{found[2]}"


def _require_same(url: str, client: Any) -> None:
    """One probe on each worker, which says whether it is the same program; each task asks so again."""
    asked, content = msgspec.json.encode(stamp()), msgspec.json.encode(Probe())
    answers = client.run(perform, "probe", content, asked, on_error="return")
    if not answers:
        raise UsageError(f"--executor {url}: the scheduler has no workers; start some with `dask worker`")
    for worker, answer in sorted(answers.items()):
        if not isinstance(answer, bytes):
            raise UsageError(f"--executor {url}: the worker {worker} has no callproof like this one: {answer!r:.200}")
        result_of(answer)


def is_dead(error: Exception) -> bool:
    """Dask gave a task up, for the workers that had it died."""
    return type(error).__name__ == "KilledWorker"
