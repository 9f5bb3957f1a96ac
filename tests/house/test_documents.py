"""Documents show no command that nothing runs, and name no option that is not there."""

from __future__ import annotations

import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from callproof.cli.main import app
from tests.support.documents import PAGES, ROOT, Command, steps

TERMINALS = {"", "bash", "powershell", "sh", "shell", "shell-session", "zsh"}
"""Kinds of blocks in which commands might stand that nothing runs; what is typed into a terminal is in `console`."""
NOT_RUN = {
    r"python3 -m pip install .*": "installs; CI runs those of the README",
    r"dask (?:scheduler|worker) .*": "needs several hosts",
    r"callproof .* dask://.*": "needs several hosts",
    r"python (?:-m tests|examples)[\w./-]+ .*": "takes long",
}
"""Commands that may stand in an indented block, which nothing runs, and why."""
NO_MODULES = {"callproof.specs", "callproof.toml"}
"""A group of entry points, and a file of settings."""


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def said(page: Path) -> Iterator[str]:
    """Whatever a page calls a command of callproof: in a line of prose, in a table, in a block."""
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    for found in re.findall(r"`(callproof [^`]+)`", prose):
        yield found.replace("\n", " ").replace("\\|", "|")
    yield from re.findall(r"^    (callproof .*)", prose, re.MULTILINE)
    for step in steps(text(page)):
        if isinstance(step, Command):
            for part in re.split(r"[|;&]+|\$\(", step.text):
                if part.strip().startswith("callproof "):
                    yield part.strip().replace("\\\n", " ")


def words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_typed_into_a_terminal_is_run(page: Path) -> None:
    fences = re.findall(r"^```(\w*)[^\n]*\n.*?^```$", text(page), re.MULTILINE | re.DOTALL)
    assert not set(fences) & TERMINALS
    outside = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:\A|\n\n)    (?! )(.*)", outside)
    commands = [line for line in indented if not line.startswith(("options:", ":"))]
    assert [line for line in commands if not any(re.fullmatch(known, line) for known in NOT_RUN)] == []


def test_there_are_commands_to_look_at() -> None:
    assert sum(1 for page in PAGES for _ in said(page)) > 100


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_and_option_is_one(page: Path) -> None:
    for command in said(page):
        wrong = _wrong(words(command)[1:])
        assert not wrong, f"{name(page)}: `{command}`: {wrong}"


def _wrong(given: list[str]) -> str:
    """What is no command or no option of it; empty where everything is."""
    at: click.Command = app
    context = click.Context(app, info_name="callproof")
    known = {"-h", "--help", "--version"}
    for number, word in enumerate(given):
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1 and not word[1].isdigit():
            known_here = known | {opt for p in at.params for opt in (*p.opts, *p.secondary_opts)}
            if word.rstrip(",").partition("=")[0] not in known_here:
                return f"{word} is no option of {context.command_path}"
        elif isinstance(at, click.Group):
            if word in ("COMMAND", "...") or not word[:1].islower():
                return ""
            found = at.get_command(context, word.rstrip(",."))
            if found is None:
                return f"{word} is no command ({' '.join(given[:number])})"
            at, context = found, click.Context(found, parent=context, info_name=word)
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_and_module_that_a_page_names_is_there(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    tops = {path.name for path in ROOT.iterdir()}
    quoted = re.findall(r"`([\w.][\w./-]*)`", prose)
    paths = [token for token in quoted if "/" in token and token.partition("/")[0] in tops and "build" not in token]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = re.findall(r"(?:`|^::: )(callproof(?:\.\w+)+)", prose, re.MULTILINE)
    assert [module for module in modules if module not in NO_MODULES and not _is_there(module)] == []


def _is_there(dotted: str) -> bool:
    """A module, or what one defines."""
    try:
        pkgutil.resolve_name(dotted)
    except (ImportError, AttributeError):
        return False
    return True
