"""Real models under the pack `quant`: in fewer bits and back, in other bytes, and with another interface."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

import rewriter
from rewriter.run import verify

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model

FLOATS = "mlperf_tiny/trainedRes.tflite"
BYTES = "coral/mobilenet_v1_0.25_128_quant.tflite"
SIGNED = "coral/keras_lstm_mnist_ptq.tflite"
WEIGHED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def applied(model: Path | bytes, *rules: str, **options: object) -> rewriter.Result:
    """The model under some rules of the pack; the check of all places and of the whole has to pass."""
    result = rewriter.apply(model, ["quant"], only=rules, seeds=2, **options)  # type: ignore[arg-type]
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    return result


def filters(model: Model) -> Counter[str]:
    """How many operators have weights of each element type, as they are stored."""
    stored: list[str] = []
    for operator in model.operators():
        if operator.name in WEIGHED:
            weights = operator.inputs[1]
            assert weights is not None
            maker = weights.producer
            source = maker.inputs[0] if maker is not None and maker.name == "DEQUANTIZE" else weights
            assert source is not None
            stored.append(source.dtype)
    return Counter(stored)


def activations(model: Model) -> Counter[object]:
    """What convolutions cut off."""
    weighed = [each for each in model.operators() if each.name in WEIGHED]
    return Counter(each.attribute("fused_activation_function") for each in weighed)


def test_half_precision_halves_a_model_and_comes_back(models: Path) -> None:
    path = models / FLOATS
    half = applied(path, "float16*", allow=["lossy"]).model.to_bytes()
    assert len(half) < 0.55 * path.stat().st_size
    model = rewriter.load(half)
    assert filters(model)["f16"] == 7
    back = applied(half, "float32").model
    assert filters(back) == filters(rewriter.load(path))
    assert verify(half, back, seeds=2).equal


def test_bytes_for_weights_take_a_third_of_a_model(models: Path) -> None:
    path = models / FLOATS
    for rules, version in (("dynamic_range*", 5), ("weight_only*", None)):
        small = applied(path, rules, allow=["lossy"]).model
        assert len(small.to_bytes()) < 0.4 * path.stat().st_size
        assert filters(small)["i8"] == 7
        weighed = [each for each in small.operators() if each.name == "CONV_2D"]
        if version is not None:
            assert {each.code.version for each in weighed if each.inputs[1] and each.inputs[1].dtype == "i8"} == {
                version
            }


def test_hybrid_weights_become_real_values_again(models: Path) -> None:
    small = applied(models / FLOATS, "dynamic_range*", allow=["lossy"]).model
    before = filters(small)
    floats = applied(small.to_bytes(), "hybrid_weight_dequant*", "weight_only_float32", allow=["lossy"]).model
    assert filters(floats)["f32"] > filters(small)["f32"]
    assert filters(floats).total() == before.total()


def test_a_model_of_bytes_is_given_real_values_and_gives_them(models: Path) -> None:
    path = models / BYTES
    model = applied(path, "float_input", "float_output", allow=["interface"]).model
    (subgraph,) = model.subgraphs
    assert [each.dtype for each in (*subgraph.inputs, *subgraph.outputs)] == ["f32", "f32"]
    again = applied(model.to_bytes(), "remove_input_quantize", "remove_final_dequantize", allow=["interface"]).model
    assert [each.dtype for each in (*again.subgraphs[0].inputs, *again.subgraphs[0].outputs)] == ["u8", "u8"]
    assert verify(path, again, seeds=2).equal


def test_a_signature_follows_inputs_and_outputs_that_change(models: Path) -> None:
    model = applied(models / SIGNED, "remove_input_requantize", "remove_final_requantize", allow=["interface"]).model
    (signature,) = model.signatures
    (subgraph,) = model.subgraphs
    given = [tensor for _, tensor in (*signature.inputs, *signature.outputs)]
    assert given == [*subgraph.inputs, *subgraph.outputs]
    assert [each.dtype for each in given] == ["i8", "i8"]
    assert "QUANTIZE" not in [each.name for each in model.operators()]


def test_a_model_of_uint8_becomes_one_of_int8(models: Path) -> None:
    path = models / BYTES
    result = applied(path, "uint8_*", allow=["lossy"])
    weights = filters(result.model)
    assert filters(rewriter.load(path)) == {"u8": 28}
    assert weights["i8"] >= 25
    # One conversion at the input, one at the output, and two around each operator that stayed.
    conversions = [each for each in result.model.operators() if each.name == "QUANTIZE"]
    assert len(conversions) == 2 + 2 * weights["u8"]
    check = result.report.check
    assert check is not None
    assert all(output.varied for output in check.outputs)


def test_activations_that_cut_nothing_off_go(models: Path) -> None:
    path = models / BYTES
    before = activations(rewriter.load(path))
    result = applied(path, "remove_trivial_quantized_activation*")
    after = activations(result.model)
    assert before["RELU6"] > 20
    assert after["RELU6"] == 0
    assert all(output.comparison.max_abs == 0 for output in result.report.check.outputs)  # type: ignore[union-attr]


def test_weights_in_half_precision_are_the_nearest(models: Path) -> None:
    path = models / FLOATS
    half = applied(path, "float16", allow=["lossy"]).model
    stored = {each.name: each for each in half.subgraphs[0].tensors if each.dtype == "f16"}
    assert len(stored) == 7
    floats = [
        each for each in rewriter.load(path).subgraphs[0].tensors if each.data is not None and each.dtype == "f32"
    ]
    wanted = {np.frombuffer(each.data, np.float32).astype(np.float16).tobytes() for each in floats if each.data}
    assert {bytes(each.data) for each in stored.values() if each.data} <= wanted
