"""A case: the steps of one session from reset on, as terms, so that they fit what the driver returns."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.conform.goals import Goal
from callproof.conform.terms import Terms
from callproof.conform.world import World


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a case. `moves`: the plan behind it needs the state that it leads to."""

    act: int
    terms: Terms
    moves: bool
    goal: Goal | None = None
    edge: int = -1
    """The edge of the sequence graph that it covers, if it is there for that."""


@dataclass(frozen=True, slots=True)
class Case:
    """Steps from a fresh session in one world."""

    suite: str
    world: World
    steps: tuple[Planned, ...]
