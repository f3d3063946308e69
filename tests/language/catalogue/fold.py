"""Where the rules of group C fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

FOLD = Group("fold")
sample = FOLD.sample

USED = ["y = MUL(t/1, x)"]
COMPUTED: dict[str, dict[str, Any]] = {"an operand is computed": {"constant": False}}
RELU: dict[str, Any] = {"fused_activation_function": "RELU"}


def used(net: Network, folded: Tensor) -> Tensor:
    """What a rule has folded, read by what is left."""
    return net.add("MUL", [folded, net.input("x", folded.shape, folded.dtype)], "y")


def operand(net: Network, constant: bool, shape: Sequence[int] = (2, 3), dtype: str = "f32") -> Tensor:
    if not constant:
        return net.input("a", shape, dtype)
    return floats(net, "a", shape) if dtype == "f32" else ints(net, "a", [[7, -2, 3], [4, 5, -9]], dtype)


def binary(code: str) -> None:
    @sample(f"fold_binary_{code.lower()}", USED, COMPUTED | {"there is an activation": RELU})
    def _(net: Network, constant: bool = True, **given: Any) -> Any:
        operands = [operand(net, constant), floats(net, "b", (3,))]
        return used(net, net.add(code, operands, "t", attributes=given))


def unary(code: str, **unless: dict[str, Any]) -> None:
    @sample(f"fold_unary_{code.lower()}", USED, COMPUTED | unless)
    def _(net: Network, constant: bool = True, values: Any = ((0.5, 2.0, 3.0), (0.1, 7.0, 1.0))) -> Any:
        a = net.constant("a", values) if constant else net.input("a")
        return used(net, net.add(code, [a], "t"))


for code in ("ADD", "SUB", "MUL"):
    binary(code)
for code in ("NEG", "SQUARE", "SQRT"):
    unary(code)
unary("RSQRT", **{"one is 0": {"values": [[0.0, 1.0, 2.0]]}})
unary("EXP")


@sample("fold_cast", USED, COMPUTED | {"the type is not listed": {"dtype": "i8"}})
def _(net: Network, constant: bool = True, dtype: str = "f32") -> Any:
    words = {"f32": "FLOAT32", "i8": "INT8"}
    a = operand(net, constant, dtype="i32")
    t = net.add("CAST", [a], "t", dtype=dtype, attributes={"in_data_type": "INT32", "out_data_type": words[dtype]})
    return used(net, t)


@sample("fold_concat", USED, COMPUTED | {"there is an activation": RELU})
def _(net: Network, constant: bool = True, **given: Any) -> Any:
    parts = [operand(net, constant), floats(net, "b", (2, 1))]
    return used(net, net.add("CONCATENATION", parts, "t", (2, 4), attributes={"axis": 1} | given))


@sample("fold_fill", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("FILL", [ints(net, "d", [2, 3]), operand(net, constant, ())], "t", (2, 3), "f32"))


@sample("fold_gather", USED, COMPUTED | {"columns are taken": {"axis": 1}})
def _(net: Network, constant: bool = True, axis: int = 0) -> Any:
    a = operand(net, constant, (3, 3))
    return used(net, net.add("GATHER", [a, ints(net, "i", [2, 0, 2])], "t", attributes={"axis": axis}))


@sample("fold_range", USED, {"they are floats": {"dtype": "f32"}})
def _(net: Network, dtype: str = "i32") -> Any:
    return used(
        net,
        net.add(
            "RANGE", [net.constant(name, value, dtype) for name, value in zip("sld", (1, 9, 3), strict=True)], "t", (3,)
        ),
    )


@sample("fold_reshape", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("RESHAPE", [operand(net, constant), ints(net, "s", [3, -1])], "t", (3, 2)))


@sample("fold_squeeze", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("SQUEEZE", [operand(net, constant, (2, 1, 3))], "t", (2, 3)))


@sample("fold_transpose", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("TRANSPOSE", [operand(net, constant), ints(net, "p", [1, 0])], "t", (3, 2)))


@sample("fold_select", USED, COMPUTED | {"one of all does not hold": {"last": False}})
def _(net: Network, constant: bool = True, last: bool = True) -> Any:
    c = net.constant("c", [[True], [last]], "bool")
    t = net.add("SELECT_V2", [c, operand(net, constant, (1, 3)), floats(net, "b", (1, 3))], "t", (2, 3), "f32")
    return used(net, t)


@sample("fold_slice", USED, COMPUTED | {"the rest is taken": {"size": -1}})
def _(net: Network, constant: bool = True, size: int = 4) -> Any:
    operands = [operand(net, constant, (5,)), ints(net, "b", [1]), ints(net, "s", [size])]
    return used(net, net.add("SLICE", operands, "t", (4,)))


@sample("fold_tile", USED, COMPUTED | {"there are three": {"times": 3}})
def _(net: Network, constant: bool = True, times: int = 2) -> Any:
    return used(net, net.add("TILE", [operand(net, constant, (5,)), ints(net, "m", [times])], "t", (5 * times,)))


def asked(net: Network, code: str, shape: Sequence[int], size: Sequence[int]) -> Any:
    t = net.add(code, [net.input("a", shape)], "t", size, "i32", attributes={"out_type": "INT32"} if size else None)
    return net.add("MUL", [t, net.input("x", size, "i32")], "y")


@sample("fold_shape_or_rank_shape", USED, {"a dimension is open": {"shape": (-1, 3)}})
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    return asked(net, "SHAPE", shape, (2,))


@sample("fold_shape_or_rank_rank", USED, {"it is the shape": {"code": "SHAPE", "size": (2,)}})
def _(net: Network, code: str = "RANK", size: Sequence[int] = ()) -> Any:
    return asked(net, code, (2, 3), size)


@sample("fold_dequantize_const", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    a = floats(net, "a", (2, 3), "f16") if constant else net.input("a", dtype="f16")
    return used(net, net.add("DEQUANTIZE", [a], "t", dtype="f32", version=3))


@sample("fold_dequantize_const_steps", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    steps: dict[str, Any] = {"scale": [0.5, 0.1], "zero": 0, "dimension": 0}
    a = (
        net.constant("a", [[1, -2, 3], [100, 90, -80]], "i8", **steps)
        if constant
        else net.input("a", (2, 3), "i8", **steps)
    )
    return used(net, net.add("DEQUANTIZE", [a], "t", dtype="f32", version=5))
