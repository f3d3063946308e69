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


@sample(
    "identify_l2_normalization_added",
    ["y = L2_NORMALIZATION(x)"],
    {"the sum runs over another axis": {"axis": 1}, "much is added": {"more": 1e-3}},
)
def _(net: Network, axis: int = 2, more: float = 1e-6) -> Any:
    x = net.input("x", (4, 4, 4))
    shape = [1 if at == axis else 4 for at in range(3)]
    squares = net.add("MUL", [x, x], "q")
    total = net.add("SUM", [squares, ints(net, "a", [axis])], "t", shape, attributes={"keep_dims": True})
    root = net.add("SQRT", [net.add("ADD", [total, scalar(net, "e", more)], "b")], "r")
    return net.add("DIV", [x, root])


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


@sample("identify_prelu_sub", ["y = PRELU(x, a)"], {"the bound is another": {"bound": 0.5}} | READ)
def _(net: Network, bound: float = 0.0, read: bool = False) -> Any:
    x = net.input("x", (1, 2, 3, 4))
    n = net.add("MINIMUM", [x, scalar(net, "o", bound)], "n0")
    m = net.add("MUL", [n, floats(net, "a", (1, 1, 4))], "m")
    return read_too(net, net.add("ADD", [m, net.add("RELU", [x], "r")]), m, read)


@sample("identify_prelu_abs", ["y = PRELU(x, a)"], {"it is not halved": {"half": 0.6}} | READ)
def _(net: Network, half: float = 0.5, read: bool = False) -> Any:
    x = net.input("x", (1, 2, 3, 4))
    s = net.add("SUB", [x, net.add("ABS", [x], "g")], "s")
    m = net.add("MUL", [net.add("MUL", [s, floats(net, "a", (1, 1, 4))], "m"), scalar(net, "h", half)], "i")
    return read_too(net, net.add("ADD", [net.add("RELU", [x], "r"), m]), m, read)


def chosen(net: Network, code: str, x: Tensor, below: Tensor, bound: float) -> Tensor:
    """A value above a bound, something else below."""
    above = net.add("GREATER", [x, scalar(net, "z", bound)], "g", x.shape, "bool")
    return net.add(code, [above, x, below], "y", x.shape, "f32")


@sample(
    "identify_prelu_select",
    ["y = PRELU(x, a)"],
    {"the bound is another": {"bound": 0.5}, "there is one factor": {"factors": (1,)}} | READ,
)
def _(net: Network, bound: float = 0.0, factors: Sequence[int] = (1, 1, 4), read: bool = False) -> Any:
    x = net.input("x", (1, 2, 3, 4))
    m = net.add("MUL", [x, floats(net, "a", factors)], "m")
    return read_too(net, chosen(net, "SELECT", x, m, bound), m, read)


@sample(
    "identify_relu",
    ["y = RELU(x)"],
    {
        "the bound is another": {"bound": 4},
        "they are integers": {"dtype": "i32", "scale": None},
        "they are bytes, and no steps": {"scale": None},
    },
)
def _(net: Network, bound: float = 3, dtype: str = "i8", scale: float | None = 0.5) -> Any:
    steps: dict[str, Any] = {"scale": scale, "zero": 3}
    operands = [net.constant("c", bound, dtype, **steps), net.input(dtype=dtype, **steps)]
    return net.add("MAXIMUM", operands, net.tensor("y", (2, 3), dtype, **steps))


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


@sample(
    "identify_leaky_relu_quantized",
    ["y = LEAKY_RELU(x)"],
    {"the part is negative": {"part": -1}, "the part has other steps": {"scale": 0.25}} | READ,
    {"y": {"alpha": 0.125}},
)
def _(net: Network, part: int = 1, scale: float = 0.5, read: bool = False) -> Any:
    x = net.input(dtype="i8", scale=0.5, zero=-3)
    a = net.constant("a", part, "i8", scale=0.125)
    m = net.add("MUL", [x, a], net.tensor("m", (2, 3), "i8", scale=scale, zero=-3))
    return read_too(net, net.add("MAXIMUM", [m, x], net.tensor("y", (2, 3), "i8", scale=0.5, zero=-3)), m, read)


