"""Windows of MediaPipe's pooling operators, and the types of their results. Nothing here needs NumPy."""

from __future__ import annotations

from attrs import frozen

from rewriter.dialect.types import TensorType


@frozen
class Windows:
    """How windows lie along one axis.

    Window ``w`` begins at element ``w * stride - pad_before``; where that is outside, it has fewer elements.
    """

    count: int
    pad_before: int


def windows_along(size: int, length: int, stride: int, padding: str) -> Windows:
    """The windows of MaxPoolingWithArgmax2D along one axis.

    Args:
        size: Elements of the input along the axis, at least 1.
        length: Elements of a window, at least 1.
        stride: Elements between the beginnings of two windows, at least 1.
        padding: ``"SAME"`` or ``"VALID"``.

    Raises:
        ValueError: A number is below 1, the padding is another word, or no window fits; the message says which.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/max_pool_argmax.cc; measured in MediaPipe 0.10.21.
    """
    for name, value in (("input size", size), ("window", length), ("stride", stride)):
        if value < 1:
            raise ValueError(f"a pooling's {name} must be at least 1, not {value}")
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"a pooling's padding must be SAME or VALID, not {padding}")
    count = -(-size // stride) if padding == "SAME" else (size - length + stride) // stride
    if count < 1:
        raise ValueError(f"no window of {length} elements fits into {size}")
    return Windows(count=count, pad_before=max(0, (count - 1) * stride + length - size) // 2)


def max_pooling_with_argmax_shape(
    image: TensorType,
    *,
    padding: str,
    stride_w: int,
    stride_h: int,
    filter_width: int,
    filter_height: int,
    fused_activation_function: str,
) -> tuple[TensorType, TensorType]:
    """Result types of MaxPoolingWithArgmax2D: values and indices, which are f32 too.

    Args:
        image: f32 ``[batch, height, width, channels]``.
        padding: ``"SAME"`` or ``"VALID"``.
        stride_w: Columns between the beginnings of two windows.
        stride_h: The same for rows.
        filter_width: Columns of a window.
        filter_height: Rows of a window.
        fused_activation_function: What clamps the values; any word.

    Returns:
        Twice f32 ``[batch, windows, windows, channels]``; what depends on an open dimension is open.

    Raises:
        ValueError: The operand is not float32 of rank 4, or the windows do not fit.
    """
    if image.dtype != "f32" or image.rank != 4:
        raise ValueError(f"MaxPoolingWithArgmax2D takes f32 of rank 4, not {image}")
    batch, height, width, channels = image.shape
    rows = None if height is None else windows_along(height, filter_height, stride_h, padding).count
    columns = None if width is None else windows_along(width, filter_width, stride_w, padding).count
    result = TensorType(dtype="f32", shape=(batch, rows, columns, channels))
    return result, result


def max_unpooling_shape(
    values: TensorType,
    indices: TensorType,
    *,
    padding: str,
    stride_w: int,
    stride_h: int,
    filter_width: int,
    filter_height: int,
    fused_activation_function: str,
) -> TensorType:
    """Result type of MaxUnpooling2D: every value becomes a window.

    Args:
        values: f32 ``[batch, height, width, channels]``.
        indices: f32 of the same shape; another operator of the same name takes i32.
        padding: Any word; the kernel does not look at it.
        stride_w: Columns between the beginnings of two windows; the kernel computes it only for windows that touch.
        stride_h: The same for rows.
        filter_width: Columns of a window.
        filter_height: Rows of a window.
        fused_activation_function: Any word; the kernel does not look at it.

    Returns:
        f32 ``[batch, height * filter_height, width * filter_width, channels]``.

    Raises:
        ValueError: The operands are not float32 of rank 4 and of one shape, or the windows do not touch.
    """
    for name, operand in (("values", values), ("indices", indices)):
        if operand.dtype != "f32" or operand.rank != 4:
            raise ValueError(f"MaxUnpooling2D takes f32 of rank 4 as its {name}, not {operand}")
    shape = [first if second is None else second for first, second in zip(values.shape, indices.shape, strict=True)]
    if any(size is not None and size != own for size, own in zip(values.shape, shape, strict=True)):
        raise ValueError(f"MaxUnpooling2D's values and indices must be of one shape, not {values} and {indices}")
    for name, window, stride in (("rows", filter_height, stride_h), ("columns", filter_width, stride_w)):
        if window < 1 or window != stride:
            raise ValueError(f"MaxUnpooling2D's windows must touch, not have {window} {name} and a stride of {stride}")
    batch, height, width, channels = shape
    return TensorType(
        dtype="f32",
        shape=(
            batch,
            None if height is None else height * filter_height,
            None if width is None else width * filter_width,
            channels,
        ),
    )
