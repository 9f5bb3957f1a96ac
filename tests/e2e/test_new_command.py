"""`callproof new`: what it writes works as it stands."""

import subprocess
import sys
from pathlib import Path

import pytest


def new(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "new", *args], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_what_it_writes_passes_its_own_tests(tmp_path: Path) -> None:
    done = new("valve_bank", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["test_valve_bank.py", "valve_bank.py", "valve_bank_driver.py"]
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout
    assert "7 passed" in tested.stdout


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "test_ring.py").write_text("mine")
    done = new("ring", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "test_ring.py is there already" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["test_ring.py"]


@pytest.mark.parametrize("name", ["class", "../x", "Ring", "a-b", "", "ä"])
def test_a_name_that_no_module_can_have(name: str, tmp_path: Path) -> None:
    done = new(name, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
