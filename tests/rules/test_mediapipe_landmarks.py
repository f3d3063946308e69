"""MediaPipe's operators on landmarks: what the pack makes of them, and leaves alone; what their kernels refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flatbuffers import flexbuffers

import rewriter
from rewriter.patterns.mediapipe import (
    landmarks_to_transform_matrix,
    transform_landmarks,
    transform_tensor_bilinear,
)
from tests.rules.models import KERNELS, ModelBuilder, operators, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MATRIX: dict[str, Any] = {
    "left_rotation_idx": 1,
    "right_rotation_idx": 3,
    "target_rotation_radians": 0.25,
    "output_height": 4,
    "output_width": 6,
    "scale_x": 1.5,
    "scale_y": 1.25,
    "subset_idxs": [0, 2, 4, 4],
}
CUT = {"output_height": 3, "output_width": 4}


def _model(
    name: str,
    shapes: Sequence[tuple[int, ...]],
    result: tuple[int, ...],
    options: dict[str, Any] | None = None,
    version: int = 2,
) -> bytes:
    builder = ModelBuilder()
    operands = [builder.input(f"x{number}", shape) for number, shape in enumerate(shapes)]
    data = None if options is None else bytes(flexbuffers.Dumps(options))
    builder.operator(f"CUSTOM[{name}]", operands, "y", result, options=data, version=version)
    return builder.finish("y")


def _applied(model: bytes) -> tuple[bytes, dict[str, int]]:
    result = rewriter.apply(model, packs=["mediapipe"], seeds=2)
    return result.model.to_bytes(), result.report.to_json()["rules_applied"]


def _points(count: int, dimensions: int = 3) -> Floats:
    return np.random.default_rng(count).uniform(0, 40, (1, count, dimensions)).astype(np.float32)


def _turned(angle: float = 0.3, x: float = 1.5, y: float = 0.5) -> Floats:
    """A matrix that turns, and moves."""
    matrix = np.eye(4, dtype=np.float32)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix[:2, 3] = x, y
    return matrix[None]


def _is_rewritten(model: bytes, rule: str, expected: Floats, *inputs: Floats) -> None:
    after, applied = _applied(model)
    assert applied == {f"mediapipe.{rule}": 1}
    assert not any(row.name.startswith("CUSTOM") for row in operators(after))
    for kernels in KERNELS:
        (computed,) = run(after, *inputs, kernels=kernels)
        np.testing.assert_allclose(computed, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max(), err_msg=kernels)
    assert _applied(after) == (after, {})


# What is rewritten


@pytest.mark.parametrize("subset", [[0], [5, 2, 2], list(range(6))], ids=str)
def test_a_matrix_of_any_number_of_landmarks_is_rewritten(subset: list[int]) -> None:
    attributes: dict[str, Any] = MATRIX | {"subset_idxs": subset}
    points = _points(6)
    model = _model("Landmarks2TransformMatrix", [points.shape], (1, 4, 4), attributes)
    expected = landmarks_to_transform_matrix(points, **attributes)
    _is_rewritten(model, "landmarks_to_transform_matrix", expected, points)


def test_a_matrix_of_a_line_from_a_landmark_to_itself_is_that_of_angle_zero() -> None:
    attributes: dict[str, Any] = MATRIX | {"right_rotation_idx": 1}
    points = _points(6)
    model = _model("Landmarks2TransformMatrix", [points.shape], (1, 4, 4), attributes)
    after, _ = _applied(model)
    (computed,) = run(after, points, kernels="builtin")
    expected = landmarks_to_transform_matrix(points, **attributes)
    np.testing.assert_allclose(computed, expected, rtol=1e-5)
    np.testing.assert_allclose(expected[0, 1, 0] / expected[0, 0, 0], -np.tan(0.25), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 5, 7, 3), (1, 6, 4, 1), (1, 2, 9, 2)], ids=str)
def test_a_cut_is_rewritten(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    model = _model("TransformTensorBilinear", [shape, (1, 4, 4)], (1, 3, 4, shape[3]), CUT)
    matrix = _turned()
    expected = transform_tensor_bilinear(image, matrix, **CUT)
    _is_rewritten(model, "transform_tensor_bilinear", expected, image, matrix)


def test_a_cut_that_changes_nothing_reaches_the_last_pixel_and_one_moved_by_a_hair_does_not_leave_the_first() -> None:
    """The last row and column are read with a share of nothing; -0.01 is outside, and so is 0, not the first pixel."""
    image = np.arange(1, 13, dtype=np.float32).reshape(1, 3, 4, 1)
    model = _model("TransformTensorBilinear", [image.shape, (1, 4, 4)], (1, 3, 4, 1), CUT)
    after, _ = _applied(model)
    for kernels in KERNELS:
        for moved in (0.0, -0.01, 0.01):
            matrix = _turned(0.0, moved, 0.0)
            expected = transform_tensor_bilinear(image, matrix, **CUT)
            assert np.all((expected == 0) == (np.arange(4)[None, None, :, None] == {0.0: -1, -0.01: 0, 0.01: 3}[moved]))
            (computed,) = run(after, image, matrix, kernels=kernels)
            np.testing.assert_allclose(computed, expected, rtol=1e-6)


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf, 1e30, -3e38])
def test_a_cut_by_a_matrix_that_is_no_matrix_does_not_reach_outside_the_picture(wild: float) -> None:
    image = np.ones((1, 3, 4, 2), np.float32)
    model = _model("TransformTensorBilinear", [image.shape, (1, 4, 4)], (1, 3, 4, 2), CUT)
    after, _ = _applied(model)
    matrix = _turned()
    matrix[0, 0, 3] = wild
    expected = transform_tensor_bilinear(image, matrix, **CUT)
    for kernels in KERNELS:
        (computed,) = run(after, image, matrix, kernels=kernels)
        assert computed.shape == expected.shape
        if np.isfinite(wild):
            np.testing.assert_array_equal(computed, expected)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_landmarks_are_rewritten_to_the_bit(dimensions: int) -> None:
    points, matrix = _points(7, dimensions), _turned()
    model = _model("TransformLandmarks", [points.shape, (1, 4, 4)], points.shape)
    after, applied = _applied(model)
    assert applied == {f"mediapipe.transform_landmarks_{dimensions}d": 1}
    expected = transform_landmarks(points, matrix)
    if dimensions == 3:
        np.testing.assert_array_equal(expected[..., 2], points[..., 2])
    for kernels in KERNELS:
        np.testing.assert_array_equal(run(after, points, matrix, kernels=kernels)[0], expected, err_msg=kernels)


# What is left alone

ALONE = [
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX, 1),
    ("Landmarks2TransformMatrix", [(2, 6, 3)], (1, 4, 4), MATRIX, 2),
    ("Landmarks2TransformMatrix", [(1, 4, 3)], (1, 4, 4), MATRIX, 2),
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX | {"left_rotation_idx": -1}, 2),
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX | {"subset_idxs": []}, 2),
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX | {"subset_idxs": [6]}, 2),
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX | {"scale_x": 0.0}, 2),
    ("Landmarks2TransformMatrix", [(1, 6, 3)], (1, 4, 4), MATRIX | {"output_width": 0}, 2),
    ("TransformTensorBilinear", [(1, 5, 7, 3), (1, 4, 4)], (1, 3, 4, 3), CUT, 1),
    ("TransformTensorBilinear", [(2, 5, 7, 3), (1, 4, 4)], (1, 3, 4, 3), CUT, 2),
    ("TransformTensorBilinear", [(1, 5, 7, 3), (1, 4, 4)], (1, 4, 4, 3), CUT, 2),
    ("TransformTensorBilinear", [(1, 5, 7, 3), (1, 3, 3)], (1, 3, 4, 3), CUT, 2),
    ("TransformLandmarks", [(1, 5, 3), (1, 4, 4)], (1, 5, 3), None, 1),
    ("TransformLandmarks", [(2, 5, 3), (1, 4, 4)], (2, 5, 3), None, 2),
    ("TransformLandmarks", [(1, 5, 4), (1, 4, 4)], (1, 5, 4), None, 2),
]


@pytest.mark.parametrize(("name", "shapes", "result", "options", "version"), ALONE, ids=str)
def test_other_versions_batches_and_attributes_out_of_range_are_left_alone(
    name: str,
    shapes: list[tuple[int, ...]],
    result: tuple[int, ...],
    options: dict[str, Any] | None,
    version: int,
) -> None:
    model = _model(name, shapes, result, options, version)
    assert rewriter.apply(model, packs=["mediapipe"], check="none").model.to_bytes() == model


def test_a_rule_without_the_shift_by_half_a_pixel_is_refuted() -> None:
    """The first version of the operator has none."""
    text = """CUSTOM[TransformTensorBilinear](image: f32[1, 3, 4, 1], m: f32[1, 4, 4])
      -> row = reshape(arange(4), [1, 1, 4]);
         x = ADD(MUL(SLICE(m, [0, 0, 0], [1, 1, 1]), cast(row, "f32")), SLICE(m, [0, 0, 3], [1, 1, 1]));
         RESHAPE(TILE(x, [1, 3, 1]))"""
    rules = rewriter.compile_rules(text, filename="wrong.pat")
    model = _model("TransformTensorBilinear", [(1, 3, 4, 1), (1, 4, 4)], (1, 3, 4, 1), CUT)
    with pytest.raises(rewriter.CheckError):
        rewriter.apply(model, rules=[rules])


# What kernels refuse


@pytest.mark.parametrize(
    ("shape", "change", "message"),
    [
        ((6, 3), {}, r"takes f32\[1, landmarks, 3\], not f32\[6, 3\]"),
        ((1, 6, 2), {}, r"takes f32\[1, landmarks, 3\], not f32\[1, 6, 2\]"),
        ((2, 6, 3), {}, r"not f32\[2, 6, 3\]"),
        ((1, 6, 3), {"left_rotation_idx": 6}, "left_rotation_idx names landmark 6"),
        ((1, 6, 3), {"right_rotation_idx": -1}, "right_rotation_idx names landmark -1"),
        ((1, 6, 3), {"subset_idxs": [1, 7]}, "subset_idxs names landmark 7"),
        ((1, 6, 3), {"subset_idxs": []}, "must name a landmark"),
        ((1, 6, 3), {"output_height": 0}, "output_height must be at least 1, not 0"),
        ((1, 6, 3), {"scale_y": 0.0}, "scale_y must be above 0"),
    ],
)
def test_the_matrix_kernel_refuses_what_does_not_fit(
    shape: tuple[int, ...], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        landmarks_to_transform_matrix(np.ones(shape, np.float32), **(MATRIX | change))


@pytest.mark.parametrize(
    ("image", "matrix", "change", "message"),
    [
        ((5, 7, 3), (1, 4, 4), {}, r"not f32\[5, 7, 3\]"),
        ((2, 5, 7, 3), (1, 4, 4), {}, r"not f32\[2, 5, 7, 3\]"),
        ((1, 0, 7, 3), (1, 4, 4), {}, r"not f32\[1, 0, 7, 3\]"),
        ((1, 5, 7, 3), (4, 4), {}, r"as its matrix, not f32\[4, 4\]"),
        ((1, 5, 7, 3), (1, 4, 4), {"output_width": 0}, "output_width must be at least 1"),
    ],
)
def test_the_cut_kernel_refuses_what_does_not_fit(
    image: tuple[int, ...], matrix: tuple[int, ...], change: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        transform_tensor_bilinear(np.ones(image, np.float32), np.ones(matrix, np.float32), **(CUT | change))


@pytest.mark.parametrize(
    ("points", "matrix", "message"),
    [
        ((5, 3), (1, 4, 4), r"not f32\[5, 3\]"),
        ((1, 5, 4), (1, 4, 4), r"not f32\[1, 5, 4\]"),
        ((1, 5, 3), (1, 3, 4), r"as its matrix, not f32\[1, 3, 4\]"),
    ],
)
def test_the_landmarks_kernel_refuses_what_does_not_fit(
    points: tuple[int, ...], matrix: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        transform_landmarks(np.ones(points, np.float32), np.ones(matrix, np.float32))


def test_kernels_refuse_other_types() -> None:
    doubles: Any = np.ones((1, 5, 3))
    with pytest.raises(ValueError, match=r"not float64\[1, 5, 3\]"):
        transform_landmarks(doubles, np.ones((1, 4, 4), np.float32))
