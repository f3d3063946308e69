"""The pack `tflm` on real models: what its rules leave of them computes the same, and what goes on comes off again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from flatbuffers import flexbuffers

import rewriter
from rewriter.model import read
from rewriter.report.difference import compare_models
from rewriter.targets import installed_targets, predict

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model, Operator

KEYWORDS = "mlperf_tiny/kws_ref_model.tflite"
DIGITS = "tflm/model.tflite"
SINE = "tflm/hello_world_int8.tflite"
WAND = "tflm/magic_wand.tflite"
IMAGES = "mlperf_tiny/pretrainedResnet_quant.tflite"

ANNOTATIONS = [f"execution_annotation_{kind}" for kind in ("conv", "depthwise", "connected", "elementwise", "pool")]


def present(models: Path, name: str) -> Path:
    if not (models / name).exists():
        pytest.skip(f"{name} is not at hand")
    return models / name


def notes(model: Model) -> list[tuple[str, Any]]:
    """What operators say in flexbuffers among their custom options, each behind the operator's name."""
    return [(each.name, flexbuffers.Loads(each.custom_options)) for each in model.operators() if each.custom_options]


def kinds(model: Model) -> Counter[str]:
    return Counter(each.name for each in model.operators())


@pytest.mark.parametrize(
    ("name", "rule", "places", "more"),
    [
        (KEYWORDS, "remove_reshape_before_fc_flatten", 1, {"RESHAPE": -1}),
        (KEYWORDS, "unfuse_activation_relu", 9, {"RELU": 9}),
        (KEYWORDS, "same_to_pad_valid", 5, {"PAD": 5}),
        (KEYWORDS, "conv_to_depthwise_steps", 1, {"CONV_2D": -1, "DEPTHWISE_CONV_2D": 1}),
        (KEYWORDS, "fixup_pool_strides", 1, {}),
        (IMAGES, "pad_channels_to_multiple", 1, {"PAD": 1}),
        (IMAGES, "split_conv_channels", 11, {"CONV_2D": 11, "CONCATENATION": 11}),
        (DIGITS, "fc_to_conv_rows", 1, {"FULLY_CONNECTED": -1, "CONV_2D": 1, "RESHAPE": 2}),
        (WAND, "split_connected_units", 1, {"FULLY_CONNECTED": 1, "CONCATENATION": 1}),
        (KEYWORDS, "execution_annotation_bytes", 11, {}),
    ],
)
def test_a_rule_changes_a_real_model_and_not_what_it_computes(
    name: str, rule: str, places: int, more: dict[str, int], models: Path
) -> None:
    path = present(models, name)
    before = kinds(read(path))
    result = rewriter.apply(path, ["tflm"], only=[rule], seeds=2)
    assert result.report.rewriting.rules_applied() == {f"tflm.{rule}": places}
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    after = kinds(result.model)
    assert {kind: after[kind] - before[kind] for kind in after | before if after[kind] != before[kind]} == more


def test_what_is_split_fits_and_keeps_the_scale_of_each_channel(models: Path) -> None:
    path = present(models, IMAGES)
    result = rewriter.apply(path, ["tflm"], only=["split_conv_channels"], seeds=1)
    filters = [each.inputs[1] for each in result.model.operators() if each.name == "CONV_2D"]
    assert max(len(each.data or b"") for each in filters if each is not None) <= 8192
    for each in filters:
        assert each is not None
        assert each.quantization is not None
        assert len(each.quantization.scale) == each.shape[0]


def test_annotations_say_what_the_shapes_ask_for_and_survive_the_file(models: Path, tmp_path: Path) -> None:
    path = present(models, KEYWORDS)
    result = rewriter.apply(path, ["tflm"], only=ANNOTATIONS, seeds=2)
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    out = tmp_path / "noted.tflite"
    out.write_bytes(result.model.to_bytes())
    again = read(out)
    found = notes(again)
    assert len(found) == 11
    assert found[0] == (
        "CONV_2D",
        {"cores": 4, "channels_per_core": 16, "rows_per_tile": 25, "weight_bytes": 2560},
    )
    assert found[-1] == (
        "FULLY_CONNECTED",
        {"cores": 4, "units_per_core": 3, "units_per_tile": 12, "weight_bytes": 768},
    )
    assert {each.name for each in again.operators() if not each.custom_options} == {"RESHAPE", "SOFTMAX"}


@pytest.mark.parametrize("name", [SINE, KEYWORDS, DIGITS])
@pytest.mark.parametrize(
    ("on", "off"),
    [
        (ANNOTATIONS, "execution_annotation_off"),
        (["execution_annotation_bytes"], "execution_annotation_bytes_off"),
    ],
    ids=["flexbuffer", "bytes"],
)
def test_what_is_annotated_and_taken_off_again_is_the_first_file(
    name: str, on: list[str], off: str, models: Path
) -> None:
    path = present(models, name)

    def there_and_back(data: bytes) -> bytes:
        noted = rewriter.apply_bytes(data, ["tflm"], only=on, seeds=1)
        assert notes(read(noted)) if off == "execution_annotation_off" else noted != data
        return rewriter.apply_bytes(noted, ["tflm"], only=[off], seeds=1)

    # A converter lays a file out in its own way; what this program has written once stays byte for byte.
    once = there_and_back(path.read_bytes())
    assert compare_models(read(path), read(once)).equal
    twice = there_and_back(once)
    same = twice == once  # pytest would show all of both
    assert same


@pytest.mark.parametrize("folder", ["tflm", "mlperf_tiny"])
def test_micro_takes_the_models_that_are_made_for_it(folder: str, models: Path) -> None:
    target = installed_targets()["tflm"]
    blocked: dict[str, list[str]] = {}
    for path in sorted((models / folder).glob("*.tflite")):
        found = predict(read(path), target).blocked
        if found:
            blocked[path.name] = [each.reason for each in found]
    # Vela's result is for a machine with an Ethos-U.
    expected = {"person_detect_vela.tflite": ["tflm takes no CUSTOM[ethos-u]"]} if folder == "tflm" else {}
    assert blocked == expected


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("mediapipe/face_detection_short_range.tflite", {"DEQUANTIZE": 74}, {}),
        ("litert/simple_reduceany_op.tflite", {"REDUCE_ANY": 1}, {}),
        ("litert/simple_relu1_op.tflite", {"RELU_N1_TO_1": 1}, {}),
    ],
)
def test_the_pack_lifts_what_micro_has_no_kernel_for(
    name: str, before: dict[str, int], after: dict[str, int], models: Path
) -> None:
    target = installed_targets()["tflm"]

    def refused(model: Model) -> Counter[str]:
        operators: list[list[Operator]] = [list(each.operators) for each in model.subgraphs]
        return Counter(operators[each.subgraph][each.index].name for each in predict(model, target).blocked)

    path = present(models, name)
    assert refused(read(path)) == before
    assert refused(rewriter.apply(path, ["tflm"], check="none").model) == after
