"""Shape functions: what an operator's results are, from its operands and attributes.

Here are those of operators that work element by element or make tensors from numbers, and what all families share.

Each takes the operands in logical order as `TensorType`s (None for an absent one), variadic ones one by one, and the
attributes it needs by name. It gives a `TensorType`, a tuple of them where the operator has several results, or None
for a result of which nothing can be said beforehand. Sizes that only a run tells are None. A ValueError says why the
runtime would refuse the operands.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels, which
tests/dialect/ holds every function to.
"""

from __future__ import annotations

from rewriter.dialect.types import Dimensions, TensorType
from rewriter.model import DTYPES

_DTYPE_OF_WORD = {word: name for name, (word, _) in DTYPES.items()}


# -- what the families share ------------------------------------------------------------------------------------------


def text(shape: Dimensions) -> str:
    """A shape for a message; an open dimension is `?`."""
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def product(sizes: Dimensions) -> int | None:
    """How many elements; None where an open dimension leaves it open."""
    total: int | None = 1
    for size in sizes:
        if size == 0:
            return 0
        total = None if total is None or size is None else total * size
    return total


def axis_of(axis: int, rank: int, what: str = "axis") -> int:
    """An axis counted from the front.

    Raises:
        ValueError: There is no such axis.
    """
    if not -rank <= axis < rank:
        raise ValueError(f"{what} {axis} is not one of {rank}")
    return axis % rank


def constant(operand: TensorType | None) -> tuple[int, ...] | None:
    """The values of a small constant of integers; None where they are not known."""
    return None if operand is None or operand.values is None else tuple(operand.values())


def scalar(operand: TensorType | None) -> int | None:
    """The value of a constant that holds one integer; None where it is not known.

    Raises:
        ValueError: It does not hold one.
    """
    values = constant(operand)
    if values is None:
        return None
    if len(values) != 1:
        raise ValueError(f"a single number is needed, not {len(values)}")
    return values[0]


def length(operand: TensorType, what: str) -> int | None:
    """How many values a list holds; None where its size is open.

    Raises:
        ValueError: It is no list.
    """
    if operand.rank != 1:
        raise ValueError(f"{what} has to be a list, not {operand}")
    return operand.shape[0]


def listed(operand: TensorType, count: int, what: str) -> tuple[int, ...] | None:
    """The values of a list that holds this many; None where they are not known.

    Raises:
        ValueError: It is no list, or holds another number.
    """
    size = length(operand, what)
    if size is not None and size != count:
        raise ValueError(f"{what} has to hold {count} values, not {size}")
    return constant(operand)


def unknown(dtype: str, rank: int) -> TensorType:
    """A result of which the rank is known, and no size."""
    return TensorType(dtype, (None,) * rank)


def dtype_of_word(word: str) -> str:
    """The language's word for an element type of the schema: `f32` for FLOAT32."""
    return _DTYPE_OF_WORD.get(word, word.lower())


def ranked(operand: TensorType, rank: int, what: str) -> Dimensions:
    """The sizes of an operand that has to have this many.

    Raises:
        ValueError: It has another number.
    """
    if operand.rank != rank:
        number = {1: "one dimension", 2: "two dimensions", 3: "three dimensions", 4: "four dimensions"}.get(
            rank, str(rank)
        )
        raise ValueError(f"{what} needs {number}, not {operand}")
    return operand.shape


def merged(one: int | None, other: int | None, what: str) -> int | None:
    """Two sizes that have to be the same.

    Raises:
        ValueError: They are not.
    """
    if one is not None and other is not None and one != other:
        raise ValueError(f"{what}: {one} and {other}")
    return other if one is None else one


def merged_shapes(one: Dimensions, other: Dimensions) -> Dimensions:
    """Two shapes that have to be the same; what one leaves open, the other fixes.

    Raises:
        ValueError: They are not.
    """
    if len(one) != len(other):
        raise ValueError(f"shapes {text(one)} and {text(other)} differ")
    message = f"shapes {text(one)} and {text(other)} differ"
    return tuple(merged(a, b, message) for a, b in zip(one, other, strict=True))


