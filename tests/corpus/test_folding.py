"""Real models whose weights stand behind an operator: what folding makes of them passes the check."""

from __future__ import annotations

import pytest

import rewriter
from tests.corpus.conftest import MODELS

# By what hides the weights, and how often, the smallest model at hand.
HIDDEN = {
    "fold_densify": ("mediapipe/face_detection_full_range_sparse.tflite", "DENSIFY", 46),
    "fold_dequantize_const": ("mediapipe/selfie_segmentation.tflite", "DEQUANTIZE", 110),
}


@pytest.mark.parametrize("rule", HIDDEN)
def test_weights_are_stored_as_they_are_used(rule: str) -> None:
    name, operator, count = HIDDEN[rule]
    path = MODELS / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand in {MODELS}; REWRITER_SHARED says where the models are")
    result = rewriter.apply(path, packs=["toco"], only=[rule], seeds=1)
    assert result.report.rewriting.rules_applied() == {f"toco.{rule}": count}
    assert operator not in result.model.histogram()
    assert result.report.check is not None
    assert result.report.check.status == "passed"


def test_a_sparse_model_of_half_precision_becomes_a_plain_one() -> None:
    name, _, count = HIDDEN["fold_densify"]
    path = MODELS / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand in {MODELS}; REWRITER_SHARED says where the models are")
    result = rewriter.apply(path, packs=["toco"], only=["fold_densify", "fold_dequantize_const"], check="none")
    assert result.report.rewriting.rules_applied()["toco.fold_densify"] == count
    assert not {"DENSIFY", "DEQUANTIZE"} & result.model.histogram().keys()
