"""A small detector, for the pages that speak of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.rules.detectors import NAMES, Detector
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model, Tensor


def single_shot_detector() -> Model:
    """Two convolutions over an 8x8 map, one anchor at each place, two classes and a background."""
    rng = np.random.default_rng(1)
    detector = Detector(anchors=64, columns=3, classes=2, max_detections=20, score_threshold=0.7, iou_threshold=0.1)
    network = Network()
    image = network.input("image", (1, 8, 8, 3))
    raw: list[Tensor] = []
    for name, columns in (("box_encodings", 4), ("class_predictions", 3)):
        filters = network.constant(f"{name}_filter", rng.normal(0.0, 0.3, (columns, 3, 3, 3)))
        bias = network.constant(f"{name}_bias", np.zeros(columns))
        options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
        grid = network.add("CONV_2D", [image, filters, bias], f"{name}_grid", (1, 8, 8, columns), attributes=options)
        if name == "class_predictions":
            grid = network.add("LOGISTIC", [grid], "likely")
        shape = network.constant(f"{name}_shape", [1, 64, columns], "i32")
        raw.append(network.add("RESHAPE", [grid, shape], name, (1, 64, columns)))
    results = detector.behind(network, *raw)
    assert tuple(each.name for each in results) == NAMES
    return network.build(*results)


def save(folder: Path) -> None:
    """Write it where the pages about detectors look for it."""
    single_shot_detector().save(folder / "detector.tflite")
