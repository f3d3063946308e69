"""The pack `detection`: models that end in TFLite_Detection_PostProcess, and that operator in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.patterns.detection.shapes import postprocess_shape
from rewriter.patterns.detection.values import (
    sample_anchors,
    sample_iou_threshold,
    sample_scale,
    sample_score_threshold,
    sample_small_number,
)

if TYPE_CHECKING:
    from rewriter.patterns.detection.host import PostProcess
    from rewriter.patterns.detection.kernels import Detections, postprocess

__all__ = [
    "Detections",
    "PostProcess",
    "postprocess",
    "postprocess_shape",
    "sample_anchors",
    "sample_iou_threshold",
    "sample_scale",
    "sample_score_threshold",
    "sample_small_number",
]

_MODULES = {"Detections": "kernels", "PostProcess": "host", "postprocess": "kernels"}


def __getattr__(name: str) -> object:
    # NumPy is what only a check, or somebody who runs a model, pays for.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"rewriter.patterns.detection.{_MODULES[name]}"), name)
