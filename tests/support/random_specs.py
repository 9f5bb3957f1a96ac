"""Random small specifications, as plans describe them.

What may go wrong between engines is drawn often: control and data that depend on one another, rules and effects that
look at other things, results that exist only sometimes, outcomes that data decides.
"""

from __future__ import annotations

import enum

from callproof.model import (
    Address,
    Bool,
    EnumTerm,
    Handle,
    Option,
    Origin,
    Record,
    Region,
    Size,
    Specification,
    StepInfo,
    address,
    all_of,
    any_of,
    assume,
    axiom,
    boolean,
    disjoint,
    enumeration,
    handle,
    harden,
    implies,
    ite,
    no_wrap,
    outcome,
    record,
    require,
    result,
    size,
    table,
)
from tests.support.random_plans import CallPlan, Chooser, InvariantPlan, Plan


class ThingId(Handle):
    """Names a thing."""


class LaneId(Handle):
    """Names a lane."""


class Mode(enum.Enum):
    NEW = 0
    READY = 1
    BUSY = 2


class Thing(Record):
    mode = enumeration(Mode)
    flag = boolean()
    mark = boolean(data=True)
    used = size()
    place = address()
    lane = handle(LaneId)
    region = record(Region)


class Lane(Record):
    taken = boolean()


class World(Record):
    ready = boolean()
    limit = size()
    things = table(Thing, ThingId)
    lanes = table(Lane, LaneId)


STRICT = Option("strict", ("no", "yes"), "whether some rules hold")


def specification(plan: Plan) -> Specification[World]:
    """The specification that a plan describes."""
    spec = Specification("random", "A random specification", World, plan.clauses, options=(STRICT,))
    for number, call in enumerate(plan.calls):
        _add_call(spec, number, call, plan)
    for number, invariant in enumerate(plan.invariants):
        _add_invariant(spec, number, invariant, len(plan.calls))
    return spec


# -- calls -----------------------------------------------------------------------------------------------------------


def _add_call(spec: Specification[World], number: int, plan: CallPlan, whole: Plan) -> None:
    declare = spec.event if plan.event else spec.call
    first = whole.clauses[0].id if whole.clauses else ""

    def act(
        s: World, thing: ThingId | None, lane: LaneId | None, memory: Address | None, amount: Size, given: Bool
    ) -> None:
        pick = Chooser(plan.decisions)
        for m, origin in enumerate(plan.origins):
            verb = {Origin.CALLER: assume, Origin.HARDENING: harden}.get(origin, require)
            id = f"C{number}-{m}"
            if id == first:
                verb(id, _condition(pick, s, thing, lane, memory, amount, given), reading="one")
                verb(id, _condition(pick, s, thing, lane, memory, amount, given), reading="two")
            else:
                verb(id, _condition(pick, s, thing, lane, memory, amount, given))
        if plan.event:
            axiom("when", _condition(pick, s, thing, lane, memory, amount, given))
        _effects(pick, s, thing, lane, memory, amount, given)

    if plan.shape == 0:

        @declare(f"Call{number}")
        def on_thing(s: World, thing: ThingId, amount: Size, given: Bool) -> None:
            """A call on a thing."""
            act(s, thing, None, None, amount, given)

    elif plan.shape == 1:

        @declare(f"Call{number}")
        def on_memory(s: World, thing: ThingId, memory: Address, amount: Size, mode: EnumTerm[Mode]) -> None:
            """A call that binds memory."""
            act(s, thing, None, memory, amount, mode == Mode.BUSY)

    elif plan.shape == 2:

        @declare(f"Call{number}")
        def on_lane(s: World, thing: ThingId, lane: LaneId, amount: Size) -> None:
            """A call on a thing and a lane."""
            act(s, thing, lane, None, amount, s.lanes[lane].taken)

    else:

        @declare(f"Call{number}")
        def on_all(s: World, amount: Size, given: Bool) -> None:
            """A call on the whole world."""
            act(s, None, None, None, amount, given)


def _condition(
    pick: Chooser,
    s: World,
    thing: ThingId | None,
    lane: LaneId | None,
    memory: Address | None,
    amount: Size,
    given: Bool,
) -> Bool:
    if thing is None:
        each = pick(
            lambda h: ~h.flag, lambda h: h.mode != Mode.BUSY, lambda h: h.used <= amount, lambda h: ~h.region.bound
        )
        return pick(
            all_of(*(each(h) for h in s.things.every())), s.ready, ~s.ready, s.limit <= amount, given | STRICT.is_("no")
        )
    g = s.things[thing]
    near = memory if memory is not None else g.place
    about_others = pick(
        lambda h: ~h.flag,
        lambda h: h.mode != g.mode,
        lambda h: implies(h.region.bound, disjoint(h.region.base, h.region.size, near, amount)),
        lambda h: h.used <= amount,
    )
    data = (
        amount <= g.used,
        g.used < amount,
        amount <= s.limit,
        g.used + amount >= g.used,
        amount == pick(0, 1, 4096),
        near != 0,
        no_wrap(near, amount),
        near.is_aligned(32),
        g.mark,
        ~g.region.overlaps(near, amount),
        g.region.contains(near, amount),
    )
    control = (g.mode == pick(*Mode), g.mode < Mode.BUSY, ~g.flag, g.flag, s.ready, g.region.bound, given)
    return pick(
        pick(*control),
        pick(*data),
        all_of(*(about_others(h) for h in s.things.others(thing))),
        pick(*control) | pick(*data),
        implies(STRICT.is_("yes"), pick(*control)),
        any_of(g.flag, *(~about_others(h) for h in s.things.others(thing))),
        g.lane == lane if lane is not None else ~g.region.bound,
    )


