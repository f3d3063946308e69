"""Expressions give what Python's would, and whatever cannot be computed is no match and no exception."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.check import compile_rules
from rewriter.language.expressions import Undefined, compile_condition, compile_expression
from rewriter.language.parse import parse
from rewriter.language.scope import RuleScope
from rewriter.model import Model
from tests.unit.networks import Network, apply_rules


def model() -> Model:
    network = Network()
    x = network.input("x", (2, 3))
    conv = network.add(
        "CONV_2D",
        [network.input("image", (-1, 4, 4, 1)), network.constant("w", np.ones((2, 3, 3, 1)))],
        "conv",
        (-1, 4, 4, 2),
        attributes={"stride_h": 1, "stride_w": 1},
    )
    c = network.constant("c", [1.0, -2.0, 3.0])
    q = network.constant("q", [2, 4], "i8", scale=[0.5, 0.25], zero=[0, 2])
    network.add("CUSTOM[Q]", [q], "other")
    return network.build(network.add("CUSTOM[All]", [x, conv, c, q, None, x]))


MODEL = model()
PATTERN = "CUSTOM[All](x: [n, _], conv = CONV_2D[stride_h=s](image: [o, _, _, _], w), c, q, b?, xs...)"


def holds(condition: str, one: Model = MODEL) -> bool:
    (rule,) = compile_rules(f"{PATTERN} where {condition} -> CUSTOM[M]()", "e.pat").rules
    root = next(each for each in one.operators() if each.name == "CUSTOM[All]")
    return rule.program.run(root) is not None


@pytest.mark.parametrize(
    "condition",
    [
        "x.shape == [2, 3]",
        'x.rank == 2 and x.dtype == "f32"',
        "x.uses == 2",
        '"CUSTOM[All]" in x.readers, "RELU" not in x.readers',
        'conv.readers == ["CUSTOM[All]"]',
        "x.is_input, not x.is_output, not x.is_const",
        'x.name == "x"',
        "x.op is absent",
        'x.op != "RELU"',
        'conv.op == "CONV_2D"',
        "conv.op == CONV_2D",
        "conv.uses == 1",
        "conv.padding == SAME",
        "conv.stride_h == s == 1",
        'attr(conv, "padding") in [SAME, VALID]',
        "not x.quantized, q.quantized",
        "q.scale == [0.5, 0.25], q.zero_point == [0, 2]",
        "all(q.value == [1.0, 0.5])",
        "c.is_const",
        "b is absent",
        "c is not absent",
        "n == 2, n * 2 + 1 == 5, n ** 3 == 8, -n == 0 - 2, +n == 2",
        "7 // 2 == 3, 7 % 4 == 3, 7 / 2 == 3.5, -7 // 2 == -4",
        "1 < n <= 2 < 3",
        "not 1 < n > 2",
        'n in [1, 2], n not in [3], "a" in "cat", 2 in range(3)',
        "n == 3 or n == 2 and true",
        "not (n == 3) and not false",
        "x.shape[0] == 2, x.shape[-1] == 3, x.shape[1:] == [3], x.shape[:1] == [2]",
        "x.shape + [1] == [2, 3, 1]",
        "prod(x.shape) == 6, len(x.shape) == 2, sum(x.shape) == 5, max(x.shape) == 3, min(4, 2) == 2",
        "abs(-3) == 3, all([true, true]), any([false, true]), prod([]) == 1",
        "min(abs(c.value)) > 0",
        "all(c.value != 0)",
        "all(c.value > -3) and any(c.value > 2)",
        "not all(c.value > 0)",
        "c.value[1] == -2, c.value[0] < c.value[2]",
        "sum(c.value) == 2, max(c.value) == 3.0",
        "all(abs(c.value * 2 - 1) <= 5)",
        "all((c.value == 5) == (c.value == 6))",
        "image.shape[1] == 4",
        "1e-3 < 0.002, 0x10 == 16",
        "len(xs) == 1, xs[0].name == x.name, xs[-1].shape == x.shape, xs[1:].rank == []",
    ],
)
def test_holds(condition: str) -> None:
    assert holds(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "n == 3",
        "false",
        "b.rank == 1",
        "b.shape == [2]",
        "c.value > 0",
        "x.value[0] == 1",
        "x.scale == 1",
        "1 / (n - 2) == 1",
        "n // 0 == 0 or true",
        "x.shape[5] == 1",
        "x.shape[n / 2] == 2",
        "x.rank and true",
        "not x.rank",
        "x.shape",
        'n + "a" == 1',
        "[1, 2] * 1000000000 == 1",
        '"%1000000000d" % n == ""',
        '"a" * 1000000000 == ""',
        "10 ** 10 ** 10 > 0",
        "range(1000000000) == 1",
        "xs[0].rank > 2 or xs[1].rank > 0",
        "all(xs.is_const)",
        "xs.value == []",
        "xs[c.value[0]].rank == 2",
        "xs[-2].rank == 2",
        "len(xs) == 2",
        "max(xs.shape) > 0 and xs.rank > 1",
        "9 ** 9 ** 9 == 0",
        "2.0 ** 100000 > 0",
        "(0 - 8) ** 0.5 > 0",
        "o == 1",
        "o != 1",
        "not o == 1",
        "o + 1 > 0",
        "image.shape[0] > 0",
        "prod(image.shape) > 0",
        "sum(image.shape) > 0",
        "max(o, 1) > 0",
        "1 in 5",
        "c.value in [1]",
        "min([]) == 0",
        "len(5) == 0",
        "c.value + [1, 2] == 0",
        "all(c.value / 0 > 0) and all(c.value == [1, 2])",
        'abs("a") == 1',
        'n < "a"',
        "absent < 1",
        "[x.shape, absent] == [[1], 2] or n == absent",
    ],
)
def test_does_not_hold_and_raises_nothing(condition: str) -> None:
    assert not holds(condition)


def test_where_both_sides_of_a_comparison_are_open_they_agree() -> None:
    assert holds("image.shape[0] == conv.shape[0]")
    assert holds("image.shape[:3] == conv.shape[:3]")
    assert not holds("image.shape[:3] != conv.shape[:3]")


def test_a_condition_that_is_not_one_boolean_says_so() -> None:
    scope = RuleScope([])
    (item,) = parse("ADD(x, y) where [1] -> x", "e.pat").items
    assert isinstance(item, syntax.Rule)
    condition = compile_condition(item.conditions[0], scope)
    with pytest.raises(
        Undefined, match=r"not one boolean but a list of 1; all\(\.\.\.\) or any\(\.\.\.\) makes it one"
    ):
        condition([])
    assert scope.diagnostics == []


def test_functions_that_packs_add_are_called_and_their_failures_are_no_match() -> None:
    def double(value: int) -> int:
        return value * 2

    for condition, wanted in (("double(n) == 4", True), ("double(absent) == 4", False), ("double() == 4", False)):
        (rule,) = compile_rules(
            f"{PATTERN} where {condition} -> CUSTOM[M]()", "e.pat", functions={"double": double}
        ).rules
        root = next(each for each in MODEL.operators() if each.name == "CUSTOM[All]")
        assert (rule.program.run(root) is not None) == wanted


ATOMS = st.sampled_from(
    [
        *(
            "0",
            "1",
            "2",
            "-1",
            "0.5",
            "1e300",
            "true",
            "false",
            "absent",
            '"f32"',
            '"SAME"',
            "SAME",
            "[]",
            "[1, 2]",
            "n",
            "s",
            "o",
        ),
        *(
            f"{name}.{ask}"
            for name in ("x", "c", "q", "b", "image", "conv", "w")
            for ask in (
                "shape",
                "rank",
                "dtype",
                "is_const",
                "value",
                "scale",
                "zero_point",
                "quantized",
                "uses",
                "is_input",
                "name",
                "op",
            )
        ),
        *("xs.shape", "xs[0].rank", "xs[1].name", "xs[-1:].dtype", "xs[0:9].uses", "xs[n:s].value", "len(xs)"),
        *("len(xs[1:])", "xs[x.rank - 2].shape[1]", "xs[0.5].rank", "xs.is_const", "xs[c.value].name"),
        *("conv.stride_h", "conv.padding", "conv.fused_activation_function", 'attr(conv, "dilation_h_factor")'),
    ]
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"]
    )
    functions = st.sampled_from(["prod", "len", "min", "max", "sum", "all", "any", "abs", "range"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, binary, inner),
        st.builds(
            "({} {} {} {} {})".format,
            inner,
            st.sampled_from(["<", "==", ">="]),
            inner,
            st.sampled_from(["<", "!="]),
            inner,
        ),
        st.builds("{}({})".format, functions, inner),
        st.builds("{}({}, {})".format, functions, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("({} is absent)".format, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _grow, max_leaves=8)


@given(EXPRESSIONS)
def test_evaluation_is_total(expression: str) -> None:
    assert holds(expression) in (True, False)


@given(EXPRESSIONS)
def test_constants_of_replacements_are_total(expression: str) -> None:
    text = f"{PATTERN} -> CUSTOM[M](({expression}))"
    try:
        compile_rules(text, "e.pat")
    except LanguageError:
        return
    apply_rules(model(), text)


def test_no_expression_reaches_python() -> None:
    for attack in (
        "x.__class__ == 1",
        "x.producer == 1",
        "x.shape.append(1) == 1",
        "c.value.tofile == 1",
        '__import__("os") == 1',
    ):
        with pytest.raises(LanguageError):
            holds(attack)


def test_an_expression_knows_only_names_that_it_is_given() -> None:
    scope = RuleScope([])
    (item,) = parse("ADD(x, y) where z -> x", "e.pat").items
    assert isinstance(item, syntax.Rule)
    compile_expression(item.conditions[0], scope)
    (diagnostic,) = scope.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("E301", "nothing here is called 'z'")
