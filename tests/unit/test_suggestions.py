"""What the checker tells somebody to try: what they meant, and not what happens to be spelled alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.language.constants import CONSTANT_FUNCTIONS
from rewriter.language.expressions import FUNCTIONS
from rewriter.language.findings import findings
from tests.unit.commands import rewriter

if TYPE_CHECKING:
    from pathlib import Path


def declared(code: str) -> Declaration | None:
    """A pack's one operator."""
    return Declaration("CUSTOM", code, operands=(OperandSpec("input"),)) if code == "TransposeBias" else None


def first(text: str) -> tuple[str, str, str | None]:
    """Code, marked text and hint of the first mistake of a text, or of its first warning."""
    functions = {f"of_a_pack_{number}": abs for number in range(50)} | {"rounding": abs}
    try:
        found = compile_rules(text, "s.pat", elsewhere=declared, functions=functions).warnings[0]
    except LanguageError as error:
        found = error.diagnostics[0]
    return found.code, found.span.content, found.hint


@pytest.mark.parametrize(
    ("text", "marked", "hint"),
    [
        ("PRELU(x, a) => RELU(x)", "=>", "->"),
        ("PRELU(x, a) ==> RELU(x)", "==>", "->"),
        ("PRELU(x, a) --> RELU(x)", "-->", "->"),
        ("PRELU(x, a) - > RELU(x)", "- >", "->"),
        ("PRELU(x, a) \N{EN DASH}> RELU(x)", "\N{EN DASH}>", "->"),
        ("PRELU(x, a) \N{RIGHTWARDS ARROW} RELU(x)", "\N{RIGHTWARDS ARROW}", "->"),
        ("PRELU(x, a) \N{RIGHTWARDS DOUBLE ARROW} RELU(x)", "\N{RIGHTWARDS DOUBLE ARROW}", "->"),
        ("PRELU(x, a) <=> RELU(x)", "<=>", "<->"),
        ("PRELU(x, a) = RELU(x)", "=", "->"),
        ("RELU(x) -> x\nPRELU(x, a) = RELU(x)", "=", "->"),
        ("PRELU(x, a) where x.rank == 2 => x", "=>", "->"),
        ("PRELU(x, a) where x.rank => 2 -> x", "=>", ">= to compare"),
        ("PRELU(x, a) where x.rank = 2 -> x", "=", "== to compare"),
        ("PRELU(x, a)", "", "an arrow and what to put there, as in MUL(x, 1.0) -> x"),
        ("rule my-rule RELU(x) -> x", "my-rule", "my_rule"),
        ("rule my.own-rule\n  RELU(x) -> x", "my.own-rule", "my_own_rule"),
        ("pattern relu-six(x) = RELU6(x)", "relu-six", "relu_six"),
        ("rule MyRule RELU(x) -> x", "MyRule", "my_rule"),
        ("rule RELU(x) -> x", "RELU", "a name, as in rule my_rule RELU(x)"),
        ("RELU(x: [n, s...]) -> x", "...", "[...], and .shape in a condition: where x.shape == y.shape"),
        ("RELU(x: f32[s..., 3]) -> x", "...", "[...], and .shape in a condition: where x.shape == y.shape"),
    ],
)
def test_syntax(text: str, marked: str, hint: str) -> None:
    code, found, tried = first(text)
    assert (found, tried) == (marked, hint)
    assert code in ("E100", "E101")


