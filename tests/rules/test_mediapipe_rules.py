"""The pack's rules for Convolution2DTransposeBias: what they write, what they leave alone, and that nothing changes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from attrs import evolve
from hypothesis import given, settings

import rewriter
from rewriter import packs
from rewriter.patterns.mediapipe import transpose_conv_bias
from tests.rules.models import KERNELS, ModelBuilder, constant, operators, run
from tests.rules.transpose_conv import (
    CUSTOM,
    PADDING_NUMBERS,
    RULE_FIGURE,
    Case,
    both_axes,
    builtin_model,
    cases,
    custom_model,
    difference,
    plain_loop,
)

if TYPE_CHECKING:
    from tests.rules.models import OperatorRow
    from tests.rules.transpose_conv import Floats

CASE = Case(1, (5, 3, 2), (7, 4, 3), 3, 2, "SAME", seed=3)
ACTIVATION = schema.ActivationFunctionType
BOTH_FORWARD = {
    "transpose_conv_bias_operand.forward": ["TRANSPOSE_CONV"],
    "transpose_conv_bias.forward": ["TRANSPOSE_CONV", "ADD"],
}


def _apply(model: bytes, *rules: str) -> bytes:
    """Rewrite with the rules that the pack uses, or with the named ones of it."""
    return rewriter.apply(model, packs=["mediapipe"], only=rules, check="none").model.to_bytes()


def _names(model: bytes) -> list[str]:
    return [row.name for row in operators(model)]


def _expected(case: Case) -> Floats:
    return plain_loop(*case.operands(), **case.attributes)


def _kernel_on(model: bytes, image: Floats) -> Floats:
    """What the reference kernel gives for a model of one Convolution2DTransposeBias with constant filter and bias."""
    (row,) = operators(model)
    assert row.name == CUSTOM
    assert row.operands[0] == "x"
    filters, bias = (constant(model, name) for name in row.operands[1:] if name is not None)
    assert len(row.custom_options) == 12
    padding, stride_w, stride_h = struct.unpack("<3i", row.custom_options)
    word = next(word for word, number in PADDING_NUMBERS.items() if number == padding)
    return transpose_conv_bias(image, filters, bias, padding=word, stride_w=stride_w, stride_h=stride_h)


# Forward


def _assert_rewritten(case: Case, rule: str) -> None:
    image, filters, bias = case.operands()
    expected = _expected(case)
    after = _apply(custom_model(case, expected.shape), rule)
    assert _names(after) == BOTH_FORWARD[rule]
    convolution = operators(after)[0]
    assert _attributes(convolution) == case.attributes
    shape, *operands = convolution.operands
    assert shape is not None
    assert constant(after, shape).dtype == np.int32
    assert constant(after, shape).tolist() == list(expected.shape)
    assert constant(after, "w").tobytes() == filters.tobytes()
    assert constant(after, "b").tobytes() == bias.tobytes()
    if rule == "transpose_conv_bias.forward":
        assert (operands, convolution.version) == (["w", "x"], 1)
        assert operators(after)[1].operands == (*convolution.results, "b")
    else:
        assert (operands, convolution.version) == (["w", "x", "b"], 3)
    assert operators(after)[-1].results == ("y",)
    for kernels in KERNELS:
        (computed,) = run(after, image, kernels=kernels)
        assert difference(expected, computed) <= RULE_FIGURE, kernels


def _attributes(row: OperatorRow) -> dict[str, object]:
    words = {number: word for word, number in vars(schema.Padding).items() if word.isupper()}
    assert row.options.fusedActivationFunction == ACTIVATION.NONE
    return {
        "padding": words[row.options.padding],
        "stride_w": row.options.strideW,
        "stride_h": row.options.strideH,
    }


@pytest.mark.parametrize("rule", BOTH_FORWARD)
@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_forward_keeps_the_result_for_sizes_that_differ_per_axis(rule: str, case: Case) -> None:
    _assert_rewritten(case, rule)


@pytest.mark.parametrize("rule", BOTH_FORWARD)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_forward_keeps_the_result_for_every_size_of_either_axis(padding: str, rule: str) -> None:
    for case in both_axes(padding):
        _assert_rewritten(case, rule)


def test_pack_prefers_the_bias_operand() -> None:
    assert _names(_apply(custom_model(CASE, _expected(CASE).shape))) == ["TRANSPOSE_CONV"]


def test_first_line_of_the_language_is_the_rule_with_an_addition() -> None:
    line = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)"
    rules = rewriter.compile_rules(line, filename="rule.pat")
    model = custom_model(CASE, _expected(CASE).shape)
    by_line = rewriter.apply(model, rules=[rules], check="none").model.to_bytes()
    assert operators(by_line)[0].options.strideW == CASE.attributes["stride_w"]
    (computed,) = run(by_line, CASE.operands()[0])
    assert difference(_expected(CASE), computed) <= RULE_FIGURE


def test_longer_options_of_newer_writers_are_matched() -> None:
    options = CASE.custom_options + struct.pack("<2i", 0, 0)
    assert _names(_apply(custom_model(CASE, _expected(CASE).shape, options=options))) == ["TRANSPOSE_CONV"]


def test_filter_and_bias_need_not_be_constant() -> None:
    image, filters, bias = CASE.operands()
    expected = _expected(CASE)
    builder = ModelBuilder()
    builder.input("x", image.shape)
    for name, value in (("w", filters), ("b", bias)):
        half = builder.constant(f"{name}16", value.astype(np.float16))
        builder.operator("DEQUANTIZE", [half], name, value.shape, options=schema.DequantizeOptionsT(), version=3)
    builder.operator(CUSTOM, ["x", "w", "b"], "y", expected.shape, options=CASE.custom_options)
    after = _apply(builder.finish("y"))
    assert _names(after) == ["DEQUANTIZE", "DEQUANTIZE", "TRANSPOSE_CONV"]
    halves = [value.astype(np.float16).astype(np.float32) for value in (filters, bias)]
    expected = plain_loop(image, *halves, **CASE.attributes)
    for kernels in KERNELS:
        assert difference(expected, run(after, image, kernels=kernels)[0]) <= RULE_FIGURE


def test_operators_that_share_a_filter_and_feed_each_other_are_all_rewritten() -> None:
    """5 rows become 9 and 17; the first result is an output of the model too."""
    case = Case(3, (5, 3, 2), (5, 3, 2), 2, 2, "SAME", seed=11)
    image, filters, bias = case.operands()
    first = plain_loop(image, filters, bias, **case.attributes)
    second = plain_loop(first, filters, bias, **case.attributes)
    assert (first.shape[1], second.shape[1]) == (9, 17)
    builder = ModelBuilder()
    operands = [builder.constant("w", filters), builder.constant("b", bias)]
    builder.input("x", image.shape)
    builder.operator(CUSTOM, ["x", *operands], "first", first.shape, options=case.custom_options)
    builder.operator(CUSTOM, ["first", *operands], "second", second.shape, options=case.custom_options)
    after = _apply(builder.finish("second", "first"))
    assert [row.results for row in operators(after)] == [("first",), ("second",)]
    assert _names(after) == ["TRANSPOSE_CONV", "TRANSPOSE_CONV"]
    for kernels in KERNELS:
        for expected, computed in zip((second, first), run(after, image, kernels=kernels), strict=True):
            assert difference(expected, computed) <= RULE_FIGURE


@pytest.mark.parametrize(
    ("reason", "options"),
    [
        ("padding without a word", struct.pack("<3i", 0, CASE.columns[2], CASE.rows[2])),
        ("padding of no meaning", struct.pack("<3i", 3, CASE.columns[2], CASE.rows[2])),
        ("options cut off", CASE.custom_options[:8]),
        ("no options", b""),
    ],
)
def test_operator_with_other_options_is_left_alone(reason: str, options: bytes) -> None:
    model = custom_model(CASE, _expected(CASE).shape, options=options)
    assert _apply(model) == model, reason


def test_operator_of_another_type_is_left_alone() -> None:
    image, filters, bias = CASE.operands()
    builder = ModelBuilder()
    builder.input("x", image.shape, dtype="float64")
    operands = ["x", builder.constant("w", filters.astype("f8")), builder.constant("b", bias.astype("f8"))]
    builder.operator(CUSTOM, operands, "y", _expected(CASE).shape, options=CASE.custom_options, dtype="float64")
    model = builder.finish("y")
    assert _apply(model) == model


@pytest.mark.parametrize("rule", BOTH_FORWARD)
def test_model_whose_recorded_result_is_size_times_stride_never_comes_out_rewritten(rule: str) -> None:
    """TRANSPOSE_CONV would give the recorded 10 rows; MediaPipe's kernel gives 9."""
    shape = (1, CASE.rows[0] * CASE.rows[2], CASE.columns[0] * CASE.columns[2], CASE.out_channels)
    assert shape != _expected(CASE).shape
    model = custom_model(CASE, shape)
    try:
        after = rewriter.apply(model, packs=["mediapipe"], only=[rule], check="rules").model.to_bytes()
    except rewriter.CheckError:
        after = model
    assert after == model


