"""Instances vary all that a pattern leaves open, and the pattern occurs in each of them."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.driver import rewrite
from rewriter.model import read
from rewriter.packs import find_declaration, load
from rewriter.proof.choice import RandomSource
from rewriter.proof.draft import Unfit
from rewriter.proof.forms import Maker, forms_of
from tests.unit.proofs import constants, drawn, models, operators, rule_of, shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from rewriter.language.rules import Rule
    from rewriter.verify.protocol import Array

COUNT = 120
ACTIVATED = rule_of("rule r RELU(c = CONV_2D(x, w, b?)) -> @c[fused_activation_function=RELU](x, w, b)")
FUSED = rule_of("rule r RELU(ADD(x, y)) -> ADD[fused_activation_function=RELU](x, y)")
PADDED = rule_of(
    "rule r CONV_2D[padding=VALID, stride_h=s, stride_w=s, dilation_h_factor=1, dilation_w_factor=1]"
    "(PAD(x, [[0, 0], [t, b], [l, r], [0, 0]]), w: const f32[_, kh, kw, _], c?)"
    " where t + b == kh - 1, l + r == kw - 1, t == b or t + 1 == b, l == r or l + 1 == r"
    " -> CONV_2D[padding=SAME, stride_h=s, stride_w=s](x, w, c)"
)


@pytest.mark.parametrize("rule", [ACTIVATED, FUSED, PADDED], ids=["convolution", "sum", "padding"])
def test_the_rule_fires_on_every_instance_that_hides_its_results(rule: Rule) -> None:
    found = drawn(rule, COUNT)
    fired = sum(bool(rewrite(read(instance.model), [rule]).applications) for _, instance in found)
    assert len(found) > 0.9 * COUNT
    # In some a result in between is read by others, and the rule must not fire.
    assert 0.85 * len(found) < fired < len(found)


def test_batches_and_sizes_are_odd_and_even_and_one() -> None:
    images = [shapes(each)[0] for each in operators(ACTIVATED, COUNT, "CONV_2D")]
    for place, most in ((0, 2), (1, 4), (2, 4), (3, 2)):
        sizes = {image[place] for image in images}
        assert 1 in sizes
        assert max(sizes) > most
        assert {size % 2 for size in sizes} == {0, 1}
    assert any(image[1] != image[2] for image in images)


def test_attributes_that_a_pattern_does_not_mention_vary() -> None:
    found = [operator.attributes() for operator in operators(ACTIVATED, COUNT, "CONV_2D")]
    for name in ("padding", "stride_h", "stride_w", "dilation_h_factor"):
        assert len({each[name] for each in found}) > 1, name
    assert {each["fused_activation_function"] for each in found} == {"NONE"}, "to say nothing of it means NONE"


def test_activations_vary_where_a_pattern_takes_any() -> None:
    rule = rule_of("rule r RELU(ADD[fused_activation_function=a](x, y)) -> ADD[fused_activation_function=RELU](x, y)")
    found = {each.attributes()["fused_activation_function"] for each in operators(rule, COUNT, "ADD")}
    assert {"NONE", "RELU", "RELU6", "RELU_N1_TO_1"} <= found


def test_optional_operands_are_there_or_not() -> None:
    assert {len(shapes(each)) for each in operators(ACTIVATED, 40, "CONV_2D")} == {2, 3}


def test_operands_are_broadcast_in_every_way() -> None:
    pairs = [shapes(each) for each in operators(FUSED, 4 * COUNT, "ADD")]
    assert any(one == other for one, other in pairs)
    assert any(len(one) > len(other) > 0 for one, other in pairs)
    assert any(len(one) < len(other) for one, other in pairs)
    assert any(one and other == () for one, other in pairs)
    assert any(len(one) == len(other) and one < other for one, other in pairs)
    assert any(len(one) == len(other) and one > other for one, other in pairs)
    assert {len(one) for one, _ in pairs} >= {0, 1, 2, 3, 4}


def test_operands_are_constants_or_not() -> None:
    found = Counter(tuple(each.is_constant for each in add.inputs if each) for add in operators(FUSED, COUNT, "ADD"))
    assert len(found) >= 3
    weights = Counter(each.inputs[1].is_constant for each in operators(ACTIVATED, COUNT, "CONV_2D") if each.inputs[1])
    assert len(weights) == 2


def test_lists_have_several_lengths_and_are_joined_along_each_axis_counted_from_both_ends() -> None:
    rule = rule_of("rule r RELU(c = CONCATENATION(xs...)) -> @c[fused_activation_function=RELU](xs...)")
    found = operators(rule, COUNT, "CONCATENATION")
    assert {len(each.inputs) for each in found} >= {1, 2, 3}
    axes = [int(str(each.attributes()["axis"])) for each in found]
    assert min(axes) < 0 < max(axes)
    assert any(len(set(shapes(each))) > 1 for each in found), "parts of different sizes"


def test_weights_have_scales_for_each_channel_or_one_for_all() -> None:
    found = operators(ACTIVATED, COUNT, "CONV_2D", dtypes=("i8",))
    scales: set[bool] = set()
    for operator in found:
        weights = operator.inputs[1]
        assert weights is not None
        assert weights.quantization is not None
        scales.add(weights.quantization.per_channel)
        if weights.quantization.per_channel:
            assert len(weights.quantization.scale) == weights.shape[weights.quantization.dimension]
    assert scales == {False, True}


def test_scales_and_zero_points_vary() -> None:
    found = [each.inputs[0] for each in operators(FUSED, COUNT, "ADD", dtypes=("i8",))]
    parameters = [each.quantization for each in found if each is not None and each.quantization is not None]
    assert len({each.scale for each in parameters}) > 2
    assert len({each.zero_point for each in parameters}) > 2


def test_constants_that_are_alike_share_a_buffer_now_and_then() -> None:
    rule = rule_of("rule r ADD(MUL(x, a: const), MUL(x, b: const)) -> MUL(x, a + b) equal within 1e-4")
    shared = 0
    for model in models(rule, 2 * COUNT):
        buffers = [tensor.buffer.index for tensor in constants(model) if tensor.buffer is not None]
        shared += len(set(buffers)) < len(buffers)
    assert 0 < shared < COUNT


def test_results_are_read_elsewhere_or_are_outputs() -> None:
    found = models(FUSED, COUNT)
    assert {len(model.subgraphs[0].outputs) for model in found} >= {1, 2}
    last = {model.subgraphs[0].operators[-1].name for model in found}
    assert last == {"RELU", "RESHAPE"}, "the root is an output itself, or something reads it"


def test_operands_come_straight_from_an_input_or_from_another_operator() -> None:
    first = {model.subgraphs[0].operators[0].name for model in models(FUSED, COUNT)}
    assert first == {"ADD", "RESHAPE"}


def test_operands_that_say_how_an_operator_works_are_given_by_the_run_now_and_then() -> None:
    rule = rule_of("rule r NEG(TRANSPOSE(x, p)) -> TRANSPOSE(NEG(x), p)")
    found = operators(rule, 2 * COUNT, "TRANSPOSE")
    given = [operator for operator in found if operator.inputs[1] is not None and not operator.inputs[1].is_constant]
    assert 0 < len(given) < len(found) / 4
    assert all(operator.outputs[0].dynamic for operator in given if len(shapes(operator)[0]) > 0)
    assert not any(operator.outputs[0].dynamic for operator in found if operator not in given)


def test_for_exact_rules_some_values_are_no_plain_numbers() -> None:
    def specials(rule: Rule) -> set[str]:
        found: set[str] = set()
        for _, instance in drawn(rule, COUNT):
            for value in (value for series in instance.series for value in series):
                if value.dtype.kind == "f":
                    found |= special(value)
        return found

    exact = rule_of("rule r NEG(NEG(x)) -> x equal exact")
    assert specials(exact) == {"nan", "inf", "-inf", "-0.0", "denormal"}
    assert specials(rule_of("rule r NEG(NEG(x)) -> x")) <= {"-0.0"}


def special(value: Array) -> set[str]:
    least = np.finfo(value.dtype).tiny
    tests = {
        "nan": np.isnan(value),
        "inf": value == np.inf,
        "-inf": value == -np.inf,
        "-0.0": (value == 0) & np.signbit(value),
        "denormal": (value != 0) & (abs(value) < least),
    }
    return {name for name, found in tests.items() if found.any()}


def test_inputs_of_other_rules_are_at_most_10_and_some_beyond_6() -> None:
    values = [value for _, instance in drawn(FUSED, COUNT) for series in instance.series for value in series]
    flat = np.concatenate([value.reshape(-1) for value in values])
    assert abs(flat).max() <= 10
    assert flat.max() > 6
    assert flat.min() < -6


# -- sizes are solved for ---------------------------------------------------------------------------------------------


def test_padding_that_agrees_with_same_is_solved_for() -> None:
    found = operators(PADDED, COUNT, "CONV_2D")
    assert len(found) > 0.9 * COUNT
    kernels = {shapes(each)[1][1:3] for each in found}
    assert len(kernels) > 4
    assert {each.attributes()["stride_h"] for each in found} >= {1, 2}, "where sizes just agree"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("h % 3 == 0, w % 4 == 1", lambda n, h, w, c: h % 3 == 0 and w % 4 == 1),
        ("n * h == w * c, n != c", lambda n, h, w, c: n * h == w * c and n != c),
        ("h == w, h == 6", lambda n, h, w, c: h == w == 6),
        ("h == w, h == c, h % 5 == 0, n * h == 10", lambda n, h, w, c: h == w == c and n * h == 10),
        ("h > 2 * w, w > c", lambda n, h, w, c: h > 2 * w and w > c),
        ("(h + 2) // 3 == w, w > 1", lambda n, h, w, c: (h + 2) // 3 == w and w > 1),
        ("h == 112", lambda n, h, w, c: h == 112),
    ],
)
def test_conditions_of_sizes_are_met(condition: str, holds: Callable[..., bool]) -> None:
    rule = rule_of(f"rule r RELU(x: f32[n, h, w, c]) where {condition} -> MAXIMUM(x, 0.0)")
    found = [shapes(each)[0] for each in operators(rule, 40, "RELU")]
    assert len(found) > 30
    assert all(holds(*shape) for shape in found)
    assert len(set(found)) > 1


def test_conditions_of_values_are_met() -> None:
    rule = rule_of("rule r MUL(x, c: const f32) where min(c.value) >= 2, max(c.value) < 7 -> DIV(x, 1.0 / c)")
    found = operators(rule, 60, "MUL")
    assert len(found) > 30
    for operator in found:
        data = [each.data for each in operator.inputs if each is not None and each.data is not None]
        if len(data) == 2:
            # Then either may be the one that is meant.
            continue
        values = np.frombuffer(data[0], np.float32)
        assert values.min() >= 2
        assert values.max() < 7


def test_what_a_condition_says_of_readers_is_met() -> None:
    rule = rule_of("rule r RELU(a = ABS(x)) where a.uses == 1 -> a")
    assert len(operators(rule, 40, "ABS")) > 30


def test_results_that_are_given_anew_are_read_elsewhere_and_the_rule_fires_all_the_same() -> None:
    rule = rule_of(
        "rule r (a, _) = SPLIT[num_splits=2](0, x: f32[4, n]); u = ABS(a) -> a = SLICE(x, [0, 0], [2, n]); u = ABS(a)"
    )
    found = models(rule, COUNT, dtypes=("f32", "i32"))
    firsts = [next(each for each in model.operators() if each.name == "SPLIT").outputs[0] for model in found]
    read_elsewhere = sum(len(first.consumers) > 1 for first in firsts)
    fired = sum(bool(rewrite(model, [rule]).applications) for model in found)
    assert len(found) > COUNT // 2
    assert 0 < read_elsewhere < len(found)
    # In some a result that is not given anew is read by others, and the rule must not fire.
    assert fired > 0.8 * len(found)


def test_sizes_that_one_expression_makes_equal_are_met_across_operators() -> None:
    rule = rule_of(
        "rule r TRANSPOSE(RESHAPE(x: f32[n, k, h], [n, g, c, h]), [0, 2, 1, 3])"
        " where g > 1, c > 1, g * c == k -> RESHAPE(x, [n, c, g, h])"
    )
    found = [shapes(each)[0] for each in operators(rule, 40, "TRANSPOSE")]
    assert len(found) > 25
    assert all(shape[1] > 1 and shape[2] > 1 for shape in found)


# -- what cannot be made ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition", ["h > 3, h < 3", "h % 2 == 0, h % 4 == 1", "h == w, h > w"], ids=["order", "rests", "equality"]
)
def test_conditions_that_contradict_each_other_are_met_by_no_draft(condition: str) -> None:
    rule = rule_of(f"rule r RELU(x: f32[h, w]) where {condition} -> MAXIMUM(x, 0.0)")
    maker, (form, *_) = Maker(rule), forms_of(rule)
    with pytest.raises(Unfit, match="conditions do not hold"):
        maker.instance(form, RandomSource(random.Random(0)))


def test_the_same_choices_make_the_same_instance() -> None:
    one, same, other = ([instance.digest for _, instance in drawn(PADDED, 12, seed=seed)] for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_a_packs_generator_gives_a_constants_values() -> None:
    rule = rule_of("rule r MUL(x: f32, c: const f32) -> DIV(x, 1.0 / c)")
    asked: list[tuple[tuple[int, ...], str]] = []

    def sevens(shape: tuple[int, ...], dtype: str, seed: int) -> Array:
        asked.append((shape, dtype))
        return np.full(shape, 7.0 + seed % 2)

    maker = Maker(rule, {"c": sevens})
    model = read(maker.instance(forms_of(rule)[0], RandomSource(random.Random(1))).model)
    (constant,) = (each for each in constants(model) if each.name == "c")
    assert constant.data is not None
    assert set(np.frombuffer(constant.data, np.float32)) <= {7.0, 8.0}
    assert set(asked) == {(tuple(constant.shape), "f32")}


def test_an_operator_has_the_version_and_the_lists_that_its_pattern_asks_for() -> None:
    rule = next(rule for rule in load("mediapipe") if rule.name == "landmarks_to_transform_matrix")
    found = operators(rule, 40, "CUSTOM[Landmarks2TransformMatrix]")
    assert {each.code.version for each in found} == {2}
    declaration = find_declaration("Landmarks2TransformMatrix")
    assert declaration is not None
    lists = [declaration.attribute(each, "subset_idxs") for each in found]
    assert {len(each) for each in lists if isinstance(each, list)} == {1, 2, 3}
    assert {declaration.attribute(each, "scale_x") for each in found} == {0.5, 1.0, 2.0}


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_instances_of_custom_operators_are_made_in_both_directions(direction: str) -> None:
    rule = next(rule for rule in load("mediapipe") if rule.name.endswith(f"transpose_conv_bias.{direction}"))
    name = "CUSTOM[Convolution2DTransposeBias]" if direction == "forward" else "TRANSPOSE_CONV"
    found = operators(rule, 60, name)
    assert len(found) > 40
    if direction == "forward":
        settings = [tuple(np.frombuffer(each.custom_options or b"", np.int32)) for each in found]
    else:
        settings = [tuple(each.attributes()[name] for name in ("padding", "stride_w", "stride_h")) for each in found]
    paddings, widths, heights = (set(each) for each in zip(*settings, strict=True))
    assert len(paddings) == 2
    assert min(len(widths), len(heights)) > 1
