"""`callproof export` as a person uses it, and the page that tells of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"
PAGE = ROOT / "docs" / "export.md"


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


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "dma.py", tmp_path)
    (tmp_path / "examples").mkdir()
    (tmp_path / "dma.py").rename(tmp_path / "examples" / "dma.py")
    shown = re.findall(r"^\$ (.*)\n((?:(?!\$ |```).*\n)*)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(shown) > 12
    for command, output in shown:
        words = {"callproof": [sys.executable, "-m", "callproof"], "python3": [sys.executable]}
        first, _, rest = command.partition(" ")
        text = f"{shlex.join(words.get(first, [first]))} {rest}"
        done = subprocess.run(
            text, shell=True, cwd=tmp_path, capture_output=True, text=True, env=os.environ, check=False
        )
        assert re.fullmatch(re.escape(output).replace(r"\.\.\.", ".*"), done.stdout), (
            f"{command}:\n{done.stdout}{done.stderr}"
        )
