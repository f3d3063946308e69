"""Cases of operators that move elements."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.dialect.draw import SIZES, number, numbers, shapes, table
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

DTYPES = st.sampled_from(["f32", "i32", "i8"])
INDICES = st.sampled_from(["i32", "i64"])
# Whether sizes and axes stand in the file, or only a run brings them.
CONSTANT = st.booleans()


def axis_in(draw: DrawFn, rank: int) -> int:
    """An axis of so many, counted from the front or from the back."""
    return draw(st.integers(-rank, rank - 1))


@st.composite
def reshape(draw: DrawFn) -> Case:
    shape = draw(shapes())
    sizes = [draw(st.sampled_from([1, size])) for size in draw(st.permutations(shape))]
    sizes.append(prod(shape) // prod(sizes))
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return Case("RESHAPE", (Operand(draw(DTYPES), shape), numbers(sizes, constant=draw(CONSTANT))))


@st.composite
def squeeze(draw: DrawFn) -> Case:
    shape = draw(st.lists(st.sampled_from([1, 1, 3]), max_size=4))
    units = [axis for axis, size in enumerate(shape) if size == 1]
    chosen = draw(st.lists(st.sampled_from(units), unique=True)) if units else []
    dims = [axis - len(shape) if draw(st.booleans()) else axis for axis in chosen]
    return Case("SQUEEZE", (Operand(draw(DTYPES), tuple(shape)),), {"squeeze_dims": dims})


@st.composite
def expand_dims(draw: DrawFn) -> Case:
    shape = draw(shapes())
    axis = number(axis_in(draw, len(shape) + 1), draw(INDICES), constant=draw(CONSTANT))
    return Case("EXPAND_DIMS", (Operand(draw(DTYPES), shape), axis))


@st.composite
def transpose(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 6))
    order = draw(st.permutations(range(len(shape))))
    return Case("TRANSPOSE", (Operand(draw(DTYPES), shape), numbers(order, constant=draw(CONSTANT))))


@st.composite
def pack(draw: DrawFn) -> Case:
    shape, count = draw(shapes(0, 3)), draw(st.integers(1, 4))
    attributes = {"axis": axis_in(draw, len(shape) + 1), "values_count": count}
    return Case("PACK", (Operand(draw(DTYPES), shape),) * count, attributes)


@st.composite
def unpack(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    axis = axis_in(draw, len(shape))
    return Case("UNPACK", (Operand(draw(DTYPES), shape),), {"axis": axis, "num": shape[axis]}, results=shape[axis])


@st.composite
def split(draw: DrawFn) -> Case:
    shape, count = list(draw(shapes(1, 4))), draw(st.integers(1, 3))
    axis = axis_in(draw, len(shape))
    shape[axis] *= count
    place = number(axis, constant=draw(CONSTANT))
    operands = (place, Operand(draw(DTYPES), tuple(shape)))
    return Case("SPLIT", operands, {"num_splits": count}, results=count)


@st.composite
def split_v(draw: DrawFn) -> Case:
    shape = list(draw(shapes(1, 4)))
    axis, sizes = axis_in(draw, len(shape)), draw(st.lists(SIZES, min_size=1, max_size=3))
    shape[axis] = sum(sizes)
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    constant = draw(CONSTANT)
    operands = (
        Operand(draw(DTYPES), tuple(shape)),
        numbers(sizes, draw(INDICES), constant=constant),
        number(axis, constant=constant),
    )
    return Case("SPLIT_V", operands, {"num_splits": len(sizes)}, results=len(sizes))


@st.composite
def concatenation(draw: DrawFn) -> Case:
    shape, dtype = list(draw(shapes(1, 4))), draw(DTYPES)
    axis = axis_in(draw, len(shape))
    parts: list[Operand] = []
    for size in draw(st.lists(SIZES, min_size=1, max_size=4)):
        shape[axis] = size
        parts.append(Operand(dtype, tuple(shape)))
    return Case("CONCATENATION", tuple(parts), {"axis": axis})


@st.composite
def slice_(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 5))
    begin = [draw(st.integers(0, size - 1)) for size in shape]
    size = [draw(st.sampled_from([-1, *range(1, whole - at + 1)])) for whole, at in zip(shape, begin, strict=True)]
    dtype, constant = draw(INDICES), draw(CONSTANT)
    operands = (numbers(begin, dtype, constant=constant), numbers(size, dtype, constant=constant))
    return Case("SLICE", (Operand(draw(DTYPES), shape), *operands))


@st.composite
def strided_slice(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    count = draw(st.integers(1, len(shape)))
    new_axes = draw(st.integers(0, 1)) if len(shape) < 4 else 0
    entries = [
        (draw(st.integers(-3, 3)), draw(st.integers(-4, 5)), draw(st.sampled_from([1, 1, 2, -1, -2])))
        for _ in range(count)
    ]
    shrink = draw(st.integers(0, 2**count - 1)) if draw(st.booleans()) else 0
    for place in range(count):
        if shrink >> place & 1:
            at = draw(st.integers(-shape[place], shape[place] - 1))
            entries[place] = (at, at + 1, 1)
    new_mask = ellipsis = 0
    if new_axes and not shrink:
        entries.insert(0, (0, 1, 1))
        new_mask = 1
    elif draw(st.booleans()) and not shrink:
        ellipsis = 1 << draw(st.integers(0, count - 1))
    masks = {
        "begin_mask": draw(st.integers(0, 2**count - 1)) << new_mask,
        "end_mask": draw(st.integers(0, 2**count - 1)) << new_mask,
        "ellipsis_mask": ellipsis,
        "new_axis_mask": new_mask,
        "shrink_axis_mask": shrink,
    }
    constant = draw(CONSTANT)
    columns = [numbers(column, constant=constant) for column in zip(*entries, strict=True)]
    return Case("STRIDED_SLICE", (Operand(draw(DTYPES), shape), *columns), masks)


@st.composite
def strided_slice_offset(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    begin = [draw(st.integers(0, size - 1)) for size in shape]
    count = [draw(st.integers(1, size - at)) for size, at in zip(shape, begin, strict=True)]
    columns = (numbers(begin), numbers(count), numbers([1] * len(shape)))
    return Case("STRIDED_SLICE", (Operand(draw(DTYPES), shape), *columns), {"offset": True})


@st.composite
def gather(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    axis = draw(st.integers(0, len(shape) - 1))
    batches = draw(st.integers(0, axis))
    places = (*shape[:batches], *draw(shapes(0, 2)))
    values = [draw(st.integers(0, shape[axis] - 1)) for _ in range(prod(places))]
    indices = Operand(draw(INDICES), places, values, constant=draw(CONSTANT))
    written = axis - len(shape) if draw(st.booleans()) else axis
    return Case("GATHER", (Operand(draw(DTYPES), shape), indices), {"axis": written, "batch_dims": batches})


@st.composite
def gather_nd(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    depth, leading = draw(st.integers(1, len(shape))), draw(shapes(0, 2))
    rows = [[draw(st.integers(0, size - 1)) for size in shape[:depth]] for _ in range(prod(leading))]
    indices = Operand(draw(INDICES), (*leading, depth), rows, constant=draw(CONSTANT))
    return Case("GATHER_ND", (Operand(draw(DTYPES), shape), indices))


@st.composite
def scatter_nd(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    depth, leading = draw(st.integers(1, len(shape))), draw(shapes(1, 2))
    rows = [[draw(st.integers(0, size - 1)) for size in shape[:depth]] for _ in range(prod(leading))]
    indices = Operand("i32", (*leading, depth), rows, constant=draw(CONSTANT))
    updates = Operand(draw(DTYPES), (*leading, *shape[depth:]))
    return Case("SCATTER_ND", (indices, updates, numbers(shape, constant=draw(CONSTANT))))


@st.composite
def dynamic_update_slice(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    part = tuple(draw(st.integers(1, size)) for size in shape)
    starts = numbers([draw(st.integers(0, 4)) for _ in shape], draw(INDICES), constant=draw(CONSTANT))
    dtype = draw(DTYPES)
    return Case("DYNAMIC_UPDATE_SLICE", (Operand(dtype, shape), Operand(dtype, part), starts))


@st.composite
def pad(draw: DrawFn, name: str) -> Case:
    shape = draw(shapes(1, 5))
    rows = [(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape]
    dtype = draw(DTYPES)
    value = (Operand(dtype, ()),) if name == "PADV2" else ()
    return Case(name, (Operand(dtype, shape), table(rows, draw(INDICES), constant=draw(CONSTANT)), *value))


@st.composite
def mirror_pad(draw: DrawFn) -> Case:
    shape, mode = draw(shapes(1, 4)), draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    rows = [
        (draw(st.integers(0, size - (mode == "REFLECT"))), draw(st.integers(0, size - (mode == "REFLECT"))))
        for size in shape
    ]
    paddings = table(rows, draw(INDICES), constant=draw(CONSTANT))
    return Case("MIRROR_PAD", (Operand(draw(DTYPES), shape), paddings), {"mode": mode})


@st.composite
def tile(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    times = numbers([draw(st.integers(1, 3)) for _ in shape], draw(INDICES), constant=draw(CONSTANT))
    return Case("TILE", (Operand(draw(DTYPES), shape), times))


@st.composite
def broadcast_to(draw: DrawFn) -> Case:
    whole = draw(shapes(1, 5))
    cut = draw(st.integers(0, len(whole)))
    shape = tuple(draw(st.sampled_from([1, size])) for size in whole[cut:])
    return Case("BROADCAST_TO", (Operand(draw(DTYPES), shape), numbers(whole, draw(INDICES), constant=draw(CONSTANT))))


@st.composite
def broadcast_args(draw: DrawFn) -> Case:
    whole = draw(shapes(1, 4))
    sides = [[draw(st.sampled_from([1, size])) for size in whole[draw(st.integers(0, len(whole) - 1)) :]] for _ in "ab"]
    dtype = draw(INDICES)
    return Case("BROADCAST_ARGS", tuple(numbers(side, dtype, constant=draw(CONSTANT)) for side in sides))


@st.composite
def dilate(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    steps = numbers([draw(st.integers(1, 3)) for _ in shape], constant=draw(CONSTANT))
    return Case("DILATE", (Operand("f32", shape), steps, Operand("f32", ())))


@st.composite
def depth_to_space(draw: DrawFn) -> Case:
    batch, height, width, depth = draw(shapes(4, 4))
    block = draw(st.integers(1, 3))
    return Case("DEPTH_TO_SPACE", (Operand("f32", (batch, height, width, depth * block**2)),), {"block_size": block})


@st.composite
def space_to_depth(draw: DrawFn) -> Case:
    batch, height, width, depth = draw(shapes(4, 4))
    block = draw(st.integers(1, 3))
    image = Operand("f32", (batch, height * block, width * block, depth))
    return Case("SPACE_TO_DEPTH", (image,), {"block_size": block})


@st.composite
def space_to_batch(draw: DrawFn) -> Case:
    batch, *sizes, depth = draw(shapes(3, 4))
    blocks = [draw(st.integers(1, 3)) for _ in sizes]
    rows = [(draw(st.integers(0, 2)), 0) for _ in sizes]
    rows = [(low, -(size + low) % block) for (low, _), size, block in zip(rows, sizes, blocks, strict=True)]
    constant = draw(CONSTANT)
    operands = (numbers(blocks, constant=constant), table(rows, constant=constant))
    return Case("SPACE_TO_BATCH_ND", (Operand("f32", (batch, *sizes, depth)), *operands))


@st.composite
def batch_to_space(draw: DrawFn) -> Case:
    batch, *sizes, depth = draw(shapes(3, 4))
    blocks = [draw(st.integers(1, 3)) for _ in sizes]
    rows = [(draw(st.integers(0, (size * block) // 2)), 0) for size, block in zip(sizes, blocks, strict=True)]
    constant = draw(CONSTANT)
    operands = (numbers(blocks, constant=constant), table(rows, constant=constant))
    return Case("BATCH_TO_SPACE_ND", (Operand("f32", (batch * prod(blocks), *sizes, depth)), *operands))


@st.composite
def reverse_v2(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    axis = draw(st.integers(0, len(shape) - 1))
    return Case("REVERSE_V2", (Operand(draw(DTYPES), shape), numbers([axis], constant=draw(CONSTANT))))


@st.composite
def reverse_sequence(draw: DrawFn) -> Case:
    shape = draw(shapes(2, 4))
    seq, batch = draw(st.permutations(range(len(shape))))[:2]
    lengths = numbers([draw(st.integers(1, shape[seq])) for _ in range(shape[batch])], draw(INDICES), constant=False)
    return Case("REVERSE_SEQUENCE", (Operand("f32", shape), lengths), {"seq_dim": seq, "batch_dim": batch})


@st.composite
def matrix_diag(draw: DrawFn) -> Case:
    return Case("MATRIX_DIAG", (Operand(draw(DTYPES), draw(shapes(1, 3))),))


@st.composite
def matrix_set_diag(draw: DrawFn) -> Case:
    shape, dtype = draw(shapes(2, 4)), draw(DTYPES)
    return Case("MATRIX_SET_DIAG", (Operand(dtype, shape), Operand(dtype, (*shape[:-2], min(shape[-2:])))))


@st.composite
def sparse_to_dense(draw: DrawFn) -> Case:
    shape, count = draw(shapes(1, 3)), draw(st.integers(1, 3))
    rows = sorted({tuple(draw(st.integers(0, size - 1)) for size in shape) for _ in range(count)})
    dtype = draw(st.sampled_from(["f32", "i32", "i8"]))
    indices = Operand("i32", (len(rows), len(shape)), [list(row) for row in rows], constant=draw(CONSTANT))
    operands = (indices, numbers(shape, constant=draw(CONSTANT)), Operand(dtype, (len(rows),)), Operand(dtype, ()))
    return Case("SPARSE_TO_DENSE", operands)


CASES: dict[str, SearchStrategy[Case]] = {
    "RESHAPE": reshape(),
    "SQUEEZE": squeeze(),
    "EXPAND_DIMS": expand_dims(),
    "TRANSPOSE": transpose(),
    "PACK": pack(),
    "UNPACK": unpack(),
    "SPLIT": split(),
    "SPLIT_V": split_v(),
    "CONCATENATION": concatenation(),
    "SLICE": slice_(),
    "STRIDED_SLICE": st.one_of(strided_slice(), strided_slice_offset()),
    "GATHER": gather(),
    "GATHER_ND": gather_nd(),
    "SCATTER_ND": scatter_nd(),
    "DYNAMIC_UPDATE_SLICE": dynamic_update_slice(),
    "PAD": pad("PAD"),
    "PADV2": pad("PADV2"),
    "MIRROR_PAD": mirror_pad(),
    "TILE": tile(),
    "BROADCAST_TO": broadcast_to(),
    "BROADCAST_ARGS": broadcast_args(),
    "DILATE": dilate(),
    "DEPTH_TO_SPACE": depth_to_space(),
    "SPACE_TO_DEPTH": space_to_depth(),
    "SPACE_TO_BATCH_ND": space_to_batch(),
    "BATCH_TO_SPACE_ND": batch_to_space(),
    "REVERSE_V2": reverse_v2(),
    "REVERSE_SEQUENCE": reverse_sequence(),
    "MATRIX_DIAG": matrix_diag(),
    "MATRIX_SET_DIAG": matrix_set_diag(),
    "SPARSE_TO_DENSE": sparse_to_dense(),
}
