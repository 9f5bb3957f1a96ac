"""Files in and out: reading within a limit, and writing whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from callproof.errors import InputError, UsageError


def read_limited(path: str, limit: int) -> bytes:
    """The bytes of a file (`-` is standard input); `InputError` where it cannot be read or is longer than `limit`."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(path, "rb") as file:
                if os.fstat(file.fileno()).st_size > limit:
                    raise InputError(_too_long(path, limit))
                data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {_reason(error)}") from None
    except ValueError:
        raise InputError(f"{path!r}: no such file") from None
    if len(data) > limit:
        raise InputError(_too_long(path, limit))
    return data


def _too_long(path: str, limit: int) -> str:
    return f"{path}: longer than {limit >> 20} MiB, the most that is read"


def write_atomically(path: str | Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all; `UsageError` where it cannot be written.

    The text goes to a new file beside the target, which then takes its name. A device or a pipe is written directly.
    """
    target = os.path.realpath(path)
    data = text.encode()
    try:
        mode = os.stat(target).st_mode if os.path.exists(target) else None
        if mode is None or stat.S_ISREG(mode):
            _check_writable(target, mode)
            _replace(target, data, mode)
        elif stat.S_ISDIR(mode):
            raise UsageError(f"{path}: cannot be written: it is a directory")
        else:
            with open(target, "wb", buffering=0) as file:
                file.write(data)
    except (OSError, ValueError) as error:
        reason = _reason(error) if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path}: cannot be written: {reason}") from None


def require_writable(path: str | Path) -> None:
    """`UsageError` where a file could not be written now: asked before long work, for what stands at its end."""
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise UsageError(f"{path}: cannot be written: it is a directory")
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise UsageError(f"{path}: cannot be written: there is no directory {folder}")
    if not os.access(target if os.path.exists(target) else folder, os.W_OK):
        raise UsageError(f"{path}: cannot be written: permission denied")


def _check_writable(target: str, mode: int | None) -> None:
    """Renaming over a file needs no right to write it, so that right is asked for here."""
    parent = os.path.dirname(target)
    if not os.path.isdir(parent):
        raise UsageError(f"{target}: cannot be written: there is no directory {parent}")
    if mode is not None and (not mode & 0o222 or not os.access(target, os.W_OK)):
        raise UsageError(f"{target}: cannot be written: the file is read-only")
    if not os.stat(parent).st_mode & 0o222 or not os.access(parent, os.W_OK):
        raise UsageError(f"{target}: cannot be written: the directory {parent} is read-only")


def _replace(target: str, data: bytes, mode: int | None) -> None:
    beside = f"{target}.{os.getpid()}.tmp"
    try:
        with open(beside, "xb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
