"""--jobs, --executor and --resume: where the work of a command is done, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from callproof.errors import UsageError

if TYPE_CHECKING:
    from callproof.conform.request import Request
    from callproof.model.identity import Named
    from callproof.model.specification import Specification
    from callproof.work import Campaign

JOBS_LIMIT = 256

F = TypeVar("F", bound=Callable[..., Any])


def worker_options(command: F) -> F:
    """--jobs, --executor and --resume, in parameters of these names."""
    jobs = click.option("--jobs", metavar="N", default="1", show_default=True, help="Processes to use, or: cores.")
    return jobs(share_options(command))


def share_options(command: F) -> F:
    """--executor and --resume."""
    options = (
        click.option("--executor", metavar="URL", help="Work on the Dask cluster at dask://HOST:PORT instead."),
        click.option("--resume", metavar="DIR", help="Keep what is finished in DIR, and go on from what is there."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Workers:
    """What these options ask for."""

    jobs: int = 1
    executor: str | None = None
    resume: str | None = None

    @classmethod
    def asked(cls, jobs: str, executor: str | None, resume: str | None) -> Workers:
        """Raises `UsageError` for values out of range, or that contradict each other."""
        number = job_count(jobs)
        if executor is not None:
            if number != 1:
                raise UsageError("--executor has workers of its own: leave out --jobs")
            from callproof.work.cluster import scheduler

            scheduler(executor)
        return cls(number, executor, resume)

    @property
    def wanted(self) -> bool:
        """The work is divided, or what is finished of it is kept."""
        return self != Workers()

    def refuse(self, what: str) -> None:
        """Raise `UsageError` where something is asked for that one process has to do in one go."""
        if self.wanted:
            raise UsageError(f"{what} is done in one process: leave out --jobs, --executor and --resume")

    @contextmanager
    def campaign(self, *, apart: bool = False) -> Iterator[Campaign]:
        """The campaign, for as long as the block lasts; `apart` from this process, which its tasks may kill."""
        from callproof.work import in_process

        with in_process(self.jobs, self.executor, self.resume, apart=apart) as made:
            yield made


def job_count(text: str) -> int:
    """The value of --jobs: a number, or `cores` for as many as this process may use."""
    if text == "cores":
        from os import sched_getaffinity

        return min(JOBS_LIMIT, len(sched_getaffinity(0)))
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= JOBS_LIMIT):
        raise UsageError(f"--jobs is a number from 1 to {JOBS_LIMIT}, or cores, not {text!r}")
    return int(text)


def suite_workers(request: Request, executor: str | None, resume: str | None) -> Workers | None:
    """Who plays the suites, where they are divided; else this process does, with as many drivers as --jobs says."""
    if executor is None and resume is None:
        return None
    if request.seconds is not None:
        raise UsageError("--time is for one process: a test with --executor or --resume ends when all is played")
    return Workers.asked(str(request.jobs) if executor is None else "1", executor, resume)


@contextmanager
def suite_sharing(
    workers: Workers | None, name: str, spec: Specification[Any]
) -> Iterator[tuple[Named, Campaign] | None]:
    """The workers that are to play them, if any are."""
    if workers is None:
        yield None
        return
    from callproof.model.identity import Named

    with workers.campaign(apart=True) as campaign:
        yield Named.of(name, spec), campaign
