"""The server: what an editor tells and asks it, and when a text is checked."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from importlib.metadata import version

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, FeatureRequestError
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from rewriter.lsp import messages
from rewriter.lsp.completion import complete
from rewriter.lsp.definition import definition
from rewriter.lsp.document import Document
from rewriter.lsp.formatting import formatted
from rewriter.lsp.hover import hover
from rewriter.lsp.positions import Positions
from rewriter.lsp.problems import problems
from rewriter.lsp.symbols import symbols

PAUSE = 0.2
"""Seconds without a change after which a text is checked."""

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A language server with the documents that are open in the editor."""

    def __init__(self) -> None:
        # Whole texts: pygls cuts lines where the protocol does not (U+2028), and would put a change into the wrong one.
        sync = types.TextDocumentSyncKind.Full
        super().__init__("rewriter", version("rewriter"), sync)  # pyright: ignore[reportUnknownMemberType]
        self.is_shut_down = False
        self.documents: dict[str, Document] = {}
        self._checks: set[asyncio.Task[None]] = set()
        self._checking = asyncio.Lock()

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Log what went wrong here, and go on."""
        if source is FeatureRequestError:
            return  # the answer to the request says it
        _log.error("something went wrong in the language server", exc_info=error)
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"rewriter: {error!r}"))

    def positions(self, document: Document) -> Positions:
        """The places of a document, as this editor counts them."""
        encoding = types.PositionEncodingKind(self.workspace.position_encoding or types.PositionEncodingKind.Utf16)
        return Positions(document.text, encoding.value)

    def put(self, uri: str, text: str, pause: float) -> None:
        """Take over a text as the editor has it now, and check it if nobody changes it in the next `pause` seconds."""
        self.documents[uri] = Document.of(to_fs_path(uri) or uri, text)
        check = asyncio.get_running_loop().create_task(self._check(uri, self.documents[uri], pause))
        self._checks.add(check)
        check.add_done_callback(self._checked)

    async def _check(self, uri: str, document: Document, pause: float) -> None:
        await asyncio.sleep(pause)
        # One at a time: of a large text that somebody types in, only the newest is worth it.
        async with self._checking:
            if self.documents.get(uri) is not document:
                return
            found = await asyncio.to_thread(problems, document)
        if self.documents.get(uri) is document:
            positions = self.positions(document)
            self.publish(uri, [messages.diagnostic_of(each, positions) for each in found])

    def _checked(self, check: asyncio.Task[None]) -> None:
        self._checks.discard(check)
        error = None if check.cancelled() else check.exception()
        if isinstance(error, Exception):
            self.report_server_error(error, FeatureNotificationError)

    def publish(self, uri: str, found: list[types.Diagnostic]) -> None:
        """Replace what the editor shows of a document's mistakes."""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


def make_server() -> Server:
    """A server that answers what this package can answer."""
    server = Server()

    @server.feature(types.SHUTDOWN)
    def _(_: None) -> None:
        server.is_shut_down = True

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        server.put(params.text_document.uri, params.text_document.text, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        for change in params.content_changes[-1:]:
            server.put(params.text_document.uri, change.text, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        server.documents.pop(params.text_document.uri, None)
        server.publish(params.text_document.uri, [])

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _(params: types.HoverParams) -> types.Hover | None:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return None
        positions = server.positions(document)
        found = hover(document, positions.offset(params.position.line, params.position.character))
        if found is None:
            return None
        token, text = found
        content = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(content, messages.range_of(positions, token.start, token.end))

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list(".[=|@(:")))
    def _(params: types.CompletionParams) -> list[types.CompletionItem]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        positions = server.positions(document)
        offset = positions.offset(params.position.line, params.position.character)
        start, found = complete(document, offset)
        place = messages.range_of(positions, start, offset)
        snippets = _takes_snippets(server.client_capabilities)
        return [messages.suggestion_of(each, place, order, snippets=snippets) for order, each in enumerate(found)]

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def _(params: types.DefinitionParams) -> types.Location | None:
        uri = params.text_document.uri
        document = server.documents.get(uri)
        if document is None:
            return None
        offset = server.positions(document).offset(params.position.line, params.position.character)
        found = definition(document, offset)
        if found is None:
            return None
        there, token = found
        address = uri if there is document else from_fs_path(there.name)
        return types.Location(address or uri, messages.range_of(server.positions(there), token.start, token.end))

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def _(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        document = server.documents.get(params.text_document.uri)
        text = formatted(document) if document is not None else None
        if document is None or text is None:
            return None
        return [types.TextEdit(messages.range_of(server.positions(document), 0, len(document.text)), text)]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def _(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        positions = server.positions(document)
        return [messages.symbol_of(each, positions) for each in symbols(document)]

    return server


def serve() -> int:
    """Serve the editor at the other end of standard input and output until it says goodbye.

    Returns:
        The exit code that the protocol asks for: 0 if the editor shut the server down before, else 1.
    """
    # What a pack's Python prints must not get between the messages.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server = make_server()
    server.start_io(sys.stdin.buffer, output)
    return 0 if server.is_shut_down else 1


def _takes_snippets(capabilities: types.ClientCapabilities) -> bool:
    editor = capabilities.text_document
    item = editor.completion.completion_item if editor and editor.completion else None
    return bool(item and item.snippet_support)
