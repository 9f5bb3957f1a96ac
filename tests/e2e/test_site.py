"""The pages as a site: built strictly, complete, and loading nothing from elsewhere."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from callproof import model
from callproof.cli.main import app
from tests.support.documents import ROOT

pytestmark = pytest.mark.xdist_group("site")

ENGINES_OWN = {"ALL_LAYERS", "LAYERS", "Layer", "Selection", "System", "instantiate"}
"""Names of `callproof.model` that are for engines, and not for authors."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="mkdocs-material is missing: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def commands(at: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    if path:
        yield path, at
    if isinstance(at, click.Group):
        context = click.Context(at)
        for name in at.list_commands(context):
            found = at.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


def test_the_reference_has_every_command_and_option(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    sections = dict(re.findall(r'<h[2-4] id="([\w-]+)"(.*?)(?=<h[2-4] id=|\Z)', page, re.DOTALL))
    for path, command in commands(app):
        section = html.unescape(re.sub(r"<[^>]*>", "", sections.get("-".join(("callproof", *path)), "")))
        assert section, f"{' '.join(path)} is not in the reference"
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                for name in (*option.opts, *option.secondary_opts):
                    known = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", section)
                    assert known, f"{' '.join(path)} {name} is not in the reference"


def test_the_reference_has_every_name_of_the_language(site: Path) -> None:
    page = (site / "api" / "language.html").read_text(encoding="utf-8")
    headings = set(re.findall(r'<h[34] id="callproof\.[\w.]*?(\w+)"', page))
    assert set(model.__all__) - ENGINES_OWN - headings == set()
    assert not ENGINES_OWN & headings


def test_every_page_is_reached_by_the_navigation() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages - listed == set(), "add it to `nav` in mkdocs.yml"


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        loaded = re.findall(r'<(?:script|img|iframe|source)[^>]*\ssrc="([^"]*)"', page.read_text(encoding="utf-8"))
        loaded += re.findall(r'<link[^>]*\shref="([^"]*)"', page.read_text(encoding="utf-8"))
        assert loaded
        assert [url for url in loaded if re.match(r"(?:\w+:)?//", url)] == [], page.name
