"""Poolings with indices and unpoolings: what the pack makes of them, and leaves alone; what their kernels refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

import rewriter
from rewriter.patterns.mediapipe import max_pooling_with_argmax, max_unpooling
from tests.rules.models import KERNELS, ModelBuilder, operators, run
from tests.rules.pooling import POOLING, UNPOOLING, Windows, add_pooling, add_unpooling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SHAPE = (2, 6, 12, 3)
TWO = Windows(2, 2)


def _image(shape: tuple[int, ...] = SHAPE) -> Floats:
    """Small whole numbers: most windows have their largest one twice."""
    return np.random.default_rng(3).integers(-2, 3, shape).astype(np.float32)


def _attributes(windows: Windows) -> dict[str, Any]:
    return {
        "padding": windows.padding,
        "stride_w": windows.stride_w or windows.width,
        "stride_h": windows.stride_h or windows.height,
        "filter_width": windows.width,
        "filter_height": windows.height,
        "fused_activation_function": "NONE",
    }


def _applied(model: bytes, *only: str) -> tuple[bytes, dict[str, int]]:
    result = rewriter.apply(model, packs=["mediapipe"], only=only, seeds=2)
    applied = result.report.to_json()["rules_applied"]
    return result.model.to_bytes(), {name.removeprefix("mediapipe."): count for name, count in applied.items()}


def _pair(windows: Windows, shape: tuple[int, int, int, int] = SHAPE) -> bytes:
    """A pooling whose values, negated, its unpooling puts back."""
    builder = ModelBuilder()
    builder.input("x", shape)
    values, indices = add_pooling(builder, windows, shape)
    negated = builder.operator("NEG", [values], "n", windows.pooled(shape), options=schema.NegOptionsT())
    add_unpooling(builder, windows, windows.pooled(shape), negated, indices)
    return builder.finish("y", "v")


def _expected(windows: Windows, image: Floats) -> tuple[Floats, Floats]:
    values, indices = max_pooling_with_argmax(image, **_attributes(windows))
    return max_unpooling(-values, indices, **_attributes(windows)), values


@pytest.mark.parametrize(
    ("windows", "rules"),
    [
        (TWO, {"pooling_and_unpooling_2x2": 1}),
        (Windows(2, 2, padding="SAME"), {"pooling_and_unpooling_2x2": 1}),
        (Windows(3, 3), {"pooling_and_unpooling": 1}),
        (Windows(1, 4), {"pooling_and_unpooling": 1}),
        (Windows(2, 5), {"pooling_of_whole_windows": 1, "pooling_and_unpooling": 1}),
    ],
    ids=str,
)
def test_a_pair_becomes_builtin_operators_that_choose_the_same_places(windows: Windows, rules: dict[str, int]) -> None:
    image = _image()
    after, applied = _applied(_pair(windows))
    assert applied == rules
    assert not any(row.name.startswith("CUSTOM") for row in operators(after))
    for kernels in KERNELS:
        for expected, computed in zip(_expected(windows, image), run(after, image, kernels=kernels), strict=True):
            np.testing.assert_array_equal(computed, expected, err_msg=kernels)
    assert _applied(after) == (after, {})


def test_a_pair_whose_windows_are_padded_is_left_alone() -> None:
    """XNNPACK counts in what is left of such a window, MediaPipe in the whole of it."""
    windows = Windows(2, 2, padding="SAME")
    model = _pair(windows, (1, 5, 6, 2))
    assert _applied(model) == (model, {})


@pytest.mark.parametrize("windows", [Windows(3, 3, stride_h=2, stride_w=2), Windows(2, 2, stride_w=1, stride_h=2)])
def test_windows_that_overlap_are_left_alone(windows: Windows) -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    add_pooling(builder, windows, SHAPE)
    model = builder.finish("v", "i")
    assert _applied(model) == (model, {})


def test_a_pair_of_different_windows_is_left_alone() -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    values, indices = add_pooling(builder, TWO, SHAPE)
    add_unpooling(builder, Windows(2, 3), TWO.pooled(SHAPE), values, indices)
    model = builder.finish("y")
    assert _applied(model, "pooling_and_unpooling", "pooling_and_unpooling_2x2") == (model, {})


def test_each_of_several_unpoolings_is_rewritten() -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    values, indices = add_pooling(builder, TWO, SHAPE)
    pooled = TWO.pooled(SHAPE)
    for number in range(3):
        add_unpooling(builder, TWO, pooled, values, indices, f"y{number}")
    after, applied = _applied(builder.finish("y0", "y1", "y2"))
    assert applied == {"one_unpooling_of_several": 2, "pooling_and_unpooling_2x2": 1}
    image = _image()
    values, indices = max_pooling_with_argmax(image, **_attributes(TWO))
    for computed in run(after, image, kernels="default"):
        np.testing.assert_array_equal(computed, max_unpooling(values, indices, **_attributes(TWO)))
    assert _applied(after) == (after, {})


@pytest.mark.parametrize("windows", [TWO, Windows(3, 4), Windows(2, 5), Windows(4, 5, padding="SAME")], ids=str)
def test_indices_that_are_an_output_are_mediapipes(windows: Windows) -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    add_pooling(builder, windows, SHAPE)
    after, applied = _applied(builder.finish("v", "i"))
    assert applied["pooling_with_indices"] == 1
    image = _image()
    for kernels in KERNELS:
        expected = max_pooling_with_argmax(image, **_attributes(windows))
        for one, other in zip(expected, run(after, image, kernels=kernels), strict=True):
            np.testing.assert_array_equal(other, one, err_msg=kernels)
    assert _applied(after) == (after, {})


def test_indices_that_both_an_unpooling_and_something_else_read() -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    values, indices = add_pooling(builder, TWO, SHAPE)
    add_unpooling(builder, TWO, TWO.pooled(SHAPE), values, indices)
    after, applied = _applied(builder.finish("y", "i"))
    assert applied == {
        "one_unpooling_of_several": 1,
        "pooling_with_indices": 1,
    }
    image = _image()
    values, indices = max_pooling_with_argmax(image, **_attributes(TWO))
    result, places = run(after, image, kernels="default")
    np.testing.assert_array_equal(result, max_unpooling(values, indices, **_attributes(TWO)))
    np.testing.assert_array_equal(places, indices)


@pytest.mark.parametrize("windows", [TWO, Windows(3, 3, stride_h=2, stride_w=1, padding="SAME", activation=3)])
def test_a_pooling_whose_indices_nobody_reads_is_a_pooling(windows: Windows) -> None:
    builder = ModelBuilder()
    builder.input("x", SHAPE)
    add_pooling(builder, windows, SHAPE)
    after, applied = _applied(builder.finish("v"))
    assert applied == {"pooling_without_indices": 1}
    (row,) = operators(after)
    assert row.name == "MAX_POOL_2D"
    options = row.options
    assert (options.filterHeight, options.filterWidth) == (windows.height, windows.width)
    assert options.fusedActivationFunction == windows.activation


@pytest.mark.parametrize("windows", [TWO, Windows(3, 2)], ids=str)
def test_indices_that_are_an_input_choose_the_places(windows: Windows) -> None:
    shape = (2, 3, 4, 2)
    builder = ModelBuilder()
    builder.input("v", shape)
    builder.input("i", shape)
    add_unpooling(builder, windows, shape, "v")
    after, applied = _applied(builder.finish("y"))
    assert applied == {"unpooling": 1}
    draw = np.random.default_rng(5)
    values = draw.standard_normal(shape).astype(np.float32)
    indices = draw.integers(windows.height * windows.width, size=shape).astype(np.float32) + np.float32(0.1)
    for kernels in KERNELS:
        (computed,) = run(after, values, indices, kernels=kernels)
        np.testing.assert_array_equal(computed, max_unpooling(values, indices, **_attributes(windows)))


def test_the_other_operator_of_this_name_is_left_alone() -> None:
    builder = ModelBuilder()
    builder.input("v", (1, 2, 2, 1))
    builder.input("i", (1, 2, 2, 1), dtype="int32")
    add_unpooling(builder, TWO, (1, 2, 2, 1), "v")
    model = builder.finish("y")
    assert _applied(model) == (model, {})


# One of the pair alone


@pytest.mark.parametrize("rule", ["pooling", "unpooling"])
def test_a_rule_for_one_of_a_pair_is_refuted(rule: str) -> None:
    """XNNPACK would read the indices of the other one wrongly; the kernels alone would not show it."""
    text = {
        "pooling": f"""(v, i) = {POOLING}(x: f32[n, h, w, c])
            -> v = MAX_POOL_2D[padding=VALID, stride_w=2, stride_h=2, filter_width=2, filter_height=2](x);
               place = ARG_MAX[output_type=INT32](
                 RESHAPE(TRANSPOSE(RESHAPE(x, [n * h // 2, 2, w // 2, 2, c]), [0, 2, 4, 1, 3]), [-1, 4]), 1);
               i = RESHAPE(ADD(CAST[out_data_type=FLOAT32](place), 0.1))""",
        "unpooling": f"""{UNPOOLING}(y: f32[n, h, w, c], i)
            -> chosen = EQUAL(RESHAPE(CAST[out_data_type=INT32](i), [n * h * w * c, 1]), [[0, 1, 2, 3]]);
               spread = SELECT_V2(chosen, RESHAPE(y, [n * h * w * c, 1]), 0.0: f32);
               RESHAPE(TRANSPOSE(RESHAPE(spread, [n * h, w, c, 2, 2]), [0, 3, 1, 4, 2]))""",
    }[rule]
    rules = rewriter.compile_rules(text, filename="one.pat")
    with pytest.raises(rewriter.CheckError):
        rewriter.apply(_pair(TWO), rules=[rules])


# Kernels


def test_the_pooling_kernel_takes_nothing_but_numbers_above_the_lowest() -> None:
    image = np.array([-np.inf, -np.inf, np.nan, -5, np.nan, np.nan], np.float32).reshape(1, 1, 6, 1)
    values, indices = max_pooling_with_argmax(image, **_attributes(Windows(1, 2)))
    np.testing.assert_array_equal(values.ravel(), np.array([-3.4028234663852886e38, -5, -3.4028234663852886e38], "f4"))
    np.testing.assert_array_equal(indices.ravel(), np.array([0.1, 1.1, 0.1], np.float32))


def test_the_pooling_kernel_clamps_values_and_not_indices() -> None:
    image = np.array([7, 9, -3, -1], np.float32).reshape(1, 1, 4, 1)
    attributes: dict[str, Any] = _attributes(Windows(1, 2)) | {"fused_activation_function": "RELU6"}
    values, indices = max_pooling_with_argmax(image, **attributes)
    np.testing.assert_array_equal(values.ravel(), [6, 0])
    np.testing.assert_array_equal(indices.ravel(), np.array([1.1, 1.1], np.float32))


@pytest.mark.parametrize("index", [-1.0, 4.0, 4.1, 1e30, np.nan, np.inf])
def test_the_unpooling_kernel_refuses_an_index_outside_its_window(index: float) -> None:
    values = np.ones((1, 1, 1, 1), np.float32)
    with pytest.raises(ValueError, match="places of a window, from 0 to 3"):
        max_unpooling(values, np.full_like(values, index), **_attributes(TWO))


@pytest.mark.parametrize(
    ("values", "indices", "change", "message"),
    [
        ((1, 2, 2), (1, 2, 2), {}, r"rank 4 as its values, not f32\[1, 2, 2\]"),
        ((1, 2, 2, 1), (1, 2, 1, 1), {}, "of one shape"),
        ((1, 2, 2, 1), (1, 2, 2, 1), {"stride_w": 3}, "must touch, not have 2 columns and a stride of 3"),
        ((1, 2, 2, 1), (1, 2, 2, 1), {"filter_height": 0, "stride_h": 0}, "must touch, not have 0 rows"),
    ],
)
def test_the_unpooling_kernel_refuses_what_does_not_fit(
    values: tuple[int, ...], indices: tuple[int, ...], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        max_unpooling(np.ones(values, np.float32), np.ones(indices, np.float32), **(_attributes(TWO) | change))


@pytest.mark.parametrize(
    ("shape", "change", "message"),
    [
        ((4, 4, 1), {}, r"rank 4, not f32\[4, 4, 1\]"),
        ((1, 1, 4, 1), {}, "no window of 2 elements fits into 1"),
        ((1, 0, 4, 1), {}, "input size must be at least 1, not 0"),
        ((1, 4, 4, 1), {"stride_h": 0}, "stride must be at least 1, not 0"),
        ((1, 4, 4, 1), {"filter_width": -1}, "window must be at least 1, not -1"),
        ((1, 4, 4, 1), {"padding": 0}, "SAME or VALID, not 0"),
    ],
)
def test_the_pooling_kernel_refuses_what_does_not_fit(
    shape: tuple[int, ...], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        max_pooling_with_argmax(np.ones(shape, np.float32), **(_attributes(TWO) | change))
