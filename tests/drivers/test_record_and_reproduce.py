"""What the program of docs/record-and-reproduce.md is to find; the page itself is run with the others."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers import building

pytestmark = pytest.mark.xdist_group("native")


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
