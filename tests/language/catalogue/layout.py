"""Where the rules of group G fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

LAYOUT = Group("layout")
sample = LAYOUT.sample

READ: dict[str, dict[str, Any]] = {"another operator reads what is transposed": {"read": True}}
RELU: dict[str, Any] = {"fused_activation_function": "RELU"}


def transposed(net: Network, name: str, perm: Sequence[int] = (2, 0, 1), shape: Sequence[int] = (4, 4, 4)) -> Tensor:
    x = net.input(name, shape)
    return net.add("TRANSPOSE", [x, ints(net, f"{name}p", perm)], f"{name}t", [shape[at] for at in perm])


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    return (root, net.add("NEG", [between], "n")) if read else root


@sample(
    "push_transpose_through_ewise",
    ["y/1 = SUB(x, u)", "y = TRANSPOSE(y/1, xp)"],
    {"the orders differ": {"perm": (1, 0, 2)}} | READ,
    {"y/1": RELU},
)
def _(net: Network, perm: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    t = transposed(net, "x")
    return read_too(net, net.add("SUB", [t, transposed(net, "u", perm)], attributes=RELU), t, read)


@sample(
    "push_transpose_through_ewise_scalar",
    ["y/1 = DIV(x, c)", "y = TRANSPOSE(y/1, xp)"],
    {"there are several numbers": {"size": (4,)}} | READ,
)
def _(net: Network, size: Sequence[int] = (), read: bool = False) -> Any:
    t = transposed(net, "x")
    return read_too(net, net.add("DIV", [t, floats(net, "c", size)]), t, read)


@sample(
    "push_transpose_through_reduce_concat_split_pad_slice_reduce",
    ["y/2 = MEAN(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
    {"the dimension goes": {"keep": False}, "it counts from the end": {"axis": -1}} | READ,
)
def _(net: Network, axis: int = 1, keep: bool = True, read: bool = False) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    shape = [1 if at == axis % 3 else size for at, size in enumerate(t.shape) if keep or at != axis % 3]
    y = net.add("MEAN", [t, ints(net, "a", [axis])], "y", shape, attributes={"keep_dims": keep})
    return read_too(net, y, t, read)


@sample(
    "push_transpose_through_reduce_concat_split_pad_slice_concat",
    ["y/1 = CONCATENATION(x, u)", "y = TRANSPOSE(y/1, xp)"],
    {"the orders differ": {"perm": (1, 0, 2)}} | READ,
    {"y/1": {"axis": 0}},
)
def _(net: Network, perm: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    t = transposed(net, "x")
    y = net.add("CONCATENATION", [t, transposed(net, "u", perm)], "y", (4, 8, 4), attributes={"axis": 1})
    return read_too(net, y, t, read)


@sample(
    "nchw_transpose_add_bias",
    ["y/2 = ADD(x, y/1)", "y = TRANSPOSE(y/2, y/3)"],
    {"the addend varies over the image": {"size": (1, 4, 4, 1)}, "columns come first": {"perm": (0, 3, 2, 1)}} | READ,
    {"y/2": RELU},
)
def _(net: Network, size: Any = (1, 4, 1, 1), perm: Sequence[int] = (0, 3, 1, 2), read: bool = False) -> Any:
    t = transposed(net, "x", perm, (1, 4, 4, 4))
    return read_too(net, net.add("ADD", [t, floats(net, "b", size)], attributes=RELU), t, read)


@sample(
    "sink_reshape_transpose_into_branches",
    ["xt = TRANSPOSE(x, xp)", "y/1 = EXP(x)", "y = TRANSPOSE(y/1, xp)", "n = SIN(xt)"],
    {"no other reads it": {"read": False}},
)
def _(net: Network, read: bool = True) -> Any:
    x = transposed(net, "x")
    y = net.add("EXP", [x])
    return (y, net.add("SIN", [x], "n")) if read else y
