"""The pack `mediapipe`: MediaPipe's custom operators, the rules (`mediapipe.pat`), and the functions they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.patterns.mediapipe.shapes import transpose_conv_bias_shape

if TYPE_CHECKING:
    from rewriter.patterns.mediapipe.kernels import transpose_conv_bias

__all__ = ["transpose_conv_bias", "transpose_conv_bias_shape"]

_KERNELS = frozenset({"transpose_conv_bias"})


def __getattr__(name: str) -> object:
    # Kernels need NumPy, which only a check pays for.
    if name not in _KERNELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rewriter.patterns.mediapipe import kernels

    return getattr(kernels, name)
