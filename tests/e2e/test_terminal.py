"""What commands look like on wide and narrow terminals and in pipes: colour, columns, the verdict, signs of life."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from callproof.cli.terminal import painted
from tests.support.terminal import ESCAPE, ROOT, on_terminal

pytestmark = pytest.mark.xdist_group("terminal")
"""One worker runs them all, so that what is printed into a pipe is printed once."""

SPEC = "examples/dma.py"
DRIVERS = "tests/support/dma_driver.py"
TEST = ("test", f"{DRIVERS}:Careless", "--spec", SPEC, "--walks", "1", "--suite", "clauses", "--timeout", "5")
TRACE = {
    "format": "callproof-trace", "version": 1, "spec": "dma",
    "steps": [{"call": "dma_start", "args": {"channel": 1}, "returned": "SUCCESS"}],
}  # fmt: skip
CHANGING = {"calls/s;", "s", "kept,", "answers", "seconds:"}
"""Words around figures that differ from run to run."""
HEADS = {"invariant", "call", "name", "beyond", "caller's", "new"}
"""Heads of columns, which rows that became paragraphs repeat where there is something below them."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a trace, a log, and a corpus of what the careless driver does wrong."""
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "dma.trace.json").write_text(json.dumps(TRACE))
    (folder / "dma.jsonl").write_text(json.dumps(TRACE["steps"][0]) + "\n")  # type: ignore[index]
    piped(*TEST, "--corpus", folder / "corpus", "-q")
    return folder


COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("check", SPEC, "--no-cache"),
    "check-v": ("check", SPEC, "--no-cache", "-v", "--needs"),
    "harden": ("harden", SPEC, "--no-cache", "-v"),
    "diff": ("diff", SPEC, "--layer", "documented", "--other-layer", "hardened", "--no-cache"),
    "test": (*TEST, "-v"),
    "compare": ("compare", f"{DRIVERS}:Dma", f"{DRIVERS}:Careless", "--spec", SPEC, "--suite", "clauses"),
    "replay": ("replay", "{files}/corpus", f"{DRIVERS}:Dma", "--spec", SPEC),
    "monitor": ("monitor", "{files}/dma.jsonl", "--spec", SPEC),
    "trace-replay": ("trace", "replay", "{files}/dma.trace.json", "--spec", SPEC),
    "spec-lint": ("spec", "lint", SPEC),
    "sequences": ("sequences", SPEC),
    "settings": ("settings",),
    "doctor": ("doctor",),
}
"""Commands that end with a verdict."""
LISTINGS: dict[str, tuple[str, ...]] = {
    "spec-list": ("spec", "list"),
    "spec-show": ("spec", "show", "posix-memory"),
    "why": ("why", "{files}/dma.trace.json", "1", "--spec", SPEC),
}


def words(name: str, files: Path) -> list[str]:
    return [word.replace("{files}", str(files)) for word in {**COMMANDS, **LISTINGS}[name]]


def piped(*given: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS")}
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, given)],
        capture_output=True, text=True, cwd=ROOT, env={**clean, **(env or {})}, check=False, timeout=120,
    )  # fmt: skip


@cache
def once(*given: str) -> subprocess.CompletedProcess[str]:
    """The same, run once."""
    return piped(*given)


def facts(text: str) -> Counter[str]:
    """The words of a text, without those that hold a time, and without the punctuation that tables add."""
    kept = [word.strip(";:,()") for word in text.split() if word not in CHANGING]
    return Counter(word for word in kept if word and not any(c.isdigit() and "." in word for c in word))


