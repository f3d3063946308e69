"""The graph check finds every kind of damage in real models, and says which operator and tensor it is and what rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.model import read, reread
from rewriter.wellformed import RULES, complaints, examine, new_complaints
from tests.shared import SHARED
from tests.unit.graph_damage import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rewriter.model import Model
    from rewriter.wellformed import Complaint
    from tests.unit.graph_damage import Expected

# Float, half floats, per channel, unsigned, open sizes, several subgraphs, custom operators, signatures, variables.
NAMES = (
    "coral/mobilenet_v1_0.25_128_quant.tflite",
    "coral/split_concat.tflite",
    "coral/tf2_mobilenet_v2_1.0_224_ptq.tflite",
    "litert/multi_signature_def.bin",
    "litert/nested_while.bin",
    "litert/resource_vars_calibrated.bin",
    "litert/unidirectional_sequence_lstm_quantized.bin",
    "mediapipe/hand_landmark_lite.tflite",
    "mediapipe/selfie_segmentation.tflite",
    "mlperf_tiny/kws_ref_model.tflite",
    "tflm/hello_world_no_quant.tflite",
)
MODELS = [SHARED / "models" / name for name in NAMES]

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in MODELS), reason=f"the models that these tests damage are not at hand in {SHARED}"
)


def says(complaint: Complaint, expected: Expected) -> bool:
    operator = expected.operator
    return (
        complaint.rule == expected.rule
        and expected.words in complaint.message
        and (expected.tensor is None or expected.tensor.name in complaint.tensors)
        and (operator is None or (complaint.operator, complaint.result) == (operator.name, operator.outputs[0].name))
    )


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_found_in_every_model_that_it_can_be_done_to(damage: Callable[[Model], Expected | None]) -> None:
    done = 0
    for path in MODELS:
        model = read(path)
        whole = reread(model)
        expected = damage(model)
        if expected is None:
            continue
        done += 1
        assert [each for each in examine(whole) if says(each, expected)] == [], path
        found = [each for each in examine(model) if says(each, expected)]
        assert len(found) == 1 or (found and expected.tensor is None), f"{path.name}: {expected}"
        # What a rewrite brings along is found by looking at what it changed alone.
        assert [each.key for each in new_complaints(whole, model) if says(each, expected)] == [
            each.key for each in found
        ], path
    assert done, "no model has the place for it"


def test_every_rule_of_the_check_is_broken_by_some_damage() -> None:
    broken: set[str] = set()
    for damage in DAMAGE:
        for path in MODELS:
            if (expected := damage(read(path))) is not None:
                broken.add(expected.rule)
                break
    assert broken == RULES.keys()


@pytest.mark.parametrize("source", MODELS, ids=NAMES)
def test_the_models_that_are_damaged_are_whole(source: Path) -> None:
    assert complaints(read(source)) == []
