"""`callproof check --engine`, `--graphs` and `--resource` as a person gives them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DMA = f"{Path(__file__).parents[2] / 'examples' / 'dma.py'}:SPEC"


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", "check", *map(str, args)],
        capture_output=True, check=False, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ["edges", "paths", "chc", "sequences"])
def test_every_engine_finds_the_same_on_the_example(engine: str, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    done = run(DMA, "--engine", engine, "--bound", 4, "--json", file)
    assert done.returncode == 0
    assert "buffer-stable  VIOLATED #1, 3 calls  VIOLATED #1, 3 calls  proved" in done.stdout
    assert ("engine " + engine in done.stdout) == (engine != "edges")
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["engine"], document["word_bits"]) == (engine, 64)
    assert document["any_number_of"] == (["ChannelId"] if engine == "edges" else [])
    scopes = {cell["scope"] for layer in document["layers"] for cell in layer["invariants"] if not cell["trace"]}
    assert scopes == {
        {
            "edges": "any length, any number of ChannelId",
            "chc": "any length, 1 ChannelId",
            "paths": "sequences of up to 4 calls, 1 ChannelId",
            "sequences": "sequences of up to 4 calls, 1 ChannelId",
        }[engine]
    }


def test_narrow_words_are_said_to_be_so() -> None:
    done = run(DMA, "--engine", "chc", "--word-bits", 4, "--layer", "hardened", "-v")
    assert done.returncode == 0
    assert "engine chc, words of 4 bits" in done.stdout
    assert "scope any length, words of 4 bits, 1 ChannelId: buffer-stable" in done.stdout


def test_an_engine_that_does_not_finish_says_unknown() -> None:
    done = run("--engine", "chc", "--layer", "hardened", "--invariant", "disjoint-in-graph", "--budget", 100_000)
    assert done.returncode == 4
    assert "unknown: disjoint-in-graph (hardened): Spacer's budget ran out" in done.stdout


def test_a_number_of_resources_is_literal() -> None:
    done = run(DMA, "--graphs", 2, "--layer", "hardened", "-v")
    assert "2 ChannelId; options of any value" in done.stdout
    assert "scope any length, 2 ChannelId: buffer-stable" in done.stdout
    again = run(DMA, "--resource", "ChannelId=2", "--layer", "hardened", "-v")
    assert [line for line in again.stdout.splitlines() if "solver calls" not in line and "seconds" not in line] == [
        line for line in done.stdout.splitlines() if "solver calls" not in line and "seconds" not in line
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--engine", "spin"], "unknown engine 'spin'; the engines are edges, paths, chc, sequences"),
        (["--word-bits", "4"], "--word-bits is for --engine chc; edges takes words of 64 bits"),
        (["--engine", "chc", "--word-bits", "65"], "--word-bits is a number from 1 to 64, not 65"),
        (["--engine", "chc", "--word-bits", "4"], "RunGraph: the constant 31 does not fit words of 4 bits; it needs 5"),
        (["--graphs", "some"], "--graphs is a number from 1 to 8, or any, not some"),
        (["--graphs", "-1"], "--graphs is a number from 1 to 8, or any, not -1"),
        (["--resource", "StreamId"], "--resource takes NAME=VALUE, not 'StreamId'"),
        (["--resource", "StreamId=0"], "--resource StreamId is a number from 1 to 8, not 0"),
        (["--resource", "Stream=2"], "ge-memory has no resources 'Stream'; it has GraphId, StreamId, BlockId"),
        (["--graphs", "2", "--resource", "GraphId=3"], "--graphs 2 and --resource GraphId=3 contradict each other"),
    ],
)
def test_bad_usage_is_one_line(args: list[str], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith("callproof: ")
    assert len(done.stderr.splitlines()) == 1
