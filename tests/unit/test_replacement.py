"""What a right side makes: operators, attributes, literals and computed constants, or a reason why it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.language.replacement import inherited_names
from rewriter.model import Model
from tests.unit.networks import Network, apply_rules, run, shown, value_of

UP = (
    "op CUSTOM[Up](xx, ww) -> output "
    "options struct { padding: i32 as Padding(SAME=1, VALID=2), stride_h: i32, rate: f32 }"
)


def binary(values: Any = (1.0, 2.0, 3.0), dtype: str = "f32", **more: Any) -> Model:
    """y = SUB(x, c)."""
    network = Network()
    scale: dict[str, Any] = {"scale": 0.5} if "scale" in more else {}
    x = network.input("x", (2, 3), dtype, **scale)
    c = network.constant("c", values, dtype, **more)
    return network.build(network.add("SUB", [x, c], network.tensor("y", (2, 3), dtype, **scale)))


def made(model: Model, rule: str) -> Any:
    """The second operand of the only operator after a rule was applied once."""
    assert len(apply_rules(model, rule).applications) == 1
    (operator,) = model.operators()
    return operator.inputs[1]


def reasons(model: Model, rule: str) -> list[str]:
    before = shown(model)
    report = apply_rules(model, rule)
    assert shown(model) == before
    return [each.reason for each in report.misses]


def conv(name: str = "CONV_2D", **attributes: object) -> Model:
    network = Network()
    x = network.input("x", (1, 8, 8, 2))
    w = network.constant("w", np.ones((4, 3, 3, 2)))
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2} | attributes
    return network.build(network.add(name, [x, w], "y", (1, 4, 4, 4), attributes=given))


def transposed(rows: int = 17, *, opened: bool = False, operator: str = "CUSTOM[Up]", padding: int = 1) -> Model:
    """A custom transposed convolution with 9 rows in and, by its record, `rows` out."""
    network = Network()
    x = network.input("x", (1, 9, 9, 2))
    w = network.constant("w", np.arange(36.0).reshape(2, 3, 3, 2))
    options = np.array([padding, 2], np.int32).tobytes() + np.float32(0.1).tobytes()
    shape = (-1 if opened else 1, rows, rows, 2)
    return network.build(network.add(operator, [x, w], "y", shape, custom=options))


UP_TO_CONV = f"{UP}\nCUSTOM[Up](x, w) -> TRANSPOSE_CONV[stride_w=2](x, w)"


@pytest.mark.parametrize("rows", [17, 18])
def test_an_implied_output_shape_is_the_recorded_one(rows: int) -> None:
    model = transposed(rows)
    apply_rules(model, UP_TO_CONV)
    (operator,) = model.operators()
    assert [each and each.name for each in operator.inputs] == ["y/1", "w", "x"]
    shape = operator.inputs[0]
    assert shape is not None
    assert (shape.dtype, value_of(shape).tolist()) == ("i32", [1, rows, rows, 2])
    assert operator.code.version == 1
    (result,) = run(model, np.ones((1, 9, 9, 2), np.float32))
    assert result.shape == (1, rows, rows, 2)


def test_an_output_shape_that_the_runtime_would_refuse_is_a_reason() -> None:
    assert reasons(transposed(19), UP_TO_CONV) == [
        "TRANSPOSE_CONV: output_shape [1, 19, 19, 2] would need an input of 10, not 9, in dimension 1"
    ]


def test_an_open_dimension_cannot_become_an_implied_constant() -> None:
    assert reasons(transposed(opened=True), UP_TO_CONV) == [
        "the result 'y' has an open dimension, which no constant can hold"
    ]


def test_what_has_no_word_cannot_be_inherited() -> None:
    assert reasons(transposed(padding=0), UP_TO_CONV) == ["padding of CUSTOM[Up] has no value that can be handed on"]


def test_attributes_are_written_then_inherited_then_default() -> None:
    network = Network()
    x = network.input("x", (1, 4, 4, 2))
    given = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
    model = network.build(
        network.add("MAX_POOL_2D", [x], "y", (1, 2, 2, 2), attributes=given | {"fused_activation_function": "RELU"})
    )
    apply_rules(model, "MAX_POOL_2D[fused_activation_function=_](x) -> AVERAGE_POOL_2D[filter_width=1](x)")
    (operator,) = model.operators()
    assert operator.attributes() == given | {"filter_width": 1, "fused_activation_function": "NONE"}


def test_an_attribute_of_another_type_is_not_inherited() -> None:
    (rule,) = compile_rules(
        "op CUSTOM[A](aa) -> output options struct { padding: i32, stride_h: f32, stride_w: i32 }\n"
        "CUSTOM[A](x) -> MAX_POOL_2D(x)",
        "r.pat",
    ).rules
    (root,) = rule.replacement.roots
    (made,) = rule.replacement.operators
    assert made.declaration is not None
    assert inherited_names(made.declaration, root.declarations["CUSTOM[A]"], ()) == ["stride_w"]


def test_making_an_operator_again_keeps_all_of_it() -> None:
    model = conv(fused_activation_function="RELU6", dilation_h_factor=1)
    operator = model.subgraphs[0].operators[0]
    before = operator.attributes()
    apply_rules(
        model,
        "c = CONV_2D[fused_activation_function=a](x, w: const, b?) where w.value[0][0][0][0] == 1 -> @c(x, w * 2, b)",
    )
    (again,) = model.operators()
    assert again.attributes() == before
    assert value_of(again.inputs[1]).max() == 2


def test_making_an_operator_again_can_change_an_attribute() -> None:
    model = conv()
    apply_rules(model, "c = CONV_2D[padding=SAME](x, w, b?) -> @c[padding=VALID](x, w, b)")
    assert [each.attribute("padding") for each in model.operators()] == ["SAME"], "VALID would give another shape"
    apply_rules(model, "c = CONV_2D(x, w, b?) -> @c[fused_activation_function=RELU](x, w, b)")
    (operator,) = model.operators()
    assert operator.attribute("fused_activation_function") == "RELU"
    assert operator.attribute("stride_h") == 2


def test_a_custom_operator_made_again_keeps_the_tail_of_its_options() -> None:
    network = Network()
    x, w = network.input(), network.input("w")
    options = np.array([2, 5], np.int32).tobytes() + np.float32(0.5).tobytes() + b"tail"
    model = network.build(network.add("CUSTOM[Up]", [x, w], custom=options))
    apply_rules(model, f"{UP}\nc = CUSTOM[Up, padding=VALID](x, w) -> @c[padding=SAME, rate=0.1](w, x)")
    (operator,) = model.operators()
    assert operator.custom_options == np.array([1, 5], np.int32).tobytes() + np.float32(0.1).tobytes() + b"tail"
    assert shown(model) == ["y = CUSTOM[Up](w, x)"]


def test_any_operator_can_be_made_again() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("LEAKY_RELU", [network.add("RELU", [x], "r")], attributes={"alpha": 0.25}))
    apply_rules(model, "c = ANY(RELU(x)) -> @c(x)")
    (operator,) = model.operators()
    assert (operator.name, operator.attribute("alpha")) == ("LEAKY_RELU", 0.25)
    rule = "c = ANY(x) where x.name != '' -> @c[stride_h=2](x)"
    assert reasons(model, rule) == ["LEAKY_RELU has no attribute 'stride_h'"]


@pytest.mark.parametrize(
    ("value", "dtype", "stored"),
    [
        ("2", "f32", 2.0),
        ("2.5:f32", "f32", 2.5),
        ("[1, 2, 3]", "f32", [1.0, 2.0, 3.0]),
        ("-0.5", "f32", -0.5),
        ("full([3], 0.5)", "f32", [0.5, 0.5, 0.5]),
        ("arange(3)", "f32", [0.0, 1.0, 2.0]),
        ("c * 2 + 1", "f32", [3.0, 5.0, 7.0]),
        ("1 / c", "f32", [1.0, 0.5, np.float32(1 / 3)]),
        ("-c", "f32", [-1.0, -2.0, -3.0]),
        ("c * [2, 3, 4]", "f32", [2.0, 6.0, 12.0]),
        ("sum(c)", "f32", 6.0),
        ("sum(c, axis=0)", "f32", 6.0),
        ("reshape(c, [1, -1])", "f32", [[1.0, 2.0, 3.0]]),
        ("transpose(reshape(c, [3, 1]), [1, 0])", "f32", [[1.0, 2.0, 3.0]]),
        ("broadcast_to(c, [2, 3])", "f32", [[1.0, 2.0, 3.0]] * 2),
        ("concat([full([1], 9.0), [1, 2]], 0)", "f32", [9.0, 1.0, 2.0]),
        ("pad(c, [[0, 0]])", "f32", [1.0, 2.0, 3.0]),
        ("sqrt(c * c)", "f32", [1.0, 2.0, 3.0]),
        ("rsqrt(c * c)", "f32", [1.0, 0.5, np.float32(1 / 3)]),
        ("exp(c - c)", "f32", [1.0, 1.0, 1.0]),
        ('cast(cast(c, "i32") // 2, "f32")', "f32", [0.0, 1.0, 1.0]),
        ("x.shape[1]", "f32", 3.0),
        ("x.shape[1:]", "f32", [3.0]),
        ("(n + 4) // 2", "f32", 3.0),
        ("prod(x.shape) * 0.5", "f32", 3.0),
        ("max(n, 10)", "f32", 10.0),
        ("c.value", "f32", [1.0, 2.0, 3.0]),
    ],
)
def test_constants(value: str, dtype: str, stored: Any) -> None:
    tensor = made(binary(), f"SUB(x: [n, _], c: const) -> ADD(x, {value})")
    assert tensor.dtype == dtype
    assert tensor.shape == np.shape(stored)
    assert value_of(tensor).tolist() == np.float32(stored).tolist()


def test_the_negative_of_nothing_keeps_its_sign() -> None:
    tensor = made(binary([0.0, -0.0, 1.0]), "SUB(x, c: const) -> ADD(x, -c)")
    assert np.signbit(value_of(tensor)).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("c // 2", "//: '/' is for floats, '//' for integers"),
        ('cast(c, "f16")', "ADD: operands of different types: f32[2, 3] and f16[3]"),
        ('c + cast(c, "f16")', "+: constants of types float32 and float16: cast one of them"),
        ("[1, 2]", "ADD: shapes [2, 3] and [2] do not broadcast"),
        ("1 // 0", "//: integer division or modulo by zero"),
        ("1e39", "f32 cannot hold 1e+39"),
        ("reshape(c, [2])", "reshape: cannot reshape array of size 3 into shape (2,)"),
        ("[[1, 2], [3]]", "[[1, 2], [3]] has rows of different lengths"),
        ('cast(c, "i32") + 0.5', "+: 0.5 is no int32"),
        ('exp(cast(c, "i32"))', "exp: it is for floats; cast the constant"),
        ('"text"', "'text' is no f32"),
    ],
)
def test_constants_that_cannot_be_made_are_a_reason(value: str, reason: str) -> None:
    assert reasons(binary(), f"SUB(x, c: const) -> ADD(x, {value})") == [reason]


MANY = {
    "literals": "it would have more than 4,194,304 elements",
    "constants": "it would have more than 268,435,456 elements",
}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("full([100000, 100000, 100], 1.0)", f"full: {MANY['literals']}"),
        ("full([100000, 100000], sum(c))", f"full: {MANY['constants']}"),
        ("full([9223372036854775807, 9223372036854775807], 1.0)", f"full: {MANY['literals']}"),
        ("broadcast_to(c, [100000, 100000, 3])", f"broadcast_to: {MANY['constants']}"),
        ("arange(10000000000)", f"arange: {MANY['literals']}"),
        ("arange(0, 1, 1e-12)", f"arange: {MANY['literals']}"),
        ("arange(1, 0, 0)", "arange: float division by zero"),
        ("pad(c, [[0, 1000000000000]])", f"pad: {MANY['constants']}"),
        ("pad(c, 1000000000000)", f"pad: {MANY['constants']}"),
        ("s = full([4000000], 1.0); concat([s, s], axis=0)", f"concat: {MANY['literals']}"),
        ("s = full([30000], 1.0); s + reshape(s, [30000, 1])", f"+: {MANY['literals']}"),
        ("s = broadcast_to(c, [30000, 3]); s + reshape(s, [90000, 1, 1])", f"+: {MANY['constants']}"),
        ("s = 10 ** 15; s * s * s", "*: a number became too large"),
        ("s = [10000000000, 1]; s * s", "*: a number became too large"),
    ],
)
def test_constants_that_would_be_too_large_are_a_reason_and_never_made(value: str, reason: str) -> None:
    before, _, last = value.rpartition("; ")
    rule = f"SUB(x, c: const) -> {before + '; ' if before else ''}ADD(x, {last})"
    assert reasons(binary(), rule) == [reason]


def test_arithmetic_of_conditions_is_bounded_too() -> None:
    network = Network()
    tall, wide = network.constant("tall", np.ones((30000, 1))), network.constant("wide", np.ones((1, 30000)))
    model = network.build(network.add("SUB", [tall, wide], "y", (30000, 30000)))
    for condition in ("all(a.value + b.value > 0)", "all(a.value == b.value)", "all(0 < a.value < b.value)"):
        assert not apply_rules(model, f"SUB(a, b) where {condition} -> ADD(a, b)").applications
    assert apply_rules(model, "SUB(a, b) where all(a.value + 1 > 0) -> ADD(a, b)").applications


def test_integer_arithmetic_stays_integer() -> None:
    tensor = made(binary([7, 8, 9], "i32"), "SUB(x, c: const) -> ADD(x, c // 2)")
    assert (tensor.dtype, value_of(tensor).tolist()) == ("i32", [3, 4, 4])
    assert reasons(binary([7, 8, 9], "i32"), "SUB(x, c: const) -> ADD(x, c / 2)") == [
        "/: '/' is for floats, '//' for integers"
    ]
    assert reasons(binary([7, 8, 9], "i32"), "SUB(x, c: const) -> ADD(x, 1.5)") == ["1.5 is no i32"]


def test_a_literal_takes_the_type_of_the_operand_beside_it_on_either_side() -> None:
    network = Network()
    x = network.input("x", (2,), "f16")
    model = network.build(network.add("CUSTOM[Greater]", [x], "y", (2,), "bool"))
    apply_rules(model, "CUSTOM[Greater](x) -> GREATER(0.5, x)")
    (operator,) = model.operators()
    assert operator.inputs[0] is not None
    assert operator.inputs[0].dtype == "f16"


def test_the_type_of_integers_beside_a_float_is_not_guessed_for_undeclared_operators() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("CUSTOM[Mean]", [x], "y", (2,)))
    assert reasons(model, "CUSTOM[Mean](x) -> CUSTOM[MyMean](x, [1])") == [
        "the operator is not declared: say the type of [1], as in [1]:i32"
    ]
    apply_rules(model, "CUSTOM[Mean](x) -> CUSTOM[MyMean](x, [1]:i32)")
    (operator,) = model.operators()
    assert operator.inputs[1] is not None
    assert operator.inputs[1].dtype == "i32"


def test_axes_take_the_type_that_the_declaration_fixes() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("CUSTOM[Mean]", [x], "y", (2,)))
    apply_rules(model, "CUSTOM[Mean](x) -> MEAN(x, [1])")
    (result,) = run(model, np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    assert result.tolist() == [2.0, 5.0]


def test_names_given_on_the_way() -> None:
    model = binary()
    apply_rules(model, "SUB(x, c: const) -> t = c * 2; u = t + 1; r = ADD(x, u); MUL(r, t)")
    first, second = model.operators()
    assert value_of(first.inputs[1]).tolist() == [3.0, 5.0, 7.0]
    assert value_of(second.inputs[1]).tolist() == [2.0, 4.0, 6.0]


def test_a_number_given_a_name_is_still_a_literal() -> None:
    tensor = made(binary(), "SUB(x: [n, _], c) -> k = n // 2; ADD(x, k)")
    assert (tensor.dtype, value_of(tensor).tolist()) == ("f32", 1.0)
    network = Network()
    model = network.build(network.add("CUSTOM[S]", [network.input("x", (2, 1))], "y", (2,)))
    apply_rules(model, "CUSTOM[S](x: [n, _]) -> k = n // 2; SQUEEZE[squeeze_dims=[k]](x)")
    assert next(iter(model.operators())).attribute("squeeze_dims") == [1]


def test_quantized_operands_are_refused_with_a_reason() -> None:
    def quantized() -> Model:
        return binary([2, 4, 6], "i8", scale=0.5)

    assert reasons(quantized(), "SUB(x, c: const) -> ADD(x, c * 2)") == [
        "c is quantized: it must go through dequantize"
    ]
    assert reasons(quantized(), "SUB(x, c) -> ADD(x, 2.0)") == ["a literal cannot stand for a quantized value"]
    assert reasons(quantized(), "SUB(x, c) -> ADD(RELU(x), c)") == [
        "RELU stands inside the replacement, and its quantisation is not known "
        "(a quantized result's parameters are chosen, they follow from nothing): add ': like y'"
    ]


def test_channels_of_a_quantized_constant_can_go_to_another_dimension() -> None:
    network = Network()
    w = network.constant("w", [[[[2], [-3]]], [[[4], [127]]]], "i8", scale=[0.5, 0.25], dimension=0)
    x = network.input("x", (1, 1, 2, 1), "i8", scale=0.5)
    given = {"stride_h": 1, "stride_w": 1, "padding": "VALID"}
    y = network.tensor("y", (1, 1, 1, 2), "i8", scale=1.0)
    model = network.build(network.add("CONV_2D", [x, w], y, attributes=given, version=3))
    moved_filter = "quantize(transpose(dequantize(w), [3, 1, 2, 0]), w{})"
    text = f"CONV_2D(x, w: const i8) -> DEPTHWISE_CONV_2D[depth_multiplier=2](x, {moved_filter})"
    assert reasons(model, text.format("")) == ["quantize: 2 scales do not fit dimension 0 of [1, 1, 2, 2]"]
    apply_rules(model, text.format(", axis=3"))
    moved = next(iter(model.operators())).inputs[1]
    assert moved is not None
    assert moved.quantization is not None
    assert (moved.quantization.scale, moved.quantization.dimension) == ((0.5, 0.25), 3)
    assert value_of(moved).tolist() == [[[[2, 4], [-3, 127]]]]


def test_like_gives_an_inner_result_a_quantisation() -> None:
    model = binary([2, 4, 6], "i8", scale=0.5)
    apply_rules(model, "SUB(x, c) -> ADD(RELU(x): like x, c)")
    inner = next(iter(model.operators())).outputs[0]
    assert inner.quantization is not None
    assert (inner.quantization.scale, inner.quantization.zero_point) == ((0.5,), (0,))


def test_a_capture_of_another_quantisation_cannot_take_the_place_of_the_root() -> None:
    network = Network()
    x = network.input("x", (2,), "i8", scale=0.5)
    inner = network.add("NEG", [x], network.tensor("inner", (2,), "i8", scale=0.5))
    other = network.add("RELU", [inner], network.tensor("other", (2,), "i8", scale=0.25))
    model = network.build(network.add("ABS", [other], network.tensor("y", (2,), "i8", scale=0.25)))
    assert reasons(model, "RELU(x) -> x") == ["'inner' and 'other' are quantized differently"]


def test_an_absent_operand_stays_absent_and_cannot_be_computed_with() -> None:
    model = conv()
    rule = "CONV_2D(x, w, b?: const) where x.name != '' -> CONV_2D(x, w, b * 2)"
    assert reasons(model, rule) == ["b is absent"]
    assert reasons(model, "CONV_2D(x, w, b?) -> ADD(x, b)") == ["rhs of ADD is absent here"]
    assert reasons(model, "CONV_2D(x, w, b?) -> b") == ["the replacement is absent here"]
    apply_rules(model, "CONV_2D(x, w, b?) -> CUSTOM[C](x, w, b)")
    assert shown(model) == ["y = CUSTOM[C](x, w)"]


def test_an_inner_operator_that_nobody_declares_is_refused_with_a_reason() -> None:
    assert reasons(binary(), "SUB(x, c) -> ADD(BITCAST(x), c)") == [
        "BITCAST stands inside the replacement, and its type cannot be inferred"
    ]


def test_the_recorded_type_must_agree() -> None:
    assert reasons(binary(), "SUB(x, c) -> RELU(c)") == ["RELU gives f32[3], but 'y' is f32[2, 3]"]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("stride_h=99999999999", "stride_h of MAX_POOL_2D cannot hold 99999999999"),
        ("stride_h=n / 2", "stride_h of MAX_POOL_2D is an integer, not 4.0"),
        ("stride_h=n == 2", "stride_h of MAX_POOL_2D is an integer, not False"),
        ("stride_h=x.shape", "stride_h of MAX_POOL_2D is an integer, not [1, 8, 8, 2]"),
        ("padding=x.dtype", "padding of MAX_POOL_2D cannot be 'f32'"),
        ("stride_h=0 - 1", "MAX_POOL_2D: strides and dilations are at least 1"),
        ("stride_h=absent", "stride_h of MAX_POOL_2D is an integer, not None"),
    ],
)
def test_computed_attributes_are_checked(attribute: str, reason: str) -> None:
    rule = f"CONV_2D(x: [_, n, _, _], w, b?) -> MAX_POOL_2D[{attribute}](x)"
    assert reasons(conv(), rule) == [reason]


def test_attributes_of_custom_operators_must_all_be_given_and_fit() -> None:
    assert reasons(binary(), f"{UP}\nSUB(x, c) -> CUSTOM[Up, padding=SAME](x, c)") == [
        "stride_h of CUSTOM[Up] is given no value"
    ]
    assert reasons(binary(), f"{UP}\nSUB(x, c) -> CUSTOM[Up, padding=SAME, stride_h=4294967296, rate=1](x, c)") == [
        "stride_h of CUSTOM[Up] cannot hold 4294967296"
    ]
    model = binary()
    apply_rules(model, f"{UP}\nSUB(x, c) -> CUSTOM[Up, padding=VALID, stride_h=3, rate=1](x, c)")
    assert (
        next(iter(model.operators())).custom_options == np.array([2, 3], np.int32).tobytes() + np.float32(1).tobytes()
    )


@pytest.mark.parametrize("text", ["ADD(x, c) -> ADD(x, 300:i8)", "ADD(x, c) -> ADD(x, [1.5]:i32)"])
def test_a_literal_that_its_written_type_cannot_hold_is_found_without_a_model(text: str) -> None:
    with pytest.raises(LanguageError, match=r"i8 cannot hold 300|1\.5 is no i32"):
        compile_rules(text, "r.pat")


def test_a_sum_runs_over_several_axes() -> None:
    model = binary([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert value_of(made(model, "SUB(x, c: const f32[_, _]) -> SUB(x, sum(c, axis=[0, 1]))")).tolist() == 21.0


def test_a_quantisation_inside_a_replacement_is_like_the_tensor_that_is_named() -> None:
    network = Network()
    reshaped = network.add("RESHAPE", [network.input(), network.constant("s", [3, 2], "i32")], "r", (3, 2))
    model = network.build(network.add("QUANTIZE", [reshaped], network.tensor("y", (3, 2), "i8", scale=0.1, zero=5)))
    apply_rules(model, "y = QUANTIZE(RESHAPE(x: f32, s)) -> RESHAPE(QUANTIZE(x): like y, s)")
    between = model.subgraphs[0].operators[0].outputs[0]
    assert shown(model) == ["y/1 = QUANTIZE(x)", "y = RESHAPE(y/1, s)"]
    assert (between.dtype, between.shape) == ("i8", (2, 3))
    assert between.quantization is not None
    assert (between.quantization.scale, between.quantization.zero_point) == ((np.float32(0.1).item(),), (5,))