@sample(
    "identify_leaky_relu_min",
    ["y = LEAKY_RELU(x)"],
    {"the multiple is a part": {"factor": 0.5}} | READ,
    {"y": {"alpha": 2.0}},
)
def _(net: Network, factor: float = 2.0, read: bool = False) -> Any:
    x = net.input()
    m = net.add("MUL", [x, scalar(net, "a", factor)], "m")
    return read_too(net, net.add("MINIMUM", [x, m]), m, read)


@sample(
    "identify_leaky_relu_select",
    ["y = LEAKY_RELU(x)"],
    {"the bound is another": {"bound": 0.5}, "parts differ": {"part": [0.1, 0.2, 0.3]}} | READ,
    {"y": {"alpha": -0.25}},
)
def _(net: Network, part: Any = -0.25, bound: float = 0.0, read: bool = False) -> Any:
    x = net.input()
    m = net.add("MUL", [x, net.constant("a", part)], "m")
    return read_too(net, chosen(net, "SELECT_V2", x, m, bound), m, read)


@sample("identify_abs", ["y = ABS(x)"], {"the factor is another": {"factor": -2.0}} | READ)
def _(net: Network, factor: float = -1.0, read: bool = False) -> Any:
    x = net.input()
    m = net.add("MUL", [x, scalar(net, "f", factor)], "m")
    return read_too(net, net.add("MAXIMUM", [m, x]), m, read)


def less_one(net: Network, x: Tensor, less: float) -> Tensor:
    return net.add("SUB", [net.add("EXP", [x], "e"), scalar(net, "k", less)], "m")


@sample(
    "identify_elu", ["y = ELU(x)"], {"the bound is another": {"bound": 0.5}, "2 is taken away": {"less": 2.0}} | READ
)
def _(net: Network, bound: float = 0.0, less: float = 1.0, read: bool = False) -> Any:
    x = net.input()
    m = less_one(net, x, less)
    return read_too(net, chosen(net, "SELECT", x, m, bound), m, read)


@sample(
    "identify_elu_sum",
    ["y = ELU(x)"],
    {"the bound is another": {"bound": 0.5}, "2 is taken away": {"less": 2.0}} | READ,
)
def _(net: Network, bound: float = 0.0, less: float = 1.0, read: bool = False) -> Any:
    x = net.input()
    m = less_one(net, net.add("MINIMUM", [x, scalar(net, "z", bound)], "n"), less)
    return read_too(net, net.add("ADD", [net.add("RELU", [x], "r"), m]), m, read)


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


@sample(
    "identify_gelu_erf",
    ["y = GELU(x)"],
    {"the scale is another": {"scale": 0.7}, "the addend is another": {"addend": 2.0}} | READ,
    {"y": {"approximate": False}},
)
def _(net: Network, scale: float = float(np.sqrt(0.5)), addend: float = 1.0, read: bool = False) -> Any:
    x = net.input()
    e = net.add("CUSTOM[FlexErf]", [net.add("MUL", [x, scalar(net, "s", scale)], "u")], "e")
    m = net.add("MUL", [x, net.add("ADD", [e, scalar(net, "o", addend)], "v")], "m")
    return read_too(net, net.add("MUL", [m, scalar(net, "h", 0.5)]), e, read)


@sample(
    "identify_gelu_erf_div",
    ["y = GELU(x)"],
    {"the scale is another": {"scale": 1.4}} | READ,
    {"y": {"approximate": False}},
)
def _(net: Network, scale: float = float(np.sqrt(2)), read: bool = False) -> Any:
    x = net.input()
    e = net.add("CUSTOM[FlexErf]", [net.add("DIV", [x, scalar(net, "s", scale)], "u")], "e")
    m = net.add("MUL", [x, scalar(net, "h", 0.5)], "m")
    return read_too(net, net.add("MUL", [m, net.add("ADD", [e, scalar(net, "o", 1.0)], "v")]), e, read)


