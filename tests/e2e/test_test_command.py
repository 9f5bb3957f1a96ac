"""`callproof test`, `replay` and `compare` as a person runs them, on drivers that take no time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from callproof.trace import read_trace

ROOT = Path(__file__).parents[2]
SPEC = "examples/dma.py:SPEC"
DRIVERS = "tests/support/dma_driver.py"


def run(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "callproof", *words]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, check=False, env={**os.environ, **(env or {})}, timeout=120
    )


def tried(driver: str, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return run("test", f"{DRIVERS}:{driver}", "--spec", SPEC, "--walks", "3", "--timeout", "1", *words, env=env)


def findings(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, list[str], int]]:
    """Sort, call, clauses and length of each finding of a JSON result."""
    found = json.loads(done.stdout)["findings"]
    return [(f["sort"], f["call"], f["clauses"], len(f["trace"]["steps"])) for f in found]


def test_a_good_driver_conforms() -> None:
    done = tried("Dma", "--json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["findings"] == []
    assert document["edges"]["taken"] == document["edges"]["takeable"] == 7
    assert [(row["call"], row["clause"], row["status"]) for row in document["clauses"]] == [
        ("dma_set_buffer", "H1", "covered"), ("dma_start", "D1", "covered")
    ]  # fmt: skip


def test_the_text_says_what_was_covered() -> None:
    done = tried("Dma", "-v")
    assert "clauses: 2 of 2 that can fail alone" in done.stdout
    assert "edges:   7 of 7" in done.stdout
    assert done.stdout.endswith("dma-toy conforms to dma\n")
    assert tried("Dma", "-q").stdout == "dma-toy conforms to dma\n"


@pytest.mark.parametrize(
    ("driver", "code", "expected"),
    [
        ("Unbound", 1, ("accepted", "dma_start", ["D1"], 1)),
        ("Lazy", 1, ("refused", "dma_start", [], 3)),
        ("Careless", 0, ("hazard", "dma_set_buffer", ["H1"], 3)),
        ("Dies", 6, ("crashed", "dma_start", ["D1"], 1)),
        ("Raises", 6, ("raised", "dma_start", [], 3)),
        ("Hangs", 6, ("hung", "dma_start", [], 3)),
    ],
)
def test_each_defect_is_found_and_shrunk(driver: str, code: int, expected: object) -> None:
    done = tried(driver, "--json", "-")
    assert done.returncode == code, done.stderr
    assert findings(done) == [expected]


def test_hazards_can_fail() -> None:
    assert tried("Careless", "-q", "--hazards", "fail").returncode == 1
    assert tried("Careless", "-q", "--layer", "hardened").returncode == 1
    assert tried("Careless", "-q").stdout == "dma-toy conforms to dma: 1 hazard\n"


def test_what_comes_and_goes_is_called_so(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    done = tried("Fickle", "--json", "-", env={"FICKLE": str(flag)})
    assert done.returncode == 1
    assert [f["deterministic"] for f in json.loads(done.stdout)["findings"]] == [False]


def test_a_call_that_the_driver_lacks_is_no_fault() -> None:
    done = tried("Shut", "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["edges"]["taken"] == json.loads(done.stdout)["edges"]["takeable"] < 7


def test_what_was_covered_before_a_crash_counts() -> None:
    done = tried("DiesLate", "--suite", "edges", "--json", "-")
    assert done.returncode == 6, done.stderr
    assert findings(done) == [("crashed", "dma_set_buffer", [], 2)]
    document = json.loads(done.stdout)
    assert 0 < document["edges"]["taken"] < document["edges"]["takeable"] == 7
    rows = {row["call"]: row for row in document["clauses"]}
    assert rows["dma_set_buffer"]["holds"]["accepted"] > 0


def test_equal_input_gives_equal_bytes() -> None:
    def document(jobs: str, seed: str) -> object:
        env = {"PYTHONHASHSEED": seed}
        made = json.loads(tried("Unbound", "--json", "-", "--jobs", jobs, env=env).stdout)
        del made["seconds"]
        return made

    assert document("1", "1") == document("3", "2")


def test_a_corpus_is_written_and_replayed(tmp_path: Path) -> None:
    corpus, report = tmp_path / "corpus", tmp_path / "junit.xml"
    done = tried("Unbound", "-q", "--corpus", str(corpus), "--junit", str(report))
    assert done.returncode == 1
    [file] = corpus.iterdir()
    assert file.name == "accepted-dma_start-D1.trace.json"
    assert [step.call for step in read_trace(str(file)).steps] == ["dma_start"]
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")

    def replayed(driver: str) -> subprocess.CompletedProcess[str]:
        return run("replay", str(corpus), f"{DRIVERS}:{driver}", "--spec", SPEC)

    assert replayed("Unbound").returncode == 1
    assert "failing" in replayed("Unbound").stdout
    fixed = replayed("Dma")
    assert fixed.returncode == 0
    assert fixed.stdout.endswith("1 fixed, 0 failing, 0 with errors\n")
    assert replayed("Dies").returncode == 6
    (corpus / "bad.trace.json").write_text("{}")
    assert replayed("Dma").returncode == 2


def test_two_drivers_are_compared() -> None:
    def compared(one: str, two: str) -> subprocess.CompletedProcess[str]:
        return run(
            "compare", f"{DRIVERS}:{one}", f"{DRIVERS}:{two}", "--spec", SPEC, "--time", "5s", "--suite", "clauses"
        )

    alike = compared("Dma", "Dma")
    assert alike.returncode == 0, alike.stderr
    assert "answer alike" in alike.stdout
    differ = compared("Dma", "Careless")
    assert differ.returncode == 1, differ.stderr
    assert "differ at dma_set_buffer after 2 calls" in differ.stdout
    assert "A, dma-toy: refuses\n      B, dma-toy: accepts\n" in differ.stdout
    assert "B, dma-toy: crashed" in compared("Dma", "Dies").stdout


def test_bad_usage(tmp_path: Path) -> None:
    for words, message in (
        (["./missing"], "does not exist"),
        ([str(tmp_path)], "is a directory"),
        ([f"{DRIVERS}:Dma", "--suite", "edge"], "unknown suite 'edge'; the suites: all, clauses"),
        ([f"{DRIVERS}:Dma", "--time", "soon"], "--time takes a number of seconds"),
        ([f"{DRIVERS}:Dma", "--layer", "+caller"], "+caller is about callers"),
        ([f"{DRIVERS}:Dma", "--json", str(tmp_path / "no" / "file")], "there is no directory"),
        ([f"{DRIVERS}:Unstartable"], "no device"),
    ):
        done = run("test", *words, "--spec", SPEC)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_program_is_a_driver(tmp_path: Path) -> None:
    host = [sys.executable, "-m", "callproof.drivers.host", f"{DRIVERS}:Dma"]
    assert run("test", "--spec", SPEC, "-q", "--walks", "1", "--", *host).returncode == 0
    html = tmp_path / "html"
    html.write_text("#!/bin/sh\necho '<html>'\nsleep 60\n")
    html.chmod(0o755)
    done = run("test", "--spec", SPEC, "--", str(html))
    assert done.returncode == 6
    assert "broke the protocol" in done.stderr


def test_the_protocol_names_every_call(tmp_path: Path) -> None:
    done = run("driver", "protocol")
    assert done.returncode == 0
    compile(done.stdout, "protocol", "exec")
    assert "def run_callback(self, graph_id: int) -> Status:" in done.stdout
    assert "type: Literal['MEMORY_TYPE_DEFAULT', 'MEMORY_TYPE_P2P']" in done.stdout


def test_the_contract_as_pytest_items(tmp_path: Path) -> None:
    shutil.copy(ROOT / DRIVERS, tmp_path / "dma_driver.py")
    shutil.copy(ROOT / "examples" / "dma.py", tmp_path / "dma.py")
    (tmp_path / "test_contract.py").write_text(
        "from callproof.pytest import conformance\n\n"
        'test_good = conformance("dma_driver.py:Dma", spec="dma.py:SPEC", walks=1)\n'
        'test_bad = conformance("dma_driver.py:Unbound", spec="dma.py:SPEC", walks=1)\n'
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "-p", "no:xdist", "-rA", "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert "test_good[dma_start-D1] PASSED" in done.stdout, done.stdout
    assert "test_good[coverage] PASSED" in done.stdout
    assert "test_bad[dma_start-D1] FAILED" in done.stdout
    assert "test_bad[dma_set_buffer-H1] PASSED" in done.stdout
    assert "dma_start is accepted although D1 fails" in done.stdout
