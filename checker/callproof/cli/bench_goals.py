"""The figures that were asked of callproof, for ge-memory, measured on whole processes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callproof.cli.bench_process import Ran, median_of, memory

if TYPE_CHECKING:
    from callproof.cli.bench_growth import Curve
    from callproof.cli.figures import Figure

CALLPROOF = (sys.executable, "-m", "callproof")
RUNS, LIMIT = 5, 120.0
LARGE_FLAGS, LARGE_RESOURCES = 9, 4
"""A generated specification of 160,000 control states and 1,216,000 edges."""
COUNTED, LISTED = 30, 4
"""Calls of the sequences that are counted and listed."""

CHECK, START, MEMORY = "check, any number, all layers", "its start (imports)", "its memory"
EDGES = "exponent of time by edges"
LARGE, LARGE_MEMORY = "a family of 10^6 edges, checked", "its memory at 10^6 edges"
JOBS = "two workers, times faster than one"
MONITOR, DECODING = "monitor, events", "monitor, times decoding the lines"
CALLS = "conformance, calls of a driver"
COUNT, LIST = f"sequences of {COUNTED} calls, counted", f"sequences of {LISTED} calls, listed"
NUMBERS = ("prove and find, 1", "prove and find, 2", "prove and find, 3")

NAMES = (
    CHECK, START, MEMORY, EDGES, LARGE, LARGE_MEMORY, JOBS, MONITOR, DECODING, CALLS, COUNT, LIST, *NUMBERS,
)  # fmt: skip

REASONS = {
    CHECK: "most of it is Python that walks the sequence graphs of one and two resources and searches for the shortest "
    "sequences; the solver has about a fifth",
    START: "the solver's library, the specification and the engines are read; a third of it is the solver's",
    MEMORY: "the formulas of two systems and the states of the search over two resources; one resource takes less",
    JOBS: "each worker explores the sequence graph again, and one search is most of the rest; several logs are where a "
    "second worker gains: python -m tests.reliability.speedup",
    MONITOR: "each line is decoded, bound and judged in Python, in one generated function a call",
    CALLS: "each call is a line of JSON to another process and back, two processes on the machine's cores",
}
"""Why a figure is not reached, where it is not."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure with its target: at least or at most `target`; None where none was named, or nothing was measured."""

    name: str
    value: float | None
    unit: str
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None or self.value is None:
            return None
        return self.value >= self.target if self.at_least else self.value < self.target


def goals(name: str, engines: Sequence[Figure], growth: Sequence[Curve], tick: Callable[[str], None]) -> list[Goal]:
    """Every figure of `NAMES`, in that order; `engines` and `growth` were measured in the same run."""
    measured = {figure.name: figure.value for figure in engines}
    found = [*_check(name, tick), _by_edges(growth), *_large(tick), _jobs(name, tick)]
    found += [
        Goal(MONITOR, measured.get("monitor, lines of a log"), "/s", 300_000.0, True),
        Goal(DECODING, measured.get("  times decoding each line"), "times", 4.0),
        Goal(CALLS, measured.get("driver calls, judged"), "/s", 20_000.0, True, "with --driver; a driver in Python"),
    ]
    found += [*_sequences(name, tick), *_numbers(name, tick)]
    assert tuple(goal.name for goal in found) == NAMES
    return found


def _callproof(*words: str, runs: int = RUNS) -> Ran:
    with tempfile.TemporaryDirectory() as folder:
        return median_of([*CALLPROOF, *words], LIMIT, runs, None, {"XDG_CACHE_HOME": folder})


def _held(name: str, target: float, *words: str) -> Goal:
    """The memory of a process."""
    with tempfile.TemporaryDirectory() as folder:
        found = memory([*CALLPROOF, *words], LIMIT, {"XDG_CACHE_HOME": folder})
    return Goal(name, None if found is None else found / 1e6, "MB", target)


