"""What `check`, `test`, `harden` and `monitor` write for other tools: SARIF, JUnit, annotations and events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest

from callproof.cli import main
from tests.support.sarif import sarif_validator

ROOT = Path(__file__).parents[2]
SPEC = "examples/dma.py:SPEC"
DRIVERS = "tests/support/dma_driver.py"
LOG = (
    '{"call": "dma_start", "args": {"channel": 1}, "returned": "SUCCESS"}\n'
    '{"call": "interrupt", "args": {"channel": 1}}\n'
    "no call\n"
)
GITHUB = ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "CI")


@dataclass(frozen=True, slots=True)
class Written:
    """What one run wrote and printed."""

    code: int
    out: str
    err: str
    sarif: dict[str, Any]
    junit: str
    events: list[dict[str, Any]]
    summary: str

    @property
    def results(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sarif["runs"][0]["results"]
        return found


def ran(*words: object, env: dict[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in GITHUB}
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, words)],
        capture_output=True, text=True, cwd=cwd, check=False, env={**clean, **(env or {})}, timeout=120,
    )  # fmt: skip


def written(folder: Path, *words: object, junit: bool = True) -> Written:
    """Run a command with all outlets."""
    sarif, xml, events, summary = (folder / name for name in ("r.sarif", "r.xml", "r.jsonl", "summary.md"))
    summary.write_text("before\n")
    files = ["--sarif", sarif, "--events", events, "--github", *(["--junit", xml] if junit else [])]
    done = ran(*words, *files, env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert "Traceback" not in done.stderr, done.stderr
    return Written(
        done.returncode,
        done.stdout,
        done.stderr,
        json.loads(sarif.read_text()),
        xml.read_text() if junit else "",
        [json.loads(line) for line in events.read_text().splitlines()],
        summary.read_text(),
    )


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A check of the layer that breaks: exit code 1."""
    return written(tmp_path_factory.mktemp("check"), "check", SPEC, "--layer", "documented")


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A test of a driver that lets a hazard through, and lacks nothing else."""
    words = ("test", f"{DRIVERS}:Careless", "--spec", SPEC, "--walks", "3", "--timeout", "5", "--hazards", "fail")
    return written(tmp_path_factory.mktemp("test"), *words)


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(tmp_path_factory.mktemp("harden"), "harden", SPEC, junit=False)


@pytest.fixture(scope="module")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("monitor")
    log = folder / "a log.jsonl"
    log.write_text(LOG)
    return written(folder, "monitor", "--spec", SPEC, log, junit=False)


ALL = ("checked", "tested", "hardened", "monitored")


@cache
def validator(name: str) -> Any:
    """The validator of a schema that stands in a file."""
    schema = json.loads((ROOT / name).read_text())
    return jsonschema.validators.validator_for(schema)(schema)


# -- SARIF ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ALL)
def test_sarif_is_valid(run: str, request: pytest.FixtureRequest) -> None:
    result: Written = request.getfixturevalue(run)
    assert [error.message for error in sarif_validator().iter_errors(result.sarif)] == []
    (only,) = result.sarif["runs"]
    assert only["invocations"][0]["exitCode"] == result.code
    command = only["properties"]["command"]
    driver = "dma-toy/" if command == "test" else ""
    assert only["automationDetails"]["id"] == f"callproof/{command}/dma/{driver}"
    rules = [rule["id"] for rule in only["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for found in only["results"]:
        assert rules[found["ruleIndex"]] == found["ruleId"]
        assert found["kind"] == "fail" or found["level"] == "none"
    prints = [found["partialFingerprints"]["callproof/v1"] for found in only["results"]]
    assert len(prints) == len(set(prints)), "two results share a fingerprint"


def test_sarif_of_a_check_has_one_location_for_each_call(checked: Written) -> None:
    assert checked.code == 1
    (result,) = checked.results
    assert (result["ruleId"], result["kind"], result["level"]) == ("buffer-stable", "fail", "error")
    (flow,) = result["codeFlows"]
    (thread,) = flow["threadFlows"]
    messages = [step["location"]["message"]["text"] for step in thread["locations"]]
    assert [message.partition("(")[0] for message in messages] == ["dma_set_buffer", "dma_start", "dma_set_buffer"]
    assert messages[-1].endswith("let through: H1, the channel is not running (silent: Q1)")
    source = (ROOT / "examples/dma.py").read_text().splitlines()
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in thread["locations"]]
    # The last call stands where the clause is that would have refused it; the others where they are specified.
    assert 'clause("H1"' in source[lines[-1] - 1]
    assert '@SPEC.call("dma_start")' in source[lines[1] - 1]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "examples/dma.py", "uriBaseId": "%SRCROOT%"}
    assert "buffer-stable" in source[place["region"]["startLine"] - 1]
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "H1: the channel is not running (silent: Q1)"


def test_sarif_of_a_test_has_the_clause_as_its_rule(tested: Written) -> None:
    assert tested.code == 1
    (result,) = tested.results
    assert (result["ruleId"], result["level"]) == ("H1", "error")
    (rule,) = tested.sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["text"] == "the channel is not running\n\nSource: silent: Q1"
    assert rule["properties"] == {"citation": "silent: Q1", "tags": ["hardening"]}
    assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == 3


def test_sarif_of_a_log_points_at_its_lines(monitored: Written) -> None:
    assert monitored.code == 2
    lines = {r["ruleId"]: r["locations"][0].get("physicalLocation", {}) for r in monitored.results}
    assert set(lines) == {"D1", "unreadable"}
    # The log lies outside of the directory in which the command was run: a name, and no absolute path.
    assert lines["D1"] == {}
    assert str(ROOT) not in json.dumps(monitored.sarif)


def test_paths_are_relative_wherever_the_specification_lies(tmp_path: Path) -> None:
    out = tmp_path / "r.sarif"
    done = ran("check", ROOT / "examples/dma.py", "--layer", "documented", "--sarif", out, "-q", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    text = out.read_text()
    assert str(ROOT) not in text
    assert json.loads(text)["runs"][0]["results"][0]["locations"][0]["logicalLocations"] == [
        {"name": "buffer-stable", "fullyQualifiedName": "dma/documented/buffer-stable"}
    ]


def test_fingerprints_outlive_lines_and_counterexamples(checked: Written, tmp_path: Path) -> None:
    """The same issue of a specification with other lines and a longer way to it has the same fingerprint."""
    moved = (ROOT / "examples/dma.py").read_text().replace('"""', '"""Moved.\n\n', 1)
    (tmp_path / "dma.py").write_text(moved)
    out = tmp_path / "r.sarif"
    ran("check", "dma.py", "--layer", "documented", "--sarif", out, cwd=tmp_path)
    (before,), (after,) = checked.results, json.loads(out.read_text())["runs"][0]["results"]
    assert before["partialFingerprints"] == after["partialFingerprints"]
    one, two = (r["locations"][0]["physicalLocation"]["region"] for r in (before, after))
    assert one != two


def test_equal_runs_write_equal_bytes(tmp_path: Path) -> None:
    for seed in "12":
        ran("check", SPEC, "--sarif", tmp_path / seed, "-q", env={"PYTHONHASHSEED": seed})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


# -- JUnit ----------------------------------------------------------------------------------------------------------


FORM = {
    "testsuites": ({"tests", "failures"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"properties", "testcase", "system-out"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message"}, set()),
    "error": ({"message"}, set()),
    "skipped": (set(), set()),
    "system-out": (set(), set()),
}
"""What the readers of JUnit XML agree on: the attributes that an element has at the least, and its children."""


@pytest.mark.parametrize("run", ["checked", "tested"])
def test_junit_is_valid(run: str, request: pytest.FixtureRequest) -> None:
    result: Written = request.getfixturevalue(run)
    for element in ElementTree.fromstring(result.junit).iter():
        least, children = FORM[element.tag]
        assert least <= set(element.attrib), element.tag
        assert {child.tag for child in element} <= children, element.tag
    read = junitparser.JUnitXml.fromstring(result.junit.encode())
    suites = list(read)
    cases = [case for suite in suites for case in suite]
    assert read.tests == len(cases) == sum(suite.tests for suite in suites)
    assert read.failures == sum(any(isinstance(r, junitparser.Failure) for r in case.result) for case in cases) == 1


def test_junit_fails_what_the_exit_code_counts(checked: Written, tmp_path: Path) -> None:
    (failure,) = ElementTree.fromstring(checked.junit).iter("failure")
    assert failure.get("message") == "violated by 3 calls"
    assert failure.text is not None
    assert "3. dma_set_buffer(" in failure.text
    done = ran("check", SPEC, "--junit", tmp_path / "all.xml", "-q")
    assert done.returncode == 0
    root = ElementTree.parse(tmp_path / "all.xml").getroot()
    assert root.get("failures") == "0"
    messages = [found.get("message") for found in root.iter("skipped")]
    assert messages == ["violated by 3 calls; this layer is not judged"] * 2


# -- GitHub ---------------------------------------------------------------------------------------------------------


def test_annotations_are_commands_with_file_and_line(checked: Written) -> None:
    commands = [line for line in checked.out.splitlines() if line.startswith("::")]
    (command,) = commands
    head, _, message = command.removeprefix("::").partition("::")
    assert head.startswith("error file=examples/dma.py,line=")
    assert head.endswith(",title=buffer-stable%3A buffer-stable is violated in documented")
    assert message.count("%0A") == 3
    assert checked.out.splitlines()[-1].startswith("dma documented violated")


def test_the_summary_is_added_to(checked: Written) -> None:
    assert checked.summary.startswith("before\n## callproof check: dma\n")
    assert "dma documented violated" in checked.summary
    assert "<details><summary>error: buffer-stable is violated in documented</summary>" in checked.summary


def test_without_a_summary_file_nothing_is_missing() -> None:
    done = ran("check", SPEC, "--github", "-q")
    assert done.returncode == 0
    assert done.stdout.count("::notice ") == 2


def test_a_summary_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = ran("check", SPEC, "--github", "-q", env={"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("cannot be written: Is a directory")


# -- events ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ALL)
def test_every_event_keeps_the_published_schema(run: str, request: pytest.FixtureRequest) -> None:
    result: Written = request.getfixturevalue(run)
    events = validator("docs/schemas/events.schema.json")
    for event in result.events:
        assert [error.message for error in events.iter_errors(event)] == [], event
    assert [event["event"] for event in result.events].count("finished") == 1
    assert (result.events[0]["event"], result.events[-1]["event"]) == ("started", "finished")
    assert result.events[-1]["exit"] == result.code
    assert result.out.splitlines()[-1] == result.events[-1]["verdict"]
    told = [event["fingerprint"] for event in result.events if event["event"] == "issue"]
    assert sorted(told) == sorted(r["partialFingerprints"]["callproof/v1"] for r in result.results)


def test_the_schema_refuses_what_is_no_event() -> None:
    events = validator("docs/schemas/events.schema.json")
    for wrong in ({"event": "finished", "exit": 0}, {"event": "other"}, {"exit": 0}, {"event": "progress", "doing": 1}):
        assert list(events.iter_errors(wrong)), wrong


def test_the_published_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "events"]) == 0
    shown = capsys.readouterr().out
    assert shown == (ROOT / "docs/schemas/events.schema.json").read_text(), "callproof schema events > docs/schemas/..."


def test_what_each_command_tells(checked: Written, tested: Written, hardened: Written) -> None:
    def kinds(result: Written) -> set[str]:
        return {event["event"] for event in result.events} - {"progress"}

    assert kinds(checked) == {"started", "cell", "issue", "finished"}
    assert kinds(tested) == {"started", "clause", "issue", "finished"}
    assert kinds(hardened) == {"started", "repair", "issue", "finished"}
    (repair,) = [event for event in hardened.events if event["event"] == "repair"]
    assert repair["sets"] == [["H1"]]
    assert hardened.code == 0


def test_events_on_standard_output_leave_the_text_to_stderr() -> None:
    done = ran("check", SPEC, "--events", "-")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["exit"] == 0
    assert done.stderr.splitlines()[-1] == lines[-1]["verdict"]


def test_progress_names_the_obligation() -> None:
    done = ran("check", SPEC, "--no-cache", "--events", "-", "--layer", "hardened")
    doing = [event["doing"] for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "progress"]
    assert "hardened: proving buffer-stable across dma_set_buffer" in doing


def test_an_error_is_the_last_event(tmp_path: Path) -> None:
    done = ran("check", "no-such", "--events", "-")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, last["event"], last["exit"]) == (2, "finished", 2)
    assert f"callproof: {last['verdict']}" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "-", "--events", "-"),
        ("--sarif", "-"),
        ("--junit", "no-such/r.xml"),
        ("--events", "no-such/e.jsonl"),
        ("--sarif", "/"),
    ],
    ids=" ".join,
)
def test_wrong_outlets_are_refused_in_one_line_before_the_work(words: tuple[str, ...]) -> None:
    done = ran("check", SPEC, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("callproof: ")


def test_a_document_on_standard_output_stands_alone() -> None:
    done = ran("check", SPEC, "--json", "-", "--github")
    assert json.loads(done.stdout)["exit"] == 0
    assert "::notice " in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_disk_is_an_error_in_one_line() -> None:
    done = ran("check", SPEC, "--events", "/dev/full", "-q")
    assert done.returncode == 2
    assert done.stderr == "callproof: --events /dev/full: cannot be written: No space left on device\n"


def test_an_interrupted_run_says_so_in_its_last_event(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    command = [sys.executable, "-m", "callproof", "check", "--no-cache", "--events", str(events), "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (events.exists() and b'"progress"' in events.read_bytes()):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    last = json.loads(events.read_text().splitlines()[-1])
    assert (last["event"], last["verdict"], last["exit"]) == ("finished", "interrupted", 130)
    assert err.decode().splitlines()[-1] == "callproof: interrupted"


def test_a_driver_gives_the_runner_no_orders(tmp_path: Path) -> None:
    """What a driver says of itself is shown to people, and is neither a workflow command nor markup."""
    (tmp_path / "evil.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT / 'tests/support')!r})\n"
        "from dma_driver import Careless\n"
        "class Evil(Careless):\n"
        "    driver, version = '::stop-commands::x ##[add-mask]y <img src=x> `z`', '\\n::error::v'\n"
    )
    summary = tmp_path / "summary.md"
    done = ran(
        "test", f"{tmp_path}/evil.py:Evil", "--spec", SPEC, "--suite", "clauses", "--github", "--timeout", "10",
        env={"GITHUB_STEP_SUMMARY": str(summary)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    orders = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]
    assert [order.partition(" ")[0] for order in orders] == ["::warning"]
    assert "##[" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith(": :stop-commands")
    assert "<img" not in summary.read_text()
    assert "`" not in summary.read_text()
