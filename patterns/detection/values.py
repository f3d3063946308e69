"""What the property tests of the rules are made of: operators that the runtime takes, and that find something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.testing import values_for

if TYPE_CHECKING:
    from typing import Any

_RULES = ("cut", "cut_dequantized", "dequantize", "lower")


def _for_each(name: str, function: Any) -> Any:
    for rule in _RULES:
        function = values_for(rule, name)(function)
    return function


def sample_anchors(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """Centres about the image, and sizes of which some are nothing: negative ones the operator refuses."""
    import numpy as np

    rng = np.random.default_rng(seed)
    if dtype == "u8":
        return rng.integers(200, 256, shape).astype(np.uint8)
    values = rng.uniform(-1.0, 2.0, shape)
    values[:, 2:] = rng.choice([0.0, 0.5, 1.0, 4.0], values[:, 2:].shape) * rng.uniform(0.5, 1.0, values[:, 2:].shape)
    return values.astype(np.float32)


def sample_iou_threshold(shape: tuple[int, ...], dtype: str, seed: int) -> float:
    """In (0, 1]."""
    return (0.5, 0.6, 0.1, 1.0, 0.01, 1 / 3, 0.9, 0.25)[seed % 8]


def sample_score_threshold(shape: tuple[int, ...], dtype: str, seed: int) -> float:
    """From what everything passes to what little does."""
    return (-20.0, 0.0, 0.3, -1.0, 0.5, 2.0, -20.0, 0.0)[seed % 8]


def sample_scale(shape: tuple[int, ...], dtype: str, seed: int) -> float:
    """Those of SSD detectors, and others."""
    return (10.0, 5.0, 1.0, 4.0)[seed % 4]


def sample_small_number(shape: tuple[int, ...], dtype: str, seed: int) -> int:
    """Of detections, or of classes."""
    return (1, 2, 3, 4, 7)[seed % 5]


for _name in ("_anchors", "a"):
    _for_each(_name, sample_anchors)
for _name in ("y_scale", "x_scale", "h_scale", "w_scale", "ys", "xs", "hs", "ws"):
    _for_each(_name, sample_scale)
for _name in ("max_detections", "max_classes_per_detection", "detections_per_class", "num_classes", "d", "k"):
    _for_each(_name, sample_small_number)
for _name in ("nms_iou_threshold", "most"):
    _for_each(_name, sample_iou_threshold)
for _name in ("nms_score_threshold", "low"):
    _for_each(_name, sample_score_threshold)
