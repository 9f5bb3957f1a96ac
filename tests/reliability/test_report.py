"""The stored figures of reliability are of these trials, and everything held."""

import json

from tests.reliability import report
from tests.reliability.fuzz import NAMES


def test_the_stored_report_is_of_these_trials_and_all_held() -> None:
    figures = json.loads(report.REPORT.read_text(encoding="utf-8"))
    stale = f"reports/{report.REPORT.name} is stale: run `{report.COMMAND}`"
    assert [row["reader"] for row in figures["fuzz"]] == list(NAMES), stale
    assert {trial["group"] for trial in figures["trials"]} == {"memory", "disk", "sharing"}, stale
    assert report.REPORT.with_suffix(".md").read_text(encoding="utf-8") == report.markdown(figures), stale
    assert report.failed(figures) == []
    assert (figures["inputs"], figures["runs"]) == (report.INPUTS, report.RUNS)
    assert figures["kills"]["kills"] >= report.KILLS


def test_what_did_not_hold_is_told_first() -> None:
    figures = json.loads(report.REPORT.read_text(encoding="utf-8"))
    figures["kills"]["different"] = 2
    figures["fuzz"][0].update(failure="a traceback")
    figures["fuzz"][1].update(peak=9_999)
    figures["trials"][0].update(wrong="exit code 3 | x")
    assert len(report.failed(figures)) == 4
    text = report.markdown(figures)
    assert "Not everything held" in text
    assert "exit code 3 \\| x" in text