def same_dtype(*operands: TensorType | None) -> str:
    """The element type that all operands have.

    Raises:
        ValueError: They have different ones.
    """
    known = [each for each in operands if each is not None]
    for other in known[1:]:
        if other.dtype != known[0].dtype:
            raise ValueError(f"operands of different types: {known[0]} and {other}")
    return known[0].dtype


# -- element by element -----------------------------------------------------------------------------------------------


def same(input: TensorType, *_: TensorType | None, **__: object) -> TensorType:
    """The result is like the only operand that counts."""
    return _like(input)


def first(input: TensorType, *_: TensorType | None, **__: object) -> TensorType:
    """The result is like the first operand; the others say how, not what."""
    return _like(input)


def _like(operand: TensorType) -> TensorType:
    # Not made anew where it need not be: who asks what always holds hands over shapes of unknown rank.
    return operand if operand.values is None else TensorType(operand.dtype, operand.shape)


def broadcast(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """Two operands of one element type, broadcast against each other as NumPy does.

    Raises:
        ValueError: The element types differ, or a dimension has two sizes of which neither is 1.
    """
    return TensorType(same_dtype(lhs, rhs), broadcast_shapes(lhs.shape, rhs.shape))


def broadcast_shapes(one: Dimensions, other: Dimensions) -> Dimensions:
    """The shape that two shapes broadcast to; an open dimension stays open unless the other side fixes it."""
    rank = max(len(one), len(other))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in (one, other)]
    sizes: list[int | None] = []
    for a, b in zip(*padded, strict=True):
        if a == b or b == 1:
            sizes.append(a)
        elif a == 1 or (a is None and b is not None):
            sizes.append(b)
        elif b is None:
            sizes.append(a)
        else:
            raise ValueError(f"shapes {text(one)} and {text(other)} do not broadcast")
    return tuple(sizes)


