"""Drivers that are none, or behave like none: one clear message, the right exit code, and no process left."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = "examples/dma.py:SPEC"
HEAD = f"""#!{sys.executable}
import json, os, signal, sys, time
open(sys.argv[1], "a").write(f"{{os.getpid()}}\\n")
def answer(request):
    if request["op"] == "hello":
        return {{"ok": True, "driver": "bad", "calls": ["dma_set_buffer", "dma_start", "interrupt"]}}
    return {{"ok": True}} if request["op"] == "reset" else {{"status": "SUCCESS"}}
def talk(answer=answer):
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "bye":
            return
        sys.stdout.write(json.dumps({{"id": request["id"], **answer(request)}}) + "\\n")
        sys.stdout.flush()
"""


def program(tmp_path: Path, body: str) -> Path:
    file = tmp_path / "driver"
    file.write_text(HEAD + body)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def tried(*words: str) -> subprocess.CompletedProcess[str]:
    """`callproof test` in a process of its own, on a driver with these words."""
    command = [sys.executable, "-m", "callproof", "test", "--spec", SPEC, "--suite", "clauses", "--timeout", "1"]
    return subprocess.run([*command, *words], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)


def living(pids: Path) -> list[int]:
    """The processes of a driver that are not gone a moment later."""
    for _ in range(50):
        left = [int(pid) for pid in pids.read_text().split() if _lives(int(pid))]
        if not left:
            return []
        time.sleep(0.05)
    return left


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] not in (b"Z", b"X")
    except OSError:
        return False


def test_what_is_no_driver_is_bad_usage(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("x")
    for words, message in (
        (("--", str(tmp_path / "missing")), "does not exist"),
        (("--", str(plain)), "is not executable"),
        (("--", str(tmp_path)), "is a directory"),
    ):
        done = tried(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        [line] = done.stderr.splitlines()[-1:]
        assert line.startswith("callproof: the driver ")
        assert message in line
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.stdin.readline()\nprint('<html><body>502 Bad Gateway</body></html>', flush=True)\ntalk()", "no JSON"),
        ("sys.stdin.readline()\nprint('x' * 10_000_000, flush=True)\ntalk()", "longer than"),
        ("if os.fork():\n    os._exit(0)\ntalk()", "it ended with exit code 0"),
        ("time.sleep(60)", "no answer within 1 s"),
    ],
    ids=["HTML", "long line", "forks and exits", "silent"],
)
def test_one_that_never_says_hello(tmp_path: Path, body: str, message: str) -> None:
    pids = tmp_path / "pids"
    done = tried("--", str(program(tmp_path, body)), str(pids))
    assert (done.returncode, done.stdout) == (6, "")
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert living(pids) == []


@pytest.mark.parametrize(
    ("deed", "sort", "message"),
    [
        ("sys.stdout.write('<html>502</html>' + chr(10))", "protocol", "no JSON"),
        ("sys.stdout.write('x' * 10_000_000 + chr(10))", "protocol", "longer than"),
        ("os.fork() and os._exit(0)", "crashed", "it ended with exit code 0"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        time.sleep(60)", "hung", "no answer within"),
    ],
    ids=["HTML", "long line", "forks and exits", "ignores SIGTERM"],
)
def test_one_that_goes_wrong_at_a_call(tmp_path: Path, deed: str, sort: str, message: str) -> None:
    body = (
        f"def late(request):\n    if request.get('call') == 'dma_start':\n        {deed}\n    return answer(request)\n"
    )
    pids = tmp_path / "pids"
    done = tried("--json", "-", "--", str(program(tmp_path, body + "talk(late)")), str(pids))
    assert done.returncode == 6, done.stderr
    failures = [f for f in json.loads(done.stdout)["findings"] if f["sort"] == sort]
    assert failures, done.stdout
    assert {f["call"] for f in failures} == {"dma_start"}
    assert message in failures[0]["message"]
    assert living(pids) == []
