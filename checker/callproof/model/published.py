"""Drivers that come with a specification, and how they are known to differ from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference between a driver and the contract that was looked into: it is shown, and does not count.

    `sort` is what a finding says is wrong ("accepted", "status", ...), `clauses` are the ids that it names, `why` is
    what was found out.
    """

    sort: str
    call: str
    clauses: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class PublishedDriver:
    """A driver in Python that comes with a specification: `module:attr`, and how it is known to deviate."""

    target: str
    deviations: tuple[Deviation, ...] = ()