def paired(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """Two operands of one element type and shape.

    Raises:
        ValueError: They differ.
    """
    return TensorType(same_dtype(lhs, rhs), merged_shapes(lhs.shape, rhs.shape))


def compared(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """A comparison: booleans of the broadcast shape."""
    return TensorType("bool", broadcast(lhs, rhs).shape)


def prelu(input: TensorType, alpha: TensorType, **_: object) -> TensorType:
    """PRELU: the input's shape; alpha broadcasts to it, and not the other way round.

    Raises:
        ValueError: Alpha is larger than the input in some dimension.
    """
    found = broadcast(input, alpha)
    if found.rank != input.rank or any(
        size is not None and wanted is not None and size != wanted
        for size, wanted in zip(found.shape, input.shape, strict=True)
    ):
        raise ValueError(f"alpha {alpha} is larger than the input {input}")
    return TensorType(input.dtype, input.shape)


def add_n(*inputs: TensorType, **_: object) -> TensorType:
    """ADD_N: operands of one type and shape.

    Raises:
        ValueError: They differ, or there are fewer than two.
    """
    if len(inputs) < 2:
        raise ValueError("at least two operands are needed")
    shape = inputs[0].shape
    for each in inputs[1:]:
        shape = merged_shapes(shape, each.shape)
    return TensorType(same_dtype(*inputs), shape)


def magnitude(input: TensorType, **_: object) -> TensorType:
    """REAL, IMAG, COMPLEX_ABS: a real number of the half width for each complex one.

    Raises:
        ValueError: The operand is not complex.
    """
    if input.dtype not in ("c64", "c128"):
        raise ValueError(f"complex numbers are needed, not {input}")
    return TensorType("f32" if input.dtype == "c64" else "f64", input.shape)


def dequantized(input: TensorType, **_: object) -> TensorType:
    """DEQUANTIZE: the real values, in single precision."""
    return TensorType("f32", input.shape)


def indexed(input: TensorType, **_: object) -> TensorType:
    """BUCKETIZE: an i32 for each element."""
    return TensorType("i32", input.shape)


def converted(input: TensorType, *, in_data_type: str, out_data_type: str, **_: object) -> TensorType | None:
    """CAST: what `out_data_type` says.

    Files often come without the two attributes, and the kernel reads the type off the result's tensor. Then both are
    FLOAT32, their default, and say nothing.
    """
    if dtype_of_word(in_data_type) != input.dtype or in_data_type == out_data_type:
        return None
    return TensorType(dtype_of_word(out_data_type), input.shape)


def select(condition: TensorType, on_true: TensorType, on_false: TensorType, **_: object) -> TensorType:
    """SELECT: two operands of one type and shape; the condition has that shape, or is one boolean, or one for each row.

    Raises:
        ValueError: It is not so.
    """
    dtype = same_dtype(on_true, on_false)
    shape = merged_shapes(on_true.shape, on_false.shape)
    if condition.dtype != "bool":
        raise ValueError(f"the condition has to be bool, not {condition}")
    if condition.rank == 0:
        return TensorType(dtype, shape)
    if condition.rank == 1 and shape and len(shape) != 1:
        merged(
            condition.shape[0], shape[0], f"the condition {condition} has not one value for each row of {text(shape)}"
        )
        return TensorType(dtype, shape)
    return TensorType(dtype, merged_shapes(shape, condition.shape))


def select_v2(condition: TensorType, on_true: TensorType, on_false: TensorType, **_: object) -> TensorType:
    """SELECT_V2: all three broadcast against each other.

    Raises:
        ValueError: They do not, or the two values have different types.
    """
    if condition.dtype != "bool":
        raise ValueError(f"the condition has to be bool, not {condition}")
    shape = broadcast_shapes(condition.shape, broadcast_shapes(on_true.shape, on_false.shape))
    return TensorType(same_dtype(on_true, on_false), shape)


# -- made from numbers ------------------------------------------------------------------------------------------------


def shaped(dtype: str, shape: TensorType) -> TensorType | None:
    """A result whose shape is the value of an operand.

    Raises:
        ValueError: The operand is no list of sizes.
    """
    rank = length(shape, "shape")
    sizes = constant(shape)
    if sizes is None:
        return None if rank is None else unknown(dtype, rank)
    if any(size < 0 for size in sizes):
        raise ValueError(f"there is no shape {list(sizes)}")
    return TensorType(dtype, sizes)


def fill(dims: TensorType, value: TensorType, **_: object) -> TensorType | None:
    """FILL: of the shape that the operand `dims` holds.

    Raises:
        ValueError: `dims` is no list of sizes, or the value is no scalar.
    """
    if value.rank != 0:
        raise ValueError(f"a single value is needed, not {value}")
    return shaped(value.dtype, dims)


def random(shape: TensorType, **_: object) -> TensorType | None:
    """RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL: f32 of the shape that the operand holds."""
    return shaped("f32", shape)


def shape_of(input: TensorType, *, out_type: str, **_: object) -> TensorType:
    """SHAPE: one number for each dimension, i32 or i64.

    Raises:
        ValueError: `out_type` is another type.
    """
    if out_type not in ("INT32", "INT64"):
        raise ValueError(f"out_type can be INT32 or INT64, not {out_type}")
    return TensorType(dtype_of_word(out_type), (input.rank,))


def rank_of(_: TensorType, **__: object) -> TensorType:
    """RANK: one i32."""
    return TensorType("i32", ())


def counted(start: TensorType, limit: TensorType, delta: TensorType, **_: object) -> TensorType:
    """RANGE: ceil((limit - start) / delta) numbers; how many floats there are, only a run tells.

    Raises:
        ValueError: An operand is no scalar, they differ in type, or delta leads away from the limit.
    """
    dtype = same_dtype(start, limit, delta)
    for each in (start, limit, delta):
        ranked_scalar(each)
    one, end, step = scalar(start), scalar(limit), scalar(delta)
    if one is None or end is None or step is None:
        return unknown(dtype, 1)
    if step == 0 or (end - one) * step < 0:
        raise ValueError(f"{step} does not lead from {one} to {end}")
    return TensorType(dtype, (-((one - end) // step),))


def ranked_scalar(operand: TensorType) -> None:
    """Refuse what is no scalar.

    Raises:
        ValueError: It is none.
    """
    if operand.rank != 0:
        raise ValueError(f"a single value is needed, not {operand}")


def one_hot(
    indices: TensorType, depth: TensorType, on_value: TensorType, off_value: TensorType, *, axis: int, **_: object
) -> TensorType:
    """ONE_HOT: the indices' shape with `depth` put in at `axis`.

    Raises:
        ValueError: There is no such axis, or the two values have different types.
    """
    place = indices.rank if axis == -1 else axis
    if not 0 <= place <= indices.rank:
        raise ValueError(f"axis {axis} is not one of {indices.rank + 1}")
    if depth.dtype != "i32":
        raise ValueError(f"depth has to be i32, not {depth}")
    shape = (*indices.shape[:place], scalar(depth), *indices.shape[place:])
    return TensorType(same_dtype(on_value, off_value), shape)


def arg(input: TensorType, axis: TensorType, *, output_type: str, **_: object) -> TensorType:
    """ARG_MAX, ARG_MIN: the input's shape without the axis, i32 or i64.

    Raises:
        ValueError: There is no such axis, or `output_type` is another type.
    """
    if output_type not in ("INT32", "INT64"):
        raise ValueError(f"output_type can be INT32 or INT64, not {output_type}")
    dtype, number = dtype_of_word(output_type), scalar(axis)
    if number is None:
        return unknown(dtype, max(input.rank - 1, 0))
    place = axis_of(number, input.rank)
    return TensorType(dtype, input.shape[:place] + input.shape[place + 1 :])


def top_k(input: TensorType, count: TensorType, **_: object) -> tuple[TensorType, TensorType]:
    """TOPK_V2: the k largest of each row of the last dimension, and their places.

    Raises:
        ValueError: The input is a scalar, or has fewer in its last dimension.
    """
    if not input.rank:
        raise ValueError("the input needs a dimension")
    number, last = scalar(count), input.shape[-1]
    if number is not None and (number < 0 or (last is not None and number > last)):
        raise ValueError(f"there are no {number} largest of {last}")
    shape = (*input.shape[:-1], number)
    return TensorType(input.dtype, shape), TensorType("i32", shape)


def unique(input: TensorType, *, idx_out_type: str, **_: object) -> tuple[TensorType, TensorType]:
    """UNIQUE: the different values of a list, as many as a run finds, and where each element's stands among them.

    Raises:
        ValueError: The input is no list.
    """
    length(input, "the input")
    return unknown(input.dtype, 1), TensorType(dtype_of_word(idx_out_type), input.shape)


def where(condition: TensorType, **_: object) -> TensorType:
    """WHERE: a row of indices for each element that is not zero; how many, only a run tells."""
    return TensorType("i64", (None, condition.rank))


def non_max_suppression(
    boxes: TensorType,
    scores: TensorType,
    max_output_size: TensorType,
    iou_threshold: TensorType,
    score_threshold: TensorType,
    soft_nms_sigma: TensorType | None = None,
    **_: object,
) -> tuple[TensorType, ...]:
    """NON_MAX_SUPPRESSION_V4 and V5: `max_output_size` chosen boxes, with V5 their scores, and how many count.

    Raises:
        ValueError: boxes are not `[n, 4]`, or scores not `[n]`.
    """
    count, corners = ranked(boxes, 2, "boxes")
    merged(corners, 4, f"boxes have four coordinates, not {boxes}")
    merged(count, length(scores, "scores"), f"boxes {boxes} and scores {scores} do not go together")
    limit = scalar(max_output_size)
    if limit is not None and limit < 0:
        raise ValueError(f"max_output_size cannot be {limit}")
    scored = (TensorType("f32", (limit,)),) if soft_nms_sigma is not None else ()
    return TensorType("i32", (limit,)), *scored, TensorType("i32", ())
