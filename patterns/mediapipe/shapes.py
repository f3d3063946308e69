"""Result types of MediaPipe's operators: what their kernels allocate, whatever the file records.

Nothing here needs NumPy: types are inferred while a model is rewritten, where nothing is computed.
"""

from __future__ import annotations

from attrs import frozen

from rewriter.dialect.types import TensorType


@frozen
class Extent:
    """Where a transposed convolution puts its results along one axis.

    The filter spreads every element over a canvas of ``stride * (size - 1) + kernel`` cells; the result is
    ``length`` of them, from cell ``pad_before`` on.
    """

    length: int
    pad_before: int


def transpose_conv_extent(size: int, kernel: int, stride: int, padding: str) -> Extent:
    """Results of Convolution2DTransposeBias along one axis, in elements.

    With SAME padding the canvas loses as many cells as an ordinary SAME convolution would add to an axis of `size`
    elements. The length is therefore not ``size * stride``: 5 elements, kernel 3, stride 2 give 9.

    Args:
        size: Elements of the input along the axis, at least 1.
        kernel: Elements of the filter along the axis, at least 1.
        stride: Result elements between two neighbours of the input, at least 1.
        padding: ``"SAME"`` or ``"VALID"``.

    Raises:
        ValueError: A number is below 1, or the padding is another word; the message names it.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/transpose_conv_bias.cc; measured in MediaPipe 0.10.21.
    """
    for name, value in (("input size", size), ("kernel size", kernel), ("stride", stride)):
        if value < 1:
            raise ValueError(f"a transposed convolution's {name} must be at least 1, not {value}")
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"a transposed convolution's padding must be SAME or VALID, not {padding}")
    cut = max(0, kernel - (size - 1) % stride - 1) if padding == "SAME" else 0
    return Extent(length=stride * (size - 1) + kernel - cut, pad_before=cut // 2)


def transpose_conv_bias_shape(
    image: TensorType, filters: TensorType, bias: TensorType, *, padding: str, stride_w: int, stride_h: int
) -> TensorType:
    """Result type of Convolution2DTransposeBias.

    Args:
        image: f32 ``[batch, height, width, channels]``.
        filters: f32 ``[out_channels, kernel_height, kernel_width, channels]``.
        bias: f32 ``[out_channels]``.
        padding: ``"SAME"`` or ``"VALID"``.
        stride_w: Columns of the result between two neighbouring columns of the image.
        stride_h: The same for rows.

    Returns:
        f32 ``[batch, result_height, result_width, out_channels]``; what depends on an open dimension is open.

    Raises:
        ValueError: The operands are not float32, have other ranks, do not fit each other, or are empty.
    """
    for name, operand, rank in (("input", image, 4), ("filter", filters, 4), ("bias", bias, 1)):
        if operand.dtype != "f32" or operand.rank != rank:
            raise ValueError(f"Convolution2DTransposeBias takes f32 of rank {rank} as its {name}, not {operand}")
    batch, height, width, channels = image.shape
    out_channels, kernel_height, kernel_width, filter_channels = filters.shape
    if not _agree(channels, filter_channels):
        raise ValueError(f"Convolution2DTransposeBias's input and filter must end alike, not be {image} and {filters}")
    if not _agree(out_channels, bias.shape[0]):
        raise ValueError(f"Convolution2DTransposeBias's filter and bias must begin alike, not be {filters} and {bias}")
    return TensorType(
        dtype="f32",
        shape=(
            batch,
            _length(height, kernel_height, stride_h, padding),
            _length(width, kernel_width, stride_w, padding),
            bias.shape[0] if out_channels is None else out_channels,
        ),
    )


def _agree(first: int | None, second: int | None) -> bool:
    return first is None or second is None or first == second


def _length(size: int | None, kernel: int | None, stride: int, padding: str) -> int | None:
    if size is None or kernel is None:
        return None
    return transpose_conv_extent(size, kernel, stride, padding).length
