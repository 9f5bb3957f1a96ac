"""Where solvers' answers are kept between runs."""

from __future__ import annotations

from pathlib import Path

import click

from callproof.answers import Answers


def kept_answers(wanted: bool) -> Answers:
    """The file in the user's cache directory (`XDG_CACHE_HOME`), or none where it is not wanted."""
    if not wanted:
        return Answers(None)
    from platformdirs import user_cache_path

    path = user_cache_path("callproof") / "answers.sqlite"
    return Answers(Path(path), lambda why: click.echo(f"callproof: {why}", err=True))
