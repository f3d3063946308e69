"""Where the rules of group D that exchange an operator for another fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

EXCHANGE = Group("exchange")
sample = EXCHANGE.sample

RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}
QUANTIZED: dict[str, dict[str, Any]] = {"it is quantized": {"dtype": "i8", "scale": 0.5}}
FLOATS: dict[str, dict[str, Any]] = {"they are floats": {"dtype": "f32", "scale": None}}
WINDOW: dict[str, dict[str, Any]] = {"the window is smaller": {"window": 3}, "there is an activation": RELU6}


def pooled(net: Network, window: int, dtype: str, scale: float | None, **activation: Any) -> Any:
    given = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": window, "filter_width": 4}
    x = net.input("x", (1, 4, 4, 2), dtype, scale=scale)
    y = net.tensor("y", (1, 1, 1, 2), dtype, scale=scale)
    return net.add("AVERAGE_POOL_2D", [x], y, attributes=given | activation)


@sample("global_pool_to_mean", ["y = MEAN(x, y/1)"], WINDOW | QUANTIZED, {"y": {"keep_dims": True}})
def _(net: Network, window: int = 4, dtype: str = "f32", scale: float | None = None, **activation: Any) -> Any:
    return pooled(net, window, dtype, scale, **activation)


@sample("global_pool_to_mean_quantized", ["y = MEAN(x, y/1)"], WINDOW | FLOATS, {"y": {"keep_dims": True}})
def _(net: Network, window: int = 4, dtype: str = "i8", scale: float | None = 0.5, **activation: Any) -> Any:
    return pooled(net, window, dtype, scale, **activation)


def mean(net: Network, axes: Sequence[int], keep: bool, scale: float) -> Any:
    x = net.input("x", (1, 4, 4, 2), "i8", scale=0.5)
    gone = [axis % 4 for axis in axes]
    shape = [1 if at in gone else size for at, size in enumerate(x.shape) if keep or at not in gone]
    y = net.tensor("y", shape, "i8", scale=scale)
    return net.add("MEAN", [x, ints(net, "a", axes)], y, attributes={"keep_dims": keep})


MEANS: dict[str, dict[str, Any]] = {"channels are summed too": {"axes": [1, 3]}, "the steps change": {"scale": 0.25}}


@sample("mean_to_global_pool", ["y = AVERAGE_POOL_2D(x)"], MEANS | {"the dimensions go": {"keep": False}})
def _(net: Network, axes: Sequence[int] = (1, 2), keep: bool = True, scale: float = 0.5) -> Any:
    return mean(net, axes, keep, scale)


@sample(
    "mean_to_global_pool_flat",
    ["y/1 = AVERAGE_POOL_2D(x)", "y = RESHAPE(y/1, y/2)"],
    MEANS | {"the dimensions stay": {"keep": True}},
)
def _(net: Network, axes: Sequence[int] = (-2, 1), keep: bool = False, scale: float = 0.5) -> Any:
    return mean(net, axes, keep, scale)


def steps(channels: int, scale: Sequence[float], axis: int = 0) -> dict[str, Any]:
    return {"scale": [scale[at % len(scale)] for at in range(channels)], "dimension": axis}


def conv(
    net: Network, code: str, shape: Sequence[int], image: Sequence[int], out: Sequence[int], dtype: str, **given: Any
) -> Tensor:
    """A convolution or matrix product; one in steps has a scale for each channel of its result."""
    channels = out[-1]
    if dtype == "i8":
        axis = 3 if code == "DEPTHWISE_CONV_2D" else 0
        values = np.arange(np.prod(shape)).reshape(shape) % 11 - 5
        w = net.constant("w", values, "i8", **steps(channels, (0.5, 0.25), axis))
        b = net.constant("b", np.arange(channels) - 2, "i32", **steps(channels, (0.25, 0.125)))
        x = net.input("x", image, "i8", scale=0.5, zero=-5)
        y = net.tensor("y", out, "i8", scale=1.0)
    else:
        w, b = floats(net, "w", shape, dtype), floats(net, "b", (channels,))
        if dtype == "f16":
            w = net.add("DEQUANTIZE", [w], "u", shape, "f32")
        x = net.input("x", image)
        y = net.tensor("y", out)
    return net.add(code, [x, w, b], y, attributes=RELU6 | given)


SAME = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
PLACES: dict[str, dict[str, Any]] = {"there is more than one place": {"size": 2}}


def conv_of_places(net: Network, size: int, dtype: str) -> Any:
    return conv(net, "CONV_2D", (4, 1, 1, 3), (1, size, size, 3), (1, size, size, 4), dtype, **SAME)


@sample(
    "fc_from_conv1x1", ["y = FULLY_CONNECTED(x, y/1, b)"], PLACES | {"it is quantized": {"dtype": "i8"}}, {"y": RELU6}
)
def _(net: Network, size: int = 1, dtype: str = "f32") -> Any:
    return conv_of_places(net, size, dtype)


@sample("fc_from_conv1x1_half", ["y/2 = DEQUANTIZE(y/1)", "y = FULLY_CONNECTED(x, y/2, b)"], PLACES, {"y": RELU6})
def _(net: Network, size: int = 1) -> Any:
    return conv_of_places(net, size, "f16")


@sample("fc_from_conv1x1_quantized", ["y = FULLY_CONNECTED(x, y/1, b)"], PLACES, {"y": RELU6})
def _(net: Network, size: int = 1) -> Any:
    return conv_of_places(net, size, "i8")


@sample(
    "fc_from_conv_of_whole_image",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = FULLY_CONNECTED(y/2, y/3, b)", "y = RESHAPE(y/4, y/5)"],
    {"the image is larger": {"size": 4}},
    {"y/4": RELU6},
)
def _(net: Network, size: int = 3) -> Any:
    out = (2, size - 2, size - 2, 4)
    return conv(net, "CONV_2D", (4, 3, 3, 2), (2, size, size, 2), out, "f32", **SAME | {"padding": "VALID"})


def connected(net: Network, shape: Sequence[int], keep: bool, dtype: str = "f32") -> Any:
    out = (*shape[:-1], 4) if keep else (int(np.prod(shape)) // 3, 4)
    return conv(net, "FULLY_CONNECTED", (4, 3), shape, out, dtype, keep_num_dims=keep)


NO_IMAGES: dict[str, dict[str, Any]] = {"these are no images": {"shape": (2, 3)}}
IMAGES: dict[str, dict[str, Any]] = {"these are images": {"shape": (1, 2, 2, 3), "keep": True}}


@sample("fc_to_conv", ["y = CONV_2D(x, y/1, b)"], NO_IMAGES, {"y": RELU6 | {"stride_h": 1}})
def _(net: Network, shape: Sequence[int] = (1, 2, 2, 3)) -> Any:
    return connected(net, shape, True)


@sample("fc_to_conv_quantized", ["y = CONV_2D(x, y/1, b)"], NO_IMAGES, {"y": RELU6 | {"stride_h": 1}})
def _(net: Network, shape: Sequence[int] = (1, 2, 2, 3)) -> Any:
    return connected(net, shape, True, "i8")


@sample(
    "fc_to_conv_flat",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = CONV_2D(y/2, y/3, b)", "y = RESHAPE(y/4, y/5)"],
    IMAGES,
    {"y/4": RELU6},
)
def _(net: Network, shape: Sequence[int] = (2, 3), keep: bool = False) -> Any:
    return connected(net, shape, keep)


@sample(
    "fc_to_conv_flat_quantized",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = CONV_2D(y/2, y/3, b)", "y = RESHAPE(y/4, y/5)"],
    IMAGES,
    {"y/4": RELU6},
)
def _(net: Network, shape: Sequence[int] = (2, 3), keep: bool = True) -> Any:
    return connected(net, shape, keep, "i8")


CHANNELS: dict[str, dict[str, Any]] = {"there are two channels": {"channels": 2}}
STRIDES = {"padding": "SAME", "stride_h": 2, "stride_w": 2}


@sample(
    "conv_to_depthwise",
    ["y = DEPTHWISE_CONV_2D(x, y/1, b)"],
    CHANNELS,
    {"y": RELU6 | {"depth_multiplier": 4, "stride_h": 2}},
)
def _(net: Network, channels: int = 1) -> Any:
    return conv(net, "CONV_2D", (4, 3, 3, channels), (1, 4, 4, channels), (1, 2, 2, 4), "f32", **STRIDES)


@sample(
    "conv_to_depthwise_quantized",
    ["y = DEPTHWISE_CONV_2D(x, y/1, b)"],
    CHANNELS,
    {"y": RELU6 | {"depth_multiplier": 4, "stride_h": 2}},
)
def _(net: Network, channels: int = 1) -> Any:
    return conv(net, "CONV_2D", (4, 3, 3, channels), (1, 4, 4, channels), (1, 2, 2, 4), "i8", **STRIDES)


def depthwise(net: Network, channels: int, dtype: str) -> Any:
    image, given = (1, 4, 4, channels), STRIDES | {"depth_multiplier": 4 // channels}
    return conv(net, "DEPTHWISE_CONV_2D", (1, 3, 3, 4), image, (1, 2, 2, 4), dtype, **given)


@sample("depthwise_to_conv", ["y = CONV_2D(x, y/1, b)"], CHANNELS, {"y": RELU6})
def _(net: Network, channels: int = 1) -> Any:
    return depthwise(net, channels, "f32")


@sample("depthwise_to_conv_quantized", ["y = CONV_2D(x, y/1, b)"], CHANNELS, {"y": RELU6})
def _(net: Network, channels: int = 1) -> Any:
    return depthwise(net, channels, "i8")
