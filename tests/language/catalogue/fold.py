"""Where the rules of group C fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.model import Sparsity
from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewriter.model import Tensor
    from tests.language.catalogue.sample import Build, Changes
    from tests.unit.networks import Network

FOLD = Group("fold")
sample = FOLD.sample

USED = ["y = MUL(t/1, x)"]
COMPUTED: dict[str, dict[str, Any]] = {"an operand is computed": {"constant": False}}
RELU: dict[str, Any] = {"fused_activation_function": "RELU"}
# 1 KiB of f32, and 4 bytes.
LARGE = 257
STEPS: dict[str, Any] = {"scale": 0.5, "zero": 3}


def used(net: Network, folded: Tensor) -> Tensor:
    """What a rule has folded, read by what is left."""
    return net.add("MUL", [folded, net.input("x", folded.shape, folded.dtype)], "y")


def operand(net: Network, constant: bool, shape: Sequence[int] = (2, 3), dtype: str = "f32", **more: Any) -> Tensor:
    if not constant:
        return net.input("a", shape, dtype, **more)
    if dtype == "f32":
        return floats(net, "a", shape)
    return net.constant("a", np.resize([7, -2, 3, 4, 5, -9], shape), dtype, **more)


def row(rule: str, name: str, unless: Mapping[str, Changes] = COMPUTED, leaves: Sequence[str] = USED) -> Any:
    """A sample of one of the catalogue's rows that a rule covers."""

    def take(build: Build) -> Build:
        return sample(rule, leaves, unless, row=name)(build)

    return take


# -- fold_any ---------------------------------------------------------------------------------------------------------


@row("fold_any", "fold_any_via_interpreter", COMPUTED | {"an index is computed": {"index": False}})
def _(net: Network, constant: bool = True, index: bool = True) -> Any:
    b = ints(net, "b", [1, 0]) if index else net.input("b", (2,), "i32")
    operands = [operand(net, constant), floats(net, "u", (1, 2)), b]
    return used(net, net.add("DYNAMIC_UPDATE_SLICE", operands, "t"))


@row("fold_any", "fold_concat", COMPUTED | {"there is an activation": RELU})
def _(net: Network, constant: bool = True, **given: Any) -> Any:
    parts = [operand(net, constant), floats(net, "b", (2, 1)), floats(net, "c", (2, 2))]
    return used(net, net.add("CONCATENATION", parts, "t", (2, 6), attributes={"axis": 1} | given))


@row("fold_any", "fold_fill", COMPUTED | {"the file grows by more than 1 KiB": {"size": LARGE + 3}})
def _(net: Network, constant: bool = True, size: int = 3) -> Any:
    return used(net, net.add("FILL", [ints(net, "d", [size]), operand(net, constant, ())], "t", (size,), "f32"))


@row("fold_any", "fold_gather")
def _(net: Network, constant: bool = True, axis: int = 1) -> Any:
    a = operand(net, constant, (3, 3))
    return used(net, net.add("GATHER", [a, ints(net, "i", [2, 0, 2])], "t", attributes={"axis": axis}))


@row("fold_any", "fold_pack")
def _(net: Network, constant: bool = True) -> Any:
    parts = [operand(net, constant), floats(net, "b", (2, 3))]
    return used(net, net.add("PACK", parts, "t", (2, 2, 3), attributes={"axis": 1, "values_count": 2}))


@row("fold_any", "fold_range", {"an end is computed": {"constant": False}})
def _(net: Network, constant: bool = True) -> Any:
    numbers = [net.constant(name, value) for name, value in zip("sl", (1, 2.2), strict=True)]
    d = net.constant("d", 0.5) if constant else net.input("d", ())
    return used(net, net.add("RANGE", [*numbers, d], "t", (3,)))


@row("fold_any", "fold_reshape", COMPUTED | {"the shape is computed": {"known": False}})
def _(net: Network, constant: bool = True, known: bool = True) -> Any:
    s = ints(net, "s", [3, -1]) if known else net.input("s", (2,), "i32")
    return used(net, net.add("RESHAPE", [operand(net, constant), s], "t", (3, 2)))


@row("fold_any", "fold_select")
def _(net: Network, constant: bool = True) -> Any:
    c = net.constant("c", [[True], [False]], "bool")
    t = net.add("SELECT_V2", [c, operand(net, constant, (1, 3)), floats(net, "b", (1, 3))], "t", (2, 3), "f32")
    return used(net, t)


@row("fold_any", "fold_slice")
def _(net: Network, constant: bool = True) -> Any:
    operands = [operand(net, constant, (5, 2)), ints(net, "b", [1, 0]), ints(net, "s", [-1, 1])]
    return used(net, net.add("SLICE", operands, "t", (4, 1)))


@row("fold_any", "fold_strided_slice")
def _(net: Network, constant: bool = True) -> Any:
    operands = [operand(net, constant, (5, 2)), *(ints(net, *each) for each in (("b", [4, 0]), ("e", [0, 1])))]
    operands.append(ints(net, "s", [-2, 1]))
    return used(net, net.add("STRIDED_SLICE", operands, "t", (2,), attributes={"shrink_axis_mask": 2}))


