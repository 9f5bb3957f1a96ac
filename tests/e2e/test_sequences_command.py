import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from callproof.cli.options import LAYER_NAMES
from callproof.model import ALL_LAYERS

TOY = '''
from callproof.model import *

class Door(Record):
    opened = boolean()

SPEC = Specification("door", "A door", Door, (clause("C1", Origin.DOCUMENTED, "Doors", "rules", "it is shut"),))

@SPEC.call("Open")
def open_(s: Door) -> None:
    """Open it."""
    require("C1", ~s.opened)
    s.opened = True

@SPEC.call("Knock")
def knock(s: Door) -> None:
    """Knock."""
'''

DOORS = '''
from callproof.model import *

class DoorId(Handle):
    """Names a door."""

class Door(Record):
    opened = boolean()

class House(Record):
    doors = table(Door, DoorId)

SPEC = Specification("doors", "Doors", House, (clause("C1", Origin.DOCUMENTED, "Doors", "rules", "it is shut"),))

@SPEC.call("Open")
def open_(s: House, door: DoorId) -> None:
    """Open it."""
    require("C1", ~s.doors[door].opened)
    s.doors[door].opened = True
'''


def sequences(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS")}
    return subprocess.run(
        [sys.executable, "-m", "callproof", "sequences", *args],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment | {"PYTHONUTF8": "1"},
        check=False,
    )


@pytest.fixture
def door(tmp_path: Path) -> Path:
    (tmp_path / "door.py").write_text(TOY, encoding="utf-8")
    return tmp_path


def test_count_of_a_toy_is_exact(door: Path) -> None:
    done = sequences("door.py", "--bound", "3", "--count", cwd=door)
    assert (done.returncode, done.stdout, done.stderr) == (0, "9 sequences of 1 to 3 calls (exact)\n", "")
    assert sequences("door.py", "--bound", "1", cwd=door).stdout == "2 sequences of 1 call (exact)\n"
    assert sequences("door.py", "--bound", "0", cwd=door).stdout == "0 sequences of 0 calls (exact)\n"


def test_count_of_ge_memory_is_a_bound() -> None:
    done = sequences()
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"[\d,]+ sequences of 1 to 12 calls \(at most: data may refuse some\)\n", done.stdout)


def test_a_count_of_thousands_of_digits(door: Path) -> None:
    text = TOY.replace("def knock", "def knock_").replace('"Knock"', '"Knock2"').split("@SPEC.call")[2]
    (door / "more.py").write_text(TOY + "@SPEC.call" + text, encoding="utf-8")
    done = sequences("more.py", "--bound", "10000", cwd=door)
    assert done.returncode == 0
    assert len(done.stdout) > 4000


def test_list(door: Path) -> None:
    done = sequences("door.py", "--bound", "2", "--list", cwd=door)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Open()", "Knock()", "Open(); Knock()", "Knock(); Open()", "Knock(); Knock()",
    ]  # fmt: skip


def test_a_list_that_is_too_long_is_refused_before_anything_is_listed() -> None:
    for bound in ("9", "1000000000"):
        done = sequences("--list", "--bound", bound)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(
            r"callproof: there are [\d,]+ sequences of up to 7 calls, and at most 100,000 are listed: "
            r"give a --bound below 7, or --count\n",
            done.stderr,
        )


def test_dot(door: Path) -> None:
    done = sequences("door.py", "--dot", "door.dot", "--layer", "documented", cwd=door)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = (door / "door.dot").read_text(encoding="utf-8")
    assert written.startswith('digraph "door, documented" {\n')
    assert '  n0 -> n1 [label="Open()"];\n' in written
    assert sequences("door.py", "--dot", "-", "--layer", "documented", cwd=door).stdout == written
    assert sorted(p.name for p in door.iterdir() if p.is_file()) == ["door.dot", "door.py"]


def test_the_help_names_every_layer() -> None:
    assert tuple(ALL_LAYERS) == LAYER_NAMES
    assert " ".join(LAYER_NAMES).replace(" ", ", ") in " ".join(sequences("--help").stdout.split())


def test_options_choose_what_is_counted() -> None:
    few = sequences("--bound", "5", "--option", "ge.featureBaseRefreshable=0").stdout
    plain = sequences("--bound", "5").stdout
    wide = sequences("--bound", "5", "--layer", "documented", "--reading", "R2=exactly").stdout
    numbers = [int(text.split()[0].replace(",", "")) for text in (few, plain)]
    assert numbers == sorted(set(numbers))
    assert wide.endswith(" of 1 to 5 calls (at most: data may refuse some)\n")


def test_the_number_of_resources_of_the_first_kind(tmp_path: Path) -> None:
    (tmp_path / "doors.py").write_text(DOORS, encoding="utf-8")
    one, two = (sequences("doors.py", "--bound", "2", "--graphs", n, "--list", cwd=tmp_path).stdout for n in "12")
    assert one.splitlines() == ["Open(door=1)"]
    assert two.splitlines() == [
        "Open(door=1)", "Open(door=2)", "Open(door=1); Open(door=2)", "Open(door=2); Open(door=1)",
    ]  # fmt: skip


def test_a_specification_without_handles_has_no_number_of_them(door: Path) -> None:
    done = sequences("door.py", "--graphs", "2", cwd=door)
    assert (done.returncode, done.stderr) == (2, "callproof: door has no handles, so --graphs means nothing\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--bound", "-1"], "--bound is a number of calls, not -1"),
        (["--bound", "1000000"], "sequences are counted up to 10,000 calls, not 1,000,000"),
        (["--bound", "x"], "'x' is not a valid integer"),
        (["--count", "--list"], "give one of --count, --list and --dot"),
        (["--list", "--dot", "x"], "give one of --count, --list and --dot"),
        (["--layer", "hard"], "unknown layer 'hard'; the layers: documented, +caller, hardened, driver"),
        (["--graphs", "0"], "--graphs is a number from 1 to 8, not 0"),
        (["--graphs", "9"], "--graphs is a number from 1 to 8, not 9"),
        (["--reading", "R2"], "--reading takes NAME=VALUE, not 'R2'"),
        (["--reading", "R2=x"], "clause R2 has no reading 'x'"),
        (["--reading", "R2=exactly", "--reading", "R2=at-least"], "--reading gives R2 two values"),
        (["--option", "x=1"], "unknown option 'x'"),
        (["--dot", "/nonexistent/x.dot"], "/nonexistent/x.dot: cannot be written"),
        (["ge-memori"], "no specification is named 'ge-memori'; did you mean ge-memory?"),
    ],
)
def test_bad_usage_is_one_line(args: list[str], said: str) -> None:
    done = sequences(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("callproof: ")
