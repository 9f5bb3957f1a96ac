"""`callproof trace convert`: the files that it writes, and the tests that it generates, which are run here."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from callproof.trace import Step, Trace, trace_text

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"
DRIVERS = ROOT / "tests" / "support" / "dma_driver.py"
TRACE = Trace(
    "dma",
    (
        Step("dma_set_buffer", {"channel": 1, "memory": 0x100000, "size": 4096}),
        Step("dma_start", {"channel": 1}),
        Step("dma_set_buffer", {"channel": 1, "memory": 0x200000, "size": 4096}),
    ),
)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "x.trace.json"
    path.write_text(trace_text(TRACE), encoding="utf-8")
    return path


def convert(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "trace", "convert", *args], capture_output=True, text=True, check=False
    )


def run_tests(file: Path, driver: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull,
         "--rootdir", str(file.parent), *args, file],
        capture_output=True,
        text=True,
        cwd=file.parent,
        env=os.environ | {"CALLPROOF_DRIVER": driver},
        check=False,
    )  # fmt: skip


def examples(file: Path, count: int) -> None:
    """Let a generated machine try so many examples, of a few steps each, and leave what it finds as it is."""
    text = file.read_text(encoding="utf-8").replace("Phase.generate, Phase.shrink]", "Phase.generate]")
    text, changed = re.subn(r"max_examples=\d+", f"max_examples={count}", text)
    text, also = re.subn(r"stateful_step_count=\d+", "stateful_step_count=8", text)
    assert (changed, also) == (1, 1)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("target", ["trace", "itf", "jsonl", "requests", "mermaid", "pytest", "hypothesis"])
def test_it_writes_to_a_file_or_to_standard_output(trace: Path, tmp_path: Path, target: str) -> None:
    said = convert(trace, "--to", target, "--spec", DMA)
    assert (said.returncode, said.stderr) == (0, "")
    out = tmp_path / "out"
    written = convert(trace, "--to", target, "--spec", DMA, "--out", out)
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert out.read_text(encoding="utf-8") == said.stdout


def test_bad_usage_is_one_line_and_writes_nothing(trace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for args, message in (
        ((trace, "--to", "itf"), "spec: no specification is named 'dma'"),
        ((trace, "--to", "pdf", "--spec", DMA), "'pdf' is not one of"),
        ((trace, "--to", "cpp", "--spec", DMA), "the specification dma does not say how its calls are written in C++"),
        ((tmp_path / "no", "--to", "itf"), "cannot be read: No such file"),
        ((trace, "--to", "itf", "--spec", DMA, "--out", tmp_path), "it is a directory"),
    ):
        done = convert(*args, *(() if "--out" in args else ("--out", out)))
        assert (done.returncode, done.stdout, out.exists()) == (2, "", False)
        (line,) = done.stderr.splitlines()
        assert message in line


def test_requests_run_on_a_driver(trace: Path) -> None:
    said = convert(trace, "--to", "requests", "--spec", DMA).stdout
    done = subprocess.run(
        [sys.executable, "-m", "callproof.drivers.host", f"{DRIVERS}:Dma"], input=said, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(said.splitlines()) - 1  # nothing answers `bye`


def test_a_generated_test_fails_where_the_driver_lets_the_hazard_in(trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    convert(trace, "--to", "pytest", "--spec", DMA, "--out", file, "--driver", f"{DRIVERS}:Dma")
    assert re.search(rf"{re.escape(str(DRIVERS))}:Dma", file.read_text(encoding="utf-8"))
    good = run_tests(file, f"{DRIVERS}:Dma")
    assert good.returncode == 0, good.stdout
    bad = run_tests(file, f"{DRIVERS}:Careless")
    assert bad.returncode == 1, bad.stdout
    assert "step 3: dma_set_buffer hazard (H1)" in bad.stdout


def test_a_generated_machine_finds_what_is_wrong(trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "test_machine.py"
    convert(trace, "--to", "hypothesis", "--spec", DMA, "--out", file)
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"def (\w+)\(self, draws\)", text) == ["dma_set_buffer", "dma_start", "interrupt"]
    examples(file, 40)
    only = ("-k", "TestDma", "--hypothesis-seed=1")
    good = run_tests(file, f"{DRIVERS}:Dma", *only)
    assert good.returncode == 0, good.stdout
    for driver, what in (("Unbound", "which D1 refuses: accepted"), ("Lazy", "refused it returned 1")):
        bad = run_tests(file, f"{DRIVERS}:{driver}", *only)
        assert bad.returncode == 1, bad.stdout
        assert what in bad.stdout
    died = run_tests(file, f"{DRIVERS}:Dies", *only)
    assert died.returncode == 1
    assert "the driver crashed" in died.stdout


def test_the_machine_of_ge_memory(tmp_path: Path) -> None:
    """The whole specification: the example driver keeps it, the careless one is found out in the calls it takes."""
    path, file = tmp_path / "x.trace.json", tmp_path / "test_machine.py"
    options = {"ge.featureBaseRefreshable": "1"}
    kinds = {"1": "static-refreshable"}
    path.write_text(trace_text(Trace("ge-memory", (), options=options, kinds=kinds)), encoding="utf-8")
    convert(path, "--to", "hypothesis", "--out", file)
    only = ("-k", "TestGeMemory", "--hypothesis-seed=1")
    examples(file, 20)
    good = run_tests(file, f"{ROOT / 'examples' / 'ge_driver.py'}:GeDriver", *only)
    assert good.returncode == 0, good.stdout
    examples(file, 1500)
    bad = run_tests(file, f"{ROOT / 'examples' / 'ge_careless.py'}:Careless", *only)
    assert bad.returncode == 1, bad.stdout
    assert "UpdateGraphRefreshableFeatureMemoryBase" in bad.stdout
    assert "which R7 refuses: accepted" in bad.stdout
