"""The stock targets say of operators and of real models what was measured or is documented of the delegates."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from rewriter import load
from rewriter.targets import installed_targets, predict
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model

TARGETS = installed_targets()
LEVELS = [
    *("nnapi_1_0", "nnapi_1_1", "nnapi_1_2", "nnapi_1_3"),
    *("nnapi_fl5", "nnapi_fl6", "nnapi_fl7"),
]


def left(model: Model, target: str) -> dict[int, str]:
    """What a delegate leaves, and why."""
    return {each.index: each.reason for each in predict(model, TARGETS[target]).blocked}


def resize(*, align_corners: bool) -> Model:
    network = Network()
    x = network.input("x", (1, 4, 4, 2))
    size = network.constant("size", [7, 7], "i32")
    flags = {"align_corners": align_corners}
    return network.build(network.add("RESIZE_BILINEAR", [x, size], "y", (1, 7, 7, 2), attributes=flags))


def addition(*shape: int, dtype: str = "f32") -> Model:
    network = Network()
    x = network.input("x", shape, dtype)
    return network.build(network.add("ADD", [x, x], "y"))


def dilated(dtype: str) -> Model:
    network = Network()
    x = network.input("x", (1, 8, 8, 1), dtype, scale=1.0)
    w = network.constant("w", [[[[1], [1]], [[1], [1]]]], dtype, scale=1.0)
    b = network.constant("b", [0], "i32", scale=1.0)
    y = network.tensor("y", (1, 6, 6, 1), dtype, scale=8.0)
    attributes = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "VALID"}
    return network.build(network.add("CONV_2D", [x, w, b], y, version=3, attributes=attributes))


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(LEVELS)))
def test_a_level_of_nnapi_takes_what_the_level_below_takes(lower: str, higher: str) -> None:
    for name, lines in TARGETS[lower].accepts.items():
        assert set(lines) <= set(TARGETS[higher].accepts[name])


@pytest.mark.parametrize(
    ("model", "takes", "leaves"),
    [
        (resize(align_corners=False), {"nnapi_1_0", "nnapi_1_2", "xnnpack", "gpu", "coreml"}, {"hexagon", "edgetpu"}),
        (resize(align_corners=True), {"nnapi_1_3", "xnnpack", "gpu"}, {"nnapi_1_0", "nnapi_1_2"}),
        (addition(2, 3), {"nnapi_1_0", "xnnpack", "gpu", "coreml"}, {"hexagon", "edgetpu"}),
        (addition(1, 1, 1, 2, 3), {"xnnpack"}, {"nnapi_fl7", "gpu", "hexagon"}),
        (addition(2, 3, dtype="i32"), {"nnapi_1_3"}, {"nnapi_1_2", "xnnpack", "coreml"}),
        (addition(2, 3, dtype="i64"), set[str](), {*LEVELS, "xnnpack", "gpu"}),
        (dilated("u8"), {"nnapi_1_2", "xnnpack", "edgetpu"}, {"nnapi_1_1", "hexagon", "coreml"}),
    ],
)
def test_delegates_differ_in_what_they_take(model: Model, takes: set[str], leaves: set[str]) -> None:
    assert {name for name in takes | leaves if not left(model, name)} == takes


def test_deeplab_as_it_was_converted_is_blocked_where_it_was_measured_to_be(shared: Path) -> None:
    model = load(shared / "models" / "coral" / "deeplabv3_mnv2_pascal_quant.tflite")
    operators = model.subgraphs[0].operators
    found = left(model, "nnapi_1_2")
    assert sorted((operators[at].name, reason) for at, reason in found.items()) == [
        ("ARG_MAX", "output_type == INT32 (output_type is INT64)"),
        ("AVERAGE_POOL_2D", "filter_height * filter_width <= 256 (33 * 33 is 1089)"),
        ("RESIZE_BILINEAR", "not align_corners (align_corners is true)"),
        ("RESIZE_BILINEAR", "not align_corners (align_corners is true)"),
        ("RESIZE_BILINEAR", "not align_corners (align_corners is true)"),
    ]
    assert sorted(operators[at].name for at in left(model, "nnapi_1_3")) == ["ARG_MAX", "AVERAGE_POOL_2D"]
    assert sorted(operators[at].name for at in left(model, "xnnpack")) == ["ARG_MAX", "AVERAGE_POOL_2D"]
    assert [operators[at].name for at in left(model, "gpu")] == ["ARG_MAX"]


def connected(dtype: str, weights: str, zero: int = 0) -> Model:
    network = Network()

    def steps(kind: str, scale: float, **more: int) -> dict[str, Any]:
        return {} if kind == "f32" else {"scale": scale, **more}

    x = network.input("x", (1, 2), dtype, **steps(dtype, 1.0))
    w = network.constant("w", [[1, 2], [3, 4]], weights, **steps(weights, 1.0, zero=zero))
    y = network.tensor("y", (1, 2), dtype, **steps(dtype, 8.0))
    return network.build(network.add("FULLY_CONNECTED", [x, w, None], y, version=6))


def joined(count: int, activation: str = "NONE") -> Model:
    network = Network()
    operands = [network.input(f"x{at}", (1, 2)) for at in range(count)]
    attributes = {"axis": 1, "fused_activation_function": activation}
    return network.build(network.add("CONCATENATION", operands, "y", (1, 2 * count), attributes=attributes))


def place_of_largest(dtype: str) -> Model:
    network = Network()
    operands = [network.input("x", (1, 4)), network.constant("a", [1], "i32")]
    attributes = {"output_type": {"i32": "INT32", "i64": "INT64"}[dtype]}
    return network.build(network.add("ARG_MAX", operands, "y", (1,), dtype, attributes=attributes))


def alone(code: str, dtype: str = "f32", *shape: int) -> Model:
    network = Network()
    return network.build(network.add(code, [network.input("x", shape or (1, 4), dtype)]))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (connected("f32", "f32"), None),
        (connected("i8", "i8"), None),
        # A size that is left open is what the file records.
        (alone("RELU", "f32", -1, 4), None),
        (connected("f32", "i8"), "filter: f32 (filter is const i8[2, 2])"),
        (connected("u8", "u8"), "input: i16 (input is u8[1, 2])"),
        (connected("i8", "i8", 3), "subset(filter.zero_point, [0]) (filter.zero_point is 3)"),
        (joined(10), None),
        (joined(11), "len(values) <= 10 (len(values) is 11)"),
        (joined(2, "RELU"), "fused_activation_function=NONE (fused_activation_function is RELU)"),
        (place_of_largest("i32"), None),
        (place_of_largest("i64"), "output: i32 (output is i64[1])"),
        (alone("RELU_0_TO_1"), "tflm takes no RELU_0_TO_1"),
        (alone("RELU_N1_TO_1"), "tflm takes no RELU_N1_TO_1"),
        (alone("RELU6", "i8"), None),
        (alone("EXP", "i8"), "input: f32 (input is i8[1, 4])"),
        (alone("NEG", "i32"), "input: f32 (input is i32[1, 4])"),
    ],
)
def test_micro_takes_what_its_kernels_switch_on(model: Model, reason: str | None) -> None:
    assert list(left(model, "tflm").values()) == ([] if reason is None else [reason])
