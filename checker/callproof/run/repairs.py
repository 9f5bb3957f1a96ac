"""What restores the invariants that a layer breaks, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callproof.errors import Exit, worst
from callproof.model.clauses import Layer
from callproof.model.system import System
from callproof.replay import Replay

Clauses = tuple[str, ...]
"""Ids of clauses, in the order of the specification."""


@dataclass(frozen=True, slots=True)
class Known:
    """A counterexample to one invariant, in the layer or in it with some of the clauses added."""

    replay: Replay
    system: System
    shortest: bool
    refused: Mapping[str, int]
    """Each clause that would refuse a step, and the first step that it refuses."""

    @property
    def calls(self) -> int:
        return len(self.replay.steps)

    def survives(self, clauses: Clauses) -> bool:
        """No clause of a set refuses a step."""
        return not any(id in self.refused for id in clauses)


@dataclass(frozen=True, slots=True)
class Restoring:
    """A minimal set of clauses that restores an invariant."""

    clauses: Clauses
    forbids: tuple[Known | None, ...]
    """For each clause a counterexample that it alone of the set refuses; None where the budget hides whether one is."""
    never_accepted: tuple[str, ...]
    """Calls that the layer accepts in some state, and with the clauses in none."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What restores one invariant."""

    invariant: str
    broken: Known
    """The counterexample in the layer as it is."""
    sets: tuple[Restoring, ...]
    larger: Clauses = ()
    """Where no set is small enough: one of more clauses that is minimal; empty where all of them do not restore it."""
    unknown: tuple[Clauses, ...] = ()
    """Sets for which there is neither a proof nor a counterexample."""


@dataclass(frozen=True, slots=True)
class HardenResult:
    """The result of `callproof harden`."""

    spec: str
    title: str
    layer: Layer
    size: int
    """The most clauses of a set."""
    candidates: Clauses
    repairs: tuple[Repairs, ...]
    unknown: tuple[str, ...]
    """Invariants of which it is not known whether the layer breaks them."""
    invariants: int
    tried: int
    """Sets for which everything was proved again."""

    @property
    def exit(self) -> Exit:
        """OK if every violated invariant has a set; `UNKNOWN` where a budget may hide one, or a violation."""
        without = [repairs for repairs in self.repairs if not repairs.sets]
        found = [Exit.UNKNOWN if repairs.unknown else Exit.VIOLATED for repairs in without]
        return worst([*found, *([Exit.UNKNOWN] if self.unknown else [])])
