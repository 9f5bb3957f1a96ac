"""What the HTML report looks like, kept as pictures for people to look at: in the folder that SCREENS names."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_report_page import ge, long

pytestmark = pytest.mark.xdist_group("browser")

PARTS = {
    "matrix": (ge, "matrix"),
    "overlap": (ge, "example-2"),
    "needs": (ge, "invariants"),
    "clauses": (ge, "clauses"),
    "graph": (long, "graph"),
    "long-trace": (long, "trace-1"),
    "meaning": (ge, "meaning"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_drawn(show: Callable[..., Any], name: str, width: int, scheme: str, tmp_path: Path) -> None:
    make, part = PARTS[name]
    page = show(make(), part, width=width, scheme=scheme)
    folder = Path(os.environ.get("SCREENS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
    assert picture.startswith(b"\x89PNG")
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours[0] != colours[1]
    assert page.locator("main").inner_text().strip()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
