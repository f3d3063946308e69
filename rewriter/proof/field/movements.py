"""References of operators that move elements, repeat them, or leave them out."""

from __future__ import annotations

from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.dialect.shapes import axis_of
from rewriter.proof.field.parts import OPERATORS as PARTS
from rewriter.proof.field.value import Value, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.proof.field.call import Call, Reference
    from rewriter.verify.protocol import Array

# -- other dimensions -------------------------------------------------------------------------------------------------


def reshape(call: Call) -> Value:
    """RESHAPE: the operand says the shape; in old files the attribute alone."""
    value = call.value()
    operand = call.optional(1)
    sizes = call.numbers("new_shape") if operand is None else call.integers(1, "shape")
    if sizes == [0] and value.residues.size == 1:
        sizes = []
    return value.moved(lambda values: values.reshape(sizes))


def squeeze(call: Call) -> Value:
    """SQUEEZE: without the named dimensions, or without all that are 1."""
    value = call.value()
    named = call.numbers("squeeze_dims")
    gone = {axis_of(axis, len(value.shape)) for axis in named}
    if not named:
        gone = {axis for axis, size in enumerate(value.shape) if size == 1}
    return value.moved(lambda values: np.squeeze(values, tuple(gone)))


def expand_dims(call: Call) -> Value:
    """EXPAND_DIMS: with a dimension of 1 put in."""
    axis = axis_of(call.integer(1, "axis"), len(call.value().shape) + 1)
    return call.value().moved(lambda values: np.expand_dims(values, axis))


def transpose(call: Call) -> Value:
    """TRANSPOSE: dimension i of the result is dimension perm[i] of the operand."""
    order = call.integers(1, "permutation")
    return call.value().moved(lambda values: np.transpose(values, order))


# -- taken together, taken apart --------------------------------------------------------------------------------------


def concatenation(call: Call) -> Value:
    """CONCATENATION: one behind the other along a dimension."""
    axis = call.number("axis")
    return joined(call.several(), lambda arrays: np.concatenate(arrays, axis))


def pack(call: Call) -> Value:
    """PACK: along a new dimension."""
    axis = call.number("axis")
    return joined(call.several(), lambda arrays: np.stack(arrays, axis))


def unpack(call: Call) -> list[Value]:
    """UNPACK: the slices along a dimension."""
    value = call.value()
    axis = axis_of(call.number("axis"), len(value.shape))
    return [value.moved(lambda values, at=at: _take(values, at, axis)) for at in range(value.shape[axis])]


