"""What an engine answers for one layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callproof.model.clauses import Layer
from callproof.model.system import System
from callproof.replay import Replay
from callproof.verdict import Status


@dataclass(frozen=True, slots=True)
class Judged:
    """What an engine says of one invariant in one layer."""

    status: Status
    scope: str
    reason: str = ""
    replay: Replay | None = None
    """The certified counterexample, with the system in which it is one."""
    system: System | None = None
    shortest: bool = True


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """What an engine says of one layer; `states` and `edges` are those of the sequence graph, 0 without one."""

    layer: Layer
    judged: Mapping[str, Judged] = field(default_factory=dict)
    states: int = 0
    edges: int = 0
