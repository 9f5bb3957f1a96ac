"""Driver processes, well-behaved and not: whatever they do, a session ends in an answer or in one `DriverFailure`."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from pathlib import Path

import pytest

from callproof.drivers.locate import driver_command
from callproof.drivers.messages import Answer, Malformed, call_line, identifier, read_answer, read_hello, results
from callproof.drivers.session import DriverFailure, Failure, Session
from callproof.errors import UsageError
from callproof.trace import Value

HELLO = '{"id": 1, "ok": true, "driver": "d", "calls": ["f"]}'
DMA = str(Path(__file__).parents[1] / "support" / "dma_driver.py")


def script(tmp_path: Path, body: str) -> tuple[str, ...]:
    """A driver that runs these lines of Python; `hello` answers the first request, `read` waits for one."""
    file = tmp_path / "driver.py"
    head = "import os, sys, time, signal, subprocess\ndef read(): return sys.stdin.readline()\n"
    head += "def say(text):\n    sys.stdout.write(text + chr(10))\n    sys.stdout.flush()\n"
    head += f"def hello():\n    read()\n    say('{HELLO}')\n"
    file.write_text(head + body)
    return (sys.executable, str(file))


def ask(command: tuple[str, ...], calls: list[tuple[str, dict[str, Value]]], timeout: float = 5.0) -> list[Answer]:
    """The answers to some calls behind a reset, if the driver gives them."""
    with Session(command, "toy", timeout) as session:
        if "host" in "".join(command):
            session.reset({}, {})
        session.post(calls)
        return session.collect()


def failure(command: tuple[str, ...], timeout: float = 5.0) -> DriverFailure:
    """How a session with one call fails."""
    with pytest.raises(DriverFailure) as caught:
        ask(command, [("f", {})], timeout)
    return caught.value


def lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] not in (b"Z", b"X")
    except OSError:
        return False


def gone(pid: int) -> bool:
    for _ in range(100):
        if not lives(pid):
            return True
        time.sleep(0.02)
    return False


def test_a_call_is_answered(tmp_path: Path) -> None:
    body = 'hello(); read(); say(\'{"id": 2, "status": 0, "result": {"a": "0x10", "b": true}}\'); read()'
    with Session(script(tmp_path, body), "toy") as session:
        session.post([("f", {"x": 1})])
        [answer] = session.collect()
    assert answer.status == 0
    assert results(answer.result or {}) == {"a": 16, "b": True}


@pytest.mark.parametrize(
    ("body", "how", "message"),
    [
        ("read(); say('<html><body>')", Failure.PROTOCOL, "no JSON"),
        ("read(); say('[1]')", Failure.PROTOCOL, "not what the protocol asks for"),
        ('read(); say(\'{"id": 9, "ok": true}\')', Failure.PROTOCOL, "the answer has id 9"),
        ('read(); say(\'{"id": 1, "ok": false, "error": "no"}\')', Failure.PROTOCOL, "refuses the hello: no"),
        ("hello(); read(); say('{\"id\": 2}')", Failure.PROTOCOL, 'no "status"'),
        ("hello(); read(); say('x' * 10_000_000)", Failure.PROTOCOL, "longer than"),
        ("hello(); read()\nwhile True: sys.stdout.write('y' * 4096)", Failure.PROTOCOL, "longer than"),
        ('hello(); read()\nwhile True: say(\'{"id": 5, "status": 0}\')', Failure.PROTOCOL, "the answer has id 5"),
        (
            "hello(); read(); sys.stderr.write('out of paper'); os._exit(3)",
            Failure.CRASHED,
            "exit code 3.*out of paper",
        ),
        ("hello(); read(); os.kill(os.getpid(), signal.SIGSEGV)", Failure.CRASHED, "SIGSEGV"),
        ("hello(); read(); os.close(1); time.sleep(60)", Failure.CRASHED, "closed its output"),
        ("pass", Failure.CRASHED, "exit code 0"),
    ],
)
def test_a_bad_driver_is_a_failure(tmp_path: Path, body: str, how: Failure, message: str) -> None:
    error = failure(script(tmp_path, body))
    assert error.how is how
    assert re.search(message, error.message)


def test_a_driver_that_says_nothing_hangs(tmp_path: Path) -> None:
    assert failure(script(tmp_path, "hello(); time.sleep(60)"), 0.3).how is Failure.HUNG
    assert failure(script(tmp_path, "time.sleep(60)"), 0.3).how is Failure.HUNG


def test_what_came_before_a_failure_is_kept(tmp_path: Path) -> None:
    body = 'hello(); read(); say(\'{"id": 2, "status": 0}\'); read(); os._exit(1)'
    with pytest.raises(DriverFailure) as caught:
        ask(script(tmp_path, body), [("f", {}), ("f", {})])
    assert [answer.id for answer in caught.value.answers] == [2]


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    body = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nhello()\nwhile True: time.sleep(1)"
    session = Session(script(tmp_path, body), "toy")
    pid = session._child.pid
    session.close()
    assert gone(pid)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="descendants are found by way of /proc")
@pytest.mark.parametrize("leaves", [False, True])
def test_descendants_are_killed_too(tmp_path: Path, leaves: bool) -> None:
    told = tmp_path / "pid"
    body = (
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session={leaves})\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\nhello()\nread(); os._exit(0)"
    )
    error = failure(script(tmp_path, body))
    assert error.how is Failure.CRASHED
    assert gone(int(told.read_text()))


def test_one_that_forks_and_exits_has_ended(tmp_path: Path) -> None:
    body = "if os.fork():\n    os._exit(0)\nhello()\nwhile True: time.sleep(1)"
    assert failure(script(tmp_path, body)).how is Failure.CRASHED


def test_what_cannot_be_a_driver_is_a_usage_error(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("x")
    for words, message in (
        (["./missing"], "does not exist"),
        ([str(plain)], "not executable"),
        ([str(tmp_path)], "is a directory"),
        (["no-such-program-anywhere"], "is no program"),
        (["x.py:1"], "is no driver"),
        (["missing.py:Driver"], "there is no file"),
    ):
        with pytest.raises(UsageError, match=message):
            driver_command(words)
    plain.write_text("not a program")
    plain.chmod(plain.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(UsageError, match="cannot be started"):
        Session(driver_command([str(plain)]), "toy")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (f"{DMA}:Nothing", "has no 'Nothing'"),
        ("no.such.module:Driver", "cannot import"),
        (f"{DMA}:Unstartable", "no device"),
    ],
)
def test_a_python_driver_that_cannot_be_loaded_is_a_usage_error(target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Session(driver_command([target]), "dma").close()


def test_a_python_driver_is_hosted() -> None:
    with Session(driver_command([f"{DMA}:Buffered"]), "dma") as session:
        assert session.offer.driver == "dma-toy"
        assert session.offer.has("dma_start")
        session.reset({}, {})
        args = {"channel": 1}
        session.post(
            [("dma_start", args), ("dma_set_buffer", {**args, "memory": 2**64 - 1, "size": 1}), ("dma_start", args)]
        )
        assert [answer.status for answer in session.collect()] == [1, 0, 0]
        session.post([("nothing", {})])
        assert session.collect()[0].unsupported


def test_an_exception_of_a_python_driver_names_its_place() -> None:
    calls: list[tuple[str, dict[str, Value]]] = [("dma_set_buffer", {"channel": 1, "memory": 4096, "size": 1})]
    with pytest.raises(DriverFailure, match="ValueError: running already") as caught:
        ask(driver_command([f"{DMA}:Raises"]), calls + 2 * [("dma_start", {"channel": 1})])
    assert caught.value.how is Failure.RAISED
    assert len(caught.value.answers) == 2
    assert "dma_driver.py:" in caught.value.message


def test_lines() -> None:
    assert b'"size":"0x8000000000000000"' in call_line(1, "f", {"size": 1 << 63, "flag": True})
    assert identifier("run callback") == "run_callback"
    with pytest.raises(Malformed, match="a kind twice"):
        read_hello(b'{"id": 1, "ok": true, "kinds": [{"name": "a"}, {"name": "a"}]}', 1)
    with pytest.raises(Malformed, match="id 3"):
        read_answer(b'{"id": 3, "status": 0}', 2)
