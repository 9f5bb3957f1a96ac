"""`callproof doctor` on healthy installations and on sick ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(*words: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLPROOF_")}
    return subprocess.run(
        [sys.executable, "-m", "callproof", "doctor", *words],
        capture_output=True, text=True, cwd=cwd, env={**clean, **(env or {})}, check=False, timeout=120,
    )  # fmt: skip


def looks(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["format"] == "callproof-doctor"
    assert document["exit"] == done.returncode
    return {look["what"]: look for look in document["looks"]}


def test_a_healthy_installation(tmp_path: Path) -> None:
    done = run("--json", cwd=tmp_path)
    assert done.returncode == 0
    found = looks(done)
    for what in ("python", "packages", "solver z3", "cache", "settings", "specification ge-memory"):
        assert found[what]["state"] == "well", what
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {what.removeprefix("extra ") for what in found if what.startswith("extra ")} == set(
        project["optional-dependencies"]
    )
    assert "hypothesis" in found["extra test"]["text"]


def test_the_text_ends_with_the_verdict(tmp_path: Path) -> None:
    last = run(cwd=tmp_path).stdout.splitlines()[-1]
    assert last.endswith("has all it needs")
    assert run("-q", cwd=tmp_path).stdout == f"{last}\n"


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "callproof.toml").write_text("bund = 1")
    found = looks(run("--json", cwd=tmp_path))
    assert found["settings"]["state"] == "wrong"
    assert "callproof.toml: bund: there is no such key" in found["settings"]["text"]
    done = run(cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "something is wrong: settings")


def test_settings_in_force_are_counted(tmp_path: Path) -> None:
    (tmp_path / "callproof.toml").write_text("[check]\nbound = 3\nquiet = true")
    assert looks(run("--json", cwd=tmp_path))["settings"]["text"] == "2 set; files: callproof.toml"


def test_a_variable_that_sets_nothing(tmp_path: Path) -> None:
    found = looks(run("--json", cwd=tmp_path, env={"CALLPROOF_BUND": "1"}))
    assert found["environment"] == {
        "what": "environment",
        "state": "wrong",
        "text": "these set nothing: CALLPROOF_BUND",
        "advice": "unset or mend them",
    }


def test_a_specification_that_does_not_load(tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    installed = folder / "sick-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: sick\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[callproof.specs]\nsick = sick:SPEC\n")
    (folder / "sick.py").write_text("raise ValueError('I am sick')\n")
    found = looks(run("--json", cwd=tmp_path, env={"PYTHONPATH": str(folder)}))
    assert found["specification sick"]["state"] == "wrong"
    assert "I am sick" in found["specification sick"]["text"]
    assert found["specification ge-memory"]["state"] == "well"


def test_a_cache_that_is_damaged_or_no_file(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "callproof" / "answers.sqlite"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    found = looks(run("--json", cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")}))
    assert found["cache"]["state"] == "wrong"
    assert "remove the file, or give --no-cache" in found["cache"]["text"]
    (tmp_path / "file").write_text("")
    found = looks(run("--json", cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "file")}))
    assert found["cache"]["state"] == "wrong"


@pytest.mark.parametrize(
    ("compiler", "state"),
    [("no-such-compiler", "wrong"), ("c++", "well"), ("'", "wrong")],
    ids=["none", "c++", "quote"],
)
def test_the_compiler_that_is_asked_for(compiler: str, state: str, tmp_path: Path) -> None:
    if compiler == "c++":
        compiler = f"{sys.executable}"  # any program that tells its version will do here
    assert looks(run("--json", cwd=tmp_path, env={"CXX": compiler}))["compiler"]["state"] == state
