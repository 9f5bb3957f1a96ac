"""The README and the tutorial show the examples as they are, and the two commands that CI runs."""

from __future__ import annotations

import re

from tests.support.documents import ROOT

README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "write-a-specification.md"


def test_the_tutorial_builds_the_example() -> None:
    """Its pieces, in order, are the two files; they are under 150 lines, blank ones aside."""
    pieces = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    spec, driver = ((ROOT / "examples" / name).read_text() for name in ("ring.py", "ring_driver.py"))
    *spec_pieces, shown_driver = pieces
    assert [line for piece in spec_pieces for line in piece.splitlines() if line] == [
        line for line in spec.splitlines() if line
    ]
    assert shown_driver == driver
    assert len([line for line in (spec + driver).splitlines() if line]) < 150


def test_the_example_is_taken_from_the_file() -> None:
    shown = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert shown is not None
    example = (ROOT / "examples" / "dma.py").read_text()
    pieces = shown.group(1).rstrip().split("\n\n\n")
    assert len(pieces) == 2
    assert all(piece in example for piece in pieces)


def test_ci_runs_the_two_commands_of_the_readme() -> None:
    """They are the only commands that no test of a page runs: they install."""
    install = re.findall(r"^    (python3 -m pip install .*)$", README.read_text(), re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text()
    patterns = re.findall(r"sed -n 's/\^    (.*?)\$/\\1/p' README.md", script)
    assert len(install) == len(patterns) == 2
    for pattern, command in zip(patterns, install, strict=True):
        assert re.fullmatch(pattern.replace(r"\(", "(").replace(r"\)", ")"), command)
