"""MediaPipe's own models, rewritten by the pack, against what MediaPipe's own runtime computed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

import rewriter
from rewriter.cli import main
from rewriter.patterns.mediapipe import transpose_conv_bias
from tests.rules.models import KERNELS, operators, run
from tests.rules.transpose_conv import CUSTOM, RULE_FIGURE, difference

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TIMES = {"selfie_segmentation": 1, "hair_segmentation": 5}
"""How many Convolution2DTransposeBias each model has."""

APPLIED = {
    "selfie_segmentation": {"transpose_conv_bias_operand.forward": 1},
    "hair_segmentation": {"transpose_conv_bias_operand.forward": 5, "pooling_and_unpooling_2x2": 3},
    "face_landmark_with_attention": {
        "landmarks_to_transform_matrix": 3,
        "transform_tensor_bilinear": 3,
        "transform_landmarks_2d": 5,
    },
}
"""What the whole pack does to each model."""

# MediaPipe's runtime computes ordinary convolutions on several threads, and on one the runtime adds in another order.
THREADS = 2


def _model(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.tflite"
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand beside the checkout")
    return path.read_bytes()


def _recorded(folder: Path, name: str) -> tuple[Floats, Floats]:
    image, outputs = _all_recorded(folder, name)
    return image, outputs[0]


def _all_recorded(folder: Path, name: str) -> tuple[Floats, list[Floats]]:
    with np.load(folder / "models" / f"{name}.npz") as recorded:
        outputs = [key for key in recorded.files if key.startswith("output_")]
        return recorded["input_0"], [recorded[f"output_{number}"] for number in range(len(outputs))]


def _apply(model: bytes, rule: str) -> bytes:
    return rewriter.apply(model, packs=["mediapipe"], only=[rule], check="none").model.to_bytes()


RULES = {
    "transpose_conv_bias_operand.forward": ["TRANSPOSE_CONV"],
    "transpose_conv_bias.forward": ["TRANSPOSE_CONV", "ADD"],
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", TIMES)
def test_only_the_custom_operator_changes_and_its_result_keeps_its_tensor(
    name: str, rule: str, mediapipe_models: Path
) -> None:
    before = _model(mediapipe_models, name)
    after = _apply(before, rule)
    expected = [
        row_name for row in operators(before) for row_name in (RULES[rule] if row.name == CUSTOM else [row.name])
    ]
    assert sum(row.name == CUSTOM for row in operators(before)) == TIMES[name]
    assert [row.name for row in operators(after)] == expected
    results = [row.results for row in operators(before)]
    assert [row.results for row in operators(after) if row.results in results] == results
    assert _output_names(after) == _output_names(before)


def _output_names(model: bytes) -> list[str]:
    details = Interpreter(model_content=model).get_output_details()
    return [detail["name"] for detail in details]


@pytest.mark.parametrize("rule", RULES)
def test_selfie_segmentation_runs_everywhere_and_gives_what_mediapipe_gave(
    rule: str, mediapipe_models: Path, golden: Path
) -> None:
    before = _model(mediapipe_models, "selfie_segmentation")
    image, expected = _recorded(golden, "selfie_segmentation")
    assert expected.std() > 0.1
    after = _apply(before, rule)
    assert not any(row.name.startswith("CUSTOM") for row in operators(after))
    (computed,) = run(after, image, kernels="builtin", threads=THREADS)
    assert difference(expected, computed) <= RULE_FIGURE
    # The delegate computes the whole model in another order, the unchanged one too: it is compared with itself only.
    (original,) = run(before, image, kernels="default")
    assert difference(original, run(after, image, kernels="default")[0]) <= RULE_FIGURE


@pytest.mark.parametrize("rule", RULES)
def test_hair_segmentation_gives_what_mediapipe_gave(rule: str, mediapipe_models: Path, golden: Path) -> None:
    before = _model(mediapipe_models, "hair_segmentation")
    image, expected = _recorded(golden, "hair_segmentation")
    after = _apply(before, rule)
    assert operators(after)[-1].results == ("conv2d_transpose_4",)
    # Its pooling operators are custom still where only this rule is used; the default delegate knows them.
    (computed,) = run(after, image, kernels="default")
    assert difference(expected, computed) <= RULE_FIGURE
    (original,) = run(before, image, kernels="default")
    assert difference(original, computed) <= RULE_FIGURE


# The runtime says that keeping every tensor costs memory.
@pytest.mark.filterwarnings("ignore:.*experimental_preserve_all_tensors")
@pytest.mark.parametrize("kernels", ["reference", "builtin"])
def test_selfie_segmentation_differs_by_rounding_where_the_operator_stood(
    kernels: str, mediapipe_models: Path, golden: Path
) -> None:
    image, _ = _recorded(golden, "selfie_segmentation")
    after = _apply(_model(mediapipe_models, "selfie_segmentation"), "transpose_conv_bias_operand.forward")
    (convolution,) = (row for row in operators(after) if row.name == "TRANSPOSE_CONV")
    interpreter = Interpreter(
        model_content=after,
        experimental_op_resolver_type=KERNELS[kernels],
        experimental_preserve_all_tensors=True,
        num_threads=THREADS,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    index = {detail["name"]: detail["index"] for detail in interpreter.get_tensor_details()}
    filters, operand, bias = (
        interpreter.get_tensor(index[name]) for name in convolution.operands[1:] if name is not None
    )
    expected = transpose_conv_bias(operand, filters, bias, padding="SAME", stride_w=2, stride_h=2)
    assert expected.std() > 1
    assert difference(expected, interpreter.get_tensor(index[convolution.results[0]])) <= RULE_FIGURE


@pytest.mark.parametrize("name", APPLIED)
def test_the_whole_pack_passes_the_check_and_gives_what_mediapipe_gave(
    name: str, mediapipe_models: Path, golden: Path
) -> None:
    result = rewriter.apply(_model(mediapipe_models, name), packs=["mediapipe"], seeds=2)
    report, after = result.report.to_json(), result.model.to_bytes()
    assert report["rules_applied"] == {f"mediapipe.{rule}": count for rule, count in APPLIED[name].items()}
    assert report["check"]["status"] == "passed"
    assert all(output["equal"] and output["varied"] for output in report["check"]["outputs"])
    assert not any(row.name.startswith("CUSTOM") for row in operators(after))
    assert rewriter.apply(after, packs=["mediapipe"]).model.to_bytes() == after
    image, every = _all_recorded(golden, name)
    for expected, computed in zip(every, run(after, image, kernels="builtin", threads=THREADS), strict=True):
        # Coordinates of a face go up to 150, where the last bit is worth 1.5e-5.
        assert np.abs(computed - expected).max() <= 2e-5
    # The delegate computes the rest of the model in another way: of selfie_segmentation 7e-5 are the unchanged model's.
    for expected, computed in zip(every, run(after, image, kernels="default"), strict=True):
        assert difference(expected, computed) <= 1e-4


def test_hair_segmentation_gives_the_same_bits_under_the_delegate(mediapipe_models: Path, golden: Path) -> None:
    before = _model(mediapipe_models, "hair_segmentation")
    image, _ = _recorded(golden, "hair_segmentation")
    after = rewriter.apply(before, packs=["mediapipe"], check="none").model.to_bytes()
    (expected,), (computed,) = (run(model, image, kernels="default") for model in (before, after))
    assert computed.tobytes() == expected.tobytes()


def test_the_face_model_of_a_bundle_runs_where_it_did_not(mediapipe_models: Path, tmp_path: Path) -> None:
    bundle = mediapipe_models / "face_landmarker_with_blendshapes.task"
    if not bundle.exists():
        pytest.skip(f"{bundle.name} is not at hand beside the checkout")
    out = tmp_path / "out.task"
    assert main(["apply", str(bundle), "-p", "mediapipe", "-o", str(out), "-q"]) == 0
    before, after = (_entries(path) for path in (bundle, out))
    name = "face_landmarks_detector.tflite"
    assert {each for each in before if before[each] != after[each]} == {name}
    with pytest.raises(RuntimeError, match="Landmarks2TransformMatrix"):
        Interpreter(model_content=before[name]).allocate_tensors()
    outputs = run(after[name], np.full((1, 192, 192, 3), 0.5, np.float32), kernels="default")
    assert all(np.isfinite(each).all() for each in outputs)


def _entries(bundle: Path) -> dict[str, bytes]:
    with ZipFile(bundle) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


@pytest.mark.parametrize("name", TIMES)
def test_rule_that_drops_the_bias_is_refuted(name: str, mediapipe_models: Path, golden: Path) -> None:
    image, expected = _recorded(golden, name)
    before = _model(mediapipe_models, name)
    line = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> TRANSPOSE_CONV(x, w)"
    wrong = rewriter.compile_rules(line, filename="wrong.pat")
    after = rewriter.apply(before, rules=[wrong], check="none").model.to_bytes()
    assert difference(expected, run(after, image, kernels="default")[0]) > 1000 * RULE_FIGURE
    with pytest.raises(rewriter.CheckError):
        rewriter.apply(before, rules=[wrong])
