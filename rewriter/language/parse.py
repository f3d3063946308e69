"""From text to syntax tree: the only module that knows Lark."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from threading import Lock
from typing import Any
from zlib import crc32

from rewriter.cache import cached
from rewriter.errors import LanguageError
from rewriter.language import stored, syntax
from rewriter.language.build import Builder
from rewriter.language.mistakes import DEEPEST, brackets, explain, too_deep
from rewriter.language.syntax import Syntax, children
from rewriter.source import Diagnostic, Span, Text

_LONGEST = 8 << 20  # bytes; a rule takes about a hundred
_MOST_ERRORS = 20
_CONTEXT = 40  # characters before an item's beginning that are looked at
# Each level of a tree has one of these in its text, or is one of the four that a name, a type and the like make of one.
_WRAPPED = 4
# What a tree depends on besides the text.
_MADE_BY = (("rewriter.grammar", "pat.lark"), ("rewriter.language", "build.py"))
_DEEPENING = re.compile(r"[(\[{=.+\-*/%]|\b(?:and|or|not)\b")
# Where a new item plausibly begins: at its keyword and a name, or with an operator or equation that is not indented.
_RESUMPTION = re.compile(
    r"^(?:[ \t]*(?:pack|pattern|rule|target|cleanup)[ \t]+[a-z_]\w*|[ \t]*op[ \t]+[A-Z]|[A-Z]\w*[(\[@]"
    r"|[a-z_]\w*[ \t]*=|\()",
    re.ASCII | re.MULTILINE,
)
_CONTINUED = re.compile(r"(?:->|[-+*/%,;=|(\[{]|\b(?:and|or|not|in|is|where))\s*\Z")


def parse(text: str | bytes, filename: str) -> syntax.File:
    """The tree of a `.pat` text.

    Args:
        text: The whole file. Bytes are UTF-8; a byte order mark and `\\r\\n` are taken as any editor would.
        filename: Under what name errors and spans show it.

    Raises:
        LanguageError: Syntax errors, as many as can be told apart.
    """
    source = Text(filename, _decode(text, filename))
    if len(source.text) > _LONGEST:
        message = f"a file of {len(source.text):,} characters is too large"
        raise LanguageError([Diagnostic("E110", message, Span(source, 0, 0), f"files of at most {_LONGEST:,}")])
    if deep := _deep_brackets(source):
        raise LanguageError([deep])
    file, diagnostics = _read(source)
    if file is None or diagnostics:
        raise LanguageError(sorted(diagnostics, key=lambda diagnostic: diagnostic.span.start))
    return file


def parse_kept(text: str | bytes, filename: str, latest_of: object) -> syntax.File:
    """The tree of a text that is read again and again, as that of an installed pack: it is kept in the cache.

    Args:
        text: The whole file.
        filename: Under what name errors and spans show it.
        latest_of: What the text is one of several states of; only the last one's tree is kept.

    Raises:
        LanguageError: Syntax errors; of such a text nothing is kept.
    """

    def read() -> list[object]:
        return stored.as_plain(parse(text, filename))

    key = (grammar_version(), stored.layout(), text)
    tree = stored.as_tree(cached("pat", key, read, latest_of=latest_of), Text(filename, _decode(text, filename)))
    assert isinstance(tree, syntax.File)
    return tree


@cache
def grammar_version() -> int:
    """Changes with what the parser makes of a text."""
    return crc32(b"".join(resources.files(package).joinpath(name).read_bytes() for package, name in _MADE_BY))


def _decode(text: str | bytes, filename: str) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            before = text[: error.start].decode()
            shown = Text(filename, before + text[error.start :].decode(errors="replace"))
            message = f"byte 0x{text[error.start]:02x} is not UTF-8"
            place = Span(shown, len(before), len(before) + 1)
            raise LanguageError([Diagnostic("E110", message, place, "to save the file as UTF-8")]) from None
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n").replace("\r", "\n")


def _read(source: Text) -> tuple[syntax.File | None, list[Diagnostic]]:
    """The tree, None where there are syntax errors, and all errors: after one, reading goes on at the next item."""
    # Lark's own types are not complete; what is used of it here is Any and given its type at once.
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    found: list[Diagnostic] = []
    begin: int | None = 0
    while begin is not None and len(found) < _MOST_ERRORS:
        # Blanks stand for what was read before, so that places stay what they are.
        text = " " * begin + source.text[begin:] if begin else source.text
        with _lock:
            parser, builder = _parser()
            builder.begin(source)
            try:
                file: syntax.File = parser.parse(text)
            except (UnexpectedToken, UnexpectedCharacters) as error:
                offset, expected = _failure(error, source)
            else:
                found += builder.diagnostics
                found += [deep for item in file.items if (deep := _deep_tree(item))]
                return (None if begin else file), found
            found += builder.diagnostics
        found.append(explain(source, begin, offset, {_terminal(parser, name) for name in expected}))
        begin = _resumption(source.text, offset)
    return None, found


def _failure(error: Any, source: Text) -> tuple[int, set[str]]:
    """Where Lark found an error, and the terminals that could have stood there."""
    if not hasattr(error, "token"):
        return error.pos_in_stream, error.allowed
    at_end = error.token.type == "$END"
    return len(source.text.rstrip()) if at_end else error.token.start_pos, error.expected


def _resumption(text: str, offset: int) -> int | None:
    """Where the next item begins after an error at `offset`."""
    for match in _RESUMPTION.finditer(text, offset + 1):
        if not _CONTINUED.search(text, match.start() - _CONTEXT if match.start() > _CONTEXT else 0, match.start()):
            return match.start()
    return None


def _deep_brackets(source: Text) -> Diagnostic | None:
    """The error for brackets in brackets beyond the limit. Found before parsing, for it may be a hundred thousand."""
    depth = 0
    for offset, bracket in brackets(source.text):
        if bracket in "([{":
            depth += 1
            if depth > DEEPEST:
                return too_deep(source, offset, offset + 1)
        elif depth:
            depth -= 1
    return None


def _deep_tree(item: Syntax) -> Diagnostic | None:
    """The error for an item whose tree is too deep for those who walk it: a long chain of operations, say."""
    span = item.span
    if sum(1 for _ in _DEEPENING.finditer(span.text.text, span.start, span.end)) < DEEPEST // _WRAPPED:
        return None
    waiting = [(item, 0)]
    while waiting:
        tree, depth = waiting.pop()
        if depth > DEEPEST * 2:
            return too_deep(span.text, tree.span.start, tree.span.end)
        waiting += [(part, depth + 1) for part in children(tree)]
    return None


# One parser serves all texts, and its builder keeps the state of one parse.
_lock = Lock()


@cache
def _parser() -> tuple[Any, Builder]:
    """The parser of `pat.lark`, from the cache if it was built before, and the builder that it calls."""
    import lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    Lark: Any = lark.Lark  # noqa: N806 - a class

    grammar = (resources.files("rewriter.grammar") / "pat.lark").read_text("utf-8")

    def build() -> Any:
        parser = Lark(
            grammar,
            parser="lalr",
            start="file",
            keep_all_tokens=True,
            maybe_placeholders=False,
            g_regex_flags=int(re.ASCII),
        )
        return parser.memo_serialize([TerminalDef, Rule])

    data, memo = cached("grammar", (lark.__version__, grammar), build)
    builder = Builder()
    data["options"]["transformer"] = builder
    return Lark.load({"data": data, "memo": memo}), builder


def _terminal(parser: Any, name: str) -> str:
    """A terminal's text where it is a fixed one (`,`), else its name (`WORD`)."""
    from lark.lexer import PatternStr

    if name == "$END":
        return name
    pattern = parser.get_terminal(name).pattern
    return pattern.value if isinstance(pattern, PatternStr) else name
