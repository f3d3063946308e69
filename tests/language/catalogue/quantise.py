"""Where the rules of group F fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, ended, floats, ints

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from tests.unit.networks import Network

QUANTISE = Group("quantise")
sample = QUANTISE.sample

RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}
READ: dict[str, dict[str, Any]] = {"another operator reads what is between": {"read": True}}


def steps(net: Network, name: str, scale: float = 0.1, zero: int = 0, shape: Any = (2, 3), dtype: str = "i8") -> Tensor:
    return net.tensor(name, shape, dtype, scale=scale, zero=zero)


def stepped_input(net: Network, name: str = "x", scale: float = 0.1, shape: Any = (2, 3), dtype: str = "i8") -> Tensor:
    return net.input(name, shape, dtype, scale=scale)


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    return (root, net.add("ABS", [between], "n")) if read else root


def through_floats(net: Network, scale: float, read: bool = False) -> Any:
    d = net.add("DEQUANTIZE", [stepped_input(net)], "d", dtype="f32", version=2)
    return read_too(net, net.add("QUANTIZE", [d], steps(net, "y", scale)), d, read)


@sample("squash_dq_q", ["z = DEQUANTIZE(x)"], {"the steps differ": {"scale": 0.2}})
def _(net: Network, scale: float = 0.1) -> Any:
    return net.add("DEQUANTIZE", [through_floats(net, scale)], "z", dtype="f32", version=2)


@sample("dq_q_to_requant", ["y = QUANTIZE(x)"], READ)
def _(net: Network, scale: float = 0.2, read: bool = False) -> Any:
    return through_floats(net, scale, read)


@sample(
    "remove_q_dq",
    ["r = RELU6(x)", "z = NEG(r)"],
    {"another operator reads the steps": {"read": True}, "the steps do not reach as far": {"scale": 0.02}},
)
def _(net: Network, scale: float = 0.04, read: bool = False) -> Any:
    r = net.add("RELU6", [net.input()], "r")
    q = net.add("QUANTIZE", [r], steps(net, "q", scale, -100))
    y = net.add("DEQUANTIZE", [q], "y", dtype="f32", version=2)
    return ended(net, y, q) if read else ended(net, y)


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
    return net.add("DEQUANTIZE", [y], "z", dtype="f32", version=2)


@sample("hoist_quantize_above_reshape", ["y/1 = QUANTIZE(x)", "y = RESHAPE(y/1, s)"], READ)
def _(net: Network, read: bool = False) -> Any:
    r = net.add("RESHAPE", [net.input(), ints(net, "s", [3, 2])], "r", (3, 2))
    return read_too(net, net.add("QUANTIZE", [r], steps(net, "y", shape=(3, 2))), r, read)


@sample("hoist_quantize_above_concat", ["y/1 = QUANTIZE(u)", "y/2 = QUANTIZE(v)", "y = CONCATENATION(y/1, y/2)"], READ)
def _(net: Network, read: bool = False) -> Any:
    c = net.add("CONCATENATION", [net.input("u"), net.input("v")], "c", (2, 6), attributes={"axis": 1})
    return read_too(net, net.add("QUANTIZE", [c], steps(net, "y", shape=(2, 6))), c, read)


@sample("quantize_passthrough", ["y = TRANSPOSE(x, p)"], {"the steps differ": {"scale": 0.2}} | READ)
def _(net: Network, scale: float = 0.1, read: bool = False) -> Any:
    d = net.add("DEQUANTIZE", [stepped_input(net)], "d", dtype="f32", version=2)
    t = net.add("TRANSPOSE", [d, ints(net, "p", [1, 0])], "t", (3, 2))
    return read_too(net, net.add("QUANTIZE", [t], steps(net, "y", scale, shape=(3, 2))), t, read)


FAKE: dict[str, Any] = {"min": -12.8, "max": 12.7, "num_bits": 8, "narrow_range": False}


@sample("remove_fake_quant", ["r = RELU6(x)", "z = NEG(r)"], {"it cuts off what is large": {"most": 4.0}})
def _(net: Network, most: float = 6.0) -> Any:
    r = net.add("RELU6", [net.input()], "r")
    return ended(net, net.add("FAKE_QUANT", [r], attributes=FAKE | {"min": 0.0, "max": most}))


@sample("remove_trivial_fake_quant", ["f = FAKE_QUANT(x)", "z = NEG(f)"], {"the steps differ": {"num_bits": 7}})
def _(net: Network, num_bits: int = 8) -> Any:
    f = net.add("FAKE_QUANT", [net.input()], "f", attributes=FAKE)
    return ended(net, net.add("FAKE_QUANT", [f], attributes=FAKE | {"num_bits": num_bits}))


@sample("remove_final_dequantize", ["y = RELU(x)"], {"it is no output": {"inside": True}})
def _(net: Network, inside: bool = False) -> Any:
    r = net.add("RELU", [stepped_input(net)], steps(net, "r"), version=2)
    y = net.add("DEQUANTIZE", [r], "y", dtype="f32", version=2)
    return net.add("NEG", [y], "z") if inside else y


@sample("remove_input_quantize", ["y = RELU(x)"], {"it is no input": {"inside": True}})
def _(net: Network, inside: bool = False) -> Any:
    x = net.input()
    q = net.add("QUANTIZE", [net.add("NEG", [x], "m") if inside else x], steps(net, "q"))
    return net.add("RELU", [q], steps(net, "y"), version=2)


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


def connected(net: Network, w: Tensor) -> Tensor:
    return net.add(
        "FULLY_CONNECTED", [net.input(), w, floats(net, "b", (2,))], "y", (2, 2), attributes=RELU6, version=3
    )


@sample(
    "hybrid_weight_dequant",
    ["y = FULLY_CONNECTED(x, y/1, b)"],
    {"they are real values": {"dtype": "f32"}, "they are large": {"scale": 0.01}},
    {"y": RELU6},
)
def _(net: Network, dtype: str = "i8", scale: float = 0.002) -> Any:
    return connected(
        net, net.constant("w", [[3, -100, 90], [120, 7, -5]], dtype, scale=scale if dtype == "i8" else None)
    )


@sample("hybrid_weight_quant", ["y = FULLY_CONNECTED(x, y/1, b)"], {"they are 0": {"factor": 0.0}}, {"y": RELU6})
def _(net: Network, factor: float = 0.15) -> Any:
    return connected(net, net.constant("w", [[0.03 * factor, -factor, 0.9 * factor], [factor, 0.0, -0.5 * factor]]))
