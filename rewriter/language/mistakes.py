"""Syntax errors in a reader's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rewriter.source import Diagnostic, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from rewriter.source import Text

DEEPEST = 100
"""Levels of brackets, or of operations inside operations, that a text may have."""

_STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'"
_BRACKET = re.compile(rf"{_STRING}|#[^\n]*|[(\[{{)\]}}]")
_DASHES = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
_FOUND = re.compile(rf"{_STRING}|<->|<=+>|=+>|-[ \t-]*>|[{_DASHES}]+>|\.\.\.?|[=!<>]=|//|\*\*|\w+|.", re.DOTALL)
_CLOSER = {"(": ")", "[": "]", "{": "}"}

_CLAUSES = {"equal", "lossy", "changes", "benefit", "phase", "shared"}
_ITEMS = {"pack", "op", "pattern", "rule", "target"}
_RESERVED = _CLAUSES | _ITEMS | {"where", "options", "shape", "kernel", "accepts", "and", "or", "not", "in", "is"}
_INSTEAD = {
    "\N{LEFT DOUBLE QUOTATION MARK}": 'the plain quotation mark "',
    "\N{RIGHT DOUBLE QUOTATION MARK}": 'the plain quotation mark "',
    **dict.fromkeys("\N{RIGHTWARDS ARROW}\N{RIGHTWARDS DOUBLE ARROW}\N{LONG RIGHTWARDS ARROW}", "->"),
    **dict.fromkeys("\N{LEFT RIGHT ARROW}\N{LEFT RIGHT DOUBLE ARROW}", "<->"),
    **dict.fromkeys(_DASHES, "the plain minus sign -"),
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{MULTIPLICATION SIGN}": "*",
    "\N{NO-BREAK SPACE}": "a plain space",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "&": "and",
    "!": "not",
    "^": "**",
}
# What a person calls the terminals that are no fixed text, where the text lacks only one or two of them.
_CALLED = {
    "NAME": "a name",
    "WORD": "an operator's name",
    "INT": "a whole number",
    "FLOAT": "a number",
    "STRING": "a string",
    "CALL": "'('",
    "INDEX": "'['",
    "STEP": "'step'",
}
# A name with what no name can have, up to where it begins; and what of it follows.
_NAMED = re.compile(r"\b(?:pack|pattern|rule|target|cleanup)[ \t]+([a-z_]\w*)\Z", re.ASCII)
_NAME_GOES_ON = re.compile(r"[-.]\w[\w.-]*", re.ASCII)
_ARROWS = re.compile(rf"(<)?(?:=+|-[ \t-]*|[{_DASHES}]+)>")


_ARROW = "'->' and a replacement"


def brackets(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
    """Offset and character of every bracket that stands in no string and no comment."""
    for match in _BRACKET.finditer(text, start, len(text) if end is None else end):
        if match[0][0] not in "\"'#":
            yield match.start(), match[0]


def too_deep(text: Text, start: int, end: int) -> Diagnostic:
    """The error for a part of `text` that has more than `DEEPEST` levels."""
    message = f"this is nested more than {DEEPEST} levels deep"
    return Diagnostic("E105", message, Span(text, start, end), "a `pattern` of its own for a part of it")


def explain(text: Text, begin: int, offset: int, expected: Set[str]) -> Diagnostic:
    """Say what is wrong at `offset`.

    Args:
        begin: Where the parser began to read: brackets before it are not looked at.
        offset: The first character that does not fit; the text's length if it ends too early.
        expected: What could stand there: fixed texts (`,`, `->`) and the names of other terminals.
    """
    match = _FOUND.match(text.text, offset)
    found = match[0].strip() if match else ""
    span = Span(text, offset, offset + len(found))
    still_open = _still_open(text.text, begin, offset)
    return (
        _brackets(text, still_open, span, found)
        or _arrow(text, begin, span, found, expected, inside=bool(still_open))
        or _name(text, span, found, expected)
        or _characters(span, found)
        or _touching(text, span, found, expected)
        or _order(span, found, expected)
        or _run(text, still_open, span, found)
        or _general(span, found, expected, _CLOSER[still_open[-1][1]] if still_open else None)
    )


def _still_open(text: str, begin: int, end: int) -> list[tuple[int, str]]:
    """The brackets that were opened between `begin` and `end` and not closed."""
    still_open: list[tuple[int, str]] = []
    for offset, bracket in brackets(text, begin, end):
        if bracket in _CLOSER:
            still_open.append((offset, bracket))
        elif still_open:
            still_open.pop()
    return still_open


def _brackets(text: Text, still_open: list[tuple[int, str]], span: Span, found: str) -> Diagnostic | None:
    if found in _CLOSER.values() and found:
        if not still_open:
            return Diagnostic("E104", f"there is nothing open that this '{found}' could close", span, "leave it out")
        _, opening = still_open[-1]
        if _CLOSER[opening] != found:
            message = f"this '{found}' cannot close the '{opening}' before it"
            return Diagnostic("E104", message, span, f"a '{_CLOSER[opening]}' first")
    if still_open and (not found or found in _ITEMS | _CLAUSES | {"->", "<->", "where"}):
        offset, opening = still_open[-1]
        message = f"this '{opening}' is never closed"
        return Diagnostic("E103", message, Span(text, offset, offset + 1), f"a '{_CLOSER[opening]}'")
    return None


def _arrow(text: Text, begin: int, span: Span, found: str, expected: Set[str], *, inside: bool) -> Diagnostic | None:
    """Something that stands where the arrow of a rule should.

    After a pattern the parser would take a comparison, too: whether a `where` came before says which was meant.
    """
    if inside or "->" not in expected or found in ("->", "<->"):
        return None
    *others, since = re.split("<->|->", text.text[begin : span.start])
    on_the_left = not others or "\n" in since.strip()
    compares = re.search(r"\bwhere\b", since) is not None
    match = _ARROWS.fullmatch(found)
    if match and compares and found == "=>" and "->" in text.line(span.line)[span.column :]:
        hint = ">= to compare"
    elif match:
        hint = "<->" if match[1] else "->"
    elif found in ("=", "==") and on_the_left and not compares:
        hint = "->"
    else:
        return None
    return Diagnostic("E100", f"expected {_ARROW}, found {_shown(found)}", span, hint)


def _name(text: Text, span: Span, found: str, expected: Set[str]) -> Diagnostic | None:
    """The name of an item that is none: `my-rule`, `MyRule`."""
    named = _NAMED.search(text.line(span.line)[: span.column - 1])
    goes_on = _NAME_GOES_ON.match(text.text, span.start)
    if named and goes_on:
        span = Span(text, span.start - len(named[1]), span.start + len(goes_on[0]))
        hint = re.sub(r"[-.]+", "_", span.content).strip("_")
    elif found[:1].isupper() and "NAME" in expected and "WORD" not in expected:
        if text.text[span.end : span.end + 1] in ("(", "["):
            return Diagnostic(
                "E100", f"expected a name, found '{found}'", span, f"a name, as in rule my_rule {found}(x)"
            )
        hint = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", found).lower()
    else:
        return None
    return Diagnostic("E100", f"'{span.content}' is no name: a small letter, then letters, digits and _", span, hint)


def _run(text: Text, still_open: list[tuple[int, str]], span: Span, found: str) -> Diagnostic | None:
    """A name for a run of dimensions, which has none."""
    if found != "..." or not still_open or still_open[-1][1] != "[":
        return None
    if not re.search(r"[\[,]\s*[a-z_]\w*\Z", text.text[still_open[-1][0] : span.start], re.ASCII):
        return None
    message = "'...' stands for any dimensions of a shape, and has no name"
    return Diagnostic("E100", message, span, "[...], and .shape in a condition: where x.shape == y.shape")


def _characters(span: Span, found: str) -> Diagnostic | None:
    if found in ('"', "'"):
        rest = span.text.line(span.line)[span.column - 1 :]
        span = Span(span.text, span.start, span.start + len(rest))
        return Diagnostic("E102", "this string does not end on its line", span, f"a {found} at its end")
    if found[:1].isdigit() and not found.isdigit():
        return Diagnostic("E101", f"{found!r} is neither a number nor a name", span, "names begin with a letter")
    if (
        found in _INSTEAD
        or (found and (not found.isascii() or not found.isprintable()))
        or found in ("$", "`", "~", "\\")
    ):
        shown = repr(found) if found.isprintable() else f"U+{ord(found[0]):04X}"
        return Diagnostic("E101", f"the character {shown} means nothing here", span, _INSTEAD.get(found))
    return None


def _touching(text: Text, span: Span, found: str, expected: Set[str]) -> Diagnostic | None:
    wanted = {"(": "CALL", "[": "INDEX"}.get(found)
    if wanted not in expected or not text.text[: span.start][-1:].isspace():
        return None
    message = f"a '{found}' after white space does not belong to what stands before it"
    return Diagnostic("E114", message, span, "no white space between the two")


def _order(span: Span, found: str, expected: Set[str]) -> Diagnostic | None:
    hint = 'name, "documentation", pattern, where, -> replacement, then the clauses'
    if found == "where" and "BENEFIT" in expected:
        return Diagnostic("E115", "'where' comes before the replacement", span, hint)
    if found in _CLAUSES and "->" in expected:
        return Diagnostic("E115", f"{found!r} comes after the replacement", span, hint)
    if found in _RESERVED and "INT" in expected and "NAME" in expected:
        message = f"{found!r} begins an item or a clause, or is an operation, and names no value here"
        return Diagnostic("E109", message, span, "another name for the value")
    return None


def _general(span: Span, found: str, expected: Set[str], closer: str | None) -> Diagnostic:
    wanted = _wanted(expected, closer)
    if not found:
        hint = "an arrow and what to put there, as in MUL(x, 1.0) -> x" if wanted == _ARROW else None
        return Diagnostic("E100", f"the text ends where {wanted} should follow", span, hint)
    hint = None
    if found == "=" and "==" in expected:
        hint = "== to compare"
    elif found == "==" and "=" in expected:
        hint = "= to give a value"
    elif found == "//" and "RULE" in expected:
        hint = "# before a comment"
    return Diagnostic("E100", f"expected {wanted}, found {_shown(found)}", span, hint)


def _wanted(expected: Set[str], closer: str | None) -> str:
    """The most likely of the things that could follow, in words; `closer` is the bracket that waits to be closed."""
    if "INT" in expected and "NAME" in expected:
        return "an operator, a name or a value"
    if closer in expected:
        return f"',' or '{closer}'" if "," in expected else f"'{closer}'"
    if "->" in expected and "<->" in expected:
        return _ARROW
    if "RULE" in expected:
        return "a rule, an operator, or one of pack, op, pattern, rule, target, cleanup"
    if "WORD" in expected and "(" in expected:
        return "a pattern"
    words = sorted(_CALLED.get(name) or f"'{name.lower()}'" for name in expected - {"RESERVED", "NOT", "$END"})
    *most, last = words or ["the end of the text"]
    return f"{', '.join(most)} or {last}" if most else last


def _shown(found: str) -> str:
    return found if found[0] in "\"'" else f"'{found}'"
