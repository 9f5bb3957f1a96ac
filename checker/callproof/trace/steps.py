"""What a trace is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = int | bool | str
"""A word or a handle as an integer, a flag as a boolean, an enumeration value as its member's name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call or event: what was passed, and what came back."""

    call: str
    args: Mapping[str, Value]
    returned: str | int | None = None
    result: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A sequence of steps on one specification, with its readings and options."""

    spec: str
    steps: tuple[Step, ...]
    readings: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kind of each resource by its handle, where a driver offers several."""