@pytest.mark.parametrize(
    ("text", "code", "marked", "hint"),
    [
        ("TransposeBias(x) -> x", "E201", "TransposeBias", "CUSTOM[TransposeBias]"),
        ("op CUSTOM[MINE](x0) -> y0 RELU(MINE(x)) -> x", "E201", "MINE", "CUSTOM[MINE]"),
        ("RELU(x) -> FooBar(x)", "E201", "FooBar", "CUSTOM[FooBar]"),
        ("Relu(x) -> x", "E201", "Relu", "RELU"),
        ("Conv2D(x, w) -> x", "E201", "Conv2D", "CONV_2D"),
        ("Tanhh(x) -> x", "E201", "Tanhh", "TANH, CUSTOM[Tanhh]"),
        ("RELUU(x) -> x", "E201", "RELUU", "RELU"),
        ("target t accepts TransposeBias", "E201", "TransposeBias", "CUSTOM[TransposeBias]"),
        ("prelu(x, a) -> x", "E208", "prelu(x, a)", "PRELU"),
        ("(prelu(x, a) | RELU(x)) -> x", "E208", "prelu(x, a)", "PRELU"),
        ("quux(x) -> x", "E208", "quux(x)", "OPERATOR(operands), in upper case"),
        ("pattern relu_any(x) = RELU(x) relu(x) -> x", "E208", "relu(x)", "relu_any, RELU"),
        ("NEG(prelu(x, a)) -> x", "E251", "prelu", "PRELU"),
        ("RELU(x) -> tanh(x)", "E344", "tanh", "TANH"),
        ("RELU(x: const) -> concatenation(x)", "E344", "concatenation", "CONCATENATION, concat"),
        ("c = CONV_2D(x, w, b?) -> @c[padding=same](x, w, b)", "E301", "same", "SAME"),
        ("c = CONV_2D(x, w, b?) where c.padding == same -> @c[padding=VALID](x, w, b)", "E301", "same", "SAME"),
        ("MIRROR_PAD[mode=reflect](x, _) -> NEG(x)", "W401", "reflect", "REFLECT"),
        ("LEAKY_RELU(x) -> x", "W402", "LEAKY_RELU(x)", "mention it on the left, as [alpha=_], or keep it with @"),
        (
            "ADD(AVERAGE_POOL_2D[filter_width=_, filter_height=_, padding=_](x), y) -> SUB(x, y)",
            "W402",
            "AVERAGE_POOL_2D[filter_width=_, filter_height=_, padding=_](x)",
            "mention them on the left, as [stride_h=_, stride_w=_], or keep them with @",
        ),
    ],
)  # fmt: skip
def test_words(text: str, code: str, marked: str, hint: str) -> None:
    assert first(text) == (code, marked, hint)


def test_of_functions_the_nearest_are_named_or_else_those_of_the_language() -> None:
    assert first("RELU(x: const) -> roundin(x)")[2] == "rounding"
    _, _, condition = first("RELU(x) where quux(x.rank) -> x")
    assert condition is not None
    assert condition == ", ".join([*FUNCTIONS, "attr"])
    _, _, constant = first("RELU(x: const) -> quux(x)")
    assert constant is not None
    assert {*CONSTANT_FUNCTIONS, "quantize", "part"} <= {*constant.split(", ")}
    assert "of_a_pack" not in condition + constant


def misspelt(text: str, *codes: str) -> list[tuple[str, str | None]]:
    """What is marked and suggested where a code is nearly a declared one's."""
    found = findings([compile_rules(text, "s.pat")], lambda: codes)
    return [(each.span.content, each.hint) for each in found if each.code == "W409"]


def test_a_code_that_nobody_declares_and_that_is_nearly_a_declared_one_is_warned_of() -> None:
    pool = "MaxPoolingWithArgmax2D"
    assert misspelt("CUSTOM[MaxPoolWithArgmax2D](x) -> x", pool) == [("MaxPoolWithArgmax2D", pool)]
    assert misspelt("RELU(x) -> CUSTOM[maxpoolingwithargmax2d](x)", pool) == [("maxpoolingwithargmax2d", pool)]
    assert misspelt("op CUSTOM[Upsample](input) -> output CUSTOM[Upsampel](x) -> x") == [("Upsampel", "Upsample")]


@pytest.mark.parametrize("code", ["MaxPoolingWithArgmax3D", "MaxPooling2D", "Convolution", "MaxUnpooling2D", "FlexErf"])
def test_another_operator_that_nobody_declares_is_not(code: str) -> None:
    assert misspelt(f"CUSTOM[{code}](x) -> x", "MaxPoolingWithArgmax2D", "MaxPooling2DV2", "FlexErfc") == []


def test_where_every_operator_is_declared_nobody_asks_for_codes() -> None:
    def codes() -> list[str]:
        raise AssertionError("asked")

    rules = compile_rules("op CUSTOM[Up](input) -> output CUSTOM[Up](x) -> RELU(x)", "s.pat")
    assert findings([rules], codes) == []


def test_installed_packs_are_asked_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "typo.pat").write_text("CUSTOM[MaxPoolWithArgmax2D](x) -> x\n")
    found = rewriter("check", "typo.pat", "--json", cwd=tmp_path).document["warnings"]
    assert [(each["code"], each["column"], each["try"]) for each in found] == [("W409", 8, "MaxPoolingWithArgmax2D")]


def test_a_word_is_only_suggested_for_the_attribute_that_has_it() -> None:
    code, marked, hint = first("LEAKY_RELU[alpha=reflect](x) -> NEG(x)")
    assert (code, marked, hint) == ("W401", "reflect", "_")
