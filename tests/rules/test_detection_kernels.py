"""The operator in NumPy against the runtime's own kernel: the same bits, with ties, thresholds and stored operands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.errors import UsageError
from rewriter.model import Quantization
from rewriter.patterns.detection import PostProcess, postprocess
from rewriter.patterns.detection.kernels import decode_boxes
from tests.rules.detectors import Detector, detectors
from tests.rules.models import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rules.detectors import Array

STEPS = (Quantization((0.05,), (128,)), Quantization((1 / 256,), (0,)), Quantization((1 / 255,), (0,)))


def _steps() -> list[Quantization]:
    return [Quantization((float(np.float32(each.scale[0])),), each.zero_point) for each in STEPS]


def _assert_same(detector: Detector, found: tuple[Array, ...], expected: list[Array]) -> None:
    count = int(expected[3][0])
    rows = detector.hold_detections(count)
    assert found[3].tolist() == expected[3].tolist()
    for mine, its in zip(found[:3], expected[:3], strict=True):
        assert mine.shape == its.shape
        assert mine[:, rows].tobytes() == its[:, rows].tobytes()
        assert not np.delete(mine, rows, axis=1).any()


@settings(max_examples=150, deadline=None)
@given(detectors(), st.integers(0, 1 << 16), st.sampled_from([0, 8, 64]))
def test_it_gives_the_bits_of_the_runtimes_kernel(detector: Detector, seed: int, grid: int) -> None:
    # Which of a box's classes goes first of several that score alike, the C++ library decides.
    boxes, scores = detector.inputs(seed, grid=0 if detector.per_box > 1 and not detector.regular else grid)
    expected = run(detector.model().to_bytes(), boxes, scores)
    quantization = _steps() if detector.stored == "u8" else None
    found = postprocess(boxes, scores, detector.anchor_values, quantization=quantization, **detector.options)
    _assert_same(detector, found, expected)


def test_a_score_at_the_threshold_counts_and_an_overlap_at_the_threshold_does_not_suppress() -> None:
    detector = Detector(anchors=2, columns=1, classes=1, score_threshold=0.5, iou_threshold=0.5)
    anchors = np.array([[0.5, 0.5, 1.0, 1.0], [0.5, 0.25, 1.0, 0.5]], np.float32)
    boxes, scores = np.zeros((1, 2, 4), np.float32), np.full((1, 2, 1), 0.5, np.float32)
    found = postprocess(boxes, scores, anchors, **detector.options)
    assert found.num_detections.tolist() == [2]
    assert found.boxes[0, :2].tolist() == [[0, 0, 1, 1], [0, 0, 1, 0.5]]
    tighter = postprocess(boxes, scores, anchors, **evolve(detector, iou_threshold=0.49).options)
    assert tighter.num_detections.tolist() == [1]


def test_the_exponential_is_the_c_librarys_up_to_infinity() -> None:
    encoded = np.array([[0.0, 0.0, 1e4, 0.0]], np.float32)
    with np.errstate(over="ignore"):
        boxes = decode_boxes(encoded, np.array([[0.0, 0.0, 1.0, 1.0]], np.float32), (1.0, 1.0, 1.0, 1.0))
    assert boxes.tolist() == [[-np.inf, -0.5, np.inf, 0.5]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nms_iou_threshold": 0.0}, "nms_iou_threshold must be above 0"),
        ({"num_classes": 1}, "4 columns, for 1 classes"),
        ({"max_classes_per_detection": 0}, "cannot give 10 boxes with 0 classes"),
        ({"use_regular_nms": True, "detections_per_class": 0}, "detections_per_class must be at least 1"),
    ],
)
def test_options_that_the_runtime_refuses_are_refused(change: dict[str, Any], message: str) -> None:
    detector = Detector()
    with pytest.raises(ValueError, match=message):
        postprocess(*detector.inputs(0), detector.anchor_values, **(detector.options | change))


def test_a_box_that_is_turned_inside_out_is_refused_as_the_runtime_does() -> None:
    detector = Detector(anchors=1)
    anchors = np.array([[0.0, 0.0, -1.0, 1.0]], np.float32)
    with pytest.raises(ValueError, match="turned inside out"):
        postprocess(*detector.inputs(0), anchors, **detector.options)


def test_stored_operands_need_to_be_told_what_they_stand_for() -> None:
    detector = Detector(stored="u8")
    with pytest.raises(ValueError, match="uint8 operands need one scale"):
        postprocess(*detector.inputs(0), detector.anchor_values, **detector.options)


# The post-processing of one model


@pytest.mark.parametrize("stored", ["f32", "u8"])
def test_a_models_post_processing_is_read_from_the_model(stored: str) -> None:
    detector = Detector(stored=stored)
    model = detector.model()
    inputs = detector.inputs(3)
    found = PostProcess.of(model.to_bytes())(*inputs)
    assert found.num_detections[0] > 1
    _assert_same(detector, found, run(model.to_bytes(), *inputs))


def test_it_survives_being_saved(tmp_path: Path) -> None:
    detector = Detector(stored="u8")
    PostProcess.of(detector.model()).save(tmp_path / "post.npz")
    again = PostProcess.load(tmp_path / "post.npz")
    inputs = detector.inputs(4)
    assert again.places == (0, 1)
    for one, other in zip(again(*inputs), PostProcess.of(detector.model())(*inputs), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    with pytest.raises(UsageError, match="holds no post-processing"):
        PostProcess.load(tmp_path / "other.npz")
    with pytest.raises(UsageError, match="holds no post-processing"):
        PostProcess.load(tmp_path / "none.npz")


def test_fields_that_older_files_lack_have_the_values_that_the_runtime_takes() -> None:
    detector = Detector()
    network, _ = detector.network()
    options = {name: value for name, value in detector.options.items() if name[:3] not in ("det", "use")}
    network.operators.clear()
    b, s = network.inputs
    model = network.build(*detector.behind(network, b, s, options=options))
    found = PostProcess.of(model)
    assert (found.options["detections_per_class"], found.options["use_regular_nms"]) == (100, False)


def test_a_model_without_the_operator_is_refused_with_what_to_give() -> None:
    network, _ = Detector().network()
    network.operators.clear()
    model = network.build(network.add("ABS", [network.inputs[0]], "y"))
    with pytest.raises(UsageError, match="the model has no operators TFLite_Detection_PostProcess, not one") as error:
        PostProcess.of(model)
    assert error.value.hint == "give the model as it was before its post-processing was cut off"
