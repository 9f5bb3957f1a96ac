"""Growth, goals and tables of the benchmarks, without measuring."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from callproof.cli import bench_peers
from callproof.cli.bench_family import family
from callproof.cli.bench_goals import NAMES, Goal, goal_rows
from callproof.cli.bench_growth import Curve, Point, curve_rows, exponent
from callproof.cli.bench_peers import Cell, Peer, peer_rows
from callproof.cli.bench_process import median_of, memory, ran
from callproof.cli.bench_report import NOTES, PAGE, PICTURE
from callproof.model.lint import require_clean
from callproof.model.loading import load_specification
from callproof.report.benchmarks import SECTIONS
from callproof.report.curves import Series, curves_svg
from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Status

REPORTS = Path(__file__).parents[2] / "reports"


def test_the_exponent_is_that_of_the_power() -> None:
    for power in (0.5, 1.0, 2.0):
        assert exponent([(x, 0.1 * x**power) for x in (1, 2, 4, 8)]) == pytest.approx(power)
    base = [(1, 0.01), (2, 0.01), (4, 0.011), (8, 0.04), (16, 0.08), (32, 0.16)]
    assert exponent(base) == pytest.approx(1.0), "what every check takes is left out"
    assert exponent([(1, 0.01), (2, 0.01), (4, 0.01)]) == pytest.approx(0.0)
    assert exponent([(1, 0.01), (2, 0.02)]) is None
    assert exponent([(2, 1.0), (2, 2.0), (2, 3.0)]) is None


def test_a_curve_that_ends_early_says_why() -> None:
    curve = Curve("clauses", "clauses", (Point(1, 0.5, 10), Point(2, 1.0, 20), Point(4, 2.0, 40)), "8: too many")
    assert curve_rows([curve])[1] == ("clauses", "1 = 0.50, 2 = 1.00, 4 = 2.00; ends at 8: too many", "1.00", "1.00")


@pytest.mark.parametrize(("flags", "clauses", "invariants", "count"), [(2, 3, 3, 2), (5, 2, 1, 1)])
def test_a_family_is_as_large_as_was_asked(flags: int, clauses: int, invariants: int, count: int) -> None:
    spec = family(flags, clauses, invariants)
    require_clean(spec)
    [layer] = check(spec, Request("documented", graphs=count)).layers
    one = 2 * (flags + 1)
    assert layer.states == one**count
    assert layer.edges == count * one ** (count - 1) * (one + 2 * flags)
    assert [finding.status for finding in layer.findings] == [Status.PROVED] * invariants


def test_a_process_that_takes_too_long_is_ended() -> None:
    asleep = ran(["sh", "-c", "echo begun; sleep 60; echo done"], 0.1)
    assert (asleep.late, asleep.output, asleep.code) == (True, "begun\n", -1)
    busy = ran(["sh", "-c", "while :; do :; done"], 1)
    assert busy.late
    assert 0.9 < busy.cpu < 2
    done = median_of(["sh", "-c", "exit 3"], 10, 3)
    assert (done.code, done.runs, done.late) == (3, 3, False)
    held = memory([sys.executable, "-S", "-c", "bytearray(60_000_000)"], 10)
    assert held is not None
    assert 60e6 < held < 200e6


def test_a_missing_tool_and_a_late_one_are_said_to_be_so() -> None:
    cell = Cell("documented", "no-wrap", 4, (("GraphId", 1),))
    found = [
        Peer(cell, "Z3", "violated, 4 calls", 0.5, 0.25, 3, 2.0, False, False),
        Peer(cell, "cvc5", "no answer in 15 s", 19.0, 15.0, 1, 60.0, True, False),
        Peer(cell, "Spin", "none, 4 calls", 1.0, 0.5, 3, 4.0, False, True),
        Peer(cell, "CBMC", "not installed", None, 0.0, 0, None, False, False),
    ]
    assert list(peer_rows(found))[1:] == [
        ("no-wrap (documented, 1 GraphId)", "Z3", "violated, 4 calls", "0.50", "0.25", "2.00"),
        ("no-wrap (documented, 1 GraphId)", "cvc5", "no answer in 15 s", "19.00", "over 15.00", "over 60.00"),
        ("no-wrap (documented, 1 GraphId)", "Spin", "none, 4 calls WRONG", "1.00", "0.50", "4.00"),
        ("", "CBMC", "not installed", "", "", ""),
    ]


def test_a_goal_without_a_value_is_neither_met_nor_missed() -> None:
    rows = goal_rows(
        [Goal("a", 0.5, "s", 1.0), Goal("b", 3.0, "/s", 4.0, True), Goal("c", None, "s", 1.0, False, "why")]
    )
    assert rows[1:] == [
        ("a", "0.50 s", "under 1 s", "yes", ""),
        ("b", "3.00 /s", "at least 4 /s", "NO", ""),
        ("c", "not measured", "under 1 s", "", "why"),
    ]


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    text = curves_svg("A <title>", [Series("a & b", ((1, 0.01), (10, 0.5))), Series("none", ())], "x", "s")
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    assert [e.text for e in root.iter(f"{space}title")] == ["A <title>", "a & b: 1, 0.01", "a & b: 10, 0.5"]
    assert "none" not in (root.find(f"{space}desc").text or "")  # type: ignore[union-attr]
    ET.fromstring(curves_svg("empty", [], "x", "s"))


# -- the report that is kept ----------------------------------------------------------------------------------------


def sections() -> dict[str, str]:
    head, *parts = (REPORTS / PAGE).read_text(encoding="utf-8").split("\n## ")
    assert "`callproof bench --report reports" in head
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def column(section: str) -> list[str]:
    """The first cells of a section's table, without its head."""
    return [line.split(" | ")[0].removeprefix("| ").strip() for line in section.splitlines() if line.startswith("| ")][
        2:
    ]


