"""Exported C programs, compiled, and their output told beforehand by the interpreter."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from callproof.cli.bench_interpreter import walk
from callproof.export import Problem, exported
from callproof.semantics import Machine


def compiled(made: Problem, folder: Path) -> Path:
    """The program that plays choices, without a warning."""
    source, program = folder / "exported.c", folder / "replay"
    source.write_text(exported(made, "c"))
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-DREPLAY", "-o", str(program)]
    subprocess.run(["cc", *flags, str(source)], check=True)
    return program


def random_choices(made: Problem, rng: random.Random, length: int) -> Iterator[list[int]]:
    """Calls, accepted and refused, with each value from a few words and those of the state."""
    machine = Machine(made.system)
    steps = walk(machine, rng, length)[1]
    numbers = {id(compiled.step): n for n, compiled in enumerate(machine.compiled)}
    for step, args, results in steps:
        action = made.system.actions[numbers[id(step)]]
        ways = [way.number for way in made.ways if way.action is action]
        yield [rng.choice(ways), *args, *results]


def expected(made: Problem, choices: list[list[int]], state: list[int]) -> Iterator[str]:
    """What the program has to print, told by the interpreter."""
    machine = Machine(made.system)
    for number, (way_number, *values) in enumerate(choices, 1):
        way = made.ways[way_number]
        position = made.system.actions.index(way.action)
        unit, count = machine.compiled[position], len(way.action.params)
        args, results = tuple(values[:count]), tuple(values[count:])
        failing = [
            use.id
            for use in machine.failing(state, position, args, results)
            if made.layer.demands(way.action.call, use.id, use.origin)
        ]
        failing += [f"axiom {axiom.id}" for axiom in machine.axioms_failing(state, position, args, results)]
        failing += [
            f"no result {r.name}"
            for r, exists, value in zip(way.action.results, unit.exists, results, strict=True)
            if exists is not None and value and not exists(state, args, results)
        ]
        behind = state.copy()
        if unit.apply(behind, args, results) != way.action.outcomes.index(way.outcome):
            failing.append("outcome")
        if failing:
            yield f"{number}. {way.label} refused: {' '.join(failing)}"
            continue
        yield f"{number}. {way.label}"
        yield from (
            f"\t{name}={new}" for name, old, new in zip(machine.names, state, behind, strict=True) if old != new
        )
        for prop in machine.properties:
            if not prop.holds(state, behind, position):
                yield f"\tbreaks {prop.property.id}({', '.join(str(index) for _, index in prop.property.handles)})"
        state = behind


def compare(made: Problem, program: Path, seed: int, length: int) -> list[str]:
    """Play random choices and compare all that the program prints; returns its lines."""
    rng = random.Random(seed)
    options = [rng.randrange(sort.values) for sort in made.options.values()] if seed else [0] * len(made.options)
    for place, name in enumerate(made.options):
        options[place] = made.fixed.get(name, options[place])
    choices = list(random_choices(made, rng, length))
    text = "\n".join(" ".join(map(str, c)) for c in [options, *choices])
    done = subprocess.run([program, "-"], input=text, capture_output=True, text=True, check=False)
    state = [0] * len(made.states) + options
    lines = list(expected(made, choices, state))
    assert done.stdout.splitlines() == lines, f"seed {seed}"
    assert done.returncode == int(any("breaks" in line for line in lines))
    return lines
