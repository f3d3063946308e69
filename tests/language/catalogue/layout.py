"""Where the rules of group G fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, floats, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

LAYOUT = Group("layout")
sample = LAYOUT.sample

READ: dict[str, dict[str, Any]] = {"another operator reads what is transposed": {"read": True}}
RELU: dict[str, Any] = {"fused_activation_function": "RELU"}


def transposed(
    net: Network, name: str, perm: Sequence[int] = (2, 0, 1), shape: Sequence[int] = (4, 4, 4), **more: Any
) -> Tensor:
    x = net.input(name, shape, **more)
    result = net.tensor(f"{name}t", [shape[at] for at in perm], **more)
    return net.add("TRANSPOSE", [x, ints(net, f"{name}p", perm)], result, version=2 if more else 1)


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    return (root, net.add("NEG", [between], "n")) if read else root


@sample("push_transpose_through_ewise_prelu", ["y/2 = PRELU(x, y/1)", "y = TRANSPOSE(y/2, xp)"], READ)
def _(net: Network, read: bool = False) -> Any:
    t = transposed(net, "x", (0, 3, 1, 2), (1, 4, 3, 2))
    return read_too(net, net.add("PRELU", [t, floats(net, "a", (2, 1, 1))]), t, read)


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
    "push_transpose_through_ewise_steps",
    ["y/1 = MUL(x, u)", "y = TRANSPOSE(y/1, xp)"],
    {"the orders differ": {"perm": (1, 0, 2)}} | READ,
    {"y/1": RELU},
)
def _(net: Network, perm: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    t = transposed(net, "x", dtype="i8", scale=0.1, zero=3)
    u = transposed(net, "u", perm, dtype="i8", scale=0.2, zero=-1)
    y = net.tensor("y", (4, 4, 4), "i8", scale=0.5, zero=4)
    return read_too(net, net.add("MUL", [t, u], y, attributes=RELU, version=2), t, read)


LARGER = {"the constant makes it larger": {"size": (4, 3, 2, 2)}}

for rule, code, first in (
    ("push_transpose_through_ewise_const", "ADD", False),
    ("push_transpose_through_ewise_const_lhs", "DIV", True),
):

    @sample(
        rule,
        [f"y/2 = {code}(y/1, x)" if first else f"y/2 = {code}(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
        LARGER | READ,
        {"y/2": RELU},
    )
    def _(
        net: Network, code: str = code, first: bool = first, size: Sequence[int] = (3, 1, 1), read: bool = False
    ) -> Any:
        t = transposed(net, "x", (0, 3, 1, 2), (1, 2, 2, 3))
        operands = [t, floats(net, "c", size)]
        shape = (*size[:-3], *t.shape[len(size[:-3]) :])
        return read_too(net, net.add(code, operands[::-1] if first else operands, "y", shape, attributes=RELU), t, read)


@sample(
    "push_transpose_through_ewise_const_steps",
    ["y/2 = ADD(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
    {"the constant makes it larger": {"size": (4, 1, 1, 1)}} | READ,
    {"y/2": RELU},
)
def _(net: Network, size: Sequence[int] = (3, 1, 1), read: bool = False) -> Any:
    t = transposed(net, "x", (0, 3, 1, 2), (1, 2, 2, 3), dtype="i8", scale=0.1, zero=3)
    c = net.constant("c", np.arange(5, 5 + np.prod(size)).reshape(size), "i8", scale=0.2, zero=-1)
    y = net.tensor("y", (*size[:-3], *t.shape[len(size[:-3]) :]), "i8", scale=0.15, zero=4)
    return read_too(net, net.add("ADD", [t, c], y, attributes=RELU, version=2), t, read)


PUSHED = "push_transpose_through_reduce_concat_split_pad_slice"


def reduced(net: Network, axis: int, keep: bool, read: bool, *, known: bool = True) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    shape = [1 if at == axis % 3 else size for at, size in enumerate(t.shape) if keep or at != axis % 3]
    axes = ints(net, "a", [axis]) if known else net.input("a", (1,), "i32")
    return read_too(net, net.add("MEAN", [t, axes], "y", shape, attributes={"keep_dims": keep}), t, read)


@sample(
    f"{PUSHED}_reduce",
    ["y/2 = MEAN(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
    {"the dimension goes": {"keep": False}, "nobody knows which": {"known": False}} | READ,
)
def _(net: Network, axis: int = -2, keep: bool = True, read: bool = False, known: bool = True) -> Any:
    return reduced(net, axis, keep, read, known=known)


@sample(
    f"{PUSHED}_reduce_dropping",
    ["y/2 = MEAN(x, y/1)", "y = TRANSPOSE(y/2, y/3)"],
    {"the dimension stays": {"keep": True}, "nobody knows which": {"known": False}} | READ,
)
def _(net: Network, axis: int = -2, keep: bool = False, read: bool = False, known: bool = True) -> Any:
    return reduced(net, axis, keep, read, known=known)


@sample(
    f"{PUSHED}_concat",
    ["y/1 = CONCATENATION(x, u, v)", "y = TRANSPOSE(y/1, xp)"],
    {"the orders differ": {"perm": (1, 0, 2)}} | READ,
    {"y/1": {"axis": 0}},
)
def _(net: Network, perm: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    t = transposed(net, "x")
    operands = [t, transposed(net, "u"), transposed(net, "v", perm)]
    return read_too(net, net.add("CONCATENATION", operands, "y", (4, 12, 4), attributes={"axis": -2}), t, read)


@sample(
    f"{PUSHED}_pad",
    ["y/2 = PAD(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
    {"nobody knows how far": {"known": False}} | READ,
)
def _(net: Network, known: bool = True, read: bool = False) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    w = ints(net, "w", [[0, 0], [1, 2], [3, 0]]) if known else net.input("w", (3, 2), "i32")
    return read_too(net, net.add("PAD", [t, w], "y", (4, 5, 6)), t, read)


@sample(
    f"{PUSHED}_mirror_pad",
    ["y/2 = MIRROR_PAD(x, y/1)", "y = TRANSPOSE(y/2, xp)"],
    {"nobody knows how far": {"known": False}} | READ,
    {"y/2": {"mode": "SYMMETRIC"}},
)
def _(net: Network, known: bool = True, read: bool = False) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    w = ints(net, "w", [[0, 0], [1, 2], [3, 0]]) if known else net.input("w", (3, 2), "i32")
    return read_too(net, net.add("MIRROR_PAD", [t, w], "y", (4, 5, 6), attributes={"mode": "SYMMETRIC"}), t, read)


@sample(
    f"{PUSHED}_slice",
    ["y/3 = SLICE(x, y/1, y/2)", "y = TRANSPOSE(y/3, xp)"],
    {"nobody knows where": {"known": False}} | READ,
)
def _(net: Network, known: bool = True, read: bool = False) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    b = ints(net, "b", [1, 0, 2]) if known else net.input("b", (3,), "i32")
    return read_too(net, net.add("SLICE", [t, b, ints(net, "s", [3, -1, 1])], "y", (3, 2, 1)), t, read)


@sample(
    f"{PUSHED}_gather",
    ["y/1 = GATHER(x, i)", "y = TRANSPOSE(y/1, xp)"],
    {"the places are no list": {"size": (2, 2)}} | READ,
    {"y/1": {"axis": 0}},
)
def _(net: Network, size: Sequence[int] = (2,), read: bool = False) -> Any:
    t = transposed(net, "x", shape=(2, 3, 4))
    i = ints(net, "i", np.arange(np.prod(size)).reshape(size) % 2)
    return read_too(net, net.add("GATHER", [t, i], "y", (4, *size, 3), attributes={"axis": -2}), t, read)


@sample(
    "push_transpose_through_squeeze",
    ["y/2 = RESHAPE(x, y/1)", "y = TRANSPOSE(y/2, y/3)"],
    {"dimensions are put together": {"shape": (12, 2)}} | READ,
)
def _(net: Network, shape: Sequence[int] = (4, 2, 3), read: bool = False) -> Any:
    t = transposed(net, "x", (0, 3, 1, 2), (1, 2, 3, 4))
    return read_too(net, reshaped(net, t, "y", shape), t, read)


@sample(
    "merge_reshape_into_transpose",
    ["y = TRANSPOSE(x, y/1)"],
    {"dimensions are cut otherwise": {"shape": (2, 2, 2, 3)}} | READ,
)
def _(net: Network, shape: Sequence[int] = (4, 2, 1, 3), read: bool = False) -> Any:
    t = transposed(net, "x", (0, 3, 1, 2), (1, 2, 3, 4))
    return read_too(net, reshaped(net, t, "y", shape), t, read)


@sample(
    "reorder_reshape_transpose",
    ["y/2 = TRANSPOSE(x, y/1)", "y = RESHAPE(y/2, y/3)"],
    {"the parts go apart": {"perm": (1, 2, 0)}} | READ,
)
def _(net: Network, perm: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (6, 4)), "r", (2, 3, 4))
    shape = [(2, 3, 4)[at] for at in perm]
    return read_too(net, net.add("TRANSPOSE", [r, ints(net, "p", perm)], "y", shape), r, read)


@sample(
    "sink_reshape_transpose_into_branches",
    ["xt = TRANSPOSE(x, xp)", "y/1 = EXP(x)", "y = TRANSPOSE(y/1, xp)", "n = SIN(xt)"],
    {"no other reads it": {"read": False}},
)
def _(net: Network, read: bool = True) -> Any:
    x = transposed(net, "x")
    y = net.add("EXP", [x])
    return (y, net.add("SIN", [x], "n")) if read else y
