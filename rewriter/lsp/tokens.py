"""The tokens of any text, finished or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["comment", "string", "number", "word", "name", "sign"]

# A string that does not end, ends with its line.
_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
    | (?P<string> "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'? )
    | (?P<number> (?:\d+(?:\.(?!\.)\d*)?|\.\d+) (?:[eE][+-]?\d+)? \w* )
    | (?P<word> [A-Z]\w* )
    | (?P<name> [a-z_]\w* )
    | (?P<sign> <->|->|\.\.\.|\.\.|[=!<>]=|//|\*\*|\S )
    """,
    re.ASCII | re.VERBOSE,
)


@frozen
class Token:
    """A piece of text between white space.

    Attributes:
        kind: A `word` begins in upper case and a `name` does not; a `sign` is everything that is none of the others.
        start, end: Offsets in the text.
        touches: Whether there is nothing between it and the token before it.
        column: How far it is indented if it is the first of its line; None if it is not.
    """

    kind: Kind
    text: str
    start: int
    end: int
    touches: bool
    column: int | None

    @property
    def value(self) -> str:
        """What it says: a string without its quotation marks, anything else as it is."""
        return self.text[1:].removesuffix(self.text[0]) if self.kind == "string" else self.text


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text, comments included, in order."""
    before = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        line = text.rfind("\n", before, start)
        column = start - line - 1 if line >= 0 or not before else None
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        yield Token(kind, match[0], start, end, start == before > 0, column)
        before = end
