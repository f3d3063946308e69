"""Where the rules of `uint8.pat` in the pack `quant` fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, ints
from tests.language.catalogue.steps import POOL, dequantized, stepped_input, steps
from tests.language.catalogue.weights import CONV, DEPTHWISE

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from tests.unit.networks import Network

UINT8 = Group("uint8")
sample = UINT8.sample

ALREADY: dict[str, dict[str, Any]] = {"the bytes count from -128 already": {"dtype": "i8"}}
ZERO = {"u8": 128, "i8": 0}


def of_bytes(net: Network, name: str = "x", shape: Any = (2, 3), dtype: str = "u8", scale: float = 0.1) -> Tensor:
    return stepped_input(net, name, scale, shape, dtype, ZERO[dtype])


def to_bytes(
    net: Network, shape: Any = (2, 3), dtype: str = "u8", scale: float = 0.1, zero: int | None = None
) -> Tensor:
    return steps(net, "y", scale, ZERO[dtype] if zero is None else zero, shape, dtype)


def around(line: str) -> list[str]:
    """An operator of one operand between two conversions."""
    return ["y/1 = QUANTIZE(x)", f"y/2 = {line}", "y = QUANTIZE(y/2)"]


@sample("uint8_moved", around("TRANSPOSE(y/1, p)"), ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    return net.add(
        "TRANSPOSE", [of_bytes(net, dtype=dtype), ints(net, "p", [1, 0])], to_bytes(net, (3, 2), dtype), version=2
    )


@sample(
    "uint8_joined",
    ["y/1 = QUANTIZE(u)", "y/2 = QUANTIZE(v)", "y/3 = CONCATENATION(y/1, y/2)", "y = QUANTIZE(y/3)"],
    ALREADY,
)
def _(net: Network, dtype: str = "u8") -> Any:
    operands = [of_bytes(net, "u", dtype=dtype), of_bytes(net, "v", dtype=dtype)]
    return net.add("CONCATENATION", operands, to_bytes(net, (2, 6), dtype), attributes={"axis": 1}, version=2)


@sample(
    "uint8_computed",
    ["y/1 = QUANTIZE(u)", "y/2 = QUANTIZE(v)", "y/3 = ADD(y/1, y/2)", "y = QUANTIZE(y/3)"],
    ALREADY,
)
def _(net: Network, dtype: str = "u8") -> Any:
    operands = [of_bytes(net, "u", dtype=dtype), of_bytes(net, "v", dtype=dtype)]
    return net.add("ADD", operands, to_bytes(net, dtype=dtype, scale=0.2), version=2)


@sample("uint8_activation", around("LOGISTIC(y/1)"), ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    y = to_bytes(net, dtype=dtype, scale=1 / 256, zero=0 if dtype == "u8" else -128)
    return net.add("LOGISTIC", [of_bytes(net, dtype=dtype)], y, version=2)


@sample("uint8_resized", around("RESIZE_BILINEAR(y/1, s)"), ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    operands = [of_bytes(net, shape=(1, 2, 2, 1), dtype=dtype), ints(net, "s", [4, 4])]
    return net.add("RESIZE_BILINEAR", operands, to_bytes(net, (1, 4, 4, 1), dtype), version=2)


@sample("uint8_window", around("AVERAGE_POOL_2D(y/1)"), ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    x = of_bytes(net, shape=(1, 4, 4, 2), dtype=dtype)
    return net.add("AVERAGE_POOL_2D", [x], to_bytes(net, (1, 2, 2, 2), dtype), attributes=POOL, version=2)


@sample("uint8_mean", around("MEAN(y/1, a)"), ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    operands = [of_bytes(net, dtype=dtype), ints(net, "a", [1])]
    return net.add("MEAN", operands, to_bytes(net, (2,), dtype), version=2)


def bytes_of_weights(net: Network, shape: tuple[int, ...], wide: bool, zero: int = 128) -> Tensor:
    """Weights within 100 steps of 0, or one that is 150 away from it."""
    values = np.random.default_rng(5).integers(zero - 100, zero + 100, shape)
    zero_point = zero - 50 if wide else zero
    return net.constant("w", values, "u8", scale=0.01, zero=zero_point)


def biases(net: Network, count: int, scale: float = 0.001) -> Tensor:
    return net.constant("b", np.arange(count) * 100, "i32", scale=scale)


WEIGHED = ["y/1 = QUANTIZE(x)", "y/3 = {}(y/1, y/2, b)", "y = QUANTIZE(y/3)"]
# Its weights, and its bias, are others.
WIDE = ["y/1 = QUANTIZE(x)", "y/4 = {}(y/1, y/2, y/3)", "y = QUANTIZE(y/4)"]
FAR: dict[str, dict[str, Any]] = {"some weight is too far from 0": {"wide": True}}
FINE: dict[str, dict[str, Any]] = {"the result has finer steps": {"scale": 0.0002}}


def lines(form: list[str], name: str) -> list[str]:
    return [each.format(name) for each in form]


def convolved(net: Network, wide: bool, scale: float) -> Any:
    x = of_bytes(net, shape=(1, 4, 4, 3))
    y = to_bytes(net, (1, 3, 3, 2), scale=scale)
    return net.add("CONV_2D", [x, bytes_of_weights(net, (2, 2, 2, 3), wide), biases(net, 2)], y, attributes=CONV)


@sample("uint8_convolution", lines(WEIGHED, "CONV_2D"), FAR)
def _(net: Network, wide: bool = False, scale: float = 0.1) -> Any:
    return convolved(net, wide, scale)


@sample("uint8_convolution_wide", lines(WIDE, "CONV_2D"), FINE)
def _(net: Network, wide: bool = True, scale: float = 0.1) -> Any:
    return convolved(net, wide, scale)


def apart(net: Network, wide: bool, scale: float) -> Any:
    x = of_bytes(net, shape=(1, 4, 4, 3))
    y = to_bytes(net, (1, 3, 3, 3), scale=scale)
    operands = [x, bytes_of_weights(net, (1, 2, 2, 3), wide), biases(net, 3)]
    return net.add("DEPTHWISE_CONV_2D", operands, y, attributes=DEPTHWISE)


@sample("uint8_depthwise", lines(WEIGHED, "DEPTHWISE_CONV_2D"), FAR)
def _(net: Network, wide: bool = False, scale: float = 0.1) -> Any:
    return apart(net, wide, scale)


@sample("uint8_depthwise_wide", lines(WIDE, "DEPTHWISE_CONV_2D"), FINE)
def _(net: Network, wide: bool = True, scale: float = 0.1) -> Any:
    return apart(net, wide, scale)


def connected(net: Network, wide: bool, scale: float) -> Any:
    y = to_bytes(net, (2, 4), scale=scale)
    return net.add("FULLY_CONNECTED", [of_bytes(net), bytes_of_weights(net, (4, 3), wide), biases(net, 4)], y)


@sample("uint8_fully_connected", lines(WEIGHED, "FULLY_CONNECTED"), FAR)
def _(net: Network, wide: bool = False, scale: float = 0.1) -> Any:
    return connected(net, wide, scale)


@sample("uint8_fully_connected_wide", lines(WIDE, "FULLY_CONNECTED"), FINE)
def _(net: Network, wide: bool = True, scale: float = 0.1) -> Any:
    return connected(net, wide, scale)


@sample("uint8_arg", ["y/1 = QUANTIZE(x)", "y = ARG_MAX(y/1, a)"], ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    operands = [of_bytes(net, dtype=dtype), ints(net, "a", 1)]
    return net.add("ARG_MAX", operands, "y", (2,), "i32", attributes={"output_type": "INT32"}, version=2)


@sample("uint8_from_floats", ["y/1 = QUANTIZE(x)", "y = QUANTIZE(y/1)"], ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    return net.add("QUANTIZE", [net.input()], to_bytes(net, dtype=dtype))


@sample("uint8_to_floats", ["y/1 = QUANTIZE(x)", "y = DEQUANTIZE(y/1)"], ALREADY)
def _(net: Network, dtype: str = "u8") -> Any:
    return dequantized(net, of_bytes(net, dtype=dtype), "y")


def twice(net: Network, zero: int, scale: float) -> Any:
    t = net.add("QUANTIZE", [of_bytes(net, dtype="i8")], steps(net, "t", 0.1, zero, dtype="u8"))
    return net.add("QUANTIZE", [t], to_bytes(net, dtype="i8", scale=scale))


@sample("uint8_cancel", ["z = DEQUANTIZE(x)"], {"it is no shift": {"zero": 127}, "the steps differ": {"scale": 0.2}})
def _(net: Network, zero: int = 128, scale: float = 0.1) -> Any:
    return dequantized(net, twice(net, zero, scale), "z")


@sample("uint8_rescale", ["y = QUANTIZE(x)"], {"it is no shift": {"zero": 127}})
def _(net: Network, zero: int = 128, scale: float = 0.2) -> Any:
    return twice(net, zero, scale)


@sample("uint8_constant", ["z = ADD(x, y/1)"], {"it is no constant": {"const": False}})
def _(net: Network, const: bool = True) -> Any:
    c = net.constant("c", [[0, 255, 3], [128, 7, 90]], "u8", scale=0.1, zero=128) if const else of_bytes(net, "c")
    y = net.add("QUANTIZE", [c], to_bytes(net, dtype="i8"))
    return net.add("ADD", [of_bytes(net, dtype="i8"), y], steps(net, "z", 0.2), version=2)
