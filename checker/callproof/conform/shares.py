"""A driver's suites divided among workers: each plays units of the one plan, on driver processes of its own host.

Every worker asks the driver what it offers and plans for itself, which gives the same plan wherever the driver is the
same. What was seen comes back as counters and failing steps; judging coverage, and making findings small, is done where
the campaign was started.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from callproof.conform.lanes import Done, Open, Unit, run_units
from callproof.conform.observations import Row, Seen, Sighting, Signature, Sort
from callproof.conform.request import Request
from callproof.drivers.session import Session
from callproof.errors import UsageError
from callproof.model.identity import Named
from callproof.work import Campaign, Lost, Task

if TYPE_CHECKING:
    from callproof.conform.plan import Plan

HOSTED = "callproof.drivers.host"
"""The module that hosts a driver in Python: it is run by the Python of the worker, wherever that lies."""


class Part(msgspec.Struct, frozen=True):
    """The content of a task: one unit of the plan."""

    spec: Named
    request: Request
    number: int


class Played(msgspec.Struct, frozen=True):
    """What was seen in one unit. Counters are lists, in the order in which they were first counted up."""

    unit: str
    units: int
    """How many the plan has, by which two plans are told apart."""
    rows: tuple[tuple[Row, int], ...]
    edges: tuple[int, ...]
    unsupported: tuple[tuple[tuple[str, tuple[str, ...]], int], ...]
    calls: int
    resets: int
    missed: int
    refused_events: tuple[tuple[str, int], ...]
    sightings: tuple[Sighting, ...]


def suite_share(content: bytes) -> bytes:
    """Play one unit."""
    part = msgspec.json.decode(content, type=Part)
    plan, open_session = _prepared(part.spec, part.request)
    unit = plan.units[part.number]
    done = run_units([unit], open_session, 1, lambda seen: False, lambda seen: None)
    return msgspec.json.encode(_played(unit, len(plan.units), done[0].seen))


def played(plan: Plan, named: Named, request: Request, campaign: Campaign, tick: Callable[[str], None]) -> list[Done]:
    """Every unit of a plan, played by the workers of a campaign; in the order of the plan.

    A unit whose worker died is a finding of the driver's, which has taken its worker along.
    """
    asked = portable(request)
    tasks = [
        Task("suite", unit.name, msgspec.json.encode(Part(named, asked, number)), risky=True)
        for number, unit in enumerate(plan.units)
    ]
    answers = campaign.run(tasks, tick)
    return [_done(unit, len(plan.units), answer) for unit, answer in zip(plan.units, answers, strict=True)]


def portable(request: Request) -> Request:
    """The request as far as what is seen depends on it, without places that are this machine's."""
    command = request.command
    if command[0] == sys.executable and HOSTED in command:
        path, colon, attr = command[-1].rpartition(":")
        target = f"{os.path.abspath(path)}{colon}{attr}" if path.endswith(".py") else command[-1]
        command = ("", *command[1:-1], target)
    elif os.sep in command[0]:
        command = (os.path.abspath(command[0]), *command[1:])
    return replace(request, command=command, jobs=1, seconds=None, shrink=True, known=(), stop_after=None)


@functools.lru_cache(1)
def _prepared(named: Named, request: Request) -> tuple[Plan, Open]:
    """The plan that a worker makes for itself, and how it starts the driver."""
    from callproof.conform.campaign import prepare

    spec = named.load()
    command = request.command if request.command[0] else (sys.executable, *request.command[1:])
    here = replace(request, command=command)

    def open_session() -> Session:
        return Session(here.command, spec.name, here.timeout)

    return prepare(spec, here, lambda _: None, open_session).plan, open_session


def _played(unit: Unit, units: int, seen: Seen) -> Played:
    return Played(
        unit.name,
        units,
        tuple(seen.rows.items()),
        tuple(sorted(seen.edges)),
        tuple(seen.unsupported.items()),
        seen.calls,
        seen.resets,
        seen.missed,
        tuple(seen.refused_events.items()),
        tuple(seen.sightings),
    )


def _done(unit: Unit, units: int, answer: bytes | Lost) -> Done:
    if isinstance(answer, Lost):
        return Done(unit, _taken_along(unit, answer), True)
    made = msgspec.json.decode(answer, type=Played)
    if (made.unit, made.units) != (unit.name, units):
        raise UsageError(
            f"the driver offers other things to a worker than on {socket.gethostname()}: there the plan has "
            f"{made.units} parts with {made.unit!r}, here {units} with {unit.name!r}"
        )
    seen = Seen(
        Counter(dict(made.rows)),
        set(made.edges),
        Counter(dict(made.unsupported)),
        made.calls,
        made.resets,
        made.missed,
        Counter(dict(made.refused_events)),
        list(made.sightings),
    )
    return Done(unit, seen, True)


def _taken_along(unit: Unit, lost: Lost) -> Seen:
    """What is known where a worker died while it played a unit: that, and nothing else."""
    suite = unit.name.partition(":")[0]
    signature = Signature(Sort.CRASHED, f"suite {suite}", ())
    message = f"{lost.reason}, while it played {unit.name}"
    return Seen(sightings=[Sighting(signature, None, message, unit.marksman.world.setting, (), suite)])
