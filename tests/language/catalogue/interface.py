"""Where the rules of `interface.pat` in the pack `quant` fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group
from tests.language.catalogue.steps import dequantized, stepped_input, steps

if TYPE_CHECKING:
    from tests.unit.networks import Network

INTERFACE = Group("interface")
sample = INTERFACE.sample

INSIDE: dict[str, dict[str, Any]] = {"it is no input": {"inside": True}}
READ: dict[str, dict[str, Any]] = {"another operator reads it": {"read": True}}


@sample("remove_final_dequantize", ["y = RELU(x)"], {"it is no output": {"inside": True}})
def _(net: Network, inside: bool = False) -> Any:
    r = net.add("RELU", [stepped_input(net)], steps(net, "r"), version=2)
    y = dequantized(net, r, "y")
    return net.add("NEG", [y], "z") if inside else y


@sample("remove_input_quantize", ["y = RELU(x)"], INSIDE)
def _(net: Network, inside: bool = False) -> Any:
    x = net.input()
    q = net.add("QUANTIZE", [net.add("NEG", [x], "m") if inside else x], steps(net, "q"))
    return net.add("RELU", [q], steps(net, "y"), version=2)


@sample("remove_final_requantize", ["q = RELU(x)"], {"it is no output": {"inside": True}})
def _(net: Network, inside: bool = False) -> Any:
    r = net.add("RELU", [stepped_input(net)], steps(net, "r"), version=2)
    q = net.add("QUANTIZE", [r], steps(net, "q", 0.1, 128, dtype="u8"))
    return dequantized(net, q, "z") if inside else q


@sample("remove_input_requantize", ["y = RELU(x)"], INSIDE)
def _(net: Network, inside: bool = False) -> Any:
    x = stepped_input(net)
    m = net.add("RELU", [x], steps(net, "m"), version=2) if inside else x
    q = net.add("QUANTIZE", [m], steps(net, "q", 0.1, 128, dtype="u8"))
    return net.add("RELU", [q], steps(net, "y", 0.1, 128, dtype="u8"), version=2)


def from_bytes(net: Network, dtype: str, read: bool) -> Any:
    """A model whose input comes in steps."""
    x = stepped_input(net, dtype=dtype, zero=128 if dtype == "u8" else 0)
    y = net.add("RELU", [x], steps(net, "y", dtype=dtype, zero=128 if dtype == "u8" else 0), version=2)
    return (y, dequantized(net, x)) if read else y


def to_bytes(net: Network, dtype: str, inside: bool) -> Any:
    """A model whose output goes out in steps."""
    y = from_bytes(net, dtype, read=False)
    return dequantized(net, y, "z") if inside else y


@sample("input_as_int8", ["y/1 = QUANTIZE(x)", "y = RELU(y/1)"], READ | {"it does already": {"dtype": "i8"}})
def _(net: Network, dtype: str = "u8", read: bool = False) -> Any:
    return from_bytes(net, dtype, read)


@sample("input_as_uint8", ["y/1 = QUANTIZE(x)", "y = RELU(y/1)"], READ | {"it does already": {"dtype": "u8"}})
def _(net: Network, dtype: str = "i8", read: bool = False) -> Any:
    return from_bytes(net, dtype, read)


OUTPUT: dict[str, dict[str, Any]] = {"it is no output": {"inside": True}}


@sample("output_as_int8", ["y/1 = RELU(x)", "y = QUANTIZE(y/1)"], OUTPUT | {"it does already": {"dtype": "i8"}})
def _(net: Network, dtype: str = "u8", inside: bool = False) -> Any:
    return to_bytes(net, dtype, inside)


@sample("output_as_uint8", ["y/1 = RELU(x)", "y = QUANTIZE(y/1)"], OUTPUT | {"it does already": {"dtype": "u8"}})
def _(net: Network, dtype: str = "i8", inside: bool = False) -> Any:
    return to_bytes(net, dtype, inside)


def of_floats(net: Network, inside: bool) -> Any:
    x = net.input(dtype="i32" if inside else "f32")
    return net.add("NEG", [net.add("CAST", [x], "m", dtype="f32") if inside else x])


PICTURE = INSIDE | {"steps are made of it as it comes": {"inside": False, "weights": "i8"}}


def picture(net: Network, inside: bool, weights: str) -> Any:
    if weights == "f32":
        return of_floats(net, inside)
    w = net.constant("w", [[1] * 4] * 2, weights, scale=0.5)
    return net.add("FULLY_CONNECTED", [net.input("x", (1, 4)), w], "y", (1, 2))


@sample("image_input", ["y/1 = DEQUANTIZE(x)", "y = NEG(y/1)"], PICTURE)
def _(net: Network, inside: bool = False, weights: str = "f32") -> Any:
    return picture(net, inside, weights)


@sample("signed_image_input", ["y/1 = DEQUANTIZE(x)", "y = NEG(y/1)"], PICTURE)
def _(net: Network, inside: bool = False, weights: str = "f32") -> Any:
    return picture(net, inside, weights)


@sample("float_input", ["y/1 = QUANTIZE(x)", "y = RELU(y/1)"], READ)
def _(net: Network, read: bool = False) -> Any:
    return from_bytes(net, "i8", read)


@sample("float_output", ["y/1 = RELU(x)", "y = DEQUANTIZE(y/1)"], OUTPUT)
def _(net: Network, inside: bool = False) -> Any:
    return to_bytes(net, "i8", inside)
