"""The evidence in reports/ is what the command writes today."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POSIX = ("posix-memory.md", "posix-memory.json")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    for spec in ("ge-memory", "ge-memory-v1", "posix-memory"):
        command = [sys.executable, "-m", "callproof", "report", spec, "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return out


@pytest.mark.xdist_group("report")
@pytest.mark.parametrize("name", ["ge-memory.md", "ge-memory.json", "ge-memory-v1.md", "ge-memory-v1.json", *POSIX])
def test_evidence_is_current(written: Path, name: str) -> None:
    made, kept = (written / name).read_text(), (ROOT / "reports" / name).read_text()
    if name.endswith(".json"):
        made, kept = (json.dumps(json.loads(text) | {"tool": None}, indent=1) for text in (made, kept))
    assert made == kept, f"reports/{name} is stale: run `callproof report {Path(name).stem} --out reports`"


@pytest.mark.xdist_group("report")
def test_the_page_names_every_clause_and_question(written: Path) -> None:
    from ge_memory import SPEC

    page = (written / "ge-memory.md").read_text()
    assert all(f"| {clause.id} |" in page for clause in SPEC.clauses.values())
    assert all(f"| {question.id} |" in page for question in SPEC.questions)
    assert page.count("```mermaid") >= 10