@sample(
    "identify_gelu_erfc",
    ["y = GELU(x)"],
    {"the sign is another": {"scale": 0.7071068}} | READ,
    {"y": {"approximate": False}},
)
def _(net: Network, scale: float = -float(np.sqrt(0.5)), read: bool = False) -> Any:
    x = net.input()
    e = net.add("CUSTOM[FlexErfc]", [net.add("MUL", [x, scalar(net, "s", scale)], "u")], "e")
    m = net.add("MUL", [x, scalar(net, "h", 0.5)], "m")
    return read_too(net, net.add("MUL", [m, e]), e, read)


@sample("identify_logistic", ["y = LOGISTIC(x)"], {"the addend is another": {"addend": 2.0}} | READ)
def _(net: Network, addend: float = 1.0, read: bool = False) -> Any:
    e = net.add("EXP", [net.add("NEG", [net.input()], "m")], "e")
    s = net.add("ADD", [scalar(net, "a", addend), e], "s", (2, 3))
    return read_too(net, net.add("DIV", [scalar(net, "o", 1.0), s], shape=(2, 3)), e, read)


def over(net: Network, code: str, x: Tensor, name: str, axis: int, *, keep: bool = True, axes: str = "a") -> Tensor:
    shape = [1 if at == axis % 2 else size for at, size in enumerate(x.shape) if keep or at != axis % 2]
    return net.add(code, [x, ints(net, f"{name}{axes}", [axis])], name, shape, attributes={"keep_dims": keep})


COLUMNS: dict[str, dict[str, Any]] = {"sums are of columns": {"axis": 0}}
ROWS: dict[str, dict[str, Any]] = COLUMNS | {"the dimension goes": {"keep": False}}


@sample(
    "identify_softmax",
    ["y = SOFTMAX(x)"],
    COLUMNS | {"the dimension comes back in front": {"back": (1, 3)}} | READ,
    {"y": {"beta": 1.0}},
)
def _(net: Network, axis: int = -1, keep: bool = False, back: Sequence[int] = (3, 1), read: bool = False) -> Any:
    e = net.add("EXP", [net.input("x", (3, 3))], "e")
    total = reshaped(net, over(net, "SUM", e, "s", axis, keep=keep), "t", back)
    return read_too(net, net.add("DIV", [e, total]), e, read)


@sample("identify_log_softmax", ["y = LOG_SOFTMAX(x)"], ROWS | READ)
def _(net: Network, axis: int = -1, keep: bool = True, read: bool = False) -> Any:
    x = net.input("x", (3, 3))
    e = net.add("EXP", [x], "e")
    log = net.add("LOG", [over(net, "SUM", e, "t", axis, keep=keep)], "l")
    return read_too(net, net.add("SUB", [x, log]), log, read)


@sample("identify_log_softmax_of_softmax", ["y = LOG_SOFTMAX(x)"], {"it is scaled before": {"beta": 2.0}} | READ)
def _(net: Network, beta: float = 1.0, read: bool = False) -> Any:
    s = net.add("SOFTMAX", [net.input()], "s", attributes={"beta": beta})
    return read_too(net, net.add("LOG", [s]), s, read)


@sample("identify_softmax_shifted", ["y = SOFTMAX(x)"], ROWS | READ, {"y": {"beta": 0.5}})
def _(net: Network, axis: int = -1, keep: bool = True, read: bool = False) -> Any:
    x = net.input("x", (3, 3))
    s = net.add("SUB", [x, over(net, "REDUCE_MAX", x, "m", axis, keep=keep)], "s")
    return read_too(net, net.add("SOFTMAX", [s], attributes={"beta": 0.5}), s, read)


