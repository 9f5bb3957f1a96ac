"""What is wrong, in the one form that SARIF, annotations and events are made of: rules, places and steps."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callproof.errors import Exit, Location
from callproof.model.specification import Specification


class Kind(enum.Enum):
    """What is known."""

    FAIL = "fail"
    OPEN = "open"
    """Nothing is known for sure: a budget ran out."""
    VACUOUS = "vacuous"
    """It cannot come about, or was not tried."""


class Level(enum.Enum):
    """What follows for the run."""

    ERROR = "error"
    """It counts: the exit code is not 0."""
    WARNING = "warning"
    """A hazard, which counts where that is asked."""
    NOTE = "note"
    """It is about a layer that is not judged."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause, an invariant, or a thing that no driver may do."""

    id: str
    text: str
    citation: str = ""
    """Page and section of the documentation, or the question on which it is silent."""
    place: Location | None = None
    tag: str = ""
    """The class of an invariant, or the origin of a clause."""

    @property
    def help(self) -> str:
        """All of it."""
        return f"{self.text}\n\nSource: {self.citation}" if self.citation else self.text


@dataclass(frozen=True, slots=True)
class IssueStep:
    """One call on the way to what is wrong."""

    text: str
    call: str
    place: Location | None
    state: Mapping[str, str] = field(default_factory=dict)
    """What the step changed, or what held before it."""
    notes: tuple[str, ...] = ()
    """Clauses that would have refused the step."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong or not known."""

    rule: Rule
    kind: Kind
    level: Level
    title: str
    """A few words, without a full stop."""
    message: str
    """A sentence or two: what, and where that is seen."""
    scope: str
    """A name for what it is about where there is no file: specification, layer, call."""
    identity: tuple[str, ...]
    """What stays the same as long as the issue does; neither lines nor values, nor what calls lead to it."""
    place: Location | None = None
    steps: tuple[IssueStep, ...] = ()
    related: tuple[Rule, ...] = ()
    accepted: str = ""
    """Why it counts no more, where that was looked into."""


@dataclass(frozen=True, slots=True)
class Issues:
    """Everything that a run has to report."""

    command: str
    spec: str
    version: str
    """Of the specification."""
    verdict: str
    exit: Exit
    issues: tuple[Issue, ...]
    subject: str = ""
    """What was judged by the specification, where that is not itself: a driver."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Each rule once, in the order of the issues."""
        return tuple({issue.rule.id: issue.rule for issue in self.issues}.values())


def clause_rule(spec: Specification[Any], id: str) -> Rule | None:
    """The rule of a clause, or of a fact that an axiom states; None where the specification has no such id."""
    clause = spec.clauses.get(id)
    if clause is not None:
        return Rule(id, clause.text, clause.citation, clause.location, clause.origin.value)
    fact = next((fact for fact in spec.facts if fact.id == id), None)
    return None if fact is None else Rule(id, fact.why, f"fact {id}")


def invariant_rule(spec: Specification[Any], id: str) -> Rule:
    """The rule of an invariant."""
    invariant = spec.invariants[id]
    answers = f"answers {', '.join(invariant.answers)}" if invariant.answers else ""
    return Rule(id, invariant.summary.removesuffix("."), answers, invariant.location, invariant.cls.value)


def call_place(spec: Specification[Any], call: str) -> Location | None:
    """Where a call is specified."""
    operation = spec.operations.get(call)
    return None if operation is None else operation.location
