"""The language server as an editor sees it: a scripted client over its stdin and stdout."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).parents[2]
SECONDS = 120


class Editor:
    """A client that remembers what it was sent."""

    def __init__(self) -> None:
        self.client = LanguageClient("editor", "1")
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []
        self._news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = list(params.diagnostics)
            self._news.set()

        @self.client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
        def refreshed(*_: Any) -> None:
            self._news.set()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def shown(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait for news until they are what is expected."""
        async with asyncio.timeout(SECONDS):
            while not await condition():
                self._news.clear()
                await self._news.wait()

    async def open(self, path: Path) -> str:
        uri = path.as_uri()
        item = types.TextDocumentItem(uri, "python", 1, path.read_text())
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    async def save(self, path: Path, text: str) -> None:
        path.write_text(text)
        change = types.TextDocumentContentChangeWholeDocument(text)
        name = types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=2)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(name, [change]))
        saved = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
        self.client.text_document_did_save(saved)

    async def read(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of a file once there are any, were they none."""

        async def there() -> bool:
            return uri in self.diagnostics

        await self.until(there)
        return self.diagnostics[uri]

    async def hover(self, path: Path, text: str) -> str:
        """What is said of the first place at which a text stands in a file."""
        for number, line in enumerate(path.read_text().splitlines()):
            if text in line:
                where = types.Position(number, line.index(text) + 1)
                params = types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), where)
                found = await self.client.text_document_hover_async(params)
                if found is None:
                    return ""
                assert isinstance(found.contents, types.MarkupContent)
                return found.contents.value
        raise AssertionError(f"{text} is not in {path}")

    async def lenses(self, uri: str) -> dict[int, types.Command]:
        params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
        found = await self.client.text_document_code_lens_async(params)
        return {lens.range.start.line: lens.command for lens in found or () if lens.command is not None}

    async def run(self, command: types.Command) -> Any:
        params = types.ExecuteCommandParams(command.command, command.arguments)
        return await self.client.workspace_execute_command_async(params)


@asynccontextmanager
async def editor(folder: Path, options: object = None) -> AsyncIterator[Editor]:
    made = Editor()
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    await made.client.start_io(sys.executable, "-m", "callproof", "lsp", env=environment, cwd=folder)
    lens = types.CodeLensWorkspaceClientCapabilities(refresh_support=True)
    able = types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(code_lens=lens))
    params = types.InitializeParams(able, initialization_options=options, root_uri=folder.as_uri())
    await made.client.initialize_async(params)
    made.client.initialized(types.InitializedParams())
    try:
        yield made
    finally:
        await made.client.shutdown_async(None)
        made.client.exit(None)
        await made.client.stop()


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "examples" / "ring.py", tmp_path / "ring.py"))


def test_faults_stand_at_their_lines_and_go_when_they_are_mended(ring: Path, tmp_path: Path) -> None:
    good = ring.read_text()
    line = next(n for n, text in enumerate(good.splitlines()) if 'require("S2"' in text)

    async def session() -> None:
        async with editor(tmp_path, {"needs": False}) as client:
            ring.write_text(good.replace('require("S2"', 'require("S22"'))
            uri = await client.open(ring)
            found = await client.read(uri)
            assert any(d.range.start.line == line and "S22" in d.message for d in found), found
            assert {d.severity for d in found} == {types.DiagnosticSeverity.Error}
            del client.diagnostics[uri]
            await client.save(ring, good)
            assert await client.read(uri) == []
            del client.diagnostics[uri]
            await client.save(ring, good.replace("SPEC = Spec", "raise ValueError('not yet')\nSPEC = Spec"))
            (only,) = await client.read(uri)
            assert "ValueError: not yet" in only.message
            assert only.range.start.line == next(n for n, t in enumerate(good.splitlines()) if "SPEC = Spec" in t)

    asyncio.run(session())


def test_a_clause_shows_its_source_and_what_needs_it(ring: Path, tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path) as client:
            await client.read(await client.open(ring))
            first = await client.hover(ring, '"S1"')
            assert "**S1** · documented · the memory is aligned to 64 bytes" in first
            assert "Source: ring\\_setup, Parameters" in first
            assert "Stated by ring\\_setup" in first
            assert "Clauses: S1, S2, S3, H1" in await client.hover(ring, '"ring_setup"')
            assert not await client.hover(ring, "import")

            async def told() -> bool:
                return "Needed in hardened by" in await client.hover(ring, '"H1"')

            await client.until(told)

    asyncio.run(session())


def test_a_lens_checks_the_call_above_which_it_stands(ring: Path, tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path, {"needs": False}) as client:
            uri = await client.open(ring)
            await client.read(uri)
            lenses = await client.lenses(uri)
            calls = {n: c for n, c in lenses.items() if c.title == "check this call"}
            rules = [c for c in lenses.values() if c.title == "check this invariant"]
            assert len(calls) >= 3
            assert len(rules) == 3
            del client.diagnostics[uri]
            verdict = await client.run(next(iter(calls.values())))
            assert verdict.startswith("ring hardened holds")
            found = await client.read(uri)
            assert {d.severity for d in found} == {types.DiagnosticSeverity.Warning}
            assert {d.range.start.line for d in found} <= set(calls)
            steps = found[0].related_information or []
            assert [s.message.startswith(f"step {n}: ") for n, s in enumerate(steps, 1)] == [True] * len(steps)
            titles = [command.title for command in (await client.lenses(uri)).values()]
            assert any(title.startswith("documented: breaks ") for title in titles)
            assert "documented: violated; +caller: violated; hardened: proved" in titles
            assert verdict in client.messages

    asyncio.run(session())


def test_files_that_are_no_specification_are_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("open('ran', 'w')\nSPEC = 3\n")
    looping = tmp_path / "looping.py"
    looping.write_text(
        "import os\nfrom callproof.model import Specification\nprint('noise')\nos._exit(7)\nSPEC = Specification()\n"
    )

    async def session() -> None:
        async with editor(tmp_path) as client:
            assert await client.read(await client.open(other)) == []
            assert not await client.lenses(other.as_uri())
            (dead,) = await client.read(await client.open(looping))
            assert "ended with status 7" in dead.message

    asyncio.run(session())
    assert not (tmp_path / "ran").exists()