def blocked(
    net: Network, pads: Any, crops: Any, stride: int = 1, size: int = 6, between: str | None = None, **more: Any
) -> Any:
    """A convolution over every second place, in steps."""
    half = (size + sum(pads)) // 2
    block = ints(net, "d", [2, 2])
    s = net.tensor("s", (4, half, half, 2), "i8", scale=0.5, zero=3)
    x = net.input("x", (1, size, size, 2), "i8", scale=0.5, zero=3)
    s = net.add("SPACE_TO_BATCH_ND", [x, block, ints(net, "p", [pads, pads])], s)
    inner = (half - 3) // stride + 1
    operands = [
        s,
        net.constant("w", np.arange(-36, 36).reshape(4, 3, 3, 2), "i8", scale=0.25),
        net.constant("f", [1, -2, 3, 50], "i32", scale=0.125),
    ]
    given = {"padding": "VALID", "stride_h": stride, "stride_w": stride}
    c = net.tensor("c", (4, inner, inner, 4), "i8", scale=8.0)
    c = net.add("CONV_2D", operands, c, attributes=given, version=3)
    if between is not None:
        c = net.add(between, [c, *more.get("with_", ())], net.tensor("b", c.shape, "i8", scale=8.0))
    out = 2 * inner - sum(crops)
    y = net.tensor("y", (1, out, out, 4), "i8", scale=8.0)
    y = net.add("BATCH_TO_SPACE_ND", [c, ints(net, "e", [2, 2]), ints(net, "v", [crops, crops])], y)
    return read_too(net, y, c, more.get("read", False))


STRIDED = {"it has strides": {"stride": 2, "size": 9}}