def test_operator_with_an_open_dimension_is_left_alone() -> None:
    image, filters, bias = CASE.operands()
    builder = ModelBuilder()
    builder.input("x", image.shape, signature=(-1, *image.shape[1:]))
    operands = ["x", builder.constant("w", filters), builder.constant("b", bias)]
    shape = _expected(CASE).shape
    builder.operator(CUSTOM, operands, "y", shape, options=CASE.custom_options, signature=(-1, *shape[1:]))
    model = builder.finish("y")
    assert _apply(model) == model


# Backward

BACKWARD = {"add": "transpose_conv_bias.backward", "operand": "transpose_conv_bias_operand.backward"}


@pytest.mark.parametrize("bias", BACKWARD)
@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_backward_keeps_the_result(bias: str, case: Case) -> None:
    image = case.operands()[0]
    before = builtin_model(case, _expected(case).shape, bias=bias)
    after = _apply(before, BACKWARD[bias])
    computed = _kernel_on(after, image)
    for kernels in KERNELS:
        (expected,) = run(before, image, kernels=kernels)
        assert difference(expected, computed) <= RULE_FIGURE, kernels


@pytest.mark.parametrize("bias", BACKWARD)
def test_forward_after_backward_gives_the_options_back(bias: str) -> None:
    model = custom_model(CASE, _expected(CASE).shape)
    there = _apply(model, BACKWARD[bias].replace("backward", "forward"))
    back = _apply(there, BACKWARD[bias])
    assert operators(back) == operators(model)