def test_the_kept_report_has_every_section_and_figure() -> None:
    """Its times are of the machine that it names; `callproof bench --report reports` writes it anew."""
    found = sections()
    assert tuple(found) == SECTIONS
    assert tuple(column(found["Figures"])) == NAMES
    assert all(note in found["Peers"] for note in NOTES)
    assert "WRONG" not in found["Peers"]
    assert f"]({PICTURE})" in found["Growth"]
    growth = column(found["Growth"])
    assert growth == ["resources", "control variables", "clauses", "invariants", "log length", "resources of ge-memory"]
    picture = (REPORTS / PICTURE).read_text(encoding="utf-8")
    drawn = ET.fromstring(picture).find("{http://www.w3.org/2000/svg}desc")
    assert drawn is not None
    assert all(name in (drawn.text or "") for name in growth)


# -- peers ----------------------------------------------------------------------------------------------------------


def test_peers_answer_as_the_check_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all tools Z3, which is always there, on both cells of the example; and one that is not."""
    name = f"{REPORTS.parent / 'examples' / 'dma.py'}:SPEC"
    known = [tool for tool in bench_peers.tools(name) if tool.name.startswith("Z3")]
    assert all(tool.run for tool in known)
    monkeypatch.setattr(bench_peers, "tools", lambda _: [*known, bench_peers.Tool("Nothing", "c", None)])
    monkeypatch.setattr(bench_peers, "RUNS", 1)
    found = bench_peers.peers(load_specification(name), name, lambda _: None)
    assert [(p.cell.layer, p.tool, p.said) for p in found] == [
        ("documented", "callproof check", "violated, 3 calls"),
        ("documented", "Z3, unrolling", "violated, 3 calls"),
        ("documented", "Z3 Spacer, any length", "violated, any length"),
        ("hardened", "callproof check", "proved, any length"),
        ("hardened", "Z3, unrolling", "none, 4 calls"),
        ("hardened", "Z3 Spacer, any length", "none, any length"),
        ("documented", "Nothing", "not installed"),
    ]
    assert not any(peer.wrong or peer.late for peer in found)


@pytest.mark.parametrize(
    ("answer", "said", "wrong"),
    [
        ("sat", "violated, 4 calls", False),
        ("unsat", "none, 4 calls", True),
        ("oops", "no answer: it broke", False),
    ],
)
def test_a_tool_that_contradicts_is_shown(answer: str, said: str, wrong: bool) -> None:
    cell = Cell("documented", "no-wrap", 4, ())
    tool = bench_peers.Tool("A solver", "smtlib", lambda cell, file, limit: (done, answer))
    done = bench_peers.Ran(1.0, 0.5, 0, "it broke\n", False)
    peer = bench_peers.judged(cell, tool, done, answer, 0.25, 10.0)
    assert (peer.said, peer.wrong, peer.ratio) == (said, wrong, 2.0)
    few = bench_peers.judged(cell, replace(tool, complete=False), done, answer, 0.25, 10.0)
    assert not few.wrong, "a tool of few words may miss what is there"
    proved = bench_peers.judged(replace(cell, calls=None), replace(tool, complete=False), done, "sat", 0.25, 10.0)
    assert proved.wrong
