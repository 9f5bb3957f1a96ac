"""A campaign killed at random points and resumed: `python -m tests.reliability.kills --times 100 [--seed N]`.

One campaign is run undisturbed. Then, as often as is asked, the same campaign is killed (SIGKILL, the whole process
tree is left to end by itself), resumed, perhaps killed again, and resumed until it ends; its document has to equal the
undisturbed one byte for byte, but for what says how long it took.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CAMPAIGNS = {
    "check": ("check", "examples/ring.py:SPEC", "--no-cache"),
    "test": ("test", "tests/support/dma_driver.py:Careless", "--spec", "examples/dma.py:SPEC"),
    "sequences": ("sequences", "--bound", "5", "--list"),
}
COSTS = ("seconds", "obligations")
KILLS_EACH = 3
"""How often one campaign is killed before it is let through."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a number of kills has shown."""

    campaigns: int
    kills: int
    """Runs that were killed before they ended."""
    resumed: int
    """Runs that found finished parts of an earlier one."""
    different: int
    """Campaigns whose result was not that of the undisturbed one."""


def command(kind: str, folder: Path, jobs: int) -> list[str]:
    """One run of a campaign."""
    made = [sys.executable, "-m", "callproof", *CAMPAIGNS[kind], "--jobs", str(jobs), "--resume", str(folder)]
    return made if kind == "sequences" else [*made, "--json", "-"]


def said(kind: str, output: bytes) -> str:
    """A result without its costs."""
    if kind == "sequences":
        return output.decode()
    document = json.loads(output)
    return json.dumps({key: value for key, value in document.items() if key not in COSTS})


def undisturbed(kind: str, folder: Path, jobs: int) -> tuple[str, float]:
    """The result, and the seconds that it took."""
    started = time.monotonic()
    done = subprocess.run(command(kind, folder, jobs), capture_output=True, cwd=ROOT, check=False, env=_env())
    if done.returncode not in (0, 1, 5):
        raise SystemExit(done.stderr.decode())
    return said(kind, done.stdout), time.monotonic() - started


def disturbed(kind: str, folder: Path, jobs: int, seconds: float, rng: random.Random) -> tuple[str, int, int]:
    """The result of a campaign that was killed and resumed, the kills, and the runs that found something there."""
    kills = resumed = 0
    for _ in range(KILLS_EACH):
        resumed += _finished(folder) > 0
        process = subprocess.Popen(
            command(kind, folder, jobs), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=_env()
        )
        try:
            process.wait(rng.uniform(0.2, 1.0) * seconds)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    resumed += _finished(folder) > 0
    return undisturbed(kind, folder, jobs)[0], kills, resumed


def trial(times: int, seed: int, kinds: Sequence[str] = tuple(CAMPAIGNS), jobs: int = 2) -> Outcome:
    """Kill campaigns until `times` runs were killed."""
    rng, place = random.Random(seed), Path(tempfile.mkdtemp(prefix="callproof-kills-"))
    try:
        whole = {kind: undisturbed(kind, place / f"whole-{kind}", jobs) for kind in kinds}
        campaigns = kills = resumed = different = 0
        while kills < times:
            kind = kinds[campaigns % len(kinds)]
            result, killed, found = disturbed(kind, place / str(campaigns), jobs, whole[kind][1], rng)
            campaigns, kills, resumed = campaigns + 1, kills + killed, resumed + found
            different += result != whole[kind][0]
        return Outcome(campaigns, kills, resumed, different)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _finished(folder: Path) -> int:
    return len(list(folder.glob("*.json"))) - 1 if folder.exists() else 0


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*(p for p in sys.path if p), str(ROOT)])}


def main() -> int:
    """Print the outcome as JSON; 1 where some result was another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="runs that are killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", action="append", choices=tuple(CAMPAIGNS))
    asked = parser.parse_args()
    outcome = trial(asked.times, asked.seed, asked.kind or tuple(CAMPAIGNS), asked.jobs)
    sys.stdout.write(json.dumps({"seed": asked.seed, **{f: getattr(outcome, f) for f in Outcome.__slots__}}) + "\n")
    return 1 if outcome.different else 0


if __name__ == "__main__":
    sys.exit(main())
