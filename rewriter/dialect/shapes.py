"""Shape functions: what an operator's results are, from its operands and attributes.

Each takes the operands in logical order as `TensorType`s (None for an absent one), and the attributes it needs by name.
A ValueError says why the runtime would refuse the operands.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels.
"""

from __future__ import annotations

from typing import Any

from rewriter.dialect.types import Dimensions, TensorType


def same(x: TensorType, *_: TensorType | None, **__: object) -> TensorType:
    """The result is like the first operand."""
    return x


def broadcast(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """Two operands of one element type, broadcast against each other as NumPy does.

    Raises:
        ValueError: The element types differ, or a dimension has two sizes of which neither is 1.
    """
    if lhs.dtype != rhs.dtype:
        raise ValueError(f"operands of different types: {lhs} and {rhs}")
    return TensorType(lhs.dtype, broadcast_shapes(lhs.shape, rhs.shape))


def broadcast_shapes(one: Dimensions, other: Dimensions) -> Dimensions:
    """The shape that two shapes broadcast to; an open dimension stays open unless the other side fixes it."""
    rank = max(len(one), len(other))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in (one, other)]
    sizes: list[int | None] = []
    for a, b in zip(*padded, strict=True):
        if a == b or b == 1:
            sizes.append(a)
        elif a == 1 or (a is None and b is not None):
            sizes.append(b)
        elif b is None:
            sizes.append(a)
        else:
            raise ValueError(f"shapes {_text(one)} and {_text(other)} do not broadcast")
    return tuple(sizes)


def compared(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """A comparison: booleans of the broadcast shape."""
    return TensorType("bool", broadcast(lhs, rhs).shape)


def convolved(size: int | None, kernel: int | None, stride: int, dilation: int, padding: str) -> int | None:
    """One spatial dimension of a convolution's or pool's result.

    SAME gives ceil(size / stride); VALID as many places as the kernel fits.

    Raises:
        ValueError: The kernel does not fit, or the stride is not positive.
    """
    if stride < 1 or dilation < 1:
        raise ValueError("strides and dilations are at least 1")
    if size is None or kernel is None:
        return None
    places = size if padding == "SAME" else size - (kernel - 1) * dilation
    if places < 1:
        raise ValueError(f"a kernel of {kernel} does not fit into {size}")
    return -(-places // stride)


def conv_2d(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None,
    *,
    padding: str,
    stride_h: int,
    stride_w: int,
    dilation_h_factor: int,
    dilation_w_factor: int,
    **_: object,
) -> TensorType:
    """CONV_2D: input NHWC, filter OHWI, bias `[O]`."""
    batch, height, width, _depth = _four(input, "input")
    out, kernel_h, kernel_w, _in = _four(filter, "filter")
    _bias(bias, out)
    return TensorType(
        input.dtype,
        (
            batch,
            convolved(height, kernel_h, stride_h, dilation_h_factor, padding),
            convolved(width, kernel_w, stride_w, dilation_w_factor, padding),
            out,
        ),
    )


def depthwise_conv_2d(input: TensorType, filter: TensorType, bias: TensorType | None, **attributes: Any) -> TensorType:
    """DEPTHWISE_CONV_2D: input NHWC, filter `[1, h, w, O]`, bias `[O]`; spatially a CONV_2D."""
    one, height, width, out = _four(filter, "filter")
    return conv_2d(input, TensorType(filter.dtype, (out, height, width, one)), bias, **attributes)


def transpose_conv(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None,
    output_shape: TensorType,
    *,
    padding: str,
    stride_h: int,
    stride_w: int,
    **_: object,
) -> TensorType:
    """TRANSPOSE_CONV: the operand `output_shape` says it; it must lead back to the input's size.

    input NHWC, filter OHWI, bias `[O]`. The kernel refuses a size from which a convolution would not give the input's.

    Raises:
        ValueError: It would be refused.
    """
    batch, height, width, depth = _four(input, "input")
    out, kernel_h, kernel_w, in_depth = _four(filter, "filter")
    _bias(bias, out)
    if depth != in_depth:
        raise ValueError(f"the input has {depth} channels, the filter {in_depth}")
    if output_shape.values is None:
        return TensorType(input.dtype, (None,) * 4)
    wanted = tuple(output_shape.values())
    if len(wanted) != 4 or (batch is not None and wanted[0] != batch) or wanted[3] != out:
        raise ValueError(f"output_shape {list(wanted)} does not go with input {input} and filter {filter}")
    for axis, size, kernel, stride in ((1, height, kernel_h, stride_h), (2, width, kernel_w, stride_w)):
        back = convolved(wanted[axis], kernel, stride, 1, padding)
        if size is not None and back != size:
            raise ValueError(
                f"output_shape {list(wanted)} would need an input of {back}, not {size}, in dimension {axis}"
            )
    return TensorType(input.dtype, wanted)


def pool_2d(
    input: TensorType, *, padding: str, stride_h: int, stride_w: int, filter_height: int, filter_width: int, **_: object
) -> TensorType:
    """Pooling: input NHWC."""
    batch, height, width, depth = _four(input, "input")
    return TensorType(
        input.dtype,
        (
            batch,
            convolved(height, filter_height, stride_h, 1, padding),
            convolved(width, filter_width, stride_w, 1, padding),
            depth,
        ),
    )


def resize(input: TensorType, size: TensorType, **_: object) -> TensorType:
    """RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR: input NHWC, size `[height, width]`."""
    batch, _height, _width, depth = _four(input, "input")
    if size.shape != (2,):
        raise ValueError(f"size has to hold height and width, not {size}")
    height, width = size.values() if size.values is not None else (None, None)
    return TensorType(input.dtype, (batch, height, width, depth))


def _four(operand: TensorType, name: str) -> tuple[int | None, int | None, int | None, int | None]:
    if len(operand.shape) != 4:
        raise ValueError(f"{name} needs four dimensions, not {operand}")
    return operand.shape  # type: ignore[return-value]


def _bias(bias: TensorType | None, channels: int | None) -> None:
    if bias is not None and (len(bias.shape) != 1 or (channels is not None and bias.shape[0] != channels)):
        raise ValueError(f"bias {bias} does not go with {channels} channels")


def _text(shape: Dimensions) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"
