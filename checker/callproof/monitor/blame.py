"""Who broke the contract with a line, and why: from codes of the interpreter to findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callproof.model.clauses import Origin
from callproof.model.specification import Specification
from callproof.model.system import Axiom, ClauseUse
from callproof.monitor.binding import Bound
from callproof.monitor.lines import Line
from callproof.monitor.outcomes import Blame, Cited, Finding
from callproof.monitor.shown import line_text, printable, variable_text
from callproof.monitor.slices import Slicer
from callproof.parametric import OpenMachine, Taken, World
from callproof.parametric.program import Rule
from callproof.semantics.judgement import DECIDING, Verdict


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with a line, before it is explained."""

    blame: Blame
    message: str
    uses: tuple[ClauseUse | Axiom, ...]
    """The clauses or axioms that decide."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(use.id for use in self.uses))


def breach_of(taken: Taken, accepted: bool | None) -> Breach | None:
    """What is wrong with a call that the driver accepted, or refused, or of which the log does not say.

    Nothing is where several verdicts are possible and one of them allows it.
    """
    if accepted is not False and taken.against and Verdict.MUST_REJECT not in taken.verdicts:
        return Breach(Blame.DRIVER, "what it returned, or that it happened, contradicts an axiom", taken.against)
    found = [_breach(verdict, taken, accepted) for verdict in taken.verdicts]
    first = found[0]
    if first is None or None in found or len({breach.blame for breach in found if breach}) > 1:
        return None
    return first


def _breach(verdict: Verdict, taken: Taken, accepted: bool | None) -> Breach | None:
    uses = _deciding(verdict, taken)
    if verdict is Verdict.MUST_ACCEPT:
        return Breach(Blame.DRIVER, "refused although every clause holds", ()) if accepted is False else None
    if verdict is Verdict.MUST_REJECT:
        if accepted:
            return Breach(Blame.DRIVER, "accepted although it must be refused", uses)
        done = "refused, as it must be" if accepted is False else "a driver must refuse it"
        return Breach(Blame.CALLER, f"a call that the contract does not allow here ({done})", uses)
    if verdict is Verdict.UNDEFINED:
        return Breach(Blame.CALLER, "a call whose effect the contract leaves undefined here", uses)
    if accepted is False:
        return None
    return Breach(Blame.HAZARD, "accepted, and nothing but a hardening clause speaks against it", uses)


def _deciding(verdict: Verdict, taken: Taken) -> tuple[ClauseUse, ...]:
    origins: frozenset[Origin] = frozenset()
    for (_, deciding), decided in zip(DECIDING, (Verdict.MUST_REJECT, Verdict.MAY, Verdict.UNDEFINED), strict=True):
        if verdict is decided:
            origins = deciding
    certain = tuple(use for use in taken.failing if use.origin in origins)
    return certain or tuple(use for use in taken.open if use.origin in origins)


class Explainer:
    """Makes findings of breaches: citations, the slice of earlier lines, the state before."""

    def __init__(self, spec: Specification[Any], machine: OpenMachine, source: str) -> None:
        self._machine, self.source = machine, source
        self._cited: Mapping[str, tuple[str, str]] = {
            **{fact.id: (fact.why, "") for fact in spec.facts},
            **{clause.id: (clause.text, clause.citation) for clause in spec.clauses.values()},
        }

    def finding(
        self, number: int, call: str, line: Line, bound: Bound, world: World, breach: Breach,
        window: tuple[int, ...] = (),
    ) -> Finding:  # fmt: skip
        """The finding on a line; `world` is the state before it."""
        handles, args, results, _ = bound
        program = self._machine.program(call, handles)
        rules = self._rules((*program.clauses, *program.axioms), breach)
        slicer = Slicer(self._machine, program, world, handles, args, results)
        return Finding(
            self.source,
            number,
            breach.blame,
            line_text(call, line),
            "" if line.session is None else printable(line.session),
            breach.message,
            tuple(self._citation(use) for use in {use.id: use for use in breach.uses}.values()),
            slicer.explain(rules),
            self._before(world, call, handles),
            window,
        )

    @staticmethod
    def _rules(rules: tuple[Rule, ...], breach: Breach) -> list[Rule]:
        return [rule for rule in rules if rule.use in breach.uses]

    def _citation(self, use: ClauseUse | Axiom) -> Cited:
        text, citation = self._cited.get(use.id, ("", ""))
        return Cited(use.id, text, citation or str(use.location))

    def _before(self, world: World, call: str, handles: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
        groups: list[tuple[tuple[str, ...], tuple[int, ...]]] = [((), ())]
        for (_, kind), handle in zip(self._machine.shape(call).handles, handles, strict=True):
            groups.append(((kind,), (handle,)))
        for pair, records in zip(world.places.pairs, world.pairs, strict=True):
            groups += [(pair, both) for both in records if set(both) & set(handles)][:16]
        found = []
        for group, owners in dict.fromkeys(groups):
            for slot, value in enumerate(world.record(group, owners)):
                if not (type(value) is int and value == 0):
                    found.append(variable_text(self._machine, group, owners, slot, value))
        return tuple(found)
