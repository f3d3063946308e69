"""Where the rules of group A that compute fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import ENDED, Group, ended, floats, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

SIMPLIFY = Group("simplify")
sample = SIMPLIFY.sample


@sample(
    "remove_trivial_binary",
    ENDED,
    {
        "it is no zero": {"value": 0.5},
        "there is an activation": {"fused_activation_function": "RELU"},
        "the result has more rows": {"rows": 2},
    },
)
def _(net: Network, value: float = 0.0, rows: int = 1, **activation: Any) -> Any:
    zero = net.constant("c", [[value] * 3] * rows)
    return ended(net, net.add("ADD", [net.input("x", (1, 3)), zero], "y", (rows, 3), attributes=activation))


@sample(
    "remove_trivial_binary_quantized",
    ("z = DEQUANTIZE(x)",),
    {"the steps change": {"scale": 0.25}, "it is no one": {"value": 3}},
)
def _(net: Network, scale: float = 0.5, value: int = 2) -> Any:
    x = net.input("x", (2, 3), "i8", scale=0.5)
    one = net.constant("c", value, "i8", scale=0.5)
    y = net.add("MUL", [x, one], net.tensor("y", (2, 3), "i8", scale=scale), version=2)
    return net.add("DEQUANTIZE", [y], "z", dtype="f32", version=2)


@sample("remove_add_zeros_like", ENDED, {"they are no zeros": {"code": "ABS"}})
def _(net: Network, code: str = "ZEROS_LIKE") -> Any:
    return ended(net, net.add("ADD", [net.input(), net.add(code, [net.input("w")], "i")]))


@sample("add_computed_zero", ENDED, {"something else is taken away": {"other": True}})
def _(net: Network, other: bool = False) -> Any:
    w = net.input("w")
    return ended(net, net.add("ADD", [net.input(), net.add("SUB", [w, net.input("v") if other else w], "i")]))


@sample("reorder_const_rhs", ["y = MUL(x, c)"], {"it comes second": {"first": False}, "order matters": {"code": "SUB"}})
def _(net: Network, first: bool = True, code: str = "MUL") -> Any:
    operands = [floats(net, "c", (3,)), net.input()]
    return net.add(code, operands if first else operands[::-1], "y", (2, 3))


@sample("sub_const_to_add", ["y = ADD(x, y/1)"], {"the constant comes first": {"first": True}})
def _(net: Network, first: bool = False) -> Any:
    operands = [net.input(), floats(net, "c", (3,))]
    return net.add("SUB", operands[::-1] if first else operands)


@sample("div_const_to_mul_recip", ["y = MUL(x, y/1)"], {"a divisor is zero": {"value": 0.0}})
def _(net: Network, value: float = 4.0) -> Any:
    return net.add("DIV", [net.input(), net.constant("c", [1.5, 0.3, value])])


@sample(
    "const_splat_to_scalar",
    ["y = MUL(x, y/1)"],
    {"one number is another": {"value": 3.0}, "the result has more rows": {"rows": 1}},
)
def _(net: Network, value: float = 2.0, rows: int = 2) -> Any:
    return net.add("MUL", [net.input("x", (rows, 3)), net.constant("c", [[2.0, 2.0, value]] * 2)], "y", (2, 3))


@sample("expand_broadcast_const", ["y = ADD(x, y/1)"], {"it has the shape already": {"shape": (2, 3)}})
def _(net: Network, shape: Sequence[int] = (3,)) -> Any:
    return net.add("ADD", [net.input(), floats(net, "c", shape)])


@sample(
    "undo_broadcast_bias_add",
    ["p = FULLY_CONNECTED(x, w)", "y = ADD(p, y/1)"],
    {"it differs from row to row": {"shape": (2, 4)}, "it is computed otherwise": {"code": "NEG"}},
)
def _(net: Network, shape: Sequence[int] = (1, 4), code: str = "FULLY_CONNECTED") -> Any:
    weights = [floats(net, "w", (4, 3))] if code == "FULLY_CONNECTED" else []
    p = net.add(code, [net.input("x", (2, 3 if weights else 4)), *weights], "p", (2, 4))
    return net.add("ADD", [p, floats(net, "c", shape)])


def truth(net: Network, name: str, value: Any) -> Tensor:
    return net.constant(name, value, "bool")


@sample("logical_identity", ["z = LOGICAL_NOT(x)"], {"it is false": {"value": False}, "there are more": {"rows": 2}})
def _(net: Network, value: bool = True, rows: int = 1) -> Any:
    operands = [net.input("x", (1, 3), "bool"), truth(net, "c", [[value] * 3] * rows)]
    return net.add("LOGICAL_NOT", [net.add("LOGICAL_AND", operands, "y", (rows, 3))], "z")


@sample("select_const_cond", ENDED, {"it is not known everywhere": {"last": False}})
def _(net: Network, last: bool = True) -> Any:
    operands = [truth(net, "c", [[True] * 3, [True, True, last]]), net.input(), net.input("w")]
    return ended(net, net.add("SELECT_V2", operands, dtype="f32"))


@sample("select_not", ["y = SELECT(c, w, x)"], {"another reads the opposite": {"read": True}})
def _(net: Network, read: bool = False) -> Any:
    n = net.add("LOGICAL_NOT", [net.input("c", dtype="bool")], "n")
    y = net.add("SELECT", [n, net.input(), net.input("w")], dtype="f32")
    return (y, net.add("LOGICAL_NOT", [n], "m")) if read else y


def chosen(net: Network, one: bool, other: bool, rows: int) -> Any:
    operands = [
        net.input("x", (1, 3), "bool"),
        truth(net, "a", [[one] * 3] * rows),
        truth(net, "b", [[other] * 3] * rows),
    ]
    return net.add("LOGICAL_NOT", [net.add("SELECT_V2", operands, "y", (rows, 3))], "z")


@sample(
    "select_bool_identity", ["z = LOGICAL_NOT(x)"], {"both are true": {"other": True}, "there are more": {"rows": 2}}
)
def _(net: Network, other: bool = False, rows: int = 1) -> Any:
    return chosen(net, True, other, rows)


@sample(
    "select_bool_identity_not",
    ["y = LOGICAL_NOT(x)", "z = LOGICAL_NOT(y)"],
    {"both are true": {"one": True}, "there are more": {"rows": 2}},
)
def _(net: Network, one: bool = False, rows: int = 1) -> Any:
    return chosen(net, one, True, rows)


def compared(net: Network, code: str, value: float, dtype: str) -> Tensor:
    types = {"in_data_type": "BOOL", "out_data_type": "FLOAT32"}
    b = net.input("x", dtype=dtype)
    number = net.add(
        "CAST", [b], "n", dtype="f32", attributes=types if dtype == "bool" else {**types, "in_data_type": "INT32"}
    )
    return net.add(code, [number, net.constant("c", value)], dtype="bool")


@sample(
    "compare_bool_cast_zero",
    ["z = LOGICAL_NOT(x)"],
    {"it is no zero": {"value": 1.0}, "it is a number": {"dtype": "i32"}},
)
def _(net: Network, value: float = 0.0, dtype: str = "bool") -> Any:
    return net.add("LOGICAL_NOT", [compared(net, "NOT_EQUAL", value, dtype)], "z")


@sample(
    "compare_bool_cast_zero_not",
    ["y = LOGICAL_NOT(x)"],
    {"it is no zero": {"value": 1.0}, "it is a number": {"dtype": "i32"}},
)
def _(net: Network, value: float = 0.0, dtype: str = "bool") -> Any:
    return compared(net, "EQUAL", value, dtype)


@sample("remove_redundant_relu", ["m = ADD(x, w)", "z = NEG(m)"], {"it can be below 0": {"activation": "NONE"}})
def _(net: Network, activation: str = "RELU6") -> Any:
    m = net.add("ADD", [net.input(), net.input("w")], "m", attributes={"fused_activation_function": activation})
    return ended(net, net.add("RELU", [m]))


@sample("remove_redundant_relu_relu6", ["m = LOGISTIC(x)", "z = NEG(m)"], {"it can be above 6": {"code": "EXP"}})
def _(net: Network, code: str = "LOGISTIC") -> Any:
    return ended(net, net.add("RELU6", [net.add(code, [net.input()], "m")]))


@sample("fold_max_sub_into_softmax", ["y = SOFTMAX(x)"], {"of each column": {"axis": 0}, "of another": {"other": True}})
def _(net: Network, axis: int = -1, other: bool = False) -> Any:
    x = net.input("x", (3, 3))
    operands = [net.input("w", (3, 3)) if other else x, ints(net, "a", [axis])]
    m = net.add("REDUCE_MAX", operands, "m", (1, 3) if axis == 0 else (3, 1), attributes={"keep_dims": True})
    return net.add("SOFTMAX", [net.add("SUB", [x, m], "d")], attributes={"beta": 1.0})


@sample("relu_min127", ["z = DEQUANTIZE(x)"], {"it is held back": {"value": 126}, "the steps differ": {"scale": 0.25}})
def _(net: Network, value: int = 127, scale: float = 0.5) -> Any:
    x = net.input("x", (2, 3), "i8", scale=0.5)
    c = net.constant("c", value, "i8", scale=0.5)
    y = net.add("MINIMUM", [x, c], net.tensor("y", (2, 3), "i8", scale=scale), version=2)
    return net.add("DEQUANTIZE", [y], "z", dtype="f32", version=2)


def chain(net: Network, *codes: str, read: bool = False, activation: str = "NONE") -> Any:
    """Operators in a row, each with a constant; the first may have an activation, or another reader."""
    tensor = net.input()
    made: list[Tensor] = []
    for place, code in enumerate(codes):
        name = "y" if place == len(codes) - 1 else f"i{place}"
        attributes = {"fused_activation_function": "NONE" if place else activation}
        tensor = net.add(code, [tensor, floats(net, f"c{place}", (3,))], name, attributes=attributes)
        made.append(tensor)
    return (tensor, net.add("NEG", [made[0]], "n")) if read else tensor


IN_BETWEEN = {"another reads the first": {"read": True}, "there is an activation between": {"activation": "RELU"}}


@sample("reassoc_add_add", ["y = ADD(x, y/1)"], IN_BETWEEN)
def _(net: Network, **more: Any) -> Any:
    return chain(net, "ADD", "ADD", **more)


@sample("reassoc_mul_mul", ["y = MUL(x, y/1)"], IN_BETWEEN)
def _(net: Network, **more: Any) -> Any:
    return chain(net, "MUL", "MUL", **more)


@sample("affine_chain_fold", ["y/2 = MUL(x, y/1)", "y = ADD(y/2, y/3)"], IN_BETWEEN)
def _(net: Network, **more: Any) -> Any:
    return chain(net, "MUL", "ADD", "MUL", **more)


@sample(
    "move_binary_const_before_reshape",
    ["y/1 = ADD(x, c)", "y = RESHAPE(y/1, y/2)"],
    {
        "the rows change": {"source": (4, 3)},
        "it differs from row to row": {"constant": (3, 1)},
        "another reads what is reshaped": {"read": True},
    },
)
def _(net: Network, source: Sequence[int] = (1, 3, 4), constant: Sequence[int] = (4,), read: bool = False) -> Any:
    r = reshaped(net, net.input("x", source), "r", (3, 4))
    y = net.add("ADD", [r, floats(net, "c", constant)])
    return (y, net.add("NEG", [r], "n")) if read else y


@sample(
    "move_binary_before_two_reshapes",
    ["y/1 = MUL(x, w)", "y = RESHAPE(y/1, y/2)"],
    {"the shapes before differ": {"shape": (3, 2)}, "another reads one": {"read": True}},
)
def _(net: Network, shape: Sequence[int] = (2, 3), read: bool = False) -> Any:
    r = reshaped(net, net.input(), "r", (6,))
    y = net.add("MUL", [r, reshaped(net, net.input("w", shape), "s", (6,))])
    return (y, net.add("NEG", [r], "n")) if read else y


@sample(
    "remove_broadcasting_reshape_operand",
    ["y = SUB(x, w)"],
    {"the result has fewer dimensions then": {"other": (3,)}, "the columns are put apart": {"shape": (3, 1)}},
)
def _(net: Network, shape: Sequence[int] = (1, 3), other: Sequence[int] = (2, 3)) -> Any:
    operands = [reshaped(net, net.input("x", (3,)), "r", shape), net.input("w", other if shape[0] == 1 else (3, 3))]
    return net.add("SUB", operands, "y", (3, 3) if shape[0] == 3 else (1, 3) if len(other) == 1 else other)


@sample(
    "reduce_fold_reshape_keepdims",
    ["y = MEAN(x, a)"],
    {"the rows change": {"shape": (1, 2)}, "another reads the mean": {"read": True}},
    attributes={"y": {"keep_dims": True}},
)
def _(net: Network, shape: Sequence[int] = (2, 1), read: bool = False) -> Any:
    m = net.add("MEAN", [net.input(), ints(net, "a", [1])], "m", (2,), attributes={"keep_dims": False})
    y = reshaped(net, m, "y", shape)
    return (y, net.add("NEG", [m], "n")) if read else y


@sample(
    "fuse_mean_with_mean",
    ["y = MEAN(x, y/1)"],
    {"the first drops its dimension": {"keep": False}, "another reads the first": {"read": True}},
)
def _(net: Network, keep: bool = True, read: bool = False) -> Any:
    attributes = {"keep_dims": keep}
    operands = [net.input("x", (2, 3, 4)), ints(net, "a", [2])]
    m = net.add("MEAN", operands, "m", (2, 3, 1) if keep else (2, 3), attributes=attributes)
    y = net.add("MEAN", [m, ints(net, "b", [1])], "y", (2, 1, 1) if keep else (2,), attributes=attributes)
    return (y, net.add("NEG", [m], "n")) if read else y


def largest(net: Network, rows: int) -> tuple[Tensor, Tensor]:
    results = net.tensor("v", (2, 4)), net.tensor("i", (2, 4), "i32")
    net.add("TOPK_V2", [net.input("x", (2, 6)), ints(net, "k", 4)], results)
    ends = ints(net, "b", [0, 0]), ints(net, "s", [rows, 3])
    return (
        net.add("SLICE", [results[0], *ends], "y", (rows, 3)),
        net.add("SLICE", [results[1], *ends], "j", (rows, 3), "i32"),
    )


@sample(
    "topk_reduce_k", ["y, y/2 = TOPK_V2(x, y/1)"], {"a row is left out": {"rows": 1}, "places are read": {"both": True}}
)
def _(net: Network, rows: int = 2, both: bool = False) -> Any:
    y, j = largest(net, rows)
    if both:
        return y, j
    net.operators.pop()
    net.tensors.remove(j)
    return y


@sample("topk_reduce_k_indices", ["y, j = TOPK_V2(x, y/1)"], {"a row is left out": {"rows": 1}})
def _(net: Network, rows: int = 2) -> Any:
    return largest(net, rows)


@sample("addn2_to_add", ["y = ADD(x, w)"], {"there are three": {"count": 3}})
def _(net: Network, count: int = 2) -> Any:
    return net.add("ADD_N", [net.input(name) for name in ("x", "w", "v")[:count]])


def converted(net: Network, **more: Any) -> Tensor:
    return net.add("DEQUANTIZE", [net.input("x", (4, 3), "i8", **more)], "f", dtype="f32", version=2)


CONVERTED = {
    "each row has its own steps": {"scale": [0.5, 0.25, 0.5, 0.25]},
    "all is converted for another": {"read": True},
}


@sample("push_down_dequantize", ["y/1 = SLICE(x, b, s)", "y = DEQUANTIZE(y/1)"], CONVERTED)
def _(net: Network, scale: Any = 0.5, read: bool = False) -> Any:
    f = converted(net, scale=scale)
    y = net.add("SLICE", [f, ints(net, "b", [1, 0]), ints(net, "s", [2, 3])], "y", (2, 3))
    return (y, net.add("NEG", [f], "n")) if read else y


@sample("push_down_dequantize_gather", ["y/1 = GATHER(x, i)", "y = DEQUANTIZE(y/1)"], CONVERTED)
def _(net: Network, scale: Any = 0.5, read: bool = False) -> Any:
    f = converted(net, scale=scale)
    y = net.add("GATHER", [f, ints(net, "i", [3, 1])], "y", (2, 3), attributes={"axis": 0})
    return (y, net.add("NEG", [f], "n")) if read else y
