"""What the README and the pages of docs/ show is what happens; `pytest --update-golden` writes it anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drivers import building
from tests.support.documents import PAGES, ROOT, Command, matches, prepare, rewritten, run, steps


def _name(page: Path) -> str:
    return page.relative_to(ROOT).with_suffix("").as_posix().replace("/", "-")


def _compiles(page: Path) -> bool:
    """Some command of the page needs a compiler."""
    words = r"(?:^|[;&|] *)(?:make|g?cc|[cg]\+\+|callproof driver build) "
    found = steps(page.read_text(encoding="utf-8"))
    return any(isinstance(step, Command) and re.search(words, step.text) for step in found)


RUN = [
    pytest.param(page, id=_name(page), marks=pytest.mark.xdist_group("native") if _compiles(page) else ())
    for page in PAGES
    if any(isinstance(step, Command) for step in steps(page.read_text(encoding="utf-8")))
]


BROKEN = {3, 126, 127}
"""Exit codes that are never right: an internal error, and a command that is not there."""


def test_there_are_pages_to_run() -> None:
    assert len(RUN) >= 8


@pytest.mark.parametrize("page", RUN)
def test_shown_output_is_real(
    page: Path, tmp_path: Path, golden: Callable[[str, str], None], request: pytest.FixtureRequest
) -> None:
    """Each command prints what is shown, and ends with 0 or with the exit code that is kept for it."""
    if _compiles(page):
        building.need_compiler()
    folder = tmp_path / "clone"
    folder.mkdir()
    text = page.read_text(encoding="utf-8")
    done = run(text, folder, prepare(folder))
    for one in done:
        assert one.code not in BROKEN, f"`{one.command.text}` ends with {one.code}:\n{one.printed}"
    if request.config.getoption("--update-golden"):
        page.write_text(rewritten(text, done), encoding="utf-8")
    else:
        for one in done:
            assert matches(one.command.shown, one.printed), (
                f"{page.name} shows something else than `{one.command.text}` prints (pytest --update-golden promotes "
                f"it):\n{one.printed}"
            )
    golden(f"exit-codes/{_name(page)}.txt", "".join(f"{one.code} {one.command.text}\n" for one in done if one.code))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"
