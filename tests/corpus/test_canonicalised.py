"""Real models that write something the long way round: what the rules of group A make of them passes the check."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

import rewriter
from rewriter import driver, selection
from rewriter.model import read
from tests.corpus.conftest import MODELS

if TYPE_CHECKING:
    from pathlib import Path

# For a rule a small model in which it fires, how often, and the operators that there are fewer or more of afterwards.
FIRES = {
    "strided_slice_to_slice": ("tflm/strided_slice1.tflite", 1, {"STRIDED_SLICE": -1, "SLICE": 1}),
    "gather_contiguous_to_slice": ("litert/resource_vars_calibrated.bin", 1, {"GATHER": -1, "SLICE": 1}),
    "div_const_to_mul_recip": ("litert/rope.tflite", 1, {"DIV": -1, "MUL": 1}),
    "squeeze_reshapes_around_broadcast": ("litert/odml_sdpa_composite_gqa.tflite.bin", 2, {}),
    "reorder_elementwise_unary_over_move_reshape": ("litert/group_norm_2_groups_op.tflite", 1, {}),
    "remove_noop_reduce_reshape": ("litert/recommendation_cnn_i10o100.tflite", 1, {"REDUCE_MAX": -1, "RESHAPE": 1}),
    "remove_transpose_net": ("litert/torchaudio_conformer.tflite", 1, {"TRANSPOSE": -2}),
}


@cache
def found(name: str) -> Path:
    path = MODELS / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand in {MODELS}; REWRITER_SHARED says where the models are")
    return path


@pytest.mark.parametrize("rule", FIRES)
def test_a_rule_fires_and_the_model_computes_what_it_did(rule: str) -> None:
    name, count, change = FIRES[rule]
    path = found(name)
    result = rewriter.apply(path, packs=["toco"], only=[rule], seeds=1)
    assert result.report.rewriting.rules_applied() == {f"toco.{rule}": count}
    before, after = read(path).histogram(), result.model.histogram()
    changes = {kind: after.get(kind, 0) - before.get(kind, 0) for kind in (*before, *after)}
    assert {kind: number for kind, number in changes.items() if number} == change
    assert result.report.check is not None
    assert result.report.check.status == "passed"


def test_activations_that_stand_before_transpositions_let_these_cancel() -> None:
    model = read(found("tflm/retinaface_torch.tflite"))
    before = model.histogram()
    driver.rewrite(model, selection.gather(packs=["toco"]))
    after = model.histogram()
    assert after["LEAKY_RELU"] == before["LEAKY_RELU"]
    assert before["TRANSPOSE"] - after["TRANSPOSE"] >= 28
