"""Where the rules of group A fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

CANONICALISE = Group("canonicalise")
sample = CANONICALISE.sample

# Where a rule leaves its input alone, something else makes the output.
ENDED = ("z = NEG(x)",)


def ended(net: Network, root: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
    """The root read by another operator, so that it is no output."""
    return (net.add("NEG", [root], "z"), *more)


def ints(net: Network, name: str, values: Any, dtype: str = "i32") -> Tensor:
    return net.constant(name, values, dtype)


def reshaped(net: Network, x: Tensor, name: str, shape: Sequence[int], size: Sequence[int] | None = None) -> Tensor:
    return net.add("RESHAPE", [x, ints(net, f"{name}s", size or shape)], name, shape)


@sample("remove_identity_reshape", ENDED, {"the shape is another": {"shape": (3, 2)}})
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    return ended(net, reshaped(net, net.input(), "y", shape))


@sample("fuse_reshape_reshape", ["y = RESHAPE(x, y/1)"], {"the inner one transposes": {"inner": "TRANSPOSE"}})
def _(net: Network, inner: str = "RESHAPE") -> Any:
    r = net.add(inner, [net.input(), ints(net, "rs", [3, 2] if inner == "RESHAPE" else [1, 0])], "r", (3, 2))
    return reshaped(net, r, "y", (6,), (-1,))


@sample("squeeze_to_reshape", ["y = RESHAPE(x, y/1)"], {"two dimensions are open": {"shape": (-1, 1, -1)}})
def _(net: Network, shape: Sequence[int] = (2, 1, 3)) -> Any:
    return net.add("SQUEEZE", [net.input("x", shape)], "y", (shape[0], shape[2]), attributes={"squeeze_dims": [1]})


@sample("expand_dims_to_reshape", ["y = RESHAPE(x, y/1)"], {"two dimensions are open": {"shape": (-1, -1)}})
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    return net.add("EXPAND_DIMS", [net.input("x", shape), ints(net, "a", 1)], "y", (shape[0], 1, shape[1]))


@sample("pack1_to_reshape", ["y = RESHAPE(x, y/1)"], {"there are two": {"count": 2}})
def _(net: Network, count: int = 1) -> Any:
    attributes = {"values_count": count, "axis": 1}
    return net.add("PACK", [net.input()] * count, "y", (2, count, 3), attributes=attributes)


@sample(
    "trivial_transpose_to_reshape",
    ["y = RESHAPE(x, y/1)"],
    {"there is space and depth": {"shape": (2, 3, 4, 5)}, "rows change places": {"perm": [0, 2, 1, 3]}},
)
def _(net: Network, shape: Sequence[int] = (2, 3, 4, 1), perm: Sequence[int] = (0, 3, 1, 2)) -> Any:
    return net.add("TRANSPOSE", [net.input("x", shape), ints(net, "p", perm)], "y", [shape[at] for at in perm])


@sample("remove_identity_transpose", ENDED, {"two dimensions change places": {"perm": [1, 0]}})
def _(net: Network, perm: Sequence[int] = (0, 1)) -> Any:
    return ended(net, net.add("TRANSPOSE", [net.input("x", (3, 3)), ints(net, "p", perm)]))


@sample("fuse_transpose_transpose", ["y = TRANSPOSE(x, y/1)"], {"the inner one has another reader": {"read": True}})
def _(net: Network, read: bool = False) -> Any:
    t = net.add("TRANSPOSE", [net.input("x", (2, 3, 4)), ints(net, "p", [2, 0, 1])], "t", (4, 2, 3))
    y = net.add("TRANSPOSE", [t, ints(net, "q", [2, 1, 0])], "y", (3, 2, 4))
    return (y, net.add("NEG", [t], "n")) if read else y


@sample(
    "remove_duplicate_transpose",
    ["u = TRANSPOSE(x, q)", "a = NEG(u)", "b = ABS(u)"],
    {"the orders differ": {"perm": [2, 1, 0]}},
)
def _(net: Network, perm: Sequence[int] = (0, 2, 1)) -> Any:
    x = net.input("x", (3, 3, 3))
    t = net.add("TRANSPOSE", [x, ints(net, "p", [0, 2, 1])], "t")
    u = net.add("TRANSPOSE", [x, ints(net, "q", perm)], "u")
    return net.add("NEG", [t], "a"), net.add("ABS", [u], "b")


@sample("remove_trivial_slice", ENDED, {"a column is left out": {"size": [2, 2]}})
def _(net: Network, size: Sequence[int] = (2, -1)) -> Any:
    operands = [net.input(), ints(net, "b", [0, 0]), ints(net, "s", size)]
    return ended(net, net.add("SLICE", operands, "y", (2, 3 if size[1] < 0 else size[1])))


def strided(
    net: Network,
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int] | None = None,
    source: Sequence[int] = (2, 3),
    **masks: Any,
) -> Tensor:
    ends = ints(net, "b", begin), ints(net, "e", end), ints(net, "s", strides or [1] * len(begin))
    return net.add("STRIDED_SLICE", [net.input("x", source), *ends], "y", shape, attributes=masks)


@sample(
    "remove_trivial_strided_slice",
    ENDED,
    {
        "it goes backwards": {"begin": [0, 2], "end": [2, -4], "strides": [1, -1]},
        "a column is left out": {"shape": (2, 2), "begin": [0, 1]},
    },
)
def _(
    net: Network, shape: Sequence[int] = (2, 3), begin: Any = (0, 0), end: Any = (2, 3), strides: Any = (1, 1)
) -> Any:
    return ended(net, strided(net, shape, begin, end, strides))


@sample(
    "strided_slice_to_slice",
    ["y = SLICE(x, b, y/1)"],
    {"an end is open": {"end_mask": 2}, "a begin counts from the end": {"begin": [0, -2]}},
)
def _(net: Network, begin: Any = (0, 1), **masks: Any) -> Any:
    return strided(net, (1, 2), begin, (1, 3), **masks)


@sample(
    "strided_slice_to_reshape",
    ["y = RESHAPE(x, y/1)"],
    {"an element is left out": {"source": (2, 3)}, "it goes backwards": {"strides": (1, -1), "end": (1, -4)}},
)
def _(net: Network, source: Any = (1, 3), strides: Any = (1, 1), end: Any = (1, 3)) -> Any:
    begin = (0, 0) if strides[1] > 0 else (0, 2)
    return strided(net, (3,), begin, end, strides, source, shrink_axis_mask=1)


@sample("fuse_slice_slice", ["y = SLICE(x, y/1, s)"], {"the rest is taken": {"size": [1, -1]}})
def _(net: Network, size: Sequence[int] = (1, 1)) -> Any:
    s = net.add("SLICE", [net.input(), ints(net, "a", [0, 1]), ints(net, "as", [2, 2])], "i", (2, 2))
    return net.add("SLICE", [s, ints(net, "b", [1, 1]), ints(net, "s", size)], "y", (1, 1))


@sample("remove_trivial_split", ENDED, {"there are two parts": {"parts": 2}})
def _(net: Network, parts: int = 1) -> Any:
    results = [net.tensor(f"y{at}", (2, 4 // parts)) for at in range(parts)]
    split = net.add("SPLIT", [ints(net, "a", 1), net.input("x", (2, 4))], results, attributes={"num_splits": parts})
    return ended(net, split, *results[1:])


@sample("splitv_to_split", ["a, b = SPLIT(d, x)"], {"the sizes differ": {"sizes": [1, 3]}})
def _(net: Network, sizes: Sequence[int] = (2, 2)) -> Any:
    results = [net.tensor(name, (2, size)) for name, size in zip("ab", sizes, strict=True)]
    operands = [net.input("x", (2, 4)), ints(net, "s", sizes), ints(net, "d", 1)]
    net.add("SPLIT_V", operands, results, attributes={"num_splits": 2})
    return tuple(results)


def joined(net: Network, parts: Sequence[Tensor], name: str = "y", axis: int = 1, **attributes: object) -> Tensor:
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return net.add("CONCATENATION", parts, name, shape, attributes={"axis": axis} | attributes)


@sample("remove_trivial_concatenation", ENDED, {"there is an activation": {"fused_activation_function": "RELU"}})
def _(net: Network, **activation: Any) -> Any:
    return ended(net, joined(net, [net.input()], **activation))


@sample("remove_empty_concat_input", ["y = CONCATENATION(x, w)"], {"nothing is empty": {"columns": 1}})
def _(net: Network, columns: int = 0) -> Any:
    empty = net.constant("e", [[0.5] * columns] * 2)
    return joined(net, [net.input(), empty, net.input("w")])


@sample(
    "flatten_nested_concat",
    ["y = CONCATENATION(x, x, w, w)"],
    {
        "the axes differ": {"axis": 0},
        "the inner one has an activation": {"activation": "RELU"},
        "the inner one has another reader": {"read": True},
    },
)
def _(net: Network, axis: int = 1, activation: str = "NONE", read: bool = False) -> Any:
    x, w = net.input("x", (2, 2)), net.input("w", (2, 2))
    inner = joined(net, [x, w], "i", axis, fused_activation_function=activation)
    y = joined(net, [x, inner, w] if axis else [inner, inner])
    return (y, net.add("NEG", [inner], "n")) if read else y


@sample("fuse_split_concat", ENDED, {"the axes differ": {"axis": 1}, "the parts change places": {"order": (1, 0)}})
def _(net: Network, axis: int = 0, order: Sequence[int] = (0, 1)) -> Any:
    parts = [net.tensor("a", (1, 4)), net.tensor("b", (1, 4))]
    net.add("SPLIT", [ints(net, "d", -2), net.input("x", (2, 4))], parts, attributes={"num_splits": 2})
    return ended(net, joined(net, [parts[at] for at in order], axis=axis))


def unpacked(net: Network, x: Tensor, axis: int, shape: Sequence[int]) -> list[Tensor]:
    results = [net.tensor(name, shape) for name in "abc"[: x.shape[axis]]]
    net.add("UNPACK", [x], results, attributes={"axis": axis, "num": len(results)})
    return results


@sample("remove_unpack_pack", ENDED, {"the axes differ": {"axis": 0}, "one comes twice": {"order": (0, 1, 1)}})
def _(net: Network, axis: int = 1, order: Sequence[int] = (0, 1, 2)) -> Any:
    parts = unpacked(net, net.input("x", (3, 3)), 1, (3,))
    values = [parts[at] for at in order]
    return ended(net, net.add("PACK", values, "y", (3, 3), attributes={"axis": axis, "values_count": 3}))


@sample("unpack_concat_to_reshape", ["y = RESHAPE(x, y/1)"], {"the axis is another": {"axis": 0}})
def _(net: Network, axis: int = 1) -> Any:
    return joined(net, unpacked(net, net.input("x", (2, 2, 3)), 1, (2, 3)), axis=axis)


@sample("slice_pack_identity", ENDED, {"the first comes twice": {"second": 0}})
def _(net: Network, second: int = 1) -> Any:
    x = net.input("x", (2,))
    parts = [
        net.add(
            "RESHAPE",
            [
                net.add("SLICE", [x, ints(net, f"b{at}", [at]), ints(net, f"n{at}", [1])], f"s{at}", (1,)),
                net.constant(f"o{at}", [], "i32"),
            ],
            f"e{at}",
            (),
        )
        for at in (0, second)
    ]
    return ended(net, net.add("PACK", parts, "y", (2,), attributes={"axis": 0, "values_count": 2}))


@sample(
    "gather_contiguous_to_slice",
    ["y = SLICE(x, y/1, y/2)"],
    {"a row is left out": {"rows": [0, 1, 3]}, "columns are taken": {"axis": 1}},
)
def _(net: Network, rows: Sequence[int] = (1, 2, 3), axis: int = 0) -> Any:
    shape = (4, 3) if axis else (3, 4)
    return net.add("GATHER", [net.input("x", (4, 4)), ints(net, "i", rows)], "y", shape, attributes={"axis": axis})


@sample("fuse_gather_gather", ["y = GATHER(x, y/1)"], {"the axes differ": {"axis": 0}})
def _(net: Network, axis: int = 1) -> Any:
    g = net.add("GATHER", [net.input("x", (4, 5)), ints(net, "i", [4, 0, 2, 2])], "g", (4, 4), attributes={"axis": 1})
    shape = (4, 2) if axis else (2, 4)
    return net.add("GATHER", [g, ints(net, "j", [3, 0])], "y", shape, attributes={"axis": axis})


def cast(net: Network, x: Tensor, name: str, dtype: str) -> Tensor:
    words = {"f32": "FLOAT32", "i32": "INT32", "i64": "INT64", "bool": "BOOL", "i8": "INT8"}
    types = {"in_data_type": words[x.dtype], "out_data_type": words[dtype]}
    return net.add("CAST", [x], name, dtype=dtype, attributes=types)


@sample("remove_noop_cast", ENDED, {"the type changes": {"dtype": "i32"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return ended(net, cast(net, net.input(), "y", dtype))


@sample("fuse_cast_cast", ["y = CAST(x)"], {"the first one loses something": {"dtype": "f32"}})
def _(net: Network, dtype: str = "i32") -> Any:
    return cast(net, cast(net, net.input("x", dtype=dtype), "c", "i64"), "y", "f32" if dtype != "f32" else "i32")


@sample(
    "reorder_gather_cast", ["y/1 = GATHER(x, i)", "y = CAST(y/1)"], {"all is converted for another": {"read": True}}
)
def _(net: Network, read: bool = False) -> Any:
    c = cast(net, net.input("x", (4, 3), "i32"), "c", "f32")
    y = net.add("GATHER", [c, ints(net, "i", [2, 0])], "y", (2, 3), attributes={"axis": 0})
    return (y, net.add("NEG", [c], "n")) if read else y


@sample("remove_noop_pad", ENDED, {"a column is added": {"right": 1}})
def _(net: Network, right: int = 0) -> Any:
    operands = [net.input(), ints(net, "p", [[0, 0], [0, right]])]
    return ended(net, net.add("MIRROR_PAD", operands, "y", (2, 3 + right), attributes={"mode": "SYMMETRIC"}))


@sample("padv2_zero_to_pad", ["y = PAD(x, p)"], {"the value is another": {"value": 1.0}})
def _(net: Network, value: float = 0.0) -> Any:
    operands = [net.input(), ints(net, "p", [[0, 0], [0, 1]]), net.constant("v", value)]
    return net.add("PADV2", operands, "y", (2, 4))


@sample("pad_i64_to_i32", ["y = PAD(x, y/1)"], {"they have 32 bits already": {"dtype": "i32"}})
def _(net: Network, dtype: str = "i64") -> Any:
    return net.add("PAD", [net.input(), ints(net, "p", [[0, 0], [0, 1]], dtype)], "y", (2, 4))


@sample("merge_pad_pad", ["y = PAD(x, y/1)"], {"the inner value is no zero": {"inner": "PADV2"}})
def _(net: Network, inner: str = "PAD") -> Any:
    value = [net.constant("v", 1.0)] if inner == "PADV2" else []
    p = net.add(inner, [net.input(), ints(net, "p", [[1, 0], [0, 1]]), *value], "i", (3, 4))
    return net.add("PAD", [p, ints(net, "q", [[0, 0], [2, 0]])], "y", (3, 6))


@sample("remove_noop_tile", ENDED, {"it comes twice": {"times": 2}})
def _(net: Network, times: int = 1) -> Any:
    return ended(net, net.add("TILE", [net.input(), ints(net, "m", [1, times])], "y", (2, 3 * times)))


@sample("trivial_tile_to_concat", ["y = CONCATENATION(x, x)"], {"it is repeated below too": {"times": [2, 2]}})
def _(net: Network, times: Sequence[int] = (1, 2)) -> Any:
    return net.add("TILE", [net.input(), ints(net, "m", times)], "y", (2 * times[0], 3 * times[1]))


@sample("remove_noop_resize", ENDED, {"it grows": {"size": [8, 4]}})
def _(net: Network, size: Sequence[int] = (4, 4)) -> Any:
    operands = [net.input("x", (1, 4, 4, 2)), ints(net, "s", size)]
    resized = net.add("RESIZE_BILINEAR", operands, "y", (1, *size, 2), attributes={"half_pixel_centers": True})
    return ended(net, resized)


@sample(
    "remove_noop_reduce",
    ENDED,
    {"there is more than one": {"axis": 1}, "the dimension goes": {"keep": False}},
)
def _(net: Network, axis: int = 2, keep: bool = True) -> Any:
    shape = [1 if at == axis else size for at, size in enumerate((2, 3, 1)) if keep or at != axis]
    operands = [net.input("x", (2, 3, 1)), ints(net, "a", [axis])]
    return ended(net, net.add("MEAN", operands, "y", shape, attributes={"keep_dims": keep}))


@sample(
    "remove_noop_cumsum", ENDED, {"there is more than one": {"axis": 1}, "it leaves its own out": {"exclusive": True}}
)
def _(net: Network, axis: int = -1, exclusive: bool = False) -> Any:
    operands = [net.input("x", (2, 3, 1)), ints(net, "a", axis)]
    return ended(net, net.add("CUMSUM", operands, attributes={"exclusive": exclusive}))


@sample("remove_noop_dynamic_update_slice", ["z = NEG(u)"], {"a part is written": {"columns": 2}})
def _(net: Network, columns: int = 3) -> Any:
    operands = [net.input(), net.input("u", (2, columns)), ints(net, "s", [0, 0])]
    return ended(net, net.add("DYNAMIC_UPDATE_SLICE", operands))
