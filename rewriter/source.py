"""Places in texts, and what is said about them: spans, diagnostics and their rendering."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TAB = 4
_WIDEST = 160
_CUT = "..."


def _line_starts(text: str) -> Iterator[int]:
    start = 0
    while start >= 0:
        yield start
        start = text.find("\n", start) + 1 or -1


@frozen
class Text:
    """A text and the name under which a person knows it; lines end in `\\n`."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(_line_starts(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at `offset`, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The line with this number (from 1), without its end."""
        start = self._starts[number - 1]
        stop = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:stop]


@frozen
class Span:
    """The characters of `text` from offset `start` up to, not including, `end`."""

    text: Text = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, counted from 1."""
        return self.text.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column of the first character, in characters, counted from 1."""
        return self.text.position(self.start)[1]

    @property
    def content(self) -> str:
        """The characters."""
        return self.text.text[self.start : self.end]

    @property
    def on_one_line(self) -> str:
        """The characters with a single space for each run of white space."""
        return " ".join(self.content.split())


@frozen
class Diagnostic:
    """One mistake in a text, or something else to be said of a part of it.

    Attributes:
        code: Stable, for programs and for looking it up: `E1xx` for syntax. Empty for what is no mistake of the text.
        message: What is wrong, without place.
        hint: What to try; completes "try: ".
    """

    code: str
    message: str
    span: Span
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    def render(self) -> str:
        """`error[CODE]: message`, its place, the line with the place marked, and the hint, without a final newline.

        Without a code the message stands alone.
        """
        line, column = self.span.text.position(self.span.start)
        content = self.span.text.line(line)
        length = min(self.span.end - self.span.start, len(content) - column + 1)
        shown, indent, carets = _window(content, column - 1, max(length, 1))
        gutter = " " * len(str(line))
        rows = [
            f"{self.severity}[{self.code}]: {self.message}" if self.code else self.message,
            f"{gutter}--> {self.span.text.name}:{line}:{column}",
            f"{gutter} |",
            f"{line} | {shown}".rstrip(),
            f"{gutter} | {' ' * indent}{'^' * carets}",
        ]
        if self.hint:
            rows.append(f"{gutter}= try: {self.hint}")
        return "\n".join(rows)


def nearest(word: str, words: Iterable[str], alike: float = 0.6) -> str | None:
    """The one of `words` that somebody who wrote `word` most likely meant, or None where none is `alike`, of 1."""
    from difflib import get_close_matches

    known = {known.casefold(): known for known in words}
    close = get_close_matches(word.casefold(), known, n=1, cutoff=alike)
    return known[close[0]] if close else None


def _window(line: str, start: int, length: int) -> tuple[str, int, int]:
    """What to show of `line`, and at which column how many carets mark its characters from `start` on."""
    cells = [_cell(character) for character in line] + [(" ", 1)] * (start + length - len(line))
    first, last = 0, len(cells)
    if sum(width for _, width in cells) > _WIDEST:
        first = max(0, min(start - _WIDEST // 3, len(cells) - _WIDEST))
        last = first + _WIDEST
    before, after = (_CUT if first else ""), (_CUT if last < len(cells) else "")
    shown = before + "".join(text for text, _ in cells[first:last]) + after
    indent = len(before) + sum(width for _, width in cells[first:start])
    carets = sum(width for _, width in cells[start : min(start + length, last)])
    return shown.rstrip(), indent, max(carets, 1)


def _cell(character: str) -> tuple[str, int]:
    """A character as a terminal can show it, and how many columns that takes."""
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        return " " * _TAB, _TAB
    from unicodedata import category, combining, east_asian_width

    if category(character).startswith("C"):
        return "\N{REPLACEMENT CHARACTER}", 1
    if combining(character):
        return character, 0
    return character, 2 if east_asian_width(character) in "WF" else 1
