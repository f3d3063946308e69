"""Colours for the page that shows the grammar itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Operator, Punctuation, String, Text

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class LarkLexer(RegexLexer):
    """Grammars as Lark reads them, of which Pygments knows nothing."""

    name = "Lark"
    aliases: ClassVar = ["lark"]
    tokens: ClassVar = {
        "root": [
            (r"//[^\n]*", Comment.Single),
            (r"%\w+", Keyword),
            (r'"(?:\\.|[^"\\\n])*"i?', String),
            (r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[imslux]*", String.Regex),
            (r"[A-Z_][A-Z0-9_]*\b", Name.Constant),
            (r"[!?]*\w+", Name.Function),
            (r"->|[|*+?~:]|\.\.", Operator),
            (r"[(){}\[\],.]", Punctuation),
            (r"\s+", Text.Whitespace),
        ]
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_lexer("lark", LarkLexer)
    return {"parallel_read_safe": True}
