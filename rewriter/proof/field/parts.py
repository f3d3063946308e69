"""References of operators that take a part of a tensor, or write over one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.dialect.shapes import axis_of
from rewriter.proof.field.value import Value, joined

if TYPE_CHECKING:
    from rewriter.proof.field.call import Call, Reference
    from rewriter.verify.protocol import Array


def slice_(call: Call) -> Value:
    """SLICE: a part that begins at `begin`; a size of -1 is what is left."""
    value, begin, size = call.value(), call.integers(1, "begin"), call.integers(2, "size")
    places: list[slice] = []
    for start, count, whole in zip(begin, size, value.shape, strict=True):
        stop = whole if count == -1 else start + count
        if not 0 <= start <= stop <= whole:
            raise ValueError(f"{count} from {start} on leave {whole}")
        places.append(slice(start, stop))
    return value.moved(lambda values: values[tuple(places)])


def strided_slice(call: Call) -> Value:
    """STRIDED_SLICE: NumPy's slicing; bit i of a mask is about entry i of `begin`, `end` and `strides`."""
    columns = [call.integers(place, what) for place, what in ((1, "begin"), (2, "end"), (3, "strides"))]
    masks = {name: call.number(f"{name}_mask") for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}
    shape = call.value().shape
    places: list[Any] = []
    shrunk: list[int] = []
    axis = at = 0
    entries = list(zip(*columns, strict=True))
    taken = sum(1 for place in range(len(entries)) if not (masks["ellipsis"] | masks["new_axis"]) >> place & 1)
    for place, (start, stop, step) in enumerate(entries):
        said = {name for name, mask in masks.items() if mask >> place & 1}
        if "ellipsis" in said:
            places += [slice(None)] * (len(shape) - taken)
            axis += len(shape) - taken
            at += len(shape) - taken
            continue
        if "new_axis" in said:
            places.append(None)
            at += 1
            continue
        if "shrink_axis" in said:
            single = 0 if "begin" in said else start
            if not -shape[axis] <= single < shape[axis] or step < 1:
                raise ValueError(f"dimension {axis} of {list(shape)} has no place {single}")
            single %= shape[axis]
            places.append(slice(single, single + 1))
            shrunk.append(at)
        else:
            if call.flag("offset"):
                stop += start
            places.append(slice(None if "begin" in said else start, None if "end" in said else stop, step))
        axis += 1
        at += 1
    # One place of an array of objects is the object.
    return call.value().moved(lambda values: np.asarray(values[tuple(places)], values.dtype).squeeze(tuple(shrunk)))


def gather(call: Call) -> Value:
    """GATHER: the places of a dimension that the indices name; the first dimensions may be those of both."""
    value, indices = call.value(), call.integer_array(1, "indices").astype(np.int64)
    axis = axis_of(call.number("axis"), len(value.shape))
    batches = call.number("batch_dims")
    batches += indices.ndim if batches < 0 else 0
    _check(indices, value.shape[axis])
    if value.shape[:batches] != indices.shape[:batches] or batches > axis:
        raise ValueError(f"{batches} batch dimensions of {list(value.shape)} and {list(indices.shape)} differ")

    def move(values: Array) -> Array:
        leading = values.shape[:batches]
        rows = [values[at].take(indices[at], axis - batches) for at in np.ndindex(*leading)]
        inside = (*values.shape[batches:axis], *indices.shape[batches:], *values.shape[axis + 1 :])
        return np.concatenate([np.asarray(row).reshape(-1) for row in rows]).reshape((*leading, *inside))

    return value.moved(move)


def gather_nd(call: Call) -> Value:
    """GATHER_ND: what stands at the places that the rows of the indices name."""
    value, indices = call.value(), call.integer_array(1, "indices").astype(np.int64)
    columns = np.moveaxis(indices, -1, 0)
    for column, size in zip(columns, value.shape, strict=False):
        _check(column, size)
    return value.moved(lambda values: np.asarray(values[tuple(columns)]))


def _check(indices: Array, size: int) -> None:
    if bool((indices < 0).any()) or bool((indices >= size).any()):
        raise ValueError(f"an index is not one of {size}")


def dynamic_update_slice(call: Call) -> Value:
    """DYNAMIC_UPDATE_SLICE: an update written over a part, which is moved inside where it is not."""
    value, update, starts = call.value(0), call.value(1), call.integers(2, "start")
    places = tuple(
        slice(min(max(start, 0), whole - size), min(max(start, 0), whole - size) + size)
        for start, whole, size in zip(starts, value.shape, update.shape, strict=True)
    )

    def write(arrays: list[Array]) -> Array:
        result = np.array(arrays[0])
        result[places] = arrays[1]
        return result

    return joined([value, update], write)


def reverse_v2(call: Call) -> Value:
    """REVERSE_V2: in the other order along some dimensions."""
    rank = len(call.value().shape)
    axes = tuple(axis_of(axis, rank) for axis in call.integers(1, "axis"))
    return call.value().moved(lambda values: np.flip(values, axes))


OPERATORS: dict[str, Reference] = {
    "SLICE": slice_,
    "STRIDED_SLICE": strided_slice,
    "GATHER": gather,
    "GATHER_ND": gather_nd,
    "DYNAMIC_UPDATE_SLICE": dynamic_update_slice,
    "REVERSE_V2": reverse_v2,
}
