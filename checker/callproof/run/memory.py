"""What several runs of one layer have in common, where its invariants are judged a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Memory = dict[object, Any]
"""What was explored or proved, by what it was made of."""


def once(memory: Memory | None, key: object, make: Callable[[], T]) -> T:
    """What is made, or was made under this key before; without a memory it is always made."""
    if memory is None:
        return make()
    if key not in memory:
        memory[key] = make()
    found: T = memory[key]
    return found
