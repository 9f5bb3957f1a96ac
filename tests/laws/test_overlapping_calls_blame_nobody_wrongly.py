"""Calls on a driver that conforms, written down as if they had overlapped: the driver is never blamed."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from callproof.model.loading import load_specification
from callproof.monitor import Settings, monitor
from callproof.monitor.outcomes import Blame
from callproof.parametric import OpenMachine

ROOT = Path(__file__).parents[2]
RING = load_specification(str(ROOT / "examples" / "ring.py"))
MACHINE = OpenMachine(RING)
SEEDS = range(60)


def log(rng: random.Random, driver: Any) -> list[dict[str, Any]]:
    """Calls at one moment each, that are written as longer than they were; the order of lines is that of their ends."""
    lines = []
    for moment in range(10, 10 * rng.randint(10, 40), 10):
        args: dict[str, int] = {"ring": rng.randint(1, 2)}
        call = rng.choice(("ring_setup", "ring_start", "ring_post", "ring_post"))
        if call == "ring_setup":
            args |= {"memory": rng.choice((0, 0x1000, 0x1001)), "size": rng.choice((16, 32, 64, 96))}
        status = getattr(driver, call)(**args)
        line = {"call": call, "args": args, "returned": 0 if status == 0 else "BUSY"}
        lines.append({**line, "begin": moment - rng.randint(0, 25), "end": moment + rng.randint(0, 25)})
    return sorted(lines, key=lambda line: line["end"])


@pytest.mark.parametrize("from_unknown", [False, True])
def test_a_driver_that_conforms_is_never_blamed(tmp_path: Path, from_unknown: bool) -> None:
    scope: dict[str, Any] = {}
    exec((ROOT / "examples" / "ring_driver.py").read_text(), scope)
    judged = 0
    for seed in SEEDS:
        rng = random.Random(seed)
        lines = log(rng, scope["RingDriver"]())
        file = tmp_path / "x.jsonl"
        first = rng.randint(0, len(lines) // 2) if from_unknown else 0
        file.write_text("".join(json.dumps(line) + "\n" for line in lines[first:]))
        found: list[Any] = []
        result = monitor(RING, str(file), Settings(from_unknown=from_unknown), found.append, machine=MACHINE)
        assert [f.line for f in found if getattr(f, "blame", None) is Blame.DRIVER] == [], seed
        judged += result.lines
    assert judged > 10 * len(SEEDS)
