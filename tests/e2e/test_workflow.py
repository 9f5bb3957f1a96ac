"""The example of a workflow: its commands are run, and write what it uploads."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.sarif import sarif_validator

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "examples" / "ci" / "github-workflow.yml"


def run(command: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[0] == "callproof"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CALLPROOF_"))}
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, cwd=cwd, env=clean | env, check=False,
        timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    """The steps of the workflow's only job."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    found: list[dict[str, Any]] = job["steps"]
    return found


def test_the_workflow_writes_what_it_uploads(steps: list[dict[str, Any]], tmp_path: Path) -> None:
    for name in ("ring.py", "ring_driver.py"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    summary = tmp_path / "summary.md"
    commands = [step["run"] for step in steps if step.get("run", "").startswith("callproof ")]
    assert len(commands) == 2
    for command in commands:
        done = run(command, tmp_path, GITHUB_ACTIONS="true", CI="true", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, done.stdout + done.stderr
    assert summary.read_text().count("## callproof ") == 2
    uploaded = [step["with"] for step in steps if "with" in step]
    for sarif in [given["sarif_file"] for given in uploaded if "sarif_file" in given]:
        sarif_validator().validate(json.loads((tmp_path / sarif).read_text()))
    (artefacts,) = (given["path"].split() for given in uploaded if given.get("name") == "callproof")
    assert set(artefacts) - {path.name for path in tmp_path.iterdir()} <= {"findings"}


def test_the_workflow_uploads_what_failed_too(steps: list[dict[str, Any]]) -> None:
    for step in steps:
        if "upload" in step.get("uses", ""):
            assert step["if"] == "success() || failure()"
