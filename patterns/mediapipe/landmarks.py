"""Reference kernels of MediaPipe's operators on landmarks, version 2, in NumPy.

They round where MediaPipe's own kernels do. Only sines, cosines and arcs may differ, in the last bit: those are the C
library's there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.patterns.mediapipe.arrays import type_of
from rewriter.patterns.mediapipe.landmark_shapes import (
    landmarks_to_transform_matrix_shape,
    transform_landmarks_shape,
    transform_tensor_bilinear_shape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.patterns.mediapipe.arrays import Floats


def landmarks_to_transform_matrix(
    landmarks: Floats,
    *,
    left_rotation_idx: int,
    right_rotation_idx: int,
    target_rotation_radians: float,
    output_height: int,
    output_width: int,
    scale_x: float,
    scale_y: float,
    subset_idxs: Sequence[int],
) -> Floats:
    """Landmarks2TransformMatrix: from pixels of a cut around some landmarks to coordinates of the picture.

    The cut is turned so that the line between two landmarks has the angle that is asked for.

    Args:
        landmarks: float32 ``[1, landmarks, 3]``; only the first two coordinates count.
        left_rotation_idx: The landmark where that line begins.
        right_rotation_idx: Where it ends.
        target_rotation_radians: Its angle in the cut.
        output_height: Rows of the cut, in pixels.
        output_width: Columns of the cut, in pixels.
        scale_x: Width of the cut relative to that of the turned landmarks.
        scale_y: The same for the height.
        subset_idxs: The landmarks that the cut is made around.

    Returns:
        float32 ``[1, 4, 4]``, in row-major order.

    Raises:
        ValueError: The operand is of another type, or an attribute is out of its range.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/landmarks_to_transform_matrix.cc, v2.
    """
    landmarks_to_transform_matrix_shape(
        type_of(landmarks),
        left_rotation_idx=left_rotation_idx,
        right_rotation_idx=right_rotation_idx,
        target_rotation_radians=target_rotation_radians,
        output_height=output_height,
        output_width=output_width,
        scale_x=scale_x,
        scale_y=scale_y,
        subset_idxs=subset_idxs,
    )
    single = np.float32
    with np.errstate(all="ignore"):
        points = landmarks[0, :, :2]
        line = (points[right_rotation_idx] - points[left_rotation_idx]).astype(np.float64)
        angle = single(target_rotation_radians) - single(np.arctan2(line[1], line[0]))
        cosine, sine = single(np.cos(np.float64(angle))), single(np.sin(np.float64(angle)))

        chosen = points[list(subset_idxs)]
        turned = chosen[:, :1] * np.array([cosine, sine]) + chosen[:, 1:] * np.array([-sine, cosine])
        largest, smallest = turned.max(axis=0), turned.min(axis=0)
        middle = (smallest + largest) / single(2)
        back_x, back_y = np.array([cosine, -sine]), np.array([sine, cosine])
        center = back_x * middle[0] + back_y * middle[1]

        sides = np.array([scale_x, scale_y], np.float32) * (largest - smallest)
        scales = sides / np.array([output_width, output_height], np.float32)
        first, second = back_x * scales[0], back_y * scales[1]
        shift_x, shift_y = single(-output_width / 2), single(-output_height / 2)
        moved = first * shift_x + second * shift_y + center
    matrix = np.eye(4, dtype=np.float32)
    matrix[:2, 0], matrix[:2, 1], matrix[:2, 3] = first, second, moved
    return matrix[None]


def transform_tensor_bilinear(image: Floats, matrix: Floats, *, output_height: int, output_width: int) -> Floats:
    """TransformTensorBilinear: the pixels that a matrix asks for, interpolated between the four around each.

    Args:
        image: float32 ``[1, height, width, channels]``.
        matrix: float32 ``[1, 4, 4]``; its first two rows take columns and rows of the result to those of the image,
            both counted from the middle of the first pixel's edge on.
        output_height: Rows of the result.
        output_width: Columns of the result.

    Returns:
        float32 ``[1, output_height, output_width, channels]``. What is asked for beyond the middle of the outermost
        pixels is 0.

    Raises:
        ValueError: An operand is of another type, or a size is below 1.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/transform_tensor_bilinear.cc, v2: some products are rounded to
        float32, some are not.
    """
    transform_tensor_bilinear_shape(
        type_of(image), type_of(matrix), output_height=output_height, output_width=output_width
    )
    _, height, width, channels = image.shape
    columns = np.arange(output_width, dtype=np.float32)[None, :]
    rows = np.arange(output_height, dtype=np.float32)[:, None]
    with np.errstate(all="ignore"):
        x, y = (_asked(row, columns, rows) for row in matrix[0, :2])
        outside = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
        left, top = np.floor(x), np.floor(y)
        share_x, share_y = (x - left)[..., None], (y - top)[..., None]

        # Around the image there are zeros: what lies further out, or is not a number, reads them too.
        framed = np.zeros((height + 2, width + 2, channels), np.float32)
        framed[1:-1, 1:-1] = image[0]
        row = np.where((top >= -1) & (top <= height), top, -1).astype(np.int64) + 1
        column = np.where((left >= -1) & (left <= width), left, -1).astype(np.int64) + 1
        below, right = np.minimum(row + 1, height + 1), np.minimum(column + 1, width + 1)

        upper = _mixed(framed[row, column], framed[row, right], share_x)
        lower = _mixed(framed[below, column], framed[below, right], share_x)
        result = _mixed(upper, lower, share_y)
    return np.where(outside[..., None], np.float32(0), result)[None]


def _asked(row: Floats, columns: Floats, rows: Floats) -> Floats:
    """The coordinate of the image that one row of the matrix gives for every pixel of the result."""
    first, second, third, last = row
    moved = np.float64(last) + (np.float64(first) * 0.5 + np.float64(second) * 0.5 - 0.5)
    return first * columns + second * rows + third * np.float32(0) + np.float32(moved)


def _mixed(one: Floats, other: Floats, share: Floats) -> Floats:
    return ((1.0 - share.astype(np.float64)) * one + (share * other)).astype(np.float32)


def transform_landmarks(landmarks: Floats, matrix: Floats) -> Floats:
    """TransformLandmarks: the first two coordinates of each landmark by a matrix; the third one stays.

    Args:
        landmarks: float32 ``[1, landmarks, 2]`` or ``[1, landmarks, 3]``.
        matrix: float32 ``[1, 4, 4]``; its first two rows count, of these the third column only where it is not finite.

    Returns:
        float32 of the shape of the landmarks.

    Raises:
        ValueError: An operand is of another type.

    Source:
        MediaPipe, mediapipe/util/tflite/operations/transform_landmarks.cc, v2.
    """
    transform_landmarks_shape(type_of(landmarks), type_of(matrix))
    made = landmarks.copy()
    x, y = landmarks[..., 0], landmarks[..., 1]
    with np.errstate(all="ignore"):
        for axis, (first, second, third, last) in enumerate(matrix[0, :2]):
            made[..., axis] = first * x + second * y + third * np.float32(0) + last
    return made
