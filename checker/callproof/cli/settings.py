"""Settings: what a file or the environment says in place of an option that is not given.

The options themselves say what there is to set, so that there is no second list: a key is the long name of an option,
or the name of an argument, in the table of its command. A key above all tables holds for every command that has it.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from callproof.cli.trust import is_trusted
from callproof.errors import InputError

FILE, PROJECT = "callproof.toml", "pyproject.toml"
SIZE_LIMIT = 1 << 20
"""Bytes of a file of settings."""
PREFIX = "CALLPROOF_"
META = "callproof.settings"
_PATHS = {"FILE", "DIR", "BIN", "LOG", "LOG...", "file", "directory", "folder", "logs"}
"""Metavars of options, and names of arguments, that are paths."""
_PYTHON = re.compile(r"[^:]+\.py(:\w+)?")
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a string", list: "a list"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in a file, for an option of a command."""

    command: tuple[str, ...]
    name: str
    """The option's parameter, as click has it."""
    value: Any
    file: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force: where two files set the same, the stronger one's."""

    files: tuple[str, ...] = ()
    """The strongest first."""
    entries: tuple[Setting, ...] = ()

    @property
    def default_map(self) -> dict[str, Any]:
        """As click takes them: a dictionary for each command, one in the other for groups."""
        made: dict[str, Any] = {}
        for entry in self.entries:
            table = made
            for name in entry.command:
                table = table.setdefault(name, {})
            table[entry.name] = entry.value
        return made

    def origin(self, command: tuple[str, ...], name: str) -> str:
        """The file that sets an option."""
        return next(e.file for e in self.entries if (e.command, e.name) == (command, name))


def add_environment(app: click.Group) -> None:
    """Let every option and argument be set by CALLPROOF_COMMAND_OPTION, or CALLPROOF_OPTION for all commands."""
    for path, command in walk(app):
        for param in command.params:
            if _settable(param):
                own = "_".join((*path, key(param))).upper().replace("-", "_")
                param.envvar = [PREFIX + own, PREFIX + key(param).upper().replace("-", "_")]


def walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands below a group with their names; groups themselves have nothing to set."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))
        else:
            yield (*path, name), command


def key(param: click.Parameter) -> str:
    """What an option or an argument is called in a file."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len).lstrip("-")
    return str(param.name)


def _settable(param: click.Parameter) -> bool:
    return bool(param.name) and not (isinstance(param, click.Option) and param.name in ("help", "version"))


def params(command: click.Command) -> dict[str, click.Parameter]:
    """What can be set of a command, by key."""
    return {key(param): param for param in command.params if _settable(param)}


def read_settings(app: click.Group, start: Path | None = None) -> Settings:
    """The settings that hold in a directory (default: the working one).

    `callproof.toml` is stronger than `[tool.callproof]` in `pyproject.toml`; either is the nearest one, in the
    directory or above it, up to the top of the repository. Raises `InputError` for a file that cannot be read, an
    unknown key or a value of a wrong type.
    """
    try:
        found = list(_files(start or Path.cwd()))
    except FileNotFoundError:  # the working directory is gone
        return Settings()
    known = dict(walk(app))
    entries: dict[tuple[tuple[str, ...], str], Setting] = {}
    for path, content in reversed(found):
        for entry in _Reader(app, known, path).entries(content):
            entries[entry.command, entry.name] = entry
    return Settings(tuple(_shown(path) for path, _ in found), tuple(entries.values()))


def _files(start: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for name in (FILE, PROJECT):
        for folder in (start, *start.parents):
            content = _content(folder / name) if is_trusted(folder / name, start, _shown(folder / name)) else None
            if content is not None:
                yield folder / name, content
                break
            if (folder / ".git").exists():
                break


def _content(path: Path) -> Mapping[str, Any] | None:
    """What a file sets; None where there is no file, or it is a project's that sets nothing here."""
    try:
        if not path.is_file():
            return None
    except OSError:  # a directory above that nobody may look into sets nothing
        return None
    data = _read(path)
    if path.name == PROJECT and b"callproof" not in data:
        return None
    import tomllib

    try:
        content: Any = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{_shown(path)}: it is no TOML: {error}") from None
    except RecursionError:
        raise InputError(f"{_shown(path)}: it is nested too deeply") from None
    if path.name == PROJECT:
        tool = content.get("tool")
        content = tool.get("callproof") if isinstance(tool, dict) else None
        if content is not None and not isinstance(content, dict):
            raise InputError(f"{_shown(path)}: tool.callproof: it has to be a table")
    found: Mapping[str, Any] | None = content
    return found


