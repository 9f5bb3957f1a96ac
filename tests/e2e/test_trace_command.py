import json
import subprocess
import sys
from pathlib import Path

import pytest

from callproof.trace import Step, Trace, trace_text

GOOD = Trace("ge-memory", (Step("GEInitializeV2", {}, "SUCCESS"), Step("AddGraph", {"graph_id": 1}, "SUCCESS")))


def run(*args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "trace", "replay", *args], input=stdin, capture_output=True, check=False
    )


def test_a_trace_that_conforms(tmp_path: Path) -> None:
    path = tmp_path / "x.trace.json"
    path.write_text(trace_text(GOOD))
    done = run(str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"2. AddGraph(graph_id=1) -> SUCCESS\n   must_accept, accepted: conforms\n" in done.stdout
    done = run("-", "--json", stdin=path.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert [step["verdict"] for step in answer["steps"]] == ["must_accept", "must_accept"]
    assert answer["steps"][1]["state"] == {"graphs[1].phase": ["ABSENT", "ADDED"]}


def test_a_trace_that_does_not_conform(tmp_path: Path) -> None:
    path = tmp_path / "x.trace.json"
    path.write_text(trace_text(Trace("ge-memory", GOOD.steps[1:])))
    done = run(str(path))
    assert done.returncode == 1
    assert b"must_reject (L1 fails), accepted: DOES NOT CONFORM" in done.stdout


def document(**changes: object) -> bytes:
    head = {"format": "callproof-trace", "version": 1, "spec": "ge-memory", "steps": []}
    return json.dumps({**head, **changes}).encode()


def call(name: str, **args: object) -> bytes:
    return document(steps=[{"call": name, "args": args}])


REFRESHABLE = "UpdateGraphRefreshableFeatureMemoryBase"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"not json", "not JSON"),
        (bytes(range(256)), "not JSON"),
        (document(version=7), "version: 7 is unknown"),
        (document(spec="nothing"), "spec: no specification is named 'nothing'"),
        (document(spec="/tmp/evil.py:SPEC"), "give --spec"),
        (call("Nothing"), "step 1: unknown call 'Nothing'"),
        (call("AddGraph"), "step 1, args.graph_id: AddGraph needs this argument"),
        (call(REFRESHABLE, graph_id=1, memory=0, size=-1), "step 1, args.size: -1 is outside 0 to 2**64 - 1"),
        (call(REFRESHABLE, graph_id=1, memory=0, size=2**64), "step 1, args.size: 18446744073709551616 is outside"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(data)
    check_refused(run(str(path)), str(path), message)


def test_a_huge_file(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    check_refused(run(str(path)), str(path), "longer than 64 MiB")


def check_refused(done: subprocess.CompletedProcess[bytes], path: str, message: str) -> None:
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"callproof: {path}: ")
    assert message in line