@pytest.mark.parametrize("bias", BACKWARD)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_backward_leaves_results_of_other_sizes_alone(padding: str, bias: str) -> None:
    """The runtime computes 10 rows from 5 when it is told to; Convolution2DTransposeBias gives 9."""
    case = Case(1, (5, 1, 2), (5, 1, 2), 2, 2, padding, seed=0)
    model = builtin_model(case, (1, 10, 10, 2), bias=bias)
    run(model, case.operands()[0])
    assert _apply(model, BACKWARD[bias]) == model


@pytest.mark.parametrize("bias", BACKWARD)
def test_backward_leaves_a_convolution_without_bias_alone(bias: str) -> None:
    model = builtin_model(CASE, _expected(CASE).shape, bias="absent")
    assert _apply(model, BACKWARD[bias]) == model


def test_backward_matches_either_order_of_the_addition() -> None:
    model = _addition(np.arange(1, CASE.out_channels + 1, dtype=np.float32), swapped=True)
    assert _names(_apply(model, BACKWARD["add"])) == [CUSTOM]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, CASE.out_channels)])
def test_backward_leaves_an_addition_of_something_else_alone(shape: tuple[int, ...]) -> None:
    model = _addition(np.full(shape, 0.5, np.float32))
    assert _apply(model, BACKWARD["add"]) == model


@pytest.mark.parametrize("place", ["TRANSPOSE_CONV", "ADD"])
def test_backward_leaves_fused_activations_alone(place: str) -> None:
    bias = np.full(CASE.out_channels, 0.5, np.float32)
    model = _addition(bias, relu=place)
    assert _apply(model, BACKWARD["add"]) == model


def test_backward_leaves_a_convolution_that_is_read_elsewhere_alone() -> None:
    model = _addition(np.full(CASE.out_channels, 0.5, np.float32), outputs=("y", "convolved"))
    assert _apply(model, BACKWARD["add"]) == model


