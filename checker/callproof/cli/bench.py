"""`callproof bench`: how fast the engines are, beside the figures to reach."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.figures import Figure
from callproof.cli.options import DEFAULT_SPEC, spec_argument
from callproof.errors import Exit

if TYPE_CHECKING:
    from callproof.model.clauses import Layer
    from callproof.model.specification import Specification
    from callproof.residue import Model

CHECK_SECONDS, SOLVER_SHARE, EDGES = 3.0, 0.5, 50_000.0
"""The figures to reach, for ge-memory."""
ANY_TO_ONE, KEPT_SECONDS = 1.5, 0.8
GRAPH_RUNS = 5


@click.command("bench")
@spec_argument
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON ('-': stdout, and nothing else).")
@click.option("--driver", metavar="DRIVER", help="Measure callproof test on this driver too (as one word).")
@click.option("--recorder", metavar="WORDS", help="And what a recorder adds to a call: 'FILE PROGRAM ARGUMENTS'.")
@click.option("--certify", is_flag=True, help="Measure certificates too, which takes minutes.")
@click.option("--peers", is_flag=True, help="Instead: other tools on what export writes, beside check.")
@click.option("--growth", is_flag=True, help="Instead: how time grows with resources, clauses, invariants, log lines.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=10.0, show_default=True, help="Each peer may take.")
@click.option("--report", metavar="DIR", help="Measure all of it, and write benchmarks.md and benchmarks.svg there.")
def bench_command(
    spec: str,
    json_file: str | None,
    driver: str | None,
    recorder: str | None,
    certify: bool,
    peers: bool,
    growth: bool,
    seconds: float,
    report: str | None,
) -> int:
    """Measure the check, the sequence graph and the interpreter on SPEC, in this one process.

    The figures to reach are those for ge-memory. A yardstick, a plain loop over a dict, is measured in the same run.
    --report takes some 15 minutes.
    """
    import json
    import platform
    import shlex

    from callproof.cli.terminal import progress
    from callproof.model.loading import load_specification
    from callproof.trace.files import write_atomically

    loaded = load_specification(spec)
    if peers or growth:
        _others(loaded, spec, peers, growth, seconds)
        return int(Exit.OK)
    if report is not None:
        from callproof.cli.bench_report import require_directory

        require_directory(report)
    with progress(quiet=False) as tick:
        figures = measure(loaded, spec, tick)
        if driver is not None:
            figures += _driver_figures(loaded, driver, figures[0].value, tick)
        if recorder is not None:
            from callproof.cli.bench_recorder import recorder_figures

            figures += recorder_figures(shlex.split(recorder), figures[0].value, tick)
        if certify:
            from callproof.cli.bench_certificate import certificate_figures

            figures += certificate_figures(loaded, figures[0].value, tick)
        if report is not None:
            from callproof.cli.bench_report import write_report

            named = " ".join(["callproof bench", *([spec] if spec != DEFAULT_SPEC else []), f"--report {report}"])
            command = named if driver is None else f"{named} --driver {driver}"
            command += f" --seconds {seconds:g}" if seconds != 10.0 else ""
            page = write_report(loaded, spec, report, command, figures, rows(figures), seconds, tick)
            tick(f"wrote {page}")
    document = {
        "format": "callproof-bench",
        "version": 1,
        "spec": loaded.name,
        "python": platform.python_version(),
        "figures": [
            {"name": f.name, "value": round(f.value, 4), "unit": f.unit, "yardstick_steps": f.steps, "target": f.target,
             "met": f.met}
            for f in figures
        ],
    }  # fmt: skip
    text = json.dumps(document, indent=2) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
        return int(Exit.OK)
    click.echo(table(figures), nl=False)
    if json_file is not None:
        write_atomically(json_file, text)
    return int(Exit.OK)


def _driver_figures(spec: Specification[Any], driver: str, pace: float, tick: Callable[[str], None]) -> list[Figure]:
    import shlex

    from callproof.cli.bench_driver import driver_figures
    from callproof.drivers.locate import driver_command

    return driver_figures(spec, driver_command(shlex.split(driver)), pace, tick)


def _others(spec: Specification[Any], name: str, peers: bool, growth: bool, seconds: float) -> None:
    """Print what was asked for instead of the figures."""
    from callproof.cli import bench_growth, bench_peers
    from callproof.cli.terminal import progress

    tables: list[list[tuple[str, ...]]] = []
    with progress(quiet=False) as tick:
        if peers:
            tables.append(list(bench_peers.peer_rows(bench_peers.peers(spec, name, tick, seconds))))
        if growth:
            tables.append(bench_growth.curve_rows(bench_growth.curves(spec, tick)))
    click.echo("\n".join(aligned(found) for found in tables), nl=False)


def table(figures: list[Figure]) -> str:
    """The figures as a person reads them."""
    return aligned(rows(figures))


def rows(figures: list[Figure]) -> list[tuple[str, ...]]:
    """The figures as a table, its head first."""
    found: list[tuple[str, ...]] = [("figure", "measured", "target", "met", "yardstick steps")]
    for f in figures:
        sign = ("at least " if f.at_least else "under ") if f.target is not None else ""
        found.append(
            (
                f.name,
                f"{_shown(f.value)} {f.unit}".rstrip(),
                "" if f.target is None else sign + _shown(f.target),
                {True: "yes", False: "NO", None: ""}[f.met],
                "" if f.steps is None else _shown(f.steps),
            )
        )
    return found


def aligned(found: list[tuple[str, ...]]) -> str:
    """A table in columns."""
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in found]
    return "\n".join(lines) + "\n"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def measure(spec: Specification[Any], name: str, tick: Callable[[str], None]) -> list[Figure]:
    """All figures, the yardstick first; `name` is the specification's on the command line."""
    from callproof.cli.bench_interpreter import interpreter_figures
    from callproof.cli.bench_monitor import monitor_figures
    from callproof.cli.bench_start import process_figures
    from callproof.model.instantiate import handle_kinds
    from callproof.run.check import check
    from callproof.run.request import Request

    started = time.process_time()
    tick("measuring the yardstick")
    pace = yardstick()
    tick("checking one resource")
    work = check(spec, Request(graphs=1 if handle_kinds(spec.state) else None), tick).work
    engine = work.graph_seconds + work.proof_seconds + work.search_seconds
    whole = started + work.total_seconds
    figures = [
        Figure("yardstick: dict updates", pace, "/s"),
        Figure("start of the process, imports", started, "s CPU", started * pace),
        Figure("check of one resource, start included", whole, "s", whole * pace, CHECK_SECONDS, at_least=False),
        Figure("  of it graph", work.graph_seconds, "s"),
        Figure("  of it proof", work.proof_seconds, "s"),
        Figure("  of it search", work.search_seconds, "s"),
        Figure("  in the solver, of any", work.solver_seconds, "s"),
        Figure(
            "  solver's share of the engine", work.solver_seconds / engine if engine else 0.0, "", None, SOLVER_SHARE
        ),
        *_any_number(spec, name, work.total_seconds, pace, tick),
        *process_figures(name, pace, tick),
    ]
    figures += _graph_figures(spec, pace, tick) + interpreter_figures(spec, pace, tick)
    return figures + monitor_figures(spec, pace, tick)


