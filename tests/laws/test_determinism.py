"""Equal input gives equal output, byte for byte, whatever Python's hashes of strings are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """
from tests.support.toys import locker

SPEC = locker()
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "locked.py"
    path.write_text(SPEC, encoding="utf-8")
    return f"{path}:SPEC"


def run(seed: int, *args: object) -> bytes:
    """What a command prints under a seed of the hashes; it may find something, but must not fail."""
    done = subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, args)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1, 4, 5), done.stderr.decode()
    return done.stdout


def without_times(document: bytes) -> object:
    """The document as text, so that the order of its keys counts too."""
    made = json.loads(document)
    del made["seconds"]
    return json.dumps(made)


def test_check(spec: str) -> None:
    first, second, third = (run(seed, "check", spec, "--no-cache", "--json", "-") for seed in (0, 1, 4711))
    assert without_times(first) == without_times(second) == without_times(third)


def test_check_of_two_boxes_with_other_readings(spec: str) -> None:
    args = ("check", spec, "--graphs", 2, "--reading", "P2=less", "--option", "strict=yes", "--no-cache", "--json", "-")
    assert without_times(run(2, *args)) == without_times(run(3, *args))


def test_the_traces_that_check_writes(spec: str, tmp_path: Path) -> None:
    for seed in (5, 6):
        run(seed, "check", spec, "--traces", tmp_path / str(seed))
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / str(seed)).iterdir()} for seed in (5, 6))
    assert first
    assert first == second


def test_report(spec: str, tmp_path: Path) -> None:
    """The page and the document, which has no times."""
    for seed in (7, 8):
        run(seed, "report", spec, "--out", tmp_path / str(seed))
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / str(seed)).iterdir()} for seed in (7, 8))
    assert sorted(first) == ["locker.json", "locker.md"]
    assert first == second


def test_the_sequences_of_ge_memory() -> None:
    first, second = (run(seed, "sequences", "--bound", 3, "--list") for seed in (9, 10))
    assert first.count(b"\n") > 10
    assert first == second
