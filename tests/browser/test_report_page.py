"""The HTML report in a browser: what a reader can find, with mouse or keys, and that it is fit for everybody."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import dma_page, ge_page, hostile_trace, long_graph, long_trace

pytestmark = pytest.mark.xdist_group("browser")

Show = Callable[..., Any]
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
READY = "() => performance.getEntriesByType('navigation')[0].domComplete > 0"


@cache
def ge() -> str:
    return ge_page()


@cache
def long() -> str:
    return dma_page(long_trace(5_000), hostile_trace(), graph=long_graph(5_000))


def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core is missing: pip install '.[browser]'")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def test_the_overlap_is_one_click_from_the_matrix(show: Show) -> None:
    page = show(ge())
    page.click("tr:has-text('disjoint-in-graph') td.violated a")
    alert = page.locator("#memory-map .alert.overlap")
    assert "graphs[1].const and graphs[1].feature overlap: 0x" in alert.inner_text()
    assert alert.is_visible()
    band = page.locator(".overlap-band").first.bounding_box()
    bars = [page.locator(".stretch:has(.overlap-band) .bar-of").nth(n).bounding_box() for n in (0, 1)]
    for bar in bars:
        assert bar["x"] - 1 <= band["x"]
        assert band["x"] + band["width"] <= bar["x"] + bar["width"] + 1
    assert "Q3" in page.locator(".box.let").inner_text()


def test_memory_that_wraps_is_drawn_on_both_ends(show: Show) -> None:
    page = show(ge())
    page.click("tr:has-text('no-wrap') td.violated a")
    said = page.locator("#memory-map").inner_text()
    assert "passes the end of the address space: 2,048 bytes go on at 0x0" in said
    assert page.locator("#memory-map .bar-of").count() == 2
    assert "not allocated" in said


def test_freed_memory_stays_in_sight_while_something_is_bound_there(show: Show) -> None:
    page = show(ge(), "trace-1-5")
    lanes = page.locator("#memory-map .lane")
    bars = [page.locator("#memory-map .bar-of").nth(n).bounding_box() for n in (0, 1)]
    assert bars[1]["width"] / bars[0]["width"] == pytest.approx(512 / 2048, abs=0.01)
    assert (bars[1]["x"] - bars[0]["x"]) / bars[0]["width"] == pytest.approx(0x400 / 2048, abs=0.01)
    page.keyboard.press("ArrowRight")
    assert "gone with this step" in lanes.nth(0).inner_text()
    assert "now not allocated" in lanes.nth(1).inner_text()
    page.keyboard.press("ArrowRight")
    assert "freed by step 6" in lanes.nth(0).inner_text()
    alert = page.locator("#memory-map .alert.overlap").inner_text()
    assert "graphs[1].const and graphs[1].feature overlap: 0x100500 to 0x1005ff, 256 bytes" in alert


def test_keys_move_through_the_steps(show: Show) -> None:
    page = show(dma_page(), "example-1")
    assert page.locator("#step-count").inner_text() == "Step 3 of 3"
    assert "breaks buffer-stable" in page.locator("#step-said").inner_text()
    for key, step in (("ArrowLeft", 2), ("Home", 0), ("ArrowRight", 1), ("End", 3)):
        page.keyboard.press(key)
        assert page.locator("#step-count").inner_text() == f"Step {step} of 3"
        assert page.evaluate("location.hash") == f"#example-1-{step}"
    page.keyboard.press("ArrowLeft")
    assert "running" in page.locator("#changes").inner_text()
    assert page.locator("#memory-map .lane").count() == 1


def test_a_proved_cell_leads_to_what_it_needs(show: Show) -> None:
    page = show(dma_page())
    page.click("td.proved a")
    needed = page.locator("#invariant-buffer-stable")
    assert "H1 of dma_set_buffer" in needed.inner_text()
    needed.locator("a", has_text="H1").click()
    page.locator("#clause-H1").wait_for(state="visible")  # the part is changed by an event that follows the click
    assert page.locator("#clauses [aria-current], .tabs [aria-current]").inner_text() == "Clauses"


def test_a_long_report_opens_within_a_second(show: Show) -> None:
    times = []
    for _ in range(3):
        page = show(long(), "trace-1")
        page.wait_for_function(READY)
        times.append(page.evaluate("performance.getEntriesByType('navigation')[0].domComplete"))
        assert page.locator("#step-count").inner_text() == "Step 5,000 of 5,000"
        page.context.close()
    assert min(times) < 1_000, times


def test_five_thousand_steps_are_walked(show: Show) -> None:
    page = show(long(), "trace-1-2500")
    assert page.locator(".messages li").count() == 100
    assert page.locator(".messages [aria-current]").inner_text().startswith("2500")
    page.click(".more >> nth=1")
    assert page.locator("#step-count").inner_text() == "Step 2,501 of 5,000"
    page.keyboard.press("Home")
    assert page.locator("#memory-map").inner_text() == "No memory is bound or allocated."


def test_the_graph_of_five_thousand_states_is_searched(show: Show) -> None:
    page = show(long(), "graph")
    count = page.locator("#graph-filter output")
    assert count.inner_text() == "5,000 of 5,000 states"
    page.fill("#graph-filter [name=text]", "b12 b9 -b10")
    page.wait_for_function("document.querySelector('#graph-filter output').value === '392 of 5,000 states'")
    page.click("#found-states button >> nth=0")
    assert page.locator("#state-title").inner_text() == "State 4608: 4,608 calls away"
    assert page.locator(".way li").count() == 4608
    assert "back()" not in page.locator(".leaving").inner_text()
    page.select_option("#graph-filter [name=layer]", "0")
    page.click("#found-states button >> nth=0")
    assert "back() to state 0 not in strict" in page.locator(".leaving").inner_text()
    page.select_option("#graph-filter [name=layer]", "1")
    page.select_option("#graph-filter [name=call]", "back")
    assert count.inner_text() == "0 of 5,000 states"


def test_hostile_words_are_only_shown(show: Show) -> None:
    page = show(long(), "trace-2")
    assert "</script><script>window.hacked=1" in page.locator("#step-body").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize("part", ["matrix", "example-1", "invariants", "clauses", "graph", "meaning", "trace-1"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_part_shuts_anybody_out(show: Show, part: str, scheme: str) -> None:
    page = show(long(), part, scheme=scheme, width=1280 if scheme == "light" else 390)
    if part == "graph":
        page.click("#found-states button >> nth=9")
    page.evaluate(axe())
    found = page.evaluate("options => axe.run(options)", LEVELS)
    assert found["passes"], "axe-core looked at nothing"
    told = [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found["violations"]]
    assert told == []


@pytest.mark.parametrize("part", ["matrix", "example-1", "invariants", "clauses", "graph", "meaning", "trace-2"])
def test_nothing_is_wider_than_a_phone(show: Show, part: str) -> None:
    page = show(long(), part, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_tables_are_read_without_scripts(show: Show) -> None:
    page = show(dma_page(), scripts=False)
    assert page.locator("#matrix table").is_visible()
    assert page.locator("#clauses table").is_visible()
    assert not page.locator("#examples").is_visible()
    assert "let through: H1" in page.locator("noscript ol").inner_text()
    page.click("td.violated a")
    assert page.locator("#example-1").is_visible()
