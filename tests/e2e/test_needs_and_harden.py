"""`callproof check --needs`, `report --needs` and `harden` as a person runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"
TANK = "from tests.support.tank import tank\n\nSPEC = tank()\n"


def run(*args: object, hashes: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, args)],
        capture_output=True, check=False, text=True, encoding="utf-8", timeout=300,
        env={**os.environ, "PYTHONHASHSEED": str(hashes), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.fixture
def tank(tmp_path: Path) -> str:
    path = tmp_path / "tanks.py"
    path.write_text(TANK, encoding="utf-8")
    return f"{path}:SPEC"


def test_needs_of_the_example(tmp_path: Path) -> None:
    done = run("check", DMA, "--needs", "--json", tmp_path / "out.json")
    assert done.returncode == 0
    assert "what each proof needs (hardened)\n  buffer-stable  H1\n" in done.stdout
    assert "no proof needs, being rules of function or superfluous: D1" in done.stdout
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [layer["invariants"][0]["needs"] for layer in document["layers"]] == [None, None, ["H1"]]
    assert document["needs"]["unneeded"] == ["D1"]


def test_needs_are_null_where_nobody_asked(tmp_path: Path) -> None:
    done = run("check", DMA, "--json", tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {cell["needs"] for layer in document["layers"] for cell in layer["invariants"]} == {None}
    assert "needs" not in document
    assert "needs" not in done.stdout


def test_the_report_of_needs_has_files_of_its_own(tmp_path: Path) -> None:
    for folder, flags in (("plain", ()), ("needs", ("--needs",))):
        assert run("report", DMA, "--out", tmp_path / folder, *flags).returncode == 0
    plain, needs = ({p.name: p.read_text() for p in (tmp_path / folder).iterdir()} for folder in ("plain", "needs"))
    assert set(needs) - set(plain) == {"dma-needs.md", "dma-needs.json"}
    assert {name: needs[name] for name in plain} == plain
    assert json.loads(needs["dma-needs.json"])["needs"] == {"buffer-stable": ["H1"]}


def test_harden_the_example(tmp_path: Path) -> None:
    done = run("harden", DMA, "-v", "--json", tmp_path / "out.json")
    assert done.returncode == 0
    assert "  H1 (hardening): the channel is not running; refuses dma_set_buffer in step 3 of #1\n" in done.stdout
    assert "let through: H1, the channel is not running" in done.stdout
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (document["format"], document["version"], document["exit"]) == ("callproof-harden", 1, 0)
    (trace,) = document["counterexamples"]
    assert [step["call"] for step in trace["trace"]["steps"]] == ["dma_set_buffer", "dma_start", "dma_set_buffer"]


def test_harden_proposes_what_nobody_wrote(tmp_path: Path) -> None:
    """On the example H1 is found again: the channel is not running."""
    done = run("harden", DMA, "--propose", "--json", tmp_path / "out.json")
    assert done.returncode == 0
    assert "  buffer-stable: not channels[].running, in dma_set_buffer\n" in done.stdout
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {"invariant": "buffer-stable", "condition": "not channels[].running", "calls": ["dma_set_buffer"]} in (
        document["proposals"]
    )


def test_harden_is_deterministic_and_says_what_it_prints(tank: str) -> None:
    first, second = (run("harden", tank, "--json", "-", hashes=seed) for seed in (1, 4711))
    assert first.stdout == second.stdout
    (invariant,) = json.loads(first.stdout)["invariants"]
    assert [made["clauses"] for made in invariant["sets"]] == [["H3"], ["C1"], ["H1", "H2"]]
    quiet = run("harden", tank, "-q")
    assert quiet.stdout.splitlines() == [
        "tank documented: 1 of 1 invariants violated, 1 restored by up to 2 clauses (4 sets proved)"
    ]


def test_harden_what_holds() -> None:
    done = run("harden", DMA, "--layer", "hardened", "-q")
    assert (done.returncode, done.stdout[:40]) == (0, "dma hardened: 0 of 1 invariants violated")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("harden", DMA, "--size", "0"), "--size 0: give 1 to 8"),
        (("harden", DMA, "--layer", "all"), "unknown layer 'all'"),
        (("harden", DMA, "--invariant", "x"), "unknown invariant 'x'"),
        (("harden", DMA, "--bound", "0"), "--bound 0"),
        (("harden", DMA, "--budget", "0"), "--budget 0"),
        (("harden", DMA, "--json", "/nowhere/x.json"), "there is no directory"),
        (("check", DMA, "--needs", "--engine", "paths"), "--needs is for --engine edges"),
    ],
)
def test_bad_usage(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
