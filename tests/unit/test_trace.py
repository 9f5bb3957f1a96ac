import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callproof.errors import InputError, UsageError
from callproof.model import instantiate
from callproof.trace import SIZE_LIMIT, Step, Trace, decode_trace, read_trace, sorts_of, trace_text, write_trace
from callproof.trace.files import write_atomically
from ge_memory import SPEC

HEAD = {"format": "callproof-trace", "version": 1, "spec": "ge-memory"}


def document(**changes: object) -> bytes:
    return json.dumps({**HEAD, "steps": [], **changes}).encode()


def step(**changes: object) -> bytes:
    good = {"call": "AddGraph", "args": {"graph_id": 1}}
    return document(steps=[good, good, {**good, **changes}])


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        decode_trace(data, "f.json")
    message = str(caught.value)
    assert message.startswith("f.json: ")
    assert "\n" not in message
    return message.removeprefix("f.json: ")


def test_integers_in_three_spellings() -> None:
    read = decode_trace(step(args={"a": 16, "b": "16", "c": "0x10", "d": True, "e": "SYNC"}, returned="0"))
    assert read.steps[2] == Step("AddGraph", {"a": 16, "b": 16, "c": 16, "d": True, "e": "SYNC"}, 0)
    assert decode_trace(step(returned=-5, result={"x": str(2**64 - 1)})).steps[2].result == {"x": 2**64 - 1}
    assert decode_trace(step(returned=None, result=None)).steps[2].returned is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON: input data was truncated"),
        (b"\x00\x01\xff", "not JSON: invalid character"),
        (b'{"format": "callproof-trace", "version": 1', "not JSON"),
        (b"[1]", "a JSON object is needed"),
        (b"{}", 'the key "format" is missing'),
        (document() + b"x", "not JSON: trailing characters"),
        (document(format="itf"), "format: 'itf' is not 'callproof-trace'"),
        (document(version=2, more=1), "version: 2 is unknown; this is read: 1"),
        (document(version=True), "version: True is unknown"),
        (document(version="x" * 1000), "version: 'xxx"),
        (document(more=1), "object contains unknown field `more`"),
        (document(steps=7), "steps: expected `array`, got `int`"),
        (document(readings={"R2": 1}), "readings.R2: expected `str`, got `int`"),
        (json.dumps(HEAD).encode(), "object missing required field `steps`"),
        (step(more=1), "step 3: object contains unknown field `more`"),
        (step(args=None), "step 3, args: expected `object`, got `null`"),
        (step(call=5), "step 3, call: expected `str`, got `int`"),
        (step(args={"graph_id": 1, "size": 1.5}), "step 3, args.size: expected `bool | int | str`, got `float`"),
        (step(args={"size": [[]]}), "step 3, args.size: expected"),
        (step(args={"size": -1}), "step 3, args.size: -1 is outside 0 to 2**64 - 1"),
        (step(args={"size": "-0x1"}), "step 3, args.size: -1 is outside"),
        (step(args={"size": 2**64}), "step 3, args.size: 18446744073709551616 is outside"),
        (step(args={"size": str(2**64)}), "step 3, args.size: 18446744073709551616 is outside"),
        (step(args={"size": "9" * 6000}), "step 3, args.size: "),
        (step(result={"memory": "0x1" + "0" * 16}), "step 3, result.memory: 18446744073709551616 is outside"),
        (document().replace(b"ge-memory", b"\xff\xfe"), "not JSON: not UTF-8"),
        (b'{"x":' + b"[" * 200_000, "nested too deeply"),
        (step().replace(b'"graph_id": 1', b'"graph_id": 1, "graph_id": 2'), "the key 'graph_id' stands twice"),
        (document().replace(b'"version"', b'"steps": [], "version"'), "the key 'steps' stands twice"),
        (step(args={"a\n\x1b[31m": -1}), r"step 3, args.a\n\x1b[31m: -1 is outside"),
    ],
)
def test_refusals_name_the_place(data: bytes, message: str) -> None:
    assert message in refusal(data)