@sample(
    "identify_dilated_conv",
    ["y = CONV_2D(x, w, f)"],
    {"less is cut off than was put around": {"crops": (0, 1)}} | STRIDED | READ,
    {"y": {"dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "VALID"}},
)
def _(net: Network, pads: Any = (1, 2), crops: Any = (1, 2), size: int = 7, stride: int = 1, read: bool = False) -> Any:
    return blocked(net, pads, crops, stride, size, read=read)


@sample(
    "identify_dilated_conv_same",
    ["y = CONV_2D(x, w, f)"],
    {"more is before than behind": {"pads": (4, 0)}, "nothing is left": {"crops": (2, 2)}},
    {"y": {"dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "SAME"}},
)
def _(net: Network, pads: Any = (2, 3), crops: Any = (0, 1), size: int = 7) -> Any:
    return blocked(net, pads, crops, 1, size if sum(pads) % 2 else 6)


@sample(
    "identify_dilated_conv_padded",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, w, f)"],
    {"more is cut off than was put around": {"crops": (3, 0)}},
    {"y": {"dilation_h_factor": 2, "dilation_w_factor": 2, "padding": "VALID"}},
)
def _(net: Network, pads: Any = (2, 2), crops: Any = (0, 1)) -> Any:
    return blocked(net, pads, crops)


@sample(
    "identify_dilated_conv_elementwise",
    ["s = SPACE_TO_BATCH_ND(x, d, p)", "c = CONV_2D(s, w, f)", "y/2 = BATCH_TO_SPACE_ND(c, y/1, v)", "y = ADD(y/2, k)"],
    {"rows differ": {"shape": (2, 1, 4)}} | READ,
)
def _(net: Network, shape: Sequence[int] = (4,), read: bool = False) -> Any:
    k = net.constant("k", np.arange(np.prod(shape)).reshape(shape), "i8", scale=4.0)
    return blocked(net, (2, 2), (0, 0), between="ADD", with_=[k], read=read)


@sample(
    "identify_dilated_conv_activation",
    ["s = SPACE_TO_BATCH_ND(x, d, p)", "c = CONV_2D(s, w, f)", "y/2 = BATCH_TO_SPACE_ND(c, y/1, v)", "y = RELU(y/2)"],
    {"it is a hard swish": {"code": "HARD_SWISH"}} | READ,
)
def _(net: Network, code: str = "RELU", read: bool = False) -> Any:
    return blocked(net, (2, 2), (0, 0), between=code, read=read)


def blocked_rows(net: Network, pads: Any, crops: Any, stride: int = 1, back: Sequence[int] | None = None) -> Any:
    """A convolution over every second place of rows, as images of one row."""
    x = net.input("x", (1, 8, 2))
    half = (8 + sum(pads)) // 2
    s = net.add("SPACE_TO_BATCH_ND", [x, ints(net, "d", [2]), ints(net, "p", [pads])], "s", (2, half, 2), version=3)
    r = net.add("EXPAND_DIMS", [s, ints(net, "a", 1)], "r", (2, 1, half, 2))
    inner = (half - 3) // stride + 1
    operands = [r, floats(net, "w", (4, 1, 3, 2)), floats(net, "f", (4,))]
    given = {"padding": "VALID", "stride_h": stride, "stride_w": stride, **RELU6}
    c = net.add("CONV_2D", operands, "c", (2, 1, inner, 4), attributes=given)
    t = reshaped(net, c, "t", back or (2, inner, 4))
    shape = (1, 2 * t.shape[1] - sum(crops), t.shape[2])
    return net.add("BATCH_TO_SPACE_ND", [t, ints(net, "e", [2]), ints(net, "v", [crops])], "y", shape, version=3)


@sample(
    "identify_dilated_conv_of_rows",
    ["y/2 = RESHAPE(x, y/1)", "y/3 = CONV_2D(y/2, w, f)", "y = RESHAPE(y/3, y/4)"],
    {
        "less is cut off than was put around": {"crops": (0, 0)},
        "it has strides": {"stride": 2},
        "the rows come back in another shape": {"back": (2, 4, 3)},
    },
    {"y/3": RELU6 | {"dilation_w_factor": 2, "padding": "VALID"}},
)
def _(net: Network, pads: Any = (1, 1), crops: Any = (1, 1), stride: int = 1, back: Sequence[int] | None = None) -> Any:
    return blocked_rows(net, pads, crops, stride, back)


@sample(
    "identify_dilated_conv_of_rows_same",
    ["y/2 = RESHAPE(x, y/1)", "y/3 = CONV_2D(y/2, w, f)", "y = RESHAPE(y/3, y/4)"],
    {"more is before than behind": {"pads": (4, 0)}, "nothing is left": {"crops": (2, 2)}},
    {"y/3": RELU6 | {"dilation_w_factor": 2, "padding": "SAME"}},
)
def _(net: Network, pads: Any = (2, 2), crops: Any = (0, 0)) -> Any:
    return blocked_rows(net, pads, crops)


@sample("identify_nearest_upsample", ["y = RESIZE_NEAREST_NEIGHBOR(x, y/1)"], {"one is a two": {"value": 2.0}} | READ)
def _(net: Network, value: float = 1.0, read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (1, 3, 2, 5)), "r", (1, 3, 1, 2, 1, 5))
    ones = np.ones((1, 1, 2, 1, 2, 1))
    ones[0, 0, 1, 0, 1, 0] = value
    m = net.add("MUL", [r, net.constant("k", ones)], "m", (1, 3, 2, 2, 2, 5))
    return read_too(net, reshaped(net, m, "y", (1, 6, 4, 5)), m, read)


@sample(
    "identify_nearest_upsample_repeat",
    ["y = RESIZE_NEAREST_NEIGHBOR(x, y/1)"],
    {"channels are repeated": {"times": (1, 1, 2, 1, 2, 2)}} | READ,
)
def _(net: Network, times: Sequence[int] = (1, 1, 2, 1, 2, 1), read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (1, 3, 2, 5)), "r", (1, 3, 1, 2, 1, 5))
    shape = [size * more for size, more in zip(r.shape, times, strict=True)]
    m = net.add("TILE", [r, ints(net, "k", times)], "m", shape)
    return read_too(net, reshaped(net, m, "y", (1, 6, 4, 5 * times[5])), m, read)


@sample(
    "identify_nearest_upsample_gather",
    ["y = RESIZE_NEAREST_NEIGHBOR(x, y/1)"],
    {"a place is taken once": {"rows": (0, 1, 1, 1, 2, 2)}} | READ,
)
def _(net: Network, rows: Sequence[int] = (0, 0, 1, 1, 2, 2), read: bool = False) -> Any:
    x = net.input("x", (1, 3, 2, 5), "i8", scale=0.5)
    m = net.tensor("m", (1, 6, 2, 5), "i8", scale=0.5)
    m = net.add("GATHER", [x, ints(net, "i", rows)], m, attributes={"axis": 1}, version=2)
    y = net.tensor("y", (1, 6, 4, 5), "i8", scale=0.5)
    y = net.add("GATHER", [m, ints(net, "j", (0, 0, 1, 1))], y, attributes={"axis": 2}, version=2)
    return read_too(net, y, m, read)


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


@sample(
    "identify_channel_shuffle",
    ["y = GATHER(x, y/1)"],
    {"rows and columns change places": {"perm": [0, 2, 1, 4, 3]}},
    {"y": {"axis": 3}},
)
def _(net: Network, perm: Sequence[int] = (0, 1, 2, 4, 3)) -> Any:
    r = reshaped(net, net.input("x", (1, 2, 3, 6)), "r", (1, 2, 3, 2, 3))
    t = net.add("TRANSPOSE", [r, ints(net, "p", perm)], "t", [r.shape[at] for at in perm], version=6)
    return reshaped(net, t, "y", (1, 2, 3, 6))


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
    "pow_to_square_sqrt_rsqrt_minus_half",
    ["t = ABS(x)", "y = RSQRT(t)"],
    {"the exponent is another": {"exponent": -1.0}},
)
def _(net: Network, exponent: float = -0.5) -> Any:
    return power(net, exponent)


