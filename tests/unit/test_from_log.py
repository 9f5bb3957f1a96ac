"""A recorded log as a trace."""

import json
from pathlib import Path
from typing import Any

import pytest

from callproof.errors import InputError
from callproof.model.loading import load_specification
from callproof.replay import replay
from callproof.reproduce.from_log import NOWHERE, read_log, trace_of_log
from callproof.trace import Trace

GE = load_specification("ge-memory")
SUMMARY = {
    "is_static": True, "is_refreshable": True, "const_size": "4096", "feature_size": "12288", "fixed_size": "4096",
    "p2p_fixed_size": "0", "refreshable_size": "8192",
}  # fmt: skip
HEAD = {"format": "callproof-log", "version": 1, "spec": "ge-memory", "readings": {"R2": "at-least"}}
OPEN = {"call": "@open", "session": 7, "args": {"ge.featureBaseRefreshable": "1", "another.option": "x"}}
START = [
    HEAD,
    {"call": "GEInitializeV2", "returned": 0},
    OPEN,
    {"call": "AddGraph", "args": {"graph_id": 4000}, "returned": 0, "session": 7, "kind": "refreshable"},
    {"call": "CompileGraph", "args": {"graph_id": 4000}, "returned": 0, "result": SUMMARY, "session": 7},
]
MALLOC = {"call": "aclrtMalloc", "args": {"block": "0x7f00", "size": "65536"}, "returned": 0,
          "result": {"memory": "0x7f00"}}  # fmt: skip


def log(folder: Path, *lines: Any) -> str:
    path = folder / "x.jsonl"
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return str(path)


def made(folder: Path, *lines: Any, **more: Any) -> Trace:
    return trace_of_log(GE, log(folder, *lines), **more)


def test_handles_get_small_numbers_and_graphs_their_kinds(tmp_path: Path) -> None:
    load = {"call": "LoadGraph", "args": {"graph_id": 4000, "stream": "0x0"}, "returned": 0, "session": 7}
    trace = made(tmp_path, *START, MALLOC, load)
    assert [dict(step.args) for step in trace.steps[-2:]] == [{"block": 1, "size": 65536}, {"graph_id": 1, "stream": 1}]
    assert (trace.options, trace.readings) == ({"ge.featureBaseRefreshable": "1"}, {"R2": "at-least"})
    assert trace.kinds == {"1": "refreshable"}


def test_what_the_log_does_not_tell_is_chosen_so_that_the_contract_holds(tmp_path: Path) -> None:
    load = {"call": "LoadGraph", "args": {"graph_id": 4000, "stream": "0x0"}, "returned": 0, "session": 7}
    trace = made(tmp_path, *START, load)
    bases = [value for name, value in (trace.steps[-1].result or {}).items() if name.endswith("_base")]
    assert len(bases) == len(set(bases)) >= 3
    assert all(isinstance(base, int) and base >= NOWHERE for base in bases)
    assert all(step.conforms is not False for step in replay(GE, trace).steps)
    assert replay(GE, trace).broken == ()


def test_one_session_and_no_more_than_asked_for(tmp_path: Path) -> None:
    other = {"call": "AddGraph", "args": {"graph_id": 1}, "returned": 0, "session": "b"}
    assert [s.call for s in made(tmp_path, *START, other).steps] == ["GEInitializeV2", "AddGraph", "CompileGraph"]
    assert [s.call for s in made(tmp_path, *START, other, session="b").steps] == ["GEInitializeV2", "AddGraph"]
    assert [s.call for s in made(tmp_path, *START, until=4).steps] == ["GEInitializeV2", "AddGraph"]
    with pytest.raises(InputError, match="there is no session c; there are 7, b"):
        made(tmp_path, *START, other, session="c")


def test_calls_come_in_the_order_of_their_ends_but_before_the_events_that_they_cause(tmp_path: Path) -> None:
    timed = [{**line, "begin": n * 10, "end": n * 10 + 1} for n, line in enumerate(START[1:], 1)]
    ended = {"call": "run callback", "args": {"graph_id": 4000}, "session": 7, "begin": 105, "end": 105}
    run = {"call": "RunGraphAsync", "args": {"graph_id": 4000, "tensor": "0x0"}, "returned": 0, "session": 7,
           "begin": 100, "end": 110}  # fmt: skip
    early = {**MALLOC, "begin": 60, "end": 61}
    trace = made(tmp_path, HEAD, *timed, ended, run, early)
    assert [step.call for step in trace.steps[-3:]] == ["aclrtMalloc", "RunGraphAsync", "run callback"]
    assert all(step.conforms is not False for step in replay(GE, trace).steps)


def test_zero_bytes_are_nothing(tmp_path: Path) -> None:
    first, *rest = [json.dumps(line).encode() for line in START]
    trace = made(tmp_path, first, b"\0" * 100 + rest[0], *rest[1:], b"\0" * 5000, b"")
    assert len(trace.steps) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"x.jsonl:6: no line of a log"),
        (b"\xff\xff", r"x.jsonl:6: no line of a log"),
        ({"call": "Nothing\x1b[0m", "session": 7}, r"x.jsonl:6: unknown call 'Nothing\\x1b\[0m'"),
        (
            {"call": "AddGraph", "args": {}, "session": 7},
            r"x.jsonl: call 4, args.graph_id: AddGraph needs this",
        ),
        ({"call": "AddGraph", "args": {"graph_id": 1, "x": 1}, "session": 7}, r"call 4, args.x: AddGraph has no such"),
        ({"call": "aclrtMalloc", "args": {"block": 1, "size": -1}}, r"call 4, args.size: -1 is outside"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(tmp_path, *START, line)


def test_another_version_and_too_many_handles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="version 2 is unknown"):
        read_log(log(tmp_path, {**HEAD, "version": 2}))
    blocks = [{**MALLOC, "args": {"block": n, "size": 1}, "result": {"memory": n << 20}} for n in range(1, 70)]
    with pytest.raises(InputError, match=r"x.jsonl:70: more than 64 of BlockId: give --until LINE"):
        made(tmp_path, *START, *blocks)
