"""Tasks, executors, what is kept of a campaign, and what becomes of workers that die."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from callproof.errors import InternalError, UsageError
from callproof.model.identity import Named
from callproof.model.loading import load_specification
from callproof.work import Campaign, Lost, Task, in_process
from callproof.work.child import perform_in_child
from callproof.work.cluster import scheduler
from callproof.work.keeping import MARK, Kept
from callproof.work.probe import Probe
from callproof.work.processes import Inline, Processes
from callproof.work.stamp import Stamp, differences, stamp
from callproof.work.tasks import TaskError, perform, result_of

STAMP = msgspec.json.encode(stamp())


def probe(number: int, **more: object) -> Task:
    return Task("probe", f"probe {number}", msgspec.json.encode(Probe(number, **more)))  # type: ignore[arg-type]


def test_results_come_in_the_order_of_the_tasks() -> None:
    with ThreadPoolExecutor(3) as executor:
        tasks = [probe(n, seconds=0.02 * (5 - n)) for n in range(5)]
        assert Campaign(executor).run(tasks) == [b"0", b"1", b"2", b"3", b"4"]


def test_a_worker_that_dies_once_is_replaced_and_nothing_is_done_twice(tmp_path: Path) -> None:
    mark = tmp_path / "tries"
    with in_process(2) as campaign:
        assert campaign.run([probe(0), probe(1, mark=str(mark), dies=1), probe(2)]) == [b"0", b"1", b"2"]
    assert mark.read_text().count("tried") == 2


def test_a_task_that_kills_every_worker_is_lost_and_the_others_are_not(tmp_path: Path) -> None:
    with in_process(2) as campaign:
        results = campaign.run([probe(0), probe(1, mark=str(tmp_path / "tries"), dies=-1), probe(2)])
    assert results == [b"0", Lost("its worker died, twice"), b"2"]


def test_a_child_of_a_worker_dies_alone(tmp_path: Path) -> None:
    content = msgspec.json.encode(Probe(3, mark=str(tmp_path / "tries"), dies=-1))
    assert result_of(perform_in_child("probe", content, STAMP)) == Lost("its worker died, twice")
    assert result_of(perform_in_child("probe", msgspec.json.encode(Probe(4)), STAMP)) == b"4"


def test_the_first_error_in_order_is_raised_whichever_came_first() -> None:
    bad = [Task("check", "slow", b'{"bad": 1}'), Task("nothing of the kind", "quick", b"")]
    with ThreadPoolExecutor(2) as executor, pytest.raises(InternalError):
        Campaign(executor).run([probe(0, seconds=0.05), *bad])


def test_an_error_for_a_person_keeps_its_words_and_its_exit_code() -> None:
    named = Named("examples/nothing.py:SPEC", "")
    content = msgspec.json.encode(
        {"spec": named, "path": "x", "content": "", "options": [], "readings": [], "from_unknown": False,
         "hazards": False, "window": 1, "profile": None}
    )  # fmt: skip
    with pytest.raises(TaskError, match=r"no file examples/nothing\.py") as caught:
        Campaign(Inline()).run([Task("log", "x", content)])
    assert caught.value.exit == 2


# -- who may work ---------------------------------------------------------------------------------------------------


def test_another_version_is_refused_in_a_plain_line() -> None:
    theirs = Stamp("9.9", "00", "1.2.3", "2.7")
    with pytest.raises(TaskError, match=r"another: it has .* and not 9\.9, Z3 .* and not 1\.2\.3, Python"):
        result_of(perform("probe", msgspec.json.encode(Probe()), msgspec.json.encode(theirs)))


def test_other_source_files_of_the_same_version_are_another_program() -> None:
    mine = stamp()
    theirs = Stamp(mine.callproof, "00", mine.z3, mine.python)
    assert differences(mine, mine) == ""
    assert "other source files" in differences(mine, theirs)


def test_another_specification_of_the_same_name_is_refused() -> None:
    spec = load_specification("examples/dma.py:SPEC")
    named = Named.of("examples/dma.py:SPEC", spec)
    assert os.path.isabs(named.name)
    assert named.load().name == "dma"
    with pytest.raises(UsageError, match="is another; install the same"):
        Named(named.name, "00" * 20).load()


@pytest.mark.parametrize("url", ["dask://", "dask://host", "http://host:1", "dask://a b:1", "dask://host:99999", ""])
def test_only_a_scheduler_is_an_executor(url: str) -> None:
    with pytest.raises(UsageError, match="takes dask://HOST:PORT"):
        scheduler(url)


def test_an_ipv6_scheduler() -> None:
    assert scheduler("dask://[::1]:8786") == "tcp://[::1]:8786"


# -- what is kept ---------------------------------------------------------------------------------------------------


class Counting(Inline):
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        self.asked = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.asked += 1
        return super().submit(fn, *args, **kwargs)


def run(executor: Executor, folder: Path, tasks: list[Task]) -> list[bytes | Lost]:
    return Campaign(executor, Kept(str(folder))).run(tasks)


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    tasks, first, second = [probe(n) for n in range(4)], Counting(), Counting()
    assert run(first, tmp_path, tasks[:2]) == [b"0", b"1"]
    assert run(second, tmp_path, tasks) == [b"0", b"1", b"2", b"3"]
    assert (first.asked, second.asked) == (2, 2)


@pytest.mark.parametrize("damage", ["{", "", '{"task": 1}', "changed", "moved"])
def test_a_damaged_result_is_done_again(tmp_path: Path, damage: str) -> None:
    tasks = [probe(1), probe(2)]
    run(Inline(), tmp_path, tasks)
    one, two = (tmp_path / f"{task.key}.json" for task in tasks)
    if damage == "changed":
        one.write_text(one.read_text().replace('"result":"1"', '"result":"7"'))
    elif damage == "moved":
        one.write_text(two.read_text())
    else:
        one.write_text(damage)
    again = Counting()
    assert run(again, tmp_path, tasks) == [b"1", b"2"]
    assert again.asked == 1


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds no campaign"):
        Kept(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_mark_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text(json.dumps({"format": "callproof-campaign", "version": 99}))
    with pytest.raises(UsageError, match="another version"):
        Kept(str(tmp_path))
    (tmp_path / MARK).write_text("\0")
    with pytest.raises(UsageError, match="damaged"):
        Kept(str(tmp_path))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UsageError, match="--resume"):
        Kept(str(file))


def test_a_lost_task_is_not_kept(tmp_path: Path) -> None:
    mark = tmp_path / "tries"
    folder = tmp_path / "kept"
    task = probe(1, mark=str(mark), dies=2)
    with in_process(2, resume=str(folder)) as campaign:
        assert isinstance(campaign.run([task])[0], Lost)
    with in_process(2, resume=str(folder)) as campaign:
        assert campaign.run([task]) == [b"1"]


# -- processes ------------------------------------------------------------------------------------------------------


def test_an_interrupted_campaign_ends_its_processes_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    mark = tmp_path / "tries"
    executor = Processes(2)
    futures = [executor.submit(perform, "probe", probe(n, mark=str(mark), seconds=60).content, STAMP) for n in (1, 2)]
    while not mark.exists():
        time.sleep(0.01)
    executor.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() or future.exception() is not None for future in futures)
    assert time.monotonic() - started < 30
