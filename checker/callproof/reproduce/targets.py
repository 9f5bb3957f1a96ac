"""What a trace can be converted to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.replay import Replay, replay
from callproof.reproduce.cpp import program
from callproof.reproduce.itf import itf_text
from callproof.reproduce.lines import log_text, requests_text
from callproof.reproduce.mermaid import diagram
from callproof.reproduce.python import machine_file, test_file
from callproof.trace import Trace
from callproof.trace.writing import Sorts, sorts_of, trace_text

SOME_DRIVER = "mydriver:Driver"
"""The driver that a generated test names where nobody named one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A replayed trace, and where it came from: `source` is text for a comment, `named` how a test names `spec`."""

    spec: Specification[Any]
    named: str
    replayed: Replay
    sorts: Sorts
    source: str
    driver: str


TARGETS: Mapping[str, Callable[[Subject], str]] = {
    "trace": lambda s: trace_text(s.replayed.trace, s.sorts),
    "itf": lambda s: itf_text(s.spec, s.replayed),
    "jsonl": lambda s: log_text(s.replayed, s.sorts),
    "requests": lambda s: requests_text(s.replayed),
    "mermaid": lambda s: diagram(s.spec, s.replayed),
    "cpp": lambda s: program(s.spec, s.replayed, s.sorts, s.source),
    "pytest": lambda s: test_file(s.named, s.replayed, s.sorts, s.source, s.driver),
    "hypothesis": lambda s: machine_file(s.spec, s.named, s.replayed, s.sorts, s.source, s.driver),
}


def converted(
    spec: Specification[Any], trace: Trace, target: str, source: str, driver: str = SOME_DRIVER, named: str = ""
) -> str:
    """The text of a trace as one of `TARGETS`; it is replayed first, and must fit the specification.

    A test that is written names `driver`, and the specification by `named` (`file.py:NAME`, or else its name).
    """
    sorts = sorts_of(instantiate(spec, {}))
    return TARGETS[target](Subject(spec, named or spec.name, replay(spec, trace, source=source), sorts, source, driver))