def _addition(
    bias: Floats, *, swapped: bool = False, relu: str | None = None, outputs: tuple[str, ...] = ("y",)
) -> bytes:
    """ADD of `CASE` without its bias, and of `bias`."""
    shape = _expected(CASE).shape
    convolution, addition = CASE.builtin_options, schema.AddOptionsT()
    for name, options in (("TRANSPOSE_CONV", convolution), ("ADD", addition)):
        options.fusedActivationFunction = ACTIVATION.RELU if name == relu else ACTIVATION.NONE
    builder = ModelBuilder()
    operands = [builder.constant("shape", np.array(shape, np.int32)), builder.constant("w", CASE.operands()[1])]
    operands.append(builder.input("x", CASE.image_shape))
    version = 4 if relu == "TRANSPOSE_CONV" else 1
    builder.operator("TRANSPOSE_CONV", operands, "convolved", shape, options=convolution, version=version)
    operands = ["convolved", builder.constant("b", bias)]
    builder.operator("ADD", operands[::-1] if swapped else operands, "y", shape, options=addition)
    return builder.finish(*outputs)


# Rules that are nearly right

WRONG_RULES = {
    "bias dropped": "CUSTOM[Convolution2DTransposeBias](x, w, b) -> TRANSPOSE_CONV(x, w)",
    "bias subtracted": "CUSTOM[Convolution2DTransposeBias](x, w, b) -> SUB(TRANSPOSE_CONV(x, w), b)",
    "channels swapped": (
        "CUSTOM[Convolution2DTransposeBias](x, w: const, b) -> TRANSPOSE_CONV(x, transpose(w, [3, 1, 2, 0]), b)"
    ),
    "axes of the filter swapped": (
        "CUSTOM[Convolution2DTransposeBias](x, w: const, b) -> TRANSPOSE_CONV(x, transpose(w, [0, 2, 1, 3]), b)"
    ),
}
IMPOSSIBLE_RULES = {
    "padding VALID": "CUSTOM[Convolution2DTransposeBias](x, w, b) -> TRANSPOSE_CONV[padding=VALID](x, w, b)",
    "strides swapped": (
        "CUSTOM[Convolution2DTransposeBias, stride_w=sw, stride_h=sh](x, w, b)"
        " -> TRANSPOSE_CONV[stride_w=sh, stride_h=sw](x, w, b)"
    ),
}
SQUARE = Case(1, (5, 3, 2), (5, 3, 2), 3, 3, "SAME", seed=7)
OBLONG = evolve(SQUARE, columns=(6, 3, 1))


@pytest.mark.parametrize("mutant", WRONG_RULES)
def test_wrong_rule_is_refuted(mutant: str) -> None:
    image = SQUARE.operands()[0]
    expected = _expected(SQUARE)
    model = custom_model(SQUARE, expected.shape)
    rules = rewriter.compile_rules(WRONG_RULES[mutant], filename="wrong.pat")
    after = rewriter.apply(model, rules=[rules], check="none").model.to_bytes()
    assert CUSTOM not in _names(after)
    for kernels in KERNELS:
        assert difference(expected, run(after, image, kernels=kernels)[0]) > 1000 * RULE_FIGURE
    with pytest.raises(rewriter.CheckError):
        rewriter.apply(model, rules=[rules], check="rules")


@pytest.mark.parametrize("mutant", IMPOSSIBLE_RULES)
def test_rule_whose_result_the_runtime_would_refuse_does_not_match(mutant: str) -> None:
    model = custom_model(OBLONG, _expected(OBLONG).shape)
    rules = rewriter.compile_rules(IMPOSSIBLE_RULES[mutant], filename="wrong.pat")
    assert rewriter.apply(model, rules=[rules], check="none").model.to_bytes() == model


# The pack


def test_pack_uses_one_direction_of_one_rule_and_states_the_figure_of_these_tests() -> None:
    rules = packs.load("mediapipe")
    assert rules.warnings == ()
    named = {rule.name: rule for rule in rules if rule.name.startswith("transpose_conv_bias")}
    assert sorted(named) == sorted([*BOTH_FORWARD, *BACKWARD.values()])
    assert [name for name, rule in named.items() if rule.used] == ["transpose_conv_bias_operand.forward"]
    assert {(rule.equality.kind, rule.equality.bound) for rule in named.values()} == {("within", RULE_FIGURE)}
