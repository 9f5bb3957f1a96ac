"""The result of `callproof test --json` as the report shows it; the file is somebody else's, and is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from callproof.conform.observations import Signature, Sort
from callproof.errors import InputError
from callproof.report.conform_json import FORMAT, VERSION
from callproof.report.conform_text import sentence
from callproof.report.html.traces import Player, TraceData
from callproof.report.replay_text import printable
from callproof.trace import decode_trace
from callproof.trace.files import read_limited

SIZE_LIMIT = 64 << 20
"""Bytes past which a file is not read."""


class _Side(msgspec.Struct):
    accepted: int
    refused: int


class _Row(msgspec.Struct):
    call: str
    clause: str
    fails: _Side
    alone: _Side
    status: str
    why: str


class _Finding(msgspec.Struct):
    sort: Sort
    call: str
    clauses: list[str]
    verdict: str | None
    message: str
    counts: bool
    occurrences: int
    suite: str
    deterministic: bool
    trace: msgspec.Raw


class _Driver(msgspec.Struct):
    name: str
    version: str


class _Uncovered(msgspec.Struct):
    what: str
    why: str
    required: bool


class _Result(msgspec.Struct):
    format: str
    version: int
    spec: str
    driver: _Driver
    suites: list[str]
    seed: int
    layer: str
    findings: list[_Finding]
    clauses: list[_Row]
    uncovered: list[_Uncovered]
    calls: int
    sessions: int
    out_of_time: bool
    exit: int


@dataclass(frozen=True, slots=True)
class FindingData:
    """One way in which the driver does not do what it must; `key` is that of its trace."""

    key: str
    number: int
    message: str
    clauses: tuple[str, ...]
    counts: bool
    note: str


@dataclass(frozen=True, slots=True)
class TestedClause:
    """What a test saw of a clause of a call."""

    call: str
    clause: str
    status: str
    why: str
    alone_refused: int
    alone_accepted: int


@dataclass(frozen=True, slots=True)
class Results:
    """A test of one driver."""

    driver: str
    conforms: bool
    settings: str
    findings: tuple[FindingData, ...]
    clauses: tuple[TestedClause, ...]
    uncovered: tuple[tuple[str, str], ...]
    out_of_time: bool


def read_results(path: str, player: Player) -> tuple[Results, tuple[TraceData, ...]]:
    """The results in a file, and the traces of its findings; `InputError` where it is no such file."""
    data = read_limited(path, SIZE_LIMIT)
    try:
        head: Any = msgspec.json.decode(data)
        if not isinstance(head, dict) or head.get("format") != FORMAT:
            raise InputError(f"{path}: no result of `callproof test --json` (format {FORMAT})")
        if head.get("version") != VERSION:
            raise InputError(f"{path}: version {printable(head.get('version'))}, but {VERSION} is the one that is read")
        given = msgspec.json.decode(data, type=_Result)
    except UnicodeDecodeError:
        raise InputError(f"{path}: no UTF-8 text") from None
    except msgspec.DecodeError as error:
        raise InputError(f"{path}: {printable(error)}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    if given.spec != player.spec.name:
        raise InputError(f"{path}: a test of {printable(given.spec)}, not of {player.spec.name}")
    traces = tuple(_traces(path, given, player))
    name = printable(f"{given.driver.name} {given.driver.version}".strip())
    said = f"{given.calls:,} calls in {given.sessions:,} sessions; suites {', '.join(given.suites)}; seed {given.seed}"
    return (
        Results(
            name,
            given.exit == 0,
            printable(f"{said}; layer {given.layer}"),
            tuple(_finding(number, finding) for number, finding in enumerate(given.findings, 1)),
            tuple(_row(row) for row in given.clauses),
            tuple((printable(u.what), printable(u.why)) for u in given.uncovered if u.required),
            given.out_of_time,
        ),
        traces,
    )


def _traces(path: str, given: _Result, player: Player) -> Iterator[TraceData]:
    for number, finding in enumerate(given.findings, 1):
        place, said = f"{path}: finding {number}", _sentence(finding)
        trace = decode_trace(bytes(finding.trace), place)
        yield player.shown(f"finding-{number}", f"Finding {number}: {said}", f"{said}.", trace, source=place)


def _sentence(finding: _Finding) -> str:
    said = sentence(Signature(finding.sort, finding.call, tuple(finding.clauses)))
    return printable(f"{said}: {finding.message}" if finding.message else said)


def _finding(number: int, finding: _Finding) -> FindingData:
    times = f"seen {finding.occurrences:,} time{'' if finding.occurrences == 1 else 's'}, suite {finding.suite}"
    return FindingData(
        f"finding-{number}",
        number,
        _sentence(finding),
        tuple(printable(id) for id in finding.clauses),
        finding.counts,
        printable(times + ("" if finding.deterministic else ", comes and goes")),
    )


def _row(row: _Row) -> TestedClause:
    return TestedClause(
        printable(row.call),
        printable(row.clause),
        printable(row.status),
        printable(row.why),
        row.alone.refused,
        row.alone.accepted,
    )
