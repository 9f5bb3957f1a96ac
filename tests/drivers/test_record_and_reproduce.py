"""The story of docs/record-and-reproduce.md, command by command, and what its program is to find."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers import building
from tests.e2e.test_readme import BLOCK, commands

pytestmark = pytest.mark.xdist_group("native")

PAGE = building.ROOT / "docs" / "record-and-reproduce.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples without what was built of them, and a `callproof` that is this one."""
    building.need_compiler()
    if shutil.which("c++") is None:
        pytest.skip("no c++, as the page calls the compiler")
    where = tmp_path_factory.mktemp("story")
    shutil.copytree(building.ROOT / "examples", where / "examples", ignore=shutil.ignore_patterns("build"))
    (where / "bin").mkdir()
    command = where / "bin" / "callproof"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m callproof "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return where


def run(command: str, where: Path) -> subprocess.CompletedProcess[str]:
    path = f"{where / 'bin'}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "CXXFLAGS": "-O0", "COLUMNS": "100"}
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=where, env=environment, check=False
    )


def matches(shown: str, printed: str) -> bool:
    """`...` stands for any lines where it is one, and for any text within a line."""
    pattern = re.escape(shown)
    pattern = re.sub(r"^\\\.\\\.\\\.\\\n", r"(?:.*\\n)*?", pattern, flags=re.MULTILINE).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, printed) is not None


def test_the_story(folder: Path) -> None:
    made = [pair for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")) for pair in commands(block)]
    assert len(made) > 10
    for command, shown in made:
        done = run(command, folder)
        fails = "trace replay" in command or "monitor" in command or command.endswith("mutant-208 ./main")
        assert done.returncode == int(fails), f"{command}\n{done.stdout}{done.stderr}"
        assert matches(shown, done.stdout), f"the page shows something else than `{command}` prints:\n{done.stdout}"


def test_each_planted_breach_is_judged_as_the_page_says(tmp_path: Path) -> None:
    """By the replay of the recorded trace: the step that breaks a duty, the driver's, and the hazard."""
    expected = {
        "freed": (0, "RunGraph", "undefined (Q10 fails), accepted"),
        "switched-off": (208, "UpdateGraphRefreshableFeatureMemoryBase", "must_reject (R7 fails), accepted: DOES NOT"),
        "in-flight": (17, "RemoveGraph", "may (Q4 fails), accepted"),
    }
    for scene, (mutant, call, verdict) in expected.items():
        log, trace = tmp_path / f"{scene}.jsonl", tmp_path / f"{scene}.trace.json"
        callproof(
            "record", "--recorder", building.recorder(), "--out", log, "--", building.client(), scene, mutant=mutant
        )
        callproof("trace", "convert", log, "--to", "trace", "--out", trace)
        replayed = callproof("trace", "replay", trace).stdout
        assert re.search(rf"{call}\(.*\n *{re.escape(verdict)}", replayed), replayed


def test_the_monitor_blames_who_is_to_blame(tmp_path: Path) -> None:
    expected = {
        ("good", 0): "nothing breaks the contract",
        ("freed", 0): r"1 line breaks? the contract by the caller",
        ("switched-off", 208): r"1 line breaks? the contract by the driver",
        ("in-flight", 17): r"1 line lets? a hazard through",
        ("in-flight", 0): "nothing breaks the contract",
    }
    for (scene, mutant), verdict in expected.items():
        log = tmp_path / f"{scene}.jsonl"
        record(log, scene, mutant=mutant)
        assert re.search(verdict, callproof("monitor", "-q", log).stdout)


def record(log: Path, *scene: str, mutant: int = 0) -> None:
    words = ("--recorder", building.recorder(), "--out", log, "--", building.client(), *scene)
    callproof("record", *words, mutant=mutant)


def callproof(*words: str | Path, mutant: int = 0) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"GE_REFERENCE_MUTANT": str(mutant)}
    done = subprocess.run(
        [sys.executable, "-m", "callproof", *words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done


def test_the_race_frees_memory_in_use(tmp_path: Path) -> None:
    """Threads decide when; somewhere in the log a run is on memory that was freed."""
    log, trace = tmp_path / "race.jsonl", tmp_path / "race.trace.json"
    for _ in range(40):
        record(log, "race", "60")
        callproof("trace", "convert", log, "--to", "trace", "--out", trace, "--until", "120")
        if "undefined (Q10 fails), accepted" in callproof("trace", "replay", trace).stdout:
            return
    pytest.fail("the race was never lost")
