"""What has to be equal on two machines, or in two runs, for their results to be taken for one another."""

from __future__ import annotations

import functools
import platform
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

import callproof


class Stamp(msgspec.Struct, frozen=True):
    """The versions that a result depends on."""

    callproof: str
    source: str
    """A digest of this program's source: whatever is changed in it might change a result."""
    z3: str
    python: str


@functools.cache
def stamp() -> Stamp:
    """That of this process."""
    return Stamp(callproof.__version__, program().hex(), _version("z3-solver"), platform.python_version())


@functools.cache
def program() -> bytes:
    """A digest of this program's source files, by their places below the package."""
    folder = Path(callproof.__file__).parent
    content = blake2b(digest_size=20)
    for path in sorted(folder.rglob("*.py")):
        content.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return content.digest()


def differences(mine: Stamp, theirs: Stamp) -> str:
    """What differs, as a person reads it; empty where nothing does."""
    names = {"callproof": "callproof", "z3": "Z3", "python": "Python"}
    parts = [
        f"{shown} {getattr(theirs, name)} and not {getattr(mine, name)}"
        for name, shown in names.items()
        if getattr(mine, name) != getattr(theirs, name)
    ]
    if not parts and mine.source != theirs.source:
        parts = [f"callproof {mine.callproof} from other source files"]
    return ", ".join(parts)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