@row("fold_any", "fold_tile")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("TILE", [operand(net, constant, (5,)), ints(net, "m", [3])], "t", (15,)))


@row("fold_any", "fold_transpose", leaves=["d = DEQUANTIZE(t/1)", "y = MUL(d, x)"])
def _(net: Network, constant: bool = True) -> Any:
    a = operand(net, constant, dtype="i8", scale=[0.5, 0.25, 2.0], dimension=1)
    t = net.tensor("t", (3, 2), "i8", scale=[0.5, 0.25, 2.0], dimension=0)
    net.add("TRANSPOSE", [a, ints(net, "p", [1, 0])], t, version=2)
    d = net.add("DEQUANTIZE", [t], "d", dtype="f32", version=5)
    return net.add("MUL", [d, net.input("x", (3, 2))], "y")


@row("fold_any", "fold_squeeze")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("SQUEEZE", [operand(net, constant, (2, 1, 3))], "t", (2, 3)))


@row("fold_any", "fold_sparse_to_dense")
def _(net: Network, constant: bool = True) -> Any:
    operands = [ints(net, "i", [0, 2]), ints(net, "s", [4]), operand(net, constant, (2,)), net.constant("d", 0.25)]
    return used(net, net.add("SPARSE_TO_DENSE", operands, "t", (4,), "f32"))


@row("fold_any", "fold_pool_pad_scatter")
def _(net: Network, constant: bool = True) -> Any:
    operands = [ints(net, "i", [[2], [0]]), operand(net, constant), ints(net, "s", [4, 3])]
    return used(net, net.add("SCATTER_ND", operands, "t", (4, 3), "f32"))


@row("fold_any", "fold_embedding_lookup", {"the places are computed": {"constant": False}})
def _(net: Network, constant: bool = True) -> Any:
    i = ints(net, "i", [1, 0, 1]) if constant else net.input("i", (3,), "i32")
    return used(net, net.add("EMBEDDING_LOOKUP", [i, floats(net, "a", (2, 3))], "t", (3, 3), "f32"))


@row("fold_any", "fold_cumsum_reverse_bitcast")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("REVERSE_V2", [operand(net, constant), ints(net, "d", [1])], "t"))


@row("fold_any", "fold_binary", leaves=["y = SELECT_V2(t/1, x, c)"])
def _(net: Network, constant: bool = True) -> Any:
    t = net.add("LESS", [operand(net, constant), floats(net, "b", (3,))], "t", dtype="bool")
    return net.add("SELECT_V2", [t, net.input("x"), floats(net, "c", (3,))], "y", dtype="f32")


# -- fold_arithmetic --------------------------------------------------------------------------------------------------


@row("fold_arithmetic", "fold_binary", COMPUTED | {"the file grows by more than 1 KiB": {"rows": LARGE + 20}})
def _(net: Network, constant: bool = True, rows: int = 2) -> Any:
    operands = [operand(net, constant, (rows, 1)), floats(net, "b", (3,))]
    return used(net, net.add("ADD", operands, "t", (rows, 3), attributes=RELU))


@row("fold_arithmetic", "fold_unary")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("EXP", [operand(net, constant)], "t"))


@row("fold_arithmetic", "fold_unary, quantised")
def _(net: Network, constant: bool = True) -> Any:
    t = net.tensor("t", (2, 3), "i8", scale=1 / 256, zero=-128)
    net.add("LOGISTIC", [operand(net, constant, dtype="i8", **STEPS)], t, version=2)
    x = net.input("x", (2, 3), "i8", **STEPS)
    y = net.tensor("y", (2, 3), "i8", **STEPS)
    return net.add("MUL", [t, x], y, version=2)


@row("fold_arithmetic", "fold_unary, reductions")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("SUM", [operand(net, constant), ints(net, "d", [1])], "t", (2,)))


@row("fold_arithmetic", "fold_cumsum_reverse_bitcast")
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("CUMSUM", [operand(net, constant), ints(net, "d", 1)], "t"))


@row("fold_arithmetic", "fold_fake_quant_const")
def _(net: Network, constant: bool = True) -> Any:
    attributes = {"min": -1.0, "max": 1.0, "num_bits": 8}
    return used(net, net.add("FAKE_QUANT", [operand(net, constant)], "t", attributes=attributes))


@sample("fold_division", USED, COMPUTED | {"a divisor is 0": {"last": 0.0}}, row="fold_binary")
def _(net: Network, constant: bool = True, last: float = 4.0) -> Any:
    return used(net, net.add("DIV", [operand(net, constant), net.constant("b", [2.0, -0.5, last])], "t"))


# -- fold_products ----------------------------------------------------------------------------------------------------


@row("fold_products", "fold_fully_connected", COMPUTED | {"the filter is computed": {"filters": False}})
def _(net: Network, constant: bool = True, filters: bool = True) -> Any:
    w = floats(net, "w", (4, 3)) if filters else net.input("w", (4, 3))
    return used(net, net.add("FULLY_CONNECTED", [operand(net, constant), w, floats(net, "b", (4,))], "t", (2, 4)))


