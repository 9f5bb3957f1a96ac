"""Whose files are believed: settings name files that are run."""

from __future__ import annotations

import os
from pathlib import Path

import click


def is_trusted(path: Path, start: Path, shown: str) -> bool:
    """A file of another user is not read; that it is there is said on stderr.

    The user's own files are trusted, those of root, and those of whom the directory belongs to that one works in.
    """
    try:
        owner = path.stat().st_uid
        if owner in (os.getuid(), 0, start.stat().st_uid):
            return True
    except OSError:  # there is none, or nobody may look
        return True
    click.echo(f"callproof: {shown}: belongs to another user (number {owner}), and is not read", err=True)
    return False