def _any_number(
    spec: Specification[Any], name: str, one: float, pace: float, tick: Callable[[str], None]
) -> list[Figure]:
    """The same check for any number of resources, and once more as a whole process that finds what the first kept."""
    import subprocess
    import tempfile

    from callproof.answers import Answers
    from callproof.run.check import check
    from callproof.run.request import Request

    tick("checking any number of resources")
    with tempfile.TemporaryDirectory() as folder:
        with Answers(Path(folder) / "callproof" / "answers.sqlite") as answers:
            first = check(spec, Request(), tick, answers).work
        started = time.perf_counter()
        environment = {**os.environ, "XDG_CACHE_HOME": folder}
        subprocess.run(
            [sys.executable, "-m", "callproof", "check", name, "-q"],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        second = time.perf_counter() - started
    return [
        Figure("check of any number", first.total_seconds, "s", first.total_seconds * pace),
        Figure("  times the check of one", first.total_seconds / one, "", None, ANY_TO_ONE, at_least=False),
        Figure("check again, a whole process", second, "s", second * pace, KEPT_SECONDS, at_least=False),
    ]


def yardstick() -> float:
    """Updates of a dict in a plain loop, a second: what this machine and this Python can do."""
    import statistics

    keys = [n * 7919 % 1024 for n in range(200_000)]

    def run() -> float:
        counts: dict[int, int] = {}
        started = time.perf_counter()
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
        return len(keys) / (time.perf_counter() - started)

    return statistics.median(run() for _ in range(5))


# -- the sequence graph -------------------------------------------------------------------------------------------


def _graph_figures(spec: Specification[Any], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    import statistics

    from callproof.model.clauses import ALL_LAYERS
    from callproof.model.instantiate import instantiate
    from callproof.residue import Model

    figures = []
    model = Model(instantiate(spec, {}))
    for name in ("hardened", "documented"):
        tick(f"exploring {name}")
        for known in (True, False):
            rate = statistics.median(edges_per_second(model, ALL_LAYERS[name], known) for _ in range(GRAPH_RUNS))
            answers = "feasibility known" if known else "feasibility asked"
            figures.append(Figure(f"graph edges, {name}, {answers}", rate, "/s", pace / rate, EDGES))
    return figures


def edges_per_second(model: Model, layer: Layer, known: bool) -> float:
    """Explore a layer anew, with a new solver; `known`: the answers on feasibility were asked before."""
    from callproof.graph import Stepper, explore
    from callproof.symbolic import Answer, Solver

    solver = Solver(model.pool)
    answers: dict[int, bool] = {}

    def feasible(residue: int) -> bool:
        found = answers.get(residue)
        if found is None:
            found = answers[residue] = solver.check([residue]) is not Answer.UNSAT
        return found

    if known:
        explore(Stepper(model, layer, feasible), layer, len(model.moves))
    started = time.perf_counter()
    reach = explore(Stepper(model, layer, feasible), layer, len(model.moves))
    return len(reach.edges) / (time.perf_counter() - started)
