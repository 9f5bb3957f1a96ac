"""Small specifications with a planted defect that needs several resources or calls to show.

Each is a `Planted`: the specification, the invariant that the defect breaks, how many units and lanes and how many
calls a shortest counterexample needs. A unit is the first kind of handle, and so the one of which there may be any
number; a lane is a kind that units point to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from callproof.model import (
    Bool,
    Number,
    Size,
    Specification,
    StepInfo,
    all_of,
    any_of,
    axiom,
    implies,
    ite,
    require,
    result,
)
from tests.support.yard import LaneId, Stage, UnitId, Yard, with_start, yard


@dataclass(frozen=True, slots=True)
class Planted:
    """A specification with one defect."""

    name: str
    spec: Specification[Any]
    invariant: str
    units: int
    calls: int
    lanes: int = 1
    reason: str = ""
    """A part of the reason for which the proof is not for any number of units; empty where it is for any."""


# -- defects that more than one unit shows ---------------------------------------------------------------------------


def one_unit() -> Planted:
    spec = with_start("one-unit")

    @spec.invariant("idle", "LIFECYCLE")
    def idle(s: Yard, unit: UnitId) -> Bool:
        """No unit runs."""
        return ~s.units[unit].running

    return Planted("one unit", spec, "idle", 1, 1)


def two_named() -> Planted:
    spec = with_start("two-named")

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """No two units run."""
        return ~(s.units[unit].running & s.units[other].running)

    return Planted("two units named", spec, "alone", 2, 2)


def two_ranged_over() -> Planted:
    """The same invariant, said over all units: with one unit there is nothing to it."""
    spec = with_start("two-ranged-over")

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard) -> Bool:
        """No two units run."""
        return all_of(*(~(a.running & b.running) for a, b in combinations(s.units.every(), 2)))

    return Planted("two units ranged over", spec, "alone", 2, 2)


def two_by_others() -> Planted:
    spec = with_start("two-by-others")

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard, unit: UnitId) -> Bool:
        """A unit runs alone."""
        return all_of(*(~(s.units[unit].running & h.running) for h in s.units.others(unit)))

    return Planted("two units by others()", spec, "alone", 2, 2)


def false_lemma() -> Planted:
    """What holds of one unit for want of another is no help in a proof about two."""
    spec = with_start("false-lemma")

    @spec.call("Crash")
    def crash(s: Yard, unit: UnitId) -> None:
        """A unit that runs breaks."""
        axiom("running", s.units[unit].running)
        s.units[unit].broken = True

    @spec.invariant("alone", "LIFECYCLE")
    def alone(s: Yard) -> Bool:
        """No two units run."""
        return all_of(*(~(a.running & b.running) for a, b in combinations(s.units.every(), 2)))

    @spec.invariant("apart", "LIFECYCLE")
    def apart(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """No two units break."""
        return ~(s.units[unit].broken & s.units[other].broken)

    return Planted("a lemma that only one unit keeps", spec, "apart", 2, 4)


def three_named() -> Planted:
    spec = with_start("three-named")

    @spec.invariant("at-most-two", "LIFECYCLE")
    def at_most_two(s: Yard, a: UnitId, b: UnitId, c: UnitId) -> Bool:
        """At most two units run."""
        return ~(s.units[a].running & s.units[b].running & s.units[c].running)

    return Planted("three units named", spec, "at-most-two", 3, 3, reason="at-most-two names 3 UnitId")


def three_counted() -> Planted:
    spec = with_start("three-counted")

    @spec.invariant("at-most-two", "LIFECYCLE")
    def at_most_two(s: Yard) -> Bool:
        """At most two units run."""
        return sum_of_running(s.units.every()) <= 2

    return Planted("three units counted", spec, "at-most-two", 3, 3, reason="at-most-two speaks of 3 UnitId at once")


def sum_of_running(units: Any) -> Number:
    """How many of some units run."""
    total: Number | None = None
    for u in units:
        one = ite(u.running, u.level - u.level + 1, 0)
        total = one if total is None else total + one
    assert total is not None
    return total


def awaits(count: int) -> Planted:
    """A unit breaks where so many others run: more units mean more behaviour."""
    spec = with_start(f"awaits-{count}")

    @spec.call("Overload")
    def overload(s: Yard, unit: UnitId) -> None:
        """Accepted where some others run."""
        groups = combinations(s.units.others(unit), count)
        axiom("running", any_of(*(all_of(*(h.running for h in group)) for group in groups)))
        s.units[unit].broken = True

    @spec.invariant("whole", "LIFECYCLE")
    def whole(s: Yard, unit: UnitId) -> Bool:
        """No unit breaks."""
        return ~s.units[unit].broken

    @spec.invariant("both-whole", "LIFECYCLE")
    def both_whole(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """Of two units not the one is broken while the other does not run."""
        return ~(s.units[unit].broken & ~s.units[other].running & ~s.units[unit].running)

    return Planted(f"a call that needs {count} others", spec, "whole", count + 1, count + 1, reason="Overload")


def result_beside_another() -> Planted:
    """The driver returns something more where there is another unit."""
    spec = with_start("result-beside-another")

    @spec.call("Ask")
    def ask(s: Yard, unit: UnitId) -> None:
        """Whether the unit is broken is told only beside one that runs."""
        u = s.units[unit]
        told = result("told", Bool, when=(u.stage == Stage.DONE) | any_of(*(h.running for h in s.units.others(unit))))
        u.broken = told

    @spec.invariant("whole", "LIFECYCLE")
    def whole(s: Yard, unit: UnitId) -> Bool:
        """No unit breaks."""
        return ~s.units[unit].broken

    return Planted("a result that exists beside another", spec, "whole", 2, 2, reason="Ask")


def writes_another() -> Planted:
    spec = with_start("writes-another")

    @spec.call("Hit")
    def hit(s: Yard, unit: UnitId) -> None:
        """Breaks all others."""
        for h in s.units.others(unit):
            h.broken = True

    @spec.invariant("whole", "LIFECYCLE")
    def whole(s: Yard, unit: UnitId) -> Bool:
        """No unit breaks."""
        return ~s.units[unit].broken

    return Planted("a call that writes others", spec, "whole", 2, 1, reason="Hit writes units[2].broken")


def names_two() -> Planted:
    spec = with_start("names-two")

    @spec.call("Join")
    def join(s: Yard, unit: UnitId, to: UnitId) -> None:
        """A unit that runs breaks one that runs."""
        a, b = s.units[unit], s.units[to]
        if unit != to:
            axiom("running", a.running & b.running)
            b.broken = True

    @spec.invariant("whole", "LIFECYCLE")
    def whole(s: Yard, unit: UnitId) -> Bool:
        """No unit breaks."""
        return ~s.units[unit].broken

    return Planted("a call on two units", spec, "whole", 2, 3, reason="Join names 2 UnitId")


def session_counter(limit: int) -> Planted:
    """The session counts what runs; the call that starts one too many breaks it."""
    spec = yard(f"session-counter-{limit}", 1)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId) -> None:
        """Start a unit that does not run."""
        u = s.units[unit]
        require("D1", ~u.running)
        u.running = True
        busy = s.busy
        s.busy = busy + 1

    @spec.invariant("few", "LIFECYCLE")
    def few(s: Yard) -> Bool:
        """Not so many run."""
        return s.busy < limit

    return Planted(f"a counter up to {limit}", spec, "few", limit, limit, reason="Start writes busy")


def step_of_another() -> Planted:
    """Every step is one on this unit, says the invariant: so it is where there is one."""
    spec = with_start("step-of-another")

    @spec.step_invariant("mine", "LIFECYCLE")
    def mine(old: Yard, new: Yard, step: StepInfo, unit: UnitId) -> Bool:
        """Where nothing changes it was a call on this unit."""
        return (old.units[unit].running != new.units[unit].running) | step.is_call("Start", unit)

    return Planted("a step on another unit", spec, "mine", 2, 1, reason="mine speaks of steps")


def step_of_a_third() -> Planted:
    spec = with_start("step-of-a-third")

    @spec.step_invariant("ours", "LIFECYCLE")
    def ours(old: Yard, new: Yard, step: StepInfo, unit: UnitId, other: UnitId) -> Bool:
        """Every step is on one of the two."""
        return step.is_call("Start", unit) | step.is_call("Start", other)

    return Planted("a step on a third unit", spec, "ours", 3, 1, reason="ours speaks of steps")


# -- defects that more than one lane shows ---------------------------------------------------------------------------


def two_lanes() -> Planted:
    """Units on one lane follow one another; on two they collide."""
    spec = yard("two-lanes", 0)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId, lane: LaneId) -> None:
        """Start a unit on a lane."""
        u = s.units[unit]
        u.running = True
        u.lane = lane

    @spec.invariant("in-order", "LIFECYCLE")
    def in_order(s: Yard, unit: UnitId, other: UnitId) -> Bool:
        """Units that run share their lane."""
        a, b = s.units[unit], s.units[other]
        return implies(a.running & b.running, a.lane == b.lane)

    return Planted("two lanes", spec, "in-order", 2, 2, lanes=2)


def lane_moved() -> Planted:
    """One unit is started anew on another lane."""
    spec = yard("lane-moved", 0)

    @spec.call("Start")
    def start(s: Yard, unit: UnitId, lane: LaneId) -> None:
        """Start a unit on a lane."""
        u = s.units[unit]
        u.running = True
        u.lane = lane

    @spec.step_invariant("stays", "LIFECYCLE")
    def stays(old: Yard, new: Yard, step: StepInfo, unit: UnitId) -> Bool:
        """A unit that runs stays on its lane."""
        a, b = old.units[unit], new.units[unit]
        return implies(a.running, a.lane == b.lane)

    return Planted("a lane changed", spec, "stays", 1, 2, lanes=2)


# -- defects at a depth ----------------------------------------------------------------------------------------------


def long(calls: int) -> Planted:
    """A unit breaks with its `calls`-th step."""
    spec = yard(f"long-{calls}", 1)

    @spec.call("Step")
    def step(s: Yard, unit: UnitId, by: Size) -> None:
        """Take a step of one."""
        u = s.units[unit]
        require("D1", by == 1)
        done = u.step
        u.step = done + by

    @spec.invariant("short", "SIZE")
    def short(s: Yard, unit: UnitId) -> Bool:
        """Not so many steps."""
        return s.units[unit].step < calls

    return Planted(f"{calls} calls", spec, "short", 1, calls)


ANY: tuple[Callable[[], Planted], ...] = (
    one_unit, two_named, two_ranged_over, two_by_others, false_lemma,
)  # fmt: skip
"""Found in the system of one unit or of two, whatever number there is."""

FEW: tuple[Callable[[], Planted], ...] = (
    three_named, three_counted, lambda: awaits(1), lambda: awaits(2), lambda: awaits(3), result_beside_another,
    writes_another, names_two, lambda: session_counter(2), lambda: session_counter(3), step_of_another,
    step_of_a_third,
)  # fmt: skip
"""Where there is no argument for any number."""

LANES: tuple[Callable[[], Planted], ...] = (two_lanes, lane_moved)
