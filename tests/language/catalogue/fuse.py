"""Where the rules of group B fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

FUSE = Group("fuse")
sample = FUSE.sample

RELU: dict[str, Any] = {"fused_activation_function": "RELU"}
READ = {"another operator reads what is between": {"read": True}}
ACTIVE = {"there is an activation between": {"inner": RELU}}


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    """The root, and perhaps another reader of what only the root should read."""
    return (root, net.add("ABS", [between], "n")) if read else root


def conv(net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any) -> Tensor:
    """A convolution of 4 channels with a filter of 3 by 3, without padding."""
    x = x or net.input("x", (1, 5, 5, 2))
    operands = [x, floats(net, "w", (4, 3, 3, 2)), *([floats(net, "b", (4,))] if bias else [])]
    given: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1} | attributes
    return net.add("CONV_2D", operands, name, (1, 3, 3, 4), attributes=given)


def depthwise(net: Network, name: str = "c", **attributes: Any) -> Tensor:
    operands = [net.input("x", (1, 5, 5, 2)), floats(net, "w", (1, 3, 3, 4)), floats(net, "b", (4,))]
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "depth_multiplier": 2} | attributes
    return net.add("DEPTHWISE_CONV_2D", operands, name, (1, 3, 3, 4), attributes=given)


def connected(
    net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any
) -> Tensor:
    operands = [x or net.input(), floats(net, "w", (4, 3)), *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, name, (2, 4), attributes=attributes)


def activated(net: Network, act: str, read: bool, inner: Any) -> Any:
    c = conv(net, **inner)
    return read_too(net, net.add(act, [c]), c, read)


for act in ("RELU", "RELU6", "RELU_N1_TO_1"):

    @sample(
        f"fuse_activation_into_producer_{act.lower()}",
        ["y = CONV_2D(x, w, b)"],
        READ | ACTIVE,
        {"y": {"fused_activation_function": act, "padding": "VALID"}},
    )
    def _(net: Network, act: str = act, read: bool = False, inner: Any = {}) -> Any:  # noqa: B006
        return activated(net, act, read, inner)


def after_affine(
    net: Network,
    code: str,
    affine: Any,
    size: Sequence[int] = (4,),
    read: bool = False,
    inner: Any = None,
    **given: Any,
) -> Any:
    c = affine(net, **(inner or {}))
    y = net.add(code, [c, floats(net, "s", size)], attributes={"fused_activation_function": "RELU6"} | given)
    return read_too(net, y, c, read)


ELSEWHERE = {"the constant varies over the image": {"size": (3, 1)}} | READ | ACTIVE


@sample(
    "fuse_add_into_preceding_affine", ["y = DEPTHWISE_CONV_2D(x, w, y/1)"], ELSEWHERE, {"y": {"depth_multiplier": 2}}
)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "ADD", depthwise, **changes)


@sample("fuse_add_into_preceding_affine_without_bias", ["y = FULLY_CONNECTED(x, w, s)"], READ | ACTIVE)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "ADD", lambda net, **inner: connected(net, bias=False, **inner), **changes)


@sample("fuse_sub_into_preceding_affine", ["y = CONV_2D(x, w, y/1)"], ELSEWHERE)
def _(net: Network, size: Sequence[int] = (), **changes: Any) -> Any:
    return after_affine(net, "SUB", conv, size, **changes)


@sample("fuse_mul_into_preceding_affine_conv", ["y = CONV_2D(x, y/1, y/2)"], ELSEWHERE)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "MUL", conv, **changes)


@sample("fuse_mul_into_preceding_affine_depthwise", ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"], ELSEWHERE)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "MUL", depthwise, **changes)


@sample(
    "fuse_mul_into_preceding_affine_fc",
    ["y = FULLY_CONNECTED(x, y/1, y/2)"],
    {"the constant varies over the rows": {"size": (2, 1)}} | READ | ACTIVE,
)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "MUL", connected, **changes)


@sample("fuse_div_into_preceding_affine", ["y = CONV_2D(x, y/1, y/2)"], ELSEWHERE)
def _(net: Network, **changes: Any) -> Any:
    return after_affine(net, "DIV", conv, **changes)


def before_affine(
    net: Network, code: str, image: bool, size: Sequence[int], inner: Any = None, read: bool = False, **attributes: Any
) -> Any:
    x = net.input("x", (1, 5, 5, 2) if image else (2, 3))
    t = net.add(code, [x, floats(net, "s", size)], "t", attributes=inner)
    padded = attributes.get("padding") == "SAME"
    y = net.tensor("y", (1, 5, 5, 4)) if padded else "y"
    return read_too(net, (conv if image else connected)(net, t, y, **attributes), t, read)


@sample(
    "fuse_add_into_following_affine_conv",
    ["y = CONV_2D(x, w, y/1)"],
    {"there is padding, which nothing is added to": {"padding": "SAME"}} | READ | ACTIVE,
)
def _(net: Network, **changes: Any) -> Any:
    return before_affine(net, "ADD", True, (2,), **changes)


@sample(
    "fuse_add_into_following_affine_fc",
    ["y = FULLY_CONNECTED(x, w, y/1)"],
    {"the constant varies over the rows": {"size": (2, 1)}} | READ | ACTIVE,
)
def _(net: Network, size: Sequence[int] = (3,), **changes: Any) -> Any:
    return before_affine(net, "ADD", False, size, **changes)


@sample(
    "fuse_mul_into_following_affine",
    ["y = CONV_2D(x, y/1, b)"],
    {"the constant varies over the image": {"size": (5, 1)}} | READ | ACTIVE,
)
def _(net: Network, size: Sequence[int] = (2,), **changes: Any) -> Any:
    return before_affine(net, "MUL", True, size, **changes)


def normalized(net: Network, x: Tensor, offset: Sequence[int] = (4,), between: Any = None, read: bool = False) -> Any:
    m = net.add("MUL", [x, floats(net, "s", (4,))], "m", attributes=between)
    return read_too(net, net.add("ADD", [m, floats(net, "t", offset)], attributes=RELU), m, read)


@sample(
    "fuse_batchnorm_conv",
    ["y = CONV_2D(x, y/1, y/2)"],
    {"the offset varies over the image": {"offset": (3, 1)}, "there is an activation": {"between": RELU}} | READ,
)
def _(net: Network, **changes: Any) -> Any:
    return normalized(net, conv(net), **changes)


@sample(
    "mul_add_to_depthwise",
    ["y = DEPTHWISE_CONV_2D(x, y/1, t)"],
    {"these are no images": {"shape": (3, 4)}, "there is an activation": {"between": RELU}} | READ,
    {"y": RELU},
)
def _(net: Network, shape: Sequence[int] = (1, 3, 3, 4), **changes: Any) -> Any:
    return normalized(net, net.input("x", shape), **changes)


@sample(
    "fuse_horizontal_fc",
    ["y/3 = FULLY_CONNECTED(x, y/1, y/2)", "y, a = SPLIT(y/4, y/3)"],
    {"one has an activation": RELU, "the inputs differ": {"other": True}, "the sizes differ": {"units": 5}},
)
def _(net: Network, other: bool = False, units: int = 4, **attributes: Any) -> Any:
    x = net.input()
    a = connected(net, x, "a")
    operands = [net.input("u") if other else x, floats(net, "v", (units, 3)), floats(net, "d", (units,))]
    return a, net.add("FULLY_CONNECTED", operands, "y", (2, units), attributes=attributes)


@sample(
    "fuse_horizontal_conv",
    ["y/3 = CONV_2D(x, y/1, y/2)", "y, a = SPLIT_V(y/3, y/4, y/5)"],
    {"one is dilated": {"dilation_h_factor": 2}, "the filters' sizes differ": {"size": 1}},
)
def _(net: Network, size: int = 3, **attributes: Any) -> Any:
    x = net.input("x", (1, 5, 5, 2))
    a = conv(net, x, "a")
    given: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1} | attributes
    shape = (1, 1 if attributes else 6 - size, 6 - size, 3)
    operands = [x, floats(net, "v", (3, size, size, 2)), floats(net, "d", (3,))]
    return a, net.add("CONV_2D", operands, "y", shape, attributes=given)


@sample(
    "fuse_pad_into_conv_same",
    ["y = CONV_2D(x, w, b)"],
    {
        "SAME would put all of it behind": {"stride": 2, "pads": (1, 1), "size": 8},
        "there is more than SAME would add": {"pads": (2, 2)},
        "there is more before than behind": {"stride": 2, "pads": (1, 0), "size": 8},
        "channels are added": {"channels": 1},
    },
    {"y": {"padding": "SAME"}},
)
def _(net: Network, pads: Sequence[int] = (1, 1), stride: int = 1, size: int = 5, channels: int = 0) -> Any:
    padded, out = size + sum(pads), (size + sum(pads) - 3) // stride + 1
    p = ints(net, "p", [[0, 0], pads, pads, [0, channels]])
    t = net.add("PAD", [net.input("x", (1, size, size, 2)), p], "t", (1, padded, padded, 2 + channels))
    operands = [t, floats(net, "w", (4, 3, 3, 2 + channels)), floats(net, "b", (4,))]
    given = {"padding": "VALID", "stride_h": stride, "stride_w": stride}
    return net.add("CONV_2D", operands, "y", (1, out, out, 4), attributes=given)


@sample("fuse_conv2d_gather", ["y = CONV_2D(x, y/1, y/2)"], {"columns are taken": {"axis": 2}} | READ)
def _(net: Network, axis: int = 3, read: bool = False) -> Any:
    c = conv(net, **RELU)
    shape = (1, 3, 3, 2) if axis == 3 else (1, 3, 2, 4)
    return read_too(net, net.add("GATHER", [c, ints(net, "i", [2, 0])], "y", shape, attributes={"axis": axis}), c, read)


def product(
    net: Network,
    name: str,
    right: Sequence[int] = (3, 4),
    columns: int = 4,
    left: Sequence[int] = (2, 5, 3),
    **adj: Any,
) -> Tensor:
    operands = [net.input("x", left), floats(net, "w", right)]
    return net.add("BATCH_MATMUL", operands, name, (2, 5, columns), attributes=adj)


@sample(
    "fuse_bmm_add",
    ["y = FULLY_CONNECTED(x, y/1, s)"],
    {"the matrix is transposed": {"adj_y": True, "right": (4, 3)}, "the addend has rows": {"size": (5, 4)}} | READ,
    {"y": {"keep_num_dims": True, **RELU}},
)
def _(net: Network, size: Sequence[int] = (4,), read: bool = False, **changes: Any) -> Any:
    c = product(net, "c", **changes)
    return read_too(net, net.add("ADD", [c, floats(net, "s", size)], attributes=RELU), c, read)


@sample(
    "bmm_to_fc",
    ["y = FULLY_CONNECTED(x, y/1)"],
    {"the matrix is transposed": {"adj_y": True, "right": (4, 3)}, "there are several": {"right": (2, 3, 4)}},
)
def _(net: Network, **changes: Any) -> Any:
    return product(net, "y", **changes)


@sample(
    "fuse_requantize",
    ["y = CONV_2D(x, w, b)"],
    {"the type changes": {"dtype": "u8"}, "the first ones do not reach as far": {"first": 0.1}} | READ,
)
def _(net: Network, dtype: str = "i8", first: float = 0.2, read: bool = False) -> Any:
    x = net.input("x", (1, 5, 5, 2), "i8", scale=0.05)
    filters = [[[each] * 3] * 3 for each in ([3, -7], [9, 5], [-4, 6], [1, 2])]
    w = net.constant("w", filters, "i8", scale=[0.02] * 4)
    b = net.constant("b", [10, -20, 30, 0], "i32", scale=[0.001] * 4)
    t = net.tensor("t", (1, 3, 3, 4), "i8", scale=first)
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    net.add("CONV_2D", [x, w, b], t, attributes=given)
    y = net.add("QUANTIZE", [t], net.tensor("y", (1, 3, 3, 4), dtype, scale=0.2))
    return read_too(net, y, t, read)


@sample(
    "fuse_reciprocal_sqrt",
    ["q = SQUARE(x)", "v = ADD(q, e)", "y = RSQRT(v)"],
    {"the dividend is another": {"value": 2.0}, "it may be 0": {"least": 0.0}} | READ,
)
def _(net: Network, value: float = 1.0, least: float = 0.01, read: bool = False) -> Any:
    v = net.add("ADD", [net.add("SQUARE", [net.input()], "q"), net.constant("e", least)], "v")
    s = net.add("SQRT", [v], "s")
    return read_too(net, net.add("DIV", [net.constant("o", value), s], "y", (2, 3)), s, read)


@sample(
    "div_sqrt_to_mul_rsqrt",
    ["q = SQUARE(x)", "v = ADD(q, e)", "y/1 = RSQRT(v)", "y = MUL(a, y/1)"],
    {"the dividend is constant": {"constant": True}, "it may be 0": {"least": 0.0}} | READ,
)
def _(net: Network, constant: bool = False, least: float = 0.01, read: bool = False) -> Any:
    v = net.add("ADD", [net.add("SQUARE", [net.input()], "q"), net.constant("e", least)], "v")
    s = net.add("SQRT", [v], "s")
    a = floats(net, "a", (2, 3)) if constant else net.input("a")
    return read_too(net, net.add("DIV", [a, s], attributes=RELU), s, read)


@sample("fuse_sub_square", ["y = SQUARED_DIFFERENCE(a, b)"], {"it is another factor": {"times": "a"}} | READ | ACTIVE)
def _(net: Network, times: str = "d", read: bool = False, inner: Any = None) -> Any:
    a, b = net.input("a"), net.input("b")
    d = net.add("SUB", [a, b], "d", attributes=inner)
    return read_too(net, net.add("MUL", [d, d if times == "d" else a]), d, read)


def spread(net: Network, code: str, shape: Sequence[int], operand: Sequence[int]) -> Tensor:
    return net.add(code, [net.input("x", shape), ints(net, "m", operand)], "t", (2, 6), version=2)


@sample(
    "fuse_tile_into_binary",
    ["y = SUB(x, c)"],
    {"a part of a row is repeated": {"shape": (1, 3), "times": (2, 2)}, "both have room": {"other": (1, 1)}} | READ,
)
def _(
    net: Network, shape: Sequence[int] = (1, 6), times: Sequence[int] = (2, 1), other: Any = (2, 6), read: bool = False
) -> Any:
    t = spread(net, "TILE", shape, times)
    return read_too(net, net.add("SUB", [t, net.input("c", other)], attributes=RELU), t, read)


@sample(
    "fuse_broadcast_to_into_binary",
    ["y = MUL(x, c)"],
    {"the other operand is no larger": {"other": (1, 6)}} | READ,
)
def _(net: Network, other: Sequence[int] = (2, 6), read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    return read_too(net, net.add("MUL", [net.input("c", other), t], "y", (2, 6)), t, read)


@sample("reorder_broadcast_to_unary", ["y/1 = EXP(x)", "y = BROADCAST_TO(y/1, m)"], READ)
def _(net: Network, read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    return read_too(net, net.add("EXP", [t]), t, read)


@sample(
    "fuse_broadcast_into_select",
    ["y = SELECT_V2(c, a, b)"],
    {"the branches are no larger": {"shape": (1, 3), "branch": (1, 3)}},
)
def _(net: Network, shape: Sequence[int] = (2, 1), branch: Sequence[int] = (2, 3)) -> Any:
    t = net.add("BROADCAST_TO", [net.input("c", shape, "bool"), ints(net, "m", [2, 3])], "t", (2, 3), version=2)
    return net.add("SELECT_V2", [t, net.input("a", branch), net.input("b", branch)], "y", (2, 3), "f32")


def one_hot(net: Network, ones: Tensor, zeros: Tensor, axis: int = -1) -> Tensor:
    operands = [net.input("i", (2,), "i32"), ints(net, "d", 3), ones, zeros]
    return net.add("ONE_HOT", operands, "h", (2, 3), ones.dtype, attributes={"axis": axis})


@sample("fuse_onehot_cast", ["y = ONE_HOT(i, d, y/1, y/2)"], {"the type is another": {"dtype": "INT64"}})
def _(net: Network, dtype: str = "FLOAT32") -> Any:
    h = one_hot(net, ints(net, "n", 5), ints(net, "f", -1))
    types = {"in_data_type": "INT32", "out_data_type": dtype}
    return net.add("CAST", [h], "y", dtype="f32" if dtype == "FLOAT32" else "i64", attributes=types)


@sample("remove_reshape_before_fc", ["y = FULLY_CONNECTED(x, w, b)"], {"rows are cut": {"shape": (3, 2)}})
def _(net: Network, shape: Sequence[int] = (2, 1, 3)) -> Any:
    return connected(net, reshaped(net, net.input("x", shape), "r", (2, 3)), "y")


@sample(
    "remove_reshape_after_fc",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"the rows get another shape": {"shape": (2, 2)}} | READ,
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, shape: Sequence[int] = (2, 1), read: bool = False) -> Any:
    c = connected(net, net.input("x", (2, 1, 3)), "c")
    return read_too(net, reshaped(net, c, "y", (*shape, 8 // shape[0] // shape[1])), c, read)


@sample("degenerate_fc_to_mul", ["y = MUL(x, y/1)"], {"there is a bias": {"bias": True}}, {"y": RELU})
def _(net: Network, bias: bool = False) -> Any:
    operands = [net.input("x", (2, 3, 1)), floats(net, "w", (4, 1)), *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, "y", (2, 3, 4), attributes={"keep_num_dims": True, **RELU})


@sample(
    "fuse_transpose_into_bmm",
    ["y = BATCH_MATMUL(x, v)"],
    {"it is transposed twice": {"adj_y": True}, "the batch moves": {"perm": (2, 1, 0)}} | READ,
    {"y": {"adj_y": True}},
)
def _(net: Network, perm: Sequence[int] = (0, 2, 1), read: bool = False, **adj: Any) -> Any:
    t = net.add("TRANSPOSE", [net.input("v", (3, 3, 3)), ints(net, "p", perm)], "t")
    return read_too(net, net.add("BATCH_MATMUL", [net.input("x", (3, 3, 3)), t], attributes=adj), t, read)


@sample("bmm_ones_to_reduce_sum", ["y = SUM(x, y/1)"], {"one is a two": {"value": 2.0}}, {"y": {"keep_dims": True}})
def _(net: Network, value: float = 1.0) -> Any:
    return net.add("BATCH_MATMUL", [net.input(), net.constant("w", [[1.0], [1.0], [value]])], "y", (2, 1))