@sample(
    "mul_self_to_square", ["y = SQUARE(x)"], {"the factors differ": {"other": True}, "there is an activation": RELU6}
)
def _(net: Network, other: bool = False, **activation: Any) -> Any:
    x = net.input()
    return net.add("MUL", [x, net.input("u") if other else x], attributes=activation)


def beside_zeros(net: Network, last: int, before: bool, axis: int = 2) -> Any:
    z = np.full((1, 2, 2, 3), 3)
    z[0, 1, 1, 2] = last
    steps: dict[str, Any] = {"scale": 0.5, "zero": 3}
    operands = [net.input("x", (1, 2, 2, 3), "i8", **steps), net.constant("z", z, "i8", **steps)]
    y = net.tensor("y", [size * (1 + (at == axis)) for at, size in enumerate(z.shape)], "i8", **steps)
    return net.add("CONCATENATION", operands[:: -1 if before else 1], y, attributes={"axis": axis})


@sample(
    "concat_zeros_to_pad", ["y = PAD(x, y/1)"], {"one is no zero": {"last": 0}, "they stand before": {"before": True}}
)
def _(net: Network, last: int = 3, before: bool = False) -> Any:
    return beside_zeros(net, last, before)


@sample(
    "concat_zeros_to_pad_before",
    ["y = PAD(x, y/1)"],
    {"one is no zero": {"last": 0}, "they stand behind": {"before": False}},
)
def _(net: Network, last: int = 3, before: bool = True) -> Any:
    return beside_zeros(net, last, before)


@sample("resolve_customop_builtin_add", ["y = ADD(x, u)"], {"they are short integers": {"dtype": "i16"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return net.add("CUSTOM[FlexAddV2]", [net.input(dtype=dtype), net.input("u", dtype=dtype)])
