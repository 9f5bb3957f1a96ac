"""What several processes gain: `python -m tests.reliability.speedup [--jobs 2] [--repeat 3]`.

Each campaign is run with one process and with several, whole processes, in turn, and the fastest of each is taken.
Where others are at work on the same cores, wall time says little; so there is also the CPU time of the command and
of its busiest worker, which is what a run takes where cores are free. `solving` is that without what a run takes
that has next to nothing to judge.
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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.support.recorded import Recording

ROOT = Path(__file__).parents[2]
PATHS = ["check", "--engine", "paths", "--graphs", "1", "--no-cache"]
LOGS, LINES = 4, 60_000


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


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took."""

    wall: float
    cpu: float
    longest: float
    """CPU seconds of the command's own process and of its busiest worker: what the run takes where cores are free."""


def run(words: list[str], jobs: int) -> Run:
    """Run a command to its end, and look at its processes meanwhile."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*(p for p in sys.path if p), str(ROOT)])}
    command = [sys.executable, "-m", "callproof", *words, "--jobs", str(jobs)]
    before, started = os.times(), time.monotonic()
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=nothing, stderr=nothing)
    spent: dict[int, float] = {}
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            spent[pid] = max(_cpu(pid), spent.get(pid, 0.0))
        time.sleep(0.05)
    after = os.times()
    own = spent.pop(process.pid, 0.0)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(time.monotonic() - started, cpu, own + max(spent.values(), default=0.0))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken so far; 0 where it is gone."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def measured(words: list[str], nothing: list[str], jobs: int, repeat: int) -> dict[str, object]:
    """The fastest runs with one process and with several, of all and of nothing, and what several gain."""
    best: dict[tuple[bool, int], Run] = {}
    for _ in range(repeat):
        for number in (1, jobs):
            for idle, asked in ((False, words), (True, nothing)):
                new = run(asked, number)
                old = best.get((idle, number), new)
                best[idle, number] = Run(*(min(getattr(old, f), getattr(new, f)) for f in Run.__slots__))
    one, many = best[False, 1], best[False, jobs]
    idle, idling = best[True, 1], best[True, jobs]
    return {
        "wall": {"1": round(one.wall, 2), str(jobs): round(many.wall, 2), "gain": round(one.wall / many.wall, 2)},
        "cpu": {"1": round(one.cpu, 2), str(jobs): round(many.cpu, 2)},
        "longest": {"1": round(one.longest, 2), str(jobs): round(many.longest, 2)},
        "solving": {
            "1": round(one.longest - idle.longest, 2),
            str(jobs): round(many.longest - idling.longest, 2),
            "gain": round((one.longest - idle.longest) / (many.longest - idling.longest), 2),
        },
    }


def main() -> int:
    """Print what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--kind", action="append", choices=("logs", "paths", "edges"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.jsonl"
        empty.write_text("")
        paths = logs(Path(folder))
        one = ["--invariant", "own-memory-apart", "--layer", "hardened"]
        campaigns = {
            "logs": (["monitor", *paths, "-q"], ["monitor", str(empty), str(empty), "-q"]),
            "paths": ([*PATHS, "--bound", "4"], [*PATHS, "--bound", "1"]),
            "edges": (["check", "--no-cache"], ["check", "--no-cache", *one]),
        }
        found: dict[str, object] = {"load": os.getloadavg()[0]}
        for name in asked.kind or tuple(campaigns):
            found[name] = measured(*campaigns[name], asked.jobs, asked.repeat)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
