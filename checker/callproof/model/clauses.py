"""Clauses: what a contract demands, where that is written, and which layer of the contract holds it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from callproof.errors import Location, declaration_location


class Origin(enum.Enum):
    """Where a clause comes from."""

    DOCUMENTED = "documented"
    """A page of the documentation says it."""
    HEADER = "header"
    """The public header says it."""
    CALLER = "caller"
    """A duty of the caller that a driver cannot check."""
    HARDENING = "hardening"
    """No page says it; without it an invariant fails."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A contract: the clauses of some origins, taken together."""

    name: str
    origins: frozenset[Origin]
    meaning: str
    without: frozenset[tuple[str, str]] = frozenset()
    """Pairs (call, clause id) that it leaves out, for asking what a clause is good for."""

    def demands(self, call: str, id: str, origin: Origin) -> bool:
        """The layer holds this clause of this call."""
        return origin in self.origins and (call, id) not in self.without

    def less(self, dropped: frozenset[tuple[str, str]]) -> Layer:
        """The same without some pairs (call, clause id)."""
        return replace(self, without=self.without | dropped)

    def demands_all_of(self, other: Layer) -> bool:
        """Whatever the other layer demands this one demands: it accepts no sequence that the other refuses."""
        return other.origins <= self.origins and self.without <= other.without


_WRITTEN = frozenset({Origin.DOCUMENTED, Origin.HEADER})

DOCUMENTED = Layer("documented", _WRITTEN, "what the pages and the public header say")
CALLER = Layer("+caller", _WRITTEN | {Origin.CALLER}, "and every caller keeps the duties that a driver cannot check")
HARDENED = Layer("hardened", frozenset(Origin), "and the driver makes the checks that no page names")
DRIVER = Layer(
    "driver", _WRITTEN | {Origin.HARDENING}, "the pages and the missing checks, but callers that keep no duty"
)

LAYERS = (DOCUMENTED, CALLER, HARDENED)
"""The columns of the matrix, each a superset of the one before."""
ALL_LAYERS = {layer.name: layer for layer in (*LAYERS, DRIVER)}


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand of the contract.

    `page` and `section` cite the source; `text` says the demand in our own words. A hardening clause cites the
    `question` on which the pages are silent. `readings` names the ways to read it, the default first. `refused_with`
    names the statuses by which the page has a call refused where the clause fails; where it names none, any will do.
    """

    id: str
    origin: Origin
    page: str
    section: str
    text: str
    question: str = ""
    readings: tuple[str, ...] = ()
    location: Location | None = None
    refused_with: tuple[str, ...] = ()

    @property
    def citation(self) -> str:
        """Page and section, or the silent question."""
        place = ", ".join(part for part in (self.page, self.section) if part)
        if not self.question:
            return place
        return f"{place} (silent: {self.question})" if place else f"silent: {self.question}"


def clause(
    id: str,
    origin: Origin,
    page: str,
    section: str,
    text: str,
    *,
    question: str = "",
    readings: tuple[str, ...] = (),
    refused_with: tuple[str, ...] = (),
) -> Clause:
    """A clause that remembers the line on which it was written."""
    return Clause(id, origin, page, section, text, question, readings, declaration_location(), refused_with)


class Treatment(enum.Enum):
    """What a specification makes of a fact of the documentation."""

    CLAUSE = "clause"
    AXIOM = "axiom"
    EFFECT = "effect"
    OPTION = "option"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """A numbered fact of the documentation and what became of it; `why` says where, or the reason for `none`."""

    id: str
    treatment: Treatment
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """A point on which the pages are silent, and how the specification answers it."""

    id: str
    question: str
    answer: str
