"""What whole processes of `callproof` take: CPU seconds, of which the start is one share, and memory."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable

from callproof.cli.bench_process import memory, ran
from callproof.cli.figures import Figure

RUNS = 3
"""Runs of a process, the best of which counts: what else the machine does only adds."""
LIMIT = 600.0
"""CPU seconds after which a process is ended."""
START_SECONDS, CHECK_SECONDS, START_SHARE, MEGABYTES = 0.35, 1.0, 0.35, 150.0
"""The figures to reach, for ge-memory: CPU seconds to start and in all, the share of the start, resident memory."""

_START = """
from callproof.cli.check import check_command
from callproof.model.loading import load_specification
import callproof.report.check_text
import callproof.run.matrix
load_specification({name!r})
"""
"""What a check imports and reads before it begins."""


def process_figures(name: str, pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """The start, a check of any number without what earlier runs have kept, and one that finds it."""
    tick("measuring whole processes")
    command = [sys.executable, "-m", "callproof"]
    check = [*command, "check", name, "-q"]
    with tempfile.TemporaryDirectory() as folder:
        cache = {"XDG_CACHE_HOME": folder}

        def cpu(arguments: list[str]) -> float:
            return min(ran(arguments, LIMIT, None, cache).cpu for _ in range(RUNS))

        start = cpu([sys.executable, "-c", _START.format(name=name)])
        whole = cpu([*check, "--no-cache"])
        held = memory([*check, "--no-cache"], LIMIT, cache)
        ran(check, LIMIT, None, cache)
        again, version = cpu(check), cpu([*command, "--version"])
    figures = [
        Figure("process: --version", version, "s CPU", version * pace),
        Figure("process: start of a check", start, "s CPU", start * pace, START_SECONDS, at_least=False),
        Figure("process: check of any number", whole, "s CPU", whole * pace, CHECK_SECONDS, at_least=False),
        Figure("  the start's share of it", start / whole, "", None, START_SHARE, at_least=False),
    ]
    if held is not None:
        figures.append(Figure("  resident memory", held / 1e6, "MB", None, MEGABYTES, at_least=False))
    return [*figures, Figure("process: the same check again", again, "s CPU", again * pace)]
