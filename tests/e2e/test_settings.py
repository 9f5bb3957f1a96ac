"""Settings in callproof.toml, pyproject.toml and the environment: which is stronger, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from callproof.cli import app, main
from callproof.cli.inspect import rows, unknown_variables
from callproof.cli.settings import META, SIZE_LIMIT, key, params, read_settings, walk

ROOT = Path(__file__).parents[2]
COMMANDS = dict(walk(app))


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that looks like the top of a repository."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, tuple[Any, str]]:
    """What `callproof settings` says: command.key -> value and origin."""
    assert main(["settings", "--json", *words]) == 0
    document = json.loads(capsys.readouterr().out)
    return {f"{row['command']}.{row['key']}": (row["value"], row["origin"]) for row in document["settings"]}


def test_the_order_of_precedence(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = "check.bound"
    assert shown(capsys, "-v", "check")[bound] == (12, "default")
    (somewhere / "pyproject.toml").write_text("[tool.callproof.check]\nbound = 3\nlayer = 'driver'\n")
    assert shown(capsys)[bound] == (3, "pyproject.toml")
    (somewhere / "callproof.toml").write_text("[check]\nbound = 4\n")
    assert shown(capsys)[bound] == (4, "callproof.toml")
    assert shown(capsys)["check.layer"] == ("driver", "pyproject.toml")
    monkeypatch.setenv("CALLPROOF_BOUND", "5")
    assert shown(capsys)[bound] == ("5", "CALLPROOF_BOUND")
    monkeypatch.setenv("CALLPROOF_CHECK_BOUND", "6")
    assert shown(capsys)[bound] == ("6", "CALLPROOF_CHECK_BOUND")


def test_the_command_line_is_the_strongest(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "callproof.toml").write_text(f'[sequences]\nspec = "{ROOT}/examples/dma.py"\nbound = 3\n')
    assert main(["sequences"]) == 0
    three = capsys.readouterr().out
    assert "of 1 to 3 calls" in three
    monkeypatch.setenv("CALLPROOF_SEQUENCES_BOUND", "4")
    assert main(["sequences"]) == 0
    assert "of 1 to 4 calls" in capsys.readouterr().out
    assert main(["sequences", "--bound", "5"]) == 0
    assert "of 1 to 5 calls" in capsys.readouterr().out


def test_a_key_above_the_tables_is_for_all_commands_and_a_table_is_stronger(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "callproof.toml").write_text("budget = 7\ncolor = 'never'\n[harden]\nbudget = 8\n")
    found = shown(capsys)
    assert found["check.budget"][0] == found["certify.budget"][0] == 7
    assert found["harden.budget"][0] == 8
    assert {name for name in found if name.endswith(".color")} == {f"{'.'.join(path)}.color" for path in COMMANDS}


def test_settings_are_found_above_and_no_further_than_the_repository(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = somewhere / "a" / "b"
    deep.mkdir(parents=True)
    (somewhere / "callproof.toml").write_text('[check]\nspec = "spec.py"\njson = "-"\ntraces = "out"\n')
    monkeypatch.chdir(deep)
    found = shown(capsys)
    assert found["check.spec"] == ("../../spec.py", "../../callproof.toml")
    assert found["check.traces"][0] == "../../out"
    assert found["check.json"][0] == "-"
    (somewhere / "a" / ".git").mkdir()
    assert shown(capsys) == {}


def samples(param: click.Parameter) -> Any:
    """A value that an option takes, and that is not its default."""
    if isinstance(param, click.Option) and param.is_flag:
        return True
    if isinstance(param, click.Option) and param.count:
        return 2
    if isinstance(param.type, click.Choice):
        return next(choice for choice in param.type.choices if choice != param.default)
    if isinstance(param.type, type(click.INT)):
        return 3
    if isinstance(param.type, type(click.FLOAT)):
        return 1.5
    return ["a=b"] if param.nargs == -1 or getattr(param, "multiple", False) else "a=b"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_can_be_set(path: tuple[str, ...], somewhere: Path) -> None:
    """By a file, in the type that click hands to the command."""
    wanted = {name: samples(param) for name, param in params(COMMANDS[path]).items()}
    assert wanted
    lines = [f"{name} = {json.dumps(value)}" for name, value in wanted.items()]
    (somewhere / "callproof.toml").write_text(f"[{'.'.join(path)}]\n" + "\n".join(lines))
    settings = read_settings(app)
    root = click.Context(app, default_map=settings.default_map)
    root.meta[META] = settings
    found = {row["key"]: row for row in rows(root, path)}
    assert {name: row["value"] for name, row in found.items()} == wanted
    assert {row["origin"] for row in found.values()} == {"callproof.toml"}


def test_every_option_has_a_variable_of_its_own() -> None:
    for path, command in COMMANDS.items():
        for param in params(command).values():
            own = f"CALLPROOF_{'_'.join(path)}_{key(param)}".upper().replace("-", "_")
            assert isinstance(param.envvar, list)
            assert param.envvar[0] == own
    names = [param.envvar[0] for command in COMMANDS.values() for param in params(command).values() if param.envvar]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bund = 1", "bund: there is no such key; did you mean bound?"),
        ("[check]\nbund = 1", "check.bund: there is no such key; did you mean bound? known: bound, budget, "),
        ("[chekc]\nbound = 1", "chekc: there is no such key; did you mean check?"),
        ('[check]\nbound = "x"', "check.bound: give a whole number, not 'x'"),
        ("[check]\nbound = true", "check.bound: give a whole number, not true"),
        ("[check]\nbound = 1.5", "check.bound: give a whole number, not 1.5"),
        ("[check]\nquiet = 1", "check.quiet: give true or false, not 1"),
        ("[check]\nlayer = {}", "check.layer: give a string, not a table"),
        ("[check]\nlayer = []", "check.layer: give a string, not a list"),
        ("[check]\nlayer = 2020-01-01", "check.layer: give a string, not datetime.date(2020, 1, 1)"),
        ("[test]\njobs = 100", "test.jobs: 100 is not in the range 1<=x<=64"),
        ("[test]\nhazards = 'no'", "test.hazards: 'no' is not one of 'report', 'fail'"),
        ("[test]\nsuite = ['a', 1.5, true]", "test.suite: give a string, not true"),
        ("check = 1", "check: check is a command: give it a table, [check]"),
        ("[trace]\nreplay = 1", "trace.replay: replay is a command: give it a table, [trace.replay]"),
        ("[trace]\nx = 1", "trace.x: there is no such key; known: convert, replay"),
        ("bound = 'x'", "bound: give a whole number, not 'x'"),
        ("a = [", "it is no TOML: "),
        ("\udcff", "it is no TOML: "),
        ("a = " + "[" * 5_000, "it is nested too deeply"),
        ('"\\u001b[31m" = 1', "\\x1b[31m: there is no such key"),
        ("#" * (SIZE_LIMIT + 1), "longer than 1 MiB"),
    ],
)
def test_bad_settings_are_one_line_with_file_and_key(
    text: str, said: str, somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "callproof.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["check"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("callproof: callproof.toml: ")
    assert said in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.callproof]\nbund = 1", "pyproject.toml: bund: there is no such key"),
        ("[tool]\ncallproof = 1", "pyproject.toml: tool.callproof: it has to be a table"),
        ("tool = 'callproof'", ""),
        ("[project]\nname = 'callproof-user'", ""),
        ("[project", ""),
        ("[tool.other]\nx = 1", ""),
    ],
)
def test_a_project_file_is_only_read_for_its_own_table(
    text: str, said: str, somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "pyproject.toml").write_text(text)
    assert main(["settings"]) == (2 if said else 0)
    assert said in capsys.readouterr().err


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CALLPROOF_BOUND", "many")
    assert main(["check"]) == 2
    assert "'many' is not a valid integer. (set by CALLPROOF_BOUND)" in capsys.readouterr().err


def test_variables_that_set_nothing_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLPROOF_BUND", "1")
    monkeypatch.setenv("CALLPROOF_CHECK_BOUND", "1")
    assert unknown_variables(app) == ["CALLPROOF_BUND"]


def test_settings_of_a_command_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "chek"]) == 2
    assert "there is no command chek" in capsys.readouterr().err
