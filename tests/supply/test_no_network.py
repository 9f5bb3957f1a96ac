"""Nothing that callproof does at run time speaks to a network: any attempt to look up or reach another host fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARD = """
import sys

def guard(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        raise RuntimeError(f"network: {event} {args[1:]}")
    if event in ("socket.connect", "socket.bind") and not isinstance(args[1], (str, bytes)):
        raise RuntimeError(f"network: {event} {args[1:]}")

sys.addaudithook(guard)
"""
"""Sockets with a path for an address stay within this machine."""

COMMANDS = [
    ("check", f"{ROOT / 'examples' / 'dma.py'}:SPEC", "--needs"),
    ("spec", "show", "ge-memory-v1"),
    ("sequences", "posix-memory", "--bound", "2"),
    ("report", f"{ROOT / 'examples' / 'dma.py'}:SPEC", "--html", "report.html"),
    ("test", f"{ROOT / 'examples' / 'ring_driver.py'}:RingDriver", "--spec", f"{ROOT / 'examples' / 'ring.py'}"),
]


@pytest.fixture
def guarded(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    path = os.pathsep.join(filter(None, (str(tmp_path / "guard"), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_the_guard_guards(guarded: dict[str, str]) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    tried = subprocess.run([sys.executable, "-c", code], env=guarded, capture_output=True, text=True, check=False)
    assert "RuntimeError: network" in tried.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
def test_no_command_speaks_to_a_network(command: tuple[str, ...], guarded: dict[str, str], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "callproof", *command],
        env=guarded,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    assert "network" not in run.stderr
