"""The pages of docs/ in a browser, from the disk: they fit a phone, ask for nothing, and can be searched.

Pictures of them are kept in the folder that SCREENS names.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import ROOT

pytestmark = pytest.mark.xdist_group("browser")

PAGES = (
    "index",
    "start",
    "test-a-driver",
    "how-the-proof-works",
    "commands",
    "formats",
    "api/language",
    "decisions/index",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="mkdocs-material is missing: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=True)
    return folder


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_pages_fit_and_ask_for_nothing(browser: Any, site: Path, width: int, scheme: str, tmp_path: Path) -> None:
    screens = Path(os.environ.get("SCREENS") or tmp_path)
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the window"
        page.screenshot(path=screens / f"docs-{name.replace('/', '-')}-{width}-{scheme}.png")
    dark = page.evaluate("document.body.getAttribute('data-md-color-scheme')") == "slate"
    assert dark is (scheme == "dark")
    context.close()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_below_wcag_aa(browser: Any, site: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": 1280, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    found = {}
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        report = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        found |= {f"{name}: {v['id']}": [n["target"] for n in v["nodes"]] for v in report["violations"]}
    context.close()
    assert found == {}


def test_the_search_finds_a_word_from_the_disk(browser: Any, site: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    page = context.new_page()
    page.goto((site / "api" / "pytest.html").as_uri())
    page.locator("input.md-search__input").click()
    page.keyboard.type("residue")
    found = page.locator(".md-search-result__link").first
    found.wait_for(timeout=20_000)
    assert "how-the-proof-works.html" in found.get_attribute("href")
    context.close()
