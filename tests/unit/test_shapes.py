"""Inferred types are what the interpreter computes, and what it refuses is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.dialect import convolutions, shapes
from rewriter.dialect.dialect import builtin_declarations
from rewriter.dialect.types import TensorType
from tests.unit.networks import Network, run

F32 = "f32"
SIZES = st.integers(1, 4)


def f32(*shape: int | None) -> TensorType:
    return TensorType(F32, shape)


@given(st.lists(st.integers(0, 3), max_size=4), st.lists(st.integers(0, 3), max_size=4))
def test_broadcasting_is_numpys(one: list[int], other: list[int]) -> None:
    try:
        wanted: tuple[int, ...] | None = np.broadcast_shapes(tuple(one), tuple(other))
    except ValueError:
        wanted = None
    if wanted is None:
        with pytest.raises(ValueError, match="do not broadcast"):
            shapes.broadcast(f32(*one), f32(*other))
    else:
        assert shapes.broadcast(f32(*one), f32(*other)) == f32(*wanted)


def test_broadcasting_open_dimensions() -> None:
    assert shapes.broadcast_shapes((None, 3), (None, 1)) == (None, 3)
    assert shapes.broadcast_shapes((None,), (1,)) == (None,)
    assert shapes.broadcast_shapes((None,), (5,)) == (5,)
    assert shapes.broadcast_shapes((5, 1), (None,)) == (5, None)


def test_operands_of_different_types_do_not_go_together() -> None:
    with pytest.raises(ValueError, match=r"operands of different types: f32\[2\] and i8\[2\]"):
        shapes.broadcast(f32(2), TensorType("i8", (2,)))


def test_a_comparison_gives_booleans() -> None:
    assert shapes.compared(f32(2, 1), f32(3)) == TensorType("bool", (2, 3))


@given(
    name=st.sampled_from(["CONV_2D", "DEPTHWISE_CONV_2D"]),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(SIZES, SIZES),
    stride=st.tuples(SIZES, SIZES),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["SAME", "VALID"]),
)
def test_convolutions_have_the_interpreters_shapes(
    name: str,
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: str,
) -> None:
    given_attributes = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
    }
    filters = (2, *kernel, 2) if name == "CONV_2D" else (1, *kernel, 2)
    _check(name, [(1, *size, 2), filters, (2,)], given_attributes)


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    window=st.tuples(SIZES, SIZES),
    stride=st.tuples(SIZES, SIZES),
    padding=st.sampled_from(["SAME", "VALID"]),
)
def test_pools_have_the_interpreters_shapes(
    size: tuple[int, int], window: tuple[int, int], stride: tuple[int, int], padding: str
) -> None:
    attributes = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "filter_height": window[0],
        "filter_width": window[1],
    }
    for name in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
        _check(name, [(2, *size, 3)], attributes)


def _check(name: str, operands: list[tuple[int, ...]], attributes: dict[str, object]) -> None:
    """The inferred shape is the one that the interpreter gives; a refusal is about a result that would be empty."""
    declaration = builtin_declarations()[name]
    assert declaration.shape is not None
    types = [f32(*shape) for shape in operands]
    every = {key: spec.default for key, spec in declaration.attributes.items()} | attributes
    try:
        found = declaration.shape(*types, **every)
    except ValueError:
        with pytest.raises(ValueError, match="does not fit"):
            declaration.shape(*types, **every)
        assert attributes["padding"] == "VALID"
        return
    assert isinstance(found, TensorType)
    network = Network()
    x = network.input("x", operands[0])
    weights = [network.constant("w", np.ones(shape)) for shape in operands[1:]]
    shape = [size or 1 for size in found.shape]
    model = network.build(network.add(name, [x, *weights], "y", shape, attributes=every))
    (result,) = run(model, np.ones(operands[0], np.float32))
    assert result.shape == found.shape


def test_open_dimensions_stay_open() -> None:
    every = {"padding": "SAME", "stride_h": 2, "stride_w": 2, "dilation_h_factor": 1, "dilation_w_factor": 1}
    assert convolutions.conv_2d(f32(None, 8, None, 3), f32(4, 3, 3, 3), None, **every) == f32(None, 4, None, 4)  # type: ignore[arg-type]
    pool = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
    assert convolutions.pool_2d(f32(1, None, 9, 3), **pool) == f32(1, None, 4, 3)  # type: ignore[arg-type]


def _shape(*values: int) -> TensorType:
    return TensorType("i32", (len(values),), lambda: values)


def test_a_transposed_convolution_has_the_shape_that_its_operand_says() -> None:
    every = {"padding": "SAME", "stride_h": 2, "stride_w": 2}
    for rows in (9, 10):
        found = convolutions.transpose_conv(f32(1, 5, 5, 2), f32(4, 3, 3, 2), f32(4), _shape(1, rows, 9, 4), **every)  # type: ignore[arg-type]
        assert found == f32(1, rows, 9, 4)
    unknown = TensorType("i32", (4,))
    assert convolutions.transpose_conv(f32(1, 5, 5, 2), f32(4, 3, 3, 2), None, unknown, **every) == f32(
        1, None, None, 4
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        (
            (f32(1, 5, 5, 2), f32(4, 3, 3, 2), None, _shape(1, 11, 9, 4)),
            "would need an input of 6, not 5, in dimension 1",
        ),
        ((f32(1, 5, 5, 2), f32(4, 3, 3, 2), None, _shape(1, 9, 9, 5)), r"output_shape \[1, 9, 9, 5\] does not go with"),
        ((f32(1, 5, 5, 2), f32(4, 3, 3, 2), None, _shape(2, 9, 9, 4)), r"output_shape \[2, 9, 9, 4\] does not go with"),
        ((f32(1, 5, 5, 2), f32(4, 3, 3, 2), None, _shape(9, 9, 4)), r"output_shape \[9, 9, 4\] does not go with"),
        ((f32(1, 5, 5, 3), f32(4, 3, 3, 2), None, _shape(1, 9, 9, 4)), "the input has 3 channels, the filter 2"),
        ((f32(1, 5, 5, 2), f32(4, 3, 3, 2), f32(5), _shape(1, 9, 9, 4)), r"bias f32\[5\] does not go with 4 channels"),
        ((f32(5, 5, 2), f32(4, 3, 3, 2), None, _shape(1, 9, 9, 4)), r"input needs four dimensions, not f32\[5, 5, 2\]"),
    ],
)
def test_what_a_transposed_convolution_refuses(operands: tuple[TensorType, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        convolutions.transpose_conv(*operands, padding="SAME", stride_h=2, stride_w=2)


def test_strides_and_dilations_are_positive() -> None:
    for stride, dilation in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="strides and dilations are at least 1"):
            convolutions.convolved(5, 3, stride, dilation, "SAME")
