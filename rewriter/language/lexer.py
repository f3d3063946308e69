"""Colours for `.pat` text in documentation and terminals: a lexer for Pygments, which finds it by entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pygments.lexer import RegexLexer, words
from pygments.lexer import bygroups as by_groups  # pyright: ignore[reportUnknownVariableType]
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

CLAUSES = (
    *("where", "equal", "lossy", "changes", "interface", "shared", "benefit", "phase", "exact", "within", "ulp"),
    *(
        "step",
        "steps",
        "options",
        "shape",
        "kernel",
        "accepts",
        "serves",
        "uses",
        "leaves",
        "version",
        "quantization",
        "stored",
    ),
    *("implied", "commutative", "side", "effects", "variable", "private", "struct", "as"),
    *("extends", "unpacks", "requires", "partitions", "by"),
)
"""Words that begin a clause or stand in one; all of them are ordinary names elsewhere."""

OPERATIONS = ("and", "or", "not", "in", "is")
TYPES = (
    *("f16", "f32", "f64", "bf16", "i2", "i4", "i8", "i16", "i32", "i64"),
    *("u4", "u8", "u16", "u32", "u64", "bool", "string", "c64", "c128"),
)

_NAMED_ITEM = r"(pack|pattern|rule|target|cleanup)([^\S\n]+)([a-z_]\w*)"
# Where a clause's word stands for itself: nothing that only a name can have comes before or after it.
_NO_NAME_BEFORE = r"(?<![.\w@])"
_NO_NAME_AFTER = r"(?=\s|\Z|#)(?!\s*(?:[:=,;?)\]+*/%<>!|]|\.\.\.|-\D))"


class PatLexer(RegexLexer):
    """Rules that rewrite TensorFlow Lite models."""

    name = "Rewriter patterns"
    aliases: ClassVar[Sequence[str]] = ("pat",)
    filenames: ClassVar[Sequence[str]] = ("*.pat",)
    url = ""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"(?=(?:[^"\\\n]|\\.)*")', String.Double, "double"),
            (r"'(?=(?:[^'\\\n]|\\.)*')", String.Single, "single"),
            (r"<->|->", Operator),
            (
                r"(pack|pattern|rule|target|cleanup)([^\S\n]+)([a-z_]\w*)",
                by_groups(Keyword.Declaration, Whitespace, Name.Entity),
            ),
            (r"(op)([^\S\n]+)(?=[A-Z])", by_groups(Keyword.Declaration, Whitespace)),
            (r"(@)([a-z_]\w*)", by_groups(Operator, Name.Variable)),
            (r"(like)([^\S\n]+)([a-z_]\w*)", by_groups(Keyword, Whitespace, Name.Variable)),
            (words(("true", "false", "absent"), prefix=_NO_NAME_BEFORE, suffix=r"\b"), Keyword.Constant),
            (words(OPERATIONS, prefix=_NO_NAME_BEFORE, suffix=r"\b"), Operator.Word),
            (words(("const", "flexbuffer", "bytes"), prefix=_NO_NAME_BEFORE, suffix=r"\b"), Keyword),
            (words(TYPES, prefix=_NO_NAME_BEFORE, suffix=r"\b"), Keyword.Type),
            (words(CLAUSES, prefix=_NO_NAME_BEFORE, suffix=_NO_NAME_AFTER), Keyword),
            (r"(?<=[\w\]?.]\s)(?:implied|variable|private)(?=\s*[,)])", Keyword),
            (r"[A-Z]\w*(?=[\[(@])", Name.Function),
            (r"[A-Z]\w*", Name.Constant),
            (r"(\.)([a-z_]\w*)", by_groups(Punctuation, Name.Attribute)),
            (r"[a-z_]\w*(?==[^=])", Name.Attribute),
            (r"[a-z_]\w*(?=\()", Name.Function.Magic),
            (r"[a-z_]\w*", Name.Variable),
            (r"0x[0-9a-fA-F]+(?!\w)", Number.Hex),
            (r"(?:\d+\.(?!\.)\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?(?!\w)", Number.Float),
            (r"\d+(?!\w)", Number.Integer),
            (r"\.\.\.?", Punctuation),
            (r"==|!=|<=|>=|//|\*\*|[-+*/%<>|?=@]", Operator),
            (r"[()\[\]{},;:.]", Punctuation),
        ],
        "double": [(r'[^"\\]+', String.Double), (r"\\.", String.Escape), (r'"', String.Double, "#pop")],
        "single": [(r"[^'\\]+", String.Single), (r"\\.", String.Escape), (r"'", String.Single, "#pop")],
    }
