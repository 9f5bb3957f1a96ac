"""The list of mutants, and the switches in the sources of the reference library."""

import re
import tomllib
from dataclasses import dataclass

from tests.drivers.building import REFERENCE

FILE = REFERENCE / "mutants.toml"
SWITCH = re.compile(r"MUTATE\((\d+)( \+ number)?,")
REGIONS = 5
"""A switch `n + number` stands for this many mutants, one a region."""


@dataclass(frozen=True)
class Mutant:
    """`about`: the clause, fact or question that it gets wrong. `equivalent`: why no calls can show it."""

    number: int
    wrong: str
    about: str
    equivalent: str = ""


def mutants() -> list[Mutant]:
    """The list, in its order."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(e["number"], e["wrong"], e["about"], e.get("equivalent", "")) for e in entries]


def switches() -> set[int]:
    """The numbers that the sources know."""
    found: set[int] = set()
    for path in sorted((REFERENCE / "src").iterdir()):
        for match in SWITCH.finditer(path.read_text(encoding="utf-8")):
            first = int(match[1])
            found.update(range(first, first + (REGIONS if match[2] else 1)))
    return found
