"""All measurements in one run, as `benchmarks.md` and its picture: `callproof bench --report DIR`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callproof import __version__
from callproof.cli.bench_goals import goal_rows, goals
from callproof.cli.bench_growth import Curve, curve_rows, curves
from callproof.cli.bench_peers import PROVED_CALLS, esbmc, peer_rows, peers, program
from callproof.cli.figures import Figure
from callproof.errors import UsageError
from callproof.report.benchmarks import Benchmarks, benchmarks_markdown
from callproof.report.curves import Series, curves_svg

if TYPE_CHECKING:
    from callproof.model.specification import Specification

PAGE, PICTURE = "benchmarks.md", "benchmarks.svg"

NOTES = (
    "Each tool reads what `callproof export` writes of the same cell. `callproof check` answers for any number of\n"
    "resources and any length, by a shortest counterexample or a proof, and finds the length itself. The others are\n"
    f"asked of the resources that are named; a bounded one is told the length, and {PROVED_CALLS} calls where there\n"
    f"is a proof. Spin chooses among few words (`docs/export.md`), and\n"
    "Hypothesis at random: where they find nothing that proves nothing. Ratios are of the processor's seconds, to\n"
    "those of `callproof check` on the same cell.",
)


def require_directory(folder: str) -> None:
    """`UsageError` where the report could not be written: asked before minutes of work."""
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise UsageError(f"--report {folder}: there is no such directory that can be written")


def write_report(
    spec: Specification[Any],
    name: str,
    folder: str,
    command: str,
    engines: Sequence[Figure],
    rows: Sequence[tuple[str, ...]],
    limit: float,
    tick: Callable[[str], None],
) -> str:
    """Measure what `engines` (with its table, `rows`) lacks, write both files, and return the page's name."""
    from callproof.trace.files import write_atomically

    growth = curves(spec, tick)
    asked = goals(name, engines, growth, tick)
    found = Benchmarks(
        spec.name,
        command,
        machine_rows(),
        goal_rows(asked),
        rows,
        list(peer_rows(peers(spec, name, tick, limit))),
        curve_rows(growth),
        (*NOTES, f"A tool may take {limit:.0f} s of the processor over a cell."),
    )
    page = Path(folder) / PAGE
    write_atomically(str(Path(folder) / PICTURE), picture(growth))
    write_atomically(str(page), benchmarks_markdown(found, PICTURE))
    return str(page)


def picture(growth: Sequence[Curve]) -> str:
    """The curves as SVG."""
    series = [Series(c.name, tuple((p.x, p.seconds) for p in c.points)) for c in growth]
    return curves_svg("How the cost of a check grows", series, "what grows", "seconds of the processor")


def machine_rows() -> list[tuple[str, ...]]:
    """The machine, and the version of each tool."""
    rows: list[tuple[str, ...]] = [("what", "which")]
    rows.append(("machine", f"{platform.machine()}, {os.cpu_count()} cores, {_memory()}, {_processor()}"))
    rows.append(("system", f"{platform.system()} {platform.release()}"))
    rows.append(("Python", platform.python_version()))
    rows.append(("callproof", __version__))
    for package in ("z3-solver", "cvc5", "bitwuzla", "hypothesis", "networkx"):
        try:
            rows.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            rows.append((package, "not installed"))
    for name, found, flag in (
        ("Spin", program("spin"), "-V"),
        ("ESBMC", esbmc(), "--version"),
        ("CBMC", program("cbmc"), "--version"),
    ):
        rows.append((name, _version([found, flag]) if found else "not installed"))
    return rows


def _version(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "cannot be started"
    return (
        (done.stdout.strip() or done.stderr.strip()).splitlines()[0][:80] if done.stdout or done.stderr else "unknown"
    )


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "memory unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor unknown"
    )
