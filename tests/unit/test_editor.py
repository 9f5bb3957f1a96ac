"""What an editor is shown, and how a question to a child process ends when the child does not behave."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

import ge_memory
import posix_memory
from callproof.editor import asking, child, shown
from callproof.editor.documents import Document
from callproof.editor.records import Cell, Checked, Clause, Described, Failure, Fault, Needed, Needs, Operation, Place
from callproof.editor.targets import targets

ROOT = Path(__file__).parents[2]
GE = Path(ge_memory.__file__).parent
AT = Place("/w/a.py", 3)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (GE / "memory.py", ("ge-memory",)),
        (GE / "v1" / "calls.py", ("ge-memory-v1",)),
        (Path(posix_memory.__file__).parent / "state.py", ("posix-memory",)),
        (ROOT / "examples" / "ge_driver.py", ()),
        (ROOT / "tests" / "support" / "valve.py", ()),
        (ROOT / "no" / "such" / "file.py", ()),
    ],
)
def test_the_specifications_of_a_file(file: Path, expected: tuple[str, ...]) -> None:
    assert targets(str(file)) == expected


def test_a_file_has_the_specifications_that_it_makes() -> None:
    path = str(ROOT / "examples" / "ring.py")
    assert targets(path) == (f"{path}:SPEC",)


@pytest.mark.parametrize("text", ["SPEC = (", "", "import callproof\nSPEC = Specification", "\0", "x = " + "(" * 5000])
def test_files_that_make_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    assert targets(str(path)) == ()


def test_every_use_of_a_clause_is_known() -> None:
    found = child.answer("describe", "ge-memory")
    assert isinstance(found, Described)
    assert not found.faults
    clauses = {clause.id: clause for clause in found.clauses}
    assert all(clause.calls and clause.uses for clause in found.clauses if clause.origin != "header")
    assert all(Path(use.file).exists() for use in clauses["F1"].uses)


def test_what_cannot_be_loaded_says_why_and_where(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("\n\nnot python\n")
    found = child.answer("describe", f"{path}:SPEC")
    assert isinstance(found, Failure)
    assert found.fault.place == Place(str(path), 3)
    assert isinstance(child.answer("describe", "no-such-specification"), Failure)


# -- children that do not behave --------------------------------------------------------------------------------------


def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, seconds: float = 60) -> Any:
    """The answer where a stand-in for Python runs this code as the child."""
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!{sys.executable}\n{code}\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr(asking.sys, "executable", str(stand_in))
    return asyncio.run(asking.ask(Described, "describe", "x", seconds=seconds))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('no json')", "cannot be read"),
        ('print(\'{"type": "Needs"}\')', "cannot be read"),
        ("import sys; sys.exit('the last words')", "ended with status 1: the last words"),
        ("import os; os.kill(os.getpid(), 9)", "ended with status -9"),
    ],
)
def test_a_bad_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, said: str) -> None:
    found = ask(monkeypatch, tmp_path, code)
    assert isinstance(found, Failure)
    assert said in found.fault.message


def test_a_child_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = ask(monkeypatch, tmp_path, "import time; time.sleep(600)", seconds=0.5)
    assert isinstance(found, Failure)
    assert "took more than 0.5 s" in found.fault.message


def test_a_child_that_says_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(asking, "SIZE_LIMIT", 1 << 20)
    found = ask(monkeypatch, tmp_path, "print('x' * (2 << 20))")
    assert isinstance(found, Failure)
    assert "more than 1 MiB" in found.fault.message


def test_an_answer_to_an_older_reading_is_dropped() -> None:
    document = Document(str(ROOT / "examples" / "ring.py"))

    async def twice() -> list[bool]:
        return await asyncio.gather(document.read(), document.read())

    assert asyncio.run(twice()) == [False, True]
    assert list(document.known) == [f"{document.path}:SPEC"]


# -- texts ------------------------------------------------------------------------------------------------------------


def described(*clauses: Clause) -> Described:
    calls = (Operation("Open", False, "Open it.", "page", AT), Operation("Shut", False, "", "", AT))
    return Described("t", "toy", "A toy", (), clauses, calls, ())


def test_what_others_wrote_is_shown_as_it_stands() -> None:
    hostile = Clause("A", "documented", "<img src=x> [a](b) `c` **d**", "p", "", "", (), None, (), ())
    text = shown.hover("A", described(hostile), None, None)
    assert "\\<img src=x\\>" in text
    assert "\\[a\\](b)" in text
    assert "\\*\\*d\\*\\*" in text


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (None, "not known yet"),
        (Needs("t", "hardened", "too many graphs", ()), "not known: too many graphs"),
        (Needs("t", "hardened", "", (Needed("A", True, ()),)), "No proof in hardened needs it"),
        (Needs("t", "hardened", "", (Needed("A", False, ()),)), "could not be told"),
        (Needs("t", "hardened", "", (Needed("A", True, ("safe",)),)), "Needed in hardened by safe"),
    ],
)
def test_what_needs_a_clause(needs: Needs | None, said: str) -> None:
    clause = Clause("A", "documented", "a rule", "p", "", "", (), None, (), ())
    assert said in shown.hover("A", described(clause), None, needs)


def cell(layer: str, status: str, *calls: str) -> Cell:
    return Cell(layer, "safe", status, "", calls, tuple(f"{call}()" for call in calls))


def test_a_call_is_said_to_break_nothing_only_if_all_is_proved() -> None:
    proved = Checked("t", "hardened", "", (cell("documented", "violated", "Open"), cell("hardened", "proved")))
    unknown = Checked("t", "hardened", "", (cell("hardened", "unknown"),))
    broken = Checked("t", "hardened", "", (cell("hardened", "violated", "Open"),))
    assert shown.call_title("Open", proved) == "documented: breaks safe"
    assert shown.call_title("Shut", proved) == "hardened: breaks nothing"
    assert shown.call_title("Shut", unknown) == "hardened: ends no shortest counterexample"
    assert shown.call_title("Shut", broken) == "hardened: ends no shortest counterexample"
    assert shown.call_title("Open", None) == "check this call"


def test_a_fault_without_a_place_stands_at_the_head() -> None:
    found = shown.fault_diagnostics(Failure(Fault("why", None)), "/w/b.py")
    assert found["/w/b.py"][0].range.start.line == 0


@pytest.mark.parametrize(
    ("character", "expected"), [(0, None), (8, ("S1", 9, 11)), (11, ("S1", 9, 11)), (12, None), (15, ("b", 15, 16))]
)
def test_the_string_under_the_cursor(character: int, expected: tuple[str, int, int] | None) -> None:
    assert shown.quoted_at("""require("S1", 'b')""", character) == expected
