"""Where the rules for TensorFlow Lite Micro and small accelerators fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.annotate import biases, filled, given, steps
from tests.language.catalogue.sample import Group, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

DEVICES, OPERATORS, POINTWISE, SHAPES, SPLIT = map(Group, ("devices", "operators", "pointwise", "shapes", "split"))
MICRO = (DEVICES, OPERATORS, POINTWISE, SHAPES, SPLIT)

SMALL: dict[str, dict[str, Any]] = {"it is small": {"inputs": 2}}
CHANNELS: dict[str, dict[str, Any]] = {"there are two channels": {"channels": 2}}
STRIDES = {"stride_h": 1, "stride_w": 1}


def activated(net: Network, activation: str) -> Tensor:
    operands = [given(net, (2, 3)), filled(net, "w", (5, 3)), biases(net, 5)]
    attributes = {"fused_activation_function": activation}
    return net.add("FULLY_CONNECTED", operands, steps(net, "y", (2, 5), scale=2.0), attributes=attributes, version=4)


@DEVICES.sample(
    "unfuse_activation_relu",
    ["y/1 = FULLY_CONNECTED(x, w, b)", "y = RELU(y/1)"],
    {"it has none": {"activation": "NONE"}, "it is another": {"activation": "RELU6"}},
)
def _(net: Network, activation: str = "RELU") -> Any:
    return activated(net, activation)


@DEVICES.sample(
    "unfuse_activation_relu6",
    ["y/1 = FULLY_CONNECTED(x, w, b)", "y = RELU6(y/1)"],
    {"it is another": {"activation": "RELU"}},
)
def _(net: Network, activation: str = "RELU6") -> Any:
    return activated(net, activation)


@DEVICES.sample(
    "same_to_pad_valid",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, w, b)"],
    {"it does not pad": {"padding": "VALID", "size": 2}, "there is nothing to pad": {"kernel": 1}},
    {"y": {"padding": "VALID"}},
)
def _(net: Network, padding: str = "SAME", kernel: int = 3, size: int = 4) -> Any:
    operands = [given(net, (1, 4, 4, 2)), filled(net, "w", (3, kernel, kernel, 2)), biases(net, 3)]
    y = steps(net, "y", (1, size, size, 3), scale=4.0)
    return net.add("CONV_2D", operands, y, attributes={"padding": padding, **STRIDES}, version=3)


@DEVICES.sample(
    "pad_channels_to_multiple",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, b)"],
    {"there are four": {"channels": 4}, "it is of floats": {"dtype": "f32"}},
)
def _(net: Network, channels: int = 3, dtype: str = "i8") -> Any:
    filters = filled(net, "w", (2, 2, 2, channels), dtype, scale=[0.5, 0.25])
    scale: dict[str, Any] = {} if dtype == "f32" else {"scale": [0.25, 0.125]}
    b = net.constant("b", [3, -5], "f32" if dtype == "f32" else "i32", **scale)
    y = steps(net, "y", (1, 3, 3, 2), dtype, 4.0)
    operands = [given(net, (1, 4, 4, channels), dtype), filters, b]
    return net.add("CONV_2D", operands, y, attributes={"padding": "VALID", **STRIDES}, version=3)


def pool(net: Network, code: str, after: Sequence[int], dtype: str = "f32", **window: Any) -> Tensor:
    x = given(net, (1, 4, 4, 2), dtype)
    return net.add(code, [x], steps(net, "y", (1, *after, 2), dtype), attributes={"padding": "VALID"} | window)


@DEVICES.sample(
    "fixup_pool_strides",
    ["y = AVERAGE_POOL_2D(x)"],
    {
        "the window is part of the image": {"filter_height": 2, "after": (2, 1)},
        "they are 1": {"stride_h": 1, "stride_w": 1},
    },
    {"y": {"stride_h": 1, "stride_w": 1}},
)
def _(net: Network, after: Sequence[int] = (1, 1), **changes: Any) -> Any:
    window: dict[str, Any] = {"filter_height": 4, "filter_width": 4, "stride_h": 2, "stride_w": 2} | changes
    return pool(net, "AVERAGE_POOL_2D", after, "i8", **window)


@DEVICES.sample(
    "large_max_pool",
    ["y/1 = MAX_POOL_2D(x)", "y = MAX_POOL_2D(y/1)"],
    {"it is small": {"filter_height": 3, "after": (2, 2)}, "it is a row": {"filter_height": 1, "after": (4, 2)}},
    {"y/1": {"filter_height": 1, "filter_width": 3}, "y": {"filter_height": 4, "filter_width": 1}},
)
def _(net: Network, after: Sequence[int] = (1, 2), **changes: Any) -> Any:
    window: dict[str, Any] = {"filter_height": 4, "filter_width": 3, **STRIDES} | changes
    return pool(net, "MAX_POOL_2D", after, "i8", **window)


@DEVICES.sample(
    "large_average_pool",
    ["y/1 = AVERAGE_POOL_2D(x)", "y = AVERAGE_POOL_2D(y/1)"],
    {"it is of whole numbers": {"dtype": "i8"}, "it pads": {"padding": "SAME", "after": (4, 4)}},
    {"y/1": {"filter_height": 1, "filter_width": 3}, "y": {"filter_height": 4, "filter_width": 1}},
)
def _(net: Network, after: Sequence[int] = (1, 2), **changes: Any) -> Any:
    window: dict[str, Any] = {"filter_height": 4, "filter_width": 3, **STRIDES} | changes
    return pool(net, "AVERAGE_POOL_2D", after, **window)


@DEVICES.sample(
    "device_transform_gpu",
    ["y/2 = EXPAND_DIMS(x, y/1)", "y/4 = EXPAND_DIMS(z, y/3)", "y = CONCATENATION(y/2, y/4)"],
    {"they are of int64": {"dtype": "i64"}},
)
def _(net: Network, dtype: str = "f32") -> Any:
    operands = [net.input("x", (2, 3), dtype), net.input("z", (2, 3), dtype)]
    return net.add("PACK", operands, "y", (2, 2, 3), attributes={"axis": 1, "values_count": 2})


@OPERATORS.sample(
    "fold_dequantize_const_half",
    ["y = ADD(x, w/1)"],
    {"it is computed": {"constant": False}, "it is of steps": {"dtype": "i8"}},
)
def _(net: Network, constant: bool = True, dtype: str = "f16") -> Any:
    scale: dict[str, Any] = {} if dtype == "f16" else {"scale": 0.5}
    h = net.constant("h", [1, 2, 3], dtype, **scale) if constant else net.input("h", (3,), dtype)
    x = net.input()
    return net.add("ADD", [x, net.add("DEQUANTIZE", [h], "w", (3,), "f32", version=3)])


def bounded(net: Network, code: str, dtype: str) -> Tensor:
    return net.add(code, [given(net, (2, 3), dtype)], steps(net, "y", (2, 3), dtype))


WHOLE: dict[str, dict[str, Any]] = {"it is of whole numbers": {"dtype": "i8"}}
BOUNDS = ["y/2 = MAXIMUM(x, y/1)", "y = MINIMUM(y/2, y/3)"]


@OPERATORS.sample("between_minus_one_and_one", BOUNDS, WHOLE)
def _(net: Network, dtype: str = "f32") -> Any:
    return bounded(net, "RELU_N1_TO_1", dtype)


@OPERATORS.sample("between_zero_and_one", BOUNDS, WHOLE)
def _(net: Network, dtype: str = "f32") -> Any:
    return bounded(net, "RELU_0_TO_1", dtype)


@OPERATORS.sample(
    "gelu_by_tanh",
    [
        "y/2 = MUL(x, y/1)",
        "y/3 = MUL(x, x)",
        "y/4 = MUL(y/3, x)",
        "y/6 = MUL(y/4, y/5)",
        "y/7 = ADD(x, y/6)",
        "y/9 = MUL(y/7, y/8)",
        "y/10 = TANH(y/9)",
        "y/12 = ADD(y/10, y/11)",
        "y = MUL(y/2, y/12)",
    ],
    {"it is by the normal distribution": {"approximate": False}},
)
def _(net: Network, approximate: bool = True) -> Any:
    return net.add("GELU", [net.input()], attributes={"approximate": approximate})


@OPERATORS.sample(
    "any_by_all",
    ["y/1 = LOGICAL_NOT(x)", "y/2 = REDUCE_ALL(y/1, a)", "y = LOGICAL_NOT(y/2)"],
    {"it is another": {"code": "REDUCE_ALL"}},
)
def _(net: Network, code: str = "REDUCE_ANY") -> Any:
    return net.add(code, [net.input("x", dtype="bool"), ints(net, "a", [1])], "y", (2,), "bool")


@OPERATORS.sample("select_by_broadcast", ["y = SELECT_V2(c, x, z)"], {"it is one for each row": {"shape": (2,)}})
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    operands = [net.input("c", shape, "bool"), net.input("x"), net.input("z")]
    return net.add("SELECT", operands, "y", (2, 3), "f32")


def tiled(net: Network, shape: Sequence[int], times: Sequence[int], dtype: str = "f32") -> Tensor:
    after = [size * count for size, count in zip(shape, times, strict=True)]
    return net.add("TILE", [net.input("x", shape, dtype), ints(net, "m", times)], "y", after)


@OPERATORS.sample(
    "tile_pixel_by_broadcast",
    ["y = BROADCAST_TO(x, y/1)"],
    {"there are two places": {"shape": (1, 2, 1, 3)}, "channels are repeated": {"times": (1, 2, 3, 2)}},
)
def _(net: Network, shape: Sequence[int] = (1, 1, 1, 3), times: Sequence[int] = (1, 2, 3, 1)) -> Any:
    return tiled(net, shape, times)


@OPERATORS.sample(
    "tile_list_by_broadcast",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = BROADCAST_TO(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    {"it is of int64": {"dtype": "i64"}},
)
def _(net: Network, dtype: str = "f32") -> Any:
    return tiled(net, (3,), (2,), dtype)


@OPERATORS.sample(
    "tile_matrix_by_broadcast",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = BROADCAST_TO(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    {"it is of int64": {"dtype": "i64"}},
)
def _(net: Network, dtype: str = "f32") -> Any:
    return tiled(net, (2, 3), (2, 4), dtype)


@OPERATORS.sample(
    "split_wide_concat",
    [
        "y/1 = CONCATENATION(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9)",
        "y = CONCATENATION(y/1, x10, x11)",
    ],
    {"there are 10": {"count": 10}},
)
def _(net: Network, count: int = 12) -> Any:
    operands = [given(net, (2, 1), name=f"x{at}") for at in range(count)]
    return net.add("CONCATENATION", operands, steps(net, "y", (2, count)), attributes={"axis": 1})


def summed(net: Network, count: int, dtype: str) -> Tensor:
    return net.add("ADD_N", [net.input(f"x{at}", (2, 3), dtype) for at in range(count)])


@OPERATORS.sample("sum_of_two", ["y = ADD(x0, x1)"], {"it is of floats": {"dtype": "f32"}, "it is of 3": {"count": 3}})
def _(net: Network, count: int = 2, dtype: str = "i32") -> Any:
    return summed(net, count, dtype)


@OPERATORS.sample(
    "sum_of_many",
    ["y/1/1 = ADD_N(x0, x1)", "y/1 = ADD(y/1/1, x2)", "y = ADD(y/1, x3)"],
    {"it is of floats": {"dtype": "f32"}, "it is of 2": {"count": 2}},
)
def _(net: Network, count: int = 4, dtype: str = "i32") -> Any:
    return summed(net, count, dtype)


@OPERATORS.sample(
    "arg_as_int32",
    ["y = ARG_MAX(x, a)"],
    {"something reads it": {"read": True}, "it is int32": {"dtype": "i32"}},
    {"y": {"output_type": "INT32"}},
)
def _(net: Network, dtype: str = "i64", read: bool = False) -> Any:
    attributes = {"output_type": "INT32" if dtype == "i32" else "INT64"}
    y = net.add("ARG_MAX", [net.input(), ints(net, "a", [1])], "y", (2,), dtype, attributes=attributes)
    return net.add("CAST", [y], "z", (2,), "f32") if read else y


def pointwise(net: Network, size: int, dtype: str) -> Tensor:
    filters = filled(net, "w", (3, 1, 1, 2), dtype)
    y = steps(net, "y", (2, size, size, 3), dtype, 2.0)
    operands = [given(net, (2, size, size, 2), dtype), filters, biases(net, 3, dtype)]
    return net.add("CONV_2D", operands, y, attributes={"padding": "SAME", **STRIDES}, version=3)


@POINTWISE.sample(
    "fc_from_conv1x1_steps",
    ["y = FULLY_CONNECTED(x, y/1, b)"],
    {"there are more places": {"size": 2}, "it is of floats": {"dtype": "f32"}},
)
def _(net: Network, size: int = 1, dtype: str = "i8") -> Any:
    return pointwise(net, size, dtype)


@POINTWISE.sample(
    "fc_to_conv_rows",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = CONV_2D(y/2, y/3, b)", "y = RESHAPE(y/4, y/5)"],
    {"its weights are floats": {"dtype": "f32", "weights": "i8"}},
)
def _(net: Network, dtype: str = "i8", weights: str = "i8") -> Any:
    operands = [given(net, (2, 3), dtype), filled(net, "w", (5, 3), weights), biases(net, 5, dtype)]
    return net.add("FULLY_CONNECTED", operands, steps(net, "y", (2, 5), dtype, 2.0), version=4)


def single(net: Network, code: str, channels: int, scale: Sequence[float]) -> Tensor:
    """A convolution of few channels, with a scale for each filter."""
    depthwise = code == "DEPTHWISE_CONV_2D"
    shape = (1, 2, 2, 4) if depthwise else (4, 2, 2, channels)
    rng = np.random.default_rng(7)
    filters = net.constant("w", rng.integers(-9, 10, shape), "i8", scale=scale, dimension=3 if depthwise else 0)
    b = net.constant("b", [3, -5, 7, 0], "i32", scale=[each / 2 for each in scale])
    attributes = {"padding": "VALID", **STRIDES} | ({"depth_multiplier": 4 // channels} if depthwise else {})
    y = steps(net, "y", (1, 3, 3, 4), scale=2.0)
    return net.add(code, [given(net, (1, 4, 4, channels)), filters, b], y, attributes=attributes, version=3)


SCALES = (0.5, 0.25, 1.0, 0.125)


@POINTWISE.sample("depthwise_to_conv_steps", ["y = CONV_2D(x, y/1, b)"], CHANNELS)
def _(net: Network, channels: int = 1) -> Any:
    return single(net, "DEPTHWISE_CONV_2D", channels, SCALES)


@POINTWISE.sample(
    "conv_to_depthwise_steps", ["y = DEPTHWISE_CONV_2D(x, y/1, b)"], CHANNELS, {"y": {"depth_multiplier": 4}}
)
def _(net: Network, channels: int = 1) -> Any:
    return single(net, "CONV_2D", channels, SCALES)


@SHAPES.sample(
    "remove_reshape_before_fc_flatten",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"it keeps dimensions": {"keep": True}},
)
def _(net: Network, keep: bool = False) -> Any:
    flat = net.tensor("f", (2, 12), "i8", scale=0.5)
    net.add("RESHAPE", [given(net, (2, 2, 2, 3)), ints(net, "s", [2, 12])], flat)
    operands = [flat, filled(net, "w", (5, 12)), biases(net, 5)]
    y = steps(net, "y", (2, 5), scale=4.0)
    return net.add("FULLY_CONNECTED", operands, y, attributes={"keep_num_dims": keep}, version=5)


@SHAPES.sample(
    "strided_slice_to_slice_reshape",
    ["y/3 = SLICE(x, y/1, y/2)", "y = RESHAPE(y/3, y/4)"],
    {
        "no dimension comes or goes": {"new_axis_mask": 0, "ellipsis_mask": 0, "shrink_axis_mask": 0, "after": (2, 1)},
        "it takes every second place": {"stride": 2},
    },
)
def _(net: Network, stride: int = 1, after: Sequence[int] = (1, 3), **changes: Any) -> Any:
    # [None, ..., -1] where all masks are as they are first.
    masks = {"new_axis_mask": 1, "ellipsis_mask": 2, "shrink_axis_mask": 4} | changes
    plain = not any(masks.values())
    begin, end = ([0, 1], [2, 2]) if plain else ([0, 0, -1], [0, 0, 0])
    places = [ints(net, name, each) for name, each in zip("bes", (begin, end, [stride] * len(begin)), strict=True)]
    shape = (2, 4) if plain else (3, 4)
    return net.add("STRIDED_SLICE", [net.input("x", shape), *places], "y", after, attributes=masks, version=6)


@SPLIT.sample(
    "split_conv_channels",
    ["y/3 = CONV_2D(x, y/1, y/2)", "y/6 = CONV_2D(x, y/4, y/5)", "y = CONCATENATION(y/3, y/6)"],
    SMALL | {"there are groups": {"groups": 2}},
)
def _(net: Network, inputs: int = 90, groups: int = 1) -> Any:
    rng = np.random.default_rng(3)
    scales = rng.uniform(0.1, 1, 12).astype(np.float32)
    filters = net.constant("w", rng.integers(-9, 10, (12, 3, 3, inputs // groups)), "i8", scale=scales)
    b = net.constant("b", rng.integers(-99, 100, 12), "i32", scale=scales * np.float32(0.5))
    y = steps(net, "y", (1, 4, 4, 12), scale=20.0, zero=3)
    operands = [given(net, (1, 4, 4, inputs)), filters, b]
    return net.add("CONV_2D", operands, y, attributes={"padding": "SAME", **STRIDES}, version=3)


@SPLIT.sample(
    "split_connected_units",
    ["y/3 = FULLY_CONNECTED(x, y/1, y/2)", "y/6 = FULLY_CONNECTED(x, y/4, y/5)", "y = CONCATENATION(y/3, y/6)"],
    SMALL | {"only its weights are in steps": {"dtype": "f32"}},
    {"y": {"axis": 1}},
)
def _(net: Network, inputs: int = 1100, dtype: str = "i8") -> Any:
    operands = [given(net, (2, inputs), dtype), filled(net, "w", (9, inputs)), biases(net, 9, dtype)]
    return net.add("FULLY_CONNECTED", operands, steps(net, "y", (2, 9), dtype, 30.0), version=4)
