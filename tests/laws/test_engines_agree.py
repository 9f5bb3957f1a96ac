"""Two engines, one answer: edges proved for every length, against sequences solved one by one."""

import enum
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callproof.graph import Stepper, explore
from callproof.model import (
    ALL_LAYERS,
    Bool,
    Origin,
    Record,
    Size,
    Specification,
    StepInfo,
    System,
    axiom,
    boolean,
    clause,
    enumeration,
    harden,
    implies,
    instantiate,
    ite,
    require,
    result,
    size,
)
from callproof.model.clauses import Layer
from callproof.prove.goals import Goals
from callproof.prove.induction import Induction
from callproof.prove.paths import Paths
from callproof.prove.search import Search
from callproof.prove.sequences import shortest_violations
from callproof.prove.spaces import GraphSpace
from callproof.prove.states import Projections
from callproof.residue import Model
from callproof.symbolic import Answer, Solver
from ge_memory import SPEC

LENGTH = 6
"""Calls of the longest sequences of ge-memory that are solved one by one."""
TOY_LENGTH = 4


class Mode(enum.Enum):
    IDLE = 0
    READY = 1
    BUSY = 2


class Toy(Record):
    mode = enumeration(Mode)
    flag = boolean()
    used = size()
    room = size()


CLAUSES = tuple(
    clause(f"{kind}{call}{n}", origin, "Toy", "rules", "a rule", question="Q1" if kind == "H" else "")
    for kind, origin in (("D", Origin.DOCUMENTED), ("H", Origin.HARDENING))
    for call in range(4)
    for n in range(2)
)


def by_edges(system: System, layer: Layer, bound: int) -> tuple[dict[int, int | None], frozenset[int]]:
    """The shortest counterexample of each property, and the properties that are proved."""
    model = Model(system)
    solver = Solver(model.pool)
    reach = explore(Stepper(model, layer, lambda f: solver.check([f]) is not Answer.UNSAT), layer, len(model.moves))
    goals, paths = Goals(model), Paths(model, solver)
    projections = Projections(reach)
    induction = Induction(goals, layer, solver, projections)
    proof = induction.run(range(len(system.properties)))
    found: dict[int, int | None] = dict.fromkeys(range(len(system.properties)))
    for prop in proof.fell:
        answer = Search(goals, paths, GraphSpace(reach, projections, induction, prop), prop, lambda _: None).run(bound)
        assert answer.trace is None or answer.shortest
        found[prop] = len(answer.trace.steps) if answer.trace else None
    return found, proof.stands


def by_sequences(system: System, layer: Layer, bound: int) -> dict[int, int | None]:
    model = Model(system)
    solver = Solver(model.pool)
    reach = explore(Stepper(model, layer, lambda f: solver.check([f]) is not Answer.UNSAT), layer, len(model.moves))
    return shortest_violations(model, reach, Paths(model, solver), bound, range(len(system.properties)))


@pytest.mark.parametrize("layer", ALL_LAYERS)
def test_the_engines_agree_on_ge_memory(layer: str) -> None:
    system = instantiate(SPEC, {})
    edges, stands = by_edges(system, ALL_LAYERS[layer], LENGTH)
    literal = by_sequences(system, ALL_LAYERS[layer], LENGTH)
    named = [prop.id for prop in system.properties]
    assert dict(zip(named, edges.values(), strict=True)) == dict(zip(named, literal.values(), strict=True))
    assert all(literal[prop] is None for prop in stands)
    assert bool(stands)
    assert any(length is not None for length in literal.values()) == (layer != "hardened")


def condition(rng: random.Random, s: Toy, amount: Size) -> Bool:
    """A random condition on the state and on what is passed."""
    sizes = (s.used, s.room, amount)
    a, b = rng.sample(sizes, 2)
    return rng.choice(
        [
            a <= b,
            a < b,
            a == rng.choice((0, 1, 4096)),
            a + b >= a,
            s.mode == rng.choice(list(Mode)),
            s.mode < Mode.BUSY,
            s.flag,
            ~s.flag,
            s.flag | (a <= b),
        ]
    )


def random_toy(seed: int) -> Specification[Toy]:
    """A few calls with random clauses and effects, and random invariants that hold at first."""
    toy = Specification("toy", "Random", Toy, CLAUSES)
    plan = random.Random(seed)
    for number in range(plan.randint(2, 4)):
        add_call(toy, number, plan.randrange(2**32))
    for number in range(4):
        add_invariant(toy, number, plan.randrange(2**32))
    return toy


def add_call(toy: Specification[Toy], number: int, seed: int) -> None:
    @toy.call(f"Call{number}")
    def body(s: Toy, amount: Size, given: Bool) -> None:
        """A body runs several times, and each time alike."""
        rng = random.Random(seed)
        for n in range(rng.randint(0, 2)):
            require(f"D{number}{n}", condition(rng, s, amount))
        if rng.random() < 0.5:
            harden(f"H{number}0", condition(rng, s, amount))
        used, room, flag = s.used, s.room, s.flag
        if rng.random() < 0.6:
            s.used = rng.choice([amount, used + amount, ite(flag, amount, used)])
        if rng.random() < 0.4:
            new = room if rng.random() < 0.2 else result("room", Size)
            axiom("room", new >= rng.choice([used, room]))
            s.room = new
        if rng.random() < 0.4:
            s.flag = rng.choice([given, ~flag, given & flag])
        if rng.random() < 0.7:
            s.mode = rng.choice(list(Mode))


def add_invariant(toy: Specification[Toy], number: int, seed: int) -> None:
    @toy.invariant(f"state{number}", "SIZE")
    def over_state(s: Toy) -> Bool:
        """True at first, where no size is more than zero and no flag is set."""
        rng = random.Random(seed)
        premise = rng.choice([s.flag & (s.mode == Mode.BUSY), s.flag & (s.used > 4096), s.mode >= Mode.READY])
        return rng.choice([implies(premise, s.used <= s.room), s.used <= s.room, implies(premise, s.used != 4096)])

    if number == 0:

        @toy.step_invariant("step", "LIFECYCLE")
        def over_step(old: Toy, new: Toy, step: StepInfo) -> Bool:
            """What is in use does not change while busy."""
            return implies((old.mode == Mode.BUSY) & old.flag, old.used == new.used)


@given(st.integers(0, 2**32))
@settings(max_examples=30, derandomize=True, deadline=None, database=None)
def test_the_engines_agree_on_random_toys(seed: int) -> None:
    system = instantiate(random_toy(seed), {})
    for layer in (ALL_LAYERS["documented"], ALL_LAYERS["hardened"]):
        edges, stands = by_edges(system, layer, TOY_LENGTH)
        literal = by_sequences(system, layer, TOY_LENGTH)
        assert edges == literal
        assert all(literal[prop] is None for prop in stands)


def test_the_random_toys_hold_and_break() -> None:
    """What the engines agree on is no triviality: of these toys some invariants stand, and some break late."""
    lengths: set[int | None] = set()
    for seed in range(12):
        lengths |= set(by_sequences(instantiate(random_toy(seed), {}), ALL_LAYERS["documented"], TOY_LENGTH).values())
    assert lengths >= {None, 1, 2, 3}
