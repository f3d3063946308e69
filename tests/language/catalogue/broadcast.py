"""Where the rules of group B about what is broadcast fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.affine import READ, RELU, read_too
from tests.language.catalogue.sample import Group, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

BROADCAST = Group("broadcast")
sample = BROADCAST.sample


def spread(
    net: Network, code: str, shape: Sequence[int], operand: Sequence[int], dtype: str = "f32", result: Any = (2, 6)
) -> Tensor:
    return net.add(code, [net.input("x", shape, dtype), ints(net, "m", operand)], "t", result, version=2)


SMALL = {"the other operand is no larger": {"other": (1, 6)}}


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


@sample("fuse_tile_into_binary_rhs", ["y = DIV(c, x)"], SMALL | READ)
def _(net: Network, other: Sequence[int] = (2, 6), read: bool = False) -> Any:
    t = spread(net, "TILE", (1, 6), (2, 1))
    return read_too(net, net.add("DIV", [net.input("c", other), t], "y", (2, 6)), t, read)


@sample("fuse_broadcast_to_into_binary", ["y = MUL(x, c)"], SMALL | READ)
def _(net: Network, other: Sequence[int] = (2, 6), read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    return read_too(net, net.add("MUL", [net.input("c", other), t], "y", (2, 6)), t, read)


@sample("fuse_broadcast_to_into_binary_rhs", ["y = LESS(c, x)"], SMALL | READ)
def _(net: Network, other: Sequence[int] = (2, 6), read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    return read_too(net, net.add("LESS", [net.input("c", other), t], "y", (2, 6), "bool"), t, read)


for rule, leaves, first in (
    ("fuse_broadcast_to_into_bmm", "y = BATCH_MATMUL(x, c)", True),
    ("fuse_broadcast_to_into_bmm_rhs", "y = BATCH_MATMUL(c, x)", False),
):

    @sample(rule, [leaves], {"the others are no more": {"other": (1, 3, 3)}} | READ)
    def _(net: Network, first: bool = first, other: Sequence[int] = (2, 3, 3), read: bool = False) -> Any:
        t = spread(net, "BROADCAST_TO", (1, 3, 3), (2, 3, 3), result=(2, 3, 3))
        operands = [t, net.input("c", other)] if first else [net.input("c", other), t]
        return read_too(net, net.add("BATCH_MATMUL", operands, "y", (2, 3, 3)), t, read)


@sample("reorder_broadcast_to_unary", ["y/1 = EXP(x)", "y = BROADCAST_TO(y/1, m)"], READ)
def _(net: Network, read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    return read_too(net, net.add("EXP", [t]), t, read)


@sample("reorder_broadcast_to_unary_cast", ["y/1 = CAST(x)", "y = BROADCAST_TO(y/1, m)"], READ)
def _(net: Network, read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6), "i32")
    types = {"in_data_type": "INT32", "out_data_type": "FLOAT32"}
    return read_too(net, net.add("CAST", [t], "y", dtype="f32", attributes=types), t, read)


@sample(
    "reorder_broadcast_to_sum",
    ["y/1 = SUM(x, a)", "y = BROADCAST_TO(y/1, y/2)"],
    {"what is added up is broadcast": {"axis": 0}} | READ,
)
def _(net: Network, axis: int = 1, read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    y = net.add("SUM", [t, ints(net, "a", [axis])], "y", (2,) if axis else (6,))
    return read_too(net, y, t, read)


@sample("broadcast_sum_to_mul", ["y = MUL(x, y/1)"], {"other values are added up": {"axis": 1}} | READ)
def _(net: Network, axis: int = 0, read: bool = False) -> Any:
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6))
    shape = (2, 1) if axis else (1, 6)
    y = net.add("SUM", [t, ints(net, "a", [axis])], "y", shape, attributes={"keep_dims": True})
    return read_too(net, y, t, read)


def chosen(net: Network, code: str, place: int, other: Sequence[int], condition: Sequence[int], read: bool) -> Any:
    """A selection of which one operand is broadcast."""
    kind = "f32" if place else "bool"
    t = spread(net, "BROADCAST_TO", (1, 6), (2, 6), kind)
    operands = [net.input("c", condition, "bool"), net.input("a", other), net.input("b", other)]
    operands[place] = t
    return read_too(net, net.add(code, operands, "y", (2, 6), "f32"), t, read)


for rule, leaves, code, place in (
    ("fuse_broadcast_into_select", "y = SELECT_V2(x, a, b)", "SELECT_V2", 0),
    ("fuse_broadcast_into_select_lhs", "y = SELECT_V2(c, x, b)", "SELECT_V2", 1),
    ("fuse_broadcast_into_select_rhs", "y = SELECT_V2(c, a, x)", "SELECT_V2", 2),
    ("fuse_broadcast_into_select_old", "y = SELECT_V2(c, x, b)", "SELECT", 1),
    ("fuse_broadcast_into_select_old_rhs", "y = SELECT_V2(c, a, x)", "SELECT", 2),
):

    @sample(rule, [leaves], {"nothing has the result's shape else": {"other": (1, 6), "condition": (2,)}})
    def _(
        net: Network,
        code: str = code,
        place: int = place,
        other: Sequence[int] = (2, 6),
        condition: Sequence[int] = (2, 6),
        read: bool = False,
    ) -> Any:
        if other == (1, 6):
            condition = (1, 6) if code == "SELECT_V2" else (2,)
            other = other if code == "SELECT_V2" else (2, 6)
        return chosen(net, code, place, other, condition, read)


@sample("equal_to_onehot", ["y/2 = RESHAPE(x, y/1)", "y = ONE_HOT(y/2, y/5, y/3, y/4)"], {"0 lacks": {"first": 1}})
def _(net: Network, first: int = 0) -> Any:
    numbers = list(range(first, first + 5))
    return net.add("EQUAL", [net.input("x", (4, 1), "i32"), ints(net, "c", numbers)], "y", (4, 5), "bool")


@sample("fuse_onehot_cast", ["y = ONE_HOT(i, d, y/1, y/2)"], {"the type is another": {"to": ("BOOL", "bool")}})
def _(net: Network, to: tuple[str, str] = ("FLOAT32", "f32")) -> Any:
    operands = [net.input("i", (2,), "i32"), ints(net, "d", 3), ints(net, "n", 5), ints(net, "f", -1)]
    h = net.add("ONE_HOT", operands, "h", (2, 3), "i32", attributes={"axis": -1})
    types = {"in_data_type": "INT32", "out_data_type": to[0]}
    return net.add("CAST", [h], "y", dtype=to[1], attributes=types)
