"""Rules of the pack `toco` on real models: where each fires, and that what it makes passes the check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

import rewriter
from tests.rules.test_nnapi_deeplab import DILATED, UNFOLD, model_of

if TYPE_CHECKING:
    from pathlib import Path

# A rule, a model that is checked within seconds, and what of the histogram changes.
PLACES = [
    ("identify_gelu_tanh", "litert/ff.tflite", {"GELU": 1, "TANH": -1, "MUL": -6, "ADD": -2}),
    (
        "identify_l2_normalization_added",
        "litert/l2_norm_composite.tflite",
        {"L2_NORMALIZATION": 1, "MUL": -2, "SUM": -1, "ADD": -1, "RSQRT": -1},
    ),
    ("mul_self_to_square", "litert/topo_sort_interleaved.tflite", {"SQUARE": 2, "MUL": -2}),
    ("resolve_customop_builtin_add", "litert/multi_add_flex.bin", {"ADD": 3, "CUSTOM[FlexAddV2]": -3}),
    ("global_pool_to_mean", "mlperf_tiny/trainedRes.tflite", {"MEAN": 1, "AVERAGE_POOL_2D": -1}),
    ("global_pool_to_mean_quantized", "mlperf_tiny/kws_ref_model.tflite", {"MEAN": 1, "AVERAGE_POOL_2D": -1}),
    ("fc_from_conv1x1_quantized", "mlperf_tiny/vww_96_int8-83445ce.tflite", {"FULLY_CONNECTED": 1, "CONV_2D": -1}),
    ("fc_to_conv_flat", "tflm/magic_wand.tflite", {"FULLY_CONNECTED": -2, "CONV_2D": 2, "RESHAPE": 4}),
    ("fc_to_conv_flat_quantized", "tflm/micro_speech.tflite", {"FULLY_CONNECTED": -1, "CONV_2D": 1, "RESHAPE": 2}),
    ("conv_to_depthwise_quantized", "mlperf_tiny/kws_ref_model.tflite", {"DEPTHWISE_CONV_2D": 1, "CONV_2D": -1}),
    ("depthwise_to_conv", "tflm/magic_wand.tflite", {"DEPTHWISE_CONV_2D": -1, "CONV_2D": 1}),
    ("depthwise_to_conv_quantized", "tflm/micro_speech.tflite", {"DEPTHWISE_CONV_2D": -1, "CONV_2D": 1}),
    ("unfuse_activation", "tflm/hello_world_int8.tflite", {"RELU": 2}),
    ("unfuse_activation_relu6", "litert/single_conv_weights_min_0_max_plus_10.bin", {"RELU6": 1}),
    (
        "decompose_leaky_relu_quantized_i16",
        "tflm/leaky_relu22__6df606e.tflite",
        {"LEAKY_RELU": -1, "MUL": 1, "QUANTIZE": 1, "MAXIMUM": 1},
    ),
    ("avgpool_to_dwconv", "mlperf_tiny/trainedRes.tflite", {"AVERAGE_POOL_2D": -1, "DEPTHWISE_CONV_2D": 1}),
    (
        "avgpool_to_dwconv_quantized",
        "mlperf_tiny/kws_ref_model.tflite",
        {"AVERAGE_POOL_2D": -1, "DEPTHWISE_CONV_2D": 1},
    ),
    ("fixup_pool_strides", "mlperf_tiny/kws_ref_model.tflite", {}),
    ("mirror_pad_decompose_axes", "litert/simple_mirror_pad_symmetric_op.tflite", {"GATHER": 1}),
    ("hoist_transpose_above_pad", "tflm/retinaface_torch.tflite", {}),
    ("broadcast_to_to_tile", "litert/odml_sdpa_composite_gqa.tflite.bin", {"BROADCAST_TO": -2, "TILE": 2}),
    ("pad_channels_to_multiple", "litert/single_conv_weights_min_0_max_plus_10.bin", {"PAD": 1}),
    ("pad_channels_to_multiple_quantized", "mlperf_tiny/kws_ref_model.tflite", {"PAD": 1}),
]


@pytest.mark.parametrize(("rule", "name", "changes"), PLACES, ids=lambda each: each if isinstance(each, str) else None)
def test_a_rule_changes_a_real_model_as_it_says_and_the_check_passes(
    models: Path, rule: str, name: str, changes: dict[str, int]
) -> None:
    before = Counter(rewriter.load(model_of(models, name)).histogram())
    result = rewriter.apply(model_of(models, name), packs=["toco"], only=[rule], check="rules", allow=["lossy"])
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    assert set(result.report.rewriting.rules_applied()) == {f"toco.{rule}"}
    after = Counter(result.model.histogram())
    after.subtract(before)
    assert {operator: count for operator, count in after.items() if count} == changes


def test_dilated_convolutions_in_blocks_are_dilated_ones_again(models: Path, tmp_path: Path) -> None:
    model = rewriter.load(model_of(models, DILATED))
    unfold = tmp_path / "unfold.pat"
    unfold.write_text(UNFOLD, encoding="utf-8")
    blocks = rewriter.apply(model_of(models, DILATED), rules=[unfold], check="none").model
    assert blocks.histogram()["SPACE_TO_BATCH_ND"] > 0
    again = rewriter.apply(
        blocks.to_bytes(), packs=["toco"], only=["identify_dilated_conv_same", "identify_dilated_conv_padded"], seeds=1
    )
    assert again.report.check is not None
    assert again.report.check.status == "passed"
    assert "SPACE_TO_BATCH_ND" not in again.model.histogram()
    assert "BATCH_TO_SPACE_ND" not in again.model.histogram()
    assert again.model.histogram()["DEPTHWISE_CONV_2D"] == model.histogram()["DEPTHWISE_CONV_2D"]
