"""--executor dask://...: a real cluster of four processes on this machine, of which some die.

One group, so that one worker of the test run has the cluster to itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callproof.errors import UsageError
from callproof.work import Campaign, Lost, Task, in_process
from callproof.work.probe import Probe
from tests.e2e.test_jobs import DMA, ROOT, document, run, started

pytest.importorskip("distributed", reason="the package distributed is not installed: pip install '.[cluster]'")
pytestmark = pytest.mark.xdist_group("cluster")
WORKERS = 4


def begun(words: list[str], folder: Path, **env: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([*(p for p in sys.path if p), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", **env}
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    with (folder / f"{words[0]}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=env)


def worker(address: str, folder: Path, count: int, **env: str) -> subprocess.Popen[bytes]:
    """Workers as the documentation says: each with one thread, under a nanny that replaces those that die."""
    words = ["worker", address, "--nworkers", str(count), "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    return begun([*words, "--local-directory", str(folder)], folder, **env)


def scheduler(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    return begun(words, folder), f"127.0.0.1:{port}"


def await_workers(address: str, count: int) -> None:
    from distributed import Client

    made: Any = Client
    with made(f"tcp://{address}", timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def ended(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cluster")
    head, address = scheduler(folder)
    hands = worker(f"tcp://{address}", folder, WORKERS)
    try:
        await_workers(address, WORKERS)
        yield f"dask://{address}"
    finally:
        ended(hands, head)


def probe(number: int, **more: object) -> Task:
    return Task("probe", f"probe {number}", msgspec.json.encode(Probe(number, **more)))  # type: ignore[arg-type]


def tried(campaign: Campaign, tasks: list[Task]) -> list[bytes | Lost]:
    return campaign.run(tasks)


def test_a_check_says_the_same_as_one_process(cluster: str) -> None:
    ring = "examples/ring.py:SPEC"
    here = run("check", ring, "--no-cache", "--json", "-")
    there = run("check", ring, "--no-cache", "--json", "-", "--executor", cluster)
    assert there[0] == here[0], there[2]
    assert document(there[1]) == document(here[1])


def test_a_driver_is_judged_as_by_one_process(cluster: str) -> None:
    asked = ("test", "tests/support/dma_driver.py:Careless", "--spec", DMA, "--json", "-")
    here, there = run(*asked), run(*asked, "--executor", cluster)
    assert there[0] == here[0], there[2]
    assert document(there[1]) == document(here[1])


def test_a_worker_that_is_killed_loses_and_doubles_nothing(cluster: str, tmp_path: Path) -> None:
    """One task takes its worker along the first time; the nanny begins another, and the task is done once more."""
    tasks = [probe(n, seconds=0.05, mark=str(tmp_path / str(n)), dies=int(n == 3)) for n in range(12)]
    with in_process(url=cluster) as campaign:
        assert tried(campaign, tasks) == [str(n).encode() for n in range(12)]
    assert (tmp_path / "3").read_text().count("tried") == 2


def test_a_check_whose_workers_are_killed_in_the_middle(cluster: str) -> None:
    from distributed import Client

    asked = ("check", "--layer", "hardened", "--invariant", "const-fits", "--no-cache")
    here = document(run(*asked, "--json", "-")[1])
    process = started(*asked, "--json", "-", "--executor", cluster)
    made: Any = Client
    with made(cluster.replace("dask", "tcp"), timeout=30, set_as_default=False) as client:
        busy: list[int] = []
        until = time.monotonic() + 60
        while not busy and time.monotonic() < until:
            time.sleep(0.05)
            busy = [name for name, keys in client.processing().items() if keys]
        pids = client.run(os.getpid, workers=busy[:1])
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    assert pids, "the premise"
    assert process.returncode == 0, err
    assert document(out) == here


def test_a_driver_that_kills_its_worker_is_reported_and_the_workers_live_on(cluster: str, tmp_path: Path) -> None:
    driver = tmp_path / "killer.py"
    driver.write_text(
        "import os\n"
        "from tests.support.dma_driver import Dma\n"
        "class Killer(Dma):\n"
        "    def dma_start(self, channel):\n"
        "        os.kill(os.getppid(), 9)\n"
        "        return 0\n"
    )
    asked = ("test", f"{driver}:Killer", "--spec", DMA, "--suite", "clauses", "--json", "-")
    with in_process(url=cluster) as campaign:
        before = tried(campaign, [probe(1)])
    code, out, err = run(*asked, "--executor", cluster)
    assert code == 6, err
    (finding,) = json.loads(out)["findings"]
    assert finding["sort"] == "crashed"
    assert "its worker died, twice, while it played clauses" in finding["message"]
    with in_process(url=cluster) as campaign:
        assert tried(campaign, [probe(1)]) == before


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    """The same version number, but a file of it is another: results could be others as well."""
    copy = tmp_path / "checker"
    shutil.copytree(ROOT / "checker", copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "callproof" / "limits.py").open("a") as file:
        file.write("CHANGED = 1\n")
    head, address = scheduler(tmp_path)
    others = [p for p in sys.path if p and Path(p) != ROOT / "checker"]
    hands = worker(f"tcp://{address}", tmp_path, 1, PYTHONPATH=os.pathsep.join([str(copy), *others]))
    try:
        await_workers(address, 1)
        code, out, err = run("check", DMA, "--no-cache", "--executor", f"dask://{address}")
    finally:
        ended(hands, head)
    assert (code, out) == (2, b"")
    assert err.count(b"\n") == 1, err
    assert b"from other source files" in err


def test_where_no_scheduler_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"dask://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UsageError, match="no Dask scheduler answers there"), in_process(url=url):
            pass


def test_a_cluster_without_workers_is_refused(tmp_path: Path) -> None:
    head, address = scheduler(tmp_path)
    try:
        code, _, err = run("check", DMA, "--no-cache", "--executor", f"dask://{address}")
    finally:
        ended(head)
    assert code == 2
    assert b"has no workers" in err
    assert err.count(b"\n") == 1, err
