"""The reference kernel and the shape function of Convolution2DTransposeBias against what MediaPipe's runtime gave."""

from __future__ import annotations

import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

from rewriter.dialect.types import TensorType
from rewriter.patterns.mediapipe import transpose_conv_bias, transpose_conv_bias_shape
from rewriter.patterns.mediapipe.shapes import transpose_conv_extent
from tests.rules.models import constant, operators
from tests.rules.transpose_conv import AXES, Case, both_axes, cases, plain_loop

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN_CASES = 24
# MediaPipe's kernel takes 0, "unknown", for VALID; the pack's declaration has no word for it.
PADDING_WORDS = {0: "VALID", 1: "SAME", 2: "VALID"}

# Measured in MediaPipe's runtime: by stride and kernel, (length, pad before) for SAME and 4, 5, 6 and 7 elements.
SAME_TABLE = {
    (1, 1): [(4, 0), (5, 0), (6, 0), (7, 0)],
    (1, 2): [(4, 0), (5, 0), (6, 0), (7, 0)],
    (1, 3): [(4, 1), (5, 1), (6, 1), (7, 1)],
    (1, 4): [(4, 1), (5, 1), (6, 1), (7, 1)],
    (2, 1): [(7, 0), (9, 0), (11, 0), (13, 0)],
    (2, 2): [(8, 0), (9, 0), (12, 0), (13, 0)],
    (2, 3): [(8, 0), (9, 1), (12, 0), (13, 1)],
    (2, 4): [(8, 1), (9, 1), (12, 1), (13, 1)],
    (3, 1): [(10, 0), (13, 0), (16, 0), (19, 0)],
    (3, 2): [(10, 0), (14, 0), (17, 0), (19, 0)],
    (3, 3): [(10, 1), (14, 0), (18, 0), (19, 1)],
    (3, 4): [(10, 1), (14, 1), (18, 0), (19, 1)],
}
# The same for VALID, kernel 3: by stride, the lengths for inputs of 4 and 5 elements.
VALID_TABLE = {1: [6, 7], 2: [9, 11], 3: [12, 15]}


@pytest.mark.parametrize("number", range(GOLDEN_CASES))
def test_kernel_and_shape_give_what_mediapipe_gave_to_the_bit(number: int, golden: Path) -> None:
    with np.load(golden / "Convolution2DTransposeBias" / f"{number:02}.npz") as recorded:
        model, image, expected = recorded["model"].tobytes(), recorded["input_0"], recorded["output_0"]
    (operator,) = operators(model)
    padding, stride_w, stride_h = struct.unpack_from("<3i", operator.custom_options)
    attributes = {"padding": PADDING_WORDS[padding], "stride_w": stride_w, "stride_h": stride_h}
    filters, bias = (constant(model, name) for name in operator.operands[1:] if name is not None)

    types = [TensorType(dtype="f32", shape=operand.shape) for operand in (image, filters, bias)]
    assert transpose_conv_bias_shape(*types, **attributes) == TensorType(dtype="f32", shape=expected.shape)

    computed = transpose_conv_bias(image, filters, bias, **attributes)
    assert computed.shape == expected.shape
    assert computed.dtype == expected.dtype
    assert computed.tobytes() == expected.tobytes()


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_kernel_adds_in_the_order_of_the_plain_loop(case: Case) -> None:
    operands = case.operands()
    computed = transpose_conv_bias(*operands, **case.attributes)
    assert computed.tobytes() == plain_loop(*operands, **case.attributes).tobytes()


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_kernel_is_right_for_every_size_of_either_axis(padding: str) -> None:
    for case in both_axes(padding):
        operands = case.operands()
        computed = transpose_conv_bias(*operands, **case.attributes)
        assert computed.tobytes() == plain_loop(*operands, **case.attributes).tobytes(), case


def test_kernel_keeps_infinities_and_nans_apart() -> None:
    image = np.array([np.inf, -np.inf, np.nan, 1.0], np.float32).reshape(1, 1, 4, 1)
    filters = np.ones((1, 1, 1, 1), np.float32)
    computed = transpose_conv_bias(image, filters, np.zeros(1, np.float32), padding="SAME", stride_w=2, stride_h=1)
    np.testing.assert_array_equal(computed.ravel(), [np.inf, 0, -np.inf, 0, np.nan, 0, 1])


def test_extents_are_those_of_the_measured_table() -> None:
    for (stride, kernel), expected in SAME_TABLE.items():
        extents = [transpose_conv_extent(size, kernel, stride, "SAME") for size in (4, 5, 6, 7)]
        assert [(extent.length, extent.pad_before) for extent in extents] == expected, (stride, kernel)
    for stride, lengths in VALID_TABLE.items():
        extents = [transpose_conv_extent(size, 3, stride, "VALID") for size in (4, 5)]
        assert [(extent.length, extent.pad_before) for extent in extents] == [(length, 0) for length in lengths]


