"""Shape functions of reductions and segments; `shapes` says how they are called.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels.
"""

from __future__ import annotations

from itertools import pairwise

from rewriter.dialect.shapes import axis_of, constant, merged, product, same_dtype, scalar, text, unknown
from rewriter.dialect.types import TensorType


def reduced(input: TensorType, axes: TensorType, *, keep_dims: bool, **_: object) -> TensorType | None:
    """MEAN, SUM, REDUCE_*: the input's shape without the axes, or with 1 in their place.

    Raises:
        ValueError: There is no such axis.
    """
    values = constant(axes)
    if values is None:
        if keep_dims:
            return unknown(input.dtype, input.rank)
        # How many axes go is known if no two can be the same.
        return unknown(input.dtype, input.rank - 1) if product(axes.shape) == 1 and input.rank else None
    gone = {axis_of(axis, input.rank) for axis in values} if input.rank else set[int]()
    if keep_dims:
        return TensorType(input.dtype, (1 if axis in gone else size for axis, size in enumerate(input.shape)))
    return TensorType(input.dtype, (size for axis, size in enumerate(input.shape) if axis not in gone))


def reduced_bool(input: TensorType, axes: TensorType, *, keep_dims: bool, **_: object) -> TensorType | None:
    """REDUCE_ANY, REDUCE_ALL: as other reductions, on booleans.

    Raises:
        ValueError: There is no such axis, or the input is not bool.
    """
    if input.dtype != "bool":
        raise ValueError(f"booleans are needed, not {input}")
    return reduced(input, axes, keep_dims=keep_dims)


def segment_sum(input: TensorType, segment_ids: TensorType, **_: object) -> TensorType:
    """SEGMENT_SUM: a row for each id up to the last, which is the largest.

    Raises:
        ValueError: There is not one id for each row, or they do not rise from 0 one by one.
    """
    _ids(input, segment_ids)
    values = constant(segment_ids)
    if values and (values[0] != 0 or any(not 0 <= b - a <= 1 for a, b in pairwise(values))):
        raise ValueError(f"ids {list(values)} do not rise from 0 one by one")
    rows = None if values is None else values[-1] + 1 if values else 0
    return TensorType(input.dtype, (rows, *input.shape[1:]))


def unsorted_segment(input: TensorType, segment_ids: TensorType, num_segments: TensorType, **_: object) -> TensorType:
    """UNSORTED_SEGMENT_*: `num_segments` rows; the ids have the shape that the input begins with.

    Raises:
        ValueError: They have not.
    """
    if segment_ids.rank > input.rank:
        raise ValueError(f"{segment_ids} has more dimensions than {input}")
    for place, size in enumerate(segment_ids.shape):
        merged(size, input.shape[place], f"{segment_ids} is not what {text(input.shape)} begins with")
    rows = scalar(num_segments)
    if rows is not None and rows < 0:
        raise ValueError(f"there cannot be {rows} segments")
    return TensorType(input.dtype, (rows, *input.shape[segment_ids.rank :]))


def _ids(input: TensorType, segment_ids: TensorType) -> None:
    if segment_ids.rank != 1 or not input.rank:
        raise ValueError(f"a list of ids is needed for the rows of {input}, not {segment_ids}")
    merged(segment_ids.shape[0], input.shape[0], f"there is not one id for each row of {input}")


def reduce_window(
    input: TensorType,
    init_value: TensorType,
    window_shape: TensorType,
    window_strides: TensorType,
    window_dilations: TensorType,
    **_: object,
) -> TensorType:
    """REDUCE_WINDOW: in each dimension as many windows as fit.

    Raises:
        ValueError: There is not one number for each dimension, or the types differ.
    """
    dtype = same_dtype(input, init_value)
    sizes: list[int | None] = []
    values = [constant(each) for each in (window_shape, window_strides, window_dilations)]
    for known in values:
        if known is not None and len(known) != input.rank:
            raise ValueError(f"one number for each of {input.rank} dimensions is needed, not {list(known)}")
    windows, strides, dilations = values
    if windows is None or strides is None or dilations is None:
        return unknown(dtype, input.rank)
    for size, window, stride, dilation in zip(input.shape, windows, strides, dilations, strict=True):
        sizes.append(None if size is None else windows_in(size, window, stride, dilation))
    return TensorType(dtype, sizes)


def windows_in(size: int, window: int, stride: int, dilation: int) -> int:
    """How many windows fit into a dimension; 0 where none does.

    Raises:
        ValueError: Stride or dilation is not positive.
    """
    if stride < 1 or dilation < 1 or window < 1:
        raise ValueError("windows, strides and dilations are at least 1")
    reach = (window - 1) * dilation + 1
    return 0 if size < reach else (size - reach) // stride + 1
