"""The interpreter for any number of resources does on every call what the interpreter of so many resources does."""

import random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from callproof.expr import Sort
from callproof.model.instantiate import handle_kinds, instantiate
from callproof.model.specification import Specification
from callproof.parametric import OpenMachine, World
from callproof.semantics import VERDICTS, Machine
from ge_memory import SPEC
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification
from tests.support.tank import tank
from tests.support.valve import valve

WORDS = (0, 32, 4096, 8192, 1 << 20, (1 << 20) + 4096, (1 << 20) + 8192, (1 << 64) - 32)
FAR = 1_000_003
"""Handles of a log are no small numbers: resource n is called n * FAR here."""


def value(machine: Machine, world: World, name: str) -> object:
    """A variable of the closed machine as the open one has it."""
    place = world.places.find(name)
    assert place is not None
    found = world.record(place.kinds, tuple(index * FAR for index in place.indices))[place.slot]
    if world.places.fields[place.kinds][place.slot].stored:
        assert isinstance(found, int)
        return (found - 1) // FAR - 1 if found else 0
    return found


def walk(spec: Specification[Any], counts: dict[str, int], seed: int, length: int, *, slow: bool) -> int:
    """Make random calls on both, accepted ones by preference; the number of accepted ones.

    No call names the first resource of a kind: a stored handle that was never set names it.
    """
    rng = random.Random(seed)
    machine, opened = Machine(instantiate(spec, counts)), OpenMachine(spec)
    options = {option.name: rng.choice(option.values) for option in spec.options}
    state, world = machine.initial(options), opened.world(options)
    callable = [n for n, c in enumerate(machine.compiled) if 1 not in c.action.indices]
    made = 0
    for step in range(length):
        number = rng.choice(callable)
        compiled = machine.compiled[number]
        words = [*WORDS, *(v for v, sort in zip(state, machine.sorts, strict=True) if sort.is_word)]

        def draw(sort: Sort, words: list[int] = words) -> int:
            return rng.choice(words) if sort.is_word else rng.randrange(sort.values)

        for _ in range(8):
            args = tuple(draw(p.var.sort) for p in compiled.action.params)
            drawn = tuple(draw(r.var.sort) for r in compiled.action.results)
            results = list(drawn)
            for n, exists in enumerate(compiled.exists):
                if exists is not None and not exists(state, args, tuple(results)):
                    results[n] = 0
            code = compiled.judge(state, args, tuple(results))
            possible = compiled.possible(state, args, tuple(results))
            if code == 0 and possible:
                break
        handles = tuple(index * FAR for index in compiled.action.indices)
        call = compiled.action.call
        judged = opened.judge(world, call, handles, args, drawn)
        assert judged.verdicts == (VERDICTS[code],), (step, compiled.action.label)
        assert not judged.open
        assert {c.id for c in judged.failing} == {c.id for c in machine.failing(state, number, args, tuple(results))}
        assert bool(judged.against) is not bool(possible)
        assert opened.fast(call, handles, False)(world, handles, args, drawn, None) == code
        if slow:
            if code == 0 and possible:
                opened.make(world, call, handles, args, drawn, step)
        else:
            taken = opened.fast(call, handles, True)(world, handles, args, drawn, step)
            assert taken == (4 if code == 0 and not possible else code)
        if code == 0 and possible:
            made += 1
            compiled.apply(state, args, tuple(results))
        world.sweep()
        if step % 7 == 0 or (code == 0 and possible):
            for name in machine.names:
                assert value(machine, world, name) == machine.value(state, name), (step, compiled.action.label, name)
    return made


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_ge_memory(seed: int, slow: bool) -> None:
    counts = {kind.__name__: 3 for kind in handle_kinds(SPEC.state)}
    assert walk(SPEC, counts, seed, 250, slow=slow) > 40


@pytest.mark.parametrize("make", [tank, valve])
def test_small_specifications(make: Any) -> None:
    spec = make()
    counts = {kind.__name__: 5 for kind in handle_kinds(spec.state)}
    assert walk(spec, counts, 1, 300, slow=False) > 20
    assert walk(spec, counts, 2, 300, slow=True) > 20


def test_random_specifications() -> None:
    accepted: list[int] = []

    @settings(max_examples=30, deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
    @given(plans(), st.integers(0, 1 << 16))
    def agree(plan: Plan, seed: int) -> None:
        spec = specification(plan)
        counts = {kind.__name__: 4 for kind in handle_kinds(spec.state)}
        accepted.append(walk(spec, counts, seed, 30, slow=bool(seed % 2)))

    agree()
    assert len(accepted) == 30
    assert sum(made > 0 for made in accepted) > 20, "most specifications accept something"