def test_extents_chain_from_5_to_9_to_17() -> None:
    once = transpose_conv_extent(5, 3, 2, "SAME").length
    assert (once, transpose_conv_extent(once, 3, 2, "SAME").length) == (9, 17)


def test_size_times_stride_is_no_shape_function() -> None:
    wrong = [axis for axis in AXES if transpose_conv_extent(*axis, "SAME").length != axis[0] * axis[2]]
    assert len(AXES) == 135
    assert len(wrong) == 65
    refuted_by_table = [
        (size, kernel, stride)
        for (stride, kernel), expected in SAME_TABLE.items()
        for size, (length, _) in zip((4, 5, 6, 7), expected, strict=True)
        if length != size * stride
    ]
    assert refuted_by_table
    assert set(refuted_by_table) <= set(wrong)


@pytest.mark.parametrize(
    ("image", "filters", "expected"),
    [
        ((None, 5, 6, 3), (2, 3, 3, 3), (None, 9, 12, 2)),
        ((1, None, 6, 3), (2, 3, 3, 3), (1, None, 12, 2)),
        ((1, 5, 6, None), (2, 3, None, 3), (1, 9, None, 2)),
        ((1, 5, 6, 3), (None, 3, 3, 3), (1, 9, 12, 2)),
    ],
)
def test_shape_leaves_open_what_an_open_dimension_decides(
    image: tuple[int | None, ...], filters: tuple[int | None, ...], expected: tuple[int | None, ...]
) -> None:
    operands = [TensorType(dtype="f32", shape=shape) for shape in (image, filters, (2,))]
    result = transpose_conv_bias_shape(*operands, padding="SAME", stride_w=2, stride_h=2)
    assert result == TensorType(dtype="f32", shape=expected)


@pytest.mark.parametrize(
    ("shapes", "dtypes", "attributes", "message"),
    [
        (((5, 6, 3), (2, 3, 3, 3), (2,)), "f32 f32 f32", {}, r"rank 4 as its input, not f32\[5, 6, 3\]"),
        (((1, 5, 6, 3), (2, 3, 3), (2,)), "f32 f32 f32", {}, r"rank 4 as its filter, not f32\[2, 3, 3\]"),
        (((1, 5, 6, 3), (2, 3, 3, 3), ()), "f32 f32 f32", {}, r"rank 1 as its bias, not f32\[\]"),
        (
            ((1, 5, 6, 4), (2, 3, 3, 3), (2,)),
            "f32 f32 f32",
            {},
            r"input and filter .* f32\[1, 5, 6, 4\] and f32\[2, 3, 3, 3\]",
        ),
        (((1, 5, 6, 3), (2, 3, 3, 3), (3,)), "f32 f32 f32", {}, r"filter and bias .* f32\[2, 3, 3, 3\] and f32\[3\]"),
        (((1, 5, 6, 3), (2, 3, 3, 3), (2,)), "f16 f32 f32", {}, r"as its input, not f16\[1, 5, 6, 3\]"),
        (((1, 5, 6, 3), (2, 3, 3, 3), (2,)), "f32 i8 f32", {}, r"as its filter, not i8\["),
        (((1, 5, 6, 3), (2, 3, 3, 3), (2,)), "f32 f32 i32", {}, r"as its bias, not i32\["),
        (((1, 0, 6, 3), (2, 3, 3, 3), (2,)), "f32 f32 f32", {}, "input size must be at least 1, not 0"),
        (((1, 5, 6, 3), (2, 3, 0, 3), (2,)), "f32 f32 f32", {}, "kernel size must be at least 1, not 0"),
        (((1, 5, 6, 3), (2, 3, 3, 3), (2,)), "f32 f32 f32", {"stride_w": 0}, "stride must be at least 1, not 0"),
        (((1, 5, 6, 3), (2, 3, 3, 3), (2,)), "f32 f32 f32", {"padding": "FULL"}, "SAME or VALID, not FULL"),
    ],
)
def test_operands_that_do_not_fit_are_refused_with_what_and_where(
    shapes: tuple[tuple[int, ...], ...], dtypes: str, attributes: dict[str, object], message: str
) -> None:
    types = [TensorType(dtype=dtype, shape=shape) for dtype, shape in zip(dtypes.split(), shapes, strict=True)]
    with pytest.raises(ValueError, match=message):
        transpose_conv_bias_shape(*types, **({"padding": "SAME", "stride_w": 1, "stride_h": 1} | attributes))


def test_kernel_refuses_float64() -> None:
    image, filters, bias = Case(1, (2, 1, 1), (2, 1, 1), 1, 1, "SAME", seed=0).operands()
    doubles: Any = image.astype(np.float64)
    with pytest.raises(ValueError, match="as its input, not float64"):
        transpose_conv_bias(doubles, filters, bias, padding="SAME", stride_w=1, stride_h=1)


def test_pack_is_imported_without_numpy() -> None:
    script = (
        "import sys, rewriter.patterns.mediapipe as pack; pack.transpose_conv_bias_shape;"
        "assert 'numpy' not in sys.modules; pack.transpose_conv_bias; assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
