"""Places in a text as the protocol counts them: lines from 0, and in a line the code units of an encoding."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from attrs import field, frozen

_UNITS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def _starts(text: str) -> list[int]:
    starts = [0]
    while (end := text.find("\n", starts[-1])) >= 0:
        starts.append(end + 1)
    return starts


@frozen
class Positions:
    """The places of one text, whose lines end in `\\n`.

    Attributes:
        encoding: What is counted in a line, as client and server agreed: `utf-16` unless they said otherwise.
    """

    text: str = field(repr=False)
    encoding: str

    @cached_property
    def _lines(self) -> list[int]:
        return _starts(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and code unit of the character at an offset."""
        line = bisect_right(self._lines, offset) - 1
        return line, self._units(self.text[self._lines[line] : offset])

    def offset(self, line: int, unit: int) -> int:
        """The offset of the character at a place; a place behind the end of a line or of the text means that end."""
        if line >= len(self._lines):
            return len(self.text)
        start = self._lines[line]
        end = self._lines[line + 1] - 1 if line + 1 < len(self._lines) else len(self.text)
        content = self.text[start:end]
        if content.isascii():
            return start + min(unit, len(content))
        data = content.encode(_UNITS[self.encoding], "surrogatepass")[: unit * _BYTES[self.encoding]]
        return start + len(data.decode(_UNITS[self.encoding], "ignore"))

    def _units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        return len(text.encode(_UNITS[self.encoding], "surrogatepass")) // _BYTES[self.encoding]
