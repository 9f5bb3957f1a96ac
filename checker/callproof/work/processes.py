"""Processes of this machine as an `Executor`: each works by itself, so that one that dies takes only its task along."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context, parent_process
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 2
"""How often a task is begun before it is given up, where its process dies."""


class _Lane:
    """One process, started when it is first needed and again after it died. Spawned, for Z3 cannot be forked."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._ended = False

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        if self._pool is None:
            pool = self._pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (list(sys.path),))
            self._begun(pool.submit(os.getpid).result())
        try:
            return self._pool.submit(function, *args).result()
        except BrokenExecutor:
            with self._lock:
                pool, self._pool, self._pid = self._pool, None, None
            pool.shutdown(wait=True)
            raise

    def _begun(self, pid: int) -> None:
        with self._lock:
            self._pid = pid
            if self._ended:
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the process, whatever it does, and let none follow."""
        with self._lock:
            self._ended = True
            if self._pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process behind its last task."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)


def _begin(path: list[str]) -> None:
    """Make a new process one that leaves the signals of the terminal to its parent, and ends with it."""
    sys.path[:] = path
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(join: Callable[[], None]) -> None:
    join()
    os._exit(1)


class Processes(Executor):
    """`jobs` processes, to which tasks go in the order in which they are submitted.

    A task whose process dies is begun once more in a fresh one; then its future raises `BrokenExecutor`.
    """

    def __init__(self, jobs: int) -> None:
        self._threads = ThreadPoolExecutor(jobs, "lane")
        self._free = [_Lane() for _ in range(jobs)]
        self._all = tuple(self._free)
        self._lock = threading.Lock()
        self._ended = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function of a module on arguments that can be pickled."""
        return self._threads.submit(self._run, fn, *args)

    def _run(self, function: Callable[..., T], *args: Any) -> T:
        with self._lock:
            lane = self._free.pop(0)
        try:
            for left in range(TRIES - 1, -1, -1):
                try:
                    result: T = lane.run(function, *args)
                    return result
                except BrokenExecutor:
                    if not left or self._ended:
                        raise
            raise BrokenExecutor
        finally:
            with self._lock:
                self._free.insert(0, lane)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; with `cancel_futures` at once, whatever they do."""
        self._ended = self._ended or cancel_futures
        if cancel_futures:
            self._threads.shutdown(wait=False, cancel_futures=True)
            for lane in self._all:
                lane.kill()
        self._threads.shutdown(wait=True)
        for lane in self._all:
            lane.close()


class Inline(Executor):
    """Does each task when it is submitted, in this very process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function; its future is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