def test_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callproof.trace.reading.STEP_LIMIT", 2)
    assert refusal(step()) == "3 steps; a trace has at most 2"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    for path, message in (
        (str(tmp_path / "none"), "No such file"),
        (str(tmp_path), "Is a directory"),
        (str(sparse), "longer than 64 MiB"),
        ("/dev/zero", "longer than 64 MiB"),
        ("a\0b", "no such file"),
    ):
        with pytest.raises(InputError, match=message):
            read_trace(path)


def test_a_trace_is_written_by_its_sorts(tmp_path: Path) -> None:
    trace = Trace(
        "ge-memory",
        (
            Step("aclrtMalloc", {"block": 1, "size": 4096}, "SUCCESS", {"memory": 1 << 20}),
            Step("GetCompiledGraphSummary", {"graph_id": 1}, None, {"is_static": True}),
        ),
        origin="test",
    )
    path = tmp_path / "x.trace.json"
    write_trace(path, trace, sorts_of(instantiate(SPEC, {})))
    assert json.loads(path.read_text()) == {
        **HEAD,
        "origin": "test",
        "steps": [
            {
                "call": "aclrtMalloc",
                "args": {"block": 1, "size": "4096"},
                "returned": "SUCCESS",
                "result": {"memory": "0x100000"},
            },
            {"call": "GetCompiledGraphSummary", "args": {"graph_id": 1}, "result": {"is_static": True}},
        ],
    }
    assert read_trace(str(path)) == trace


SORTS = sorts_of(instantiate(SPEC, {}))
CALLS = st.sampled_from(sorted(SORTS))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda text: not text[-1:].isdigit())
VALUES = st.integers(0, 2**64 - 1) | st.booleans() | WORDS.filter(lambda text: "x" not in text.lower())
STEPS = st.builds(
    Step,
    NAMES | CALLS,
    st.dictionaries(NAMES | st.sampled_from(["memory", "size", "tensor", "graph_id"]), VALUES, max_size=3),
    st.none() | st.integers(-(2**63), 2**63) | st.just("SUCCESS"),
    st.none() | st.dictionaries(NAMES, VALUES, max_size=3),
)
SETTINGS = st.dictionaries(NAMES, NAMES, max_size=2)
TRACES = st.builds(Trace, NAMES, st.lists(STEPS, max_size=4).map(tuple), SETTINGS, SETTINGS, st.none() | NAMES)


@given(TRACES)
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
def test_round_trip(trace: Trace) -> None:
    assert decode_trace(trace_text(trace).encode()) == trace
    assert decode_trace(trace_text(trace, SORTS).encode()) == trace


def test_write_atomically(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_atomically(path, "é\n")
    assert path.read_bytes() == "é\n".encode()
    os.chmod(path, 0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_atomically(link, "two")
    assert (path.read_text(), link.is_symlink(), path.stat().st_mode & 0o777) == ("two", True, 0o640)
    assert sorted(tmp_path.iterdir()) == [link, path]
    write_atomically("/dev/null", "x")
    assert not Path("/dev/null").is_file()


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    read_only = tmp_path / "read-only"
    read_only.write_text("kept")
    read_only.chmod(0o444)
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    for path, message in (
        (tmp_path, "it is a directory"),
        (tmp_path / "none" / "x", "there is no directory"),
        (read_only, "the file is read-only"),
        (shut / "x", "is read-only"),
        (read_only / "x", "there is no directory"),
        (tmp_path / ("n" * 300), "File name too long"),
    ):
        with pytest.raises(UsageError, match=message):
            write_atomically(path, "new")
    assert read_only.read_text() == "kept"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["read-only", "shut"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UsageError, match="No space left"):
        write_atomically(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert path.read_text() == "old"
