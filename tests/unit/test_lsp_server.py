"""The language server as an editor meets it: another process, at the other end of its standard input and output."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from rewriter.source import Text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from pathlib import Path

PROGRAM = "import sys; from rewriter.cli import main; sys.exit(main(['lsp', '--stdio']))"
CRASHING = """
import sys
from rewriter.lsp import server

def problems(document):
    print("a word on standard output")
    if "crash" in document.text:
        raise RuntimeError("the checker fell over")
    return ()

server.problems = problems
sys.exit(server.serve())
"""
URI = "file:///rules/my%20rules.pat"
LIMIT = 60
"""Seconds for a whole conversation; one takes about two."""

SMALLEST = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)\n"


class Editor(LanguageClient):
    """An editor with one file open."""

    def __init__(self, *, snippets: bool, encodings: list[types.PositionEncodingKind] | None) -> None:
        super().__init__("editor", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.logged: list[str] = []
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        item = types.ClientCompletionItemOptions(snippet_support=snippets)
        self.capabilities = types.ClientCapabilities(
            general=types.GeneralClientCapabilities(position_encodings=encodings),
            text_document=types.TextDocumentClientCapabilities(
                completion=types.CompletionClientCapabilities(completion_item=item)
            ),
        )
        self.text = Text("", "")
        self.version = 0

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def _(params: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        @self.feature(types.WINDOW_LOG_MESSAGE)
        def _(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        assert server.returncode is not None
        self.exit_code.set_result(server.returncode)

    def open(self, text: str) -> None:
        self.text = Text("", text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(URI, "pat", 0, text)))

    def change(self, text: str) -> None:
        self.text = Text("", text)
        self.version += 1
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, URI),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def at(self, offset: int) -> dict[str, Any]:
        """Parameters for the place of a character in a text that is all ASCII."""
        line, column = self.text.position(offset)
        return {"text_document": types.TextDocumentIdentifier(URI), "position": types.Position(line - 1, column - 1)}

    def on(self, part: str) -> dict[str, Any]:
        """The same for the first character of a part of the text."""
        return self.at(self.text.text.index(part))

    async def problems(self) -> list[types.Diagnostic]:
        return list((await self.published.get()).diagnostics)

    async def hovered(self, part: str) -> str:
        found = await self.text_document_hover_async(types.HoverParams(**self.on(part)))
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def completed(self) -> list[types.CompletionItem]:
        """What can follow the text."""
        found = await self.text_document_completion_async(types.CompletionParams(**self.at(len(self.text.text))))
        assert isinstance(found, list)
        return found


@asynccontextmanager
async def session(
    program: str = PROGRAM, *, snippets: bool = True, encodings: list[types.PositionEncodingKind] | None = None
) -> AsyncGenerator[Editor]:
    """An editor with a server, which has to end with code 0 when it is told goodbye."""
    editor = Editor(snippets=snippets, encodings=encodings)
    await editor.start_io(sys.executable, "-c", program)
    try:
        await editor.initialize_async(types.InitializeParams(editor.capabilities))
        editor.initialized(types.InitializedParams())
        yield editor
        await editor.shutdown_async(None)
        editor.exit(None)
        assert await editor.exit_code == 0
    finally:
        if not editor.exit_code.done():
            editor.exit(None)
        await editor.stop()


def converse(conversation: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a conversation, within a limit of time."""

    async def limited() -> None:
        await asyncio.wait_for(conversation(), LIMIT)

    asyncio.run(limited())


def shown(problem: types.Diagnostic) -> tuple[object, ...]:
    place = problem.range
    start, end = (place.start.line, place.start.character), (place.end.line, place.end.character)
    return problem.code, problem.severity, start, end


def test_errors_and_warnings_come_while_typing_and_go() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open("MAXIMUM(x, unused) -> RELU(x)\n")
            (unused,) = await editor.problems()
            assert shown(unused) == ("W401", types.DiagnosticSeverity.Warning, (0, 11), (0, 17))
            editor.change("RELU(x) -> RELU6(y)\nCONV_2D[stride=2](x, w) -> x\n")
            unbound, attribute = await editor.problems()
            assert shown(unbound) == ("E301", types.DiagnosticSeverity.Error, (0, 17), (0, 18))
            assert shown(attribute) == ("E203", types.DiagnosticSeverity.Error, (1, 8), (1, 14))
            assert attribute.message.startswith("unknown attribute 'stride' of CONV_2D\ntry: ")
            editor.change("RELU(x) -> RELU6(x)\n")
            assert await editor.problems() == []

    converse(conversation)


