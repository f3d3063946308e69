"""Result types of MediaPipe's operators on landmarks, all of version 2. Nothing here needs NumPy."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.dialect.types import TensorType

_MATRIX = (1, 4, 4)


def landmarks_to_transform_matrix_shape(
    landmarks: TensorType,
    *,
    left_rotation_idx: int,
    right_rotation_idx: int,
    target_rotation_radians: float,
    output_height: int,
    output_width: int,
    scale_x: float,
    scale_y: float,
    subset_idxs: Sequence[int],
) -> TensorType:
    """Result type of Landmarks2TransformMatrix: a 4 by 4 matrix.

    Args:
        landmarks: f32 ``[1, landmarks, 3]``.
        left_rotation_idx: A landmark.
        right_rotation_idx: Another one.
        target_rotation_radians: The angle that the line between the two shall have.
        output_height: Rows of the picture that is cut out, at least 1.
        output_width: Columns of it, at least 1.
        scale_x: How much wider than the landmarks the cut is, above 0.
        scale_y: How much higher, above 0.
        subset_idxs: The landmarks that it is cut around, at least one.

    Returns:
        f32 ``[1, 4, 4]``.

    Raises:
        ValueError: The operand is of another type, or an attribute is out of its range; the message names it.
    """
    operator = "Landmarks2TransformMatrix"
    if landmarks.dtype != "f32" or landmarks.rank != 3 or landmarks.shape[0] not in (1, None):
        raise ValueError(f"{operator} takes f32[1, landmarks, 3], not {landmarks}")
    _, count, dimensions = landmarks.shape
    if dimensions not in (3, None):
        raise ValueError(f"{operator} takes f32[1, landmarks, 3], not {landmarks}")
    if not subset_idxs:
        raise ValueError(f"{operator}'s subset_idxs must name a landmark")
    every = [("left_rotation_idx", left_rotation_idx), ("right_rotation_idx", right_rotation_idx)]
    for name, index in (*every, *(("subset_idxs", each) for each in subset_idxs)):
        if index < 0 or (count is not None and index >= count):
            raise ValueError(f"{operator}'s {name} names landmark {index} of {landmarks}")
    for name, size in (("output_height", output_height), ("output_width", output_width)):
        if size < 1:
            raise ValueError(f"{operator}'s {name} must be at least 1, not {size}")
    for name, scale in (("scale_x", scale_x), ("scale_y", scale_y)):
        if not scale > 0:
            raise ValueError(f"{operator}'s {name} must be above 0, not {scale}")
    return TensorType(dtype="f32", shape=_MATRIX)


def transform_tensor_bilinear_shape(
    image: TensorType, matrix: TensorType, *, output_height: int, output_width: int
) -> TensorType:
    """Result type of TransformTensorBilinear: the picture that is cut out.

    Args:
        image: f32 ``[1, height, width, channels]``.
        matrix: f32 ``[1, 4, 4]``.
        output_height: Rows of the result, at least 1.
        output_width: Columns of the result, at least 1.

    Returns:
        f32 ``[1, output_height, output_width, channels]``.

    Raises:
        ValueError: An operand is of another type, or a size is below 1; the message names it.
    """
    if image.dtype != "f32" or image.rank != 4 or image.shape[0] not in (1, None) or 0 in image.shape:
        raise ValueError(f"TransformTensorBilinear takes f32[1, height, width, channels], not {image}")
    _check_matrix("TransformTensorBilinear", matrix)
    for name, size in (("output_height", output_height), ("output_width", output_width)):
        if size < 1:
            raise ValueError(f"TransformTensorBilinear's {name} must be at least 1, not {size}")
    return TensorType(dtype="f32", shape=(1, output_height, output_width, image.shape[3]))


def transform_landmarks_shape(landmarks: TensorType, matrix: TensorType) -> TensorType:
    """Result type of TransformLandmarks: that of the landmarks.

    Args:
        landmarks: f32 ``[1, landmarks, 2]`` or ``[1, landmarks, 3]``.
        matrix: f32 ``[1, 4, 4]``.

    Raises:
        ValueError: An operand is of another type; the message names it.
    """
    if landmarks.dtype != "f32" or landmarks.rank != 3 or landmarks.shape[0] not in (1, None):
        raise ValueError(f"TransformLandmarks takes f32[1, landmarks, 2 or 3], not {landmarks}")
    if landmarks.shape[2] not in (2, 3, None):
        raise ValueError(f"TransformLandmarks takes f32[1, landmarks, 2 or 3], not {landmarks}")
    _check_matrix("TransformLandmarks", matrix)
    return TensorType(dtype="f32", shape=landmarks.shape)


def _check_matrix(operator: str, matrix: TensorType) -> None:
    fits = matrix.rank == 3 and all(size in (own, None) for size, own in zip(matrix.shape, _MATRIX, strict=True))
    if matrix.dtype != "f32" or not fits:
        raise ValueError(f"{operator} takes f32[1, 4, 4] as its matrix, not {matrix}")
