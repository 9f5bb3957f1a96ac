"""`callproof monitor --follow` on files that grow, stop in the middle of a line, are cut short or are replaced."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

START = b'{"call":"GEInitializeV2","returned":0}\n'
ADD = b'{"call":"AddGraph","args":{"graph_id":%d},"returned":0}\n'


class Following:
    """A monitor at work on a file."""

    def __init__(self, log: Path, output: IO[bytes]) -> None:
        self.log, self.output = log, output
        command = [sys.executable, "-m", "callproof", "monitor", "--follow", str(log)]
        self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def write(self, data: bytes) -> None:
        with self.log.open("ab") as file:
            file.write(data)

    def said(self) -> str:
        return Path(self.output.name).read_text(encoding="utf-8")

    def waits_for(self, text: str) -> None:
        wait(lambda: text in self.said(), f"{text!r} in {self.said()!r}")

    def ended(self) -> int:
        return self.process.wait(timeout=60)


def wait(done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.05)


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    log = tmp_path / "calls.jsonl"
    log.write_bytes(START + ADD % 1 + ADD % 1)
    with (tmp_path / "output").open("wb") as output:
        one = Following(log, output)
        yield one
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


def test_a_growing_file_whose_last_line_is_completed_later(following: Following) -> None:
    following.waits_for("calls.jsonl:3: DRIVER")
    line = ADD % 2
    following.write(line[:20])
    time.sleep(0.5)
    following.write(line[20:] + ADD % 2)
    following.waits_for("calls.jsonl:5: DRIVER")
    following.process.send_signal(signal.SIGINT)
    assert following.ended() == 130
    assert "5 calls judged" in following.said()
    assert "cannot be read" not in following.said()
    assert "Traceback" not in following.said()


def test_a_file_that_is_cut_short_is_said_to_be(following: Following) -> None:
    following.waits_for("calls.jsonl:3: DRIVER")
    following.log.write_bytes(START)
    assert following.ended() == 2
    assert "calls.jsonl:4: cannot be read: the file was cut short while it was followed" in following.said()
    assert "3 calls judged" in following.said()


def test_a_file_that_is_replaced_is_said_to_be(following: Following) -> None:
    following.waits_for("calls.jsonl:3: DRIVER")
    following.log.rename(following.log.with_suffix(".1"))
    with following.log.with_suffix(".1").open("ab") as old:
        old.write(ADD % 1)
    time.sleep(0.5)
    following.log.write_bytes(START)
    assert following.ended() == 2
    assert "calls.jsonl:5: cannot be read: the file was replaced by another" in following.said()
    assert "4 calls judged" in following.said()
