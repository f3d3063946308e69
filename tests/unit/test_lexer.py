"""Colours: every text of the language is coloured, none of it as an error, and what is coloured is meant."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pygments import lex
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Token

from rewriter.language.lexer import PatLexer
from tests.packaging import project
from tests.shared import CHECKOUT
from tests.unit.pat_texts import texts

FILES = [
    path
    for folder in ("grammar", "patterns", "tests/language/pass", "tests/language/format")
    for path in sorted((CHECKOUT / folder).rglob("*.pat"))
]
BLOCKS = [
    block
    for path in sorted((CHECKOUT / "docs").rglob("*.md"))
    for block in re.findall(r"^```pat\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
]
GRAMMAR: dict[str, Any] = json.loads((CHECKOUT / "editors" / "pat.tmLanguage.json").read_text("utf-8"))

# The examples of language.md, a line each.
EXAMPLES = r"""
CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)
MUL(c = CONV_2D(x: f32, w: const f32[o, kh, kw, i], b: const f32[o]), s: const f32[o])
where c.uses == 1, min(abs(s.value)) > 0
-> @c(x, w * reshape(s, [-1, 1, 1, 1]), b * s)
CONV_2D[padding=SAME|VALID, stride_h=2](x, w, b?)
AVERAGE_POOL_2D[filter_height=h, filter_width=w](x: [_, h, w, _])
CONCATENATION(RELU(xs)..., xs...: f32, a: [..., c])
FULLY_CONNECTED[keep_num_dims=true]@<=2(x, w)
(a, b) = SPLIT[num_splits=2](axis, x); MUL(a, LOGISTIC(b))
CUSTOM["aeq.hadamard"](x, 2.0:f16, [1, 2]:i64): like y
-> @f[custom_options=flexbuffer{cores: 4, rows_per_core: (units + 3) // 4}](x, w, b)
<-> ADD(TRANSPOSE_CONV(x, w), b) equal within 4 ulp lossy within 1e-2 changes interface shared phase -1
options struct { padding: i32 as Padding(SAME=1, VALID=2), stride_w: i32 }
accepts RESIZE_BILINEAR where not align_corners
""".strip().split("\n")


def colours(text: str) -> list[tuple[Any, str]]:
    return [(kind, part) for kind, part in lex(text, PatLexer()) if part.strip()]


def assert_no_errors(text: str) -> None:
    found = list(lex(text, PatLexer(stripnl=False, ensurenl=False)))
    assert [part for kind, part in found if kind in Error] == []
    assert "".join(part for _, part in found) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_have_no_errors(path: Path) -> None:
    assert_no_errors(path.read_text("utf-8"))


@pytest.mark.parametrize("text", [*EXAMPLES, *BLOCKS])
def test_examples_have_no_errors(text: str) -> None:
    assert_no_errors(text)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts())
def test_any_text_that_parses_has_no_errors(text: str) -> None:
    assert_no_errors(text)


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        ("rule fold", "rule", Keyword.Declaration),
        ("rule fold", "fold", Name.Entity),
        ("op ADD(lhs)", "op", Keyword.Declaration),
        ("op ADD(lhs)", "ADD", Name.Function),
        ("ADD[padding=SAME](x)", "SAME", Name.Constant),
        ("ADD[padding=SAME](x)", "padding", Name.Attribute),
        ("ADD[padding=SAME](x)", "x", Name.Variable),
        ("ADD(x: f32)", "f32", Keyword.Type),
        ("ADD(w: const i8)", "const", Keyword),
        ("where c.uses == 1", "where", Keyword),
        ("where c.uses == 1", "uses", Name.Attribute),
        ("where x is not absent", "is", Operator.Word),
        ("where x is not absent", "absent", Keyword.Constant),
        ("-> @c(x)", "c", Name.Variable),
        ("<-> x", "<->", Operator),
        ("equal within 1e-5", "equal", Keyword),
        ("equal within 1e-5", "within", Keyword),
        ("equal within 1e-5", "1e-5", Number.Float),
        ("phase -1", "phase", Keyword),
        ("benefit 0x10", "0x10", Number.Hex),
        ("options struct { a: i32 }", "struct", Keyword),
        ("op A(x, s: i32 implied) -> y", "implied", Keyword),
        ("ADD(x) # why", "# why", Comment.Single),
        ('"a \\" b"', '\\"', String.Escape),
        ("ADD(shape, equal)", "shape", Name.Variable),
        ("ADD(shape, equal)", "equal", Name.Variable),
        ("ADD(x, phase: f32)", "phase", Name.Variable),
        ("step = ADD(x)", "step", Name.Variable),
        ("where phase * 2 > 1", "phase", Name.Variable),
        ("where s.shape == x", "shape", Name.Attribute),
    ],
)
def test_colour(text: str, part: str, kind: Any) -> None:
    assert (kind, part) in colours(text)


def test_text_that_is_no_pattern_has_errors() -> None:
    assert any(kind in Token.Error for kind, _ in colours("ADD(x) ~ $"))


def test_pygments_finds_the_lexer_by_its_entry_point() -> None:
    place = project.settings()["project"]["entry-points"]["pygments.lexers"]["pat"]
    module, _, name = place.partition(":")
    assert getattr(import_module(module), name) is PatLexer
    assert (PatLexer.aliases, PatLexer.filenames) == (("pat",), ("*.pat",))


# The TextMate grammar


def _rules(tree: Any) -> list[dict[str, Any]]:
    """Every object of the grammar that says how something is coloured."""
    if isinstance(tree, list):
        return [rule for part in tree for rule in _rules(part)]
    if not isinstance(tree, dict):
        return []
    return [tree, *(rule for part in tree.values() for rule in _rules(part))]


def test_textmate_grammar_holds_together() -> None:
    assert GRAMMAR["scopeName"] == "source.pat"
    assert GRAMMAR["fileTypes"] == ["pat"]
    included = {rule["include"].removeprefix("#") for rule in _rules(GRAMMAR) if "include" in rule}
    assert included == set(GRAMMAR["repository"])
    for rule in _rules(GRAMMAR):
        groups = re.compile(rule.get("match", "")).groups
        re.compile(rule.get("begin", "") + rule.get("end", ""))
        assert all(int(number) <= groups for number in rule.get("captures", {}))
        assert all(part.endswith(".pat") for part in rule.get("name", "x.pat").split() if rule is not GRAMMAR)


def _scope(line: str, offset: int) -> tuple[str, int]:
    """The scope of what begins at an offset, and where it ends, as an editor finds them: earliest, then first, rule."""
    for entry in GRAMMAR["patterns"]:
        rule = GRAMMAR["repository"][entry["include"][1:]]
        for each in rule.get("patterns", [rule]):
            pattern = (
                each["match"] if "match" in each else f"{each['begin']}(?:\\\\.|(?!{each['end']}).)*(?:{each['end']})"
            )
            if found := re.compile(pattern).match(line, offset):
                return each.get("name") or each["captures"]["1"]["name"], found.end()
    return "", offset + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_textmate_grammar_colours_all_but_white_space(path: Path) -> None:
    for line in path.read_text("utf-8").split("\n"):
        offset = 0
        while offset < len(line):
            scope, end = _scope(line, offset)
            assert scope or line[offset].isspace(), line[offset:]
            assert end > offset
            offset = end


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        ("rule fold", "keyword.declaration.pat"),
        ("ADD(x)", "support.function.pat"),
        ("SAME]", "constant.other.enum.pat"),
        ("padding=SAME", "entity.other.attribute-name.pat"),
        ("x, y", "variable.other.pat"),
        ("f32[n]", "storage.type.pat"),
        ("const f32", "storage.modifier.pat"),
        ("where x", "keyword.control.pat"),
        ("shape, y", "variable.other.pat"),
        ("# why", "comment.line.number-sign.pat"),
        ('"a"', "string.quoted.double.pat"),
        ("1e-5", "constant.numeric.pat"),
        ("0x10", "constant.numeric.hex.pat"),
        ("not x", "keyword.operator.word.pat"),
        ("-> x", "keyword.operator.arrow.pat"),
    ],
)
def test_textmate_scope(line: str, scope: str) -> None:
    assert _scope(line, 0)[0] == scope
