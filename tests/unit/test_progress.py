"""Signs of life: what is said when a step takes long."""

from __future__ import annotations

import threading
import time

import pytest

from callproof.report import progress as module
from callproof.report.progress import progress


def test_lines_name_what_is_being_done_and_for_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "INTERVAL", 0.05)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    heard: list[str] = []
    with progress(shown=True, live=False, colour=False, also=heard.append) as tick:
        tick("hardened: proving no-wrap")
        deadline = time.monotonic() + 10
        said = ""
        while "no-wrap" not in said and time.monotonic() < deadline:
            time.sleep(0.02)
            said += capsys.readouterr().err
    assert "callproof: hardened: proving no-wrap, for 0 s\n" in said
    assert heard == ["hardened: proving no-wrap"]


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(shown=True, live=False, colour=False) as tick:
        tick("done at once")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("fails", [False, True])
def test_no_thread_is_left(fails: bool) -> None:
    before = threading.active_count()
    try:
        with progress(shown=True, live=False, colour=False) as tick:
            tick("x")
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert threading.active_count() == before


def test_nothing_is_shown_where_that_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with progress(shown=False, live=True, colour=True) as tick:
        assert threading.active_count() == before
        tick("x")
    assert capsys.readouterr().err == ""
