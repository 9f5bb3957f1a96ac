import sys
from pathlib import Path

import pytest

from callproof.errors import SpecError, UserError
from callproof.model import instantiate
from callproof.model.lint import lint
from callproof.model.loading import available, load_specification

GOOD = """
from dataclasses import dataclass
from __PLUS__ import *

class Thing(Handle):
    pass

@dataclass(frozen=True)
class Note:
    text: "str"

class Store(Record):
    ready = boolean()

SPEC = Specification("NAME", "Title", Store, ())

@SPEC.call("Go")
def go(s: Store) -> None:
    \"\"\"Go.\"\"\"
    s.ready = True
""".replace("__PLUS__", "callproof.model")


def write(folder: Path, source: str, name: str = "toy.py") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return path


def refusal(name: str) -> str:
    with pytest.raises(UserError) as caught:
        load_specification(name)
    text = str(caught.value)
    assert "\n" not in text
    assert "Traceback" not in text
    assert caught.value.exit == 2
    return text


def test_entry_points() -> None:
    found = {entry.name: entry.problem for entry in available()}
    assert {"ge-memory", "posix-memory"} <= set(found)
    assert not any(found.values())
    assert all(load_specification(name).name == name for name in found)


def test_an_unknown_name_gets_a_suggestion() -> None:
    known = ", ".join(entry.name for entry in available())
    assert refusal("ge-memroy") == (
        f"no specification is named 'ge-memroy'; did you mean ge-memory? installed: {known}; or give file.py:NAME"
    )
    assert "did you mean" not in refusal("zzz")
    assert refusal("")


def test_a_file_with_and_without_name(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    for name in (f"{path}:SPEC", str(path), f"{path}:"):
        spec = load_specification(name)
        assert spec.name == "NAME"
        assert [a.call for a in instantiate(spec, {}).actions] == ["Go"]
        assert lint(spec) == []


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    assert load_specification("toy.py:SPEC").location.file == "toy.py"


def test_files_of_the_same_name_do_not_clash(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, f"NAME = '{name}'\n", "sibling_of_toy.py")
        write(
            tmp_path / name,
            GOOD.replace('"NAME"', "sibling_of_toy.NAME").replace("class Thing", "import sibling_of_toy\nclass Thing"),
        )
    modules, path = set(sys.modules), list(sys.path)
    specs = [load_specification(f"{tmp_path / name / 'toy.py'}:SPEC") for name in ("one", "two", "one")]
    assert [spec.name for spec in specs] == ["one", "two", "one"]
    assert set(sys.modules) == modules
    assert sys.path == path
    for spec in specs:
        instantiate(spec, {})


def test_a_package_beside_the_file_leaves_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path / "pack_of_toy", "from pack_of_toy import inner\n", "__init__.py")
    write(tmp_path / "pack_of_toy", "VALUE = 1\n", "inner.py")
    path = write(tmp_path, GOOD + "import pack_of_toy.inner\n")
    modules = set(sys.modules)
    load_specification(f"{path}:SPEC")
    assert set(sys.modules) == modules


def test_a_sibling_hides_a_loaded_module_only_while_the_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, "NAME = 'mine'\n", "msgspec.py")
    path = write(tmp_path, GOOD.replace('"NAME"', "msgspec.NAME").replace("class Thing", "import msgspec\nclass Thing"))
    import msgspec

    assert load_specification(f"{path}:SPEC").name == "mine"
    assert sys.modules["msgspec"] is msgspec


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert refusal(f"{tmp_path}/nowhere.py:SPEC") == f"there is no file {tmp_path}/nowhere.py"
    assert refusal(f"{tmp_path}:SPEC") == f"{tmp_path} is no file"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ny = (\n", "{path}:2: cannot load specification {path}: SyntaxError: '(' was never closed"),
        ("x = 1\n\nboom()\n", "{path}:3: cannot load specification {path}: NameError: name 'boom' is not defined"),
        (
            "def f():\n    raise ValueError('a\\nb')\n\nf()\n",
            "{path}:2: cannot load specification {path}: ValueError: a b",
        ),
        ("import nowhere_at_all\n", "{path}:1: cannot load specification {path}: ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)\n", "{path}:1: cannot load specification {path}: it ends the program (SystemExit: 0)"),
        ("assert False\n", "{path}:1: cannot load specification {path}: AssertionError"),
        ("from . import x\n", "{path}:1: cannot load specification {path}: ImportError: attempted relative import"),
        ("x = 1\n", "{path} has no specification"),
        ("", "{path} has no specification"),
    ],
)
def test_a_file_that_is_no_specification(tmp_path: Path, source: str, message: str) -> None:
    path = write(tmp_path, source)
    assert refusal(f"{path}:SPEC").startswith(message.format(path=path))


def test_a_file_that_is_not_python(tmp_path: Path) -> None:
    path = tmp_path / "toy.py"
    path.write_bytes(b"\x7fELF\x00\xff\xfe")
    assert str(path) in refusal(f"{path}:SPEC")
    path.write_bytes(b"# \xff\xfe\n")
    assert str(path) in refusal(f"{path}:SPEC")


def test_an_error_in_a_sibling_names_the_sibling(tmp_path: Path) -> None:
    sibling = write(tmp_path, "x = (\n", "broken_sibling.py")
    path = write(tmp_path, "import broken_sibling\n")
    assert refusal(f"{path}:SPEC").startswith(f"{sibling}:1: cannot load specification {path}: SyntaxError")


def test_names_that_are_no_specification(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "OTHER = Specification('b', 'B', Store, ())\n")
    assert refusal(f"{path}:MISSING") == f"{path} has no 'MISSING'; its specifications: SPEC, OTHER"
    assert refusal(f"{path}:Store") == f"{path}:Store is no Specification but a value of type type"
    assert refusal(str(path)).startswith(f"{path} has several specifications: give one of SPEC, OTHER")


def test_interruption_passes(tmp_path: Path) -> None:
    path = write(tmp_path, "raise KeyboardInterrupt\n")
    before = list(sys.path)
    with pytest.raises(KeyboardInterrupt):
        load_specification(f"{path}:SPEC")
    assert sys.path == before


def test_faults_while_the_file_is_read_are_kept_for_lint(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "M = Option('m', ('a',), '')\nX = M.is_('z')\n")
    faults = lint(load_specification(f"{path}:SPEC"))
    assert [str(f) for f in faults] == [f"{path}:{len(GOOD.splitlines()) + 2}: option m has no value 'z'; it has a"]


def test_a_hard_fault_while_the_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "require('C1', True)\n")
    with pytest.raises(SpecError, match=r"require\(\) can be used only in the body"):
        load_specification(f"{path}:SPEC")
