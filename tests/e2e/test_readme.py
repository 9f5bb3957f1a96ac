"""What the README and the pages beside it show is what the commands print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "write-a-specification.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
VARYING = re.compile(r"\d[\d,]* obligations .* s$", re.MULTILINE)


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a block with the output that is shown behind it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def run(command: str, where: Path) -> str:
    """The output of a `callproof` command, with what differs from run to run taken out."""
    words = command.split()
    assert words[0] == "callproof"
    env = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, cwd=where, env=env, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return VARYING.sub("... obligations ...", done.stdout)


def matches(shown: str, printed: str) -> bool:
    """`...` on a line of its own stands for any lines."""
    pieces = [re.escape(piece) for piece in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(pieces), printed) is not None


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=lambda page: page.stem)
def test_shown_output_is_real(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    blocks = BLOCK.findall(page.read_text())
    assert blocks
    for block in blocks:
        for command, shown in commands(block):
            printed = run(command, tmp_path)
            assert matches(shown, printed), f"{page.name} shows something else than `{command}` prints:\n{printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_tutorial_builds_the_example() -> None:
    """Its pieces, in order, are the two files; they are under 150 lines, blank ones aside."""
    pieces = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    spec, driver = ((ROOT / "examples" / name).read_text() for name in ("ring.py", "ring_driver.py"))
    *spec_pieces, shown_driver, _ = pieces
    assert [line for piece in spec_pieces for line in piece.splitlines() if line] == [
        line for line in spec.splitlines() if line
    ]
    assert shown_driver == driver
    assert len([line for line in (spec + driver).splitlines() if line]) < 150


def test_the_example_is_the_file() -> None:
    shown = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert shown is not None
    assert shown.group(1) == (ROOT / "examples" / "dma.py").read_text()