@pytest.mark.parametrize("name", [*COMMANDS, *LISTINGS])
def test_a_pipe_gets_no_escapes_and_a_narrow_terminal_gets_all_facts(name: str, files: Path) -> None:
    given = words(name, files)
    plain = once(*given)
    assert "Traceback" not in plain.stderr
    assert "\x1b" not in plain.stdout + plain.stderr
    for columns in (80, 40) if name in ("check", "diff", "spec-show", "test") else (40,):
        shown = on_terminal(columns, *given)
        assert shown.code == plain.returncode
        assert "…" not in shown.plain
        for line in shown.plain.splitlines()[:-1]:
            text = line.strip()
            assert len(line) <= columns or " " not in text or len(max(text.split(), key=len)) > columns // 2, line
        lost = set(facts(plain.stdout)) - set(facts(shown.plain)) - HEADS
        assert not {word for word in lost if not word.replace(",", "").isdigit()}, (columns, lost)


@pytest.mark.parametrize("name", COMMANDS)
def test_quiet_is_the_verdict_alone_and_the_verdict_is_last(name: str, files: Path) -> None:
    given = words(name, files)
    whole, quiet = once(*given), piped(*given, *([] if name == "sequences" else ["-q"]))
    assert whole.returncode == quiet.returncode
    (line,) = quiet.stdout.splitlines()
    assert whole.stdout.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "auto"), {"NO_COLOR": "1"}, False),
        ((), {"CALLPROOF_COLOR": "never"}, False),
    ],
)
def test_colour_on_a_terminal(flags: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    shown = on_terminal(80, "check", SPEC, *flags, env=env)
    assert ("\x1b[" in shown.out) is coloured
    if flags:
        above = on_terminal(80, *flags, "check", SPEC, env=env)
        assert ("\x1b[" in above.out) is coloured


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": ""}, False),
        (("--color", "always"), {}, True),
        (("--color", "auto"), {}, False),
    ],
)
def test_colour_in_a_pipe(flags: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    done = piped("check", SPEC, "--no-cache", *flags, env=env)
    assert ("\x1b[" in done.stdout) is coloured
    if coloured:
        plain = piped("check", SPEC, "--no-cache").stdout
        assert facts(ESCAPE.sub("", done.stdout)) == facts(plain)


def test_the_environment_beats_a_file_and_the_command_line_both(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "callproof.toml").write_text("color = 'always'\n")
    given = ("check", ROOT / SPEC)
    assert "\x1b[" in on_terminal(80, *given, cwd=tmp_path).out
    assert "\x1b[" not in on_terminal(80, *given, env={"NO_COLOR": "1"}, cwd=tmp_path).out
    assert "\x1b[" not in on_terminal(80, "--color", "never", *given, cwd=tmp_path).out
    assert "\x1b[" not in on_terminal(80, *given, "--color", "never", cwd=tmp_path).out


def test_json_has_no_colour_whatever_is_asked() -> None:
    done = piped("check", SPEC, "--json", "-", "--color", "always")
    assert json.loads(done.stdout)["spec"] == "dma"


def test_paint_is_all_that_colour_adds() -> None:
    text = "VIOLATED #1, 3 calls; proved\nunknown: x\n"
    assert ESCAPE.sub("", painted(text)) == text
    assert painted(text) != text


def test_a_terminal_is_told_what_is_being_done() -> None:
    """The obligation that is being solved; with -q or --progress never nothing is said."""
    given = ("check", "--layer", "hardened", "--graphs", "1", "--invariant", "one-run-mode", "--no-cache", "-q")
    doing = re.compile(r"hardened: (proving \S+|[\d,]+ states, )")
    assert not doing.search(on_terminal(80, *given, err=True).plain)
    assert doing.search(on_terminal(80, *given, "--progress", "always", err=True).plain)
    quick = ("check", SPEC, "--no-cache")
    assert "starting" in on_terminal(80, *quick, err=True).plain
    assert "starting" not in on_terminal(80, *quick, "--progress", "never", err=True).plain


def test_no_moving_line_where_a_build_is_watched() -> None:
    assert on_terminal(80, "check", SPEC, "--no-cache", err=True, env={"CI": "true", "NO_COLOR": "1"}).out.count(
        "\x1b"
    ) == 0  # fmt: skip
