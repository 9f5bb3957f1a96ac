"""`callproof check` on toys, on bad input and under Ctrl-C: what it says, its exit code, and what it leaves behind."""

import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOY = '''
from callproof.model import *

class Store(Record):
    full = boolean()
    never = boolean()
    used = size()

SPEC = Specification("toy", "A store", Store, (
    clause("D1", Origin.DOCUMENTED, "Fill", "rules", "it is not full"),
    clause("D2", Origin.DOCUMENTED, "Fill", "rules", "at most so much", readings=("at-most", "less")),
), options=(Option("strict", ("no", "yes"), "how"),))

@SPEC.call("Fill")
def fill(s: Store, amount: Size) -> None:
    """Put something in."""
    require("D1", ~s.full)
    require("D2", amount <= 4096, reading="at-most")
    require("D2", amount < 4096, reading="less")
    s.used = amount
    s.full = True

@SPEC.call("Empty")
def empty(s: Store) -> None:
    """Take it out."""
    require("D1", {EMPTY})
    s.full = False

@SPEC.invariant("small", "SIZE")
def small(s: Store) -> Bool:
    """Little is in use."""
    return s.used <= {LIMIT}
'''


def toy(folder: Path, limit: int = 4096, empty: str = "s.full") -> str:
    """A specification in a file, as an argument."""
    path = folder / "toy.py"
    path.write_text(TOY.replace("{LIMIT}", str(limit)).replace("{EMPTY}", empty), encoding="utf-8")
    return f"{path}:SPEC"


def run(*args: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, args)],
        capture_output=True, check=False, text=True, encoding="utf-8", timeout=timeout,
    )  # fmt: skip


# -- bad input ------------------------------------------------------------------------------------------------------


def refusal(*args: object) -> str:
    """The one line on stderr with which a command is refused."""
    done = run(*args, timeout=120)
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.splitlines()
    assert line.startswith("callproof: ")
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ge-memroy"], "did you mean ge-memory"),
        (["--layer", "softened"], "unknown layer 'softened'"),
        (["--invariant", "no-rap"], "unknown invariant 'no-rap'"),
        (["--reading", "R99=exactly"], "R99"),
        (["--reading", "R2=loosely"], "loosely"),
        (["--reading", "R2"], "--reading takes NAME=VALUE"),
        (["--option", "ge.nothing=1"], "ge.nothing"),
        (["--option", "ge.exec.staticMemoryPolicy=9"], "9"),
        (["--bound", "-1"], "--bound -1"),
        (["--bound", "1000000000"], "--bound 1000000000"),
        (["--bound", "many"], "many"),
        (["--graphs", "0"], "--graphs"),
        (["--graphs", "1000000"], "--graphs"),
        (["--budget", "0"], "--budget 0"),
        (["--nothing"], "--nothing"),
        (["/nowhere/spec.py:SPEC"], "/nowhere/spec.py"),
    ],
)
def test_bad_arguments(args: list[str], said: str) -> None:
    assert said in refusal("check", *args)


def test_a_specification_that_raises(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\n\ny = 1 / 0\n", encoding="utf-8")
    line = refusal("check", f"{path}:SPEC")
    assert "broken.py:3" in line
    assert "ZeroDivisionError" in line


def test_a_file_without_a_specification(tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text("x = 1\n", encoding="utf-8")
    assert "empty.py has no specification" in refusal("check", f"{path}:SPEC")
    assert "empty.py" in refusal("check", f"{path}:x")


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    spec = toy(tmp_path)
    assert "no directory" in refusal("check", spec, "--json", tmp_path / "missing" / "out.json")
    assert "is a directory" in refusal("check", spec, "--json", tmp_path)
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    assert str(file) in refusal("check", spec, "--traces", file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    def spent() -> float:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime  # processor seconds, whatever else runs

    began = spent()
    refusal("check", "--json", tmp_path / "missing" / "out.json")
    alone = spent()
    run("check", "--bound", "-1")
    assert alone - began < (spent() - alone) + 1.5


def test_an_interrupt(tmp_path: Path) -> None:
    traces, document = tmp_path / "traces", tmp_path / "out.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "callproof", "check", "--json", str(document), "--traces", str(traces)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell lets its background processes ignore the signal, and they their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while not traces.exists():  # the last thing before the work begins
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if line] == ["callproof: interrupted"]
    assert [path.name for path in tmp_path.rglob("*")] == ["traces"]


HARD = """
import z3
from callproof.residue import Pool
from callproof.symbolic import Solver

a, b = z3.BitVecs("a b", 96)
hard = z3.Solver()
hard.add(a * b == 2305843009213693951 * 1000000007, z3.UGT(a, 1), z3.UGT(b, 1), z3.ULT(a, 2**47), z3.ULT(b, 2**64))
print("solving", flush=True)
print(Solver(Pool())._answer(hard), flush=True)
"""


def test_an_interrupt_within_a_query() -> None:
    """Z3 has a handler of its own, which ends the query and tells nobody else."""
    process = subprocess.Popen(
        [sys.executable, "-c", HARD],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "solving\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (out, err.splitlines()[-1:]) == ("", ["KeyboardInterrupt"])


# -- toys -----------------------------------------------------------------------------------------------------------


def test_a_toy_that_holds(tmp_path: Path) -> None:
    done = run("check", toy(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("toy hardened holds (")


def test_a_toy_with_a_violated_invariant(tmp_path: Path) -> None:
    done = run("check", toy(tmp_path, limit=4095), "--json", "-")
    assert (done.returncode, done.stderr) == (1, "")
    cell = json.loads(done.stdout)["layers"][2]["invariants"][0]
    assert (cell["verdict"], cell["shortest"]) == ("violated", True)
    assert [step["args"] for step in cell["trace"]["steps"]] == [{"amount": "4096"}]
    done = run("check", toy(tmp_path, limit=4095), "--reading", "D2=less", "-q")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_toy_with_a_call_that_nothing_accepts(tmp_path: Path) -> None:
    check_vacuous(toy(tmp_path, empty="s.never"))


def test_a_toy_with_a_call_that_no_data_accepts(tmp_path: Path) -> None:
    check_vacuous(toy(tmp_path, empty="s.used > 4096"))


def check_vacuous(spec: str) -> None:
    done = run("check", spec)
    assert (done.returncode, done.stderr) == (5, "")
    assert "vacuous: Empty is never accepted in hardened" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("toy hardened vacuous (")
