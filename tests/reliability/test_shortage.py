"""Short of memory, of disk, or of quiet: a plain answer, and never a wrong one."""

from pathlib import Path

from tests.reliability.shortage import disk, memory, sharing


def test_a_solver_without_memory_knows_nothing(tmp_path: Path) -> None:
    trials = list(memory(tmp_path, (150, 180)))
    assert [(trial.name, trial.wrong) for trial in trials if trial.wrong] == []
    assert any(trial.how.startswith("unknown: out of memory") for trial in trials), "memory was never short"


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    trials = list(disk(tmp_path))
    assert [(trial.name, trial.wrong) for trial in trials if trial.wrong] == []
    assert len(trials) == 7


def test_many_checks_share_one_cache(tmp_path: Path) -> None:
    assert not sharing(tmp_path, 24, 8).wrong
