"""A run as JSON Lines: what it is doing, what it found, and last the verdict; one record a line.

The records are published as a JSON Schema (`callproof schema events`), which is made from the types here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from callproof import __version__
from callproof.conform.results import ConformanceResult
from callproof.errors import Exit, Location
from callproof.report.issues import Issue
from callproof.report.sarif import fingerprint, plain, portable
from callproof.run.repairs import HardenResult
from callproof.verdict import CheckResult

FORMAT, VERSION = "callproof-events", 1


class _Event(msgspec.Struct, frozen=True, tag_field="event"):
    """A line."""


class Started(_Event, frozen=True, tag="started"):
    """The first line of every run."""

    command: str
    spec: str
    """As it was named on the command line."""
    format: Literal["callproof-events"] = "callproof-events"
    version: Literal[1] = 1
    callproof: str = __version__


class Progress(_Event, frozen=True, tag="progress"):
    """What is being done now: at most ten lines a second."""

    seconds: float
    """Since the run began."""
    doing: str


class Cell(_Event, frozen=True, tag="cell"):
    """An invariant in a layer."""

    layer: str
    invariant: str
    verdict: Literal["proved", "violated", "unknown", "vacuous"]
    judged: bool
    """The exit code counts this layer."""
    scope: str
    calls: int | None
    """Of the counterexample."""
    counterexample: int | None
    """Its number; several cells may have the same."""


class Clause(_Event, frozen=True, tag="clause"):
    """A clause of a call, as a driver was tested for it."""

    call: str
    clause: str
    status: str
    alone_accepted: int
    alone_refused: int


class Repair(_Event, frozen=True, tag="repair"):
    """The sets of clauses that restore an invariant."""

    invariant: str
    calls: int
    """Of the counterexample."""
    sets: list[list[str]]


class Place(msgspec.Struct, frozen=True):
    """A line of a file; the path is relative to the working directory, or to a directory of Python packages."""

    file: str
    line: int


class IssueLine(_Event, frozen=True, tag="issue"):
    """Something that is wrong or not known: what SARIF calls a result."""

    rule: str
    kind: Literal["fail", "open", "vacuous"]
    level: Literal["error", "warning", "note"]
    title: str
    message: str
    place: Place | None
    fingerprint: str
    """Equal in two runs for the same issue."""
    known: str
    """Why it does not count; empty where it does."""
    steps: list[str]
    """The calls that lead to it."""


class Finished(_Event, frozen=True, tag="finished"):
    """The last line of every run that was not killed."""

    verdict: str
    exit: int
    seconds: float


Event = Started | Progress | Cell | Clause | Repair | IssueLine | Finished


def schema() -> str:
    """The JSON Schema of one line, as text."""
    made = msgspec.json.schema(Event)
    return (
        msgspec.json.format(
            msgspec.json.encode(
                {
                    "$schema": "https://json-schema.org/draft/2020-12/schema",
                    "title": f"{FORMAT} {VERSION}: one line of callproof --events",
                    **made,
                },
                order="sorted",
            ),
            indent=2,
        ).decode()
        + "\n"
    )


def line(event: Event) -> bytes:
    """A record as a line."""
    return msgspec.json.encode(event) + b"\n"


def issue_line(issue: Issue) -> IssueLine:
    """The record of an issue."""
    return IssueLine(
        issue.rule.id,
        issue.kind.value,
        issue.level.value,
        plain(issue.title),
        plain(issue.message),
        _place(issue.place),
        fingerprint(issue),
        plain(issue.accepted),
        [plain(step.text) for step in issue.steps],
    )


def cells(result: CheckResult) -> Iterator[Event]:
    """The records of a matrix."""
    for layer in result.layers:
        for finding in layer.findings:
            example = finding.counterexample
            yield Cell(
                layer.layer,
                finding.invariant,
                finding.status.value,
                layer.layer == result.judged,
                finding.scope,
                None if example is None else len(example.steps),
                None if example is None else example.number,
            )


def clauses(result: ConformanceResult) -> Iterator[Event]:
    """The records of what a driver was tested for."""
    for row in result.clauses:
        yield Clause(row.call, row.clause, row.status, row.alone_accepted, row.alone_refused)


def repairs(result: HardenResult) -> Iterator[Event]:
    """The records of what restores what a layer breaks."""
    for found in result.repairs:
        yield Repair(found.invariant, found.broken.calls, [list(made.clauses) for made in found.sets])


def started(command: str, spec: str) -> Started:
    """The first record."""
    return Started(command, plain(spec))


def progress(seconds: float, doing: str) -> Progress:
    """What is being done."""
    return Progress(round(seconds, 3), plain(doing))


def finished(verdict: str, exit: Exit, seconds: float) -> Finished:
    """The last record."""
    return Finished(plain(verdict), int(exit), round(seconds, 3))


def _place(place: Location | None) -> Place | None:
    found: Any = None if place is None else portable(place.file)
    return None if place is None or found is None else Place(found[0], place.line)
