"""Rules of the pack `toco` that fuse operators and move transpositions, on real models."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

import rewriter
from rewriter import driver, selection
from rewriter.model import read

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model

# The model, the rule, how often it fires, and the operators that come or go.
SITES = (
    ("mediapipe/face_detection_short_range.tflite", "fuse_activation_into_producer_relu", 17, {"RELU": -17}),
    ("mediapipe/selfie_segmentation.tflite", "fuse_activation_into_producer_relu", 22, {"RELU": -22}),
    ("coral/mobilenet_v1_0.25_128_quant.tflite", "remove_trivial_quantized_activation_relu6", 27, {}),
    ("mlperf_tiny/vww_96_int8-ff017f6.tflite", "remove_trivial_quantized_activation_relu", 27, {}),
    ("tflm/hello_world_int8.tflite", "remove_trivial_quantized_activation_relu", 2, {}),
    ("mlperf_tiny/vww_96_int8-83445ce.tflite", "fuse_pad_into_conv_same_steps", 5, {"PAD": -5}),
    ("mlperf_tiny/kws_ref_model.tflite", "remove_reshape_before_fc", 1, {"RESHAPE": -1}),
    ("litert/q_einsum.tflite", "fc_squeeze_lhs", 1, {"RESHAPE": -1}),
    ("litert/classifier.tflite", "fuse_sub_square", 1, {"SUB": -1, "MUL": -1, "SQUARED_DIFFERENCE": 1}),
    ("litert/odml_sdpa_composite_mqa.tflite.bin", "push_transpose_through_squeeze", 1, {}),
)


def operators(model: Model) -> Counter[str]:
    return Counter(operator.name for operator in model.operators())


def present(models: Path, name: str) -> Path:
    if not (models / name).exists():
        pytest.skip(f"{name} is not at hand beside the checkout")
    return models / name


@pytest.mark.parametrize(("name", "rule", "sites", "change"), SITES, ids=[f"{each[1]} {each[0]}" for each in SITES])
def test_a_rule_finds_its_places_in_a_real_model_and_passes_the_check(
    name: str, rule: str, sites: int, change: dict[str, int], models: Path
) -> None:
    path = present(models, name)
    before = operators(read(path))
    result = rewriter.apply(path, packs=["toco"], only=[rule], seeds=2)
    assert result.report.rewriting.rules_applied() == {f"toco.{rule}": sites}
    after = operators(result.model)
    assert {name: after[name] - before[name] for name in before | after if after[name] != before[name]} == change
    assert result.report.check is not None
    assert result.report.check.status == "passed"


def test_transpositions_of_a_model_from_pytorch_meet_and_cancel(models: Path) -> None:
    model = read(present(models, "tflm/retinaface_torch.tflite"))
    assert operators(model)["TRANSPOSE"] == 95
    driver.rewrite(model, selection.gather(packs=["toco"]))
    assert operators(model)["TRANSPOSE"] == 13
