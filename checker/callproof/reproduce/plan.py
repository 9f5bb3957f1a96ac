"""What a reproduction makes and expects, step by step: the same for every language it is written in."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from callproof.expr import WORD_MAX, Kind, Sort, variables
from callproof.model.specification import Specification
from callproof.model.system import Axiom, is_result
from callproof.replay import Replay, ReplayedStep
from callproof.semantics import Verdict
from callproof.trace import Value
from callproof.trace.writing import Sorts

_EXTENT = 1 << 40
"""Bytes behind an address that are taken to belong to what begins there."""


class Expect(enum.Enum):
    """What a step must do for the driver to behave."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    HAZARD = "hazard"
    """No page says so, but a driver that accepts breaks what it should keep; one that refuses has the check."""
    ANY = "any"
    """Nothing is judged: the caller breaks a duty, or it is an event of the environment."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address in terms of what an earlier step returns: it differs from run to run. Modulo 2**64."""

    step: int
    result: str
    offset: int

    def __str__(self) -> str:
        if not self.offset:
            return f"{self.result}_{self.step}"
        return f"{self.result}_{self.step} {'-' if self.offset < 0 else '+'} {abs(self.offset)}"


Argument = Value | Address


@dataclass(frozen=True, slots=True)
class Made:
    """One step of a reproduction."""

    number: int
    call: str
    args: Mapping[str, Argument]
    expect: Expect
    clauses: tuple[str, ...]
    """Ids of the clauses that decide the verdict where it is not `must_accept`."""
    accepted: bool
    """What the driver of the trace did, or where the trace does not say what the contract has it do."""
    returned: bool
    """The trace says what the driver did."""
    results: Mapping[str, Value]
    """What the trace says that came back, without addresses, which differ from run to run."""
    axioms: tuple[str, ...]
    """Ids of the axioms that this contradicts: a driver that returns it again misbehaves."""
    unseen: tuple[str, ...]
    """Ids of the axioms that returned addresses contradict: other addresses may not."""
    addresses: tuple[str, ...]
    """Names of returned addresses that later steps use."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A reproduction: what to start with, and its steps."""

    replay: Replay
    title: str
    steps: tuple[Made, ...]

    @property
    def calls(self) -> tuple[str, ...]:
        """The different calls, in order of appearance."""
        return tuple(dict.fromkeys(step.call for step in self.steps))


def plan(
    spec: Specification[Any], replayed: Replay, sorts: Sorts, returning: Mapping[str, tuple[str, ...]] | None = None
) -> Plan:
    """The plan of a replayed trace; `sorts` are those of the specification's parameters and results.

    `returning`: the address results, by call, that the reproduction can see; without it all of them. An address
    argument that lies in memory which an earlier step returned is written in terms of that result.
    """
    bases: list[tuple[int, Address]] = []
    made: list[Made] = []
    for step in replayed.steps:
        own = sorts[step.step.call]
        args = {name: _argument(value, own.get(name), bases) for name, value in step.step.args.items()}
        made.append(_made(step, args, own, spec.operations[step.step.call].is_event))
        if step.accepted:
            seen = _addresses(step, own, returning)
            bases += [(value, Address(step.number, name, 0)) for name, value in seen.items()]
    used = {(a.step, a.result) for m in made for a in m.args.values() if isinstance(a, Address)}
    steps = tuple(replace(m, addresses=tuple(name for n, name in sorted(used) if n == m.number)) for m in made)
    return Plan(replayed, title(replayed), steps)


def _made(step: ReplayedStep, args: Mapping[str, Argument], sorts: Mapping[str, Sort], is_event: bool) -> Made:
    return Made(
        step.number,
        step.step.call,
        args,
        _expected(step, is_event),
        step.clause_ids,
        step.accepted,
        step.step.returned is not None,
        {name: value for name, value in (step.step.result or {}).items() if sorts[name].kind is not Kind.ADDRESS},
        tuple(dict.fromkeys(axiom.id for axiom in step.axioms if not _about_addresses(axiom))),
        tuple(dict.fromkeys(axiom.id for axiom in step.axioms if _about_addresses(axiom))),
        (),
    )


def _about_addresses(axiom: Axiom) -> bool:
    """The axiom names an address that the call returns."""
    found = variables(axiom.formula)
    return any(is_result(name) and var.sort.kind is Kind.ADDRESS for name, var in found.items())


def _expected(step: ReplayedStep, is_event: bool) -> Expect:
    if is_event:
        return Expect.ANY
    match step.verdict:
        case Verdict.MUST_ACCEPT:
            return Expect.ACCEPT
        case Verdict.MUST_REJECT:
            return Expect.REFUSE
        case Verdict.MAY:
            return Expect.HAZARD
        case Verdict.UNDEFINED:
            return Expect.ANY


def _addresses(
    step: ReplayedStep, sorts: Mapping[str, Sort], returning: Mapping[str, tuple[str, ...]] | None
) -> dict[str, int]:
    """The addresses that a step returns and the reproduction can see."""
    result = step.step.result or {}
    names = list(result) if returning is None else returning.get(step.step.call, ())
    values = {name: result[name] for name in names if name in result and sorts[name].kind is Kind.ADDRESS}
    return {name: value for name, value in values.items() if type(value) is int and value}


def _argument(value: Value, sort: Sort | None, bases: list[tuple[int, Address]]) -> Argument:
    if sort is None or sort.kind is not Kind.ADDRESS or type(value) is not int:
        return value
    # The one that begins nearest before it, of several the latest; one byte below still belongs to it.
    near = [(base, n) for n, (base, _) in enumerate(bases) if base - 1 <= value < base + _EXTENT]
    if not near or value in (0, WORD_MAX):
        return value
    base, position = max(near)
    address = bases[position][1]
    return Address(address.step, address.result, value - base)


def title(replayed: Replay) -> str:
    """What is wrong in a replayed trace, in one line."""
    broken = dict.fromkeys(b.property.id for b in replayed.broken)
    wrong = [step for step in replayed.steps if step.conforms is False]
    parts = [f"step {s.number}, {s.step.call}, does not conform" for s in wrong]
    if broken:
        parts.append(f"breaks {', '.join(broken)}")
    return "; ".join(parts) or "every judged step conforms"