@row("fold_products", "fold_depthwise_conv")
def _(net: Network, constant: bool = True) -> Any:
    operands = [operand(net, constant, (1, 4, 4, 2)), floats(net, "w", (1, 3, 3, 2)), floats(net, "b", (2,))]
    attributes = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "depth_multiplier": 1} | RELU
    return used(net, net.add("DEPTHWISE_CONV_2D", operands, "t", (1, 2, 2, 2), attributes=attributes))


@row("fold_pools", "fold_pool_pad_scatter")
def _(net: Network, constant: bool = True) -> Any:
    attributes = {"padding": "VALID", "stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
    operands = [operand(net, constant, (1, 4, 4, 2))]
    return used(net, net.add("AVERAGE_POOL_2D", operands, "t", (1, 2, 2, 2), attributes=attributes))


# -- types, shapes, choices -------------------------------------------------------------------------------------------


GROWS = {"size": 4 * LARGE, "dtype": "i8"}
BEYOND = {"dtype": "f32", "to": "i32", "values": [3e9, 1.0]}


@sample("fold_cast", USED, COMPUTED | {"the file grows by more than 1 KiB": GROWS, "i32 cannot hold a number": BEYOND})
def _(net: Network, constant: bool = True, size: int = 6, dtype: str = "i32", to: str = "f32", values: Any = ()) -> Any:
    a = net.constant("a", values, dtype) if values else operand(net, constant, (size,), dtype)
    words = {"i32": "INT32", "i8": "INT8", "f32": "FLOAT32"}
    attributes = {"in_data_type": words[dtype], "out_data_type": words[to]}
    return used(net, net.add("CAST", [a], "t", dtype=to, version=3 if dtype == "i8" else 1, attributes=attributes))


@sample("fold_quantize_const", ["y = MUL(t/1, x)"], COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    t = net.tensor("t", (2, 3), "i8", **STEPS)
    net.add("QUANTIZE", [operand(net, constant)], t)
    return net.add("MUL", [t, net.input("x", (2, 3), "i8", **STEPS)], net.tensor("y", (2, 3), "i8", **STEPS), version=2)


def asked(net: Network, code: str, shape: Sequence[int], size: Sequence[int]) -> Any:
    t = net.add(code, [net.input("a", shape)], "t", size, "i32", attributes={"out_type": "INT32"} if size else None)
    return net.add("MUL", [t, net.input("x", size, "i32")], "y")


@sample("fold_shape_or_rank_shape", USED, {"a dimension is open": {"shape": (-1, 3)}})
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    return asked(net, "SHAPE", shape, (2,))


@sample("fold_shape_or_rank_rank", USED, {"it is the shape": {"code": "SHAPE", "size": (2,)}})
def _(net: Network, code: str = "RANK", size: Sequence[int] = ()) -> Any:
    return asked(net, code, (2, 3), size)


def chosen(net: Network, first: bool, last: bool, place: int) -> Any:
    """What a condition of two rows chooses from what is computed, at a place, and from a constant."""
    n = net.add("NEG", [net.input("a")], "n")
    values = [n, floats(net, "b", (3,))]
    c = net.constant("c", [[first], [last]], "bool")
    return used(net, net.add("SELECT_V2", [c, *(values if not place else values[::-1])], "t", (2, 3), "f32"))


@sample("fold_select_true", ["n = NEG(a)", "y = MUL(n, x)"], {"one does not hold": {"last": False}})
def _(net: Network, last: bool = True) -> Any:
    return chosen(net, True, last, 0)


@sample("fold_select_false", ["n = NEG(a)", "y = MUL(n, x)"], {"one holds": {"last": True}})
def _(net: Network, last: bool = False) -> Any:
    return chosen(net, False, last, 1)


# -- on request -------------------------------------------------------------------------------------------------------


@sample("fold_growing", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    operands = [operand(net, constant, (1, 3)), ints(net, "s", [LARGE, 3])]
    return used(net, net.add("BROADCAST_TO", operands, "t", (LARGE, 3), version=2))


@sample("fold_fill", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    operands = [ints(net, "d", [2, LARGE]), operand(net, constant, ())]
    return used(net, net.add("FILL", operands, "t", (2, LARGE), "f32"))


@sample("fold_tile", USED, COMPUTED)
def _(net: Network, constant: bool = True) -> Any:
    return used(net, net.add("TILE", [operand(net, constant, (5,)), ints(net, "m", [LARGE])], "t", (5 * LARGE,)))


@sample(
    "fold_densify", USED, {"it is no sparse constant": {"constant": False}, "it is stored plainly": {"plain": True}}
)
def _(net: Network, constant: bool = True, plain: bool = False) -> Any:
    a = net.constant("a", [1.5, -2.5, 0.25]) if constant else net.input("a")
    if constant:
        a.shape = (2, 3)
        a.sparsity = None if plain else Sparsity((2, ((0, 1, 3), (2, 0, 1))))
    return used(net, net.add("DENSIFY", [a], "t", (2, 3)))


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
