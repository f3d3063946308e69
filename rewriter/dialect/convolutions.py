"""Shape functions of convolutions, pools, resizes and matrix products; `shapes` says how they are called.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels.
"""

from __future__ import annotations

from rewriter.dialect.shapes import (
    broadcast_shapes,
    constant,
    listed,
    merged,
    product,
    ranked,
    same_dtype,
    unknown,
)
from rewriter.dialect.types import Dimensions, TensorType


def convolved(size: int | None, kernel: int | None, stride: int, dilation: int, padding: str) -> int | None:
    """One spatial dimension of a convolution's or pool's result.

    SAME gives ceil(size / stride); VALID as many places as the kernel fits, be it none.

    Raises:
        ValueError: The kernel is too large by a stride or more, or the stride is not positive.
    """
    if stride < 1 or dilation < 1:
        raise ValueError("strides and dilations are at least 1")
    if size is None or (kernel is None and padding != "SAME"):
        return None
    places = size if padding == "SAME" or kernel is None else size - (kernel - 1) * dilation
    if places + stride <= 0:
        raise ValueError(f"a kernel of {kernel} does not fit into {size}")
    return max(0, -(-places // stride))


def conv_2d(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None = None,
    *,
    padding: str,
    stride_h: int,
    stride_w: int,
    dilation_h_factor: int,
    dilation_w_factor: int,
    **_: object,
) -> TensorType:
    """CONV_2D: input NHWC, filter OHWI, bias `[O]`; a filter of fewer channels than the input makes groups.

    Raises:
        ValueError: Channels do not divide into groups, or the kernel does not fit.
    """
    batch, height, width, depth = ranked(input, 4, "input")
    out, kernel_h, kernel_w, in_depth = ranked(filter, 4, "filter")
    _bias(bias, out)
    if depth is not None and in_depth is not None and (not in_depth or depth % in_depth):
        raise ValueError(f"the input has {depth} channels, the filter {in_depth}")
    if depth is not None and in_depth and out is not None and out % (depth // in_depth):
        raise ValueError(f"{out} channels do not divide into {depth // in_depth} groups")
    return TensorType(
        input.dtype,
        (
            batch,
            convolved(height, kernel_h, stride_h, dilation_h_factor, padding),
            convolved(width, kernel_w, stride_w, dilation_w_factor, padding),
            out,
        ),
    )


def depthwise_conv_2d(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None = None,
    *,
    padding: str,
    stride_h: int,
    stride_w: int,
    dilation_h_factor: int,
    dilation_w_factor: int,
    **_: object,
) -> TensorType:
    """DEPTHWISE_CONV_2D: input NHWC, filter `[1, h, w, O]`, bias `[O]`; spatially a CONV_2D.

    How many results a channel has, the shapes say; the attribute `depth_multiplier` says it again.

    Raises:
        ValueError: O is no multiple of the input's channels, or the kernel does not fit.
    """
    batch, height, width, depth = ranked(input, 4, "input")
    one, kernel_h, kernel_w, out = ranked(filter, 4, "filter")
    merged(one, 1, "the filter's first dimension is not 1")
    _bias(bias, out)
    if depth is not None and out is not None and (not depth or out % depth):
        raise ValueError(f"{out} channels are no multiple of the input's {depth}")
    return TensorType(
        input.dtype,
        (
            batch,
            convolved(height, kernel_h, stride_h, dilation_h_factor, padding),
            convolved(width, kernel_w, stride_w, dilation_w_factor, padding),
            out,
        ),
    )


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
    batch, height, width, depth = ranked(input, 4, "input")
    out, kernel_h, kernel_w, in_depth = ranked(filter, 4, "filter")
    _bias(bias, out)
    if depth is not None and in_depth is not None and depth != in_depth:
        raise ValueError(f"the input has {depth} channels, the filter {in_depth}")
    wanted = constant(output_shape)
    if wanted is None:
        return TensorType(input.dtype, (batch, None, None, out))
    if (
        len(wanted) != 4
        or (batch is not None and wanted[0] != batch)
        or (out is not None and wanted[3] != out)
        or min(wanted) < 0
    ):
        raise ValueError(f"output_shape {list(wanted)} does not go with input {input} and filter {filter}")
    for axis, size, kernel, stride in ((1, height, kernel_h, stride_h), (2, width, kernel_w, stride_w)):
        back = convolved(wanted[axis], kernel, stride, 1, padding)
        if size is not None and back is not None and back != size:
            raise ValueError(
                f"output_shape {list(wanted)} would need an input of {back}, not {size}, in dimension {axis}"
            )
    return TensorType(input.dtype, wanted)


def conv_3d(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None = None,
    *,
    padding: str,
    stride_d: int,
    stride_h: int,
    stride_w: int,
    dilation_d_factor: int,
    dilation_h_factor: int,
    dilation_w_factor: int,
    **_: object,
) -> TensorType:
    """CONV_3D: input NDHWC, filter DHWIO, bias `[O]`.

    Raises:
        ValueError: Channels differ, or the kernel does not fit.
    """
    batch, *sizes, depth = ranked(input, 5, "input")
    *kernels, in_depth, out = ranked(filter, 5, "filter")
    merged(depth, in_depth, "the input's channels and the filter's")
    _bias(bias, out)
    strides = (stride_d, stride_h, stride_w)
    dilations = (dilation_d_factor, dilation_h_factor, dilation_w_factor)
    spatial = [
        convolved(size, kernel, stride, dilation, padding)
        for size, kernel, stride, dilation in zip(sizes, kernels, strides, dilations, strict=True)
    ]
    return TensorType(input.dtype, (batch, *spatial, out))


def conv_3d_transpose(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None,
    output_shape: TensorType,
    *,
    padding: str,
    stride_d: int,
    stride_h: int,
    stride_w: int,
    **_: object,
) -> TensorType:
    """CONV_3D_TRANSPOSE: the operand `output_shape` says it. input NDHWC, filter DHWOI, bias `[O]`.

    Raises:
        ValueError: It does not go with the input and the filter.
    """
    batch, *_sizes, depth = ranked(input, 5, "input")
    *_kernels, out, in_depth = ranked(filter, 5, "filter")
    merged(depth, in_depth, "the input's channels and the filter's")
    _bias(bias, out)
    wanted = listed(output_shape, 5, "output_shape")
    if wanted is None:
        return unknown(input.dtype, 5)
    merged(batch, wanted[0], f"output_shape {list(wanted)} is for another batch")
    merged(out, wanted[4], f"output_shape {list(wanted)} has other channels than the filter")
    return TensorType(input.dtype, wanted)


def pool_2d(
    input: TensorType, *, padding: str, stride_h: int, stride_w: int, filter_height: int, filter_width: int, **_: object
) -> TensorType:
    """Pooling: input NHWC.

    Raises:
        ValueError: The window does not fit, or has no size.
    """
    batch, height, width, depth = ranked(input, 4, "input")
    rows = convolved(height, filter_height, stride_h, 1, padding)
    columns = convolved(width, filter_width, stride_w, 1, padding)
    if filter_height < 1 or filter_width < 1:
        raise ValueError(f"a window of {filter_height} x {filter_width} has no size")
    return TensorType(input.dtype, (batch, rows, columns, depth))


def resize(input: TensorType, size: TensorType, **_: object) -> TensorType:
    """RESIZE_NEAREST_NEIGHBOR: input NHWC, size `[height, width]`.

    Raises:
        ValueError: `size` does not hold two sizes.
    """
    batch, _height, _width, depth = ranked(input, 4, "input")
    if size.shape not in ((2,), (None,)):
        raise ValueError(f"size has to hold height and width, not {size}")
    height, width = constant(size) or (None, None)
    return TensorType(input.dtype, (batch, height, width, depth))


def resize_bilinear(
    input: TensorType, size: TensorType, *, align_corners: bool, half_pixel_centers: bool, **_: object
) -> TensorType:
    """RESIZE_BILINEAR: as RESIZE_NEAREST_NEIGHBOR, but of the two flags at most one is set.

    Raises:
        ValueError: Both are, or `size` does not hold two sizes.
    """
    if align_corners and half_pixel_centers:
        raise ValueError("align_corners and half_pixel_centers cannot both be set")
    return resize(input, size)


def fully_connected(
    input: TensorType,
    filter: TensorType,
    bias: TensorType | None = None,
    *,
    keep_num_dims: bool,
    weights_format: str,
    **_: object,
) -> TensorType | tuple[TensorType, TensorType]:
    """FULLY_CONNECTED: `[n, O]` for filter `[O, I]` and an input of n * I elements; with `keep_num_dims` `[..., O]`.

    With shuffled weights there is a second result, the input as the kernel shuffled it.

    Raises:
        ValueError: The input's elements do not make rows of I.
    """
    out, depth = ranked(filter, 2, "filter")
    _bias(bias, out, any_rank=True)
    if keep_num_dims:
        if not input.rank:
            raise ValueError("the input needs a dimension")
        merged(input.shape[-1], depth, f"the input's last dimension is not the filter's: {input}, {filter}")
        result = TensorType(input.dtype, (*input.shape[:-1], out))
    else:
        result = TensorType(input.dtype, (_rows(input.shape, depth), out))
    if weights_format == "DEFAULT":
        return result
    return result, TensorType("u8", input.shape)


def _rows(shape: Dimensions, depth: int | None) -> int | None:
    if shape and shape[-1] == depth and depth:
        return product(shape[:-1])
    total = product(shape)
    if total is None or depth is None:
        return None
    if not depth or total % depth:
        raise ValueError(f"{total} elements do not make rows of {depth}")
    return total // depth


def batch_matmul(lhs: TensorType, rhs: TensorType, *, adj_x: bool, adj_y: bool, **_: object) -> TensorType:
    """BATCH_MATMUL: `[..., M, K]` and `[..., K, N]` give `[..., M, N]`; leading dimensions broadcast.

    Raises:
        ValueError: An operand has fewer than two dimensions or more than five, the K differ, or the types do.
    """
    for each in (lhs, rhs):
        if not 2 <= each.rank <= 5:
            raise ValueError(f"two to five dimensions are needed, not {each}")
    if (lhs.dtype, rhs.dtype) not in (("f32", "i8"), ("i16", "i8")):
        same_dtype(lhs, rhs)
    *left, rows, depth = lhs.shape
    *right, other, columns = rhs.shape
    if adj_x:
        rows, depth = depth, rows
    if adj_y:
        other, columns = columns, other
    merged(depth, other, f"{lhs} and {rhs} do not multiply")
    return TensorType(lhs.dtype, (*broadcast_shapes(tuple(left), tuple(right)), rows, columns))


def _bias(bias: TensorType | None, channels: int | None, *, any_rank: bool = False) -> None:
    if bias is None:
        return
    total = product(bias.shape)
    differs = total is not None and channels is not None and total != channels
    if differs or (bias.rank != 1 and not any_rank):
        raise ValueError(f"bias {bias} does not go with {channels} channels")
