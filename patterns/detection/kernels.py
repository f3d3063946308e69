"""TFLite_Detection_PostProcess in NumPy: the same bits as the runtime's own kernel.

What that kernel leaves as it finds it (rows that hold no detection) is zero here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rewriter.dialect.types import TensorType
from rewriter.patterns.detection.shapes import postprocess_shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from rewriter.model import Quantization

    Floats: TypeAlias = NDArray[np.float32]
    Indices: TypeAlias = NDArray[np.int64]


class Detections(NamedTuple):
    """What a detector found, best first.

    Attributes:
        boxes: float32 ``[1, d, 4]``: ymin, xmin, ymax, xmax, in the units of the anchors.
        classes: float32 ``[1, d]``: numbers of classes; the background, where there is one, is not counted.
        scores: float32 ``[1, d]``.
        num_detections: float32 ``[1]``: how many boxes there are. The rows behind them are zero.
    """

    boxes: Floats
    classes: Floats
    scores: Floats
    num_detections: Floats


def postprocess(
    box_encodings: NDArray[Any],
    class_predictions: NDArray[Any],
    anchors: NDArray[Any],
    *,
    max_detections: int,
    max_classes_per_detection: int,
    num_classes: int,
    nms_score_threshold: float,
    nms_iou_threshold: float,
    y_scale: float,
    x_scale: float,
    h_scale: float,
    w_scale: float,
    detections_per_class: int = 100,
    use_regular_nms: bool = False,
    quantization: Sequence[Quantization | None] | None = None,
) -> Detections:
    """Decode boxes, and keep the best that do not overlap.

    Args:
        box_encodings: float32 or uint8 ``[1, anchors, 4 or more]``: y, x, height, width relative to an anchor.
        class_predictions: float32 or uint8 ``[1, anchors, num_classes]``; with a background, that comes first.
        anchors: ``[anchors, 4]``, of the type of the box encodings: centre y, centre x, height, width.
        max_detections: The most boxes that are given.
        max_classes_per_detection: How many of its best classes a box is given with; for the fast way only.
        num_classes: Without the background.
        nms_score_threshold: What scores less is no detection.
        nms_iou_threshold: Of boxes that overlap by more than this (intersection over union) one is kept; in (0, 1].
        y_scale: What the encoded y is divided by.
        x_scale: What the encoded x is divided by.
        h_scale: What the encoded height is divided by.
        w_scale: What the encoded width is divided by.
        detections_per_class: The most boxes of one class; for the regular way only.
        use_regular_nms: Whether boxes compete with those of their own class only (the regular way), rather than with
            all others, each by its best class (the fast way).
        quantization: Of the three operands, where some are uint8.

    Returns:
        The detections, with d the product of max_detections and max_classes_per_detection.

    Raises:
        ValueError: The operands do not fit each other or the options, or a box is turned inside out, as an anchor of
            negative size makes it.

    Source:
        TensorFlow Lite, tensorflow/lite/kernels/detection_postprocess.cc: centres and sizes in double precision, then
        rounded; the rest in single precision.
    """
    types = [_type_of(each) for each in (box_encodings, class_predictions, anchors)]
    result = postprocess_shape(
        *types,
        max_detections=max_detections,
        max_classes_per_detection=max_classes_per_detection,
        num_classes=num_classes,
    )
    iou_threshold = np.float32(nms_iou_threshold)
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"nms_iou_threshold must be above 0 and at most 1, not {nms_iou_threshold}")
    if use_regular_nms and detections_per_class < 1:
        raise ValueError(f"detections_per_class must be at least 1, not {detections_per_class}")
    steps = quantization or (None, None, None)
    encoded, scores, centres = (
        _dequantized(operand, each)
        for operand, each in zip((box_encodings[0], class_predictions[0], anchors), steps, strict=True)
    )
    with np.errstate(all="ignore"):
        boxes = decode_boxes(encoded, centres, (y_scale, x_scale, h_scale, w_scale))
        if (boxes[:, 0] > boxes[:, 2]).any() or (boxes[:, 1] > boxes[:, 3]).any():
            raise ValueError("a box is turned inside out: its lower edge is above its upper one, or left and right")
        scores = scores[:, scores.shape[1] - num_classes :]
        selection = _Selection(boxes, np.float32(nms_score_threshold), iou_threshold)
        if use_regular_nms:
            limit = min(detections_per_class, max_detections)
            rows, classes = _each_class(selection, scores, limit, max_detections)
            places = np.arange(len(rows))
            count = len(rows)
        else:
            rows, classes, places = _best_class(selection, scores, max_detections, max_classes_per_detection)
            count = len(rows) // max(1, min(max_classes_per_detection, num_classes))
    found = [np.zeros(each.shape, np.float32) for each in result]  # type: ignore[arg-type]
    found[0][0, places] = boxes[rows]
    found[1][0, places] = classes
    found[2][0, places] = scores[rows, classes]
    found[3][0] = count
    return Detections(*found)


def decode_boxes(encoded: Floats, anchors: Floats, scales: tuple[float, float, float, float]) -> Floats:
    """Boxes from what a detector says of them relative to its anchors.

    Args:
        encoded: float32 ``[anchors, 4 or more]``: y, x, height, width.
        anchors: float32 ``[anchors, 4]``: centre y, centre x, height, width.
        scales: What y, x, height and width are divided by.

    Returns:
        float32 ``[anchors, 4]``: ymin, xmin, ymax, xmax.
    """
    wide, anchor = encoded[:, :4].astype(np.float64), anchors.astype(np.float64)
    divisors = np.asarray(scales, np.float32).astype(np.float64)
    centre = (wide[:, :2] / divisors[:2] * anchor[:, 2:] + anchor[:, :2]).astype(np.float32)
    half = (0.5 * _exp(wide[:, 2:] / divisors[2:]) * anchor[:, 2:]).astype(np.float32)
    return np.concatenate([centre - half, centre + half], axis=1)


def _exp(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The C library's exponential: NumPy's own may differ from it in the last place."""
    # Beyond this it overflows, which the library's Python form takes for an error.
    inside = np.minimum(values, 709.0)
    found = np.array([math.exp(value) for value in inside.flat], np.float64).reshape(values.shape)
    beyond = values > 709.0
    found[beyond] = np.exp(values[beyond])
    return found


