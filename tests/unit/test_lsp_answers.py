"""What the language server answers: completion, hover and definition, on the text up to a mark or at it."""

from __future__ import annotations

import pytest

from rewriter.language.expressions import FUNCTIONS
from rewriter.language.scope import PROPERTIES
from rewriter.lsp import words
from rewriter.lsp.completion import complete
from rewriter.lsp.definition import definition
from rewriter.lsp.document import Document
from rewriter.lsp.hover import hover
from rewriter.lsp.problems import problems
from tests.shared import CHECKOUT

OPS = """\
op CUSTOM[Own](input, size?: i32) -> output "What it does."
  options struct { mode: i32 as Padding, axis: i32 }
"""
PATTERNS = "pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))\n"
FOLD = "MUL(c = CONV_2D[padding=p](x: f32[n, h], w: const), s: const)"


def marked(text: str) -> tuple[Document, int]:
    """The document, and the offset of the mark ^ in it."""
    offset = text.index("^")
    return Document.of("a.pat", text[:offset] + text[offset + 1 :]), offset


def suggested(text: str) -> list[str]:
    document = Document.of("a.pat", text)
    return [each.text for each in complete(document, len(text))[1]]


def told(text: str) -> str:
    found = hover(*marked(text))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FOLD + " -> @", ["c"]),
        (FOLD + " -> @c[", ["padding", "stride_w", "stride_h"]),
        (FOLD + " -> @c[padding=", ["SAME", "VALID", "p", "n", "h"]),
        (FOLD + " where c.pad", ["padding", "stride_h", "uses", "shape", "value"]),
        (FOLD + " where c.padding == ", ["SAME", "VALID"]),
        (FOLD + " where p != ", ["SAME", "VALID"]),
        (FOLD + " where ", ["c", "p", "x", "n", "h", "w", "s", "min", "prod", "attr"]),
        (FOLD + " where n > 1 ", ["and", "or", "->", "<->"]),
        (FOLD + " -> ", ["c", "x", "ADD", "CUSTOM[Convolution2DTransposeBias]", "reshape", "cast"]),
        (FOLD + " -> x\n  ", ["equal exact", "lossy within", "benefit", "shared", "rule", "ADD"]),
        (FOLD + " -> x equal ", ["exact", "within"]),
        (FOLD + " -> x equal within 1 ", ["ulp", "step"]),
        (FOLD + " ", ["where", "->", "<->"]),
        ("", ["rule", "op", "pattern", "pack", "target", "cleanup", "CONV_2D", "ANY"]),
        ("cleanup a ", ["by"]),
        ("rule a\n  CON", ["CONV_2D", "CONCATENATION"]),
        ("CONV_2D[", ["padding", "custom_options"]),
        ("CONV_2D[padding=SAME|", ["SAME", "VALID"]),
        ("RESIZE_BILINEAR[align_corners=", ["true", "false"]),
        ("(ADD|SUB)[", ["fused_activation_function", "pot_scale_int16"]),
        ("TRANSPOSE_CONV(", ["input=", "filter=", "bias=", "ADD"]),
        ("ADD(x: ", ["f32", "i8", "const", "like"]),
        ("ADD(x: const ", ["f32", "i8"]),
        ("ADD(x: f32|", ["f16", "i8"]),
        (OPS + "CUSTOM[", ["Own", "Convolution2DTransposeBias"]),
        (OPS + "CUSTOM[Own, ", ["mode", "axis"]),
        (OPS + "CUSTOM[Own, mode=", ["SAME", "VALID"]),
        (OPS + "OW", ["CUSTOM[Own]"]),
        (OPS, ["kernel", "shape", "commutative", "rule"]),
        (OPS + "  where in", ["input", "size", "mode", "axis"]),
        (PATTERNS + "ADD(re", ["relu"]),
        ("pack p\n  uses ", []),
        ("rule r RELU(x) -> x\npack p\n  uses ", ["r"]),
        ("rule r RELU(x) -> x\npack p\n  uses r.", ["forward", "backward"]),
        ("target t\n  accepts ", ["ADD", "CONV_2D"]),
        ("target t\n  accepts ADD | CONV_2D where ", ["stride_h", "padding"]),
    ],
)
def test_completion_offers_what_can_follow(text: str, expected: list[str]) -> None:
    assert set(expected) - set(suggested(text)) == set()


@pytest.mark.parametrize(
    ("text", "unfit"),
    [
        ("CONV_2D[padding=SAME, ", "padding"),
        ("CONV_2D[padding=", "w"),
        ("RELU(x) where ", "ADD"),
        (FOLD + " -> @", "x"),
        (FOLD + " where w.", "padding"),
        ("RELU(x: f32[n, ", "x"),
        (FOLD + " -> x where", "CONV_2D"),
    ],
)
def test_completion_leaves_out_what_cannot_follow(text: str, unfit: str) -> None:
    assert unfit not in suggested(text)


@pytest.mark.parametrize(
    "text", ["RELU(x) # AD", 'rule a "AD', "RELU(x) where x.name == 'AD", "rule AD", "RELU(x) -> 1"]
)
def test_nothing_is_offered_in_comments_strings_names_and_numbers(text: str) -> None:
    assert not {"ADD", "CONV_2D"} & set(suggested(text))


