"""Solvers' answers kept between runs, in one file that is believed only while it is whole and ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

APPLICATION = 0x6370_7266
VERSION = 1
SIZE_LIMIT = 1 << 29
"""Bytes past which a file is not opened."""
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
_SEAL = b"callproof answers 1"
_UNUSABLE = (sqlite3.Error, OSError, UnicodeError)
"""What a damaged file raises; sqlite cannot even decode some of what it finds there."""


class Answers:
    """Question -> answer, both bytes. A file that cannot be used is reported once, and then there are no answers.

    Each row carries a digest of its content, so that a damaged row is no answer. What is put in is written by `close`.
    """

    def __init__(self, path: Path | None, warn: Callable[[str], None] | None = None) -> None:
        self._path, self._warn = path, warn or (lambda _: None)
        self._new: dict[bytes, bytes] = {}
        self._file = self._open() if path is not None else None

    @property
    def open(self) -> bool:
        """Whether there is a file to take answers from and to put some in."""
        return self._file is not None

    def get(self, question: bytes) -> bytes | None:
        """The answer that an earlier run put in, if there is one."""
        if question in self._new:
            return self._new[question]
        if self._file is None:
            return None
        try:
            row = self._file.execute("SELECT answer, seal FROM answers WHERE question = ?", (question,)).fetchone()
        except _UNUSABLE as error:
            self._give_up(str(error))
            return None
        if row is None:
            return None
        answer, seal = row
        if not isinstance(answer, bytes) or seal != _seal(question, answer):
            self._give_up("a row is damaged")
            return None
        return answer

    def put(self, question: bytes, answer: bytes) -> None:
        """Keep an answer for later runs."""
        if self._path is not None:
            self._new[question] = answer

    def close(self) -> None:
        """Write what was put in; another process may do so at the same time."""
        if self._file is None:
            return
        rows = [(question, answer, _seal(question, answer)) for question, answer in sorted(self._new.items())]
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
        except _UNUSABLE as error:
            self._give_up(str(error))
            return
        self._file.close()
        self._file = None

    def __enter__(self) -> Answers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection | None:
        assert self._path is not None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > SIZE_LIMIT:
                raise sqlite3.DatabaseError(f"it has more than {SIZE_LIMIT:,} bytes")
            file = sqlite3.connect(self._path, timeout=PATIENCE)
            if _kind(file) != (APPLICATION, VERSION):
                self._begin(file)
            return file
        except _UNUSABLE as error:
            self._give_up(str(error))
            return None

    @staticmethod
    def _begin(file: sqlite3.Connection) -> None:
        """Make an empty file ours, in one step: another process sees nothing of it, or all."""
        file.execute("BEGIN IMMEDIATE")
        kind = _kind(file)
        if kind != (APPLICATION, VERSION):
            (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if kind != (0, 0) or tables:
                file.close()
                raise sqlite3.DatabaseError("it is not a file of answers of this version")
            file.execute(f"PRAGMA application_id = {APPLICATION}")
            file.execute(f"PRAGMA user_version = {VERSION}")
            file.execute(
                "CREATE TABLE answers"
                " (question BLOB PRIMARY KEY, answer BLOB NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID"
            )
        file.execute("COMMIT")

    def _give_up(self, why: str) -> None:
        self._warn(f"answers of earlier runs are not used: {self._path}: {why}; remove the file, or give --no-cache")
        self._file, self._path = None, None


def _kind(file: sqlite3.Connection) -> tuple[int, int]:
    """Whose file it is, and of which version; zeros for an empty one."""
    (application,) = file.execute("PRAGMA application_id").fetchone()
    (version,) = file.execute("PRAGMA user_version").fetchone()
    return application, version


def _seal(question: bytes, answer: bytes) -> bytes:
    return blake2b(len(question).to_bytes(4) + question + answer, key=_SEAL, digest_size=16).digest()
