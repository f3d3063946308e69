"""What the syntax tree does not hold: the tokens of a text, the comments between them, and where these belong.

A comment belongs to the gap between two tokens, and stays in it. It is *trailing* where it stands on the line of the
token before it, and goes on with that line; otherwise it has lines of its own before the token after it. Tokens that
the layout does not print (brackets that say nothing, a last comma) make no gap, and a comma or semicolon belongs to
what is before it, so that comments around it stand behind it; so does a bracket that must touch what is before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.language.layout import CLOSE, STEP, Comment, Filler, Indent, Line, Soft, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.language.layout import Piece

_TOKEN = re.compile(
    r"""
    \#[^\n]*
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
    | (?:\d+\.(?!\.)\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?(?!\w)
    | \w+
    | <->|->|\.\.\.|\.\.|[=!<>]=|//|\*\*
    | \S
    """,
    re.ASCII | re.VERBOSE,
)
_LINE_END = re.compile("\n")
_OPENING, _CLOSING = frozenset("(["), frozenset(")]}")
_LEANING = frozenset(",;")
_TOUCHED = re.compile(r"[\w)\]]\Z")
CLAUSES = frozenset(
    [
        "serves",
        "uses",
        "leaves",
        "by",
        "ulp",
        "step",
        "steps",
        "version",
        "quantization",
        "stored",
        "implied",
        "commutative",
        "side",
    ]
)
"""Words that go on with the item before them, unless they are a name and a `=` follows."""


@frozen
class Token:
    """A token or, with its `#` and without white space at its end, a comment."""

    text: str
    start: int
    end: int
    lines_before: int
    """Line ends between what stands before it and it."""
    at_margin: bool
    """Whether it begins its line, without white space before it."""

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment."""
        return self.text.startswith("#")


class Source:
    """A text that has been parsed, as its tokens and comments."""

    def __init__(self, text: str) -> None:
        self._tokens = tuple(_tokens(text))
        self._starts = [token.start for token in self._tokens]

    def between(self, start: int, end: int) -> tuple[Token, ...]:
        """Tokens and comments that begin from `start` up to, not including, `end`."""
        return self._tokens[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def trailing(self, end: int) -> tuple[Token, ...]:
        """The comment, if there is one, that stands behind `end` on the same line."""
        place = bisect_left(self._starts, end)
        return tuple(token for token in self._tokens[place : place + 1] if token.is_comment and not token.lines_before)

    def words(self, start: int, end: int) -> list[str]:
        """The tokens between two offsets."""
        return [token.text for token in self.between(start, end) if not token.is_comment]


def _tokens(text: str) -> Iterator[Token]:
    end = 0
    for match in _TOKEN.finditer(text):
        lines = sum(1 for _ in _LINE_END.finditer(text, end, match.start()))
        at_margin = not match.start() or text[match.start() - 1] == "\n"
        end = match.end()
        yield Token(match[0].rstrip(), match.start(), end, lines, at_margin)


def put_comments(pieces: Sequence[Piece], tokens: Sequence[Token]) -> Sequence[Piece]:
    """Put the comments among `tokens` where they belong in the stream that is printed in place of these.

    Every `Word` of the stream is one of the tokens, in the same order; tokens that are not printed are passed over.
    """
    if not any(token.is_comment for token in tokens):
        return pieces
    result: list[Piece] = []
    done = 0
    for place, comments in _gaps(pieces, tokens):
        after = pieces[place] if place < len(pieces) else None
        result += _with_comments(pieces[done:place], comments, after) if comments else pieces[done:place]
        done = place
    return result


def _gaps(pieces: Sequence[Piece], tokens: Sequence[Token]) -> Iterator[tuple[int, list[Comment]]]:
    """The place of every `Word` that ends a gap, and of the stream's end, with the comments in the gap."""
    waiting = iter(tokens)
    comments: list[Comment] = []
    lines = 1  # line ends in the gap so far; what comes first in the stream trails nothing

    def pass_to(word: str | None) -> None:
        nonlocal lines
        for token in waiting:
            lines += token.lines_before
            if token.is_comment:
                comments.append(Comment(token.text, trailing=not lines and not comments))
            elif token.text == word:
                return

    before = ""  # the text since white space
    for place, piece in enumerate(pieces):
        if isinstance(piece, Word):
            pass_to(piece.text)
            if not _joined(before, piece.text):
                yield place, comments
                comments = []
            lines = 0
            before = piece.text
        elif isinstance(piece, Line | Filler):
            before = before if before in CLAUSES else ""
    pass_to(None)
    yield len(pieces), comments


def _joined(before: str, word: str) -> bool:
    """Whether no comment may come between two tokens; any that there is goes behind the second one."""
    if word == "=":
        return before in CLAUSES
    return word in _LEANING or (word in _OPENING and _TOUCHED.search(before) is not None)


def _with_comments(gap: Sequence[Piece], comments: list[Comment], after: Piece | None) -> list[Piece]:
    """The part of the stream from one `Word` up to the next, `after`, with the comments between the two.

    A trailing comment comes before any place where the line may end. Another one comes after it, to be indented as
    `after` is; where that is a closing bracket, as the bracket's content, and at the end as what belongs to an item.
    """
    trailing = [comment for comment in comments if comment.trailing]
    others = [comment for comment in comments if not comment.trailing]
    words = [place + 1 for place, piece in enumerate(gap) if isinstance(piece, Word)]
    first = next((place for place in range(words[-1] if words else 0, len(gap)) if not _leans(gap[place])), len(gap))
    if after is None:
        return [*gap, *trailing, Indent(STEP), *others, Indent(-STEP)]
    if isinstance(after, Word) and after.text in _CLOSING:
        last = max((place for place, piece in enumerate(gap) if isinstance(piece, Indent)), default=first)
    else:
        last = max((place + 1 for place, piece in enumerate(gap) if isinstance(piece, Line)), default=first)
    first = min(first, last)
    return [*gap[:first], *trailing, *gap[first:last], *others, *gap[last:]]


def _leans(piece: Piece) -> bool:
    """Whether a piece still belongs to the `Word` before it, so that a trailing comment comes after it."""
    return isinstance(piece, Soft) or piece is CLOSE or (isinstance(piece, Indent) and piece.by < 0)
