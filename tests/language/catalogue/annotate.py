"""Where the rules of group I fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

ANNOTATE = Group("annotate")
sample = ANNOTATE.sample

NOTED: dict[str, dict[str, Any]] = {"it has a note": {"custom": b"noted"}}
FLOATS: dict[str, dict[str, Any]] = {"it is of floats": {"dtype": "f32"}}
MARK = b"\x01\x02"


def filled(net: Network, name: str, shape: Sequence[int], dtype: str = "i8", **more: Any) -> Tensor:
    """A constant of small whole numbers, in steps unless it is of floats."""
    rng = np.random.default_rng(sum(map(ord, name)))
    given: dict[str, Any] = {} if dtype == "f32" else {"scale": 0.5} | more
    return net.constant(name, rng.integers(-9, 10, shape), dtype, **given)


def steps(
    net: Network, name: str, shape: Sequence[int], dtype: str = "i8", scale: float = 0.5, zero: int = 0
) -> Tensor:
    return net.tensor(name, shape, dtype, **({} if dtype == "f32" else {"scale": scale, "zero": zero}))


def given(net: Network, shape: Sequence[int], dtype: str = "i8", name: str = "x") -> Tensor:
    return net.input(name, shape, dtype, **({} if dtype == "f32" else {"scale": 0.5}))


def biases(net: Network, count: int, dtype: str = "i8") -> Tensor:
    return filled(net, "b", (count,), "f32" if dtype == "f32" else "i32", scale=0.25)


def convolution(net: Network, dtype: str = "i8", custom: bytes | None = None, code: str = "CONV_2D") -> Any:
    depthwise = code == "DEPTHWISE_CONV_2D"
    shape = (1, 3, 3, 6) if depthwise else (6, 3, 3, 2)
    operands = [given(net, (1, 4, 4, 2), dtype), filled(net, "w", shape, dtype), biases(net, 6, dtype)]
    attributes = {"padding": "SAME", "stride_h": 1, "stride_w": 1} | ({"depth_multiplier": 3} if depthwise else {})
    y = steps(net, "y", (1, 4, 4, 6), dtype, 4.0)
    return net.add(code, operands, y, attributes=attributes, custom=custom, version=1 if dtype == "f32" else 3)


def product(net: Network, dtype: str = "i8", custom: bytes | None = None) -> Any:
    operands = [given(net, (2, 3), dtype), filled(net, "w", (5, 3), dtype), biases(net, 5, dtype)]
    y = steps(net, "y", (2, 5), dtype, 4.0)
    return net.add("FULLY_CONNECTED", operands, y, custom=custom, version=1 if dtype == "f32" else 4)


@sample("execution_annotation_conv", ["y = CONV_2D(x, w, b)"], NOTED | FLOATS, {"y": {"padding": "SAME"}})
def _(net: Network, **changes: Any) -> Any:
    return convolution(net, **changes)


@sample("execution_annotation_depthwise", ["y = DEPTHWISE_CONV_2D(x, w, b)"], NOTED | FLOATS)
def _(net: Network, **changes: Any) -> Any:
    return convolution(net, code="DEPTHWISE_CONV_2D", **changes)


@sample("execution_annotation_connected", ["y = FULLY_CONNECTED(x, w, b)"], NOTED | FLOATS)
def _(net: Network, **changes: Any) -> Any:
    return product(net, **changes)


@sample("execution_annotation_elementwise", ["y = ADD(x, z)"], NOTED | FLOATS)
def _(net: Network, dtype: str = "i8", custom: bytes | None = None) -> Any:
    operands = [given(net, (2, 3), dtype), given(net, (2, 3), dtype, "z")]
    return net.add("ADD", operands, steps(net, "y", (2, 3), dtype, 1.0), custom=custom, version=1)


@sample("execution_annotation_pool", ["y = MAX_POOL_2D(x)"], NOTED | FLOATS)
def _(net: Network, dtype: str = "i8", custom: bytes | None = None) -> Any:
    attributes = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    y = steps(net, "y", (1, 2, 2, 3), dtype)
    return net.add("MAX_POOL_2D", [given(net, (1, 4, 4, 3), dtype)], y, attributes=attributes, custom=custom)


@sample("execution_annotation_bytes", ["y = FULLY_CONNECTED(x, w, b)"], NOTED | FLOATS)
def _(net: Network, **changes: Any) -> Any:
    return product(net, **changes)


@sample(
    "execution_annotation_bytes_off",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"it has another note": {"custom": b"noted"}, "it has no note": {"custom": None}},
)
def _(net: Network, custom: bytes | None = MARK) -> Any:
    return product(net, custom=custom)


@sample("execution_annotation_off", ["y = CONV_2D(x, w, b)"], {"it has no note": {"custom": None}})
def _(net: Network, custom: bytes | None = b"noted") -> Any:
    return convolution(net, custom=custom)