class _Selection:
    """Non-maximum suppression over the boxes of one image."""

    def __init__(self, boxes: Floats, score_threshold: np.float32, iou_threshold: np.float32) -> None:
        self.boxes = boxes
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

    def best(self, scores: Floats, limit: int) -> Indices:
        """The boxes that are kept, the best first; of equal scores the earlier box goes first."""
        kept = np.flatnonzero(scores >= self.score_threshold)
        open_ones = kept[np.argsort(-scores[kept], kind="stable")]
        selected: list[int] = []
        while len(open_ones) and len(selected) < limit:
            first, open_ones = int(open_ones[0]), open_ones[1:]
            selected.append(first)
            open_ones = open_ones[~(self.overlap(first, open_ones) > self.iou_threshold)]
        return np.array(selected, np.int64)

    def overlap(self, one: int, others: Indices) -> Floats:
        """Intersection over union; boxes without an area overlap with nothing."""
        box, boxes = self.boxes[one], self.boxes[others]
        height = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
        width = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
        zero = np.float32(0)
        intersection = np.maximum(height, zero) * np.maximum(width, zero)
        found = intersection / (self.areas[one] + self.areas[others] - intersection)
        found[(self.areas[one] <= 0) | (self.areas[others] <= 0)] = 0
        return found


def _best_class(
    selection: _Selection, scores: Floats, max_detections: int, max_classes: int
) -> tuple[Indices, Indices, Indices]:
    """The fast way: boxes, classes, and the rows of the result that they go to."""
    given = min(max_classes, scores.shape[1])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :given]
    selected = selection.best(np.take_along_axis(scores, order[:, :1], axis=1)[:, 0], max_detections)
    places = np.arange(len(selected))[:, None] * max_classes + np.arange(given)
    return np.repeat(selected, given), order[selected].reshape(-1), places.reshape(-1)


def _each_class(selection: _Selection, scores: Floats, limit: int, max_detections: int) -> tuple[Indices, Indices]:
    """The regular way: boxes and their classes."""
    rows, classes = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for number in range(scores.shape[1]):
        selected = selection.best(scores[:, number], limit)
        rows = np.concatenate([rows, selected])
        classes = np.concatenate([classes, np.full(len(selected), number)])
        order = np.argsort(-scores[rows, classes], kind="stable")[:max_detections]
        rows, classes = rows[order], classes[order]
    return rows, classes


def dequantized(values: NDArray[Any], scale: float, zero_point: int) -> Floats:
    """Real values of stored ones, as the runtime computes them.

    Args:
        values: Integers of up to 16 bits.
        scale: Real units per step.
        zero_point: The integer that means zero.

    Returns:
        float32, of the shape of the values.
    """
    return (values.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


def _dequantized(operand: NDArray[Any], quantization: Quantization | None) -> Floats:
    if operand.dtype == np.float32:
        return operand
    if quantization is None or len(quantization.scale) != 1:
        raise ValueError(f"{operand.dtype} operands need one scale and zero point each")
    zero_point = quantization.zero_point[0] if quantization.zero_point else 0
    return dequantized(operand, quantization.scale[0], zero_point)


def _type_of(array: NDArray[Any]) -> TensorType:
    known = {"float32": "f32", "uint8": "u8"}
    return TensorType(dtype=known.get(array.dtype.name, array.dtype.name), shape=array.shape)
