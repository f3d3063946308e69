"""The pack `mediapipe`: MediaPipe's custom operators, the rules (`*.pat`), and the functions they name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rewriter.patterns.mediapipe.landmark_shapes import (
    landmarks_to_transform_matrix_shape,
    transform_landmarks_shape,
    transform_tensor_bilinear_shape,
)
from rewriter.patterns.mediapipe.shapes import transpose_conv_bias_shape
from rewriter.patterns.mediapipe.windows import max_pooling_with_argmax_shape, max_unpooling_shape

if TYPE_CHECKING:
    from rewriter.patterns.mediapipe.kernels import transpose_conv_bias
    from rewriter.patterns.mediapipe.landmarks import (
        landmarks_to_transform_matrix,
        transform_landmarks,
        transform_tensor_bilinear,
    )
    from rewriter.patterns.mediapipe.pooling import max_pooling_with_argmax, max_unpooling

__all__ = [
    "landmarks_to_transform_matrix",
    "landmarks_to_transform_matrix_shape",
    "max_pooling_with_argmax",
    "max_pooling_with_argmax_shape",
    "max_unpooling",
    "max_unpooling_shape",
    "transform_landmarks",
    "transform_landmarks_shape",
    "transform_tensor_bilinear",
    "transform_tensor_bilinear_shape",
    "transpose_conv_bias",
    "transpose_conv_bias_shape",
]

# Kernels need NumPy, which only a check pays for.
_KERNELS = {
    "landmarks_to_transform_matrix": "landmarks",
    "max_pooling_with_argmax": "pooling",
    "max_unpooling": "pooling",
    "transform_landmarks": "landmarks",
    "transform_tensor_bilinear": "landmarks",
    "transpose_conv_bias": "kernels",
}


def __getattr__(name: str) -> object:
    if name not in _KERNELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_KERNELS[name]}"), name)
