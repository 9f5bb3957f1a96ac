"""Overlapping calls are judged as by trying every order; a log that starts in the middle raises no false alarm."""

import itertools
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callproof.monitor import Settings, monitor
from callproof.monitor.judge import Judge
from callproof.monitor.lines import Lines
from callproof.monitor.sessions import Sessions
from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.support.recorded import Recording, text

MACHINE = OpenMachine(SPEC)
LINES = Lines(SPEC, MACHINE)
JUDGE = Judge(MACHINE, LINES.types)

SUMMARY = {"is_static": True, "is_refreshable": False, "const_size": 1, "feature_size": 1, "fixed_size": 0,
           "p2p_fixed_size": 0, "refreshable_size": 1}  # fmt: skip


def call(name: str, graph: int, returned: int) -> dict[str, Any]:
    line: dict[str, Any] = {"call": name, "args": {"graph_id": graph}, "returned": returned, "session": 1}
    if name == "CompileGraph" and returned == 0:
        line["result"] = SUMMARY
    if name == "RunGraphAsync":
        line["args"]["tensor"] = 0
    return line


def timed(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Overlapping calls: accepted ones around the moments at which they took effect; sometimes one of another mood."""
    sessions = Sessions(MACHINE, {}, False)
    JUDGE.take(sessions, 0, msgspec.convert({"call": "GEInitializeV2", "returned": 0}, LINES._union))
    calls = ("AddGraph", "RemoveGraph", "CompileGraph", "RunGraphAsync")
    made: list[dict[str, Any]] = []
    while len(made) < count:
        line = call(rng.choice(calls), rng.choice((1, 1, 2)), 0)
        trial = sessions.copy()
        if JUDGE.take(trial, 0, msgspec.convert(line, LINES._union)).rank and rng.random() < 0.95:
            continue
        sessions, moment = trial, 100 + 10 * len(made)
        made.append({**line, "begin": moment - rng.randrange(25), "end": moment + rng.randrange(1, 25)})
    if rng.random() < 0.4:
        rng.choice(made)["returned"] = 1
    return sorted(made, key=lambda line: (line["end"], line["begin"]))


def some_order(lines: list[dict[str, Any]]) -> bool:
    """Some order that the times allow has nothing wrong."""
    decoded = [msgspec.convert(line, LINES._union) for line in lines]
    for order in itertools.permutations(range(len(lines))):
        if any(lines[b]["end"] <= lines[a]["begin"] for a, b in itertools.combinations(order, 2)):
            continue
        sessions = Sessions(MACHINE, {"ge.featureBaseRefreshable": "1"}, False)
        if not any(JUDGE.take(sessions, n, decoded[n]).rank for n in order):
            return True
    return False


def test_overlapping_calls_are_accepted_if_some_order_is(tmp_path: Path) -> None:
    start = {"call": "GEInitializeV2", "returned": 0, "begin": 0, "end": 1}
    seen = {True: 0, False: 0}
    for seed in range(120):
        lines = [start, *timed(random.Random(seed), 2 + seed % 4)]
        expected = some_order(lines)
        file = tmp_path / "a.jsonl"
        file.write_text(text(lines), encoding="utf-8")
        result = monitor(SPEC, str(file), Settings(window=2 + seed % 9), machine=MACHINE)
        if result.undecided or result.problem_count:
            assert not expected or not result.findings
            continue
        assert (not result.counts) is expected, seed
        seen[expected] += 1
    assert min(seen.values()) > 15


@pytest.mark.parametrize("seed", range(5))
def test_a_suffix_of_a_conforming_log_raises_no_alarm(tmp_path: Path, seed: int) -> None:
    lines = list(Recording(random.Random(seed), MACHINE, hide=bool(seed % 2)).lines(120))
    file = tmp_path / "a.jsonl"
    for start in (1, 3, 10, 30, 60, 100):
        file.write_text(text(lines[start:]), encoding="utf-8")
        result = monitor(SPEC, str(file), Settings(from_unknown=True), machine=MACHINE)
        assert (result.findings, result.problems) == ((), ())


def test_what_the_log_itself_shows_is_judged_from_unknown(tmp_path: Path) -> None:
    bind = {"call": "UpdateGraphFeatureMemoryBase", "returned": 0, "session": 1,
            "args": {"graph_id": 1, "memory": 4096, "size": 64}}  # fmt: skip
    again = {**bind, "call": "UpdateGraphRefreshableFeatureMemoryBase"}
    file = tmp_path / "a.jsonl"
    file.write_text(text([bind, again]), encoding="utf-8")
    (found,) = monitor(SPEC, str(file), Settings(from_unknown=True), machine=MACHINE).findings
    assert [c.id for c in found.cited] == ["R8"]
