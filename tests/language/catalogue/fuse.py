"""Where the rules of group B about operators that become one fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.affine import ACTIVE, READ, RELU, connected, conv, read_too, spread, volume
from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

FUSE = Group("fuse")
sample = FUSE.sample

ACTIVATIONS = ("RELU", "RELU6", "RELU_N1_TO_1")
LOWEST = {"i8": -128, "u8": 0, "i16": 0}


def stepped(
    net: Network, name: str, scale: float = 0.1, zero: int = 0, shape: Sequence[int] = (2, 3), dtype: str = "i8"
) -> Tensor:
    return net.tensor(name, shape, dtype, scale=scale, zero=zero)


def stepped_sum(net: Network, result: Tensor, dtype: str = "i8", **attributes: Any) -> Tensor:
    operands = [net.input(name, (2, 3), dtype, scale=0.1) for name in ("u", "v")]
    return net.add("ADD", operands, result, attributes=attributes, version=2)


for act in ACTIVATIONS:

    @sample(
        f"fuse_activation_into_producer_{act.lower()}",
        ["y = CONV_2D(x, w, b)"],
        READ | ACTIVE,
        {"y": {"fused_activation_function": act, "padding": "VALID"}},
    )
    def _(net: Network, act: str = act, read: bool = False, inner: Any = None) -> Any:
        c = conv(net, **(inner or {}))
        return read_too(net, net.add(act, [c]), c, read)


for act, scale in zip(ACTIVATIONS, (0.1, 0.04, 0.03), strict=True):

    @sample(
        f"fuse_activation_into_producer_{act.lower()}_steps",
        ["y = ADD(u, v)"],
        {"the steps differ": {"last": 0.5}, "the zero is another": {"zero": 1}} | READ | ACTIVE,
        {"y": {"fused_activation_function": act}},
    )
    def _(
        net: Network,
        act: str = act,
        scale: float = scale,
        last: float = 0.0,
        zero: int = -3,
        read: bool = False,
        inner: Any = None,
    ) -> Any:
        version = 1 if act == "RELU_N1_TO_1" else 2
        p = stepped_sum(net, stepped(net, "p", scale, -3), **(inner or {}))
        return read_too(net, net.add(act, [p], stepped(net, "y", last or scale, zero), version=version), p, read)


for act, steps in (("RELU", (0.08, 0, 60)), ("RELU6", (0.024, -128, -100))):

    @sample(
        f"fuse_activation_into_producer_{act.lower()}_rescaled",
        ["y = ADD(u, v)"],
        {"the first steps are coarser": {"first": 0.2}, "they do not reach as far": {"first": 0.01}} | READ | ACTIVE,
        {"y": {"fused_activation_function": act}},
    )
    def _(
        net: Network,
        act: str = act,
        steps: tuple[float, int, int] = steps,
        first: float = 0.0,
        read: bool = False,
        inner: Any = None,
    ) -> Any:
        scale, before, behind = steps
        p = stepped_sum(net, stepped(net, "p", first or scale, before), **(inner or {}))
        return read_too(net, net.add(act, [p], stepped(net, "y", scale, behind), version=2), p, read)


for act in ACTIVATIONS:

    @sample(
        f"fuse_activation_into_producer_{act.lower()}_tconv",
        ["y = TRANSPOSE_CONV(y/1, w, x, b)"],
        READ | ACTIVE,
        {"y": {"fused_activation_function": act}},
    )
    def _(net: Network, act: str = act, read: bool = False, inner: Any = None) -> Any:
        c = spread(net, **(inner or {}))
        return read_too(net, net.add(act, [c]), c, read)


@sample(
    "remove_trivial_quantized_activation_relu",
    ["y = ADD(u, v)"],
    {"some steps are below": {"zero": -100}},
    {"y": {"fused_activation_function": "NONE"}},
)
def _(net: Network, zero: int = -128) -> Any:
    return stepped_sum(net, stepped(net, "y", 0.1, zero), **RELU)


@sample(
    "remove_trivial_quantized_activation_relu6",
    ["y = ADD(u, v)"],
    {"some steps are above": {"scale": 0.05}, "some steps are below": {"zero": -100}},
    {"y": {"fused_activation_function": "NONE"}},
)
def _(net: Network, scale: float = 6 / 255, zero: int = -128) -> Any:
    return stepped_sum(net, stepped(net, "y", scale, zero), fused_activation_function="RELU6")


@sample(
    "remove_trivial_quantized_activation_relu_n1_to_1",
    ["y = ADD(u, v)"],
    {"some steps are above": {"zero": -100}, "some steps are below": {"scale": 0.01}},
    {"y": {"fused_activation_function": "NONE"}},
)
def _(net: Network, scale: float = 1 / 128, zero: int = 0) -> Any:
    return stepped_sum(net, stepped(net, "y", scale, zero), fused_activation_function="RELU_N1_TO_1")


for act in ("RELU", "RELU6"):

    @sample(
        f"remove_trivial_quantized_activation_alone{'' if act == 'RELU' else '_relu6'}",
        ["p = ADD(u, v)", "z = DEQUANTIZE(p)"],
        {"some steps are below": {"zero": -100}, "the steps differ": {"last": 0.3}},
    )
    def _(net: Network, act: str = act, zero: int = -128, last: float = 0.02) -> Any:
        p = stepped_sum(net, stepped(net, "p", 0.02, zero))
        y = net.add(act, [p], stepped(net, "y", last, zero), version=2)
        return net.add("DEQUANTIZE", [y], "z", dtype="f32", version=2)


for rule, code, bound in (
    ("remove_trivial_quantized_minmax", "MINIMUM", 127),
    ("remove_trivial_quantized_minmax_below", "MAXIMUM", -128),
):

    @sample(
        rule,
        ["z = DEQUANTIZE(x)"],
        {"some steps are beyond": {"bound": 100 if bound > 0 else -100}, "the steps differ": {"scale": 0.2}},
    )
    def _(net: Network, code: str = code, bound: int = bound, scale: float = 0.1) -> Any:
        c = net.constant("c", bound, "i8", scale=scale)
        x = net.input("x", (2, 3), "i8", scale=0.1)
        y = net.add(code, [x, c], stepped(net, "y"), version=2)
        return net.add("DEQUANTIZE", [y], "z", dtype="f32", version=2)


ZEROS = {"one is no zero": {"value": 1.0}}


@sample("remove_optional_zero_bias", ["y = FULLY_CONNECTED(x, w)"], ZEROS)
def _(net: Network, value: float = 0.0) -> Any:
    operands = [net.input(), floats(net, "w", (4, 3)), net.constant("b", [0, 0, value, 0])]
    return net.add("FULLY_CONNECTED", operands, "y", (2, 4))


@sample("remove_optional_zero_bias_tconv", ["y = TRANSPOSE_CONV(y/1, w, x)"], ZEROS)
def _(net: Network, value: float = 0.0) -> Any:
    operands = [ints(net, "os", [1, 3, 3, 4]), floats(net, "w", (4, 2, 2, 2)), net.input("x", (1, 2, 2, 2))]
    operands.append(net.constant("b", [0, 0, value, 0]))
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    return net.add("TRANSPOSE_CONV", operands, "y", (1, 3, 3, 4), "f32", attributes=given, version=3)


@sample("ensure_bias_vectors", ["y = FULLY_CONNECTED(x, w, y/1)"], {"there is one": {"bias": True}})
def _(net: Network, bias: bool = False) -> Any:
    return connected(net, None, "y", bias=bias)


@sample("ensure_bias_vectors_steps", ["y = FULLY_CONNECTED(x, w, y/1)"], {"there is one": {"bias": True}})
def _(net: Network, bias: bool = False) -> Any:
    w = net.constant("w", [[3, -100, 90], [120, 7, -5]], "i8", scale=0.02)
    b = [net.constant("b", [5, 6], "i32", scale=0.002)] if bias else []
    operands = [net.input("x", (2, 3), "i8", scale=0.1), w, *b]
    return net.add("FULLY_CONNECTED", operands, stepped(net, "y", 0.5, shape=(2, 2)), version=4)


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


@sample(
    "fuse_pad_into_conv_same_steps",
    ["y = CONV_2D(x, w, b)"],
    {"there is more than SAME would add": {"pads": (2, 2)}},
    {"y": {"padding": "SAME"}},
)
def _(net: Network, pads: Sequence[int] = (1, 1)) -> Any:
    size = 3 + sum(pads)
    x = net.input("x", (1, 5, 5, 2), "i8", scale=0.05, zero=3)
    t = net.tensor("t", (1, size + 2, size + 2, 2), "i8", scale=0.05, zero=3)
    net.add("PAD", [x, ints(net, "p", [[0, 0], pads, pads, [0, 0]])], t, version=2)
    filters = [[[each] * 3] * 3 for each in ([3, -7], [9, 5], [-4, 6], [1, 2])]
    w = net.constant("w", filters, "i8", scale=[0.02] * 4)
    b = net.constant("b", [10, -20, 30, 0], "i32", scale=[0.001] * 4)
    y = net.tensor("y", (1, size, size, 4), "i8", scale=0.2)
    return net.add("CONV_2D", [t, w, b], y, attributes={"padding": "VALID", "stride_h": 1, "stride_w": 1}, version=3)


@sample(
    "fuse_pad_into_conv_same_3d",
    ["y = CONV_3D(x, w, b)"],
    {"there is more before than behind": {"pads": (1, 0)}},
    {"y": {"padding": "SAME"}},
)
def _(net: Network, pads: Sequence[int] = (0, 1)) -> Any:
    p = ints(net, "p", [[0, 0], pads, pads, pads, [0, 0]])
    t = net.add("PAD", [net.input("x", (1, 2, 2, 2, 2)), p], "t", (1, 3, 3, 3, 2), version=4)
    return volume(net, t, "y")


def same(net: Network, x: Tensor, name: str, shape: Sequence[int], size: int = 3, stride: int = 1) -> Tensor:
    operands = [x, floats(net, "w", (4, size, size, 2)), floats(net, "b", (4,))]
    given = {"padding": "SAME", "stride_h": stride, "stride_w": stride}
    return net.add("CONV_2D", operands, name, shape, attributes=given)


@sample(
    "same_to_pad_valid",
    ["y/2 = PAD(x, y/1)", "y = CONV_2D(y/2, w, b)"],
    {"SAME adds nothing": {"size": 1}},
    {"y": {"padding": "VALID"}},
)
def _(net: Network, size: int = 3) -> Any:
    return same(net, net.input("x", (1, 6, 6, 2)), "y", (1, 3, 3, 4), size, 2)


@sample(
    "same_conv_with_slice",
    ["y = CONV_2D(x, w, b)"],
    {"another part is taken": {"begin": (0, 0, 1, 0)}, "it is padded otherwise": {"pads": (2, 0)}} | READ,
)
def _(net: Network, begin: Sequence[int] = (0, 1, 1, 0), pads: Sequence[int] = (1, 1), read: bool = False) -> Any:
    p = ints(net, "p", [[0, 0], pads, pads, [0, 0]])
    t = net.add("PAD", [net.input("x", (1, 5, 5, 2)), p], "t", (1, 7, 7, 2))
    c = same(net, t, "c", (1, 7, 7, 4))
    y = net.add("SLICE", [c, ints(net, "s", begin), ints(net, "z", [1, 5, 5, 4])], "y", (1, 5, 5, 4))
    return read_too(net, y, c, read)


@sample(
    "fuse_slice_with_tconv",
    ["y = TRANSPOSE_CONV(y/1, w, x, b)"],
    {"SAME would cut off the other side": {"begin": (0, 1, 1, 0)}, "it cuts off less": {"size": 3}} | READ,
    {"y": {"padding": "SAME"}},
)
def _(net: Network, begin: Sequence[int] = (0, 0, 0, 0), size: int = 2, read: bool = False) -> Any:
    c = spread(net)
    shape = [1, size, size, 4]
    y = net.add("SLICE", [c, ints(net, "s", begin), ints(net, "z", shape)], "y", shape)
    return read_too(net, y, c, read)


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
    "fuse_requantize_tconv",
    ["y = TRANSPOSE_CONV(y/1, w, x)"],
    {"the first ones do not reach as far": {"first": 0.1}} | READ,
)
def _(net: Network, first: float = 0.2, read: bool = False) -> Any:
    x = net.input("x", (1, 2, 2, 2), "i8", scale=0.05)
    w = net.constant("w", [[[[3, -7]] * 2] * 2, [[[9, 5]] * 2] * 2], "i8", scale=[0.02] * 2)
    t = net.tensor("t", (1, 3, 3, 2), "i8", scale=first)
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    net.add("TRANSPOSE_CONV", [ints(net, "os", [1, 3, 3, 2]), w, x], t, attributes=given, version=2)
    y = net.add("QUANTIZE", [t], net.tensor("y", (1, 3, 3, 2), "i8", scale=0.2))
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
