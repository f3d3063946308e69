"""Real detectors through the pack: cut and put together again with NumPy, and by builtin operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

import rewriter
from rewriter.patterns.detection import PostProcess
from tests.rules.detectors import CUSTOM
from tests.rules.models import operators, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rules.models import Array

TRAFFIC = "traffic_model.tflite"
SSD = "ssd_mobilenet_v1_coco_quant_postprocess_head_layers.tflite"


def _inputs(model: bytes, seed: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    details = Interpreter(model_content=model).get_input_details()
    return [rng.integers(0, 256, each["shape"]).astype(each["dtype"]) for each in details]


def _model(folder: Path, name: str) -> bytes:
    if not (folder / name).exists():
        pytest.skip(f"{name} is not at hand beside the checkout")
    return (folder / name).read_bytes()


def _assert_same(found: tuple[Array, ...], expected: list[Array]) -> None:
    count = int(expected[3][0])
    assert count > 0
    assert found[3].tolist() == expected[3].tolist()
    for mine, its in zip(found[:3], expected[:3], strict=True):
        assert mine[:, :count].tobytes() == its[:, :count].tobytes()


@pytest.mark.parametrize("name", [TRAFFIC, SSD])
def test_the_cut_model_and_numpy_give_the_detections_bit_for_bit(name: str, coral_models: Path) -> None:
    before = _model(coral_models, name)
    result = rewriter.apply(before, packs=["detection"], allow=["interface"], check="none")
    after = result.model.to_bytes()
    assert [row.name for row in operators(after)] == [row.name for row in operators(before)][:-1]
    post = PostProcess.of(before)
    seen: set[bytes] = set()
    for seed in range(3):
        inputs = _inputs(before, seed)
        expected, found = (run(model, *inputs, kernels="default") for model in (before, after))
        _assert_same(post.of_outputs(found), expected)
        # The two states of the LSTM in the traffic model.
        assert [each.tobytes() for each in found[2:]] == [each.tobytes() for each in expected[4:]]
        seen.add(expected[0].tobytes())
    assert len(seen) == 3


@pytest.mark.parametrize("name", [TRAFFIC, SSD])
def test_builtin_operators_give_the_same_detections_though_the_file_records_no_shapes(
    name: str, coral_models: Path
) -> None:
    before = _model(coral_models, name)
    after = rewriter.apply(before, packs=["detection"], check="none").model.to_bytes()
    assert CUSTOM not in {row.name for row in operators(after)}
    for seed in range(2):
        inputs = _inputs(before, seed)
        expected, found = (run(model, *inputs, kernels="default") for model in (before, after))
        count = int(expected[3][0])
        assert found[3].tolist() == expected[3].tolist()
        assert np.abs(found[0] - expected[0])[:, :count].max() <= 1e-6
        for place in (1, 2):
            assert found[place][:, :count].tobytes() == expected[place][:, :count].tobytes()


def test_the_traffic_model_passes_the_check_both_ways(coral_models: Path) -> None:
    before = _model(coral_models, TRAFFIC)
    for allow in ((), ("interface",)):
        check = rewriter.apply(before, packs=["detection"], allow=allow, seeds=2).report.check
        assert check is not None
        assert check.status == "passed"
        assert {each.name for each in check.outputs if each.varied} >= {
            "TFLite_Detection_PostProcess",
            "TFLite_Detection_PostProcess:1",
            "TFLite_Detection_PostProcess:2",
        }