def _seconds(name: str, done: Ran, target: float | None = None) -> Goal:
    note = f"{done.cpu:.2f} s of the processor"
    if done.late:
        return Goal(name, None, "s", target, False, f"not done in {LIMIT:.0f} s")
    if done.code not in (0, 1):
        return Goal(name, None, "s", target, False, (done.output.strip().splitlines() or ["failed"])[-1])
    return Goal(name, done.seconds, "s", target, False, note)


def _check(name: str, tick: Callable[[str], None]) -> Iterator[Goal]:
    tick("whole processes: check")
    done = _callproof("check", name, "-q", "--no-cache")
    yield _seconds(CHECK, done, 1.0)
    start = median_of([sys.executable, "-c", "import callproof.cli.main, callproof.run.matrix"], LIMIT, RUNS)
    yield _seconds(START, start, 0.35)
    yield _held(MEMORY, 150.0, "check", name, "-q", "--no-cache")


def _by_edges(growth: Sequence[Curve]) -> Goal:
    found = next((curve.by_edges for curve in growth if curve.name == "resources"), None)
    return Goal(EDGES, found, "", 1.1, False, "generated specifications, 1 to 7 resources; 1 is linear")


def _large(tick: Callable[[str], None]) -> Iterator[Goal]:
    tick("whole processes: a large specification")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.py"
        file.write_text(
            f"from callproof.cli.bench_family import family\n\nSPEC = family({LARGE_FLAGS}, 4, 4)\n", encoding="utf-8"
        )
        size = ["--graphs", str(LARGE_RESOURCES), "--layer", "hardened"]
        words = ["check", f"{file}:SPEC", *size, "-q", "--no-cache"]
        yield _seconds(LARGE, _callproof(*words, runs=1), 60.0)
        yield _held(LARGE_MEMORY, 2000.0, *words)


def _jobs(name: str, tick: Callable[[str], None]) -> Goal:
    from callproof.cli.check import check_command

    if not any(parameter.name == "jobs" for parameter in check_command.params):
        return Goal(JOBS, None, "times", 1.6, True, "check has no --jobs in this version")
    tick("whole processes: two workers")
    one, two = (_callproof("check", name, "-q", "--no-cache", "--jobs", jobs, runs=3) for jobs in ("1", "2"))
    note = "whole processes, start included"
    return Goal(JOBS, one.seconds / two.seconds, "times", 1.6, True, note)


def _sequences(name: str, tick: Callable[[str], None]) -> Iterator[Goal]:
    tick("whole processes: sequences")
    counted = _callproof("sequences", name, "--bound", str(COUNTED), "--count", runs=3)
    goal = _seconds(COUNT, counted)
    yield Goal(goal.name, goal.value, "s", None, False, counted.output.strip()[:100] or goal.note)
    listed = _callproof("sequences", name, "--bound", str(LISTED), "--list", runs=3)
    lines = listed.output.count("\n")
    goal = _seconds(LIST, listed)
    yield Goal(goal.name, goal.value, "s", None, False, f"{lines:,} lines" if goal.value is not None else goal.note)


def _numbers(name: str, tick: Callable[[str], None]) -> Iterator[Goal]:
    """Resources of the first kind taken literally, as no proof for any number needs them."""
    for count, named in enumerate(NUMBERS, 1):
        tick(f"whole processes: {named}")
        yield _seconds(named, _callproof("check", name, "--graphs", str(count), "-q", "--no-cache", runs=3))


def goal_rows(found: Sequence[Goal]) -> list[tuple[str, ...]]:
    """The rows of a table, its head first."""
    rows: list[tuple[str, ...]] = [("figure", "measured", "target", "met", "note")]
    for goal in found:
        sign = "" if goal.target is None else "at least " if goal.at_least else "under "
        target = "" if goal.target is None else f"{sign}{goal.target:,g} {goal.unit}".rstrip()
        value = "not measured" if goal.value is None else f"{_shown(goal.value)} {goal.unit}".rstrip()
        note = "; ".join(filter(None, (goal.note, REASONS.get(goal.name, "") if goal.met is False else "")))
        rows.append((goal.name, value, target, {True: "yes", False: "NO", None: ""}[goal.met], note))
    return rows


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
