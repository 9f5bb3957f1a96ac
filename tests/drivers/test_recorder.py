"""`callproof record`: every call of a program is in the log, whatever becomes of the program, and costs it little."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from callproof.cli.bench_recorder import recorder_figures
from callproof.errors import UsageError
from callproof.model.loading import load_specification
from tests.drivers import building

pytestmark = [
    pytest.mark.xdist_group("native"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="calls are recorded on Linux"),
]


def record(out: Path, *words: str | Path, limit: str = "16M", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "record", "--recorder", building.recorder(), "--out", out, "--limit", limit,
         "--", *words],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )  # fmt: skip


def lines(log: Path) -> list[dict[str, Any]]:
    head, *calls = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert (head["format"], head["version"], head["spec"]) == ("callproof-log", 1, "ge-memory")
    return calls


def test_every_call_of_every_thread_is_a_line(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    done = record(out, building.client(), "good", "50")
    assert done.returncode == 0, done.stderr
    calls = lines(out)
    # One session, four threads with a graph each.
    assert Counter(line["call"] for line in calls) == {
        "GEInitializeV2": 1, "@open": 1, "AddGraph": 4, "CompileGraph": 4, "GetCompiledGraphSummary": 4,
        "aclrtMalloc": 4, "UpdateGraphRefreshableFeatureMemoryBase": 200, "RunGraphAsync": 200, "run callback": 200,
        "RemoveGraph": 4, "aclrtFree": 4, "@close": 1, "GEFinalizeV2": 1,
    }  # fmt: skip
    assert done.stderr == f"callproof: {out}: {len(calls)} calls\n"
    of_threads = Counter(line["thread"] for line in calls if line["call"] == "RunGraphAsync")
    assert sorted(of_threads.values()) == [50] * 4
    assert all(line["begin"] <= line["end"] for line in calls)
    for thread in of_threads:
        ends = [line["end"] for line in calls if line["thread"] == thread]
        assert ends == sorted(ends)


def test_a_line_says_what_was_passed_and_what_came_back(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    assert record(out, building.client(), "freed").returncode == 0
    calls = lines(out)
    by_name = {line["call"]: line for line in calls}
    assert by_name["@open"]["args"] == {"ge.featureBaseRefreshable": "1"}
    assert (by_name["AddGraph"]["args"], by_name["AddGraph"]["kind"]) == ({"graph_id": 1}, "refreshable")
    summary = by_name["CompileGraph"]["result"]
    assert summary["is_static"] is True
    assert set(summary) == {
        "is_static", "is_refreshable", "const_size", "feature_size", "fixed_size", "p2p_fixed_size", "refreshable_size",
    }  # fmt: skip
    assert by_name["GetCompiledGraphSummary"]["result"] == summary
    memory = by_name["aclrtMalloc"]["result"]["memory"]
    assert by_name["aclrtMalloc"]["args"] == {"block": memory, "size": "1048576"}
    assert by_name["aclrtFree"]["args"] == {"block": memory}
    update = by_name["UpdateGraphRefreshableFeatureMemoryBase"]
    assert update["args"] == {"graph_id": 1, "memory": memory, "size": summary["refreshable_size"]}
    assert {line.get("session") for line in calls} == {None, 1}
    assert [line["returned"] for line in calls if line["call"] == "RunGraph"] == [0, 0]


def test_every_line_fits_the_specification(tmp_path: Path) -> None:
    from callproof.semantics import shapes

    known = shapes(load_specification("ge-memory"))
    for scene in ("good", "in-flight", "switched-off"):
        out = tmp_path / f"{scene}.jsonl"
        record(out, building.client(), scene, "2")
        for line in lines(out):
            if not line["call"].startswith("@"):
                shape = known[line["call"]]
                names = [name for name, _ in (*shape.handles, *shape.plain)]
                assert list(line["args"]) == names or set(line["args"]) == set(names)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.2])
def test_a_killed_program_leaves_whole_lines(tmp_path: Path, after: float) -> None:
    out = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "callproof", "record", "--recorder", building.recorder(), "--out", out, "--limit",
               "64M", "--", "sh", "-c", f"echo $$; exec {building.client()} forever"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        os.kill(number, signal.SIGKILL)
        _, said = process.communicate()
    assert process.returncode == 128 + signal.SIGKILL
    assert f"{len(lines(out)):,} calls" in said
    assert {line["call"] for line in lines(out)[1:]} & {"UpdateGraphRefreshableFeatureMemoryBase", "aclrtMalloc"}
    assert os.listdir(tmp_path) == ["log.jsonl"]


def test_a_recorder_that_is_asked_to_end_hands_it_on(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "callproof", "record", "--recorder", building.recorder(), "--out", out, "--",
               building.client(), "forever"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert len(lines(out)) > 5
    assert os.listdir(tmp_path) == ["log.jsonl"]


def test_a_full_log_ends_with_a_whole_line(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    done = record(out, building.client(), "good", "200", limit="64K")
    assert done.returncode == 0
    assert "the log is full; the calls from here on are not recorded" in done.stderr
    assert done.stderr.count("the log is full") == 1
    assert 60_000 < out.stat().st_size <= 65_536
    assert len(lines(out)) > 100


def test_each_program_that_is_started_has_a_log(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    client = building.client()
    done = record(out, "sh", "-c", f"{client} freed; {client} freed; exit 7")
    assert done.returncode == 7
    found = sorted(os.listdir(tmp_path))
    assert found[0] == "log.jsonl"
    assert re.fullmatch(r"log\.jsonl\.\d+", found[1])
    first, second = (lines(tmp_path / name) for name in found)
    assert [line["call"] for line in first] == [line["call"] for line in second]


def test_a_program_that_calls_nothing_has_no_log(tmp_path: Path) -> None:
    done = record(tmp_path / "log.jsonl", "true")
    assert (done.returncode, os.listdir(tmp_path)) == (5, [])
    assert "made no call" in done.stderr


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    for words, message in (
        ([tmp_path / "no"], "cannot be started: No such file or directory"),
        ([], "name the program to record"),
    ):
        done = record(out, *words)
        assert (done.returncode, done.stdout, os.listdir(tmp_path)) == (2, "", [])
        assert message in done.stderr
    assert "--limit takes a number of bytes" in record(out, "true", limit="much").stderr
    done = subprocess.run(
        [sys.executable, "-m", "callproof", "record", "--out", out, "--", "true"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"give --recorder, or --include and --lib to make one" in done.stderr


def test_a_recorder_is_made_where_none_is_given(tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "callproof", "record", "--include", building.REFERENCE / "include", "--lib",
         building.library(), "--out", out, "--", building.client(), "freed"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(lines(out)) == 12


def test_the_names_are_those_that_the_compiler_gives() -> None:
    def defined(path: Path) -> set[str]:
        done = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True)
        rows = [line.split() for line in done.stdout.splitlines()]
        return {name for _, kind, name in rows if kind == "T"}

    ours, library = defined(building.recorder()), defined(building.library())
    assert len(ours) >= 25
    assert ours <= library, "the recorder has names that the library lacks"
    # What is looked up behind it is what stands in front: every name but the C functions' is a symbol of the list.
    text = (building.NATIVE / "symbols.hpp").read_text(encoding="utf-8")
    parts = dict(re.findall(r'#define (GE_\w*SETTINGS) "(.*)"', text))
    for name, part in parts.items():
        text = text.replace(f'" {name} "', part).replace(f'" {name}', f'{part}"').replace('""', '"')
    listed = set(re.findall(r'"(_Z\w+)"', text))
    assert {name for name in ours if name.startswith("_Z")} == listed


def test_recording_adds_little_to_a_call() -> None:
    words = [str(building.recorder()), str(building.client()), "laps", "50000"]
    (figure,) = recorder_figures(words, 1e6, lambda _: None)
    assert figure.value > 0
    assert figure.met, f"{figure.value:.2f} microseconds"


def test_a_program_that_says_no_times_cannot_be_measured() -> None:
    recorder = str(building.recorder())
    for words, message in (
        ([recorder], "takes a recorder and a program"),
        (["/no", "true"], "there is no file /no"),
        ([recorder, "/no"], "/no cannot be started"),
        ([recorder, "true"], "true does not end with a line"),
        ([recorder, "echo", '{"calls": 1, "seconds": 1}'], "echo makes no call that"),
    ):
        with pytest.raises(UsageError, match=message):
            recorder_figures(words, 1.0, lambda _: None)
