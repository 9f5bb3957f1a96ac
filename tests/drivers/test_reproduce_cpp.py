"""A trace as a C++ program: it compiles against the public header, and fails exactly where the library misbehaves."""

import os
import subprocess
from pathlib import Path

import pytest

from callproof.drivers.native import find_compiler
from callproof.model.loading import load_specification
from callproof.reproduce import converted
from callproof.trace import Step, Trace
from tests.drivers import building, witnesses
from tests.drivers.client import Client
from tests.drivers.walks import Walk, machine

pytestmark = pytest.mark.xdist_group("native")

SHOWN = (3, 17, 208)
"""Mutants, wrong ones and hazards, that the programs made of their witnesses are to give away."""
STRICT = ("-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """For some mutants the program made of what was recorded of the calls that show it."""
    folder, programs = tmp_path_factory.mktemp("programs"), {}
    known = {witness.mutant: witness for witness in witnesses.read()}
    for number in SHOWN:
        if number in known:
            programs[number] = built(trace_of(number, known[number]), folder / str(number))
    assert len(programs) >= 2
    return programs


def trace_of(number: int, witness: witnesses.Witness) -> Trace:
    """What the mutant answers to its witness, as a trace."""
    with Client(building.runner(), building.library(building.ALL), number) as client:
        client.reset(witness.options, witness.kinds)
        walk = Walk(machine(), client.step, witness.options, witness.kinds)
        steps = tuple(walk.make(name, args).step for name, args in witness.calls)
    return Trace("ge-memory", steps, options=witness.options, kinds=witness.kinds)


def built(trace: Trace, out: Path) -> Path:
    source = out.with_suffix(".cpp")
    source.write_text(converted(load_specification("ge-memory"), trace, "cpp", "a test"), encoding="utf-8")
    library = building.library(building.ALL)
    done = subprocess.run(
        [*find_compiler(None), "-std=c++17", "-O0", *STRICT, "-pthread", f"-I{building.REFERENCE / 'include'}", source,
         library, f"-Wl,-rpath,{library.parent}", "-o", out],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


def run(program: Path, *args: str, mutant: int = 0) -> tuple[int, str]:
    done = subprocess.run(
        [program, *args], capture_output=True, text=True, env=os.environ | {"GE_REFERENCE_MUTANT": str(mutant)}
    )
    return done.returncode, done.stdout


def test_the_good_library_behaves_and_the_mutant_does_not(recorded: dict[int, Path]) -> None:
    for number, program in recorded.items():
        status, said = run(program, mutant=number)
        assert (status, said.splitlines()[-1]) == (1, "the driver misbehaves"), (number, said)
        assert "WRONG: " in said
        status, said = run(program)
        assert (status, said.splitlines()[-1]) == (0, "the driver behaves"), (number, said)


def test_another_graph_cannot_be_compared(recorded: dict[int, Path]) -> None:
    compares = [program for program in recorded.values() if "Compare" in program.with_suffix(".cpp").read_text()]
    status, said = run(compares[0], "1=dynamic-plain", "2=dynamic-plain")
    assert status == 2, said
    assert "NOT COMPARABLE" in said
    assert run(compares[0], "what")[0] == 2


def test_every_call_can_be_written(tmp_path: Path) -> None:
    """A walk over all calls and events, made by the runner, is the same in the program."""
    calls = [
        ("GEInitializeV2", {}), ("AddGraph", {"graph_id": 1}), ("CompileGraph", {"graph_id": 1}),
        ("GetCompiledGraphSummary", {"graph_id": 1}), ("aclrtMalloc", {"block": 1, "size": 1 << 20}),
        ("SetGraphConstMemoryBase", {"graph_id": 1, "memory": 0, "size": 4096}),
        ("SetGraphFixedFeatureMemoryBaseWithType",
         {"graph_id": 1, "type": "MEMORY_TYPE_P2P", "memory": 65536, "size": 8192}),
        ("UpdateGraphFeatureMemoryBase", {"graph_id": 1, "memory": 131072, "size": 12288}),
        ("UpdateGraphRefreshableFeatureMemoryBase", {"graph_id": 1, "memory": 262144, "size": 8192}),
        ("RegisterExternalAllocator", {"stream": 1}), ("LoadGraph", {"graph_id": 1, "stream": 1}),
        ("RunGraphAsync", {"graph_id": 1, "tensor": 0}), ("RemoveGraph", {"graph_id": 1}),
        ("run callback", {"graph_id": 1}), ("RemoveGraph", {"graph_id": 1}), ("AddGraph", {"graph_id": 2}),
        ("RunGraph", {"graph_id": 2, "tensor": 32}), ("AddGraph", {"graph_id": 3}),
        ("RunGraphWithStreamAsync", {"graph_id": 3, "stream": 1, "tensor": 64}),
        ("aclrtSynchronizeStream", {"stream": 1}), ("UnregisterExternalAllocator", {"stream": 1}),
        ("aclrtFree", {"block": 1}), ("GEFinalizeV2", {}),
    ]  # fmt: skip
    assert {name for name, _ in calls} == set(load_specification("ge-memory").operations)
    options = {"ge.featureBaseRefreshable": "1"}
    kinds = {"1": "refreshable", "2": "dynamic", "3": "static"}
    steps: list[Step] = []
    with Client(building.runner()) as client:
        client.reset(options, kinds)
        base = 0
        for name, given in calls:
            inside = "graph_id" in given and given.get("memory", -1) > 0
            args = {**given, "memory": given["memory"] + base} if inside or given.get("memory") == 0 else given
            steps.append(client.step(name, args))
            base = int((steps[-1].result or {}).get("memory", base))
    program = built(Trace("ge-memory", tuple(steps), options=options, kinds=kinds), tmp_path / "all")
    status, said = run(program)
    assert status == 0, said
    made = [line.split("(")[0].split(". ")[1] for line in said.splitlines() if line[:1].isdigit()]
    assert made == [name for name, _ in calls]
    statuses = [line.rpartition(" -> ")[2] for line in said.splitlines() if " -> " in line]
    assert statuses == ["SUCCESS" if step.returned == "SUCCESS" else "refused" for step in steps], said


def test_hostile_text_compiles_to_itself(tmp_path: Path) -> None:
    evil = 'x"); std::abort(); (" \\\n??/ \U0001f600'
    step = Step("GEInitializeV2", {}, "SUCCESS")
    program = built(Trace("ge-memory", (step, Step("AddGraph", {"graph_id": 1})), kinds={"1": evil}), tmp_path / "evil")
    status, said = run(program)
    assert status in (0, 1)
    assert "AddGraph(graph_id=1)" in said