def test_of_quick_changes_only_the_last_is_checked() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open("RELU(x) -> x")
            await editor.problems()
            for typed in ("RELU(x) -> y1", "RELU(x) -> y12", "RELU(x) -> y123"):
                editor.change(typed)
            (problem,) = await editor.problems()
            assert "'y123'" in problem.message
            assert editor.published.empty()

    converse(conversation)


@pytest.mark.parametrize(
    ("encodings", "column"),
    [(None, 22), ([types.PositionEncodingKind.Utf8], 28), ([types.PositionEncodingKind.Utf32], 19)],
)
def test_columns_count_what_the_editor_counts(encodings: list[types.PositionEncodingKind] | None, column: int) -> None:
    # Three characters beyond U+FFFF, and line ends of two characters; `column` is that of the `y`.
    text = '# \N{ROCKET}\r\nrule a\r\n  "\N{GRINNING FACE}\N{ROCKET}\N{MUSICAL SYMBOL G CLEF}" RELU(x) -> y\r\n'
    captured, unbound = (
        types.Range(types.Position(2, start), types.Position(2, start + 1)) for start in (column - 6, column)
    )

    async def conversation() -> None:
        async with session(encodings=encodings) as editor:
            editor.open(text)
            (problem,) = await editor.problems()
            assert (problem.code, problem.range) == ("E301", unbound)
            place = types.HoverParams(types.TextDocumentIdentifier(URI), captured.start)
            found = await editor.text_document_hover_async(place)
            assert found is not None
            assert found.range == captured

    converse(conversation)


def test_hover_says_what_a_word_is() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open(
                "MUL(c = CONV_2D[padding=SAME, stride_h=h](x: f32, w), s) where c.uses == 1, prod(h) > 0 -> x\n"
            )
            operator = await editor.hovered("CONV_2D")
            assert "CONV_2D(input, filter, bias?) -> output" in operator
            assert "`padding`: `SAME`, `VALID`" in operator
            assert '* version 3 where `input.dtype == "i8"`' in operator
            assert "default" in await editor.hovered("stride_h")
            assert "`SAME`, a value of `padding`" in await editor.hovered("SAME")
            assert "x: f32" in await editor.hovered("x: f32")
            assert "operand `input` of CONV_2D" in await editor.hovered("x: f32")
            assert "Attribute stride_h of CONV_2D" in await editor.hovered("h](x")
            assert "how many readers" in await editor.hovered("uses")
            assert "product" in await editor.hovered("prod")
            nothing = await editor.text_document_hover_async(types.HoverParams(**editor.on("1, prod")))
            assert nothing is None

    converse(conversation)


def test_completion_offers_what_fits_into_text_that_does_not_parse() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open("CONV_")
            (item,) = [item for item in await editor.completed() if item.label == "CONV_2D"]
            assert item.insert_text_format == types.InsertTextFormat.Snippet
            assert isinstance(item.text_edit, types.TextEdit)
            assert item.text_edit.new_text == "CONV_2D(${1:input}, ${2:filter}, ${3:bias?})$0"
            assert item.text_edit.range == types.Range(types.Position(0, 0), types.Position(0, 5))
            editor.change("CONV_2D[padding=")
            assert [item.label for item in await editor.completed()] == ["SAME", "VALID"]

    converse(conversation)


def test_an_editor_without_snippets_gets_plain_text() -> None:
    async def conversation() -> None:
        async with session(snippets=False) as editor:
            editor.open("CONV_")
            items = await editor.completed()
            assert {item.insert_text_format for item in items} == {types.InsertTextFormat.PlainText}
            assert {item.text_edit.new_text for item in items if item.text_edit} == {item.label for item in items}

    converse(conversation)


def test_definition_leads_to_bindings_and_declarations() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open("op CUSTOM[Own](input) -> output\nCUSTOM[Own](x) -> RELU(x)\n" + SMALLEST)

            async def target(part: str) -> types.Location:
                found = await editor.text_document_definition_async(types.DefinitionParams(**editor.on(part)))
                assert isinstance(found, types.Location)
                return found

            capture = await target("x)\nCUSTOM[Conv")
            assert (capture.uri, capture.range.start) == (URI, types.Position(1, 12))
            own = await target("Own](x)")
            assert (own.uri, own.range.start) == (URI, types.Position(0, 10))
            assert (await target("Convolution2DTransposeBias")).uri.endswith("/mediapipe.pat")
            assert (await target("TRANSPOSE_CONV(")).uri.endswith("/convolution.pat")
            nowhere = await editor.text_document_definition_async(types.DefinitionParams(**editor.on("->")))
            assert nowhere is None

    converse(conversation)


