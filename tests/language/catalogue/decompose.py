"""Where the rules of group E fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.networks import Network

DECOMPOSE = Group("decompose")
sample = DECOMPOSE.sample

RELU: dict[str, Any] = {"fused_activation_function": "RELU"}
RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}


@sample(
    "unfuse_activation",
    ["y/1 = MUL(x, w)", "y = RELU(y/1)"],
    {"there is none": {"act": "NONE"}, "it is quantized": {"dtype": "i8"}},
)
def _(net: Network, act: str = "RELU", dtype: str = "f32") -> Any:
    steps: dict[str, Any] = {"scale": 0.1} if dtype == "i8" else {}
    y = net.tensor("y", (2, 3), dtype, **steps)
    operands = [net.input(dtype=dtype, **steps), net.input("w", dtype=dtype, **steps)]
    return net.add("MUL", operands, y, attributes={"fused_activation_function": act})


def connected(net: Network, bias: float | None, **given: Any) -> Any:
    operands = [net.input(), floats(net, "w", (4, 3))]
    if bias is not None:
        operands.append(net.constant("b", [0.0, 0.0, bias, 0.0]))
    return net.add("FULLY_CONNECTED", operands, "y", (2, 4), attributes=RELU | given)


@sample("ensure_bias_vectors", ["y = FULLY_CONNECTED(x, w, y/1)"], {"there is one": {"bias": 0.0}}, {"y": RELU})
def _(net: Network, bias: float | None = None) -> Any:
    return connected(net, bias)


@sample("remove_optional_zero_bias", ["y = FULLY_CONNECTED(x, w)"], {"one is no zero": {"bias": 1.0}}, {"y": RELU})
def _(net: Network, bias: float = 0.0) -> Any:
    return connected(net, bias)


QUANTIZED: dict[str, dict[str, Any]] = {"it is quantized": {"dtype": "i8", "scale": 0.05}}


def unary(net: Network, code: str, dtype: str = "f32", scale: float | None = None, **attributes: Any) -> Any:
    x = net.input("x", (2, 3), dtype, scale=scale)
    return net.add(code, [x], net.tensor("y", (2, 3), dtype, scale=scale), attributes=attributes)


@sample("decompose_hardswish", ["y/2 = ADD(x, y/1)", "y/3 = MUL(x, y/2)", "y = MUL(y/3, y/4)"], QUANTIZED)
def _(net: Network, **changes: Any) -> Any:
    return unary(net, "HARD_SWISH", **changes)


@sample(
    "decompose_softmax",
    [
        "y/2 = REDUCE_MAX(x, y/1)",
        "y/3 = SUB(x, y/2)",
        "y/5 = MUL(y/3, y/4)",
        "y/6 = EXP(y/5)",
        "y/8 = SUM(y/6, y/7)",
        "y = DIV(y/6, y/8)",
    ],
    QUANTIZED,
)
def _(net: Network, **changes: Any) -> Any:
    return unary(net, "SOFTMAX", beta=0.7, **changes)


@sample(
    "decompose_prelu",
    ["y/1 = RELU(x)", "y/2 = NEG(x)", "y/3 = RELU(y/2)", "y/4 = MUL(y/3, a)", "y = SUB(y/1, y/4)"],
    QUANTIZED,
)
def _(net: Network, dtype: str = "f32", scale: float | None = None) -> Any:
    x = net.input("x", (1, 2, 2, 3), dtype, scale=scale)
    a = net.constant("a", [[[1, -2, 3]]], dtype, scale=scale)
    return net.add("PRELU", [x, a], net.tensor("y", (1, 2, 2, 3), dtype, scale=scale))


@sample("decompose_leaky_relu", ["y/2 = MUL(x, y/1)", "y = MAXIMUM(y/2, x)"], {"it grows below 0": {"alpha": 1.5}})
def _(net: Network, alpha: float = 0.2) -> Any:
    return unary(net, "LEAKY_RELU", alpha=alpha)


@sample(
    "decompose_squared_difference.forward",
    ["y/1 = SUB(a, b)", "y = MUL(y/1, y/1)"],
    {"they are integers": {"dtype": "i32"}},
)
def _(net: Network, dtype: str = "f32") -> Any:
    return net.add("SQUARED_DIFFERENCE", [net.input("a", dtype=dtype), net.input("b", dtype=dtype)])


@sample("decompose_squared_difference.backward", ["y = SQUARED_DIFFERENCE(a, b)"], {"there is an activation": RELU})
def _(net: Network, **given: Any) -> Any:
    d = net.add("SUB", [net.input("a"), net.input("b")], "d", attributes={"pot_scale_int16": True} | given)
    return net.add("MUL", [d, d])


@sample(
    "decompose_batch_matmul",
    [
        "y/1, y/2 = UNPACK(x)",
        "y/3, y/4 = UNPACK(v)",
        "y/5 = BATCH_MATMUL(y/1, y/3)",
        "y/6 = BATCH_MATMUL(y/2, y/4)",
        "y = PACK(y/5, y/6)",
    ],
    {"there are three": {"count": 3}, "one is transposed": {"adj_x": True}},
)
def _(net: Network, count: int = 2, **adj: Any) -> Any:
    operands = [net.input("x", (count, 4, 4)), net.input("v", (count, 4, 5))]
    return net.add("BATCH_MATMUL", operands, "y", (count, 4, 5), attributes=adj)


@sample(
    "decompose_group_conv",
    [
        "y/2, y/3 = SPLIT(y/1, x)",
        "y/6 = CONV_2D(y/2, y/4, y/5)",
        "y/9 = CONV_2D(y/3, y/7, y/8)",
        "y = CONCATENATION(y/6, y/9)",
    ],
    {"there is one group": {"channels": 4}},
    {"y/6": RELU6 | {"stride_h": 2}},
)
def _(net: Network, channels: int = 2) -> Any:
    operands = [net.input("x", (1, 4, 4, 4)), floats(net, "w", (6, 3, 3, channels)), floats(net, "b", (6,))]
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2, **RELU6}
    return net.add("CONV_2D", operands, "y", (1, 2, 2, 6), attributes=given, version=6 if channels == 2 else 1)


POOL = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "filter_height": 3, "filter_width": 3}


@sample(
    "avgpool_to_dwconv",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    {"some places lie outside": {"padding": "SAME", "size": 4}, "there is an activation": RELU},
)
def _(net: Network, size: int = 2, **given: Any) -> Any:
    return net.add("AVERAGE_POOL_2D", [net.input("x", (1, 4, 4, 2))], "y", (1, size, size, 2), attributes=POOL | given)


@sample("resize_1x1_to_add", ["y = ADD(x, y/1)"], {"there is more than one place": {"size": 2}})
def _(net: Network, size: int = 1) -> Any:
    operands = [net.input("x", (1, size, size, 2)), ints(net, "s", [3, 4])]
    return net.add("RESIZE_BILINEAR", operands, "y", (1, 3, 4, 2))


@sample(
    "fixup_pool_strides",
    ["y = MAX_POOL_2D(x)"],
    {"the window is smaller": {"filter_height": 2}, "the strides are 1": {"stride_h": 1}},
    {"y": RELU | {"stride_h": 1, "stride_w": 1}},
)
def _(net: Network, **changes: Any) -> Any:
    given = POOL | RELU | {"stride_h": 3, "stride_w": 3} | changes
    return net.add("MAX_POOL_2D", [net.input("x", (1, 3, 3, 2))], "y", (1, 1, 1, 2), attributes=given)


@sample(
    "hoist_transpose_above_pad",
    ["y/1 = TRANSPOSE(x, q)", "y = PAD(y/1, y/2)"],
    {"another reads what is padded": {"read": True}},
)
def _(net: Network, read: bool = False) -> Any:
    p = net.add("PAD", [net.input(), ints(net, "p", [[1, 0], [0, 2]])], "t", (3, 5))
    y = net.add("TRANSPOSE", [p, ints(net, "q", [1, 0])], "y", (5, 3))
    return (y, net.add("ABS", [p], "n")) if read else y


@sample(
    "bool_op_via_cast", ["y/1 = CAST(x)", "y/2 = TILE(y/1, m)", "y = CAST(y/2)"], {"they are numbers": {"dtype": "f32"}}
)
def _(net: Network, dtype: str = "bool") -> Any:
    return net.add("TILE", [net.input("x", dtype=dtype), ints(net, "m", [1, 2])], "y", (2, 6))


@sample("broadcast_to_to_tile", ["y = TILE(x, y/1)"], {"a dimension is added": {"shape": (3,)}})
def _(net: Network, shape: Sequence[int] = (1, 3)) -> Any:
    return net.add("BROADCAST_TO", [net.input("x", shape), ints(net, "s", [2, 3])], "y", (2, 3), version=2)


@sample(
    "fc_nonconst_to_bmm",
    ["y/1 = BATCH_MATMUL(x, w)", "y = ADD(y/1, b)"],
    {"the weights are constant": {"constant": True}, "there is no bias": {"bias": False}},
    {"y": RELU, "y/1": {"adj_y": True}},
)
def _(net: Network, constant: bool = False, bias: bool = True) -> Any:
    w = floats(net, "w", (4, 3)) if constant else net.input("w", (4, 3))
    operands = [net.input(), w, *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, "y", (2, 4), attributes=RELU)


@sample(
    "pad_channels_to_multiple",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, b)"],
    {"there are two channels": {"channels": 2}},
    {"y": RELU6},
)
def _(net: Network, channels: int = 3) -> Any:
    operands = [net.input("x", (1, 4, 4, channels)), floats(net, "w", (4, 3, 3, channels)), floats(net, "b", (4,))]
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2, **RELU6}
    return net.add("CONV_2D", operands, "y", (1, 2, 2, 4), attributes=given)