def split(call: Call) -> list[Value]:
    """SPLIT: parts of equal size along a dimension."""
    value, count = call.value(1), call.number("num_splits")
    axis = axis_of(call.integer(0, "axis"), len(value.shape))
    if value.shape[axis] % count:
        raise ValueError(f"{value.shape[axis]} cannot be split into {count} equal parts")
    return _split(value, [value.shape[axis] // count] * count, axis)


def split_v(call: Call) -> list[Value]:
    """SPLIT_V: parts of the sizes that an operand says; one may be -1, what is left."""
    value, sizes = call.value(0), call.integers(1, "sizes")
    axis = axis_of(call.integer(2, "axis"), len(value.shape))
    rest = value.shape[axis] - sum(size for size in sizes if size != -1)
    sizes = [rest if size == -1 else size for size in sizes]
    if min(sizes, default=0) < 0 or sum(sizes) != value.shape[axis]:
        raise ValueError(f"{value.shape[axis]} cannot be split into {sizes}")
    return _split(value, sizes, axis)


def _split(value: Value, sizes: Sequence[int], axis: int) -> list[Value]:
    ends = list(accumulate(sizes))
    places = [(slice(None),) * axis + (slice(end - size, end),) for size, end in zip(sizes, ends, strict=True)]
    return [value.moved(lambda values, place=place: values[place]) for place in places]


def _take(values: Array, at: int, axis: int) -> Array:
    # By a list and not by a number, for an array of objects would hand out a bare one.
    return values.take([at], axis).squeeze(axis)


# -- more of the same -------------------------------------------------------------------------------------------------


def _paddings(call: Call) -> list[tuple[int, int]]:
    numbers = call.integers(1, "paddings")
    if len(numbers) != 2 * len(call.value().shape) or min(numbers, default=0) < 0:
        raise ValueError(f"paddings {numbers} do not fit {list(call.value().shape)}")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def pad(call: Call) -> Value:
    """PAD and PADV2: zeros around, or copies of the third operand."""
    amounts, value, around = _paddings(call), call.value(), call.optional(2)
    if around is None:
        return value.moved(lambda values: np.pad(values, amounts))
    if around.residues.size != 1:
        raise ValueError("a single value is needed around")

    def surround(arrays: list[Array]) -> Array:
        inside, value = arrays
        return np.pad(inside, amounts, constant_values=value.reshape(-1)[0])

    return joined([value, around], surround)


def mirror_pad(call: Call) -> Value:
    """MIRROR_PAD: the mirror image around, without the edge (REFLECT) or with it (SYMMETRIC)."""
    amounts, value = _paddings(call), call.value()
    edge = 1 if call.word("mode") == "REFLECT" else 0
    if any(max(pair) > size - edge for pair, size in zip(amounts, value.shape, strict=True)):
        raise ValueError(f"paddings {amounts} are more than there is to mirror of {list(value.shape)}")
    return value.moved(lambda values: _mirrored(values, amounts, edge))


def _mirrored(values: Array, amounts: Sequence[tuple[int, int]], edge: int) -> Array:
    for axis, (before, behind) in enumerate(amounts):
        size = values.shape[axis]
        places = [
            *range(before - 1 + edge, edge - 1, -1),
            *range(size),
            *range(size - 1 - edge, size - 1 - edge - behind, -1),
        ]
        values = values.take(places, axis)
    return values


def tile(call: Call) -> Value:
    """TILE: so many times along each dimension."""
    value, times = call.value(), call.integers(1, "multiples")
    if len(times) != len(value.shape):
        raise ValueError(f"multiples {times} do not fit {list(value.shape)}")
    return value.moved(lambda values: np.tile(values, times))


def broadcast_to(call: Call) -> Value:
    """BROADCAST_TO: broadcast to a shape."""
    sizes = call.integers(1, "shape")
    return call.value().moved(lambda values: np.broadcast_to(values, sizes))


# -- between space, depth and batch -----------------------------------------------------------------------------------


def space_to_depth(call: Call) -> Value:
    """SPACE_TO_DEPTH: blocks of space become channels."""
    block = call.number("block_size")
    batch, height, width, depth = call.value().shape
    rows, columns = height // block, width // block
    return call.value().moved(
        lambda values: (
            values.reshape(batch, rows, block, columns, block, depth)
            .transpose(0, 1, 3, 2, 4, 5)
            .reshape(batch, rows, columns, block * block * depth)
        )
    )


def depth_to_space(call: Call) -> Value:
    """DEPTH_TO_SPACE: channels become blocks of space."""
    block = call.number("block_size")
    batch, rows, columns, channels = call.value().shape
    depth = channels // block**2
    return call.value().moved(
        lambda values: (
            values.reshape(batch, rows, columns, block, block, depth)
            .transpose(0, 1, 3, 2, 4, 5)
            .reshape(batch, rows * block, columns * block, depth)
        )
    )


def _blocks(call: Call) -> tuple[list[int], list[tuple[int, int]]]:
    blocks, edges = call.integers(1, "block shape"), call.integers(2, "edges")
    if len(edges) != 2 * len(blocks) or len(blocks) != len(call.value().shape) - 2 or min(edges, default=0) < 0:
        raise ValueError(f"blocks {blocks} and edges {edges} do not fit {list(call.value().shape)}")
    return blocks, list(zip(edges[::2], edges[1::2], strict=True))


def space_to_batch_nd(call: Call) -> Value:
    """SPACE_TO_BATCH_ND: places that lie a block apart become images of the batch, after zeros were put around."""
    blocks, amounts = _blocks(call)

    def move(values: Any) -> Any:
        values = np.pad(values, [(0, 0), *amounts, (0, 0)])
        batch, *sizes, depth = values.shape
        counts = [size // block for size, block in zip(sizes, blocks, strict=True)]
        apart = [each for pair in zip(counts, blocks, strict=True) for each in pair]
        # Blocks first, in their order, then the batch, then what is left of space.
        order = [*range(2, 2 * len(blocks) + 1, 2), 0, *range(1, 2 * len(blocks), 2), 2 * len(blocks) + 1]
        return values.reshape(batch, *apart, depth).transpose(order).reshape(batch * prod(blocks), *counts, depth)

    return call.value().moved(move)


def batch_to_space_nd(call: Call) -> Value:
    """BATCH_TO_SPACE_ND: SPACE_TO_BATCH_ND undone, and edges cut off."""
    blocks, crops = _blocks(call)
    count = len(blocks)

    def move(values: Any) -> Any:
        total, *sizes, depth = values.shape
        batch = total // prod(blocks)
        order = [count, *(each for at in range(count) for each in (count + 1 + at, at)), 2 * count + 1]
        whole = [size * block for size, block in zip(sizes, blocks, strict=True)]
        spread = values.reshape(*blocks, batch, *sizes, depth).transpose(order).reshape(batch, *whole, depth)
        kept = [slice(before, size - behind) for size, (before, behind) in zip(whole, crops, strict=True)]
        return spread[(slice(None), *kept)]

    return call.value().moved(move)


OPERATORS: dict[str, Reference] = {
    **PARTS,
    "RESHAPE": reshape,
    "SQUEEZE": squeeze,
    "EXPAND_DIMS": expand_dims,
    "TRANSPOSE": transpose,
    "CONCATENATION": concatenation,
    "PACK": pack,
    "UNPACK": unpack,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "PAD": pad,
    "PADV2": pad,
    "MIRROR_PAD": mirror_pad,
    "TILE": tile,
    "BROADCAST_TO": broadcast_to,
    "SPACE_TO_DEPTH": space_to_depth,
    "DEPTH_TO_SPACE": depth_to_space,
    "SPACE_TO_BATCH_ND": space_to_batch_nd,
    "BATCH_TO_SPACE_ND": batch_to_space_nd,
}
