"""How fast `callproof test` is on a driver: for `callproof bench --driver`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from callproof.cli.figures import Figure
from callproof.conform.campaign import Request, conformance, prepare
from callproof.drivers.session import Session
from callproof.model.specification import Specification

HOSTED, PROGRAM = 20_000.0, 5_000.0
"""Calls a second to reach with a driver in Python, and with any other program."""
FEWEST = 2.0
"""Times the fewest calls that the clauses suite may take."""
RUNS = 3


def driver_figures(
    spec: Specification[Any], command: tuple[str, ...], pace: float, tick: Callable[[str], None]
) -> list[Figure]:
    """Calls a second of the random suite, and the calls of the clauses suite."""
    request = Request(command, ("random",), shrink=False)

    def start() -> Session:
        return Session(command, spec.name, request.timeout)

    tick("calling the driver")
    prepared = prepare(spec, request, tick, start)
    rates = []
    for _ in range(RUNS):
        result = conformance(spec, request, prepared=prepared)
        rates.append(result.calls / result.running_seconds)
    rate = statistics.median(rates)
    target = HOSTED if "callproof.drivers.host" in command else PROGRAM
    tick("planning the clauses suite")
    started = time.perf_counter()
    clauses = prepare(spec, replace(request, suites=("clauses",)), tick, start).plan
    seconds = time.perf_counter() - started
    fewest = 2 * len(clauses.aimed)
    return [
        Figure("driver calls, judged", rate, "/s", pace / rate, target),
        Figure("clauses suite, planning", seconds, "s", seconds * pace),
        Figure("  its calls to the fewest", clauses.clause_calls / fewest if fewest else 0.0, "", None, FEWEST, False),
    ]
