"""What several processes gain: `python -m tests.reliability.speedup [--jobs 2] [--repeat 3]`.

Each campaign is run with one process and with several, whole processes, in turn, and the fastest of each is taken, for
others may be at work on this machine. `solving` is the same without what a run takes that has nothing to judge.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.support.recorded import Recording

ROOT = Path(__file__).parents[2]
LOGS, LINES = 4, 120_000


def logs(folder: Path) -> list[str]:
    """Logs of equal length: one recorded walk, over and over in new sessions."""
    lines = [json.dumps(line) for line in Recording(random.Random(1), OpenMachine(SPEC)).lines(400)]
    paths = []
    for number in range(LOGS):
        path = folder / f"{number}.jsonl"
        with path.open("w") as file:
            for session in range(LINES // len(lines)):
                for line in lines[1:]:
                    file.write(f'{line[:-1]}, "session": {session + number}}}\n')
                file.write(f'{{"call": "@close", "session": {session + number}}}\n')
        paths.append(str(path))
    return paths


def seconds(words: list[str], jobs: int) -> tuple[float, float]:
    """Wall and CPU seconds of one run."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*(p for p in sys.path if p), str(ROOT)])}
    command = [sys.executable, "-m", "callproof", *words, "--jobs", str(jobs)]
    before, started = os.times(), time.monotonic()
    subprocess.run(command, cwd=ROOT, env=env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - started, spent


def measured(words: list[str], nothing: list[str], jobs: int, repeat: int) -> dict[str, object]:
    """The fastest of each, and what several processes gain."""
    best: dict[tuple[bool, int], float] = {}
    cpu: dict[tuple[bool, int], float] = {}
    for _ in range(repeat):
        for number in (1, jobs):
            for idle, asked in ((False, words), (True, nothing)):
                wall, spent = seconds(asked, number)
                best[idle, number] = min(wall, best.get((idle, number), wall))
                cpu[idle, number] = min(spent, cpu.get((idle, number), spent))
    one, many = (best[False, n] - best[True, n] for n in (1, jobs))
    return {
        "seconds": {"1": round(best[False, 1], 2), str(jobs): round(best[False, jobs], 2)},
        "cpu": {"1": round(cpu[False, 1], 2), str(jobs): round(cpu[False, jobs], 2)},
        "whole": round(best[False, 1] / best[False, jobs], 2),
        "solving": round(one / many, 2),
    }


def main() -> int:
    """Print what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.jsonl"
        empty.write_text("")
        paths = logs(Path(folder))
        trivial = ["--invariant", "own-memory-apart"]
        found = {
            "load": os.getloadavg()[0],
            "logs": measured(
                ["monitor", *paths, "-q"], ["monitor", str(empty), str(empty), "-q"], asked.jobs, asked.repeat
            ),
            "check": measured(["check", "--no-cache"], ["check", "--no-cache", *trivial], asked.jobs, asked.repeat),
        }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
