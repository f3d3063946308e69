"""The pack's rules on small detectors: what they write, what they leave alone, and that nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from attrs import evolve

import rewriter
from rewriter import driver, packs
from rewriter.model import read
from rewriter.patterns.detection import PostProcess
from tests.rules.detectors import CUSTOM, Detector, with_signature
from tests.rules.models import KERNELS, run
from tests.unit.networks import shown

if TYPE_CHECKING:
    from rewriter.model import Model
    from rewriter.run import Result

DETECTOR = Detector()
INTERFACE = ("cut", "cut_dequantized")
LOWER = ("dequantize", "lower")


def _apply(model: Model, *rules: str, check: str = "model") -> Result:
    return rewriter.apply(model.to_bytes(), packs=["detection"], only=rules, allow=["interface"], check=check)  # type: ignore[arg-type]


def _fires(model: Model, *rules: str) -> bool:
    return bool(_apply(model, *rules, check="none").report.rewriting.applications)


# Cutting it off


def test_the_raw_boxes_and_scores_take_the_places_of_boxes_and_scores() -> None:
    model = with_signature(_behind_abs(DETECTOR))
    after = _apply(model, "cut").model
    (subgraph,) = after.subgraphs
    assert shown(after) == ["boxes = ABS(b)", "scores = ABS(s)"]
    assert [(each.name, each.shape) for each in subgraph.outputs] == [("boxes", (1, 30, 4)), ("scores", (1, 30, 4))]
    (signature,) = after.signatures
    assert signature.outputs == [
        ("detection_boxes", subgraph.outputs[0]),
        ("detection_scores", subgraph.outputs[1]),
    ]
    assert [each.name for each in subgraph.tensors] == ["b", "s", "boxes", "scores"]
    inputs = DETECTOR.inputs(1)
    expected = run(model.to_bytes(), *inputs)
    found = PostProcess.of(model).of_outputs(run(after.to_bytes(), *inputs))
    for mine, its in zip(found, expected, strict=True):
        assert mine.tobytes() == its.tobytes()


def _behind_abs(detector: Detector) -> Model:
    """Boxes and scores that operators make: an input of the model cannot become its output."""
    network, results = detector.network()
    b, s = (network.add("ABS", [each], f"abs_{each.name}") for each in network.inputs)
    network.operators[0].inputs[:2] = [b, s]
    network.operators.append(network.operators.pop(0))
    return network.build(*results)


def test_outputs_in_another_order_are_found_again() -> None:
    network, (boxes, classes, scores, count) = DETECTOR.network()
    b, s = (network.add("ABS", [each], f"abs_{each.name}") for each in network.inputs)
    network.operators[0].inputs[:2] = [b, s]
    network.operators.append(network.operators.pop(0))
    state = network.add("NEG", [b], "state")
    model = network.build(count, scores, state, classes, boxes)
    after = _apply(model, "cut").model
    assert [each.name for each in after.subgraphs[0].outputs] == ["scores", "state", "boxes"]
    post = PostProcess.of(model)
    assert post.places == (2, 0)
    inputs = DETECTOR.inputs(2)
    expected = run(model.to_bytes(), *inputs)
    found = post.of_outputs(run(after.to_bytes(), *inputs))
    assert found.boxes.tobytes() == expected[4].tobytes()
    assert found.scores.tobytes() == expected[1].tobytes()


def test_dequantization_in_front_of_it_is_cut_off_too() -> None:
    model = DETECTOR.dequantized()
    result = _apply(model, *INTERFACE)
    assert result.report.rewriting.rules_applied() == {"detection.cut_dequantized": 1}
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    assert {each.dtype for each in result.model.subgraphs[0].tensors} == {"i8"}
    rng = np.random.default_rng(0)
    inputs = [rng.integers(-128, 128, each.shape).astype(np.int8) for each in model.subgraphs[0].inputs]
    expected = run(model.to_bytes(), *inputs)
    found = PostProcess.of(model).of_outputs(run(result.model.to_bytes(), *inputs))
    assert found.num_detections[0] > 1
    for mine, its in zip(found, expected, strict=True):
        assert mine.tobytes() == its.tobytes()


def test_a_detection_that_the_model_goes_on_to_use_keeps_the_operator() -> None:
    network, results = DETECTOR.network()
    model = network.build(*results[:3], network.add("NEG", [results[3]], "negative"))
    assert not _fires(model, *INTERFACE)


def test_detections_that_are_not_all_outputs_keep_the_operator() -> None:
    network, results = DETECTOR.network()
    assert not _fires(network.build(*results[:3]), *INTERFACE)


def test_anchors_that_are_no_constant_keep_the_operator() -> None:
    network, results = DETECTOR.network()
    anchors = network.operators[0].inputs[2]
    assert anchors is not None
    anchors.buffer = None
    network.buffers.clear()
    network.inputs.append(anchors)
    assert not _fires(network.build(*results), *INTERFACE, *LOWER)


def test_scores_that_are_an_input_of_the_model_keep_the_operator() -> None:
    report = _apply(DETECTOR.model(), "cut", check="none").report.rewriting
    assert not report.applications
    assert report.misses[0].reason == "the root is the output 'boxes', and what replaces it cannot take its name"


# Builtin operators


@pytest.mark.parametrize(
    "detector",
    [
        DETECTOR,
        evolve(DETECTOR, columns=3),
        evolve(DETECTOR, max_detections=50),
        evolve(DETECTOR, score_threshold=0.97),
        evolve(DETECTOR, score_threshold=2.0),
        evolve(DETECTOR, stored="u8"),
        evolve(DETECTOR, stored="u8", anchors=200, iou_threshold=0.9, seed=4),
    ],
    ids=str,
)
def test_builtin_operators_give_the_same_detections_ties_included(detector: Detector) -> None:
    model = detector.model()
    after = _apply(model, *LOWER, check="none").model
    assert CUSTOM not in {each.name for each in after.operators()}
    for seed in range(3):
        inputs = detector.inputs(seed, grid=8)
        boxes, classes, scores, count = PostProcess.of(model)(*inputs)
        for kernels in KERNELS:
            found = run(after.to_bytes(), *inputs, kernels=kernels)
            assert np.abs(found[0] - boxes).max() <= 1e-5
            assert [each.tobytes() for each in found[1:]] == [each.tobytes() for each in (classes, scores, count)]


def _lowered(detector: Detector, anchors: list[list[float]], scores: list[float]) -> list[list[float]]:
    """Scores and count of boxes that are their anchors, by builtin operators."""
    network, results = detector.network()
    operand = network.operators[0].inputs[2]
    assert operand is not None
    assert operand.buffer is not None
    operand.buffer.data = np.array(anchors, np.float32).tobytes()
    after = _apply(network.build(*results), "lower", check="none").model
    assert CUSTOM not in {each.name for each in after.operators()}
    boxes = np.zeros((1, len(anchors), 4), np.float32)
    found = run(after.to_bytes(), boxes, np.array(scores, np.float32).reshape(1, -1, 1))
    return [np.round(each.reshape(-1), 6).tolist() for each in found[2:]]


def test_a_box_without_an_area_is_given_once() -> None:
    detector = Detector(anchors=3, columns=1, classes=1, max_detections=4, score_threshold=0.0)
    scores, count = _lowered(detector, [[0.0] * 4] * 3, [0.125, 0.875, 0.5])
    assert count == [3]
    assert scores == [0.875, 0.5, 0.125, 0.0]


@pytest.mark.parametrize(("threshold", "kept"), [(0.5, 2), (0.49999997, 1)])
def test_an_overlap_at_the_threshold_is_kept_and_one_above_it_is_not(threshold: float, kept: int) -> None:
    # Half of the first box is the second.
    detector = Detector(anchors=2, columns=1, classes=1, max_detections=2, iou_threshold=threshold)
    assert _lowered(detector, [[0.5, 0.5, 1.0, 1.0], [0.5, 0.25, 1.0, 0.5]], [0.75, 0.5])[1] == [kept]


def test_a_score_at_the_threshold_counts() -> None:
    detector = Detector(anchors=2, columns=1, classes=1, max_detections=2, score_threshold=0.5)
    anchors = [[0.5, 0.5, 1.0, 1.0], [9.5, 9.5, 1.0, 1.0]]
    assert _lowered(detector, anchors, [0.5, 0.49999997])[1] == [1]


@pytest.mark.parametrize(
    "detector",
    [
        evolve(DETECTOR, regular=True),
        evolve(DETECTOR, per_box=2),
        evolve(DETECTOR, iou_threshold=1.0),
        evolve(DETECTOR, stored="u8", regular=True),
        evolve(DETECTOR, stored="u8", per_box=2),
    ],
    ids=str,
)
def test_what_builtin_operators_cannot_give_alike_stays(detector: Detector) -> None:
    assert not _fires(detector.model(), *LOWER)


def test_without_leave_to_change_the_interface_the_operator_is_lowered_and_with_it_cut() -> None:
    model = _behind_abs(DETECTOR)
    without = rewriter.apply(model.to_bytes(), packs=["detection"], check="none").report.rewriting
    given = rewriter.apply(model.to_bytes(), packs=["detection"], allow=["interface"], check="none").report.rewriting
    assert without.rules_applied() == {"detection.lower": 1}
    assert given.rules_applied() == {"detection.cut": 1}


@pytest.mark.parametrize("stored", ["f32", "u8"])
@pytest.mark.parametrize("rules", [INTERFACE, LOWER])
def test_a_second_time_nothing_changes(rules: tuple[str, ...], stored: str) -> None:
    model = _behind_abs(DETECTOR) if stored == "f32" else evolve(DETECTOR, stored="u8").model()
    chosen = [rule for rule in packs.load("detection") if rule.name in rules]
    driver.rewrite(model, chosen)
    again = read(model.to_bytes())
    assert not driver.rewrite(again, chosen).applications
