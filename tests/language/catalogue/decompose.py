"""Where the rules of group E fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.networks import Network

DECOMPOSE = Group("decompose")
sample = DECOMPOSE.sample

RELU: dict[str, Any] = {"fused_activation_function": "RELU"}
RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}


def product(net: Network, act: str, dtype: str) -> Any:
    steps: dict[str, Any] = {"scale": 0.1} if dtype == "i8" else {}
    y = net.tensor("y", (2, 3), dtype, **steps)
    operands = [net.input(dtype=dtype, **steps), net.input("w", dtype=dtype, **steps)]
    return net.add("MUL", operands, y, attributes={"fused_activation_function": act})


@sample(
    "unfuse_activation",
    ["y/1 = MUL(x, w)", "y = RELU(y/1)"],
    {"there is none": {"act": "NONE"}, "it is another": {"act": "RELU6"}},
)
def _(net: Network, act: str = "RELU") -> Any:
    return product(net, act, "f32")


@sample(
    "unfuse_activation_relu6",
    ["y/1 = MUL(x, w)", "y = RELU6(y/1)"],
    {"there is none": {"act": "NONE"}, "it is another": {"act": "RELU"}},
)
def _(net: Network, act: str = "RELU6") -> Any:
    return product(net, act, "i8")


@sample(
    "unfuse_activation_relu_n1_to_1",
    ["y/1 = MUL(x, w)", "y = RELU_N1_TO_1(y/1)"],
    {"there is none": {"act": "NONE"}, "it is another": {"act": "RELU"}},
)
def _(net: Network, act: str = "RELU_N1_TO_1") -> Any:
    return product(net, act, "f32")


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


def prelu(net: Network, values: Any = (1, -2, 3), dtype: str = "f32", scale: float | None = None) -> Any:
    x = net.input("x", (1, 2, 2, 3), dtype, scale=scale)
    a = net.constant("a", [[values]], dtype, scale=scale)
    return net.add("PRELU", [x, a], net.tensor("y", (1, 2, 2, 3), dtype, scale=scale))


@sample(
    "decompose_prelu",
    ["y/1 = RELU(x)", "y/2 = NEG(x)", "y/3 = RELU(y/2)", "y/4 = MUL(y/3, a)", "y = SUB(y/1, y/4)"],
    QUANTIZED,
)
def _(net: Network, **changes: Any) -> Any:
    return prelu(net, **changes)


@sample(
    "decompose_prelu_to_leaky_relu",
    ["y = LEAKY_RELU(x)"],
    {"factors differ": {"values": (0.25, 0.25, 0.5)}, "all are 0": {"values": (0, 0, 0)}},
    {"y": {"alpha": 0.25}},
)
def _(net: Network, values: Any = (0.25, 0.25, 0.25)) -> Any:
    return prelu(net, values)


@sample("decompose_prelu_to_relu", ["y = RELU(x)"], {"a factor is not 0": {"values": (0, 0, 0.5)}})
def _(net: Network, values: Any = (0, 0, 0)) -> Any:
    return prelu(net, values)


@sample(
    "decompose_leaky_relu",
    ["y/2 = MUL(x, y/1)", "y = MAXIMUM(y/2, x)"],
    {"it grows below 0": {"alpha": 1.5}} | QUANTIZED,
)
def _(net: Network, alpha: float = 0.2, **changes: Any) -> Any:
    return unary(net, "LEAKY_RELU", alpha=alpha, **changes)


def leaky(net: Network, dtype: str, alpha: float, scale: float | None) -> Any:
    y = net.tensor("y", (2, 3), dtype, scale=scale and 2 * scale)
    return net.add("LEAKY_RELU", [net.input("x", (2, 3), dtype, scale=scale)], y, attributes={"alpha": alpha})


FLAT = {"it grows below 0": {"alpha": 1.5}, "it does not grow at all": {"alpha": 0.0}}


@sample(
    "decompose_leaky_relu_quantized",
    ["y/2 = MUL(x, y/1)", "y/3 = QUANTIZE(x)", "y = MAXIMUM(y/2, y/3)"],
    FLAT | {"it is not quantized": {"dtype": "f32", "scale": None}},
)
def _(net: Network, dtype: str = "i8", alpha: float = 0.2, scale: float | None = 0.05) -> Any:
    return leaky(net, dtype, alpha, scale)


@sample(
    "decompose_leaky_relu_quantized_i16",
    ["y/2 = MUL(x, y/1)", "y/3 = QUANTIZE(x)", "y = MAXIMUM(y/2, y/3)"],
    FLAT | {"it has 8 bits": {"dtype": "i8"}},
)
def _(net: Network, dtype: str = "i16", alpha: float = 0.2, scale: float | None = 0.05) -> Any:
    return leaky(net, dtype, alpha, scale)


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


def matrices(net: Network, count: int, constant: bool = False, **adj: Any) -> Any:
    v = floats(net, "v", (count, 4, 4)) if constant else net.input("v", (count, 4, 4))
    return net.add("BATCH_MATMUL", [net.input("x", (count, 4, 4)), v], "y", (count, 4, 4), attributes=adj)


@sample(
    "decompose_batch_matmul",
    [
        "y/3, y/4 = SPLIT_V(x, y/2, y/1)",
        "y/7, y/8 = SPLIT_V(v, y/6, y/5)",
        "y/9 = BATCH_MATMUL(y/3, y/7)",
        "y/10/3, y/10/4 = SPLIT_V(y/4, y/10/2, y/10/1)",
        "y/10/7, y/10/8 = SPLIT_V(y/8, y/10/6, y/10/5)",
        "y/10/9 = BATCH_MATMUL(y/10/3, y/10/7)",
        "y/10/10 = BATCH_MATMUL(y/10/4, y/10/8)",
        "y/10 = CONCATENATION(y/10/9, y/10/10)",
        "y = CONCATENATION(y/9, y/10)",
    ],
    {"there is one": {"count": 1}},
    {"y/6": {"adj_x": True}},
)
def _(net: Network, count: int = 3) -> Any:
    return matrices(net, count, adj_x=True)


@sample(
    "decompose_batch_matmul_of_one",
    [
        "y/2 = RESHAPE(x, y/1)",
        "y/4 = RESHAPE(v, y/3)",
        "y/6 = TRANSPOSE(y/4, y/5)",
        "y/7 = FULLY_CONNECTED(y/2, y/6)",
        "y = RESHAPE(y/7, y/8)",
    ],
    {"there are two": {"count": 2}, "one is constant": {"constant": True}, "one is transposed": {"adj_x": True}},
)
def _(net: Network, count: int = 1, **changes: Any) -> Any:
    return matrices(net, count, **changes)


def grouped(net: Network, i: int, channels: int) -> Any:
    operands = [net.input("x", (1, 4, 4, i)), floats(net, "w", (6, 3, 3, channels)), floats(net, "b", (6,))]
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2, **RELU6}
    return net.add("CONV_2D", operands, "y", (1, 2, 2, 6), attributes=given, version=6 if channels < i else 1)


@sample(
    "decompose_group_conv",
    [
        "y/2, y/3 = SPLIT(y/1, x)",
        "y/6 = CONV_2D(y/2, y/4, y/5)",
        "y/9 = CONV_2D(y/3, y/7, y/8)",
        "y = CONCATENATION(y/6, y/9)",
    ],
    {"there is one group": {"channels": 4}, "there are three": {"i": 6}},
    {"y/6": RELU6 | {"stride_h": 2}},
)
def _(net: Network, i: int = 4, channels: int = 2) -> Any:
    return grouped(net, i, channels)


@sample(
    "decompose_group_conv_odd",
    [
        "y/3, y/4 = SPLIT_V(x, y/2, y/1)",
        "y/7 = CONV_2D(y/3, y/5, y/6)",
        "y/10 = CONV_2D(y/4, y/8, y/9)",
        "y = CONCATENATION(y/7, y/10)",
    ],
    {"there is one group": {"channels": 6}, "there are two": {"channels": 3}},
    {"y/8": RELU6 | {"stride_h": 2}},
)
def _(net: Network, i: int = 6, channels: int = 2) -> Any:
    return grouped(net, i, channels)


POOL = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "filter_height": 3, "filter_width": 3}


def pooled(net: Network, size: int, dtype: str, scale: float | None, **given: Any) -> Any:
    y = net.tensor("y", (1, size, size, 2), dtype, scale=scale)
    return net.add("AVERAGE_POOL_2D", [net.input("x", (1, 4, 4, 2), dtype, scale=scale)], y, attributes=POOL | given)


OUTSIDE = {"some places lie outside": {"padding": "SAME", "size": 4}}


@sample("avgpool_to_dwconv", ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"], OUTSIDE | QUANTIZED, {"y": RELU})
def _(net: Network, size: int = 2, dtype: str = "f32", scale: float | None = None, **given: Any) -> Any:
    return pooled(net, size, dtype, scale, **RELU | given)


@sample(
    "avgpool_to_dwconv_quantized",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    OUTSIDE | {"they are unsigned": {"dtype": "u8"}},
    {"y": RELU},
)
def _(net: Network, size: int = 2, dtype: str = "i8", scale: float | None = 0.05, **given: Any) -> Any:
    return pooled(net, size, dtype, scale, **RELU | given)


@sample(
    "avgpool_to_dwconv_quantized_u8",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    OUTSIDE | {"they are signed": {"dtype": "i8"}},
    {"y": RELU},
)
def _(net: Network, size: int = 2, dtype: str = "u8", scale: float | None = 0.05, **given: Any) -> Any:
    return pooled(net, size, dtype, scale, **RELU | given)


def mean(net: Network, axes: Sequence[int], keep: bool, dtype: str, scale: float | None) -> Any:
    x = net.input("x", (1, 4, 4, 2), dtype, scale=scale)
    gone = [axis % 4 for axis in axes]
    shape = [1 if at in gone else size for at, size in enumerate(x.shape) if keep or at not in gone]
    y = net.tensor("y", shape, dtype, scale=scale)
    return net.add("MEAN", [x, ints(net, "a", axes)], y, attributes={"keep_dims": keep})


CHANNELS = {"channels are summed too": {"axes": (1, 3)}}


@sample("mean_to_dwconv", ["y/3 = DEPTHWISE_CONV_2D(x, y/1, y/2)", "y = RESHAPE(y/3, y/4)"], CHANNELS | QUANTIZED)
def _(net: Network, axes: Sequence[int] = (-2, 1), dtype: str = "f32", scale: float | None = None) -> Any:
    return mean(net, axes, False, dtype, scale)


@sample(
    "mean_to_dwconv_quantized",
    ["y/3 = DEPTHWISE_CONV_2D(x, y/1, y/2)", "y = RESHAPE(y/3, y/4)"],
    CHANNELS | {"it is not quantized": {"dtype": "f32", "scale": None}},
)
def _(net: Network, axes: Sequence[int] = (1, 2), dtype: str = "i8", scale: float | None = 0.05) -> Any:
    return mean(net, axes, True, dtype, scale)


def resized(net: Network, size: int, dtype: str, scale: float | None, code: str = "RESIZE_BILINEAR") -> Any:
    operands = [net.input("x", (1, size, size, 2), dtype, scale=scale), ints(net, "s", [3, 4])]
    return net.add(code, operands, net.tensor("y", (1, 3, 4, 2), dtype, scale=scale))


PLACES = {"there is more than one place": {"size": 2}}


@sample("resize_1x1_to_add", ["y = ADD(x, y/1)"], PLACES | QUANTIZED)
def _(net: Network, size: int = 1, dtype: str = "f32", scale: float | None = None) -> Any:
    return resized(net, size, dtype, scale)


@sample("resize_1x1_to_add_quantized", ["y = ADD(x, y/1)"], PLACES | {"they are unsigned": {"dtype": "u8"}})
def _(net: Network, size: int = 1, dtype: str = "i8", scale: float | None = 0.05) -> Any:
    return resized(net, size, dtype, scale, "RESIZE_NEAREST_NEIGHBOR")


@sample("resize_1x1_to_add_quantized_u8", ["y = ADD(x, y/1)"], PLACES | {"they are signed": {"dtype": "i8"}})
def _(net: Network, size: int = 1, dtype: str = "u8", scale: float | None = 0.05) -> Any:
    return resized(net, size, dtype, scale)


@sample(
    "resize_bilinear_to_dwconv",
    [
        "y/2 = MIRROR_PAD(x, y/1)",
        "y/5 = DEPTHWISE_CONV_2D(y/2, y/3, y/4)",
        "y/8 = DEPTHWISE_CONV_2D(y/2, y/6, y/7)",
        "y/11 = DEPTHWISE_CONV_2D(y/2, y/9, y/10)",
        "y/14 = DEPTHWISE_CONV_2D(y/2, y/12, y/13)",
        "y/15 = CONCATENATION(y/5, y/8, y/11, y/14)",
        "y = DEPTH_TO_SPACE(y/15)",
    ],
    {"centres of places are not meant": {"half": False}, "it is three times the size": {"times": 3}},
)
def _(net: Network, half: bool = True, times: int = 2) -> Any:
    operands = [net.input("x", (1, 3, 2, 5)), ints(net, "s", [times * 3, times * 2])]
    given = {"half_pixel_centers": half}
    return net.add("RESIZE_BILINEAR", operands, "y", (1, times * 3, times * 2, 5), attributes=given, version=3)


def transposed(net: Network, stride: int, bias: bool, padding: str = "SAME", columns: int | None = None) -> Any:
    shape = (1, 3 * stride, 4 * stride, 2) if padding == "SAME" else (1, 2 * stride + 3, 3 * stride + 3, 2)
    operands = [ints(net, "s", shape), floats(net, "w", (2, 3, 3, 5)), net.input("x", (1, 3, 4, 5))]
    given = {"padding": padding, "stride_h": stride, "stride_w": columns or stride, **(RELU6 if bias else {})}
    operands += [floats(net, "b", (2,))] if bias else []
    return net.add("TRANSPOSE_CONV", operands, "y", shape, "f32", attributes=given, version=4 if bias else 1)


BIAS = {"there is a bias": {"bias": True}}
NO_BIAS = {"there is none": {"bias": False}}
STRIDES = {"it has strides": {"stride": 2}}
ALONE = {"it has none": {"stride": 1}}


@sample("transpose_conv_to_conv", ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, b)"], STRIDES | NO_BIAS, {"y": RELU6})
def _(net: Network, stride: int = 1, bias: bool = True) -> Any:
    return transposed(net, stride, bias)


@sample("transpose_conv_to_conv_without_bias", ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, y/4)"], STRIDES | BIAS)
def _(net: Network, stride: int = 1, bias: bool = False) -> Any:
    return transposed(net, stride, bias, "VALID")


@sample(
    "transpose_conv_to_conv_blocks",
    ["y/2 = PAD(x, y/1)", "y/5 = CONV_2D(y/2, y/3, y/4)", "y/6 = DEPTH_TO_SPACE(y/5)", "y = SLICE(y/6, y/7, y/8)"],
    ALONE | NO_BIAS,
    {"y/5": RELU6},
)
def _(net: Network, stride: int = 2, bias: bool = True) -> Any:
    return transposed(net, stride, bias, "VALID")


@sample(
    "transpose_conv_to_conv_blocks_without_bias",
    ["y/2 = PAD(x, y/1)", "y/5 = CONV_2D(y/2, y/3, y/4)", "y/6 = DEPTH_TO_SPACE(y/5)", "y = SLICE(y/6, y/7, y/8)"],
    ALONE | BIAS,
)
def _(net: Network, stride: int = 2, bias: bool = False) -> Any:
    return transposed(net, stride, bias)


def conv(net: Network, i: int = 3, o: int = 4, size: int = 6, kernel: int = 3, **given: Any) -> Any:
    given = {"padding": "SAME", "stride_h": 1, "stride_w": 1, **RELU6} | given
    reach = (kernel - 1) * given.get("dilation_w_factor", 1)
    rows, columns = (
        size - (0 if given["padding"] == "SAME" else reach) + s - 1 for s in (given["stride_h"], given["stride_w"])
    )
    shape = (1, rows // given["stride_h"], columns // given["stride_w"], o)
    operands = [net.input("x", (1, size, size, i)), floats(net, "w", (o, kernel, kernel, i)), floats(net, "b", (o,))]
    return net.add("CONV_2D", operands, "y", shape, attributes=given)


@sample(
    "strided_conv_reshape",
    ["y/2 = RESHAPE(x, y/1)", "y = CONV_2D(y/2, y/3, b)"],
    {
        "a column is left over": {"size": 7},
        "a column of the filter is": {"kernel": 3},
        "there are no strides": {"stride_w": 1},
    },
    {"y": RELU6 | {"stride_h": 1, "stride_w": 1}},
)
def _(net: Network, size: int = 6, kernel: int = 2, stride_w: int = 2) -> Any:
    return conv(net, size=size, kernel=kernel, stride_w=stride_w, padding="VALID")


@sample(
    "dilation_gt2_to_sparse_kernel",
    ["y = CONV_2D(x, y/1, b)"],
    {"it skips one place": {"factor": 2}},
    {"y": {"dilation_h_factor": 1}},
)
def _(net: Network, factor: int = 3) -> Any:
    return conv(net, size=8, padding="VALID", dilation_h_factor=factor, dilation_w_factor=factor)


@sample(
    "fixup_pool_strides",
    ["y = MAX_POOL_2D(x)"],
    {"the window is smaller": {"filter_height": 2}, "the strides are 1": {"stride_h": 1, "stride_w": 1}},
    {"y": RELU | {"stride_h": 1, "stride_w": 1, "padding": "VALID"}},
)
def _(net: Network, **changes: Any) -> Any:
    given = POOL | RELU | {"stride_h": 3, "stride_w": 3, "padding": "SAME"} | changes
    return net.add("MAX_POOL_2D", [net.input("x", (1, 3, 3, 2))], "y", (1, 1, 1, 2), attributes=given)


def mirror(net: Network, paddings: Any, mode: str) -> Any:
    x = net.input("x", (3, 4))
    shape = [size + sum(widths) for size, widths in zip(x.shape, paddings, strict=True)]
    return net.add("MIRROR_PAD", [x, ints(net, "p", paddings)], "y", shape, attributes={"mode": mode})


@sample(
    "mirror_pad_decompose",
    ["y = GATHER(x, y/1)"],
    {"it is padded along two axes": {"paddings": [[1, 1], [2, 0]]}, "it is not padded": {"paddings": [[0, 0], [0, 0]]}},
    {"y": {"axis": 0}},
)
def _(net: Network, paddings: Any = ((1, 2), (0, 0))) -> Any:
    return mirror(net, paddings, "REFLECT")


@sample(
    "mirror_pad_decompose_axes",
    ["y/2 = MIRROR_PAD(x, y/1)", "y = GATHER(y/2, y/3)"],
    {"it is padded along one axis": {"paddings": [[1, 1], [0, 0]]}},
)
def _(net: Network, paddings: Any = ((1, 1), (2, 0))) -> Any:
    return mirror(net, paddings, "SYMMETRIC")


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
    "transpose_lower_rank",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = TRANSPOSE(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    {
        "all dimensions count": {"shape": (2, 3, 2, 3, 2)},
        "there are four": {"shape": (1, 1, 2, 3), "order": (1, 0, 3, 2)},
    },
)
def _(net: Network, shape: Sequence[int] = (2, 1, 3, 1, 2), order: Sequence[int] = (4, 3, 2, 1, 0)) -> Any:
    x = net.input("x", shape)
    return net.add("TRANSPOSE", [x, ints(net, "q", order)], "y", [shape[at] for at in order], version=6)


FOUR = {"there are four dimensions": {"shape": (1, 2, 3, 2)}}


@sample("reduce_rank_unary", ["y/2 = RESHAPE(x, y/1)", "y/3 = TANH(y/2)", "y = RESHAPE(y/3, y/4)"], FOUR)
def _(net: Network, shape: Sequence[int] = (1, 2, 1, 3, 2)) -> Any:
    return net.add("TANH", [net.input("x", shape)])


@sample(
    "reduce_rank_binary",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = RESHAPE(u, y/3)", "y/5 = SUB(y/2, y/4)", "y = RESHAPE(y/5, y/6)"],
    FOUR | {"one is broadcast": {"other": (1, 2, 1, 3, 1)}},
    {"y/5": RELU},
)
def _(net: Network, shape: Sequence[int] = (1, 2, 1, 3, 2), other: Sequence[int] | None = None) -> Any:
    return net.add("SUB", [net.input("x", shape), net.input("u", other or shape)], attributes=RELU)


@sample(
    "reduce_rank_binary_scalar",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = MUL(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    FOUR | {"there are two": {"count": 2}},
)
def _(net: Network, shape: Sequence[int] = (1, 2, 1, 3, 2), count: int = 1) -> Any:
    return net.add("MUL", [net.input("x", shape), floats(net, "c", (count,))])


NUMBERS = {"they are numbers": {"dtype": "i32"}}


@sample("bool_op_via_cast", ["y/1 = CAST(x)", "y/2 = TILE(y/1, m)", "y = CAST(y/2)"], NUMBERS)
def _(net: Network, dtype: str = "bool") -> Any:
    return net.add("TILE", [net.input("x", dtype=dtype), ints(net, "m", [1, 2])], "y", (2, 6))


@sample("bool_op_via_cast_slice", ["y/1 = CAST(x)", "y/2 = SLICE(y/1, b, s)", "y = CAST(y/2)"], NUMBERS)
def _(net: Network, dtype: str = "bool") -> Any:
    return net.add("SLICE", [net.input("x", dtype=dtype), ints(net, "b", [0, 1]), ints(net, "s", [2, 2])], "y", (2, 2))


@sample(
    "bool_op_via_cast_strided_slice", ["y/1 = CAST(x)", "y/2 = STRIDED_SLICE(y/1, b, e, s)", "y = CAST(y/2)"], NUMBERS
)
def _(net: Network, dtype: str = "bool") -> Any:
    ends = [ints(net, name, values) for name, values in (("b", [0, 0]), ("e", [2, 3]), ("s", [1, 2]))]
    return net.add("STRIDED_SLICE", [net.input("x", dtype=dtype), *ends], "y", (2, 2))


def broadcast(net: Network, shape: Sequence[int]) -> Any:
    return net.add("BROADCAST_TO", [net.input("x", shape), ints(net, "s", [2, 3])], "y", (2, 3), version=2)


@sample("broadcast_to_to_tile", ["y = TILE(x, y/1)"], {"a dimension is added": {"shape": (3,)}})
def _(net: Network, shape: Sequence[int] = (1, 3)) -> Any:
    return broadcast(net, shape)


@sample(
    "broadcast_to_to_tile_of_fewer",
    ["y/2 = RESHAPE(x, y/1)", "y = TILE(y/2, y/3)"],
    {"no dimension is added": {"shape": (1, 3)}},
)
def _(net: Network, shape: Sequence[int] = (3,)) -> Any:
    return broadcast(net, shape)


def computed(net: Network, constant: bool, bias: bool, **given: Any) -> Any:
    w = floats(net, "w", (4, 3)) if constant else net.input("w", (4, 3))
    operands = [net.input(), w, *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, "y", (2, 4), attributes=given, version=1 if bias else 6)


CONSTANT = {"the weights are constant": {"constant": True}}


@sample(
    "fc_nonconst_to_bmm",
    ["y/1 = BATCH_MATMUL(x, w)", "y = ADD(y/1, b)"],
    CONSTANT | NO_BIAS,
    {"y": RELU, "y/1": {"adj_y": True}},
)
def _(net: Network, constant: bool = False, bias: bool = True) -> Any:
    return computed(net, constant, bias, **RELU)


@sample(
    "fc_nonconst_to_bmm_without_bias",
    ["y = BATCH_MATMUL(x, w)"],
    CONSTANT | BIAS | {"there is an activation": RELU},
    {"y": {"adj_y": True}},
)
def _(net: Network, constant: bool = False, bias: bool = False, **given: Any) -> Any:
    return computed(net, constant, bias, **given)


@sample(
    "pad_channels_to_multiple",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, b)"],
    {"there are four": {"i": 4}},
    {"y": RELU6},
)
def _(net: Network, i: int = 3) -> Any:
    return conv(net, i)


@sample(
    "pad_channels_to_multiple_quantized",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, y/3, b)"],
    {"there are four": {"i": 4}},
)
def _(net: Network, i: int = 3) -> Any:
    operands = [
        net.input("x", (1, 4, 4, i), "i8", scale=0.5, zero=3),
        net.constant("w", np.ones((2, 1, 1, i)), "i8", scale=(0.5, 0.25), dimension=0),
        net.constant("b", [3, -5], "i32", scale=(0.25, 0.125), dimension=0),
    ]
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2}
    return net.add("CONV_2D", operands, net.tensor("y", (1, 2, 2, 2), "i8", scale=1.0), attributes=given, version=3)


@sample(
    "pad_results_to_multiple",
    ["y/3 = CONV_2D(x, y/1, y/2)", "y = SLICE(y/3, y/4, y/5)"],
    {"there are four": {"o": 4}},
    {"y/3": RELU6},
)
def _(net: Network, o: int = 5) -> Any:
    return conv(net, o=o)
