"""A second check asks Z3 nothing and says the same; a file that is no cache is reported and left alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DMA = Path(__file__).parents[2] / "examples" / "dma.py"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def check(home: Path, *args: str, spec: Path = DMA) -> tuple[dict[str, Any], str]:
    """The document of a check without its costs, with the solver's calls, and what it said on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "callproof", "check", f"{spec}:SPEC", "--json", "-", *args],
        capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": str(home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def said(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("obligations", "seconds")}


def test_a_second_check_asks_nothing(home: Path) -> None:
    (first, _), (second, _) = check(home), check(home)
    assert first["obligations"]["solver_calls"] > 0
    assert second["obligations"]["solver_calls"] == 0
    assert second["obligations"]["kept"] > 0
    assert said(first) == said(second)


def test_behind_a_change_of_one_clause_only_the_rest_is_asked_again(home: Path, tmp_path: Path) -> None:
    text = DMA.read_text()
    changed = tmp_path / "changed.py"
    changed.write_text(text.replace('harden("H1", ~c.running)', 'harden("H1", ~c.running & (size <= 4096))'))
    assert changed.read_text() != text, "the premise"
    (alone, _), _ = check(tmp_path / "other", spec=changed), check(home)
    document, _ = check(home, spec=changed)
    assert 0 < document["obligations"]["solver_calls"] < alone["obligations"]["solver_calls"]
    assert said(document) == said(alone)


def test_no_cache_neither_uses_nor_keeps(home: Path) -> None:
    document, _ = check(home, "--no-cache")
    assert document["obligations"]["solver_calls"] > 0
    assert not home.exists()


def test_a_file_that_is_no_cache_is_reported_once(home: Path) -> None:
    file = home / "callproof" / "answers.sqlite"
    file.parent.mkdir(parents=True)
    file.write_text("my notes, which I want to keep" * 40)
    before = file.read_bytes()
    document, err = check(home)
    assert document["exit"] == 0
    assert err.count("--no-cache") == 1
    assert file.read_bytes() == before
