"""Random specifications whose invariants hang on a few clauses, stated by several calls each, in all combinations."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from callproof.model import Bool, Origin, Question, Size, Specification, StepInfo, assume, clause, harden, implies
from tests.support.tank import Tank, TankId, Yard

IDS = ("H1", "H2", "H3", "C1")
GUARDS = ("small", "tiny", "whole", "unbroken", "built", "nothing")
EFFECTS = ("fill", "break", "build", "mend")


@dataclass(frozen=True, slots=True)
class CallPlan:
    """The clauses that a call states (id, what it says) and what it does."""

    clauses: tuple[tuple[str, str], ...]
    effect: str


def guard(what: str, t: Tank, amount: Size) -> Bool | bool:
    return {
        "small": amount <= 100,
        "tiny": amount <= 50,
        "whole": amount != 7,
        "unbroken": ~t.broken,
        "built": t.built,
        "nothing": True,
    }[what]


def tanks(plan: tuple[CallPlan, ...]) -> Specification[Yard]:
    """The specification that a plan describes; nothing of it is documented."""
    stated = {id for call in plan for id, _ in call.clauses}
    clauses = [
        clause(id, Origin.CALLER if id == "C1" else Origin.HARDENING, "", "", f"rule {id}", question="Q1")
        for id in IDS
        if id in stated
    ]
    spec = Specification("tanks", "Random tanks", Yard, clauses, questions=(Question("Q1", "What?", "All."),))
    for number, call in enumerate(plan):
        _add(spec, number, call)

    @spec.invariant("not-over", "SIZE")
    def not_over(s: Yard, tank: TankId) -> Bool:
        """A tank holds at most 100."""
        return s.tanks[tank].level <= 100

    @spec.invariant("broken-was-built", "LIFECYCLE")
    def broken_was_built(s: Yard, tank: TankId) -> Bool:
        """What is broken was built."""
        return implies(s.tanks[tank].broken, s.tanks[tank].built)

    @spec.step_invariant("broken-keeps", "LIFECYCLE")
    def broken_keeps(old: Yard, new: Yard, step: StepInfo, tank: TankId) -> Bool:
        """A broken tank keeps what it holds."""
        a, b = old.tanks[tank], new.tanks[tank]
        return implies(a.broken & b.broken, a.level == b.level)

    @spec.invariant("one-broken", "LIFECYCLE")
    def one_broken(s: Yard, tank: TankId, other: TankId) -> Bool:
        """Two broken tanks hold little."""
        a, b = s.tanks[tank], s.tanks[other]
        return implies(a.broken & b.broken, (a.level <= 100) & (b.level <= 100))

    return spec


def _add(spec: Specification[Yard], number: int, plan: CallPlan) -> None:
    @spec.call(f"Call{number}")
    def call(s: Yard, tank: TankId, amount: Size) -> None:
        """A call on a tank."""
        t = s.tanks[tank]
        for id, what in plan.clauses:
            (assume if id == "C1" else harden)(id, guard(what, t, amount))
        if plan.effect == "fill":
            t.level = amount
        elif plan.effect == "break":
            t.broken = True
        elif plan.effect == "build":
            t.built = True
        else:
            t.broken = False


def plans() -> st.SearchStrategy[tuple[CallPlan, ...]]:
    """Two to four calls, of which each states up to three clauses."""
    stated = st.tuples(st.sampled_from(IDS), st.sampled_from(GUARDS))
    call = st.builds(CallPlan, st.lists(stated, max_size=3).map(tuple), st.sampled_from(EFFECTS))
    return st.lists(call, min_size=2, max_size=4).map(tuple)
