"""The reference kernel of MediaPipe's transposed convolution, in NumPy.

It adds in the order in which MediaPipe's own kernel does, so that its results are the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.patterns.mediapipe.arrays import type_of
from rewriter.patterns.mediapipe.shapes import transpose_conv_bias_shape, transpose_conv_extent

if TYPE_CHECKING:
    from rewriter.patterns.mediapipe.arrays import Floats


def transpose_conv_bias(
    image: Floats, filters: Floats, bias: Floats, *, padding: str, stride_w: int, stride_h: int
) -> Floats:
    """Convolution2DTransposeBias: every input element adds its multiple of the filter to the results around it.

    Args:
        image: float32 ``[batch, height, width, channels]``.
        filters: float32 ``[out_channels, kernel_height, kernel_width, channels]``.
        bias: float32 ``[out_channels]``, what every result starts from.
        padding: ``"SAME"`` or ``"VALID"``.
        stride_w: Columns of the result between two neighbouring columns of the image.
        stride_h: The same for rows.

    Returns:
        float32 ``[batch, result_height, result_width, out_channels]``.

    Raises:
        ValueError: The operands are not float32, have other ranks, do not fit each other, or are empty.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/transpose_conv_bias.cc: bias, then input rows, columns and channels
        in rising order, each product rounded before it is added.
    """
    transpose_conv_bias_shape(
        type_of(image), type_of(filters), type_of(bias), padding=padding, stride_w=stride_w, stride_h=stride_h
    )
    batch, height, width, _ = image.shape
    out_channels, kernel_height, kernel_width, _ = filters.shape
    rows = transpose_conv_extent(height, kernel_height, stride_h, padding)
    columns = transpose_conv_extent(width, kernel_width, stride_w, padding)

    # Channels go first: there are few of them, and NumPy is fast along the last axis only.
    planes = np.ascontiguousarray(np.moveaxis(image, -1, 0))
    canvas_height = stride_h * (height - 1) + kernel_height
    canvas_width = stride_w * (width - 1) + kernel_width
    canvas = np.empty((out_channels, batch, canvas_height, canvas_width), np.float32)
    canvas[...] = bias[:, None, None, None]
    product = np.empty((out_channels, batch, height, width), np.float32)
    with np.errstate(all="ignore"):
        # For one result, input rows and columns in rising order are filter rows and columns in falling order.
        for fy in reversed(range(kernel_height)):
            for fx in reversed(range(kernel_width)):
                reached = canvas[:, :, fy : fy + stride_h * height : stride_h, fx : fx + stride_w * width : stride_w]
                total = reached.copy()
                for plane, weights in zip(planes, filters[:, fy, fx, :].T, strict=True):
                    np.multiply(plane, weights[:, None, None, None], out=product)
                    total += product
                reached[...] = total
    kept = canvas[
        :,
        :,
        rows.pad_before : rows.pad_before + rows.length,
        columns.pad_before : columns.pad_before + columns.length,
    ]
    return np.ascontiguousarray(np.moveaxis(kept, 0, -1))
