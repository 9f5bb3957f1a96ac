"""Many logs divided among workers: each judges whole logs, of which nobody else knows."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import msgspec

from callproof.errors import InputError
from callproof.model.identity import Named
from callproof.model.specification import Specification
from callproof.monitor.outcomes import Finding, MonitorResult, Problem
from callproof.monitor.profile import read_profile
from callproof.monitor.watch import Settings, monitor
from callproof.parametric import OpenMachine
from callproof.work import Task


class Log(msgspec.Struct, frozen=True):
    """The content of a task: a log, and how it is judged."""

    spec: Named
    path: str
    content: str
    """A digest of the log, so that a result that was kept is not taken for a log that has grown since."""
    options: tuple[tuple[str, str], ...]
    readings: tuple[tuple[str, str], ...]
    from_unknown: bool
    hazards: bool
    window: int
    profile: str | None


class Judged(msgspec.Struct, frozen=True):
    """What a log shows, with what was said of it in the order in which it was found."""

    result: MonitorResult
    said: tuple[tuple[bool, int], ...]
    """Findings (true) and problems, by their places in the result."""

    @property
    def told(self) -> list[Finding | Problem]:
        """What was found, in order."""
        return [self.result.findings[n] if finding else self.result.problems[n] for finding, n in self.said]


def log_task(log: Log) -> Task:
    """The task for a log."""
    return Task("log", log.path, msgspec.json.encode(log))


def digest(path: str) -> str:
    """A digest of a log's bytes. Raises `InputError` where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:40]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{path!r}: no such file") from None


def log_share(content: bytes) -> bytes:
    """Judge one log."""
    log = msgspec.json.decode(content, type=Log)
    spec, machine = _prepared(log.spec)
    profile = read_profile(log.profile, spec) if log.profile is not None else None
    settings = Settings(
        dict(log.options), dict(log.readings), log.from_unknown, False, log.hazards, log.window, profile
    )
    counts = [0, 0]
    said: list[tuple[bool, int]] = []

    def told(found: Finding | Problem) -> None:
        is_finding = isinstance(found, Finding)
        said.append((is_finding, counts[is_finding]))
        counts[is_finding] += 1

    result = monitor(spec, log.path, settings, told, machine=machine)
    return msgspec.json.encode(Judged(result, tuple(said)))


@functools.lru_cache(1)
def _prepared(named: Named) -> tuple[Specification[Any], OpenMachine]:
    spec = named.load()
    return spec, OpenMachine(spec)
