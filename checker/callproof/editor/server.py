"""The language server: reads specifications when they are opened and saved, and checks them when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from callproof import __version__
from callproof.editor import shown
from callproof.editor.documents import Document
from callproof.editor.records import Checked, Described, Failure, Place

CHECK = "callproof.check"
"""The command of a code lens: file address, target, and an invariant or nothing."""


class Server:
    """Documents and what was asked of them. `answers` is the file of kept solvers' answers."""

    def __init__(self, answers: str) -> None:
        self.lsp = LanguageServer("callproof", __version__)
        self._answers = answers
        self._documents: dict[str, Document] = {}
        self._explains = True
        self._register()

    def _register(self) -> None:
        feature, server = self.lsp.feature, self

        @feature(types.INITIALIZE)
        def initialize(params: types.InitializeParams) -> None:
            options = params.initialization_options
            self._explains = not (isinstance(options, dict) and options.get("needs") is False)

        @feature(types.TEXT_DOCUMENT_DID_OPEN)
        async def opened(params: types.DidOpenTextDocumentParams) -> None:
            await server.read(params.text_document.uri)

        @feature(types.TEXT_DOCUMENT_DID_SAVE)
        async def saved(params: types.DidSaveTextDocumentParams) -> None:
            await server.read(params.text_document.uri)

        @feature(types.TEXT_DOCUMENT_DID_CLOSE)
        def closed(params: types.DidCloseTextDocumentParams) -> None:
            server.close(params.text_document.uri)

        @feature(types.TEXT_DOCUMENT_HOVER)
        def hover(params: types.HoverParams) -> types.Hover | None:
            return server.hover(params.text_document.uri, params.position)

        @feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
        def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
            return server.lenses(params.text_document.uri)

        @self.lsp.command(CHECK)
        async def check(uri: str, target: str, invariant: str = "") -> str:
            return await server.check(uri, target, invariant)

    # -- reading ----------------------------------------------------------------------------------------------------

    async def read(self, uri: str) -> None:
        """Read a file's specifications, show their faults, and begin to find out what their clauses are good for."""
        path = to_fs_path(uri)
        if path is None or not path.endswith(".py"):
            return
        document = self._documents.setdefault(uri, Document(path))
        self._stop(document)
        if not await document.read():
            return
        self._publish(document)
        self._refresh()
        if self._explains and document.known:
            self._start(document, self._explain(document))

    def close(self, uri: str) -> None:
        """Forget a file."""
        document = self._documents.pop(uri, None)
        if document is not None:
            document.version += 1
            self._stop(document)
            document.known, document.failures = {}, []
            self._publish(document)

    async def _explain(self, document: Document) -> None:
        if await document.explain(self._answers):
            self._refresh()

    @staticmethod
    def _start(document: Document, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        document.running.add(task)
        task.add_done_callback(document.running.discard)

    @staticmethod
    def _stop(document: Document) -> None:
        """End what runs for an older reading of a file."""
        for task in document.running:
            task.cancel()

    # -- checking ---------------------------------------------------------------------------------------------------

    async def check(self, uri: str, target: str, invariant: str) -> str:
        """Check a specification, show what is violated, and return the verdict in a line."""
        document = self._documents.get(uri)
        if document is None or target not in document.known:
            return "the specification is not open, or has faults that keep it from being read"
        found = await document.judge(target, self._answers, invariant)
        if isinstance(found, Failure):
            self._say(found.fault.message, types.MessageType.Error)
            return found.fault.message
        self._publish(document)
        self._refresh()
        self._say(found.verdict, types.MessageType.Info)
        return found.verdict

    def _say(self, text: str, kind: types.MessageType) -> None:
        self.lsp.window_show_message(types.ShowMessageParams(kind, text))

    # -- showing ----------------------------------------------------------------------------------------------------

    def _publish(self, document: Document) -> None:
        """Send the diagnostics of each file that a document has any in, or had."""
        by_file: dict[str, list[types.Diagnostic]] = {file: [] for file in document.published}
        found: list[dict[str, list[types.Diagnostic]]] = []
        found += [shown.fault_diagnostics(failure, document.path) for failure in document.failures]
        for known in document.known.values():
            found.append(shown.fault_diagnostics(known.described, document.path))
            if known.checked is not None:
                found.append(shown.verdict_diagnostics(known.checked, known.described))
        for part in found:
            for file, diagnostics in part.items():
                by_file.setdefault(file, []).extend(diagnostics)
        document.published = {file for file, diagnostics in by_file.items() if diagnostics}
        for file, diagnostics in {document.path: by_file.get(document.path, []), **by_file}.items():
            self.lsp.text_document_publish_diagnostics(types.PublishDiagnosticsParams(shown.uri(file), diagnostics))

    def _refresh(self) -> None:
        """Have the lenses asked for again, if the editor can."""
        workspace = self.lsp.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.lsp.workspace_code_lens_refresh(None)

    def hover(self, uri: str, position: types.Position) -> types.Hover | None:
        """What is known of the name under the cursor."""
        document = self._documents.get(uri)
        lines = self.lsp.workspace.get_text_document(uri).lines
        if document is None or position.line >= len(lines):
            return None
        found = shown.quoted_at(lines[position.line], position.character)
        if found is None:
            return None
        word, start, end = found
        texts = [shown.hover(word, known.described, known.checked, known.needs) for known in document.known.values()]
        text = "\n\n---\n\n".join(filter(None, texts))
        where = types.Range(types.Position(position.line, start), types.Position(position.line, end))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where) if text else None

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """One above each call, event and invariant of a file."""
        document = self._documents.get(uri)
        found: list[types.CodeLens] = []
        for target, known in () if document is None else document.known.items():
            for place, title, invariant in _titles(known.described, known.checked):
                if shown.uri(place.file) == shown.uri(document.path if document else ""):
                    arguments = [uri, target, invariant]
                    found.append(
                        types.CodeLens(shown.whole_line(place), types.Command(title, CHECK, arguments=arguments))
                    )
        return found


def _titles(described: Described, checked: Checked | None) -> list[tuple[Place, str, str]]:
    calls = [(o.place, shown.call_title(o.name, checked), "") for o in described.operations]
    return calls + [(i.place, shown.invariant_title(i.id, checked), i.id) for i in described.invariants]


def serve(answers: str) -> None:
    """Speak the protocol on stdin and stdout until the editor goes."""
    Server(answers).lsp.start_io()
