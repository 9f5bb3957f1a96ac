"""`callproof explore`: a specification call by call, in the terminal."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

import click

from callproof.cli.options import counts, known_layer, layer_option, pairs, selection_options, spec_argument
from callproof.errors import Exit, UsageError

if TYPE_CHECKING:
    from callproof.explore.screen import Example
    from callproof.model.specification import Specification
    from callproof.trace import Trace


@click.command("explore")
@spec_argument
@layer_option()
@selection_options
@click.option("--trace", "traces", metavar="FILE", multiple=True, help="A counterexample to jump to, or a directory.")
@click.option("--save", metavar="FILE", default="explored.trace.json", show_default=True, help="Where s writes to.")
def explore_command(
    spec: str,
    layer: str,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
    traces: tuple[str, ...],
    save: str,
) -> int:
    """Step through SPEC: the calls that can be made, and for the others the clauses in the way and the way past them.

    Enter makes a call, u takes it back, w makes the calls that lead to the chosen one, c jumps to the next
    counterexample of --trace, s saves the calls as a trace, q ends.
    """
    if importlib.util.find_spec("textual") is None:
        raise UsageError("explore needs the package textual: pip install 'callproof[explore]'")
    from callproof.explore.screen import Explorer
    from callproof.explore.walk import Walk
    from callproof.model.clauses import ALL_LAYERS
    from callproof.model.loading import load_specification

    loaded = load_specification(spec)
    examples = _examples(loaded, traces)
    wanted = {**_used(loaded, examples), **counts(loaded, graphs, resource)}
    chosen = dict(pairs(option, "--option"))
    readings = dict(pairs(reading, "--reading"))
    for example in examples:
        chosen = {**example.trace.options, **chosen}
        readings = {**example.trace.readings, **readings}
    walk = Walk(loaded, ALL_LAYERS[known_layer(layer)], wanted, chosen, readings)
    Explorer(walk, lambda trace: _save(loaded, save, trace), examples).run()
    return int(Exit.OK)


def _examples(spec: Specification[Any], paths: tuple[str, ...]) -> list[Example]:
    from callproof.errors import InputError
    from callproof.explore.screen import Example
    from callproof.trace import read_trace

    files = [
        os.path.join(path, name) if name else path
        for path in paths
        for name in (sorted(n for n in os.listdir(path) if n.endswith(".trace.json")) if os.path.isdir(path) else [""])
    ]
    found = [Example(os.path.basename(file), read_trace(file)) for file in files]
    for example in found:
        if example.trace.spec != spec.name:
            raise InputError(f"{example.name}: it is a trace of {example.trace.spec[:60]}, not of {spec.name}")
    return found


def _used(spec: Specification[Any], examples: list[Example]) -> dict[str, int]:
    """How many resources of each kind the counterexamples name."""
    from callproof.semantics import bind, shapes

    known, used = shapes(spec), dict[str, int]()
    for example in examples:
        for number, step in enumerate(example.trace.steps, 1):
            call = bind(known, step, f"{example.name}: step {number}")
            for (_, kind), index in zip(known[step.call].handles, call.handles, strict=True):
                used[kind] = max(used.get(kind, 1), index)
    return used


def _save(spec: Specification[Any], path: str, trace: Trace) -> str:
    from callproof.model.instantiate import instantiate
    from callproof.trace.writing import sorts_of, write_trace

    write_trace(path, trace, sorts_of(instantiate(spec, {})))
    return f"saved {len(trace.steps)} steps to {path}"
