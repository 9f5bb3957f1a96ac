"""Results of finished tasks in a directory, so that a campaign that was ended goes on where it was."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

import msgspec

from callproof.errors import UsageError
from callproof.trace.files import write_atomically
from callproof.work.tasks import Task

MARK = "callproof-campaign.json"
FORMAT, VERSION = "callproof-campaign", 1
SIZE_LIMIT = 1 << 28
"""Bytes of a kept result past which it is not read."""


class _Mark(msgspec.Struct, frozen=True):
    format: str
    version: int


class _Kept(msgspec.Struct, frozen=True):
    """One file. The seal is a digest of the rest, so that what is damaged is no result."""

    task: str
    key: str
    result: str
    seal: str


class Kept:
    """One directory, named by `--resume`. A file's name is its task's key: what changed has another name."""

    def __init__(self, path: str) -> None:
        """Raises `UsageError` where the directory cannot be used, or holds other things."""
        self._folder = Path(path)
        mark = self._folder / MARK
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if mark.exists():
                found = msgspec.json.decode(mark.read_bytes(), type=_Mark)
                if (found.format, found.version) != (FORMAT, VERSION):
                    raise UsageError(f"--resume {path}: {MARK} there is of another version; name another directory")
            elif any(self._folder.iterdir()):
                raise UsageError(f"--resume {path}: holds no campaign but other files; name a new or empty directory")
            else:
                write_atomically(mark, json.dumps({"format": FORMAT, "version": VERSION}) + "\n")
        except OSError as error:
            raise UsageError(f"--resume {path}: {error.strerror or error}") from None
        except msgspec.DecodeError:
            raise UsageError(f"--resume {path}: {MARK} there is damaged; remove the directory") from None

    def get(self, task: Task) -> bytes | None:
        """The result of a task that was finished before; None where there is none, or it is damaged."""
        path = self._folder / f"{task.key}.json"
        try:
            if path.stat().st_size > SIZE_LIMIT:
                return None
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return None
        result = kept.result.encode()
        return result if kept.key == task.key and kept.seal == _seal(task.key, result) else None

    def put(self, task: Task, result: bytes) -> None:
        """Keep the result of a finished task: there whole or not at all."""
        key = task.key
        made = _Kept(task.label, key, result.decode(), _seal(key, result))
        write_atomically(self._folder / f"{key}.json", msgspec.json.encode(made).decode() + "\n")


def _seal(key: str, result: bytes) -> str:
    return blake2b(key.encode() + b"\0" + result, digest_size=16).hexdigest()
