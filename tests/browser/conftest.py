"""A Chromium for the tests of the HTML report; they are skipped, and say why, where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium: the one that CHROMIUM names, or the first that is installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install '.[browser]'")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: install one of {', '.join(NAMES)}, or name one in CHROMIUM")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page (text) at a part of it; whatever the browser complains of fails the test."""
    contexts, said = [], []

    def opened(text: str, part: str = "", *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Any:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        shown = context.new_page()
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("console", lambda message: said.append(message.text))
        shown.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
        url = file.as_uri() + (f"#{part}" if part else "")
        shown.goto(url)
        return shown

    yield opened
    for context in contexts:
        context.close()
    assert said == []