def test_formatting_replaces_the_text_and_leaves_what_does_not_parse() -> None:
    async def formatted(editor: Editor) -> list[types.TextEdit] | None:
        document = types.TextDocumentIdentifier(URI)
        options = types.FormattingOptions(tab_size=2, insert_spaces=True)
        found = await editor.text_document_formatting_async(types.DocumentFormattingParams(document, options))
        return None if found is None else list(found)

    async def conversation() -> None:
        async with session() as editor:
            editor.open("RELU( x )->x # why")
            edits = await formatted(editor)
            assert edits is not None
            (edit,) = edits
            assert edit.range == types.Range(types.Position(0, 0), types.Position(0, 18))
            assert edit.new_text == "RELU(x) -> x  # why\n"
            editor.change(edit.new_text)
            assert await formatted(editor) is None
            editor.change("RELU( x ->")
            assert await formatted(editor) is None

    converse(conversation)


def test_the_outline_holds_every_item() -> None:
    async def conversation() -> None:
        async with session() as editor:
            editor.open(
                'op CUSTOM["a.b"](input) -> output\npattern p(x) = RELU(x)\nrule r RELU(x) -> x\n\nTANH(x) -> x\n'
            )
            document = types.TextDocumentIdentifier(URI)
            found = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            symbols = [each for each in found or () if isinstance(each, types.DocumentSymbol)]
            assert [each.name for each in symbols] == ['CUSTOM["a.b"]', "p", "r", "my rules:5"]
            assert symbols[2].range == types.Range(types.Position(2, 0), types.Position(2, 19))
            assert symbols[2].selection_range.start == types.Position(2, 5)

    converse(conversation)


def test_a_checker_that_crashes_is_logged_and_the_server_goes_on() -> None:
    async def conversation() -> None:
        async with session(CRASHING) as editor:
            editor.open("# crash")
            while not editor.logged:
                await asyncio.sleep(0.01)
            assert "the checker fell over" in editor.logged[0]
            editor.change("RELU(x) -> x")
            assert await editor.problems() == []
            assert "RELU(input)" in await editor.hovered("RELU")

    converse(conversation)


def test_what_the_server_does_not_know_is_refused_or_ignored() -> None:
    async def conversation() -> None:
        async with session() as editor:
            with pytest.raises(JsonRpcException, match="Method Not Found"):
                await editor.protocol.send_request_async("rewriter/unheardOf", {})
            editor.protocol.notify("rewriter/unheardOf", {})
            unopened = types.TextDocumentIdentifier("file:///other.pat")
            place = types.Position(0, 0)
            assert await editor.text_document_hover_async(types.HoverParams(unopened, place)) is None
            assert await editor.text_document_completion_async(types.CompletionParams(unopened, place)) == []
            editor.open("RELU(x) -> x\n\n")
            outside = types.HoverParams(types.TextDocumentIdentifier(URI), types.Position(99, 99))
            assert await editor.text_document_hover_async(outside) is None
            editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(URI)))
            while await editor.problems():
                pass
            assert await editor.text_document_hover_async(outside) is None

    converse(conversation)


def test_a_large_file_keeps_nobody_waiting() -> None:
    rules = "".join(f"rule r{number}\n  MUL(RELU(x), {number}.0) -> MUL(y, {number}.0)\n" for number in range(2000))

    async def conversation() -> None:
        async with session() as editor:
            editor.open(rules)
            assert "RELU(input)" in await asyncio.wait_for(editor.hovered("RELU(x), 1999"), 10)
            problems = await editor.problems()
            assert len(problems) == 2000
            editor.change(rules + "CONV_2D[")
            assert "padding" in [item.label for item in await asyncio.wait_for(editor.completed(), 10)]

    converse(conversation)


def test_an_editor_that_vanishes_ends_the_server_with_code_1(tmp_path: Path) -> None:
    async def conversation() -> None:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
        )
        output, _ = await server.communicate(b"")
        assert (server.returncode, output) == (1, b"")

    converse(conversation)


def test_without_pygls_the_command_says_what_to_install(tmp_path: Path) -> None:
    program = f"import sys; sys.modules['pygls'] = None\n{PROGRAM}"

    async def conversation() -> None:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE, cwd=tmp_path
        )
        _, errors = await server.communicate()
        assert server.returncode == 2
        assert b"pip install rewriter[lsp]" in errors
        assert b"Traceback" not in errors

    converse(conversation)


@pytest.mark.parametrize("module", ["rewriter.cli.group", "rewriter.cli.lsp", "rewriter.lsp.completion"])
def test_only_the_server_imports_pygls(module: str) -> None:
    program = f"import sys, {module}; sys.exit('pygls' in sys.modules or 'lsprotocol' in sys.modules)"

    async def conversation() -> None:
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        assert await other.wait() == 0

    converse(conversation)
