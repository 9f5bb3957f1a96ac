"""How fast logs are judged, beside merely decoding their lines."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callproof.cli.figures import Figure

if TYPE_CHECKING:
    from callproof.model.specification import Specification
    from callproof.semantics import Machine

SEED, STEPS, LINES, RUNS = 1, 2_000, 100_000, 3
EVENTS, DECODING = 300_000.0, 4.0
"""The figures to reach, for ge-memory: lines a second, and times the time of decoding the same lines."""


def monitor_figures(spec: Specification[Any], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """A log of accepted calls on two resources of the first kind, one session after the other."""
    import msgspec

    from callproof.monitor import monitor
    from callproof.parametric import OpenMachine

    tick("judging a log")
    lines = log_lines(spec, LINES)
    if not lines:
        return []
    opened = OpenMachine(spec)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log.jsonl"
        file.write_bytes(b"\n".join(lines) + b"\n")
        monitor(spec, str(file), machine=opened)
        judging = statistics.median(_seconds(lambda: monitor(spec, str(file), machine=opened)) for _ in range(RUNS))
        decoding = statistics.median(_seconds(lambda: [*map(msgspec.json.decode, lines)]) for _ in range(RUNS))
    rate = len(lines) / judging
    return [
        Figure("monitor, lines of a log", rate, "/s", pace / rate, EVENTS),
        Figure("  times decoding each line", judging / decoding, "", None, DECODING, at_least=False),
    ]


def log_lines(spec: Specification[Any], count: int) -> list[bytes]:
    """About so many lines of a log; none where no call is ever accepted."""
    import msgspec

    from callproof.cli.bench_interpreter import walk
    from callproof.model.instantiate import handle_kinds, instantiate
    from callproof.semantics import Machine

    kinds = handle_kinds(spec.state)
    counts = {kind.__name__: 3 if kind is kinds[0] else 2 for kind in kinds}
    closed = Machine(instantiate(spec, counts))
    steps: list[dict[str, Any]] = list(_documents(closed, random.Random(SEED), walk))
    return [
        msgspec.json.encode({**step, "session": session})
        for session in range(max(1, count // len(steps)) if steps else 0)
        for step in [*steps, {"call": "@close"}]
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _documents(machine: Machine, rng: random.Random, walk: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The accepted calls of a walk as lines of a log."""
    from callproof.semantics import decode
    from callproof.trace.writing import written

    actions = {id(compiled.step): compiled.action for compiled in machine.compiled}
    for step, args, results in walk(machine, rng, STEPS)[0]:
        action = actions[id(step)]
        document: dict[str, Any] = {"call": action.call}
        given: dict[str, Any] = {name: index for name, _, index in action.handles}
        given |= {p.name: written(decode(v, p.var.sort), p.var.sort) for p, v in zip(action.params, args, strict=True)}
        if given:
            document["args"] = given
        document["returned"] = "SUCCESS"
        if action.results:
            document["result"] = {
                r.name: written(decode(v, r.var.sort), r.var.sort) for r, v in zip(action.results, results, strict=True)
            }
        yield document
