"""The driver of the older session is judged by its specification."""

import subprocess
import sys
from pathlib import Path

DRIVER = Path(__file__).parents[2] / "examples" / "ge_driver_v1.py"


def test_it_conforms() -> None:
    chosen = ["test", f"{DRIVER}:GeDriverV1", "--spec", "ge-memory-v1", "--suite", "clauses"]
    done = subprocess.run(
        [sys.executable, "-m", "callproof", *chosen], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "clauses: 84 of 84 that can fail alone" in done.stdout
    assert done.stdout.endswith("ge-example-v1 conforms to ge-memory-v1\n")
