"""Where the rules of `steps.pat` in the pack `quant` fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, ints

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from tests.unit.networks import Network

STEPS = Group("steps")
sample = STEPS.sample

RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}
READ: dict[str, dict[str, Any]] = {"another operator reads what is between": {"read": True}}
SCALE: dict[str, dict[str, Any]] = {"the steps differ": {"scale": 0.2}}


def steps(net: Network, name: str, scale: float = 0.1, zero: int = 0, shape: Any = (2, 3), dtype: str = "i8") -> Tensor:
    """A tensor of steps."""
    return net.tensor(name, shape, dtype, scale=scale, zero=zero)


def stepped_input(
    net: Network, name: str = "x", scale: float = 0.1, shape: Any = (2, 3), dtype: str = "i8", zero: int = 0
) -> Tensor:
    """An input in steps."""
    return net.input(name, shape, dtype, scale=scale, zero=zero)


def dequantized(net: Network, x: Tensor, name: str = "d") -> Tensor:
    """Steps as real values."""
    return net.add("DEQUANTIZE", [x], name, dtype="f32", version=3 if x.dtype == "i16" else 2)


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    """A root, and where that is wanted another reader of what is between."""
    return (root, net.add("ABS", [between], "n")) if read else root


def through_floats(net: Network, scale: float, read: bool = False) -> Any:
    d = dequantized(net, stepped_input(net))
    return read_too(net, net.add("QUANTIZE", [d], steps(net, "y", scale)), d, read)


@sample("squash_dq_q", ["z = DEQUANTIZE(x)"], SCALE)
def _(net: Network, scale: float = 0.1) -> Any:
    return dequantized(net, through_floats(net, scale), "z")


@sample("dq_q_to_requant", ["y = QUANTIZE(x)"], READ)
def _(net: Network, scale: float = 0.2, read: bool = False) -> Any:
    return through_floats(net, scale, read)


@sample("undo_shift", ["z = DEQUANTIZE(x)"], {"it is no shift": {"zero": 127}, "the steps differ": {"scale": 0.2}})
def _(net: Network, zero: int = 128, scale: float = 0.1) -> Any:
    t = net.add("QUANTIZE", [stepped_input(net)], steps(net, "t", scale, zero, dtype="u8"))
    return dequantized(net, net.add("QUANTIZE", [t], steps(net, "y")), "z")


@sample(
    "fuse_q_q",
    ["y = QUANTIZE(x)"],
    {"the first do not reach as far": {"first": 0.05}, "the first are coarser": {"first": 0.4}},
)
def _(net: Network, first: float = 0.1) -> Any:
    t = net.add("QUANTIZE", [stepped_input(net)], steps(net, "t", first))
    return net.add("QUANTIZE", [t], steps(net, "y", 0.3))


@sample("remove_trivial_requantize", ["z = DEQUANTIZE(x)"], {"the zero is another": {"zero": 1}})
def _(net: Network, zero: int = 0) -> Any:
    y = net.add("QUANTIZE", [stepped_input(net)], steps(net, "y", 0.1, zero))
    return dequantized(net, y, "z")


@sample("quantize_passthrough", ["y = TRANSPOSE(x, p)"], SCALE | READ)
def _(net: Network, scale: float = 0.1, read: bool = False) -> Any:
    d = dequantized(net, stepped_input(net))
    t = net.add("TRANSPOSE", [d, ints(net, "p", [1, 0])], "t", (3, 2))
    return read_too(net, net.add("QUANTIZE", [t], steps(net, "y", scale, shape=(3, 2))), t, read)


POOL: dict[str, Any] = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}


@sample(
    "quantize_passthrough_image",
    ["y = MAX_POOL_2D(x)"],
    SCALE | READ | {"it cuts off": {"more": RELU6}},
)
def _(net: Network, scale: float = 0.1, read: bool = False, more: Any = None) -> Any:
    d = dequantized(net, stepped_input(net, shape=(1, 4, 4, 2)))
    m = net.add("MAX_POOL_2D", [d], "m", (1, 2, 2, 2), attributes=POOL | (more or {}))
    return read_too(net, net.add("QUANTIZE", [m], steps(net, "y", scale, shape=(1, 2, 2, 2))), m, read)


@sample("quantize_passthrough_pad", ["y = PAD(x, p)"], SCALE | READ)
def _(net: Network, scale: float = 0.1, read: bool = False) -> Any:
    d = dequantized(net, stepped_input(net))
    p = net.add("PAD", [d, ints(net, "p", [[0, 1], [1, 0]])], "m", (3, 4))
    return read_too(net, net.add("QUANTIZE", [p], steps(net, "y", scale, shape=(3, 4))), p, read)


@sample("quantize_passthrough_joined", ["y = CONCATENATION(u, v)"], SCALE | READ)
def _(net: Network, scale: float = 0.1, read: bool = False) -> Any:
    parts = [dequantized(net, stepped_input(net, name), f"d{name}") for name in "uv"]
    c = net.add("CONCATENATION", parts, "c", (2, 6), attributes={"axis": 1})
    return read_too(net, net.add("QUANTIZE", [c], steps(net, "y", scale, shape=(2, 6))), c, read)


LONG: dict[str, dict[str, Any]] = {"the steps are of 16 bits": {"dtype": "i16"}}


@sample("hoist_quantize_above_reshape", ["y/1 = QUANTIZE(x)", "y = RESHAPE(y/1, s)"], READ | LONG)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    r = net.add("RESHAPE", [net.input(), ints(net, "s", [3, 2])], "r", (3, 2))
    return read_too(net, net.add("QUANTIZE", [r], steps(net, "y", shape=(3, 2), dtype=dtype), version=2), r, read)


@sample("hoist_quantize_above_image", ["y/1 = QUANTIZE(x)", "y = RESIZE_NEAREST_NEIGHBOR(y/1, s)"], READ | LONG)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    m = net.add("RESIZE_NEAREST_NEIGHBOR", [net.input(shape=(1, 1, 1, 4)), ints(net, "s", [2, 2])], "m", (1, 2, 2, 4))
    y = steps(net, "y", shape=(1, 2, 2, 4), dtype=dtype)
    return read_too(net, net.add("QUANTIZE", [m], y, version=2), m, read)


@sample("hoist_quantize_above_pad", ["y/1 = QUANTIZE(x)", "y = PAD(y/1, p)"], READ | LONG)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    m = net.add("PAD", [net.input(), ints(net, "p", [[0, 1], [1, 0]])], "m", (3, 4))
    return read_too(net, net.add("QUANTIZE", [m], steps(net, "y", shape=(3, 4), dtype=dtype), version=2), m, read)


@sample(
    "hoist_quantize_above_concat",
    ["y/1 = QUANTIZE(u)", "y/2 = QUANTIZE(v)", "y = CONCATENATION(y/1, y/2)"],
    READ | LONG,
)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    c = net.add("CONCATENATION", [net.input("u"), net.input("v")], "c", (2, 6), attributes={"axis": 1})
    return read_too(net, net.add("QUANTIZE", [c], steps(net, "y", shape=(2, 6), dtype=dtype), version=2), c, read)


@sample("dequantize_behind", ["y/1 = TRANSPOSE(x, p)", "y = DEQUANTIZE(y/1)"], READ | LONG)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    d = dequantized(net, stepped_input(net, dtype=dtype))
    return read_too(net, net.add("TRANSPOSE", [d, ints(net, "p", [1, 0])], "y", (3, 2)), d, read)


@sample("dequantize_behind_image", ["y/1 = MAX_POOL_2D(x)", "y = DEQUANTIZE(y/1)"], READ | LONG)
def _(net: Network, read: bool = False, dtype: str = "i8") -> Any:
    d = dequantized(net, stepped_input(net, shape=(1, 4, 4, 2), dtype=dtype))
    return read_too(net, net.add("MAX_POOL_2D", [d], "y", (1, 2, 2, 2), attributes=POOL), d, read)


CUTS: dict[str, dict[str, Any]] = {
    "some steps are above": {"scale": 0.05},
    "some steps are below": {"zero": -100},
    "nothing is cut off": {"act": "NONE"},
}
UNCUT: dict[str, dict[str, Any]] = {"y": {"fused_activation_function": "NONE"}}
# Steps that reach to 6, but for rounding.
SIXTH = 0.0235294122


@sample("remove_trivial_quantized_activation", ["y = FULLY_CONNECTED(x, w, b)"], CUTS, UNCUT)
def _(net: Network, scale: float = SIXTH, zero: int = -128, act: str = "RELU6") -> Any:
    w = net.constant("w", [[3, -100, 90], [120, 7, -5]], "i8", scale=0.02)
    b = net.constant("b", [100, -500], "i32", scale=0.002)
    y = steps(net, "y", scale, zero, (2, 2))
    attributes = {"fused_activation_function": act}
    return net.add("FULLY_CONNECTED", [stepped_input(net), w, b], y, attributes=attributes, version=4)


@sample("remove_trivial_quantized_activation_sum", ["y = ADD(u, v)"], CUTS, UNCUT)
def _(net: Network, scale: float = SIXTH, zero: int = -128, act: str = "RELU6") -> Any:
    operands = [stepped_input(net, "u"), stepped_input(net, "v")]
    attributes = {"fused_activation_function": act}
    return net.add("ADD", operands, steps(net, "y", scale, zero), attributes=attributes, version=2)


@sample("remove_trivial_quantized_activation_pool", ["y = MAX_POOL_2D(x)"], CUTS, UNCUT)
def _(net: Network, scale: float = SIXTH, zero: int = -128, act: str = "RELU6") -> Any:
    x = stepped_input(net, "x", scale, (1, 4, 4, 2), zero=zero)
    attributes = POOL | {"fused_activation_function": act}
    return net.add("MAX_POOL_2D", [x], steps(net, "y", scale, zero, (1, 2, 2, 2)), attributes=attributes, version=2)


@sample(
    "remove_trivial_quantized_relu",
    ["z = DEQUANTIZE(x)"],
    {"some steps are below": {"zero": -100}, "some steps are above": {"scale": 0.1}},
)
def _(net: Network, zero: int = -128, scale: float = 0.02) -> Any:
    y = net.add("RELU6", [stepped_input(net, scale=scale, zero=zero)], steps(net, "y", scale, zero), version=2)
    return dequantized(net, y, "z")


def bounded(net: Network, name: str, bound: int) -> Any:
    c = net.constant("c", bound, "i8", scale=0.1)
    return dequantized(net, net.add(name, [stepped_input(net), c], steps(net, "y"), version=2), "z")


@sample("remove_trivial_quantized_minmax", ["z = DEQUANTIZE(x)"], {"some steps are above": {"bound": 100}})
def _(net: Network, bound: int = 127) -> Any:
    return bounded(net, "MINIMUM", bound)


@sample("remove_trivial_quantized_maximum", ["z = DEQUANTIZE(x)"], {"some steps are below": {"bound": -100}})
def _(net: Network, bound: int = -128) -> Any:
    return bounded(net, "MAXIMUM", bound)


@sample("split_requantize", ["y/1 = DEQUANTIZE(x)", "y = QUANTIZE(y/1)"], {"the type stays": {"dtype": "u8"}})
def _(net: Network, dtype: str = "i8") -> Any:
    return net.add("QUANTIZE", [stepped_input(net, dtype="u8")], steps(net, "y", 0.2, 3, dtype=dtype))


@sample("fixup_relu_scaling", ["y/1 = QUANTIZE(x)", "y = RELU(y/1)"], {"the steps are the same": {"scale": 0.1}})
def _(net: Network, scale: float = 0.2) -> Any:
    return net.add("RELU", [stepped_input(net)], steps(net, "y", scale), version=2)


@sample(
    "concat_requant_to_common",
    ["y/1 = QUANTIZE(u)", "y/2 = QUANTIZE(v)", "y = CONCATENATION(y/1, y/2)"],
    {"the steps are the same": {"scale": 0.1}, "the type is another": {"dtype": "i8"}},
)
def _(net: Network, dtype: str = "u8", scale: float = 0.05) -> Any:
    operands = [stepped_input(net, "u", dtype=dtype), stepped_input(net, "v", scale, dtype=dtype)]
    y = steps(net, "y", 0.1, shape=(2, 6), dtype=dtype)
    return net.add("CONCATENATION", operands, y, attributes={"axis": 1}, version=2)
