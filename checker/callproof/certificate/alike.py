"""Obligations that differ in names alone, such as mirror images of two resources: one answer serves them all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_SYMBOL = re.compile(r"\|[^|]*\||\$[a-z0-9]+")


def distinct(scripts: Iterable[str]) -> list[list[int]]:
    """The positions of scripts in groups; those of one group are one script but for the names of symbols."""
    groups: dict[bytes, list[int]] = {}
    for number, script in enumerate(scripts):
        groups.setdefault(hashlib.sha256(nameless(script).encode()).digest(), []).append(number)
    return list(groups.values())


def nameless(script: str) -> str:
    """The script without its comment and with its symbols numbered in the order in which they come.

    Different symbols get different numbers, so that two scripts of one text are satisfiable both or neither.
    """
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        found = numbers.get(match[0])
        if found is None:
            found = numbers[match[0]] = f"|{len(numbers)}|"
        return found

    return _SYMBOL.sub(number, script.partition("\n")[2])
