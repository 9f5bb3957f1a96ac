"""`callproof check` as a person runs it: a process of its own, judged by its exit code and what it prints."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callproof.errors import InternalError
from callproof.model import ALL_LAYERS
from callproof.replay import certify
from callproof.trace import Trace, decode_trace
from ge_memory import SPEC

pytestmark = pytest.mark.xdist_group("check")
"""One worker runs them all, so that the full check runs once (needs `--dist loadgroup`)."""

VIOLATED = {"no-wrap", "disjoint-in-graph", "stable-while-running", "loaded-backed", "off-then-no-refreshable"}


def run(*args: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, args)],
        capture_output=True, check=False, text=True, encoding="utf-8", timeout=timeout,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Full:
    """The full check and what it wrote."""

    code: int
    out: str
    err: str
    document: dict[str, Any]
    traces: Path

    def verdicts(self, layer: str) -> dict[str, str]:
        return verdicts(self.document, layer)

    def examples(self) -> Iterator[tuple[str, str, Path, Trace]]:
        """Layer, invariant, file and trace of every violated cell."""
        for layer in self.document["layers"]:
            for cell in layer["invariants"]:
                if cell["trace"] is not None:
                    path = self.traces / f"{cell['counterexample']:02}-ge-memory.trace.json"
                    yield layer["layer"], cell["id"], path, decode_trace(json.dumps(cell["trace"]).encode(), "json")


def verdicts(document: dict[str, Any], name: str) -> dict[str, str]:
    layer = next(layer for layer in document["layers"] if layer["layer"] == name)
    return {cell["id"]: cell["verdict"] for cell in layer["invariants"]}


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Full:
    folder = tmp_path_factory.mktemp("check")
    done = run("check", "--json", folder / "out.json", "--traces", folder / "traces")
    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return Full(done.returncode, done.stdout, done.stderr, document, folder / "traces")


# -- the full check -------------------------------------------------------------------------------------------------


def test_the_hardened_contract_is_proved(full: Full) -> None:
    assert full.code == 0
    assert set(full.verdicts("hardened")) == set(SPEC.invariants)
    assert set(full.verdicts("hardened").values()) == {"proved"}


def test_the_documented_contract_is_not(full: Full) -> None:
    found = full.verdicts("documented")
    assert {id for id, verdict in found.items() if verdict == "violated"} >= VIOLATED
    assert set(found.values()) == {"proved", "violated"}


def test_a_stronger_layer_proves_more(full: Full) -> None:
    proved = [
        {id for id, verdict in full.verdicts(layer).items() if verdict == "proved"}
        for layer in ("documented", "+caller", "hardened")
    ]
    assert proved[0] < proved[1] < proved[2]


def test_the_text(full: Full) -> None:
    lines = full.out.splitlines()
    assert lines[-1].startswith("ge-memory hardened holds (documented: ")
    assert lines[-1].endswith(f"hardened: all {len(SPEC.invariants)} proved)")
    header = next(
        n for n, line in enumerate(lines) if line.split() == ["invariant", "documented", "+caller", "hardened"]
    )
    cells = {line.split()[0]: line for line in lines[header + 1 : lines.index("", header)] if line.startswith("  ")}
    assert set(cells) == set(SPEC.invariants)
    assert "VIOLATED #" in cells["no-wrap"]
    assert "Traceback" not in full.err
    assert all(line.startswith("callproof: ") for line in full.err.splitlines())


def test_the_text_and_the_json_agree(full: Full) -> None:
    lines = full.out.splitlines()
    for layer, id, _, trace in full.examples():
        row = next(line for line in lines if line.startswith(f"  {id} "))
        assert f", {len(trace.steps)} calls" in row, (layer, id)
    graph = full.document["graph"]
    said = " ".join(full.out.split())  # a long line is broken
    assert f"{graph['states']:,} control states, {graph['edges']:,} edges" in said
    assert f"{int(full.document['sequences']['accepted']):,} accepted sequences of 1 to 12 calls" in said


def test_the_json_has_the_keys_that_tools_rely_on(full: Full) -> None:
    made = full.document
    assert (made["format"], made["version"], made["spec"], made["exit"]) == ("callproof-result", 1, "ge-memory", 0)
    assert made["readings"] == {"R2": "at-least", "R7": "fixed"}
    assert made["tool"].keys() >= {"callproof", "z3"}
    assert [layer["layer"] for layer in made["layers"]] == ["documented", "+caller", "hardened"]
    for layer in made["layers"]:
        for cell in layer["invariants"]:
            assert cell.keys() >= {"id", "class", "verdict", "scope", "trace"}
            assert cell["class"] == SPEC.invariants[cell["id"]].cls.value
            assert (cell["trace"] is not None) == (cell["verdict"] == "violated")
            assert cell["scope"].startswith("any length, ")
    assert made["graph"].keys() >= {"states", "edges"}
    assert made["sequences"]["bound"] == 12
    assert made["sequences"]["accepted"].isdecimal()
    assert isinstance(made["sequences"]["exact"], bool)
    assert made["obligations"]["total"] >= made["obligations"]["distinct"] > 0
    assert made["obligations"]["solver_calls"] > 0
    assert made["seconds"].keys() >= {"graph", "proof", "total"}
    assert {row["call"] for row in made["calls"]} == set(SPEC.operations)
    assert all(row["accepted_reachable"] for row in made["calls"])
    assert all(isinstance(row["rejected_reachable"], bool) for row in made["calls"])


def test_the_json_has_a_place_for_the_clauses_a_verdict_needs(full: Full) -> None:
    assert all("needs" in cell for layer in full.document["layers"] for cell in layer["invariants"])


def test_the_trace_files_are_the_traces_of_the_json(full: Full) -> None:
    files = {path: trace for _, _, path, trace in full.examples()}
    assert set(full.traces.iterdir()) == set(files)
    for path, trace in files.items():
        assert decode_trace(path.read_bytes(), str(path)) == trace


def test_each_trace_file_replays_and_breaks_its_invariant_at_the_last_step(full: Full) -> None:
    wanted: dict[Path, set[str]] = {}
    for _, id, path, _ in full.examples():
        wanted.setdefault(path, set()).add(id)
    for path, ids in wanted.items():
        done = run("trace", "replay", path, "--json")
        assert (done.returncode, done.stderr) == (1, ""), path
        answer = json.loads(done.stdout)
        broken: dict[str, set[int]] = {}
        for row in answer["broken"]:
            broken.setdefault(row["invariant"], set()).add(row["step"])
        for id in ids:
            assert broken[id] == {len(answer["steps"])}, (path, id)


def test_no_call_of_a_counterexample_can_be_left_out(full: Full) -> None:
    seen = 0
    for layer, id, _, trace in full.examples():
        certify(SPEC, trace, ALL_LAYERS[layer], id)
        for n in range(len(trace.steps)):
            rest = (*trace.steps[:n], *trace.steps[n + 1 :])
            shorter = Trace(trace.spec, rest, trace.readings, trace.options)
            with pytest.raises(InternalError):
                certify(SPEC, shorter, ALL_LAYERS[layer], id)
            seen += 1
    assert seen > 100


def test_the_exit_code_judges_the_layer_asked_for(full: Full) -> None:
    done = run("check", "--layer", "documented", "-q")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("ge-memory documented violated (documented: ")
    counts = list(full.verdicts("documented").values())
    assert f"{counts.count('proved')} proved, {counts.count('violated')} violated" in line


def test_a_budget_that_is_too_small_proves_nothing_that_is_false(full: Full, tmp_path: Path) -> None:
    """What is proved within a budget of 1 needs no solver; whatever needs one is unknown."""
    done = run("check", "--budget", 1, "--json", tmp_path / "out.json")
    assert done.returncode == 4
    assert done.stdout.splitlines()[-1].startswith("ge-memory hardened unknown (")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["exit"] == 4
    for layer in ("documented", "+caller", "hardened"):
        truth, found = full.verdicts(layer), verdicts(document, layer)
        assert set(found) == set(truth)
        assert all(verdict in ("unknown", truth[id]) for id, verdict in found.items()), layer
    assert "unknown" in verdicts(document, "hardened").values()
