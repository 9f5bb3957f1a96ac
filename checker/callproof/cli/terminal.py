"""What every command does alike on a terminal: columns, colour, and signs of life."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from callproof.report.progress import Tell

WIDTH = 100
"""Columns of a text that no terminal shows."""
LEAST = 20
_COLOUR, _PROGRESS = "callproof.color", "callproof.progress"
CHOICES = ("auto", "always", "never")

_PAINT = (
    (re.compile(r"\bVIOLATED\b(?: #\d+)?|\bDOES NOT CONFORM\b|\bdoes not conform\b|\bviolated\b"), "red"),
    (re.compile(r"\bproved\b|\bconforms\b|\bholds\b(?!:)"), "green"),
    (re.compile(r"\bunknown\b|\bvacuous\b|\bmissing\b"), "yellow"),
)
"""Words that say how it went. They say so without their colour too."""


def columns(*, err: bool = False) -> int:
    """Columns to write for: the terminal's, and for a pipe or a file the same number on every machine.

    COLUMNS counts for a terminal alone: libraries set it behind one's back, and what is kept must not depend on it.
    """
    if not (sys.stderr if err else sys.stdout).isatty():
        return WIDTH
    return max(LEAST, shutil.get_terminal_size((WIDTH, 24)).columns)


_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_CONTROL |= {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029)}


def visible(text: str) -> str:
    """The text with all that would steer a terminal shown as it is written in a program."""
    return text.translate(_CONTROL)


def show(text: str, *, err: bool = False) -> None:
    """Print a text, in colour where that is wanted, and in lines that a terminal need not break.

    Colour adds nothing but escape sequences. A pipe gets every line as it is, and a single line stays one.
    """
    text = visible(text)
    if (sys.stderr if err else sys.stdout).isatty() and text.count("\n") > 1:
        from callproof.report.tables import fit

        text = "".join(f"{part}\n" for line in text.splitlines() for part in fit(line, columns(err=err)))
    click.echo(painted(text) if coloured(err=err) else text, nl=False, err=err)


def painted(text: str) -> str:
    """The text with its telling words in colour."""
    for pattern, colour in _PAINT:
        text = pattern.sub(click.style(r"\g<0>", fg=colour), text)
    return text


def coloured(*, err: bool = False) -> bool:
    """Whether a stream gets colour: by --color, else NO_COLOR, else FORCE_COLOR, else if it is a terminal."""
    context = click.get_current_context(silent=True)
    wanted = None if context is None else context.color
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and os.environ.get("TERM") != "dumb" if wanted is None else wanted


def progress(*, quiet: bool, also: Tell | None = None) -> AbstractContextManager[Tell]:
    """What is being done, on stderr: as --progress says, else unless the verdict alone is wanted."""
    from callproof.report.progress import progress as shown

    context = click.get_current_context(silent=True)
    wanted = "auto" if context is None else context.meta.get(_PROGRESS, "auto")
    live = sys.stderr.isatty() and not os.environ.get("CI")
    return shown(
        shown=wanted == "always" or (wanted == "auto" and not quiet),
        live=live,
        colour=coloured(err=True),
        also=also,
    )


def add_everywhere(app: click.Group) -> None:
    """Give --color and --progress to a group and to all commands below it."""
    for command in (app, *commands(app)):
        names = {name for param in command.params for name in param.opts}
        for option in (_colour_option(), _progress_option()):
            if not names & set(option.opts):
                command.params.append(option)


def commands(group: click.Group) -> Iterator[click.Command]:
    """All groups and commands below a group."""
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def _colour_option() -> click.Option:
    return click.Option(
        ["--color"], type=click.Choice(CHOICES), expose_value=False, is_eager=True, callback=_take_colour,
        help="Colour; NO_COLOR and FORCE_COLOR are heard too.  [default: auto]",
    )  # fmt: skip


def _take_colour(context: click.Context, param: click.Parameter, value: str | None) -> None:
    """The command line, then NO_COLOR and FORCE_COLOR, then settings; a command's own --color before its group's."""
    source, environment = context.get_parameter_source(str(param.name)), _colour_of_environment()
    if context.parent is not None and source is not ParameterSource.COMMANDLINE:
        above = context.find_root().get_parameter_source(str(param.name))
        if above is ParameterSource.COMMANDLINE or value is None:
            return
    if source is ParameterSource.DEFAULT_MAP and environment is not None:
        return
    context.color = environment if value in (None, "auto") else value == "always"


def _colour_of_environment() -> bool | None:
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def _progress_option() -> click.Option:
    return click.Option(
        ["--progress"], type=click.Choice(CHOICES), expose_value=False, callback=_take_progress,
        help="Say on stderr what is being done, even with -q, or never.  [default: auto]",
    )  # fmt: skip


def _take_progress(context: click.Context, _: click.Parameter, value: Any) -> None:
    if value is not None:
        context.meta[_PROGRESS] = value
