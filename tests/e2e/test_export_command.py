"""`callproof export` as a person uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "callproof", "export", *map(str, args)]
    return subprocess.run(command, capture_output=True, check=False, text=True, encoding="utf-8")


def test_it_writes_a_file_or_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "out.smt2"
    shown, written = run(DMA, "--to", "smtlib", "--bound", 2), run(DMA, "--to", "smtlib", "--bound", 2, "--out", file)
    assert (shown.returncode, written.returncode, written.stdout) == (0, 0, "")
    assert shown.stdout == file.read_text()
    assert shown.stdout.endswith("(check-sat)\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([DMA], "Missing option '--to'"),
        ([DMA, "--to", "btor2"], "unknown target 'btor2'; the targets: smtlib, chc, c, promela"),
        ([DMA, "--to", "c", "--invariant", "none"], "unknown invariant 'none'; the invariants of dma: buffer-stable"),
        ([DMA, "--to", "c", "--layer", "all"], "unknown layer 'all'"),
        ([DMA, "--to", "c", "--bound", "0"], "--bound 0: give 1 to 1000"),
        ([DMA, "--to", "c", "--trace", "nothing.json"], "nothing.json: cannot be read"),
        (
            [DMA, "--to", "c", "--out", "/nowhere/x.c"],
            "/nowhere/x.c: cannot be written: there is no directory /nowhere",
        ),
        ([DMA, "--to", "promela", "--domain", "size"], "--domain takes NAME=VALUE, not 'size'"),
        ([DMA, "--to", "c", "--resource", "Box=2"], "dma has no resources 'Box'; it has ChannelId"),
    ],
)
def test_bad_usage_is_one_line(args: list[str], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
