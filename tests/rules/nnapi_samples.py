"""Samples of the pack `nnapi`: for each rule a small model where it fires, and changes to it that forbid it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.language.catalogue.sample import Group, ended, floats, ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

NNAPI = Group("nnapi")
sample = NNAPI.sample

STEPS: dict[str, Any] = {"scale": 0.5}


def image(net: Network, shape: Sequence[int], dtype: str = "u8", **more: Any) -> Tensor:
    return net.input("x", shape, dtype, **({} if dtype == "f32" else STEPS), **more)


def like(net: Network, name: str, shape: Sequence[int], dtype: str) -> Tensor:
    return net.tensor(name, shape, dtype, **({} if dtype in ("f32", "i32", "i64") else STEPS))


def resized(
    net: Network,
    before: tuple[int, int],
    after: tuple[int, int],
    dtype: str = "u8",
    code: str = "RESIZE_BILINEAR",
    **given: Any,
) -> Any:
    given = {"align_corners": True, "half_pixel_centers": False} | given
    operands = [image(net, (1, *before, 2), dtype), ints(net, "s", after)]
    return net.add(code, operands, like(net, "y", (1, *after, 2), dtype), attributes=given, version=3)


@sample(
    "resize_to_same_size",
    ["z = NEG(x)"],
    {"the size is another": {"after": (3, 4)}, "the runtime takes neighbours": {"half_pixel_centers": True}},
)
def _(net: Network, after: tuple[int, int] = (3, 3), code: str = "RESIZE_NEAREST_NEIGHBOR", **given: Any) -> Any:
    return ended(net, resized(net, (3, 3), after, "f32", code, **given))


@sample(
    "resize_one_pixel",
    ["y = RESIZE_BILINEAR(x, s)"],
    {"there are two": {"before": (1, 2)}, "it is a float": {"dtype": "f32"}, "it is plain": {"align_corners": False}},
    {"y": {"align_corners": False}},
)
def _(net: Network, before: tuple[int, int] = (1, 1), **given: Any) -> Any:
    return resized(net, before, (5, 6), **given)


@sample(
    "resize_one_pixel_float",
    ["y = TILE(x, y/1)"],
    {"there are two": {"before": (1, 2)}, "it is a whole number": {"dtype": "i8"}},
)
def _(net: Network, before: tuple[int, int] = (1, 1), dtype: str = "f32", **given: Any) -> Any:
    return resized(net, before, (5, 6), dtype, **given)


ENLARGED = ["y/2 = RESIZE_BILINEAR(x, y/1)", "y = SLICE(y/2, y/3, y/4)"]


@sample(
    "resize_whole_ratio",
    ENLARGED,
    {
        "places lie between": {"after": (9, 6)},
        "the image is twice as large, and of floats": {"after": (5, 5), "dtype": "f32"},
        "it becomes smaller": {"after": (2, 2)},
        "one row is all": {"before": (1, 3)},
        "it is plain": {"align_corners": False},
    },
    {"y/2": {"align_corners": False, "half_pixel_centers": False}},
)
def _(net: Network, before: tuple[int, int] = (3, 3), after: tuple[int, int] = (9, 7), **given: Any) -> Any:
    return resized(net, before, after, **given)


@sample(
    "resize_twice_float",
    ENLARGED,
    {"one axis is not": {"after": (5, 7)}, "they are no floats": {"dtype": "u8"}},
    {"y/2": {"align_corners": False}},
)
def _(net: Network, after: tuple[int, int] = (5, 5), dtype: str = "f32", **given: Any) -> Any:
    return resized(net, (3, 3), after, dtype, **given)


@sample(
    "resize_one_row",
    [*ENLARGED[:1], "y/5 = SLICE(y/2, y/3, y/4)", "y = TILE(y/5, y/6)"],
    {"there are two": {"before": (2, 3)}, "places lie between": {"after": (4, 6)}},
    {"y/2": {"align_corners": False}},
)
def _(net: Network, before: tuple[int, int] = (1, 3), after: tuple[int, int] = (4, 7)) -> Any:
    return resized(net, before, after)


@sample(
    "resize_one_column",
    [*ENLARGED[:1], "y/5 = SLICE(y/2, y/3, y/4)", "y = TILE(y/5, y/6)"],
    {"there are two": {"before": (3, 2)}, "places lie between": {"after": (6, 4)}},
    {"y/2": {"align_corners": False}},
)
def _(net: Network, before: tuple[int, int] = (3, 1), after: tuple[int, int] = (7, 4)) -> Any:
    return resized(net, before, after)


@sample(
    "resize_to_every_nth",
    ["y = STRIDED_SLICE(x, y/1, y/2, y/3)"],
    {"places lie between": {"after": (5, 5)}, "it becomes larger": {"after": (13, 5)}},
)
def _(net: Network, after: tuple[int, int] = (3, 5)) -> Any:
    return resized(net, (7, 9), after)


@sample(
    "resize_by_matrices",
    [
        "y/2 = TRANSPOSE(x, y/1)",
        "y/5 = CONV_2D(y/2, y/3, y/4)",
        "y/7 = TRANSPOSE(y/5, y/6)",
        "y/10 = CONV_2D(y/7, y/8, y/9)",
        "y = TRANSPOSE(y/10, y/11)",
    ],
    {"they are no floats": {"dtype": "u8"}},
)
def _(net: Network, dtype: str = "f32") -> Any:
    return resized(net, (3, 4), (7, 5), dtype)


@sample("nearest_one_pixel", ["y = RESIZE_NEAREST_NEIGHBOR(x, s)"], {"there are two": {"before": (1, 2)}})
def _(net: Network, before: tuple[int, int] = (1, 1)) -> Any:
    return resized(net, before, (3, 4), code="RESIZE_NEAREST_NEIGHBOR")


@sample(
    "nearest_by_gather",
    ["y/2 = GATHER(x, y/1)", "y = GATHER(y/2, y/3)"],
    {"it is plain": {"align_corners": False}},
    {"y/2": {"axis": 1}, "y": {"axis": 2}},
)
def _(net: Network, **given: Any) -> Any:
    return resized(net, (3, 4), (7, 5), code="RESIZE_NEAREST_NEIGHBOR", **given)


def pooled(net: Network, size: tuple[int, int], dtype: str = "u8", **given: Any) -> Any:
    h, w = size
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "filter_height": h, "filter_width": w} | given
    x = net.input("x", (1, h, w, 2), dtype, **({} if dtype == "f32" else STEPS))
    rest = (h - given["filter_height"] + 1, w - given["filter_width"] + 1)
    return net.add("AVERAGE_POOL_2D", [x], like(net, "y", (1, *rest, 2), dtype), attributes=given, version=2)


SMALL: dict[str, dict[str, Any]] = {
    "the window is small": {"size": (16, 16)},
    "the window is not the image": {"filter_width": 16},
    "it is of floats": {"dtype": "f32"},
}


@sample(
    "large_global_pool_u8",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    SMALL | {"it is signed": {"dtype": "i8"}, "the window is huge": {"size": (66, 65)}},
    {"y": {"padding": "VALID", "fused_activation_function": "RELU6"}},
)
def _(net: Network, size: tuple[int, int] = (17, 18), dtype: str = "u8", **given: Any) -> Any:
    return pooled(net, size, dtype, **{"fused_activation_function": "RELU6"} | given)


@sample(
    "large_global_pool_i8",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    SMALL | {"it is unsigned": {"dtype": "u8"}, "places are even": {"size": (17, 18)}},
)
def _(net: Network, size: tuple[int, int] = (17, 19), dtype: str = "i8", **given: Any) -> Any:
    return pooled(net, size, dtype, **given)


@sample(
    "large_global_pool_to_mean",
    ["y = MEAN(x, y/1)"],
    SMALL | {"there is an activation": {"fused_activation_function": "RELU"}},
    {"y": {"keep_dims": True}},
)
def _(net: Network, size: tuple[int, int] = (17, 18), dtype: str = "i8", **given: Any) -> Any:
    return pooled(net, size, dtype, **given)


@sample("arg_as_int32", ["y/1 = ARG_MAX(x, d)", "y = CAST(y/1)"], {"it is short": {"dtype": "i32"}})
def _(net: Network, dtype: str = "i64") -> Any:
    words = {"i32": "INT32", "i64": "INT64"}
    return net.add(
        "ARG_MAX", [image(net, (2, 3)), ints(net, "d", 1)], "y", (2,), dtype, attributes={"output_type": words[dtype]}
    )


def longer(net: Network, x: Tensor, name: str = "l", dtype: str = "i64") -> Tensor:
    words = {"f32": "FLOAT32", "i32": "INT32", "i64": "INT64"}
    given = {"in_data_type": words[x.dtype], "out_data_type": words[dtype]}
    return net.add("CAST", [x], name, x.shape, dtype, attributes=given)


@sample(
    "output_as_int32",
    ["y = NEG(x)"],
    {"something reads it": {"read": True}, "it was a float": {"dtype": "f32"}},
)
def _(net: Network, read: bool = False, dtype: str = "i32") -> Any:
    y = longer(net, net.add("NEG", [net.input(dtype=dtype)], "n"), "y")
    return (y, net.add("NEG", [y], "z")) if read else y


@sample("longer_and_shorter", ["z = NEG(x)"], {"it stays long": {"dtype": "i64"}, "it was a float": {"first": "f32"}})
def _(net: Network, first: str = "i32", dtype: str = "i32") -> Any:
    return ended(net, longer(net, longer(net, net.input(dtype=first)), "y", dtype))


@sample("longer_before_floats", ["y = CAST(x)"], {"it was a float": {"first": "f32"}})
def _(net: Network, first: str = "i32") -> Any:
    return longer(net, longer(net, net.input(dtype=first)), "y", "f32")


@sample("longer_after_reshape", ["y/1 = RESHAPE(x, s)", "y = CAST(y/1)"], {"it was a float": {"first": "f32"}})
def _(net: Network, first: str = "i32") -> Any:
    return net.add("RESHAPE", [longer(net, net.input(dtype=first)), ints(net, "s", [3, 2])], "y", (3, 2))


@sample("longer_indices", ["y = GATHER(x, i)"], {"they are floats": {"first": "f32"}})
def _(net: Network, first: str = "i32") -> Any:
    x = net.input()
    return net.add("GATHER", [x, longer(net, net.input("i", (4,), first))], "y", (4, 3))


def dilated(
    net: Network,
    pads: Sequence[Sequence[int]],
    crops: Sequence[Sequence[int]],
    size: int = 6,
    blocks: int = 2,
    kernel: int = 3,
    between: str | None = None,
    **given: Any,
) -> Any:
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "depth_multiplier": 1} | given
    x = net.input("x", (1, 6, 6, 2))
    rows, columns = ((6 + sum(pad)) // blocks for pad in pads)
    s2b = net.add(
        "SPACE_TO_BATCH_ND", [x, ints(net, "s", [blocks] * 2), ints(net, "p", pads)], "a", (blocks**2, rows, columns, 2)
    )
    stride = given["stride_h"]
    rows, columns = (rows - kernel) // stride + 1, columns - kernel + 1
    operands = [s2b, floats(net, "w", (1, kernel, kernel, 2)), floats(net, "b", (2,))]
    c = net.add("DEPTHWISE_CONV_2D", operands, "c", (blocks**2, rows, columns, 2), attributes=given)
    if between is not None:
        c = net.add(between, [c, floats(net, "m", (2,))][: 1 + (between == "MUL")], "e")
    rows, columns = (edge * blocks - sum(crop) for edge, crop in zip((rows, columns), crops, strict=True))
    return net.add(
        "BATCH_TO_SPACE_ND", [c, ints(net, "t", [blocks] * 2), ints(net, "q", crops)], "y", (1, rows, columns, 2)
    )


SAME = [[2, 2], [2, 2]]
NONE = [[0, 0], [0, 0]]
STRIDED: dict[str, dict[str, Any]] = {
    "the convolution has a stride": {"stride_h": 2},
    "it pads": {"padding": "SAME", "kernel": 1},
}


@sample(
    "padded_same",
    ["y = DEPTHWISE_CONV_2D(x, w, b)"],
    {
        "zeros lie in front only": {"pads": [[0, 0], [4, 0], [2, 2], [0, 0]]},
        "channels are padded too": {"pads": [[0, 0], [2, 2], [2, 2], [0, 1]]},
        "there is a stride": {"stride_h": 2},
        "it pads already": {"padding": "SAME"},
        "it is not dilated": {"dilation": 1, "pads": [[0, 0], [1, 1], [1, 1], [0, 0]]},
    },
    {"y": {"padding": "SAME", "dilation_h_factor": 2, "fused_activation_function": "RELU6"}},
)
def _(net: Network, pads: Any = ((0, 0), (2, 2), (2, 2), (0, 0)), dilation: int = 2, **given: Any) -> Any:
    given = {
        "padding": "VALID",
        "stride_h": 1,
        "stride_w": 1,
        "depth_multiplier": 1,
        "dilation_h_factor": dilation,
        "dilation_w_factor": dilation,
        "fused_activation_function": "RELU6",
    } | given
    shape = tuple(size + sum(pad) for size, pad in zip((1, 6, 6, 2), pads, strict=True))
    x = net.add("PAD", [net.input("x", (1, 6, 6, 2)), ints(net, "p", pads)], "a", shape)
    less = 0 if given["padding"] == "SAME" else 2 * dilation
    rows, columns = (shape[1] - less - 1) // given["stride_h"] + 1, shape[2] - less
    operands = [x, floats(net, "w", (1, 3, 3, shape[3])), floats(net, "b", (shape[3],))]
    return net.add("DEPTHWISE_CONV_2D", operands, "y", (1, rows, columns, shape[3]), attributes=given)


@sample(
    "dilated_valid",
    ["y = DEPTHWISE_CONV_2D(x, w, b)"],
    STRIDED | {"more lay around than is cut off": {"crops": [[1, 0], [0, 0]]}},
    {"y": {"padding": "VALID", "dilation_w_factor": 2}},
)
def _(net: Network, pads: Any = ((1, 1), (0, 0)), crops: Any = ((1, 1), (0, 0)), **given: Any) -> Any:
    return dilated(net, pads, crops, **given)


@sample(
    "dilated_padded",
    ["y/2 = PAD(x, y/1)", "y = DEPTHWISE_CONV_2D(y/2, w, b)"],
    STRIDED | {"less lay around than is cut off": {"crops": [[4, 0], [0, 0]]}},
    {"y": {"padding": "VALID", "dilation_w_factor": 2}},
)
def _(net: Network, pads: Any = ((3, 1), (0, 2)), crops: Any = ((1, 0), (0, 0)), **given: Any) -> Any:
    return dilated(net, pads, crops, **given)


@sample(
    "elementwise_after_blocks",
    [
        "a = SPACE_TO_BATCH_ND(x, s, p)",
        "c = DEPTHWISE_CONV_2D(a, w, b)",
        "y/1 = BATCH_TO_SPACE_ND(c, t, q)",
        "y = MUL(y/1, m)",
    ],
    {"nothing stands between": {"between": None}},
)
def _(net: Network, between: str | None = "MUL") -> Any:
    return dilated(net, SAME, NONE, between=between)


@sample(
    "activation_after_blocks",
    [
        "a = SPACE_TO_BATCH_ND(x, s, p)",
        "c = DEPTHWISE_CONV_2D(a, w, b)",
        "y/1 = BATCH_TO_SPACE_ND(c, t, q)",
        "y = RELU(y/1)",
    ],
    {"it is no activation": {"between": "NEG"}},
)
def _(net: Network, between: str = "RELU") -> Any:
    return dilated(net, SAME, NONE, between=between)


@sample(
    "crops_apart",
    ["y/3 = BATCH_TO_SPACE_ND(x, y/1, y/2)", "y = SLICE(y/3, y/4, y/5)"],
    {"nothing is cut off": {"crops": ((0, 0), (0, 0))}},
)
def _(net: Network, crops: Any = ((0, 1), (0, 0))) -> Any:
    shape = (1, 4 - sum(crops[0]), 6, 2)
    return net.add(
        "BATCH_TO_SPACE_ND", [net.input("x", (4, 2, 3, 2)), ints(net, "t", [2, 2]), ints(net, "q", crops)], "y", shape
    )


@sample("squared_difference", ["y/1 = SUB(a, b)", "y = MUL(y/1, y/1)"], {"they are integers": {"dtype": "i32"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return net.add("SQUARED_DIFFERENCE", [net.input("a", dtype=dtype), net.input("b", dtype=dtype)])


@sample("square", ["y = MUL(x, x)"], {"it is another": {"code": "SQRT"}})
def _(net: Network, code: str = "SQUARE") -> Any:
    return net.add(code, [net.input()])


@sample("broadcast_by_tile", ["y = TILE(x, y/1)"], {"a dimension is added": {"shape": (3,)}})
def _(net: Network, shape: Sequence[int] = (1, 3)) -> Any:
    return net.add("BROADCAST_TO", [net.input("x", shape), ints(net, "s", [2, 3])], "y", (2, 3), version=2)


@sample(
    "connected_keep_dims",
    ["y/1 = FULLY_CONNECTED(x, w)", "y = RESHAPE(y/1, y/2)"],
    {
        "none are kept": {"keep": False, "shape": (6, 4)},
        "there are two": {"rows": (6,), "shape": (6, 4)},
        "all weights are zeros": {"weights": np.zeros((4, 5))},
    },
    {"y/1": {"keep_num_dims": False, "fused_activation_function": "RELU"}},
)
def _(
    net: Network,
    keep: bool = True,
    rows: Sequence[int] = (2, 3),
    shape: Sequence[int] = (2, 3, 4),
    weights: Any = None,
) -> Any:
    given = {"keep_num_dims": keep, "fused_activation_function": "RELU"}
    w = floats(net, "w", (4, 5)) if weights is None else net.constant("w", weights)
    return net.add("FULLY_CONNECTED", [net.input("x", (*rows, 5)), w], "y", shape, attributes=given, version=6)


@sample(
    "connected_two_dims",
    ["y = FULLY_CONNECTED(x, w)"],
    {"none are kept": {"keep": False}, "there are three": {"rows": (2, 3)}},
    {"y": {"keep_num_dims": False, "fused_activation_function": "RELU6"}},
)
def _(net: Network, keep: bool = True, rows: Sequence[int] = (6,)) -> Any:
    given = {"keep_num_dims": keep, "fused_activation_function": "RELU6"}
    operands = [net.input("x", (*rows, 5)), floats(net, "w", (4, 5))]
    return net.add("FULLY_CONNECTED", operands, "y", (*rows, 4), attributes=given, version=6)


@sample("expand_dims", ["y = RESHAPE(x, y/1)"], {"it is text": {"dtype": "bool"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return net.add("EXPAND_DIMS", [net.input(dtype=dtype), ints(net, "a", -1)], "y", (2, 3, 1))


@sample("squeeze", ["y = RESHAPE(x, y/1)"], {"it is of booleans": {"dtype": "bool"}})
def _(net: Network, dtype: str = "f32") -> Any:
    return net.add("SQUEEZE", [net.input("x", (1, 2, 1, 3), dtype)], "y", (2, 3), attributes={"squeeze_dims": [0, -2]})


@sample(
    "pack",
    ["y/2 = EXPAND_DIMS(x, y/1)", "y/4 = EXPAND_DIMS(v, y/3)", "y = CONCATENATION(y/2, y/4)"],
    {"they are single numbers": {"shape": ()}},
    {"y": {"axis": 0}},
)
def _(net: Network, shape: Sequence[int] = (2, 3)) -> Any:
    operands = [net.input("x", shape), net.input("v", shape)]
    return net.add("PACK", operands, "y", (2, *shape), attributes={"axis": 0, "values_count": 2})


@sample("select", ["y = SELECT(c, x, v)"], {"one operand is broadcast": {"other": (1, 3)}})
def _(net: Network, other: Sequence[int] = (2, 3)) -> Any:
    condition = net.input("c", (2, 3), "bool")
    return net.add("SELECT_V2", [condition, net.input("x", (2, 3)), net.input("v", other)], "y", (2, 3), "f32")


def mirrored(net: Network, mode: str, depth: int = 0) -> Any:
    operands = [net.input("x", (1, 4, 5, 2)), ints(net, "p", [[0, 0], [2, 1], [0, 3], [0, depth]])]
    return net.add("MIRROR_PAD", operands, "y", (1, 7, 8, 2 + depth), attributes={"mode": mode})


MIRRORED = ["y/2 = GATHER(x, y/1)", "y = GATHER(y/2, y/3)"]


@sample("mirror_without_edges", MIRRORED, {"edges come twice": {"mode": "SYMMETRIC"}, "channels are too": {"depth": 1}})
def _(net: Network, mode: str = "REFLECT", depth: int = 0) -> Any:
    return mirrored(net, mode, depth)


@sample("mirror_edges", MIRRORED, {"edges come once": {"mode": "REFLECT"}, "channels are too": {"depth": 1}})
def _(net: Network, mode: str = "SYMMETRIC", depth: int = 0) -> Any:
    return mirrored(net, mode, depth)


@sample(
    "short_indices", ["y = GATHER(x, y/1)"], {"they are short": {"dtype": "i32"}, "one is far off": {"last": 1 << 31}}
)
def _(net: Network, dtype: str = "i64", last: int = 0) -> Any:
    return net.add("GATHER", [net.input(), ints(net, "i", [1, last], dtype)], "y", (2, 3))


@sample(
    "gather_one",
    ["y/2 = GATHER(x, y/1)", "y = RESHAPE(y/2, y/3)"],
    {"it is a list": {"index": [1]}, "a single number is left": {"shape": (3,)}},
    {"y/2": {"axis": 0}},
)
def _(net: Network, index: Any = 1, shape: Sequence[int] = (2, 3)) -> Any:
    left = (*np.shape(index), *shape[1:])
    return net.add("GATHER", [net.input("x", shape), ints(net, "i", index)], "y", left)


@sample("shape_of_known", ["z = NEG(y/1)"], {"a size is open": {"shape": (-1, 3)}, "it is long": {"dtype": "i64"}})
def _(net: Network, shape: Sequence[int] = (2, 3), dtype: str = "i32") -> Any:
    words = {"i32": "INT32", "i64": "INT64"}
    y = net.add("SHAPE", [net.input("x", shape)], "y", (2,), dtype, attributes={"out_type": words[dtype]})
    return ended(net, y)
