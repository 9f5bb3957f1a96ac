"""Whose fault it is: the specification's, the input's, the driver's, or ours.

Every error a person can cause derives from `UserError` and is shown as one line, without a traceback.
"""

from __future__ import annotations

import enum
import functools
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = os.path.dirname(os.path.abspath(functools.__file__)) + os.sep


class Exit(enum.IntEnum):
    """Exit codes of the command line; where several apply, the first in `Exit.SEVERITY` order wins."""

    OK = 0
    VIOLATED = 1
    USAGE = 2
    INTERNAL = 3
    UNKNOWN = 4
    VACUOUS = 5
    DRIVER = 6
    INTERRUPTED = 130


def worst(codes: list[Exit]) -> Exit:
    """The most severe of several exit codes (3 > 2 > 6 > 1 > 4 > 5 > 0)."""
    order = (Exit.INTERNAL, Exit.USAGE, Exit.DRIVER, Exit.VIOLATED, Exit.UNKNOWN, Exit.VACUOUS)
    return next((code for code in order if code in codes), Exit.OK)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a specification file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def caller_location() -> Location:
    """The nearest stack frame of a specification: the line of it that is being run."""
    return _place(_specification_frame())


def declaration_location() -> Location:
    """As `caller_location`, but above helper functions of the same file: the line of the table that calls them."""
    nearest = _specification_frame()
    frame: FrameType | None = nearest
    while frame is not None and frame.f_code.co_filename == nearest.f_code.co_filename:
        if frame.f_code.co_name == "<module>":
            return _place(frame)
        frame = frame.f_back
    return _place(nearest)


def _specification_frame() -> FrameType:
    frame = sys._getframe(1)
    while frame.f_back is not None and not _is_of_specification(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _place(frame: FrameType) -> Location:
    return Location(_shown(frame.f_code.co_filename), frame.f_lineno)


def raised_location(error: BaseException) -> Location | None:
    """The innermost line of a specification on the way to where an exception was raised."""
    places = [
        Location(_shown(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if _is_of_specification(frame.f_code.co_filename)
    ]
    return places[-1] if places else None


def _is_of_specification(path: str) -> bool:
    """Neither this package nor Python's own modules, such as `contextlib` around `with outcome(...)`."""
    return not (path.startswith((_PACKAGE, "<")) or (path.startswith(_LIBRARY) and _is_library(path)))


@functools.cache
def _is_library(path: str) -> bool:
    return not {"site-packages", "dist-packages"} & set(path.split(os.sep))


def _shown(path: str) -> str:
    """A path as a person would type it: relative where that is shorter, and never above the package's root."""
    return _relative(path, os.getcwd())


@functools.lru_cache(maxsize=256)
def _relative(path: str, start: str) -> str:
    relative = os.path.relpath(path, start)
    return path if relative.startswith("..") else relative


class UserError(Exception):
    """Something a person can mend; the message says what, where and how."""

    exit = Exit.USAGE


class UsageError(UserError):
    """A wrong argument, option or setting."""


class InputError(UserError):
    """A file (trace, log, ...) that is not what it should be."""


class SpecError(UserError):
    """A fault of the specification, with the file and line where it stands."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        self.location = location or caller_location()
        self.message = message
        super().__init__(f"{self.location}: {message}")


class SpecFaults(UserError):
    """All faults of a specification, one a line."""

    def __init__(self, faults: list[SpecError]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


_faults: ContextVar[list[SpecError] | None] = ContextVar("faults", default=None)


@contextmanager
def collect_faults() -> Iterator[list[SpecError]]:
    """Within this block `fault` records instead of raising, so that one run reports every fault."""
    found: list[SpecError] = []
    token = _faults.set(found)
    try:
        yield found
    finally:
        _faults.reset(token)


def fault(message: str, location: Location | None = None) -> None:
    """Report a fault of the specification at the line being run: recorded if somebody collects, else raised."""
    error = SpecError(message, location)
    found = _faults.get()
    if found is None:
        raise error
    found.append(error)


class LimitError(UserError):
    """A stated limit was reached before there was an answer: the answer is `unknown`."""

    exit = Exit.UNKNOWN


class InternalError(Exception):
    """Our own fault; shown with a traceback and a request to report it."""


def out_of_memory(error: BaseException) -> bool:
    """Memory was short, as Python says it or as Z3 does.

    Where the address space is limited, a C function that fails without an exception has found no memory for one.
    """
    if isinstance(error, SystemError):
        import resource

        return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    return isinstance(error, MemoryError) or "out of memory" in str(error)
