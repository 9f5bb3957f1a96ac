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
EVENTS, DECODING, WRONG = 300_000.0, 4.0, 50_000.0
"""The figures to reach, for ge-memory: lines a second, times the time of decoding the same lines, and lines a second
of a log in which each call stands twice, so that many are wrong."""


def monitor_figures(spec: Specification[Any], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """A log of accepted calls on two resources of the first kind, one session after the other."""
    import msgspec

    from callproof.monitor import monitor
    from callproof.parametric import OpenMachine

    tick("judging a log")
    steps = log_steps(spec)
    if not steps:
        return []
    opened = OpenMachine(spec)
    lines = _log(steps, LINES)
    twice = _log([step for step in steps for _ in range(2)], LINES)
    with tempfile.TemporaryDirectory() as folder:
        judging, wrong = (
            _judging(Path(folder) / name, written, lambda path: monitor(spec, path, machine=opened))
            for name, written in (("right", lines), ("wrong", twice))
        )
        decoding = statistics.median(_seconds(lambda: [*map(msgspec.json.decode, lines)]) for _ in range(RUNS))
    rate, of_wrong = len(lines) / judging, len(twice) / wrong
    return [
        Figure("monitor, lines of a log", rate, "/s", pace / rate, EVENTS),
        Figure("  times decoding each line", judging / decoding, "", None, DECODING, at_least=False),
        Figure("  lines where each call stands twice", of_wrong, "/s", pace / of_wrong, WRONG),
    ]


def log_lines(spec: Specification[Any], count: int) -> list[bytes]:
    """About so many lines of a log; none where no call is ever accepted."""
    steps = log_steps(spec)
    return _log(steps, count) if steps else []


def log_steps(spec: Specification[Any]) -> list[dict[str, Any]]:
    """The calls of one session, as lines of a log; none where no call is ever accepted."""
    from callproof.cli.bench_interpreter import walk
    from callproof.model.instantiate import handle_kinds, instantiate
    from callproof.semantics import Machine

    kinds = handle_kinds(spec.state)
    counts = {kind.__name__: 3 if kind is kinds[0] else 2 for kind in kinds}
    return list(_documents(Machine(instantiate(spec, counts)), random.Random(SEED), walk))


def _log(steps: list[dict[str, Any]], count: int) -> list[bytes]:
    """About so many lines: the steps in one session after the other."""
    import msgspec

    return [
        msgspec.json.encode({**step, "session": session})
        for session in range(max(1, count // len(steps)))
        for step in [*steps, {"call": "@close"}]
    ]


def _judging(file: Path, lines: list[bytes], judge: Callable[[str], object]) -> float:
    """The processor time of judging a log, the first time left out, in which functions are generated."""
    file.write_bytes(b"\n".join(lines) + b"\n")
    judge(str(file))
    return statistics.median(_seconds(lambda: judge(str(file))) for _ in range(RUNS))


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