def _read(path: Path) -> bytes:
    """A file's bytes. Not by `callproof.trace.files`: every command comes by here, and few of them need traces."""
    try:
        with open(path, "rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise InputError(f"{_shown(path)}: cannot be read: {error.strerror}") from None
    if len(data) > SIZE_LIMIT:
        raise InputError(f"{_shown(path)}: longer than {SIZE_LIMIT >> 20} MiB, the most that is read")
    return data


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of one file."""

    app: click.Group
    known: Mapping[tuple[str, ...], click.Command]
    path: Path

    def entries(self, content: Mapping[str, Any]) -> Iterator[Setting]:
        """What the file sets: first what it sets for every command, for a command's own table is stronger."""
        commands = self.app.commands
        tables = {name: value for name, value in content.items() if name in commands and isinstance(value, dict)}
        for name, value in content.items():
            if name in tables:
                continue
            having = {path: params(command) for path, command in self.known.items() if name in params(command)}
            if not having and name in commands:
                raise InputError(f"{self._place(name)}: {name} is a command: give it a table, [{name}]")
            if not having:
                raise self._unknown(name, name, sorted(commands), "an option of some command, or a table for one of")
            yield from self._everywhere(having, name, value)
        for name, table in tables.items():
            yield from self._table((name,), table)

    def _everywhere(
        self, having: Mapping[tuple[str, ...], Mapping[str, click.Parameter]], name: str, value: Any
    ) -> list[Setting]:
        """A setting of all commands that take such a value: options of one name need not have one type."""
        made, wrong = [], []
        for path, mine in having.items():
            try:
                made.append(self._entry(path, mine[name], value, name))
            except InputError as error:
                wrong.append(error)
        if not made:
            raise wrong[0]
        return made

    def _table(self, path: tuple[str, ...], table: Any) -> Iterator[Setting]:
        place = ".".join(path)
        if not isinstance(table, dict):
            raise InputError(f"{self._place(place)}: {path[-1]} is a command: give it a table, [{place}]")
        command = self.known.get(path)
        if command is None:
            below = sorted(p[len(path)] for p in self.known if p[: len(path)] == path)
            for name, value in table.items():
                if name not in below:
                    raise self._unknown(f"{place}.{name}", name, below)
                yield from self._table((*path, name), value)
            return
        mine = params(command)
        for name, value in table.items():
            if name not in mine:
                raise self._unknown(f"{place}.{name}", name, sorted(mine))
            yield self._entry(path, mine[name], value, f"{place}.{name}")

    def _entry(self, path: tuple[str, ...], param: click.Parameter, value: Any, place: str) -> Setting:
        return Setting(path, str(param.name), self._value(param, value, place), _shown(self.path))

    def _value(self, param: click.Parameter, value: Any, place: str) -> Any:
        several = param.nargs == -1 or getattr(param, "multiple", False)
        if several:
            values = value if isinstance(value, list) else [value]
            return [self._one(param, one, place) for one in values]
        return self._one(param, value, place)

    def _one(self, param: click.Parameter, value: Any, place: str) -> Any:
        wanted = _type(param)
        if wanted is str and type(value) in (int, float):
            value = str(value)
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise InputError(f"{self._place(place)}: give {_KINDS[wanted]}, not {_written(value)}")
        try:
            param.type.convert(value, param, None)
        except click.BadParameter as error:
            raise InputError(f"{self._place(place)}: {error.message.removesuffix('.')}") from None
        return self._path(param, value) if isinstance(value, str) else value

    def _path(self, param: click.Parameter, value: str) -> str:
        """A path in a file of settings starts from where the file is."""
        named = str(param.name) if isinstance(param, click.Argument) else param.metavar
        is_path = named in _PATHS or _PYTHON.fullmatch(value)
        if not is_path or value in ("-", "") or os.path.isabs(value) or self.path.parent == Path.cwd():
            return value
        return os.path.relpath(self.path.parent / value)

    def _place(self, place: str) -> str:
        return f"{_shown(self.path)}: {place}"

    def _unknown(self, place: str, name: str, known: list[str], allowed: str = "") -> InputError:
        keys = {k for command in self.known.values() for k in params(command)} if allowed else set()
        close = difflib.get_close_matches(name, [*known, *sorted(keys)], 1)
        guess = f"did you mean {close[0]}? " if close else ""
        listed = f"known: {allowed + ': ' if allowed else ''}{', '.join(known)}"
        return InputError(f"{self._place(_plain(place))}: there is no such key; {guess}{listed}")


def _type(param: click.Parameter) -> type:
    if isinstance(param, click.Option) and param.count:
        return int
    if isinstance(param, click.Option) and param.is_flag:
        return bool
    if isinstance(param.type, type(click.INT)):
        return int
    return float if isinstance(param.type, type(click.FLOAT)) else str


def _written(value: Any) -> str:
    kinds = {dict: "a table", list: "a list", bool: str(value).lower()}
    return kinds.get(type(value), _plain(repr(value)))


def _plain(text: str) -> str:
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _shown(path: Path) -> str:
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
