"""What a rule resolves to, as its author reads it."""

from __future__ import annotations

import pytest

from rewriter.language.check import compile_rules
from rewriter.report.explain import explain_rule

EXPLAINED = {
    "(y, i) = CUSTOM[Pool](x) -> y = RELU(x); i = CUSTOM[Places](x)": [
        "0: RELU(x)",
        "1: CUSTOM[Places](x)",
        "y becomes result 0",
        "i becomes result 1",
    ],
    "pattern conv(c, x, w) = (c = CONV_2D(x, w) | c = DEPTHWISE_CONV_2D(x, w))"
    "  RELU(conv(c, x, w)) -> @c[fused_activation_function=RELU](x, w)": [
        "0: @c(x, w, absent)",
        "fused_activation_function: written, fused_activation_function=RELU",
        "all else: as before; it is CONV_2D or DEPTHWISE_CONV_2D",
        "the root becomes result 0",
    ],
    "r = PAD(NEG(x), p) -> NEG(@r(x, p))": [
        "0: @r(x, p)",
        "all attributes: as before; it is PAD",
        "1: NEG(result 0)",
        "r becomes result 1",
    ],
    "CUSTOM[Join](xs...) where len(xs) > 2 -> CUSTOM[Join](xs[0], NEG(xs)..., xs[1:]..., 1.0)": [
        "1: CUSTOM[Join](one of xs, result 0..., a part of xs..., constant 1.0)",
        "0: NEG(xs)",
        "the root becomes result 1",
    ],
    "(rs...) = CUSTOM[Cut](x); CUSTOM[Join](rs...) -> (ss...) = CUSTOM[Part](NEG(x)); CUSTOM[Join](ss...)": [
        "0: NEG(x)",
        "1: CUSTOM[Part](result 0)",
        "2: CUSTOM[Join](results 1...)",
        "the root becomes result 2",
    ],
    'y = RELU(x: i8) where x.is_input -> NEG(x: like x[dtype="f32"]) changes interface': [
        "0: NEG(x in another type)",
        "y becomes result 0",
    ],
    "y = ADD[fused_activation_function=_, pot_scale_int16=_](_xs...: const) -> evaluate(y)": [
        "y becomes constant evaluate(y)",
    ],
}


@pytest.mark.parametrize("text", EXPLAINED)
def test_explain_speaks_in_the_names_of_the_rule(text: str) -> None:
    (rule,) = compile_rules(text)
    _, replacement = explain_rule(rule).split("  replacement:\n")
    assert [line.strip() for line in replacement.splitlines()] == EXPLAINED[text]
