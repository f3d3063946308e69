"""Result types of TFLite_Detection_PostProcess: what its kernel allocates, whatever the file records.

Nothing here needs NumPy: types are inferred while a model is rewritten, where nothing is computed.
"""

from __future__ import annotations

from rewriter.dialect.types import TensorType


def postprocess_shape(
    box_encodings: TensorType,
    class_predictions: TensorType,
    anchors: TensorType,
    *,
    max_detections: int,
    max_classes_per_detection: int,
    num_classes: int,
    **_: object,
) -> tuple[TensorType, TensorType, TensorType, TensorType]:
    """Result types of TFLite_Detection_PostProcess.

    Args:
        box_encodings: f32 or u8 ``[1, anchors, 4 or more]``.
        class_predictions: f32 or u8 ``[1, anchors, num_classes]``, one more with a background class.
        anchors: ``[anchors, 4]``, of the type of the box encodings.
        max_detections: The most boxes that are given.
        max_classes_per_detection: How many classes are given of each of them.
        num_classes: Without the background.

    Returns:
        Boxes ``[1, d, 4]``, classes ``[1, d]``, scores ``[1, d]``, count ``[1]``, all f32, with d the product of
        max_detections and max_classes_per_detection.

    Raises:
        ValueError: The operands have other types or ranks, or do not fit each other or the attributes.

    Source:
        TensorFlow Lite, tensorflow/lite/kernels/detection_postprocess.cc.
    """
    for name, operand, rank in (
        ("box_encodings", box_encodings, 3),
        ("class_predictions", class_predictions, 3),
        ("anchors", anchors, 2),
    ):
        if operand.dtype not in ("f32", "u8") or operand.rank != rank:
            raise ValueError(f"its {name} must be f32 or u8 of rank {rank}, not {operand}")
    if box_encodings.dtype != anchors.dtype:
        raise ValueError(f"its box_encodings and anchors must be of one type, not {box_encodings} and {anchors}")
    if max_detections < 0 or max_classes_per_detection < 1:
        raise ValueError(f"it cannot give {max_detections} boxes with {max_classes_per_detection} classes each")
    batches, count, coordinates = box_encodings.shape
    score_batches, score_count, columns = class_predictions.shape
    if any(size not in (1, None) for size in (batches, score_batches)):
        raise ValueError(f"it takes one image at a time, not {box_encodings} and {class_predictions}")
    if len({size for size in (count, score_count, anchors.shape[0]) if size is not None}) > 1:
        raise ValueError(f"its operands speak of different boxes: {box_encodings}, {class_predictions}, {anchors}")
    if (coordinates is not None and coordinates < 4) or anchors.shape[1] not in (4, None):
        raise ValueError(f"a box has four coordinates: {box_encodings} and {anchors} do not fit")
    if columns is not None and columns - num_classes not in (0, 1):
        raise ValueError(f"its class_predictions hold {columns} columns, for {num_classes} classes")
    size = max_detections * max_classes_per_detection
    row = TensorType("f32", (1, size))
    return TensorType("f32", (1, size, 4)), row, row, TensorType("f32", (1,))
