"""The native parts that a specification brings along: C++ that meets its calls on a real library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Runner:
    """The source of a program that runs the calls of a specification on a real library, as a driver process.

    `source` is the absolute path of a C++ file, which may include files beside it; `headers` are those of the
    library, as the source includes them.
    """

    source: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorder:
    """The source of a library that stands in front of the real one, hands each call on and writes a line of it.

    `source` is the absolute path of a C++ file, which may include files beside it and `callproof/record.hpp`,
    which writes the lines; `headers` are those of the library.
    """

    source: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How the calls of a specification are written as a C++ program.

    `template` is the absolute path of a jinja2 template. `returning` names, by call, the address results that the
    program can see; other addresses that a driver returns stand as the numbers of the trace.
    """

    template: str
    returning: Mapping[str, tuple[str, ...]]