def _effects(
    pick: Chooser,
    s: World,
    thing: ThingId | None,
    lane: LaneId | None,
    memory: Address | None,
    amount: Size,
    given: Bool,
) -> None:
    if thing is None:
        if pick(True, False):
            for h in s.things.every():
                flag, used = h.flag, h.used
                h.flag = flag & given
                h.used = ite(~flag, used, 0)
        else:
            ready = s.ready
            s.ready = pick(given, ~ready)
            s.limit = amount
        return
    g = s.things[thing]
    used, flag, mode, place, mark = g.used, g.flag, g.mode, g.place, g.mark
    told: Bool = flag
    if pick(False, True):
        told = result("told", Bool, when=pick(Bool.__invert__(flag), mode != Mode.NEW, used != 0, mark))
    found = used
    if pick(False, True):
        exists = pick(flag | ~flag, ~flag, told, used <= amount)
        found = result("found", Size, when=exists)
        axiom("found", implies(exists, pick(found >= used, found <= amount, found != 0)))
    g.used = pick(used, amount, used + amount, found, ite(flag, amount, found), used - 1)
    g.mark = pick(mark, used <= amount, ~mark, told, any_of(*(h.mark for h in s.things.others(thing))))
    if lane is not None and pick(True, False):
        g.lane = lane
    if memory is not None:
        g.place = pick(place, memory)
    kind = pick(0, 1, 2, 3)
    later = pick(Mode.READY, Mode.BUSY, Mode.NEW)
    if kind == 0:
        g.flag = pick(flag, told, given, ~flag)
        g.mode = pick(mode, later, ite(~flag, mode, later))
    elif kind == 1:
        split = pick(used <= amount, flag, mode == Mode.NEW)
        with outcome("yes", when=split):
            g.flag = pick(given, ~flag)
        with outcome("no", when=~split):
            g.mode = later
    elif kind == 2 and memory is not None:
        g.region.bind(memory, pick(amount, used))
        g.flag = pick(flag, told)
    else:
        g.mode = later


# -- invariants ------------------------------------------------------------------------------------------------------


def _add_invariant(spec: Specification[World], number: int, plan: InvariantPlan, calls: int) -> None:
    id = f"I{number}"

    if plan.over_step and plan.things == 1:

        @spec.step_invariant(id, "ADDRESS")
        def step_of_one(old: World, new: World, step: StepInfo, thing: ThingId) -> Bool:
            """A random rule about a step of a thing."""
            pick = Chooser(plan.decisions)
            a, b = old.things[thing], new.things[thing]
            premise = pick(a.flag, a.mode == Mode.BUSY, a.region.bound, a.mark, a.used != 0)
            kept = pick(b.flag, b.used >= a.used, b.region.base == a.region.base, a.mode <= b.mode, b.place == a.place)
            return implies(premise, kept)

    elif plan.over_step:

        @spec.step_invariant(id, "ADDRESS")
        def step_of_two(old: World, new: World, step: StepInfo, thing: ThingId, other: ThingId) -> Bool:
            """A random rule about a step, of two things."""
            pick = Chooser(plan.decisions)
            a, b, h = old.things[thing], new.things[thing], new.things[other]
            return implies(
                pick(a.flag & h.flag, a.mode != h.mode, h.region.bound),
                pick(a.used <= b.used, b.mode >= a.mode, ~(b.flag & h.flag), a.region.base == b.region.base),
            )

    elif plan.things == 1:

        @spec.invariant(id, "SIZE")
        def of_one(s: World, thing: ThingId) -> Bool:
            """A random rule about a thing."""
            pick = Chooser(plan.decisions)
            g = s.things[thing]
            premise = pick(g.flag, g.mode == Mode.BUSY, g.region.bound, g.mark, g.mode != Mode.NEW, g.flag & s.ready)
            said = (g.used == 0, g.used <= 4096, g.mode != Mode.BUSY, g.region.size <= g.used, g.place != 0, ~g.mark)
            more = (no_wrap(g.region.base, g.region.size), g.used <= s.limit, ~g.flag, STRICT.is_("yes"))
            return implies(premise, pick(*said, *more))

    else:

        @spec.invariant(id, "ADDRESS")
        def of_two(s: World, thing: ThingId, other: ThingId) -> Bool:
            """A random rule about two things."""
            pick = Chooser(plan.decisions)
            g, h = s.things[thing], s.things[other]
            premise = pick(
                g.flag & h.flag, g.region.bound & h.region.bound, (g.mode == Mode.BUSY) & h.flag, g.mark & h.mark
            )
            return implies(
                premise,
                pick(
                    disjoint(g.region.base, g.region.size, h.region.base, h.region.size),
                    g.used <= h.used,
                    g.mode == h.mode,
                    g.lane == h.lane,
                    ~s.ready,
                ),
            )
