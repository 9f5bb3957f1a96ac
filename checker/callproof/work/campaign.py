"""A campaign: tasks go to an executor, results come back in the order of the tasks, whoever was done first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from callproof.errors import InternalError
from callproof.work.child import perform_in_child
from callproof.work.cluster import cluster, is_dead
from callproof.work.keeping import Kept
from callproof.work.processes import Inline, Processes
from callproof.work.stamp import stamp
from callproof.work.tasks import Lost, Task, perform, result_of

Said = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Where the tasks of a command are done, and what is kept of them."""

    executor: Executor
    kept: Kept | None = None
    isolated: bool = False
    """A worker is not ours alone: a task that may kill its process has a child of its own there."""

    def run(self, tasks: Sequence[Task], tick: Said = lambda _: None) -> list[bytes | Lost]:
        """The results of the tasks, in their order; what was finished in an earlier run is not done again.

        Raises the error of the first task that ends with one.
        """
        found: dict[int, bytes | Lost] = {}
        if self.kept is not None:
            for number, task in enumerate(tasks):
                known = self.kept.get(task)
                if known is not None:
                    found[number] = known
            if found:
                tick(f"{len(found)} of {len(tasks)} parts were done before")
        if len(found) < len(tasks):
            self._do(tasks, found, tick)
        return [found[number] for number in range(len(tasks))]

    def _do(self, tasks: Sequence[Task], found: dict[int, bytes | Lost], tick: Said) -> None:
        asked = msgspec.json.encode(stamp())
        waiting: dict[Future[bytes], int] = {}
        errors: dict[int, Exception] = {}
        for number, task in enumerate(tasks):
            if number in found:
                continue
            doing = perform_in_child if self.isolated and task.risky else perform
            future = self.executor.submit(doing, task.kind, task.content, asked)
            waiting[future] = number
            if future.done():
                self._take(tasks, future, number, found, errors, tick)
                del waiting[future]
                if errors:
                    break
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                self._take(tasks, future, waiting.pop(future), found, errors, tick)
            first = min(errors, default=len(tasks))
            for future in [future for future, number in waiting.items() if number > first]:
                # What comes behind the first error is of no use; what comes before may be an earlier one.
                future.cancel()
                del waiting[future]
        if errors:
            raise errors[min(errors)]

    def _take(
        self,
        tasks: Sequence[Task],
        future: Future[bytes],
        number: int,
        found: dict[int, bytes | Lost],
        errors: dict[int, Exception],
        tick: Said,
    ) -> None:
        task = tasks[number]
        try:
            answer = future.result()
        except BrokenExecutor:
            found[number] = Lost("its worker died, twice")
        except Exception as error:
            if not is_dead(error):
                raise InternalError(f"the executor failed: {error!r}") from error
            found[number] = Lost("its workers died")
        else:
            try:
                found[number] = result = result_of(answer)
            except Exception as error:
                errors[number] = error
                return
            if self.kept is not None and isinstance(result, bytes):
                self.kept.put(task, result)
        tick(f"{len(found)} of {len(tasks)} parts: {task.label}")


@contextmanager
def in_process(
    jobs: int = 1, url: str | None = None, resume: str | None = None, *, apart: bool = False
) -> Iterator[Campaign]:
    """A campaign on so many processes, or on the cluster at a URL; ended at once where it is interrupted.

    One job is done in this very process, unless tasks may kill theirs and are to be done `apart`.
    Raises `UsageError` where the cluster or the directory to resume from cannot be used.
    """
    kept = None if resume is None else Kept(resume)
    if url is not None:
        with cluster(url) as elsewhere:
            yield Campaign(elsewhere, kept, isolated=True)
        return
    executor = Inline() if jobs == 1 and not apart else Processes(jobs)
    try:
        yield Campaign(executor, kept)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
