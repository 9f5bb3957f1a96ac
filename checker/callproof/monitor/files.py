"""Log files as blocks of whole lines: plain, gzip or zstandard, from standard input, or still growing."""

from __future__ import annotations

import gzip
import importlib
import io
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from callproof.errors import InputError

BLOCK = 1 << 19
"""So many bytes are read at a time."""
LINE_LIMIT = 1 << 20
"""The most bytes of one line."""
POLL_SECONDS = 0.2

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, the first of which has the number `first`, without the last line's end.

    `rest` is the beginning of a last line that the file does not end; `long` are the numbers of lines that were left
    out for their length.
    """

    first: int
    data: bytes
    rest: bytes = b""
    long: tuple[int, ...] = ()
    count: int = -1
    """How many lines there are; negative where nobody has counted."""
    problem: str = ""
    """Why nothing comes after this block, where that is not the end of the file."""

    @property
    def lines(self) -> int:
        """The number of whole lines."""
        return self.count if self.count >= 0 else self.data.count(b"\n") + 1


class _Gone(Exception):
    """The file that was followed is not the one that it was; the message says what happened."""


def blocks(path: str, *, follow: bool = False, waiting: Callable[[], bool] | None = None) -> Iterator[Block]:
    """The lines of a log (`-` is standard input). With `follow` it goes on waiting for more, until `waiting` says no.

    A file that is followed ends with a `problem` where it is cut short or replaced; standard input ends where it ends.
    Raises `InputError` where the log cannot be read, or is no text.
    """
    follow = follow and path != "-"
    with _opened(path) as raw:
        read = _reader(raw, path, follow, waiting)
        yield from _lines(read, path)


def _opened(path: str) -> io.BufferedReader:
    if path == "-":
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return open(path, "rb")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"{path!r}: no such file") from None


def _reader(raw: io.BufferedReader, path: str, follow: bool, waiting: Callable[[], bool] | None) -> Callable[[], bytes]:
    """A function that reads the next bytes of text; empty at the end."""
    try:
        start = raw.peek(4)[:4]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    stream: Any = raw
    broken: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, ValueError)
    if start[:2] == GZIP:
        stream = gzip.GzipFile(fileobj=raw)
    elif start == ZSTD:
        module = _zstd(path)
        stream, broken = module.ZstdFile(raw), (*broken, module.ZstdError)

    def read() -> bytes:
        try:
            data: bytes = stream.read1(BLOCK)
            return data
        except broken as error:
            if isinstance(error, EOFError) or "ended before" in str(error) or "incomplete" in str(error):
                return b""  # compressed and cut off: what there is was read
            raise InputError(f"{path}: cannot be read: {error}") from None

    def growing() -> bytes:
        while True:
            data = read()
            if data or (waiting is not None and not waiting()):
                return data
            _check_same(raw, path)
            time.sleep(POLL_SECONDS)

    if follow and stream is not raw:
        raise InputError(f"{path}: a compressed log cannot be followed while it grows")
    return growing if follow else read


def _check_same(raw: io.BufferedReader, path: str) -> None:
    """Raise `_Gone` where the open file became shorter, or where its name is that of another file now."""
    mine = os.fstat(raw.fileno())
    if mine.st_size < raw.tell():
        raise _Gone("the file was cut short while it was followed; what was written since is not judged")
    try:
        named = os.stat(path)
    except OSError:
        return  # moved away; its writer may go on with it, or make another
    if (named.st_dev, named.st_ino) != (mine.st_dev, mine.st_ino) and os.fstat(raw.fileno()).st_size == raw.tell():
        raise _Gone("the file was replaced by another while it was followed; the new one is not judged")


def _zstd(path: str) -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise InputError(f"{path}: zstandard needs the package backports.zstd: pip install 'callproof[logs]', or unpack it")


def _lines(read: Callable[[], bytes], path: str) -> Iterator[Block]:
    number, rest, dropping, gone = 1, b"", False, ""
    while True:
        try:
            data = read()
        except _Gone as what:
            data, gone = b"", str(what)
        if not data:
            break
        if b"\0" in data:
            before, zero, _ = data[:4096].partition(b"\0")
            if number == 1 and not rest and zero and not before.endswith(b"\n"):
                raise InputError(f"{path}: not a log: it holds binary data")
            data = data.replace(b"\0", b"")  # space between lines that a recorder reserved and never wrote
        if dropping:
            _, end, data = data.partition(b"\n")
            if not end:
                continue
            yield Block(number, b"", b"", (number,))
            number, dropping = number + 1, False
        head, end, rest = (rest + data).rpartition(b"\n")
        if end:
            block = Block(number, head, count=head.count(b"\n") + 1)
            yield block
            number += block.count
        if len(rest) > LINE_LIMIT:
            dropping, rest = True, b""
    if dropping:
        yield Block(number, b"", b"", (number,))
    elif rest:
        yield Block(number, b"", rest)
    if gone:
        yield Block(number, b"", problem=gone)
