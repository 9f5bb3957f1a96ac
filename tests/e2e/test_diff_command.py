"""`callproof diff` as a person runs it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from callproof.model.loading import load_specification
from callproof.replay import replay
from callproof.trace import decode_trace


def diff(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "diff", *args], capture_output=True, encoding="utf-8", check=False
    )


def test_the_two_ge_contracts(golden: Callable[[str, str], None], tmp_path: Path) -> None:
    file = tmp_path / "diff.json"
    done = diff("ge-memory", "ge-memory-v1", "--json", str(file))
    assert done.returncode == 1, done.stderr
    golden("diff-ge-memory-v1.txt", done.stdout)
    document = json.loads(file.read_text())
    assert document["complete"]
    assert {found["clause"] for found in document["differences"]} == {"V1", "V2", "V3", "V4"}
    spec = load_specification("ge-memory")
    for found in document["differences"]:
        assert all(step.accepted for step in replay(spec, decode_trace(json.dumps(found["trace"]).encode(), "")).steps)


def test_two_readings_of_one_specification() -> None:
    done = diff("--reading", "R7=const", "--against", "R7=fixed", "-q")
    assert done.returncode == 0, done.stderr
    assert "accept the same sequences of any length" in done.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nope",), "no specification is named 'nope'"),
        (("--layer", "nonsense"), "unknown layer 'nonsense'"),
        (("--other-layer", "all"), "unknown layer 'all'"),
        (("--graphs", "99"), "1 to 8"),
        (("--graphs", "any"), "1 to 8"),
        (("--resource", "Foo=2"), "unknown kind of resource 'Foo'"),
        (("--against", "R9=const"), "clause R9 has no readings"),
        (("--bound", "0"), "--bound 0"),
        (("--json", "/nowhere/at/all.json"), "/nowhere"),
    ],
)
def test_bad_usage_is_one_line(args: tuple[str, ...], said: str) -> None:
    done = diff(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
