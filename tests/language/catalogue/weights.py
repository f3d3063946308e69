"""Where the rules of `weights.pat` in the pack `quant` fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from tests.unit.networks import Network

WEIGHTS = Group("weights")
sample = WEIGHTS.sample

CONV: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
DEPTHWISE: dict[str, Any] = CONV | {"depth_multiplier": 1}
SMALL: dict[str, dict[str, Any]] = {"they are few": {"features": 8}}
CUT: dict[str, dict[str, Any]] = {"the result is cut off at 6": {"act": "RELU6"}}


def stored(net: Network, shape: tuple[int, ...], low: int = -127, **more: Any) -> Tensor:
    """Weights in bytes, which are the same each time."""
    values = np.random.default_rng(3).integers(low, 128, shape)
    values.flat[0] = low
    return net.constant("w", values, "i8", scale=more.pop("scale", 0.02), **more)


def connected(net: Network, w: Tensor, act: str = "NONE", version: int = 1, **more: Any) -> Tensor:
    """A matrix product."""
    units, features = w.shape
    operands = [net.input(shape=(4, features)), w, floats(net, "b", (units,))]
    attributes = {"fused_activation_function": act, "asymmetric_quantize_inputs": True}
    return net.add("FULLY_CONNECTED", operands, shape=(4, units), attributes=attributes, version=version, **more)


def convolved(net: Network, w: Tensor, act: str = "NONE", version: int = 1) -> Tensor:
    """A convolution."""
    units, height, width, channels = w.shape
    operands = [net.input(shape=(1, 6, 6, channels)), w, floats(net, "b", (units,))]
    shape = (1, 7 - height, 7 - width, units)
    return net.add(
        "CONV_2D", operands, shape=shape, attributes=CONV | {"fused_activation_function": act}, version=version
    )


def apart(net: Network, w: Tensor, act: str = "NONE", version: int = 1) -> Tensor:
    """A convolution of each channel on its own."""
    _, height, width, channels = w.shape
    operands = [net.input(shape=(1, 9, 9, channels)), w, floats(net, "b", (channels,))]
    shape = (1, 10 - height, 10 - width, channels)
    attributes = DEPTHWISE | {"fused_activation_function": act}
    return net.add("DEPTHWISE_CONV_2D", operands, shape=shape, attributes=attributes, version=version)


@sample(
    "float16_apart",
    ["y/1 = FULLY_CONNECTED(x, w, b)", "y = RELU6(y/1)"],
    SMALL | {"nothing is cut off": {"act": "RELU"}},
)
def _(net: Network, features: int = 64, act: str = "RELU6") -> Any:
    return connected(net, floats(net, "w", (8, features)), act)


@sample("float16", ["y/2 = DEQUANTIZE(y/1)", "y = FULLY_CONNECTED(x, y/2, b)"], SMALL | CUT)
def _(net: Network, features: int = 128, act: str = "NONE") -> Any:
    return connected(net, floats(net, "w", (8, features)), act)


@sample(
    "float16_depthwise",
    ["y/2 = DEQUANTIZE(y/1)", "y = DEPTHWISE_CONV_2D(x, y/2, b)"],
    CUT | {"they are few": {"size": 2}},
)
def _(net: Network, size: int = 4, act: str = "NONE") -> Any:
    return apart(net, floats(net, "w", (1, size, size, 8)), act)


@sample(
    "float16_transpose_conv",
    ["y/2 = DEQUANTIZE(y/1)", "y = TRANSPOSE_CONV(s, y/2, x)"],
    {"they are few": {"channels": 8}},
)
def _(net: Network, channels: int = 32) -> Any:
    operands = [
        ints(net, "s", [1, 4, 4, 8]),
        floats(net, "w", (8, 2, 2, channels)),
        net.input(shape=(1, 2, 2, channels)),
    ]
    return net.add(
        "TRANSPOSE_CONV", operands, dtype="f32", shape=(1, 4, 4, 8), attributes=CONV | {"stride_h": 2, "stride_w": 2}
    )


@sample("float16_table", ["y/2 = DEQUANTIZE(y/1)", "y = GATHER(y/2, i)"], {"it is small": {"rows": 9}})
def _(net: Network, rows: int = 32) -> Any:
    return net.add("GATHER", [floats(net, "w", (rows, 32)), net.input("i", (3,), "i32")], shape=(3, 32))


@sample(
    "float16_together",
    ["d = DEQUANTIZE(c)", "y = FULLY_CONNECTED(x, d, b)"],
    {"they are steps": {"half": False}},
    {"y": {"fused_activation_function": "RELU6"}},
)
def _(net: Network, half: bool = True) -> Any:
    c = floats(net, "c", (8, 16), "f16") if half else net.constant("c", np.ones((8, 16)), "i8", scale=0.1)
    d = net.add("DEQUANTIZE", [c], "d", dtype="f32", version=3)
    operands = [net.input(shape=(4, 16)), d, floats(net, "b", (8,))]
    return net.add("RELU6", [net.add("FULLY_CONNECTED", operands, "f", (4, 8))], "y")


@sample("float32", ["z = MUL(x, y/1)"], {"it is no constant": {"const": False}})
def _(net: Network, const: bool = True) -> Any:
    c = floats(net, "c", (2, 3), "f16") if const else net.input("c", dtype="f16")
    return net.add("MUL", [net.input(), net.add("DEQUANTIZE", [c], "y", dtype="f32", version=3)], "z")


@sample(
    "dynamic_range_apart",
    ["y/1 = FULLY_CONNECTED(x, w, b)", "y = RELU6(y/1)"],
    SMALL | {"nothing is cut off": {"act": "RELU"}},
)
def _(net: Network, features: int = 64, act: str = "RELU6") -> Any:
    return connected(net, floats(net, "w", (16, features)), act)


@sample("dynamic_range", ["y = CONV_2D(x, y/1, b)"], CUT | {"they are few": {"features": 4}})
def _(net: Network, features: int = 16, act: str = "NONE") -> Any:
    return convolved(net, floats(net, "w", (16, 2, 2, features)), act)


@sample("dynamic_range_depthwise", ["y = DEPTHWISE_CONV_2D(x, y/1, b)"], CUT | {"they are few": {"size": 4}})
def _(net: Network, size: int = 8, act: str = "NONE") -> Any:
    return apart(net, floats(net, "w", (1, size, size, 16)), act)


@sample(
    "dynamic_range_fully_connected",
    ["y = FULLY_CONNECTED(x, y/1, b)"],
    SMALL | CUT,
    {"y": {"asymmetric_quantize_inputs": True}},
)
def _(net: Network, features: int = 64, act: str = "NONE") -> Any:
    return connected(net, floats(net, "w", (16, features)), act)


@sample(
    "dynamic_range_together",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"they are real values": {"stepped": False}},
    {"y": {"fused_activation_function": "RELU6"}},
)
def _(net: Network, stepped: bool = True) -> Any:
    w = stored(net, (16, 64)) if stepped else floats(net, "w", (16, 64))
    operands = [net.input(shape=(4, 64)), w, floats(net, "b", (16,))]
    return net.add("RELU6", [net.add("FULLY_CONNECTED", operands, "f", (4, 16), version=3)], "y")


@sample(
    "rows_fully_connected", ["y = FULLY_CONNECTED(x, y/1, b)"], SMALL | CUT, {"y": {"asymmetric_quantize_inputs": True}}
)
def _(net: Network, features: int = 64, act: str = "NONE") -> Any:
    return connected(net, floats(net, "w", (16, features)), act)


@sample(
    "weight_only_apart",
    ["y/1 = FULLY_CONNECTED(x, w, b)", "y = RELU6(y/1)"],
    SMALL | {"nothing is cut off": {"act": "RELU"}},
)
def _(net: Network, features: int = 64, act: str = "RELU6") -> Any:
    return connected(net, floats(net, "w", (8, features)), act)


@sample("weight_only", ["y/2 = DEQUANTIZE(y/1)", "y = FULLY_CONNECTED(x, y/2, b)"], SMALL | CUT)
def _(net: Network, features: int = 64, act: str = "NONE") -> Any:
    return connected(net, floats(net, "w", (16, features)), act)


@sample(
    "weight_only_depthwise",
    ["y/2 = DEQUANTIZE(y/1)", "y = DEPTHWISE_CONV_2D(x, y/2, b)"],
    CUT | {"they are few": {"size": 2}},
)
def _(net: Network, size: int = 4, act: str = "NONE") -> Any:
    return apart(net, floats(net, "w", (1, size, size, 16)), act)


@sample(
    "weight_only_together",
    ["d = DEQUANTIZE(w)", "y = FULLY_CONNECTED(x, d, b)"],
    {"something else reads the sums": {"read": True}},
    {"y": {"fused_activation_function": "RELU6"}},
)
def _(net: Network, read: bool = False) -> Any:
    d = net.add("DEQUANTIZE", [stored(net, (16, 64))], "d", dtype="f32", version=2)
    f = net.add("FULLY_CONNECTED", [net.input(shape=(4, 64)), d, floats(net, "b", (16,))], "f", (4, 16))
    y = net.add("RELU6", [f], "y")
    return (y, f) if read else y


@sample("weight_only_float32", ["z = MUL(x, y/1)"], {"it is no constant": {"const": False}})
def _(net: Network, const: bool = True) -> Any:
    c = net.constant("c", [[1, 2, 3], [-4, 5, 0]], "i8", scale=0.1) if const else net.input("c", dtype="i8", scale=0.1)
    return net.add("MUL", [net.input(), net.add("DEQUANTIZE", [c], "y", dtype="f32", version=2)], "z")


LOW: dict[str, dict[str, Any]] = {"one is -128": {"low": -128}}


@sample("hybrid_weight_dequant", ["y/1 = DEQUANTIZE(w)", "y = FULLY_CONNECTED(x, y/1, b)"], SMALL | CUT | LOW)
def _(net: Network, features: int = 64, act: str = "NONE", low: int = -127) -> Any:
    return connected(net, stored(net, (16, features), low), act, 9)


@sample("hybrid_weight_dequant_depthwise", ["y/1 = DEQUANTIZE(w)", "y = DEPTHWISE_CONV_2D(x, y/1, b)"], CUT | LOW)
def _(net: Network, act: str = "NONE", low: int = -127) -> Any:
    return apart(net, stored(net, (1, 3, 3, 16), low, scale=[0.02] * 16, dimension=3), act, 6)


@sample("fold_dq_into_consumer", ["y = FULLY_CONNECTED(x, w, b)"], SMALL | CUT | LOW)
def _(net: Network, features: int = 64, act: str = "NONE", low: int = -127) -> Any:
    d = net.add("DEQUANTIZE", [stored(net, (16, features), low)], "d", dtype="f32", version=2)
    return connected(net, d, act)
