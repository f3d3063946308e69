"""Where lines end: a stream of text and of places where a line may break, laid out for a width.

The stream is flat, and a group in it is what stands between `OPEN` and `CLOSE`. A group that fits on the rest of its
line, together with what follows up to the next place where a line may break, is printed on one line; in any other,
every `Line` of its own is a line end, and the groups inside it are looked at in turn.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 2
"""Columns of one level of indentation."""


@frozen
class Word:
    """A token, never broken."""

    text: str


@frozen
class Filler:
    """White space between two tokens of a line."""

    text: str = " "


@frozen
class Soft:
    """A token that is printed only where its group is broken: the comma after a last operand."""

    text: str


@frozen
class Line:
    """A place where a line may end, `flat` where it does not; a hard one always ends."""

    flat: str = " "
    hard: bool = False


@frozen
class Indent:
    """From here on lines begin `by` columns further to the right; less than 0 takes it back."""

    by: int


@frozen
class Comment:
    """A comment, with its `#`; the line ends behind it. One that is `trailing` stands behind what is on its line."""

    text: str
    trailing: bool


@frozen
class Mark:
    """The beginning or end of a group."""

    name: str


OPEN, CLOSE = Mark("open"), Mark("close")

Piece = Word | Filler | Soft | Line | Indent | Comment | Mark


def lay_out(pieces: Sequence[Piece], width: int) -> str:
    """The text of a stream, without white space at the ends of its lines and without a final line end."""
    page = _Page()
    measure = _Measure(pieces, width)
    broken = [True]
    for place, piece in enumerate(pieces):
        match piece:
            case Mark():
                if piece is OPEN:
                    broken.append(broken[-1] and not measure.fits(place, page.column))
                else:
                    broken.pop()
            case Indent(by):
                page.indentation += by
            case Line(flat, hard):
                if hard or broken[-1]:
                    page.end_line()
                else:
                    page.fill(flat)
            case Filler(text):
                page.fill(text)
            case Word(text):
                page.print(text)
            case Soft(text):
                if broken[-1]:
                    page.print(text)
            case Comment(text, trailing):
                page.comment(text, trailing)
    return "".join(page.text)


class _Measure:
    """How wide groups are when they are printed on one line."""

    def __init__(self, pieces: Sequence[Piece], width: int) -> None:
        self._width = width
        self._until = [0, *accumulate(len(_flat(piece)) for piece in pieces)]
        self._breaks = [0, *accumulate(_breaks(piece) for piece in pieces)]
        # Where the group that opens at a place is closed, and where the line may end next.
        self._closed: dict[int, int] = {}
        self._next_line = [len(pieces)] * (len(pieces) + 1)
        opened: list[int] = []
        for place, piece in enumerate(pieces):
            if piece is OPEN:
                opened.append(place)
            elif piece is CLOSE:
                self._closed[opened.pop()] = place
        for place in reversed(range(len(pieces))):
            ends = isinstance(pieces[place], Line | Comment)
            self._next_line[place] = place if ends else self._next_line[place + 1]

    def fits(self, opened: int, column: int) -> bool:
        """Whether the group that opens at a place can be printed on one line that has `column` columns already."""
        closed = self._closed[opened]
        if self._breaks[closed] > self._breaks[opened]:
            return False
        return column + self._until[self._next_line[closed]] - self._until[opened] <= self._width


def _flat(piece: Piece) -> str:
    match piece:
        case Word(text) | Filler(text) | Line(text):
            return text
        case _:
            return ""


def _breaks(piece: Piece) -> bool:
    return isinstance(piece, Comment) or (isinstance(piece, Line) and piece.hard)


class _Page:
    """The lines so far. White space waits until something follows it on its line."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.indentation = 0
        self._printed = 0  # columns of the line
        self._filling = ""
        self._commented = False

    @property
    def column(self) -> int:
        """Where the next token of the line would begin."""
        return self._printed + len(self._filling) if self._printed and not self._commented else self.indentation

    def fill(self, text: str) -> None:
        """White space, unless the line ends or begins here."""
        if self._printed and not self._commented:
            self._filling += text

    def print(self, text: str) -> None:
        """A token."""
        if self._commented:
            self.end_line()
        added = self._filling + text if self._printed else " " * self.indentation + text
        self._filling = ""
        self._printed += len(added)
        self.text.append(added)

    def end_line(self) -> None:
        """End the line, unless there is nothing on it yet."""
        if self._printed:
            self.text.append("\n")
        self._printed, self._filling, self._commented = 0, "", False

    def comment(self, text: str, trailing: bool) -> None:
        """A comment, behind what is on the line or on a line of its own; what follows stands on the next one."""
        if trailing and self._printed and not self._commented:
            self._filling = "  "
        else:
            self.end_line()
        self.print(text)
        self._commented = True
