"""`callproof monitor` and `callproof why` as a person runs them."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from backports import zstd

PAGE = Path(__file__).parents[2] / "docs" / "judge-a-log.md"

GOOD = b'{"call":"GEInitializeV2","returned":0}\n{"call":"AddGraph","args":{"graph_id":0},"returned":0,"session":1}\n'
BAD = GOOD + b'{"call":"AddGraph","args":{"graph_id":0},"returned":0,"session":1}\n'


def run(*args: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "callproof", *args]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=cwd, timeout=60)


def test_a_log_in_every_packing(tmp_path: Path) -> None:
    for name, data in (("a.jsonl", BAD), ("a.jsonl.gz", gzip.compress(BAD)), ("a.jsonl.zst", zstd.compress(BAD))):
        (tmp_path / name).write_bytes(data)
    logs = ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "-")
    done = run("monitor", *logs, stdin=BAD, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    for log in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "stdin"):
        assert f"{log}:3: DRIVER [session 1]: AddGraph(graph_id=0) -> 0\n".encode() in done.stdout
    done = run("monitor", "--json", "-", "a.jsonl", cwd=tmp_path)
    document = json.loads(done.stdout)
    (finding,) = document["logs"][0]["findings"]
    assert (document["exit"], finding["line"], finding["blame"]) == (1, 3, "driver")
    assert [clause["id"] for clause in finding["clauses"]] == ["L3"]
    assert [earlier["line"] for earlier in finding["because"]] == [2]


def test_a_log_in_order(tmp_path: Path) -> None:
    done = run("monitor", "-q", "-", stdin=GOOD)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"nothing breaks the contract\n")


@pytest.mark.parametrize(
    ("data", "said"), [(b"\0\1\2", b"binary"), (b"no json\n", b"no JSON"), (b'{"call": "X"}\n', b"unknown call")]
)
def test_what_cannot_be_read(data: bytes, said: bytes) -> None:
    done = run("monitor", "-", stdin=data)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("packed", [b"\x1f\x8b no gzip", b"\x28\xb5\x2f\xfd no zstandard"])
def test_what_only_begins_like_a_packed_file(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "a").write_bytes(packed)
    done = run("monitor", "a", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"callproof: a: cannot be read: ")
    assert done.stderr.count(b"\n") == 1


def test_space_that_a_recorder_never_wrote_is_nothing(tmp_path: Path) -> None:
    first, rest = BAD.split(b"\n", 1)
    done = run("monitor", "-q", "-", stdin=first + b"\n" + b"\0" * 5_000 + rest + b"\0" * 9_000)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"3 calls judged" in done.stdout


def test_a_session_that_never_ends_and_takes_more_and_more(tmp_path: Path) -> None:
    lines = b"".join(b'{"call":"AddGraph","args":{"graph_id":%d},"returned":0}\n' % n for n in range(103_000))
    done = run("monitor", "-q", "-", stdin=GOOD.split(b"\n")[0] + b"\n" + lines)
    assert done.returncode == 4
    assert done.stderr == (b"callproof: more than 100,000 of GraphId are in use at once, the most that are followed\n")


def test_the_profile_of_the_page(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for kind, name in (("toml", "runtime.toml"), ("text", "runtime.log")):
        found = re.search(rf"```{kind}[^\n]*\n(.*?)```", page, re.S)
        assert found is not None
        (tmp_path / name).write_text(found[1], encoding="utf-8")
    done = run("monitor", "--profile", "runtime.toml", "runtime.log", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[0] in page
    assert b"1 line that the profile does not read" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = [", b"no TOML"),
        ('format = "callproof-profile"\nversion = 1\n[[line]]\npattern = "("\ncall = "AddGraph"', b"pattern"),
        ('format = "callproof-profile"\nversion = 1\n[[line]]\npattern = "x"\ncall = "Nope"', b"no call 'Nope'"),
        ('format = "callproof-profile"\nversion = 2\nline = []', b"version 1 is read"),
    ],
)
def test_what_is_no_profile(tmp_path: Path, text: str, said: bytes) -> None:
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    done = run("monitor", "--profile", "p.toml", "-", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_catastrophic_pattern_takes_no_time(tmp_path: Path) -> None:
    profile = 'format = "callproof-profile"\nversion = 1\n[[line]]\npattern = "^(a+)+$"\ncall = "GEInitializeV2"\n'
    (tmp_path / "p.toml").write_text(profile, encoding="utf-8")
    done = run("monitor", "--profile", "p.toml", "-", stdin=b"a" * 50_000 + b"!\n", cwd=tmp_path)
    assert done.returncode == 0
    assert b"1 line that the profile does not read" in done.stdout


def test_why_a_step_is_blocked(tmp_path: Path) -> None:
    steps = [{"call": "GEInitializeV2", "args": {}}, *[{"call": "AddGraph", "args": {"graph_id": 1}}] * 2]
    trace = {"format": "callproof-trace", "version": 1, "spec": "ge-memory", "steps": steps}
    (tmp_path / "t.trace.json").write_text(json.dumps(trace), encoding="utf-8")
    done = run("why", "t.trace.json", "3", cwd=tmp_path)
    assert done.stdout == (
        b"step 3, AddGraph(graph_id=1): must_reject: L3 fails (the graph id is not in use); "
        b"allowed after RemoveGraph(graph_id=1)\n"
    )
    assert run("why", "t.trace.json", "2", cwd=tmp_path).stdout.endswith(b"must_accept: L1, L3 hold\n")
    assert run("why", "t.trace.json", "4", cwd=tmp_path).returncode == 2
