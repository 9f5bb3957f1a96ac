import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from callproof.model.loading import load_specification

BAD = '''
from callproof.model import *

class Store(Record):
    ready = boolean()

SPEC = Specification("bad", "Bad", Store, (clause("C1", Origin.DOCUMENTED, "", "", "one"),))

@SPEC.call("Go")
def go(s: Store) -> None:
    """Go."""
    require("C2", s.ready)
'''


def spec(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS")}
    return subprocess.run(
        [sys.executable, "-m", "callproof", "spec", *args],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment | {"PYTHONUTF8": "1"},
        check=False,
    )


def test_list() -> None:
    done = spec("list")
    assert (done.returncode, done.stderr) == (0, "")
    heads, *rows = done.stdout.splitlines()
    assert heads.split() == ["name", "calls", "events", "clauses", "invariants", "title"]
    assert rows[0].split("  ")[0] == "ge-memory"
    assert "Graph memory of CANN's ge::GeSession" in rows[0]
    assert rows[1].split("  ")[0] == "ge-memory-v1"
    assert rows[1].endswith("  Graph memory of CANN's ge::Session")


def test_show(golden: Callable[[str, str], None]) -> None:
    done = spec("show")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    golden("spec-show.txt", done.stdout)


def test_show_json() -> None:
    done = spec("show", "ge-memory", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert (shown["format"], shown["version"], shown["name"]) == ("callproof-spec", 1, "ge-memory")
    seed = next(call for call in shown["calls"] if call["name"] == "UpdateGraphRefreshableFeatureMemoryBase")
    assert [p["type"] for p in seed["parameters"]] == ["GraphId", "Address", "Size"]
    r2 = next(clause for clause in seed["clauses"] if clause["id"] == "R2")
    assert r2["readings"] == [{"name": "at-least", "default": True}, {"name": "exactly", "default": False}]


def test_lint_of_a_clean_specification() -> None:
    done = spec("lint")
    assert (done.returncode, done.stderr) == (0, "")
    ge = load_specification("ge-memory")
    calls, clauses, invariants = len(ge.operations), len(ge.clauses), len(ge.invariants)
    assert done.stdout == f"no faults: {calls} calls, {clauses} clauses, {invariants} invariants\n"


def test_lint_and_show_of_a_faulty_one(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD, encoding="utf-8")
    done = spec("lint", "bad.py:SPEC", cwd=tmp_path)
    faults = [
        "bad.py:7: clause C1 has no citation: give the page, or the silent question",
        "bad.py:7: no call states the clause C1",
        "bad.py:12: unknown clause id C2; add it to the clause table",
    ]
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [*faults, "3 faults"]
    shown = spec("show", "bad.py", cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.splitlines() == [f"callproof: {line}" for line in faults]


def test_an_unknown_specification() -> None:
    for command in ("show", "lint"):
        done = spec(command, "ge-memori")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("callproof: no specification is named 'ge-memori'; did you mean ge-memory?")
        assert len(done.stderr.splitlines()) == 1
