"""Where the rules of `imitation.pat` in the pack `quant` fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, ended
from tests.language.catalogue.steps import dequantized, steps

if TYPE_CHECKING:
    from tests.unit.networks import Network

IMITATION = Group("imitation")
sample = IMITATION.sample

FAKE: dict[str, Any] = {"min": -12.8, "max": 12.7, "num_bits": 8, "narrow_range": False}


@sample("remove_trivial_fake_quant", ["f = FAKE_QUANT(x)", "z = NEG(f)"], {"the steps differ": {"num_bits": 7}})
def _(net: Network, num_bits: int = 8) -> Any:
    f = net.add("FAKE_QUANT", [net.input()], "f", attributes=FAKE)
    return ended(net, net.add("FAKE_QUANT", [f], attributes=FAKE | {"num_bits": num_bits}))


@sample("remove_fake_quant", ["r = RELU6(x)", "z = NEG(r)"], {"it cuts off what is large": {"most": 4.0}})
def _(net: Network, most: float = 6.0) -> Any:
    r = net.add("RELU6", [net.input()], "r")
    return ended(net, net.add("FAKE_QUANT", [r], attributes=FAKE | {"min": 0.0, "max": most}))


@sample(
    "remove_fake_quant_const",
    ["z = MUL(x, y/1)"],
    {"it cuts off what is large": {"most": 1.0}, "the steps are large": {"num_bits": 4}},
)
def _(net: Network, most: float = 12.7, num_bits: int = 8) -> Any:
    c = net.constant("c", [[0.51, -3.2, 7.7], [1.03, 0.0, -2.2]])
    y = net.add("FAKE_QUANT", [c], attributes=FAKE | {"max": most, "num_bits": num_bits})
    return net.add("MUL", [net.input(), y], "z")


@sample(
    "fake_quant_to_clip",
    ["y/2 = MAXIMUM(x, y/1)", "y = MINIMUM(y/2, y/3)"],
    {"the steps are large": {"num_bits": 4}},
)
def _(net: Network, num_bits: int = 8) -> Any:
    return net.add("FAKE_QUANT", [net.input()], attributes=FAKE | {"min": -4.0, "max": 4.0, "num_bits": num_bits})


@sample(
    "fake_quant_to_steps",
    ["y/1 = QUANTIZE(x)", "y = DEQUANTIZE(y/1)"],
    {"there are fewer steps": {"num_bits": 7}, "the steps are large": {"most": 20.0}},
)
def _(net: Network, num_bits: int = 8, most: float = 4.0) -> Any:
    return net.add("FAKE_QUANT", [net.input()], attributes=FAKE | {"min": -4.0, "max": most, "num_bits": num_bits})


@sample(
    "remove_q_dq",
    ["r = RELU6(x)", "z = NEG(r)"],
    {"another operator reads the steps": {"read": True}, "the steps do not reach as far": {"scale": 0.02}},
)
def _(net: Network, scale: float = 0.04, read: bool = False) -> Any:
    r = net.add("RELU6", [net.input()], "r")
    q = net.add("QUANTIZE", [r], steps(net, "q", scale, -100))
    y = dequantized(net, q, "y")
    return ended(net, y, q) if read else ended(net, y)


@sample(
    "remove_remnant_const_qdq",
    ["z = MUL(x, y/1)"],
    {"the steps do not reach as far": {"scale": 0.02}, "the steps are large": {"scale": 0.2}},
)
def _(net: Network, scale: float = 0.08) -> Any:
    c = net.constant("c", [[0.51, -3.2, 7.7], [1.03, 0.0, -2.2]])
    q = net.add("QUANTIZE", [c], steps(net, "q", scale))
    return net.add("MUL", [net.input(), dequantized(net, q, "y")], "z")


@sample(
    "q_dq_to_clip",
    ["y/2 = MAXIMUM(x, y/1)", "y = MINIMUM(y/2, y/3)"],
    {"the steps are large": {"scale": 0.2}, "another operator reads the steps": {"read": True}},
)
def _(net: Network, scale: float = 0.05, read: bool = False) -> Any:
    q = net.add("QUANTIZE", [net.input()], steps(net, "q", scale))
    y = dequantized(net, q, "y")
    return (y, q) if read else y
