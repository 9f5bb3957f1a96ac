"""Logs judged: conforming ones pass, planted breaches are found and blamed on the right side."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from callproof.errors import Exit, InputError
from callproof.monitor import Blame, MonitorResult, Settings, monitor
from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.support.recorded import CALLS, Recording, line_of, text

MACHINE = OpenMachine(SPEC)
PLAIN = Settings()


def recording(seed: int, *, hide: bool = False) -> Recording:
    return Recording(random.Random(seed), MACHINE, hide)


def judged(tmp_path: Path, lines: list[dict[str, Any]], settings: Settings = PLAIN, **head: Any) -> MonitorResult:
    file = tmp_path / "a.jsonl"
    file.write_text(text(lines, **head), encoding="utf-8")
    return monitor(SPEC, str(file), settings, machine=MACHINE)


COMPILED = [
    {"call": "GEInitializeV2", "returned": 0},
    {"call": "AddGraph", "args": {"graph_id": 1}, "returned": 0},
    {"call": "CompileGraph", "args": {"graph_id": 1}, "returned": 0, "result": {
        "is_static": True, "is_refreshable": False, "const_size": "512", "feature_size": "10240",
        "fixed_size": "2048", "p2p_fixed_size": "0", "refreshable_size": "8192"}},
    {"call": "aclrtMalloc", "args": {"block": "0x10000", "size": 65536}, "returned": 0,
     "result": {"memory": "0x10000"}},
    {"call": "UpdateGraphFeatureMemoryBase", "args": {"graph_id": 1, "memory": "0x10000", "size": "0x2800"},
     "returned": "SUCCESS"},
]  # fmt: skip


@pytest.mark.parametrize("hide", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_log_of_accepted_calls_shows_nothing(tmp_path: Path, seed: int, hide: bool) -> None:
    lines = list(recording(seed, hide=hide).lines(150))
    result = judged(tmp_path, lines)
    assert len(lines) == result.lines == 150
    assert (result.findings, result.problems, result.exit) == ((), (), Exit.OK)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_breach_is_blamed_on_the_right_side(tmp_path: Path, seed: int) -> None:
    made = recording(seed)
    lines = list(made.lines(30 + seed))
    planted = {Blame.CALLER: 0, Blame.DRIVER: 0, Blame.HAZARD: 0}
    for call in CALLS:
        for _ in range(2):
            handles, args, results = made.draw(call)
            taken = MACHINE.judge(made.world, call, handles, args, results)
            shape = MACHINE.shape(call)
            verdict = taken.verdicts[0].value
            if shape.is_event or taken.against or taken.open:
                continue
            accepted, refused = (line_of(shape, call, handles, args, results, answer) for answer in (0, 1))
            expected = {
                "must_accept": (None, Blame.DRIVER),
                "must_reject": (Blame.DRIVER, Blame.CALLER),
                "may": (Blame.HAZARD, None),
                "undefined": (Blame.CALLER, Blame.CALLER),
            }[verdict]
            for line, blame in zip((accepted, refused), expected, strict=True):
                found = judged(tmp_path, [*lines, line]).findings
                assert [f.blame for f in found] == ([] if blame is None else [blame]), (call, verdict)
                if blame is not None:
                    planted[blame] += 1
                    assert found[0].line == len(lines) + 2
                    if verdict != "must_accept":
                        assert {c.id for c in found[0].cited} <= {c.id for c in taken.failing}
                        assert found[0].cited
    assert planted[Blame.DRIVER] > 3
    assert planted[Blame.CALLER] > 3


def test_the_slice_names_the_call_that_made_the_clause_fail(tmp_path: Path) -> None:
    again = {"call": "UpdateGraphRefreshableFeatureMemoryBase", "returned": 0,
             "args": {"graph_id": 1, "memory": "0x14000", "size": 8192}}  # fmt: skip
    (found,) = judged(tmp_path, [*COMPILED, again]).findings
    assert [c.id for c in found.cited] == ["R8"]
    assert [e.line for e in found.earlier] == [6]
    assert found.earlier[0].makes == ("graphs[1].feature.bound = true",)
    assert dict(found.before)["graphs[1].phase"] == "COMPILED"


def test_memory_that_was_freed_is_explained_by_the_line_that_freed_it(tmp_path: Path) -> None:
    lines = [
        *COMPILED[:4],
        {"call": "aclrtFree", "args": {"block": "0x10000"}, "returned": 0},
        COMPILED[4],
    ]
    (found,) = judged(tmp_path, lines).findings
    assert found.blame is Blame.CALLER
    assert [c.id for c in found.cited] == ["live-region"]
    assert [e.line for e in found.earlier] == [6]


def test_a_removed_graph_is_explained_by_its_removal(tmp_path: Path) -> None:
    remove = {"call": "RemoveGraph", "args": {"graph_id": 1}, "returned": 0}
    (found,) = judged(tmp_path, [*COMPILED, remove, remove]).findings
    assert (found.blame, [e.line for e in found.earlier]) == (Blame.DRIVER, [7])


def test_sessions_have_graphs_of_their_own_and_share_the_process(tmp_path: Path) -> None:
    lines = [COMPILED[0], *({**COMPILED[1], "session": n} for n in (1, 2, "x")), {**COMPILED[1], "session": 2}]
    result = judged(tmp_path, lines)
    assert [(f.line, f.session) for f in result.findings] == [(6, "2")]
    assert result.sessions == 3
    freed = [COMPILED[0], COMPILED[3], {"call": "aclrtFree", "args": {"block": "0x10000"}}]
    rest = [{**line, "session": 1} for line in (COMPILED[1], COMPILED[2], COMPILED[4])]
    (found,) = judged(tmp_path, [*freed, *rest]).findings
    assert [c.id for c in found.cited] == ["live-region"]
    closed = [*lines[:2], {"call": "@close", "session": 1}, {**COMPILED[1], "session": 1}]
    assert judged(tmp_path, closed).findings == ()


def test_a_session_has_options_of_its_own(tmp_path: Path) -> None:
    started = {"call": "@open", "session": 1, "args": {"ge.featureBaseRefreshable": "0"}}
    compile_ = {**COMPILED[2], "session": 1, "result": {**COMPILED[2]["result"], "is_refreshable": True}}  # type: ignore[dict-item]
    add = {**COMPILED[1], "session": 1}
    assert judged(tmp_path, [COMPILED[0], add, compile_]).findings == ()
    (found,) = judged(tmp_path, [COMPILED[0], started, add, compile_]).findings
    assert (found.blame, [c.id for c in found.cited]) == (Blame.DRIVER, ["S6"])


def test_ten_thousand_graphs_come_and_go_and_thousands_live(tmp_path: Path) -> None:
    add = [{"call": "AddGraph", "args": {"graph_id": n}, "returned": 0} for n in range(3000)]
    gone = [
        {"call": call, "args": {"graph_id": n}, "returned": 0}
        for n in range(5000, 8000)
        for call in ("AddGraph", "RemoveGraph")
    ]
    wrong = {"call": "AddGraph", "args": {"graph_id": 1234}, "returned": 0}
    result = judged(tmp_path, [COMPILED[0], *add, *gone, wrong])
    assert [(f.line, [e.line for e in f.earlier]) for f in result.findings] == [(9003, [1237])]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"call": "AddGrap", "args": {"graph_id": 1}}', "unknown call 'AddGrap'; did you mean AddGraph?"),
        ('{"call": "AddGraph", "args": {"graph_id": -1}}', "args.graph_id: -1 is outside 0 to 2**64 - 1"),
        ('{"call": "AddGraph", "args": {"graph_id": "1 "}}', "args.graph_id: '1 ' is no number"),
        ('{"call": "AddGraph", "args": {}}', "args: object missing required field `graph_id`"),
        ('{"call": "AddGraph"', "no JSON: input data was truncated"),
        ('{"call": "AddGraph", "args": {"graph_id": 1}, "colour": 1}', "object contains unknown field `colour`"),
        ('["call"]', "expected `object`, got `array`"),
        (f'{{"call": "GEFinalizeV2", "session": "{"s" * 300}"}}', "session: expected `str` of length <= 256"),
        ('{"a":' * 5000, "nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_problem(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"call":"GEInitializeV2","returned":0}\n' + line + "\n" + '{"call":"GEFinalizeV2","returned":0}\n')
    result = monitor(SPEC, str(file), machine=MACHINE)
    assert (result.lines, result.exit) == (2, Exit.USAGE)
    assert [(p.line, p.message) for p in result.problems] == [(2, message)]


def test_the_last_line_may_be_cut_off_and_long_ones_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"call":"GEInitializeV2","returned":0}\n' + b"x" * (50 << 20) + b'\n{"call":"GEFin')
    result = monitor(SPEC, str(file), machine=MACHINE)
    assert result.lines == 1
    assert [p.line for p in result.problems] == [2]
    assert any("cut off" in note for note in result.notes)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\0\0\0", "binary"),
        (b'{"format": "callproof-log", "version": 2}\n', "version: 2 is unknown"),
        (b'{"format": "other", "version": 1}\n', "is not 'callproof-log'"),
        (b'{"format": "callproof-log", "version": 1, "spec": "dma"}\n', "the log is of 'dma'"),
        (b'{"format": "callproof-log", "version": 1, "options": {"x": "1"}}\n', "unknown option 'x'"),
        (b'{"format": "callproof-log", "version": 1, "readings": {"R2": "x"}}\n', "no reading 'x'"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(data)
    with pytest.raises(InputError, match=message):
        monitor(SPEC, str(file), machine=MACHINE)


def test_what_a_log_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    line = {"call": "AddGraph", "args": {"graph_id": 1}, "returned": "\x1b[31mSUCCESS\r\n", "session": "\x1b]0;x\x07"}
    (found,) = judged(tmp_path, [COMPILED[0], line]).findings
    assert json.dumps(found.call).isprintable()
    assert found.call.isprintable()
    assert found.session.isprintable()


def test_what_an_overlapping_breach_explains_is_nobody_elses(tmp_path: Path) -> None:
    """A run on freed memory is the caller's breach, but it did happen: its callback, which overlaps it, is in order."""
    lines = [{**line, "begin": 10 * n, "end": 10 * n + 5} for n, line in enumerate(COMPILED)]
    lines += [
        {"call": "aclrtFree", "args": {"block": "0x10000"}, "returned": 0, "begin": 100, "end": 105},
        {"call": "run callback", "args": {"graph_id": 1}, "begin": 120, "end": 120},
        {"call": "RunGraphAsync", "args": {"graph_id": 1, "tensor": "0x0"}, "returned": 0, "begin": 110, "end": 130},
    ]
    assert [(f.blame, f.line) for f in judged(tmp_path, lines).findings] == [(Blame.CALLER, 1 + len(lines))]
