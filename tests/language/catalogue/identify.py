"""Where the rules of group D fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, ended, floats, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

IDENTIFY = Group("identify")
sample = IDENTIFY.sample

READ = {"another operator reads what is between": {"read": True}}
RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    return (root, net.add("ABS", [between], "n")) if read else root


def scalar(net: Network, name: str, value: float) -> Tensor:
    return net.constant(name, value)


@sample(
    "identify_hardswish",
    ["y = HARD_SWISH(x)"],
    {"the offset is another": {"offset": 2.0}, "the factor is another": {"factor": 0.2}} | READ,
)
def _(net: Network, offset: float = 3.0, factor: float = 1 / 6, read: bool = False) -> Any:
    x = net.input()
    g = net.add("ADD", [scalar(net, "o", offset), x], "g", x.shape, attributes=RELU6)
    m = net.add("MUL", [x, g], "m")
    return read_too(net, net.add("MUL", [m, scalar(net, "f", factor)]), g, read)


@sample("identify_hardswish_div", ["y = HARD_SWISH(x)"], {"the divisor is another": {"divisor": 5.0}} | READ)
def _(net: Network, divisor: float = 6.0, read: bool = False) -> Any:
    x = net.input()
    g = net.add("RELU6", [net.add("ADD", [x, scalar(net, "o", 3.0)], "s")], "g")
    d = net.add("DIV", [g, scalar(net, "d", divisor)], "d")
    return read_too(net, net.add("MUL", [d, x]), d, read)


def lengths(net: Network, x: Tensor, axes: Sequence[int], keep: bool, least: float = 1e-12) -> Tensor:
    axes = [axis % 3 for axis in axes]
    shape = [1 if at in axes else size for at, size in enumerate(x.shape) if keep or at not in axes]
    squares = net.add("SQUARE", [x], "q")
    total = net.add("SUM", [squares, ints(net, "a", axes)], "t", shape, attributes={"keep_dims": keep})
    return net.add("RSQRT", [net.add("MAXIMUM", [total, scalar(net, "e", least)], "b")], "r")


@sample(
    "identify_l2_normalization",
    ["y = L2_NORMALIZATION(x)"],
    {
        "the sum runs over another axis": {"axes": [1]},
        "the sum runs over several": {"axes": [-1, -2]},
        "the sum runs over all": {"axes": [0, 1, 2]},
        "the dimension goes": {"keep": False},
        "the bound is large": {"least": 0.1},
        "the product is with another tensor": {"other": True},
    },
)
def _(net: Network, axes: Sequence[int] = (-1,), keep: bool = True, other: bool = False, least: float = 1e-12) -> Any:
    x = net.input("x", (4, 4, 4))
    return net.add("MUL", [net.input("u", x.shape) if other else x, lengths(net, x, axes, keep, least)])


POOL = {"padding": "SAME", "stride_h": 2, "stride_w": 2, "filter_height": 3, "filter_width": 3}


@sample(
    "identify_l2_pool",
    ["y = L2_POOL_2D(x)"],
    {"there is an activation": RELU6, "it is the largest": {"code": "MAX_POOL_2D"}},
)
def _(net: Network, code: str = "AVERAGE_POOL_2D", **activation: Any) -> Any:
    x = net.input("x", (1, 4, 4, 2))
    p = net.add(code, [net.add("MUL", [x, x], "q")], "p", (1, 2, 2, 2), attributes=POOL | activation)
    return net.add("SQRT", [p])


@sample("identify_prelu", ["y = PRELU(x, y/1)"], {"both are the same half": {"code": "ABS"}} | READ)
def _(net: Network, code: str = "NEG", read: bool = False) -> Any:
    x = net.input("x", (1, 2, 3, 4))
    n = net.add("RELU", [net.add(code, [x], "g")], "n0")
    m = net.add("MUL", [n, floats(net, "a", (1, 1, 4))], "m")
    return read_too(net, net.add("ADD", [m, net.add("RELU", [x], "r")]), m, read)


@sample("identify_prelu_abs", ["y = PRELU(x, a)"], {"it is not halved": {"half": 0.6}} | READ)
def _(net: Network, half: float = 0.5, read: bool = False) -> Any:
    x = net.input("x", (1, 2, 3, 4))
    s = net.add("SUB", [x, net.add("ABS", [x], "g")], "s")
    m = net.add("MUL", [net.add("MUL", [s, floats(net, "a", (1, 1, 4))], "m"), scalar(net, "h", half)], "i")
    return read_too(net, net.add("ADD", [net.add("RELU", [x], "r"), m]), m, read)


@sample(
    "identify_relu", ["y = RELU(x)"], {"the bound is another": {"bound": 0.5}, "they are integers": {"dtype": "i32"}}
)
def _(net: Network, bound: float = 0.0, dtype: str = "f32") -> Any:
    return net.add("MAXIMUM", [net.constant("c", bound, dtype), net.input(dtype=dtype)], shape=(2, 3))


def held(net: Network, low: float, high: float, read: bool = False) -> Any:
    m = net.add("MINIMUM", [net.input(), scalar(net, "h", high)], "m")
    return read_too(net, net.add("MAXIMUM", [scalar(net, "l", low), m], shape=(2, 3)), m, read)


@sample("identify_relu6", ["y = RELU6(x)"], {"the upper bound is another": {"high": 5.0}} | READ)
def _(net: Network, high: float = 6.0, read: bool = False) -> Any:
    return held(net, 0.0, high, read)


@sample("identify_relu_n1_to_1", ["y = RELU_N1_TO_1(x)"], {"the lower bound is another": {"low": -2.0}} | READ)
def _(net: Network, low: float = -1.0, read: bool = False) -> Any:
    return held(net, low, 1.0, read)


@sample("identify_relu_0_to_1", ["y = RELU_0_TO_1(x)"], {"the lower bound is another": {"low": -1.0}} | READ)
def _(net: Network, low: float = 0.0, read: bool = False) -> Any:
    return held(net, low, 1.0, read)


@sample(
    "identify_leaky_relu",
    ["y = LEAKY_RELU(x)"],
    {"the part is more than the whole": {"part": 1.5}, "parts differ": {"part": [0.1, 0.2, 0.3]}} | READ,
    {"y": {"alpha": 0.25}},
)
def _(net: Network, part: Any = 0.25, read: bool = False) -> Any:
    x = net.input()
    m = net.add("MUL", [x, net.constant("a", part)], "m")
    return read_too(net, net.add("MAXIMUM", [x, m]), m, read)


@sample("identify_abs", ["y = ABS(x)"], {"the factor is another": {"factor": -2.0}} | READ)
def _(net: Network, factor: float = -1.0, read: bool = False) -> Any:
    x = net.input()
    m = net.add("MUL", [x, scalar(net, "f", factor)], "m")
    return read_too(net, net.add("MAXIMUM", [m, x]), m, read)


@sample(
    "identify_gelu_tanh",
    ["y = GELU(x)"],
    {"the power is another": {"power": 2.0}, "the scale is another": {"scale": 0.7}} | READ,
    {"y": {"approximate": True}},
)
def _(net: Network, power: float = 3.0, scale: float = float(np.sqrt(2 / np.pi)), read: bool = False) -> Any:
    x = net.input()
    cube = net.add("POW", [x, scalar(net, "p", power)], "c")
    inner = net.add("ADD", [net.add("MUL", [scalar(net, "k", 0.044715), cube], "i", (2, 3)), x], "j")
    tanh = net.add("TANH", [net.add("MUL", [inner, scalar(net, "s", scale)], "u")], "t")
    one = net.add("ADD", [scalar(net, "o", 1.0), tanh], "v", (2, 3))
    return read_too(net, net.add("MUL", [x, net.add("MUL", [one, scalar(net, "h", 0.5)], "w")]), tanh, read)


@sample("identify_logistic", ["y = LOGISTIC(x)"], {"the addend is another": {"addend": 2.0}} | READ)
def _(net: Network, addend: float = 1.0, read: bool = False) -> Any:
    e = net.add("EXP", [net.add("NEG", [net.input()], "m")], "e")
    s = net.add("ADD", [scalar(net, "a", addend), e], "s", (2, 3))
    return read_too(net, net.add("DIV", [scalar(net, "o", 1.0), s], shape=(2, 3)), e, read)


def over(net: Network, code: str, x: Tensor, name: str, axis: int, *, keep: bool = True, axes: str = "a") -> Tensor:
    shape = [1 if at == axis % 2 else size for at, size in enumerate(x.shape) if keep or at != axis % 2]
    return net.add(code, [x, ints(net, f"{name}{axes}", [axis])], name, shape, attributes={"keep_dims": keep})


ROWS: dict[str, dict[str, Any]] = {"sums are of columns": {"axis": 0}, "the dimension goes": {"keep": False}}


@sample("identify_softmax", ["y = SOFTMAX(x)"], ROWS | READ, {"y": {"beta": 1.0}})
def _(net: Network, axis: int = -1, keep: bool = True, read: bool = False) -> Any:
    e = net.add("EXP", [net.input("x", (3, 3))], "e")
    return read_too(net, net.add("DIV", [e, over(net, "SUM", e, "s", axis, keep=keep)]), e, read)


@sample("identify_log_softmax", ["y = LOG_SOFTMAX(x)"], ROWS | READ)
def _(net: Network, axis: int = -1, keep: bool = True, read: bool = False) -> Any:
    x = net.input("x", (3, 3))
    s = net.add("SUB", [x, over(net, "REDUCE_MAX", x, "m", axis, keep=keep)], "s")
    e = net.add("EXP", [s], "e")
    log = net.add("LOG", [over(net, "SUM", e, "t", axis, keep=keep)], "l")
    return read_too(net, net.add("SUB", [s, log]), s, read)


def blocked(net: Network, pads: Any, crops: Any, out: int, stride: int = 1, size: int = 6) -> Any:
    """A convolution over every second place."""
    half = (size + sum(pads)) // 2
    block = ints(net, "d", [2, 2])
    b = net.add(
        "SPACE_TO_BATCH_ND",
        [net.input("x", (1, size, size, 2)), block, ints(net, "p", [pads, pads])],
        "s",
        (4, half, half, 2),
    )
    given = {"padding": "VALID", "stride_h": stride, "stride_w": stride}
    inner = (half - 3) // stride + 1
    c = net.add(
        "CONV_2D",
        [b, floats(net, "w", (4, 3, 3, 2)), floats(net, "f", (4,))],
        "c",
        (4, inner, inner, 4),
        attributes=given,
    )
    return net.add(
        "BATCH_TO_SPACE_ND", [c, ints(net, "e", [2, 2]), ints(net, "v", [crops, crops])], "y", (1, out, out, 4)
    )


@sample(
    "identify_dilated_conv",
    ["y = CONV_2D(x, w, f)"],
    {"places are put before": {"pads": (1, 0), "crops": (1, 0)}, "it has strides": {"stride": 2, "size": 9, "out": 3}},
    {"y": {"dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "VALID"}},
)
def _(net: Network, pads: Any = (0, 1), crops: Any = (0, 1), size: int = 7, out: int = 3, stride: int = 1) -> Any:
    return blocked(net, pads, crops, out, stride, size)


@sample(
    "identify_dilated_conv_same",
    ["y = CONV_2D(x, w, f)"],
    {"more is before than behind": {"pads": (4, 0)}, "it has strides": {"stride": 2, "size": 10, "out": 6}},
    {"y": {"dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "SAME"}},
)
def _(net: Network, pads: Any = (2, 2), size: int = 6, out: int = 6, stride: int = 1) -> Any:
    return blocked(net, pads, (0, 0), out, stride, size)


@sample("identify_nearest_upsample", ["y = RESIZE_NEAREST_NEIGHBOR(x, y/1)"], {"one is a two": {"value": 2.0}} | READ)
def _(net: Network, value: float = 1.0, read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (1, 3, 2, 5)), "r", (1, 3, 1, 2, 1, 5))
    ones = np.ones((1, 1, 2, 1, 2, 1))
    ones[0, 0, 1, 0, 1, 0] = value
    m = net.add("MUL", [r, net.constant("k", ones)], "m", (1, 3, 2, 2, 2, 5))
    return read_too(net, reshaped(net, m, "y", (1, 6, 4, 5)), m, read)


@sample(
    "identify_space_to_depth",
    ["y = SPACE_TO_DEPTH(x)"],
    {"rows go after columns": {"perm": [0, 1, 3, 4, 2, 5]}},
    {"y": {"block_size": 2}},
)
def _(net: Network, perm: Sequence[int] = (0, 1, 3, 2, 4, 5)) -> Any:
    r = reshaped(net, net.input("x", (1, 4, 6, 5)), "r", (1, 2, 2, 3, 2, 5))
    t = net.add("TRANSPOSE", [r, ints(net, "p", perm)], "t", [r.shape[at] for at in perm], version=6)
    return reshaped(net, t, "y", (1, 2, 3, 20))


@sample(
    "identify_depth_to_space",
    ["y = DEPTH_TO_SPACE(x)"],
    {"rows go after columns": {"perm": [0, 1, 4, 2, 3, 5]}},
    {"y": {"block_size": 2}},
)
def _(net: Network, perm: Sequence[int] = (0, 1, 3, 2, 4, 5)) -> Any:
    r = reshaped(net, net.input("x", (1, 2, 3, 20)), "r", (1, 2, 3, 2, 2, 5))
    t = net.add("TRANSPOSE", [r, ints(net, "p", perm)], "t", [r.shape[at] for at in perm], version=6)
    return reshaped(net, t, "y", (1, 4, 6, 5))


def power(net: Network, exponent: float, of: str = "ABS") -> Tensor:
    return net.add("POW", [net.add(of, [net.input()], "t"), scalar(net, "e", exponent)])


@sample("pow_to_square_sqrt_rsqrt_1", ["t = ABS(x)", "z = NEG(t)"], {"the exponent is another": {"exponent": 1.5}})
def _(net: Network, exponent: float = 1.0) -> Any:
    return ended(net, power(net, exponent))


@sample("pow_to_square_sqrt_rsqrt_2", ["t = NEG(x)", "y = MUL(t, t)"], {"the exponent is another": {"exponent": 2.5}})
def _(net: Network, exponent: float = 2.0) -> Any:
    return power(net, exponent, "NEG")


@sample("pow_to_square_sqrt_rsqrt_half", ["t = ABS(x)", "y = SQRT(t)"], {"the exponent is another": {"exponent": 0.25}})
def _(net: Network, exponent: float = 0.5) -> Any:
    return power(net, exponent)


@sample(
    "mul_self_to_square", ["y = SQUARE(x)"], {"the factors differ": {"other": True}, "there is an activation": RELU6}
)
def _(net: Network, other: bool = False, **activation: Any) -> Any:
    x = net.input()
    return net.add("MUL", [x, net.input("u") if other else x], attributes=activation)


@sample("concat_zeros_to_pad", ["y = PAD(x, y/1)"], {"one is no zero": {"last": 1.0}, "rows are added": {"axis": 2}})
def _(net: Network, last: float = 0.0, axis: int = 3) -> Any:
    z = np.zeros((1, 2, 2, 3))
    z[0, 1, 1, 2] = last
    shape = [1, 2, 2, 3]
    shape[axis] *= 2
    operands = [net.input("x", (1, 2, 2, 3)), net.constant("z", z)]
    return net.add("CONCATENATION", operands, "y", shape, attributes={"axis": axis})


@sample(
    "global_pool_to_mean",
    ["y = MEAN(x, y/1)"],
    {"the window is smaller": {"window": 3}, "there is an activation": RELU6},
    {"y": {"keep_dims": True}},
)
def _(net: Network, window: int = 4, **activation: Any) -> Any:
    given = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": window, "filter_width": 4}
    return net.add("AVERAGE_POOL_2D", [net.input("x", (1, 4, 4, 2))], "y", (1, 1, 1, 2), attributes=given | activation)


@sample(
    "mean_to_global_pool",
    ["y = AVERAGE_POOL_2D(x)"],
    {"channels are summed too": {"axes": [1, 3]}, "the dimensions go": {"keep": False}},
)
def _(net: Network, axes: Sequence[int] = (1, 2), keep: bool = True) -> Any:
    x = net.input("x", (1, 4, 4, 2))
    shape = [1 if at in axes else size for at, size in enumerate(x.shape) if keep or at not in axes]
    return net.add("MEAN", [x, ints(net, "a", axes)], "y", shape, attributes={"keep_dims": keep})


def conv(net: Network, code: str, size: int, shape: Sequence[int], out: Sequence[int], **attributes: Any) -> Tensor:
    given = {"padding": "SAME", "stride_h": 1, "stride_w": 1, **RELU6} | attributes
    operands = [
        net.input("x", (1, size, size, shape[3] if code == "CONV_2D" else 1)),
        floats(net, "w", shape),
        floats(net, "b", (4,)),
    ]
    return net.add(code, operands, "y", out, attributes=given)


@sample(
    "fc_from_conv1x1", ["y = FULLY_CONNECTED(x, y/1, b)"], {"there is more than one place": {"size": 2}}, {"y": RELU6}
)
def _(net: Network, size: int = 1) -> Any:
    return conv(net, "CONV_2D", size, (4, 1, 1, 3), (1, size, size, 4))


@sample(
    "fc_to_conv", ["y = CONV_2D(x, y/1, b)"], {"these are no images": {"shape": (2, 3)}}, {"y": RELU6 | {"stride_h": 1}}
)
def _(net: Network, shape: Sequence[int] = (1, 2, 2, 3)) -> Any:
    operands = [net.input("x", shape), floats(net, "w", (4, 3)), floats(net, "b", (4,))]
    given = {"keep_num_dims": True, **RELU6}
    return net.add("FULLY_CONNECTED", operands, "y", (*shape[:-1], 4), attributes=given)


@sample(
    "conv_to_depthwise",
    ["y = DEPTHWISE_CONV_2D(x, y/1, b)"],
    {"there are two channels": {"channels": 2}},
    {"y": RELU6 | {"depth_multiplier": 4, "stride_h": 2}},
)
def _(net: Network, channels: int = 1) -> Any:
    return conv(net, "CONV_2D", 4, (4, 3, 3, channels), (1, 2, 2, 4), stride_h=2, stride_w=2)


@sample("depthwise_to_conv", ["y = CONV_2D(x, y/1, b)"], {"there are two channels": {"channels": 2}}, {"y": RELU6})
def _(net: Network, channels: int = 1) -> Any:
    operands = [net.input("x", (1, 4, 4, channels)), floats(net, "w", (1, 3, 3, 4)), floats(net, "b", (4,))]
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2, "depth_multiplier": 4 // channels, **RELU6}
    return net.add("DEPTHWISE_CONV_2D", operands, "y", (1, 2, 2, 4), attributes=given)
