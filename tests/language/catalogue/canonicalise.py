"""Where the rules of group A fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import ENDED, Group, ended, ints, reshaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

CANONICALISE = Group("canonicalise")
sample = CANONICALISE.sample


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
    {
        "there is space and depth": {"shape": (2, 3, 4, 5)},
        "rows change places": {"perm": [0, 2, 1, 3]},
        "a dimension is open": {"shape": (-1, 3, 4, 1), "perm": [1, 0, 2, 3]},
    },
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
    dtype: str = "f32",
    **masks: Any,
) -> Tensor:
    ends = ints(net, "b", begin), ints(net, "e", end), ints(net, "s", strides or [1] * len(begin))
    return net.add("STRIDED_SLICE", [net.input("x", source, dtype), *ends], "y", shape, attributes=masks)


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
    ["y = SLICE(x, y/1, y/2)"],
    {"it takes every second": {"strides": (1, 2)}, "an end is moved by its begin": {"offset": True}},
)
def _(net: Network, strides: Any = (1, 1), **masks: Any) -> Any:
    masks = masks or {"begin_mask": 1}
    return strided(net, (1, 2) if strides[1] == 1 else (1, 1), (5, -2), (-1, 3), strides, **masks)


@sample(
    "strided_slice_to_reshape",
    ["y = RESHAPE(x, y/1)"],
    {"an element is left out": {"source": (2, 3)}, "it goes backwards": {"strides": (1, -1), "end": (1, -4)}},
)
def _(net: Network, source: Any = (1, 3), strides: Any = (1, 1), end: Any = (1, 3)) -> Any:
    begin = (0, 0) if strides[1] > 0 else (0, 2)
    return strided(net, (3,), begin, end, strides, source, shrink_axis_mask=1)


@sample(
    "strided_slice_to_slice_reshape",
    ["y/3 = SLICE(x, y/1, y/2)", "y = RESHAPE(y/3, y/4)"],
    {
        "it goes backwards": {"strides": (-1, 1)},
        "a dimension is put in": {"new_axis_mask": 2},
        "it may be a shape": {"dtype": "i32"},
    },
)
def _(net: Network, strides: Any = (1, 1), **masks: Any) -> Any:
    shape = (1, 3) if "new_axis_mask" in masks else (2,)
    return strided(net, shape, (-1, 1), (0, 3), strides, shrink_axis_mask=1, **masks)


@sample("fuse_slice_slice", ["y = SLICE(x, y/1, s)"], {"the rest is taken": {"size": [1, -1]}})
def _(net: Network, size: Sequence[int] = (1, 1)) -> Any:
    s = net.add("SLICE", [net.input(), ints(net, "a", [0, 1]), ints(net, "as", [2, 2])], "i", (2, 2))
    return net.add("SLICE", [s, ints(net, "b", [1, 1]), ints(net, "s", size)], "y", (1, 1))


@sample("remove_trivial_split", ENDED, {"there are two parts": {"parts": 2}})
def _(net: Network, parts: int = 1) -> Any:
    results = [net.tensor(f"y{at}", (2, 4 // parts)) for at in range(parts)]
    split = net.add("SPLIT", [ints(net, "a", 1), net.input("x", (2, 4))], results, attributes={"num_splits": parts})
    return ended(net, split, *results[1:])


@sample("splitv_to_split", ["a, b, c = SPLIT(d, x)"], {"the sizes differ": {"sizes": [1, 4, 1]}})
def _(net: Network, sizes: Sequence[int] = (2, 2, 2)) -> Any:
    return tuple(cut(net, net.input("x", (2, 6)), sizes))


@sample(
    "fuse_splitv_splitv",
    ["a, p, q, c = SPLIT_V(x, a/1, d)"],
    {"the axes differ": {"axis": 0}, "the part is read, too": {"read": True}, "a size is open": {"size": -1}},
)
def _(net: Network, axis: int = 1, read: bool = False, size: int = 2) -> Any:
    a, b, c = cut(net, net.input("x", (2, 6)), [1, 3, 2])
    shapes = [(2, 1), (2, 2)] if axis else [(1, 3), (1, 3)]
    parts = [net.tensor(name, shape) for name, shape in zip("pq", shapes, strict=True)]
    operands = [b, ints(net, "t", [1, size if axis else 1]), ints(net, "e", axis)]
    net.add("SPLIT_V", operands, parts, attributes={"num_splits": 2})
    return (a, *parts, c, net.add("NEG", [b], "n")) if read else (a, *parts, c)


def cut(net: Network, x: Tensor, sizes: Sequence[int], names: str = "abc", axis: int = 1) -> list[Tensor]:
    """Parts of given sizes."""
    shapes = [[size if at == axis else every for at, every in enumerate(x.shape)] for size in sizes]
    results = [net.tensor(name, shape) for name, shape in zip(names, shapes, strict=False)]
    operands = [x, ints(net, f"s{names[0]}", sizes), ints(net, "d" if names[0] == "a" else f"d{names[0]}", axis)]
    net.add("SPLIT_V", operands, results, attributes={"num_splits": len(sizes)})
    return results


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


@sample(
    "fuse_split_concat",
    ENDED,
    {
        "the axes differ": {"axis": 1},
        "the parts change places": {"order": (1, 0, 2)},
        "one is left out": {"order": (0, 1)},
    },
)
def _(net: Network, axis: int = 0, order: Sequence[int] = (0, 1, 2)) -> Any:
    parts = [net.tensor(name, (1, 4)) for name in "abc"]
    net.add("SPLIT", [ints(net, "d", -2), net.input("x", (3, 4))], parts, attributes={"num_splits": 3})
    return ended(net, joined(net, [parts[at] for at in order], axis=axis))


@sample("fuse_split_concat_sizes", ENDED, {"the axes differ": {"axis": 0}, "one comes twice": {"order": (0, 0)}})
def _(net: Network, axis: int = 1, order: Sequence[int] = (0, 1)) -> Any:
    parts = cut(net, net.input("x", (2, 6)), [3, 3] if axis == 0 else [2, 4])
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


@sample("remove_unpack_pack_apart", ["a = NEG(x)", "b = ABS(w)"], {"the axes differ": {"axis": 1}})
def _(net: Network, axis: int = 0) -> Any:
    values = [net.input("x", (2,)), net.input("w", (2,))]
    s = net.add("PACK", values, "s", (2, 2), attributes={"axis": -2, "values_count": 2})
    parts = [net.tensor(name, (2,)) for name in "pq"]
    net.add("UNPACK", [s], parts, attributes={"axis": axis, "num": 2})
    return net.add("NEG", [parts[0]], "a"), net.add("ABS", [parts[1]], "b")


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


def gathered(net: Network, indices: Any, shape: Sequence[int], source: Sequence[int] = (4, 3)) -> Tensor:
    return net.add("GATHER_ND", [net.input("x", source), ints(net, "i", indices)], "y", shape)


@sample(
    "remove_identity_gather_nd",
    ENDED,
    {"rows change places": {"indices": [[0], [2], [1], [3]]}, "one is left out": {"indices": [[0], [1], [2]]}},
)
def _(net: Network, indices: Sequence[Sequence[int]] = ((0,), (1,), (2,), (3,))) -> Any:
    return ended(net, gathered(net, indices, (len(indices), 3)))


@sample(
    "remove_identity_scatter_nd",
    ENDED,
    {"rows change places": {"indices": [[1], [0]]}, "some rows are zero": {"rows": 3}},
)
def _(net: Network, indices: Sequence[Sequence[int]] = ((0,), (1,)), rows: int = 2) -> Any:
    operands = [ints(net, "i", indices), net.input("x", (2, 3)), ints(net, "s", [rows, 3])]
    return ended(net, net.add("SCATTER_ND", operands, "y", (rows, 3), "f32"))


@sample(
    "gather_nd_to_slice",
    ["y = SLICE(x, y/1, y/2)"],
    {"a row is left out": {"indices": [[0], [2]]}, "all are taken": {"indices": [[0], [1], [2], [3]]}},
)
def _(net: Network, indices: Sequence[Sequence[int]] = ((1,), (2,))) -> Any:
    return gathered(net, indices, (len(indices), 3))


@sample(
    "gather_contiguous_to_slice",
    ["y = SLICE(x, y/1, y/2)"],
    {"a column is left out": {"places": [0, 1, 3]}, "all are taken": {"places": [0, 1, 2, 3]}},
)
def _(net: Network, places: Sequence[int] = (1, 2, 3)) -> Any:
    operands = [net.input("x", (4, 4)), ints(net, "i", places)]
    return net.add("GATHER", operands, "y", (4, len(places)), attributes={"axis": -1})


@sample("gather_contiguous_to_slice_all", ENDED, {"two change places": {"places": [0, 2, 1, 3]}})
def _(net: Network, places: Sequence[int] = (0, 1, 2, 3)) -> Any:
    return ended(net, net.add("GATHER", [net.input("x", (4, 4)), ints(net, "i", places)], attributes={"axis": 1}))


@sample("fuse_gather_gather", ["y = GATHER(x, y/1)"], {"the axes differ": {"axis": 0}})
def _(net: Network, axis: int = 1) -> Any:
    g = net.add("GATHER", [net.input("x", (4, 5)), ints(net, "i", [4, 0, 2, 2])], "g", (4, 4), attributes={"axis": 1})
    shape = (4, 2) if axis else (2, 4)
    return net.add("GATHER", [g, ints(net, "j", [3, 0])], "y", shape, attributes={"axis": axis})


def cast(net: Network, x: Tensor, name: str, dtype: str) -> Tensor:
    words = {"f32": "FLOAT32", "i32": "INT32", "i64": "INT64", "bool": "BOOL", "i8": "INT8", "u8": "UINT8"}
    types = {"in_data_type": words[x.dtype], "out_data_type": words[dtype]}
    return net.add("CAST", [x], name, dtype=dtype, attributes=types)


@sample("remove_noop_cast", ENDED, {"the type changes": {"dtype": "i32"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return ended(net, cast(net, net.input(), "y", dtype))


@sample("fuse_cast_cast", ["y = CAST(x)"], {"the first one loses something": {"dtype": "f32"}})
def _(net: Network, dtype: str = "i32") -> Any:
    return cast(net, cast(net, net.input("x", dtype=dtype), "c", "i64"), "y", "f32" if dtype != "f32" else "i32")


@sample(
    "fuse_cast_cast_float",
    ["y = CAST(x)"],
    {"the input has more digits": {"dtype": "i32"}, "the result is not as wide": {"result": "u8"}},
)
def _(net: Network, dtype: str = "i8", result: str = "i32") -> Any:
    return cast(net, cast(net, net.input("x", dtype=dtype), "c", "f32"), "y", result)


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


@sample("merge_pad_pad_value", ["y = PADV2(x, y/1, v)"], {"the values differ": {"inner": 1.0}})
def _(net: Network, inner: float = 2.0) -> Any:
    p = net.add("PADV2", [net.input(), ints(net, "p", [[1, 0], [0, 1]]), net.constant("v", inner)], "i", (3, 4))
    return net.add("PADV2", [p, ints(net, "q", [[0, 0], [2, 0]]), net.constant("w", 2.0)], "y", (3, 6))


@sample("remove_noop_tile", ENDED, {"it comes twice": {"times": 2}})
def _(net: Network, times: int = 1) -> Any:
    return ended(net, net.add("TILE", [net.input(), ints(net, "m", [1, times])], "y", (2, 3 * times)))


@sample(
    "trivial_tile_to_concat",
    ["y = CONCATENATION(x, x)"],
    {"it is repeated below too": {"times": [2, 2]}, "it comes three times": {"times": [1, 3]}},
)
def _(net: Network, times: Sequence[int] = (1, 2)) -> Any:
    return net.add("TILE", [net.input(), ints(net, "m", times)], "y", (2 * times[0], 3 * times[1]))


@sample("remove_noop_resize", ENDED, {"it grows": {"size": [8, 4]}})
def _(net: Network, size: Sequence[int] = (4, 4)) -> Any:
    operands = [net.input("x", (1, 4, 4, 2)), ints(net, "s", size)]
    resized = net.add("RESIZE_BILINEAR", operands, "y", (1, *size, 2), attributes={"half_pixel_centers": True})
    return ended(net, resized)


def reduced(net: Network, axis: int, *, keep: bool) -> Tensor:
    shape = [1 if at == axis else size for at, size in enumerate((2, 3, 1)) if keep or at != axis]
    operands = [net.input("x", (2, 3, 1)), ints(net, "a", [axis])]
    return net.add("MEAN", operands, "y", shape, attributes={"keep_dims": keep})


@sample(
    "remove_noop_reduce",
    ENDED,
    {"there is more than one": {"axis": 1}, "the dimension goes": {"keep": False}},
)
def _(net: Network, axis: int = 2, keep: bool = True) -> Any:
    return ended(net, reduced(net, axis, keep=keep))


@sample(
    "remove_noop_reduce_reshape",
    ["y = RESHAPE(x, y/1)"],
    {"there is more than one": {"axis": 1}, "the dimension stays": {"keep": True}},
)
def _(net: Network, axis: int = 2, keep: bool = False) -> Any:
    return reduced(net, axis, keep=keep)


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


@sample(
    "reorder_elementwise_unary_over_move_concat",
    ["y/1 = RELU(x)", "y/2 = RELU(w)", "y = CONCATENATION(y/1, y/2)"],
    {"another reads what is joined": {"read": True}, "they are integers": {"dtype": "i32"}},
)
def _(net: Network, read: bool = False, dtype: str = "f32") -> Any:
    c = joined(net, [net.input("x", dtype=dtype), net.input("w", dtype=dtype)], "c")
    y = net.add("RELU", [c])
    return (y, net.add("ABS", [c], "n")) if read else y


@sample(
    "reorder_elementwise_unary_over_move_unconcat",
    ["y/1 = CONCATENATION(x, w)", "y = NEG(y/1)"],
    {"one of them is another": {"code": "ABS"}},
)
def _(net: Network, code: str = "NEG") -> Any:
    return joined(net, [net.add("NEG", [net.input("x")], "m"), net.add(code, [net.input("w")], "n")])


@sample(
    "reorder_elementwise_unary_over_move_transpose",
    ["y/1 = LEAKY_RELU(x)", "y = TRANSPOSE(y/1, p)"],
    {"another reads the transposed": {"read": True}, "an operator for rows": {"code": "SOFTMAX"}},
    attributes={"y/1": {"alpha": 0.25}},
)
def _(net: Network, read: bool = False, code: str = "LEAKY_RELU") -> Any:
    t = net.add("TRANSPOSE", [net.input("x", (2, 3)), ints(net, "p", [1, 0])], "t", (3, 2))
    attributes = {"alpha": 0.25} if code == "LEAKY_RELU" else {"beta": 1.0}
    y = net.add(code, [t], attributes=attributes)
    return (y, net.add("ABS", [t], "n")) if read else y


@sample(
    "reorder_elementwise_unary_over_move_reshape",
    ["y/1 = CAST(x)", "y = RESHAPE(y/1, y/2)"],
    {"another reads the reshaped": {"read": True}},
)
def _(net: Network, read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (2, 3), "i32"), "r", (6,))
    y = cast(net, r, "y", "f32")
    return (y, net.add("NEG", [r], "n")) if read else y


@sample(
    "reorder_elementwise_unary_over_move_space",
    ["y/1 = RELU(x)", "y = DEPTH_TO_SPACE(y/1)"],
    {"another reads the image": {"read": True}},
)
def _(net: Network, read: bool = False) -> Any:
    d = net.add("DEPTH_TO_SPACE", [net.input("x", (1, 2, 2, 4))], "d", (1, 4, 4, 1), attributes={"block_size": 2})
    y = net.add("RELU", [d])
    return (y, net.add("NEG", [d], "n")) if read else y


@sample(
    "remove_transpose_net",
    ["y = RESHAPE(x, y/1)"],
    {"rows become columns": {"back": [0, 1, 2]}, "another reads the reshaped": {"read": True}},
)
def _(net: Network, back: Sequence[int] = (2, 0, 1), read: bool = False) -> Any:
    t = net.add("TRANSPOSE", [net.input("x", (2, 3, 4)), ints(net, "p", [1, 2, 0])], "t", (3, 4, 2))
    r = reshaped(net, t, "r", (12, 1, 2))
    shape = [(12, 1, 2)[at] for at in back]
    y = net.add("TRANSPOSE", [r, ints(net, "q", back)], "y", shape)
    return (y, net.add("NEG", [r], "n")) if read else y


def broadcast(net: Network, source: Sequence[int], shape: Sequence[int]) -> Tensor:
    return net.add("BROADCAST_TO", [net.input("x", source), ints(net, "s", shape)], "y", shape, version=2)


@sample("remove_redundant_broadcast_to", ENDED, {"there are more rows": {"rows": 2}})
def _(net: Network, rows: int = 1) -> Any:
    return ended(net, broadcast(net, (1, 3), (rows, 3)))


@sample("broadcast_to_to_reshape", ["y = RESHAPE(x, y/1)"], {"there are more rows": {"rows": 2}})
def _(net: Network, rows: int = 1) -> Any:
    return broadcast(net, (3,), (rows, 3))


@sample(
    "squeeze_reshapes_around_broadcast",
    ["y/2 = RESHAPE(x, y/1)", "y/4 = BROADCAST_TO(y/2, y/3)", "y = RESHAPE(y/4, y/5)"],
    {"no dimension is 1 on both sides": {"ones": ()}, "another reads what is broadcast": {"read": True}},
)
def _(net: Network, ones: Sequence[int] = (1, 1), read: bool = False) -> Any:
    r = reshaped(net, net.input("x", (2, 3)), "r", (*ones, 2, 1, 3))
    shape = (*ones, 2, 4, 3)
    b = net.add("BROADCAST_TO", [r, ints(net, "bs", shape)], "b", shape, version=2)
    y = reshaped(net, b, "y", (8, 3))
    return (y, net.add("NEG", [b], "n")) if read else y
