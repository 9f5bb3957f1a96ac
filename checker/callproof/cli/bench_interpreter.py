"""How fast the compiled interpreter judges calls: a random walk, made again and again."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from callproof.cli.figures import Figure

if TYPE_CHECKING:
    from callproof.expr import Sort
    from callproof.model.specification import Specification
    from callproof.semantics import CompiledAction, Machine, State, Values
    from callproof.semantics.compiled import Judge

SEED, CALLS, INTERPRETER_RUNS = 1, 500_000.0, 3
MIX, PASSES = 2_000, 50
"""Different steps of the interpreter's walk, and how often one measurement makes them."""
WORDS = (0, 32, 4096, 8192, 1 << 20, (1 << 20) + 8192)

Prepared = tuple["Judge", "Values", "Values"]
"""A call ready to be made: the compiled step, arguments and results."""


def interpreter_figures(spec: Specification[Any], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """Calls a second, all accepted and half refused; none where no call is ever accepted."""
    from callproof.model.instantiate import handle_kinds, instantiate
    from callproof.semantics import Machine

    tick("interpreting")
    kinds = handle_kinds(spec.state)
    machine = Machine(instantiate(spec, {kinds[0].__name__: 2} if kinds else {}))
    valid, mixed = walk(machine, random.Random(SEED), MIX)
    if not valid:
        return []
    figures = []
    for name, steps in (("all accepted", valid), ("half refused", mixed)):
        rate = statistics.median(calls_per_second(machine, steps) for _ in range(INTERPRETER_RUNS))
        figures.append(Figure(f"interpreter calls, {name}", rate, "/s", pace / rate, CALLS))
    return figures


def calls_per_second(machine: Machine, steps: list[Prepared]) -> float:
    """Judge and make the steps from the initial state, again and again."""
    start = machine.initial()
    started = time.perf_counter()
    for _ in range(PASSES):
        state = start.copy()
        for step, args, results in steps:
            step(state, args, results)
    return PASSES * len(steps) / (time.perf_counter() - started)


def walk(machine: Machine, rng: random.Random, length: int) -> tuple[list[Prepared], list[Prepared]]:
    """A random walk of accepted calls, those preferred that it made least; and with as many refused ones between."""
    state = machine.initial()
    made = [0] * len(machine.compiled)
    valid: list[Prepared] = []
    mixed: list[Prepared] = []
    while len(valid) < length:
        refused: Prepared | None = None
        # A call that many draws do not get accepted has to wait for another state.
        for number in sorted(range(len(made)), key=lambda n: (made[n], rng.random())):
            compiled = machine.compiled[number]
            step, refused = _accepted(compiled, machine, state, rng, refused)
            if step is not None:
                break
        else:
            break  # a dead end
        made[number] += 1
        if refused is not None:
            mixed.append(refused)
        step[0](state, step[1], step[2])
        valid.append(step)
        mixed.append(step)
    return valid, mixed


def _accepted(
    compiled: CompiledAction,
    machine: Machine,
    state: State,
    rng: random.Random,
    refused: Prepared | None,
) -> tuple[Prepared | None, Prepared | None]:
    """Arguments and results with which a call is accepted in a state, if a few draws find some; and a refused call."""
    words = [*WORDS, *(value for value, sort in zip(state, machine.sorts, strict=True) if sort.is_word)]

    def draw(sort: Sort) -> int:
        return rng.choice(words) if sort.is_word else rng.randrange(sort.values)

    for _ in range(20):
        args = tuple(draw(p.var.sort) for p in compiled.action.params)
        results = tuple(draw(r.var.sort) for r in compiled.action.results)
        if not compiled.possible(state, args, results):
            continue
        if compiled.judge(state, args, results) == 0:
            if compiled.step(state.copy(), args, results) == 0:
                return (compiled.step, args, results), refused
        elif refused is None or rng.random() < 0.1:
            refused = compiled.step, args, results
    return None, refused
