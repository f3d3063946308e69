"""Where the rules of group B about matrix products fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.affine import READ, RELU, connected, read_too
from tests.language.catalogue.sample import Group, floats, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

MATMUL = Group("matmul")
sample = MATMUL.sample


def product(
    net: Network,
    name: str,
    right: Sequence[int] = (3, 4),
    columns: int = 4,
    left: Sequence[int] = (2, 5, 3),
    **adj: Any,
) -> Tensor:
    operands = [net.input("x", left), floats(net, "w", right)]
    return net.add("BATCH_MATMUL", operands, name, (2, 5, columns), attributes=adj)


@sample(
    "fuse_bmm_add",
    ["y = FULLY_CONNECTED(x, y/1, s)"],
    {"the matrix is transposed": {"adj_y": True, "right": (4, 3)}, "the addend has rows": {"size": (5, 4)}} | READ,
    {"y": {"keep_num_dims": True, **RELU}},
)
def _(net: Network, size: Sequence[int] = (4,), read: bool = False, **changes: Any) -> Any:
    c = product(net, "c", **changes)
    return read_too(net, net.add("ADD", [c, floats(net, "s", size)], attributes=RELU), c, read)


@sample(
    "bmm_to_fc",
    ["y = FULLY_CONNECTED(x, y/1)"],
    {"the matrix is transposed": {"adj_y": True, "right": (4, 3)}, "there are several": {"right": (2, 3, 4)}},
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, **changes: Any) -> Any:
    return product(net, "y", **changes)


@sample(
    "bmm_to_fc_transposed",
    ["y = FULLY_CONNECTED(x, w)"],
    {"the matrix is not transposed": {"adj_y": False, "right": (3, 4)}, "there are several": {"right": (2, 4, 3)}},
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, right: Sequence[int] = (4, 3), adj_y: bool = True) -> Any:
    return product(net, "y", right, adj_y=adj_y)


def stepped(net: Network, shape: Sequence[int], dtype: str = "i8", zero: int = 0, **adj: Any) -> Tensor:
    """A product in steps."""
    x = net.input("x", (2, 5, 3), dtype, scale=0.05)
    values = np.random.default_rng(3).integers(-100, 100, shape)
    w = net.constant("w", values, "i8", scale=0.02, zero=zero)
    y = net.tensor("y", (2, 5, 4), dtype, scale=0.1)
    return net.add("BATCH_MATMUL", [x, w], y, attributes=adj, version=2)


@sample(
    "bmm_to_fc_steps",
    ["y = FULLY_CONNECTED(x, y/1)"],
    {"the matrix is transposed": {"adj_y": True, "shape": (4, 3)}, "0 is another step": {"zero": 3}},
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, shape: Sequence[int] = (3, 4), **changes: Any) -> Any:
    return stepped(net, shape, **changes)


@sample(
    "bmm_to_fc_steps_transposed",
    ["y = FULLY_CONNECTED(x, w)"],
    {"the matrix is not transposed": {"adj_y": False, "shape": (3, 4)}, "0 is another step": {"zero": 3}},
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, shape: Sequence[int] = (4, 3), adj_y: bool = True, **changes: Any) -> Any:
    return stepped(net, shape, adj_y=adj_y, **changes)


def turned(net: Network, first: bool, perm: Sequence[int], read: bool, **adj: Any) -> Any:
    t = net.add("TRANSPOSE", [net.input("v", (3, 3, 3)), ints(net, "p", perm)], "t")
    x = net.input("x", (3, 3, 3))
    operands = [t, x] if first else [x, t]
    return read_too(net, net.add("BATCH_MATMUL", operands, attributes=adj), t, read)


for rule, leaves, first in (
    ("fuse_transpose_into_bmm", "y = BATCH_MATMUL(x, v)", False),
    ("fuse_transpose_into_bmm_lhs", "y = BATCH_MATMUL(v, x)", True),
):

    @sample(rule, [leaves], {"the batch moves": {"perm": (2, 1, 0)}} | READ, {"y": {"adj_x": first, "adj_y": first}})
    def _(net: Network, first: bool = first, perm: Sequence[int] = (0, 2, 1), read: bool = False) -> Any:
        return turned(net, first, perm, read, adj_y=True)


@sample(
    "fuse_transpose_after_bmm",
    ["y = BATCH_MATMUL(v, x)"],
    {"the batch moves": {"perm": (2, 1, 0)}, "the second matrix is not transposed": {"adj_y": False}} | READ,
    {"y": {"adj_y": True}},
)
def _(net: Network, perm: Sequence[int] = (0, 2, 1), adj_y: bool = True, read: bool = False) -> Any:
    operands = [net.input("x", (3, 3, 3)), net.input("v", (3, 3, 3))]
    b = net.add("BATCH_MATMUL", operands, "b", attributes={"adj_y": adj_y})
    return read_too(net, net.add("TRANSPOSE", [b, ints(net, "p", perm)]), b, read)


@sample(
    "fuse_reshapes_around_bmm",
    ["y = BATCH_MATMUL(x, w)"],
    {"rows are cut": {"shape": (4, 3, 5)}, "they are put together otherwise": {"last": (5, 4, 4)}} | READ,
)
def _(net: Network, shape: Sequence[int] = (4, 5, 3), last: Sequence[int] = (4, 5, 4), read: bool = False) -> Any:
    r = reshaped(net, net.input("x", shape), "r", (20, 3))
    b = net.add("BATCH_MATMUL", [r, net.input("w", (3, 4))], "b", (20, 4))
    return read_too(net, reshaped(net, b, "y", last), b, read)


@sample("bmm_ones_to_reduce_sum", ["y = SUM(x, y/1)"], {"one is a two": {"value": 2.0}}, {"y": {"keep_dims": True}})
def _(net: Network, value: float = 1.0) -> Any:
    return net.add("BATCH_MATMUL", [net.input(), net.constant("w", [[1.0], [1.0], [value]])], "y", (2, 1))


@sample("remove_reshape_before_fc", ["y = FULLY_CONNECTED(x, w, b)"], {"rows are cut": {"shape": (3, 2)}})
def _(net: Network, shape: Sequence[int] = (2, 1, 3)) -> Any:
    return connected(net, reshaped(net, net.input("x", shape), "r", (2, 3)), "y")


@sample(
    "fc_squeeze_lhs",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"rows are cut": {"shape": (1, 3, 2)}},
    {"y": {"keep_num_dims": False}},
)
def _(net: Network, shape: Sequence[int] = (1, 2, 3)) -> Any:
    return connected(net, reshaped(net, net.input("x", shape), "r", (2, 3)), "y", keep_num_dims=True)


@sample(
    "remove_reshape_after_fc",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"the rows get another shape": {"shape": (2, 2)}} | READ,
    {"y": {"keep_num_dims": True}},
)
def _(net: Network, shape: Sequence[int] = (2, 1), read: bool = False) -> Any:
    c = connected(net, net.input("x", (2, 1, 3)), "c")
    return read_too(net, reshaped(net, c, "y", (*shape, 8 // shape[0] // shape[1])), c, read)


@sample(
    "remove_reshape_after_fc_list",
    ["y = FULLY_CONNECTED(x, w, b)"],
    {"it is another list": {"shape": (4, 2)}} | READ,
    {"y": {"keep_num_dims": False}},
)
def _(net: Network, shape: Sequence[int] = (2, 4), read: bool = False) -> Any:
    operands = [net.input("x", (2, 1, 3)), floats(net, "w", (4, 3)), floats(net, "b", (4,))]
    c = net.add("FULLY_CONNECTED", operands, "c", (2, 1, 4), attributes={"keep_num_dims": True})
    return read_too(net, reshaped(net, c, "y", shape), c, read)


@sample("degenerate_fc_to_mul", ["y = MUL(x, y/1)"], {"there is a bias": {"bias": True}}, {"y": RELU})
def _(net: Network, bias: bool = False) -> Any:
    operands = [net.input("x", (2, 3, 1)), floats(net, "w", (4, 1)), *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, "y", (2, 3, 4), attributes={"keep_num_dims": True, **RELU})


for rule, leaves, first in (
    ("double_select_fc", ["y/1 = FULLY_CONNECTED(x, w, b)", "y = SELECT_V2(c, z, y/1)"], True),
    ("double_select_fc_rhs", ["y/1 = FULLY_CONNECTED(x, w, b)", "y = SELECT_V2(c, y/1, z)"], False),
):

    @sample(rule, leaves, {"they become another number": {"value": 1.0}, "single values go": {"size": (2, 3)}} | READ)
    def _(
        net: Network, first: bool = first, value: float = 0.0, size: Sequence[int] = (2, 1), read: bool = False
    ) -> Any:
        c, z = net.input("c", size, "bool"), net.constant("z", 0.0)
        x, o = net.input(), net.constant("o", value)
        t = net.add("SELECT_V2", [c, o, x] if first else [c, x, o], "t", (2, 3), "f32")
        f = connected(net, t, "f")
        c = c if size == (2, 1) else net.input("d", (2, 1), "bool")
        return read_too(net, net.add("SELECT_V2", [c, z, f] if first else [c, f, z], "y", (2, 4), "f32"), f, read)


@sample(
    "onehot_fc_to_embedding",
    ["i = ARG_MAX(z, k)", "y/2 = RESHAPE(i, y/1)", "y/4 = EMBEDDING_LOOKUP(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    {"there may be others": {"classes": 4}, "a one is a two": {"value": 2.0}},
)
def _(net: Network, classes: int = 3, value: float = 1.0) -> Any:
    z = net.input("z", (2, classes))
    i = net.add("ARG_MAX", [z, ints(net, "k", [1])], "i", (2,), "i32", attributes={"output_type": "INT32"})
    operands = [i, ints(net, "d", 3), net.constant("on", value), net.constant("off", 0.0)]
    h = net.add("ONE_HOT", operands, "h", (2, 3), "f32", attributes={"axis": -1})
    return connected(net, h, "y", bias=False)
