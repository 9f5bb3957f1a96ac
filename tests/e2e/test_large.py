"""A generated family of specifications: the graph is as large as was computed by hand, and everything grows with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from callproof.run.check import check
from callproof.run.request import Request

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "examples"))
from family import edges, family  # noqa: E402 - an example is a program, and no package


@pytest.mark.parametrize("flags", [1, 3, 6])
def test_the_graph_has_the_states_and_edges_of_the_formula(flags: int) -> None:
    found = check(family(flags), Request("hardened", graphs=1)).judged_layer
    assert (found.states, found.edges) == (3 * 2**flags, edges(flags))
    assert all(f.status.value == "proved" for f in found.findings)


def test_channels_are_independent() -> None:
    """With more of them the states are those of one, to that power, for each setting of the flags."""
    found = check(family(2), Request("hardened", graphs=3)).judged_layer
    assert found.states == 2**2 * 3**3


def test_fewer_calls_reach_fewer_flags() -> None:
    found = check(family(6, calls=4), Request("hardened", graphs=1)).judged_layer
    assert found.states == 3 * 2**2


def test_a_hundred_thousand_edges_take_little_time_and_memory() -> None:
    command = [sys.executable, "examples/family.py", "--edges", "100000"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["edges"] == edges(measured["flags"]) >= 100_000
    assert measured["cpu_seconds"] < 6
    assert measured["megabytes"] < 200
