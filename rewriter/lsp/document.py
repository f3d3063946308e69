"""A text in an editor, as it stands at this moment."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from pathlib import Path

from attrs import field, frozen

from rewriter.lsp.brackets import Reading, read
from rewriter.lsp.items import Item, split
from rewriter.lsp.tokens import Token, tokenize


@frozen(slots=False, eq=False)
class Document:
    """A text with what can be seen in it.

    Attributes:
        name: What it is called: its path, or its address where it is in no file.
        text: With line ends of `\\n`, and a blank for a byte order mark: places in it are those that the checker gives.
    """

    name: str
    text: str = field(repr=False)

    @classmethod
    def of(cls, name: str, text: str) -> Document:
        """The document of a text with any line ends."""
        if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
            text = " " + text[1:]
        return cls(name, text.replace("\r\n", "\n").replace("\r", "\n"))

    @property
    def path(self) -> Path:
        """Where it is, if it is in a file."""
        return Path(self.name)

    @cached_property
    def tokens(self) -> list[Token]:
        """All its tokens, comments too."""
        return list(tokenize(self.text))

    @cached_property
    def items(self) -> list[Item]:
        """Its items."""
        return split(self.tokens)

    def before(self, offset: int) -> Document:
        """The part of it before an offset."""
        return Document(self.name, self.text[:offset])

    def find(self, offset: int) -> tuple[Reading, int] | None:
        """The item around an offset, and the index of the word, name or string that is there or ends there."""
        at = bisect_right(self.items, offset, key=lambda item: item.start) - 1
        if at < 0:
            return None
        tokens = self.items[at].tokens
        last = bisect_right(tokens, offset, key=lambda token: token.start) - 1
        for index in (last, last - 1):
            if index >= 0 and tokens[index].end >= offset and tokens[index].kind in ("word", "name", "string"):
                return read(self.items[at]), index
        return None
