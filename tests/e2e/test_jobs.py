"""--jobs and --resume: the same bytes for any number of workers, killed and resumed, interrupted, or out of memory."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callproof.cli import main
from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.reliability.kills import trial
from tests.support.recorded import Recording

ROOT = Path(__file__).parents[2]
RING, DMA = "examples/ring.py:SPEC", "examples/dma.py:SPEC"
VARYING = re.compile(rb"\d[\d,]* obligations .* s$", re.MULTILINE)
COSTS = ("seconds", "obligations")


def started(*args: object) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*(p for p in sys.path if p), str(ROOT)])}
    command = [sys.executable, "-m", "callproof", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=env)


def run(*args: object) -> tuple[int, bytes, bytes]:
    process = started(*args)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def document(out: bytes) -> str:
    return json.dumps({key: value for key, value in json.loads(out).items() if key not in COSTS})


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Logs that begin too late, of which one ends in a line that is none."""
    folder = tmp_path_factory.mktemp("logs")
    lines = [json.dumps(line) + "\n" for line in Recording(random.Random(3), OpenMachine(SPEC)).lines(60)]
    paths = []
    for number in range(3):
        path = folder / f"{number}.jsonl"
        path.write_text("".join(lines[5 * number :]) + ("{bad\n" if number == 1 else ""))
        paths.append(path)
    return paths


def test_a_check_says_the_same_with_any_number_of_jobs() -> None:
    outputs = {jobs: run("check", RING, "--no-cache", "--jobs", jobs)[1] for jobs in (1, 2)}
    text = {jobs: VARYING.sub(b"", output) for jobs, output in outputs.items()}
    assert text[1] == text[2] != b""
    documents = {document(run("check", RING, "--no-cache", "--jobs", jobs, "--json", "-")[1]) for jobs in (1, 3)}
    assert len(documents) == 1


def test_the_traces_of_ge_memory_are_the_same(tmp_path: Path) -> None:
    """Whose values were once found to depend on what else was solved in the same process."""
    asked = [word for id in ("refreshable-fits", "disjoint-in-graph") for word in ("--invariant", id)]
    for jobs in (1, 2):
        code, _, err = run(
            "check", "--layer", "documented", "--no-cache", *asked, "--jobs", jobs, "--traces", tmp_path / str(jobs)
        )
        assert code == 1, err
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / str(jobs)).iterdir()} for jobs in (1, 2))
    assert one
    assert one == two


def test_logs_are_judged_the_same(logs: list[Path], tmp_path: Path) -> None:
    one, two = (run("monitor", *logs, "--jobs", jobs, "--json", tmp_path / str(jobs)) for jobs in (1, 2))
    assert one == two
    assert one[0] == 2
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_a_log_that_has_grown_is_judged_again(logs: list[Path], tmp_path: Path) -> None:
    log = tmp_path / "growing.jsonl"
    log.write_bytes(logs[0].read_bytes())
    asked = ("monitor", log, "--resume", tmp_path / "kept")
    before = run(*asked)
    log.write_bytes(logs[0].read_bytes() + b'{"call": "AddGraph", "args": {"graph_id": 7}, "returned": 0}\n')
    assert run(*asked)[1] == run("monitor", log)[1] != before[1]


def test_sequences_are_listed_the_same() -> None:
    one, two = (run("sequences", "--bound", 4, "--list", "--jobs", jobs) for jobs in (1, 2))
    assert one == two
    assert one[1].count(b"\n") > 500


def test_a_driver_is_judged_the_same(tmp_path: Path) -> None:
    asked = ("test", "tests/support/dma_driver.py:Careless", "--spec", DMA, "--json", "-")
    plain = run(*asked)
    shared = run(*asked, "--resume", tmp_path / "kept")
    again = run(*asked, "--resume", tmp_path / "kept")
    assert document(plain[1]) == document(shared[1]) == document(again[1])
    assert plain[0] == shared[0] == again[0]


def test_a_driver_that_kills_its_worker_is_reported(tmp_path: Path) -> None:
    """The process that plays the suites dies with it; the campaign does not."""
    driver = tmp_path / "killer.py"
    driver.write_text(
        "import os\n"
        "from tests.support.dma_driver import Dma\n"
        "class Killer(Dma):\n"
        "    def dma_start(self, channel):\n"
        "        os.kill(os.getppid(), 9)\n"
        "        return 0\n"
    )
    asked = ("test", f"{driver}:Killer", "--spec", DMA, "--suite", "clauses", "--resume", tmp_path / "kept")
    code, out, err = run(*asked, "--json", "-")
    assert code == 6, err
    (finding,) = json.loads(out)["findings"]
    assert finding["sort"] == "crashed"
    assert "its worker died, twice, while it played clauses" in finding["message"]


def test_a_campaign_that_is_killed_and_resumed_ends_as_if_it_was_not() -> None:
    outcome = trial(1, seed=2, kinds=("check",))
    assert outcome.kills >= 1
    assert outcome.different == 0


def test_an_interrupt_ends_all_processes_and_leaves_no_partial_file(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    process = started("check", "--no-cache", "--jobs", "2", "--json", out, "--resume", tmp_path / "kept")
    children: list[int] = []
    until = time.monotonic() + 60
    while len(children) < 2 and time.monotonic() < until:
        time.sleep(0.05)
        children = _children(process.pid)
    assert len(children) >= 2, "the premise"
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert time.monotonic() - began < 10
    assert err.decode().splitlines()[-1] == "callproof: interrupted"
    assert not out.exists()
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []
    while any(map(_lives, children)) and time.monotonic() - began < 10:
        time.sleep(0.05)  # Python's own helper, which watches over what processes share, ends a moment later
    assert not [pid for pid in children if _lives(pid)]


def test_workers_that_run_out_of_memory_prove_nothing(tmp_path: Path) -> None:
    """A specification that ends whoever loads it in a worker stands for one that takes too much memory."""
    text = (ROOT / "examples" / "dma.py").read_text()
    path = tmp_path / "heavy.py"
    path.write_text(
        text + "\nimport multiprocessing, os\nif multiprocessing.parent_process():\n    os.kill(os.getpid(), 9)\n"
    )
    code, out, err = run("check", f"{path}:SPEC", "--no-cache", "--jobs", 2)
    assert (code, out) == (4, b"")
    assert err.decode().startswith("callproof: no worker came to a result: its worker died, twice")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("check", DMA, "--jobs", "0"), "--jobs is a number from 1 to 256, or cores"),
        (("check", DMA, "--jobs", "many"), "--jobs is a number"),
        (("check", DMA, "--jobs", "2", "--executor", "dask://h:1"), "leave out --jobs"),
        (("check", DMA, "--executor", "ftp://h:1"), "takes dask://HOST:PORT"),
        (("check", DMA, "--resume", "examples"), "holds no campaign"),
        (("check", DMA, "--jobs", "2", "--certify", "out"), "--certify is done in one process"),
        (("sequences", DMA, "--jobs", "2"), "--count is done in one process"),
        (("monitor", "-", "--jobs", "2"), "judging standard input is done in one process"),
        (("test", "tests/support/dma_driver.py:Dma", "--spec", DMA, "--time", "1", "--resume", "x"), "--time"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_makes_no_sense_is_refused_in_one_line(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(list(args)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert said in err


def _children(pid: int) -> list[int]:
    """Processes that this one has started, Python's helpers included."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
            int(word)
            for task in Path(f"/proc/{pid}/task").iterdir()
            if task.name != str(pid)
            for word in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
