"""Shape functions of operators that move elements and compute nothing; `shapes` says how they are called.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.dialect.shapes import (
    axis_of,
    broadcast_shapes,
    constant,
    length,
    listed,
    merged,
    merged_shapes,
    product,
    ranked,
    same_dtype,
    scalar,
    shaped,
    text,
    unknown,
)
from rewriter.dialect.types import TensorType

# -- other dimensions, same order -------------------------------------------------------------------------------------


def reshape(input: TensorType, shape: TensorType, **_: object) -> TensorType | None:
    """RESHAPE: one size may be -1, what is left; `[0]` for a single element is the old way to write a scalar's shape.

    Raises:
        ValueError: The elements do not fill the shape.
    """
    rank = length(shape, "shape")
    sizes = constant(shape)
    if sizes is None:
        return None if rank is None else unknown(input.dtype, rank)
    total = product(input.shape)
    if sizes == (0,) and total == 1:
        return TensorType(input.dtype, ())
    if min(sizes, default=0) < -1 or sizes.count(-1) > 1:
        raise ValueError(f"there is no shape {list(sizes)}")
    known = product(tuple(size for size in sizes if size != -1))
    assert known is not None
    if -1 not in sizes:
        if total is not None and total != known:
            raise ValueError(f"{text(input.shape)} has {total} elements, {list(sizes)} {known}")
        return TensorType(input.dtype, sizes)
    if total is not None and (not known or total % known):
        raise ValueError(f"{total} elements do not make {list(sizes)}")
    rest = None if total is None else total // known
    return TensorType(input.dtype, (rest if size == -1 else size for size in sizes))


def squeeze(input: TensorType, *, squeeze_dims: Sequence[int] = (), **_: object) -> TensorType | None:
    """SQUEEZE: without the named dimensions, or without all that are 1.

    Raises:
        ValueError: A named dimension is not 1.
    """
    if not squeeze_dims:
        if None in input.shape:
            return None
        return TensorType(input.dtype, (size for size in input.shape if size != 1))
    gone = {axis_of(axis, input.rank, "dimension") for axis in squeeze_dims}
    for axis in gone:
        merged(input.shape[axis], 1, f"dimension {axis} of {input} is not 1")
    return TensorType(input.dtype, (size for axis, size in enumerate(input.shape) if axis not in gone))


def expand_dims(input: TensorType, axis: TensorType, **_: object) -> TensorType:
    """EXPAND_DIMS: with a dimension of 1 put in.

    Raises:
        ValueError: There is no such place.
    """
    place = scalar(axis)
    if place is None:
        return unknown(input.dtype, input.rank + 1)
    place = axis_of(place, input.rank + 1)
    return TensorType(input.dtype, (*input.shape[:place], 1, *input.shape[place:]))


def transpose(input: TensorType, perm: TensorType, **_: object) -> TensorType:
    """TRANSPOSE: dimension i of the result is dimension perm[i] of the input.

    Raises:
        ValueError: `perm` is no permutation.
    """
    order = listed(perm, input.rank, "perm")
    if order is None:
        return unknown(input.dtype, input.rank)
    places = [axis_of(each, input.rank) for each in order]
    if len(set(places)) != input.rank:
        raise ValueError(f"{list(order)} is no permutation")
    return TensorType(input.dtype, (input.shape[place] for place in places))


# -- taken together, taken apart --------------------------------------------------------------------------------------


def pack(*values: TensorType, axis: int, values_count: int | None = None, **_: object) -> TensorType:
    """PACK: the operands along a new dimension.

    Raises:
        ValueError: They differ, there are not `values_count` of them, or there is no such axis.
    """
    if not values or (values_count is not None and values_count != len(values)):
        raise ValueError(f"{len(values)} operands, and values_count is {values_count}")
    shape = values[0].shape
    for each in values[1:]:
        shape = merged_shapes(shape, each.shape)
    place = axis_of(axis, len(shape) + 1)
    return TensorType(same_dtype(*values), (*shape[:place], len(values), *shape[place:]))


def unpack(input: TensorType, *, num: int, axis: int, **_: object) -> tuple[TensorType, ...]:
    """UNPACK: the slices along a dimension, which then is gone.

    Raises:
        ValueError: There are not `num` of them, or there is no such axis.
    """
    place = axis_of(axis, input.rank)
    merged(input.shape[place], num, f"the size of dimension {place} and num differ")
    return (TensorType(input.dtype, input.shape[:place] + input.shape[place + 1 :]),) * num


def split(axis: TensorType, input: TensorType, *, num_splits: int, **_: object) -> tuple[TensorType, ...]:
    """SPLIT: parts of equal size along a dimension.

    Raises:
        ValueError: The size is no multiple of `num_splits`, or there is no such axis.
    """
    if num_splits < 1:
        raise ValueError(f"cannot split into {num_splits}")
    place = scalar(axis)
    if place is None:
        return (unknown(input.dtype, input.rank),) * num_splits
    place = axis_of(place, input.rank)
    size = input.shape[place]
    if size is not None and size % num_splits:
        raise ValueError(f"{size} cannot be split into {num_splits} equal parts")
    part = None if size is None else size // num_splits
    return (TensorType(input.dtype, (*input.shape[:place], part, *input.shape[place + 1 :])),) * num_splits


def split_v(
    input: TensorType, size_splits: TensorType, axis: TensorType, *, num_splits: int, **_: object
) -> tuple[TensorType, ...]:
    """SPLIT_V: parts of the sizes that an operand says; one may be -1, what is left.

    Raises:
        ValueError: The sizes do not add up, or there is no such axis.
    """
    sizes, place = listed(size_splits, num_splits, "size_splits"), scalar(axis)
    if place is None:
        return (unknown(input.dtype, input.rank),) * num_splits
    place = axis_of(place, input.rank)
    whole = input.shape[place]
    parts: list[int | None] = [None] * num_splits
    if sizes is not None:
        if min(sizes) < -1 or sizes.count(-1) > 1:
            raise ValueError(f"there are no parts of {list(sizes)}")
        known = sum(size for size in sizes if size != -1)
        if whole is not None and (known > whole or (known != whole and -1 not in sizes)):
            raise ValueError(f"{whole} cannot be split into {list(sizes)}")
        parts = [size if size != -1 else None if whole is None else whole - known for size in sizes]
    return tuple(TensorType(input.dtype, (*input.shape[:place], part, *input.shape[place + 1 :])) for part in parts)


def concatenation(*values: TensorType, axis: int, **_: object) -> TensorType:
    """CONCATENATION: sizes add up along the axis, and are the same elsewhere.

    Raises:
        ValueError: They are not, or there is no such axis.
    """
    if not values:
        raise ValueError("at least one operand is needed")
    dtype, rank = same_dtype(*values), values[0].rank
    place = axis_of(axis, rank)
    sizes = list(values[0].shape)
    for each in values[1:]:
        if each.rank != rank:
            raise ValueError(f"{values[0]} and {each} have different numbers of dimensions")
        for at in range(rank):
            one, other = sizes[at], each.shape[at]
            if at == place:
                sizes[at] = None if one is None or other is None else one + other
            else:
                sizes[at] = merged(one, other, f"{values[0]} and {each} differ in dimension {at}")
    return TensorType(dtype, sizes)


# -- parts ------------------------------------------------------------------------------------------------------------


def slice_(input: TensorType, begin: TensorType, size: TensorType, **_: object) -> TensorType:
    """SLICE: a part that begins at `begin`; a size of -1 is what is left.

    Raises:
        ValueError: It leaves the input, or there is not one number for each dimension.
    """
    if begin.dtype != size.dtype:
        raise ValueError(f"begin and size of different types: {begin} and {size}")
    starts, sizes = listed(begin, input.rank, "begin"), listed(size, input.rank, "size")
    found: list[int | None] = []
    for axis, whole in enumerate(input.shape):
        start = None if starts is None else starts[axis]
        count = None if sizes is None else sizes[axis]
        if start is not None and (start < 0 or (whole is not None and start > whole)):
            raise ValueError(f"dimension {axis} of {input} has no place {start}")
        if count is not None and count < -1:
            raise ValueError(f"there is no size {count}")
        if count == -1:
            count = None if whole is None or start is None else whole - start
        elif None not in (whole, start, count) and (start or 0) + (count or 0) > (whole or 0):
            raise ValueError(f"{count} from {start} on leave dimension {axis} of {input}")
        found.append(count)
    return TensorType(input.dtype, found)


def strided_slice(
    input: TensorType,
    begin: TensorType,
    end: TensorType,
    strides: TensorType,
    *,
    begin_mask: int,
    end_mask: int,
    ellipsis_mask: int,
    new_axis_mask: int,
    shrink_axis_mask: int,
    offset: bool = False,
    **_: object,
) -> TensorType | None:
    """STRIDED_SLICE: NumPy's slicing; bit i of a mask is about entry i of `begin`, `end` and `strides`.

    An entry is a slice, or by its mask an ellipsis (all dimensions that no entry stands for), a new dimension of 1, or
    a single place, whose dimension goes. With `offset`, `end` counts from `begin`.

    Raises:
        ValueError: A stride is 0, a single place does not exist, or there are more entries than dimensions; with
            `offset` also fewer, for there the kernel reads past their end.
    """
    counts = {length(each, what) for each, what in ((begin, "begin"), (end, "end"), (strides, "strides"))}
    if None in counts:
        return None
    if len(counts) > 1:
        raise ValueError(f"begin, end and strides differ in length: {begin}, {end}, {strides}")
    count = counts.pop() or 0
    if ellipsis_mask & (ellipsis_mask - 1):
        raise ValueError("at most one ellipsis")
    starts, ends, steps = constant(begin), constant(end), constant(strides)
    entries = [place for place in range(count) if not ellipsis_mask >> place & 1]
    taken = sum(1 for place in entries if not new_axis_mask >> place & 1)
    if taken > input.rank or (offset and taken < input.rank):
        raise ValueError(f"{taken} entries for {input}")
    sizes: list[int | None] = []
    axis = 0
    for place in range(count):
        if ellipsis_mask >> place & 1:
            rest = input.rank - taken
            sizes += input.shape[axis : axis + rest]
            axis += rest
            continue
        if new_axis_mask >> place & 1:
            sizes.append(1)
            continue
        whole = input.shape[axis]
        step = None if steps is None else steps[place]
        if step == 0:
            raise ValueError("a stride cannot be 0")
        start = None if starts is None else starts[place]
        if shrink_axis_mask >> place & 1:
            if step is not None and step < 0:
                raise ValueError("a single place needs a positive stride")
            if whole is not None and start is not None and not begin_mask >> place & 1 and not -whole <= start < whole:
                raise ValueError(f"dimension {axis} of {input} has no place {start}")
        else:
            stop = None if ends is None else ends[place]
            if offset and start is not None and stop is not None:
                stop += start
            no_start, no_stop = bool(begin_mask >> place & 1), bool(end_mask >> place & 1)
            known = step is not None and (start is not None or no_start) and (stop is not None or no_stop)
            if whole is None or not known:
                sizes.append(None)
            else:
                bounds = slice(None if no_start else start, None if no_stop else stop, step)
                sizes.append(len(range(*bounds.indices(whole))))
        axis += 1
    return TensorType(input.dtype, (*sizes, *input.shape[axis:]))


def gather(input: TensorType, indices: TensorType, *, axis: int, batch_dims: int = 0, **_: object) -> TensorType:
    """GATHER: the indices' shape in the place of the axis; the first `batch_dims` dimensions are those of both.

    Raises:
        ValueError: There is no such axis, or the batches differ.
    """
    place = axis_of(axis, input.rank)
    batches = batch_dims + indices.rank if batch_dims < 0 else batch_dims
    if not 0 <= batches <= min(place, indices.rank) or batches > input.rank:
        raise ValueError(f"batch_dims {batch_dims} does not go with {input}, {indices} and axis {axis}")
    for at in range(batches):
        merged(input.shape[at], indices.shape[at], f"{input} and {indices} differ in batch dimension {at}")
    return TensorType(input.dtype, (*input.shape[:place], *indices.shape[batches:], *input.shape[place + 1 :]))


def gather_nd(params: TensorType, indices: TensorType, **_: object) -> TensorType | None:
    """GATHER_ND: each row of the indices is a place in the first dimensions.

    Raises:
        ValueError: A row is longer than there are dimensions.
    """
    if not params.rank or not indices.rank:
        raise ValueError(f"both need a dimension: {params}, {indices}")
    depth = indices.shape[-1]
    if depth is None:
        return None
    if depth > params.rank:
        raise ValueError(f"a place of {depth} numbers in {params}")
    return TensorType(params.dtype, (*indices.shape[:-1], *params.shape[depth:]))


def scatter_nd(indices: TensorType, updates: TensorType, shape: TensorType, **_: object) -> TensorType | None:
    """SCATTER_ND: of the shape that an operand holds; each row of the indices is a place for one update.

    Raises:
        ValueError: Indices, updates and shape do not go together.
    """
    found = shaped(updates.dtype, shape)
    depth = indices.shape[-1] if indices.rank else None
    if indices.rank and updates.rank >= indices.rank - 1:
        for one, other in zip(indices.shape[:-1], updates.shape, strict=False):
            merged(one, other, f"{indices} and {updates} do not go together")
    if found is not None and depth is not None:
        wanted = (*indices.shape[:-1], *found.shape[depth:])
        if depth > found.rank:
            raise ValueError(f"a place of {depth} numbers in {found}")
        merged_shapes(wanted, updates.shape)
    return found


def dynamic_update_slice(input: TensorType, update: TensorType, start_indices: TensorType, **_: object) -> TensorType:
    """DYNAMIC_UPDATE_SLICE: the input, in which the update overwrites a part; that is moved inside where it is not.

    Raises:
        ValueError: The update is larger than the input, or there is not one start for each dimension.
    """
    if update.rank != input.rank:
        raise ValueError(f"{input} and {update} have different numbers of dimensions")
    listed(start_indices, input.rank, "start_indices")
    for size, whole in zip(update.shape, input.shape, strict=True):
        if size is not None and whole is not None and size > whole:
            raise ValueError(f"the update {update} is larger than {input}")
    return TensorType(same_dtype(input, update), input.shape)


# -- more of the same -------------------------------------------------------------------------------------------------


def pad(input: TensorType, paddings: TensorType, *_: TensorType | None, **__: object) -> TensorType:
    """PAD, PADV2: so many before and behind each dimension.

    Raises:
        ValueError: `paddings` is not `[rank, 2]`, or negative.
    """
    amounts = _paddings(input, paddings)
    if amounts is None:
        return unknown(input.dtype, input.rank)
    return TensorType(
        input.dtype,
        (None if size is None else size + sum(pair) for size, pair in zip(input.shape, amounts, strict=True)),
    )


def mirror_pad(input: TensorType, paddings: TensorType, *, mode: str, **_: object) -> TensorType:
    """MIRROR_PAD: as PAD, but with no more than there is to mirror: without the edge (REFLECT) or with it (SYMMETRIC).

    Raises:
        ValueError: It is more.
    """
    amounts = _paddings(input, paddings)
    for size, pair in zip(input.shape, amounts or (), strict=False):
        if size is not None and max(pair) > size - (mode == "REFLECT"):
            raise ValueError(f"{max(pair)} cannot be mirrored of {size}")
    return pad(input, paddings)


def _paddings(input: TensorType, paddings: TensorType) -> list[tuple[int, int]] | None:
    rows, columns = ranked(paddings, 2, "paddings")
    merged(rows, input.rank, f"{paddings} does not go with {input}")
    merged(columns, 2, f"paddings have two columns, not {paddings}")
    values = constant(paddings)
    if values is None:
        return None
    if min(values, default=0) < 0:
        raise ValueError(f"paddings {list(values)} are negative")
    return list(zip(values[::2], values[1::2], strict=True))


def tile(input: TensorType, multiples: TensorType, **_: object) -> TensorType:
    """TILE: each dimension so many times.

    Raises:
        ValueError: There is not one number for each dimension.
    """
    times = listed(multiples, input.rank, "multiples")
    if times is None:
        return unknown(input.dtype, input.rank)
    if min(times, default=0) < 0:
        raise ValueError(f"there are no multiples {list(times)}")
    return TensorType(
        input.dtype, (None if size is None else size * count for size, count in zip(input.shape, times, strict=True))
    )


def broadcast_to(input: TensorType, shape: TensorType, **_: object) -> TensorType | None:
    """BROADCAST_TO: of the shape that an operand holds, to which the input broadcasts.

    Raises:
        ValueError: It does not.
    """
    found = shaped(input.dtype, shape)
    if found is None or constant(shape) is None:
        return found
    if input.rank > found.rank:
        raise ValueError(f"{input} has more dimensions than {text(found.shape)}")
    for size, wanted in zip(input.shape[::-1], found.shape[::-1], strict=False):
        if size is not None and size not in (1, wanted):
            raise ValueError(f"{input} does not broadcast to {text(found.shape)}")
    return found


def broadcast_args(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """BROADCAST_ARGS: the shape, as a list, to which two shapes broadcast.

    Raises:
        ValueError: They do not, or are no lists.
    """
    one, other = length(lhs, "a shape"), length(rhs, "a shape")
    values = constant(lhs), constant(rhs)
    if values[0] is not None and values[1] is not None:
        broadcast_shapes(values[0], values[1])
    return TensorType(same_dtype(lhs, rhs), (None if one is None or other is None else max(one, other),))


def dilate(input: TensorType, dilations: TensorType, padding_value: TensorType, **_: object) -> TensorType:
    """DILATE: with `dilations` - 1 places between neighbours.

    Raises:
        ValueError: There is not one number for each dimension, or the padding is no scalar of the input's type.
    """
    if padding_value.rank != 0:
        raise ValueError(f"a single value is needed, not {padding_value}")
    dtype = same_dtype(input, padding_value)
    steps = listed(dilations, input.rank, "dilations")
    if steps is None:
        return unknown(dtype, input.rank)
    if min(steps, default=1) < 1:
        raise ValueError(f"there are no dilations {list(steps)}")
    return TensorType(
        dtype, (None if size is None else (size - 1) * step + 1 for size, step in zip(input.shape, steps, strict=True))
    )


# -- between space, depth and batch -----------------------------------------------------------------------------------


def depth_to_space(input: TensorType, *, block_size: int, **_: object) -> TensorType:
    """DEPTH_TO_SPACE: NHWC; channels become blocks of block_size x block_size places.

    Raises:
        ValueError: The channels do not make blocks.
    """
    batch, height, width, depth = ranked(input, 4, "input")
    if block_size < 1 or (depth is not None and depth % block_size**2):
        raise ValueError(f"{depth} channels do not make blocks of {block_size} x {block_size}")
    rows, columns = (None if size is None else size * block_size for size in (height, width))
    return TensorType(input.dtype, (batch, rows, columns, None if depth is None else depth // block_size**2))


def space_to_depth(input: TensorType, *, block_size: int, **_: object) -> TensorType:
    """SPACE_TO_DEPTH: NHWC; blocks of block_size x block_size places become channels.

    Raises:
        ValueError: Height or width is no multiple.
    """
    batch, height, width, depth = ranked(input, 4, "input")
    if block_size < 1 or any(size is not None and size % block_size for size in (height, width)):
        raise ValueError(f"{input} has no blocks of {block_size} x {block_size}")
    rows, columns = (None if size is None else size // block_size for size in (height, width))
    return TensorType(input.dtype, (batch, rows, columns, None if depth is None else depth * block_size**2))


def space_to_batch_nd(input: TensorType, block_shape: TensorType, paddings: TensorType, **_: object) -> TensorType:
    """SPACE_TO_BATCH_ND: NHWC or NWC; places of padded space that lie a block apart become images of the batch.

    Raises:
        ValueError: A padded size is no multiple of its block.
    """
    blocks, amounts = _blocks(input, block_shape, paddings)
    sizes: list[int | None] = []
    for size, block, pair in zip(input.shape[1:-1], blocks, amounts, strict=True):
        total = None if size is None or pair is None else size + sum(pair)
        if block is not None and total is not None and total % block:
            raise ValueError(f"{total} is no multiple of the block {block}")
        sizes.append(None if total is None or block is None else total // block)
    batch = product((input.shape[0], *blocks))
    return TensorType(input.dtype, (batch, *sizes, input.shape[-1]))


def batch_to_space_nd(input: TensorType, block_shape: TensorType, crops: TensorType, **_: object) -> TensorType:
    """BATCH_TO_SPACE_ND: SPACE_TO_BATCH_ND undone, and edges cut off.

    Raises:
        ValueError: The batch is no multiple of the blocks, or more is cut off than there is.
    """
    blocks, amounts = _blocks(input, block_shape, crops)
    sizes: list[int | None] = []
    for size, block, pair in zip(input.shape[1:-1], blocks, amounts, strict=True):
        left = None if size is None or block is None or pair is None else size * block - sum(pair)
        if left is not None and left < 0:
            raise ValueError(f"more is cut off than {size} * {block}")
        sizes.append(left)
    parts, batch = product(blocks), input.shape[0]
    if batch is not None and parts is not None and (not parts or batch % parts):
        raise ValueError(f"a batch of {batch} is no multiple of {parts}")
    images = None if batch is None or parts is None else batch // parts
    return TensorType(input.dtype, (images, *sizes, input.shape[-1]))


def _blocks(
    input: TensorType, block_shape: TensorType, edges: TensorType
) -> tuple[tuple[int | None, ...], list[tuple[int, int] | None]]:
    if input.rank not in (3, 4):
        raise ValueError(f"three or four dimensions are needed, not {input}")
    spatial = input.rank - 2
    blocks = listed(block_shape, spatial, "block_shape")
    rows, columns = ranked(edges, 2, "paddings and crops")
    merged(rows, spatial, f"{edges} does not go with {input}")
    merged(columns, 2, f"{edges} needs two columns")
    values = constant(edges)
    if min(blocks or (1,)) < 1 or min(values or (0,)) < 0:
        raise ValueError(f"blocks {blocks} or edges {values} are too small")
    pairs: list[tuple[int, int] | None] = [None] * spatial
    if values is not None:
        pairs = list(zip(values[::2], values[1::2], strict=True))
    return blocks or (None,) * spatial, pairs
