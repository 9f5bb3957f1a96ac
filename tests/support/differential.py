"""What must be equal between the engines, on one specification in one layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callproof.model import Specification
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Finding, Status

HOLDS = frozenset({Status.PROVED, Status.VACUOUS})


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says of an invariant: the verdict, and the calls of its counterexample."""

    status: Status
    calls: int | None
    scope: str

    @classmethod
    def of(cls, finding: Finding) -> Answer:
        example = finding.counterexample
        return cls(finding.status, None if example is None else len(example.steps), finding.scope)


def answers(spec: Specification[Any], **asked: Any) -> dict[str, Answer]:
    """The answers of one check in one layer."""
    result = check(spec, Request(**asked))
    return {finding.invariant: Answer.of(finding) for finding in result.layers[0].findings}


def disagreements(spec: Specification[Any], layer: str, bound: int, budget: int, **asked: Any) -> list[str]:
    """Contradictions between the four engines; empty where they agree.

    Those that are bounded must find the same shortest counterexample; what one proves for any length no other refutes;
    and what is refuted is refuted by all, but for those that ran out of budget.
    """
    said = {
        engine: answers(spec, layer=layer, bound=bound, budget=budget, engine=engine, **asked)
        for engine in ("edges", "paths", "sequences", "chc")
    }
    found = []
    for id, edges in said["edges"].items():
        mine = {engine: by[id] for engine, by in said.items()}
        lengths = {mine[engine].calls for engine in ("edges", "paths", "sequences")}
        proved = {engine for engine in ("edges", "chc") if mine[engine].status in HOLDS}
        refuted = {engine for engine, answer in mine.items() if answer.status is Status.VIOLATED}
        late = mine["chc"].status is Status.VIOLATED and edges.status is Status.UNKNOWN
        if len(lengths) > 1 or (proved and refuted) or not (refuted <= {"chc"} or refuted | {"chc"} == set(mine)):
            found.append(f"{id}: {mine}")
        elif refuted == {"chc"} and not late:
            found.append(f"{id}, beyond the bound: {mine}")
    return found


def beyond_literal(spec: Specification[Any], layer: str, bound: int, budget: int) -> list[str]:
    """Where the check for any number of resources contradicts those of one, two and three.

    More resources may keep what fewer break, since all of them may have to meet a demand: any number is also one.
    """
    found = []
    asked: dict[str, Any] = {"layer": layer, "bound": bound, "budget": budget}
    whole = answers(spec, **asked)
    literal = [answers(spec, **asked, graphs=count, engine="paths") for count in (1, 2, 3)]
    for id, any_number in whole.items():
        calls = [few[id].calls for few in literal if few[id].calls is not None]
        if "any number" in any_number.scope and any_number.calls != min(calls, default=None):
            found.append(f"{id}: {any_number}, {[few[id] for few in literal]}")
    return found
