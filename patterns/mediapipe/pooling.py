"""Reference kernels of MediaPipe's pooling operators, in NumPy; their results are the bits of MediaPipe's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.patterns.mediapipe.arrays import type_of
from rewriter.patterns.mediapipe.windows import max_pooling_with_argmax_shape, max_unpooling_shape, windows_along

if TYPE_CHECKING:
    from rewriter.patterns.mediapipe.arrays import Floats

_LOWEST = np.finfo(np.float32).min
# Others than these clamp nothing in MediaPipe's runtime.
_CLAMPS = {"RELU": (0.0, np.inf), "RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0)}


def max_pooling_with_argmax(
    image: Floats,
    *,
    padding: str,
    stride_w: int,
    stride_h: int,
    filter_width: int,
    filter_height: int,
    fused_activation_function: str,
) -> tuple[Floats, Floats]:
    """MaxPoolingWithArgmax2D: the largest value of each window, and where in the window it stands.

    Args:
        image: float32 ``[batch, height, width, channels]``.
        padding: ``"SAME"`` or ``"VALID"``; what is added around the image never wins.
        stride_w: Columns between the beginnings of two windows.
        stride_h: The same for rows.
        filter_width: Columns of a window.
        filter_height: Rows of a window.
        fused_activation_function: ``"RELU"``, ``"RELU6"`` or ``"RELU_N1_TO_1"`` clamps the values, not the indices.

    Returns:
        The values, and the indices: ``row * filter_width + column + 0.1`` of the first largest element, counted from
        where the window begins, which with SAME may be outside the image. A window without a number above the lowest
        finite one has that as its value, and index 0.1; NaN is no such number. Both float32 of one shape.

    Raises:
        ValueError: The operand is not float32 of rank 4, or the windows do not fit.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/max_pool_argmax.cc.
    """
    max_pooling_with_argmax_shape(
        type_of(image),
        padding=padding,
        stride_w=stride_w,
        stride_h=stride_h,
        filter_width=filter_width,
        filter_height=filter_height,
        fused_activation_function=fused_activation_function,
    )
    batch, height, width, channels = image.shape
    rows = windows_along(height, filter_height, stride_h, padding)
    columns = windows_along(width, filter_width, stride_w, padding)
    behind = (
        max(0, (rows.count - 1) * stride_h + filter_height - height - rows.pad_before),
        max(0, (columns.count - 1) * stride_w + filter_width - width - columns.pad_before),
    )
    around = ((0, 0), (rows.pad_before, behind[0]), (columns.pad_before, behind[1]), (0, 0))
    padded: Floats = np.pad(image, around, constant_values=-np.inf)
    shape = (batch, rows.count, columns.count, channels)
    values: Floats = np.full(shape, _LOWEST, np.float32)
    indices: Floats = np.full(shape, np.float32(0.1), np.float32)
    with np.errstate(invalid="ignore"):
        for fy in range(filter_height):
            for fx in range(filter_width):
                seen = padded[
                    :,
                    fy : fy + stride_h * (rows.count - 1) + 1 : stride_h,
                    fx : fx + stride_w * (columns.count - 1) + 1 : stride_w,
                ]
                better = seen > values
                values[better] = seen[better]
                indices[better] = np.float32(fy * filter_width + fx) + np.float32(0.1)
    low, high = _CLAMPS.get(fused_activation_function, (-np.inf, np.inf))
    return np.clip(values, np.float32(low), np.float32(high)), indices


def max_unpooling(
    values: Floats,
    indices: Floats,
    *,
    padding: str,
    stride_w: int,
    stride_h: int,
    filter_width: int,
    filter_height: int,
    fused_activation_function: str,
) -> Floats:
    """MaxUnpooling2D: every value in a window of its own, at the place that its index names; zero around it.

    Args:
        values: float32 ``[batch, height, width, channels]``.
        indices: float32 of the same shape; the whole part is ``row * filter_width + column``.
        padding: Any word; the kernel does not look at it.
        stride_w: Equal to `filter_width`.
        stride_h: Equal to `filter_height`.
        filter_width: Columns of a window.
        filter_height: Rows of a window.
        fused_activation_function: Any word; the kernel does not look at it.

    Returns:
        float32 ``[batch, height * filter_height, width * filter_width, channels]``.

    Raises:
        ValueError: The operands are not float32 of rank 4 and of one shape, the windows do not touch, or an index is
            outside its window, where MediaPipe's kernel writes to another window or to memory that is not its own.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/max_unpooling.cc.
    """
    max_unpooling_shape(
        type_of(values),
        type_of(indices),
        padding=padding,
        stride_w=stride_w,
        stride_h=stride_h,
        filter_width=filter_width,
        filter_height=filter_height,
        fused_activation_function=fused_activation_function,
    )
    places = filter_height * filter_width
    # Whatever compares with a NaN is false.
    if not np.all((indices > -1) & (indices < places)):
        raise ValueError(f"MaxUnpooling2D's indices must be places of a window, from 0 to {places - 1}")
    whole = indices.astype(np.int32)
    batch, height, width, channels = values.shape
    made = np.zeros((batch, height, filter_height, width, filter_width, channels), np.float32)
    for place in range(places):
        fy, fx = divmod(place, filter_width)
        made[:, :, fy, :, fx] = np.where(whole == place, values, np.float32(0))
    return made.reshape(batch, height * filter_height, width * filter_width, channels)
