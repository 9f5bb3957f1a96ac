"""The files of a certificate, read within limits; nothing is followed out of its directory."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from callproof.certificate.records import FILE_LIMIT, MANIFEST, TOTAL_LIMIT, Manifest, Refused, decode_manifest
from callproof.errors import InputError


def read_manifest(directory: str) -> Manifest:
    """The manifest of a certificate; `InputError` where the directory holds none."""
    if not os.path.isdir(directory):
        raise InputError(f"{directory}: no directory")
    return decode_manifest(read_file(directory, MANIFEST))


def read_files(directory: str, manifest: Manifest) -> dict[str, bytes]:
    """Every other file; `Refused` where one is missing, not listed, or not what the manifest says."""
    listed = {file.path: file for file in manifest.files}
    if len(listed) < len(manifest.files):
        raise InputError(f"{MANIFEST}: lists a file twice")
    if sum(file.bytes for file in manifest.files) > TOTAL_LIMIT:
        raise InputError(f"{MANIFEST}: lists more than {TOTAL_LIMIT >> 20} MiB, the most that is read")
    there = _found(directory, limit=len(listed) + 2)
    for path in sorted(there - set(listed) - {MANIFEST}):
        raise Refused(f"{path}: is there and not in the manifest")
    contents = {}
    for path, file in listed.items():
        if path not in there:
            raise Refused(f"{path}: is in the manifest and not there")
        data = read_file(directory, path, file.bytes)
        if len(data) != file.bytes or hashlib.sha256(data).hexdigest() != file.sha256:
            raise Refused(f"{path}: is not the file that the manifest lists (its SHA-256 differs)")
        contents[path] = data
    return contents


def _found(directory: str, limit: int) -> set[str]:
    found: set[str] = set()
    stack = [""]
    while stack:
        folder = stack.pop()
        with os.scandir(os.path.join(directory, folder)) as entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                if entry.is_symlink():
                    raise Refused(f"{path}: is a symbolic link")
                if entry.is_dir(follow_symlinks=False):
                    if path.count("/") < 3:
                        stack.append(f"{path}/")
                else:
                    found.add(path)
                if len(found) > limit:
                    raise Refused(f"{path}: is there and not in the manifest")
    return found


def read_file(directory: str, path: str, limit: int = FILE_LIMIT) -> bytes:
    """The bytes of a regular file, at most `limit` and one; `InputError` where it cannot be read or is too long."""
    try:
        # O_NONBLOCK: a pipe in the place of a file is refused instead of waited for.
        number = os.open(Path(directory) / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise InputError(f"{path}: no regular file")
            data = file.read(min(limit, FILE_LIMIT) + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > FILE_LIMIT:
        raise InputError(f"{path}: longer than {FILE_LIMIT >> 20} MiB, the most that is read")
    return data