def test_places_are_for_operands_that_have_to_be_written() -> None:
    document = Document.of("a.pat", "TRANSPOSE")
    (found,) = [each for each in complete(document, 9)[1] if each.text == "TRANSPOSE_CONV"]
    assert found.places == ("input", "filter", "bias?")
    document, offset = marked("TRANSPOSE^(x, w)")
    (found,) = [each for each in complete(document, offset)[1] if each.text == "TRANSPOSE_CONV"]
    assert found.places is None, "its brackets are there"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            OPS + "CUSTOM[^Own](x)",
            ["CUSTOM[Own](input, size?: i32) -> output", "What it does.", "`mode`: `SAME`, `VALID`"],
        ),
        (OPS + "^CUSTOM[Own](x)", ["CUSTOM[Own](input"]),
        ("^CUSTOM[Nobody](x)", ["CUSTOM[Nobody]", "not declared"]),
        ("CUSTOM[^Convolution2DTransposeBias](", ["(input: f32, filter: f32, bias: f32) -> output", "stride_w"]),
        ("^ADD(", ["either order", '* version 2 where `lhs.dtype == "i8"`']),
        ("^ANY(x)", ["Any operator"]),
        ("CONV_2D[^stride_h=2](", ["`stride_h`: int", "CONV_2D"]),
        ("CONV_2D[padding=^SAME](", ["`SAME`, a value of `padding`"]),
        ("RELU(x) where p == ^SAME", ["`SAME`, a word of", "`Padding`"]),
        (FOLD + " -> @^c(x", ["operand `lhs` of MUL", "CONV_2D", "again"]),
        (FOLD + " -> @c[^padding=", ["`padding`: `SAME`, `VALID`"]),
        (FOLD + " -> ^x", ["x: f32[n, h]", "operand `input` of CONV_2D"]),
        (FOLD + " where ^h > 1", ["Dimension 1 of x."]),
        (FOLD + " where ^p == SAME", ["Attribute padding of CONV_2D"]),
        (FOLD + " where c.^stride_h", ["`stride_h`: int"]),
        (FOLD + " where c.^uses", ["how many readers"]),
        (FOLD + " -> ^reshape(s, [1])", ["reshape(c, shape)"]),
        (FOLD + " where ^sum(h", ["sum(list)"]),
        (FOLD + " -> x ^equal exact", ["same bits"]),
        ("CONV_2D(^filter=w)", ["operand `filter` of CONV_2D"]),
        (PATTERNS + "ADD(^relu(x)", ["pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))"]),
        ('rule r "Why." RELU(x) -> x\npack p uses ^r.backward', ["rule r", "Why."]),
        ("target t accepts CONV_2D where ^stride_h", ["`stride_h`: int"]),
    ],
)
def test_hover_says_what_a_word_means(text: str, expected: list[str]) -> None:
    found = told(text)
    assert [part for part in expected if part not in found] == []


@pytest.mark.parametrize("text", ["RELU(x) ^-> x", "RELU(x) -> ^unbound", "RELU(x) where x.^nothing", "# ^RELU", "^"])
def test_hover_is_silent_where_there_is_nothing_to_say(text: str) -> None:
    assert hover(*marked(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "MUL(`x, y) -> ^x",
        "MUL(RELU(`x), y) where ^x.uses == 1 -> y",
        "(`a, b) = SPLIT(x); MUL(a, b) -> ^a",
        "RELU(x: [`n, _]) where ^n > 1",
        "CONV_2D[padding=`p](x, w) -> AVERAGE_POOL_2D[padding=^p](x)",
        "`c = CONV_2D(x, w) -> @^c(x, w)",
        "RELU(x: const) -> `t = x * 2; RELU(^t)",
        "RELU(`x) -> x\nTANH(x) -> x".replace("-> x\n", "-> ^x\n"),
        "op CUSTOM[`Own](input) -> output\nCUSTOM[^Own](x) -> x",
        "op CUSTOM[Own](`input) -> output\n  where ^input.rank == 4",
        "op CUSTOM[Own](input) -> output options struct { `axis: i32 }\nCUSTOM[Own, ^axis=1](x) -> x",
        "op CUSTOM[Own](`input) -> output\nCUSTOM[Own](^input=x) -> x",
        "pattern `relu(x) = RELU(x)\nADD(^relu(x), y) -> y",
        "pattern relu(`x) = RELU(^x)",
        "pack p uses ^r.forward\nrule `r RELU(x) -> x",
    ],
)
def test_definition_is_where_a_word_gets_its_meaning(text: str) -> None:
    document, offset = marked(text.replace("`", ""))
    expected = text.replace("^", "").index("`")
    found = definition(document, offset)
    assert found is not None
    there, token = found
    assert there is document
    assert token.start == expected


def test_every_function_and_property_of_the_language_is_described() -> None:
    assert set(FUNCTIONS) - set(words.CONDITION_FUNCTIONS) == set()
    assert set(PROPERTIES) == set(words.PROPERTIES)


def test_files_of_packs_and_of_the_program_are_checked_as_what_they_are() -> None:
    for path in (*(CHECKOUT / "patterns/mediapipe").glob("*.pat"), *(CHECKOUT / "grammar").glob("*.pat")):
        found = problems(Document.of(str(path), path.read_text()))
        assert [each.message for each in found if each.severity == "error"] == [], path


def test_what_comparing_rules_finds_is_shown_in_an_editor() -> None:
    text = "rule a RELU(x) -> RELU6(x)\nrule b RELU(x: f32) where x.dtype == 'i8' -> ABS(x)\n"
    found = problems(Document.of("some.pat", text))
    assert [(each.code, each.span.line, each.severity) for each in found] == [
        ("W403", 2, "warning"),
        ("W407", 2, "warning"),
    ]
