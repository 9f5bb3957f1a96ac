"""Where solvers' answers are kept between runs."""

from __future__ import annotations

from pathlib import Path

import click

from callproof.answers import Answers


def answers_path() -> Path:
    """The file in the user's cache directory (`XDG_CACHE_HOME`)."""
    from platformdirs import user_cache_path

    return Path(user_cache_path("callproof") / "answers.sqlite")


def kept_answers(wanted: bool) -> Answers:
    """The answers in that file, or none where they are not wanted."""
    if not wanted:
        return Answers(None)
    return Answers(answers_path(), lambda why: click.echo(f"callproof: {why}", err=True))
