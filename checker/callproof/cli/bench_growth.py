"""How the cost of a check grows with what it is asked: `callproof bench --growth`.

Resources, control variables, clauses and invariants grow one by one in generated specifications (`bench_family`); the
lines of a log, and the resources of the measured specification itself, beside them. Seconds are of the processor. The
exponent is that of the power law that fits best: least squares on the logarithms.
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callproof.cli.bench_family import family
from callproof.errors import LimitError

if TYPE_CHECKING:
    from callproof.model.specification import Specification

BUDGET = 20.0
"""Seconds past which a curve ends: the next point would take longer still."""
RUNS = 3
GROWN = 2.0
"""Times the fastest point from which on a point counts for the exponent: below it most is what every check takes."""
RESOURCES = range(1, 8)
SIZES = (8, 16, 32, 64, 128, 256)
LINES = (1_000, 4_000, 16_000, 64_000)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: `x` is what grows, `edges` of the sequence graph or 0 where there is none."""

    x: int
    seconds: float
    edges: int = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """One growth curve, and why it ends where it does."""

    name: str
    axis: str
    points: tuple[Point, ...]
    ended: str = ""

    @property
    def exponent(self) -> float | None:
        """Of the power of x that the seconds follow; None where fewer than three points say so."""
        return exponent([(p.x, p.seconds) for p in self.points])

    @property
    def by_edges(self) -> float | None:
        """Of the power of the edges."""
        return exponent([(p.edges, p.seconds) for p in self.points if p.edges])


def exponent(points: Iterable[tuple[float, float]]) -> float | None:
    """The slope of the line that fits the logarithms best; None where fewer than three points say so.

    Where three points or more took `GROWN` times as long as the fastest, only those count.
    """
    measured = [(x, y) for x, y in points if x > 0 and y > 0]
    grown = [(x, y) for x, y in measured if y >= GROWN * min(y for _, y in measured)]
    logs = [(math.log(x), math.log(y)) for x, y in (grown if len(grown) >= 3 else measured)]
    if len(logs) < 3 or len({x for x, _ in logs}) < 2:
        return None
    middle = statistics.fmean(x for x, _ in logs), statistics.fmean(y for _, y in logs)
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in logs)
    return above / sum((x - middle[0]) ** 2 for x, _ in logs)


def curves(spec: Specification[Any], tick: Callable[[str], None]) -> list[Curve]:
    """Every curve; the last of them on the specification itself."""
    made = [
        _curve("resources", "resources, each of 6 control states", RESOURCES, _of_family(2, 4, 4), tick),
        _curve("control variables", "flags of one resource", SIZES, lambda n: _check(family(n, 4, 4), 1), tick),
        _curve("clauses", "clauses of one call", SIZES, lambda n: _check(family(4, n, 4), 1), tick),
        _curve("invariants", "invariants of one resource", SIZES, lambda n: _check(family(4, SIZES[-1], n), 1), tick),
        _curve("log length", "lines of a log", LINES, _log(spec), tick),
    ]
    return [*made, _curve(f"resources of {spec.name}", "resources", RESOURCES, lambda n: _check(spec, n), tick)]


def _of_family(flags: int, clauses: int, invariants: int) -> Callable[[int], tuple[float, int]]:
    return lambda n: _check(family(flags, clauses, invariants), n)


def _curve(
    name: str,
    axis: str,
    values: Sequence[int],
    measure: Callable[[int], tuple[float, int]],
    tick: Callable[[str], None],
) -> Curve:
    """Measure until the values or the budget end."""
    points: list[Point] = []
    for x in values:
        tick(f"growth: {name}, {x:,}")
        try:
            runs = [measure(x)]
            while len(runs) < RUNS and runs[0][0] < 1.0:
                runs.append(measure(x))
        except LimitError as error:
            return Curve(name, axis, tuple(points), f"{x:,}: {error}")
        points.append(Point(x, statistics.median(seconds for seconds, _ in runs), runs[0][1]))
        if points[-1].seconds > BUDGET and x != values[-1]:
            return Curve(name, axis, tuple(points), f"{x:,} took over {BUDGET:.0f} s, and more were not tried")
    return Curve(name, axis, tuple(points))


def _check(spec: Specification[Any], count: int) -> tuple[float, int]:
    """A literal check of so many resources in the layer of all clauses: seconds of the processor, and edges."""
    from callproof.model.instantiate import handle_kinds
    from callproof.run.check import check
    from callproof.run.request import Request

    started = time.process_time()
    result = check(spec, Request("hardened", graphs=count if handle_kinds(spec.state) else None))
    return time.process_time() - started, result.layers[0].edges


def _log(spec: Specification[Any]) -> Callable[[int], tuple[float, int]]:
    """Judging the first lines of one long log of accepted calls."""
    from callproof.cli.bench_monitor import log_lines
    from callproof.monitor import monitor
    from callproof.parametric import OpenMachine

    opened, lines = OpenMachine(spec), log_lines(spec, LINES[-1])

    def measure(count: int) -> tuple[float, int]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "log.jsonl"
            file.write_bytes(b"\n".join(lines[:count]) + b"\n")
            started = time.process_time()
            monitor(spec, str(file), machine=opened)
            return time.process_time() - started, 0

    return measure


def curve_rows(found: Sequence[Curve]) -> list[tuple[str, ...]]:
    """The rows of a table, its head first."""
    rows: list[tuple[str, ...]] = [("curve", "points: x = seconds", "exponent", "by edges")]
    for curve in found:
        points = ", ".join(f"{p.x:,} = {p.seconds:.2f}" for p in curve.points)
        ended = f"; ends at {curve.ended}" if curve.ended else ""
        rows.append((curve.name, f"{points}{ended}", _shown(curve.exponent), _shown(curve.by_edges)))
    return rows


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
