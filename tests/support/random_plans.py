"""Plans of random small specifications, as Hypothesis draws and shrinks them.

A plan is plain integers; the bodies of a specification read their decisions off it, so that each run of one says the
same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from callproof.model import Origin, clause
from callproof.model.clauses import ALL_LAYERS, Clause

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call: what it is given, the origins of its clauses, and all further decisions of its body."""

    shape: int
    event: bool
    origins: tuple[Origin, ...]
    decisions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InvariantPlan:
    """An invariant: how many things it names, whether it is about a step, and what it says."""

    things: int
    over_step: bool
    decisions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A specification."""

    layer: str
    calls: tuple[CallPlan, ...]
    invariants: tuple[InvariantPlan, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clause table; the first clause of all has two readings."""
        made = [(f"C{n}-{m}", origin) for n, call in enumerate(self.calls) for m, origin in enumerate(call.origins)]
        return tuple(
            clause(id, origin, "Page", "rules", "a rule", readings=("one", "two") if id == made[0][0] else ())
            for id, origin in made
        )


class Chooser:
    """Takes one decision after another; the first choice of each where they are used up."""

    def __init__(self, decisions: Sequence[int]) -> None:
        self._decisions = iter(decisions)

    def __call__(self, *choices: T) -> T:
        return choices[next(self._decisions, 0) % len(choices)]


# -- strategies ------------------------------------------------------------------------------------------------------

_DECISIONS = st.lists(st.integers(0, 59), min_size=30, max_size=30).map(tuple)
"""As many as a body can use: where they run out, all choices are the first, and most specifications would be alike."""
_ORIGINS = st.sampled_from(list(Origin))


def calls() -> st.SearchStrategy[CallPlan]:
    """One call or event, mostly on a thing."""
    return st.builds(
        CallPlan,
        shape=st.sampled_from((0, 0, 1, 1, 2, 3)),
        event=st.sampled_from((False, False, True)),
        origins=st.lists(_ORIGINS, max_size=2).map(tuple),
        decisions=_DECISIONS,
    )


def invariants() -> st.SearchStrategy[InvariantPlan]:
    """One invariant."""
    return st.builds(
        InvariantPlan,
        things=st.sampled_from((1, 1, 2)),
        over_step=st.sampled_from((False, False, True)),
        decisions=_DECISIONS,
    )


def plans() -> st.SearchStrategy[Plan]:
    """A small specification and the layer to check it in."""
    return st.builds(
        Plan,
        layer=st.sampled_from(list(ALL_LAYERS)),
        calls=st.lists(calls(), min_size=2, max_size=3).map(tuple),
        invariants=st.lists(invariants(), min_size=2, max_size=4).map(tuple),
    )
