"""Shape functions of StableHLO's operators; `shapes` says how they are called.

Source: the StableHLO specification, and the shape conditions of LiteRT's kernels for those that it runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.dialect.reductions import windows_in
from rewriter.dialect.shapes import axis_of, merged, merged_shapes, paired, same_dtype
from rewriter.dialect.types import Dimensions, TensorType

_NO: Sequence[int] = ()


def compare(lhs: TensorType, rhs: TensorType, **_: object) -> TensorType:
    """COMPARE: booleans.

    Raises:
        ValueError: Types or shapes differ.
    """
    return TensorType("bool", paired(lhs, rhs).shape)


def select(pred: TensorType, on_true: TensorType, on_false: TensorType, **_: object) -> TensorType:
    """SELECT: of the two values' type; the predicate has their shape, or is one boolean.

    Raises:
        ValueError: It is not so.
    """
    found = paired(on_true, on_false)
    return found if pred.rank == 0 else TensorType(found.dtype, merged_shapes(pred.shape, found.shape))


def clamp(minimum: TensorType, operand: TensorType, maximum: TensorType, **_: object) -> TensorType:
    """CLAMP: the operand; a bound has its shape, or is one number.

    Raises:
        ValueError: It is not so.
    """
    for bound in (minimum, maximum):
        if bound.rank:
            merged_shapes(bound.shape, operand.shape)
    return TensorType(same_dtype(minimum, operand, maximum), operand.shape)


def concatenate(*inputs: TensorType, dimension: int, **_: object) -> TensorType:
    """CONCATENATE: sizes add up along the dimension, and are the same elsewhere.

    Raises:
        ValueError: They are not.
    """
    from rewriter.dialect.movements import concatenation

    return concatenation(*inputs, axis=dimension)


def slice_(
    operand: TensorType,
    *,
    start_indices: Sequence[int] = _NO,
    limit_indices: Sequence[int] = _NO,
    strides: Sequence[int] = _NO,
    **_: object,
) -> TensorType:
    """SLICE: every stride-th place from start to limit.

    Raises:
        ValueError: They leave the operand, or there is not one for each dimension.
    """
    _each(operand.rank, start_indices, limit_indices, strides)
    sizes: list[int] = []
    for size, start, limit, stride in zip(operand.shape, start_indices, limit_indices, strides, strict=True):
        if not 0 <= start <= limit or stride < 1 or (size is not None and limit > size):
            raise ValueError(f"{start}:{limit}:{stride} of {size}")
        sizes.append(-((start - limit) // stride))
    return TensorType(operand.dtype, sizes)


def dynamic_slice(
    operand: TensorType, *start_indices: TensorType, slice_sizes: Sequence[int] = _NO, **_: object
) -> TensorType:
    """DYNAMIC_SLICE: of the sizes that an attribute says.

    Raises:
        ValueError: They are larger than the operand, or there is not one for each dimension.
    """
    _each(operand.rank, slice_sizes, start_indices)
    _inside(operand.shape, slice_sizes)
    return TensorType(operand.dtype, slice_sizes)


def dynamic_update_slice(
    operand: TensorType, update: TensorType, *start_indices: TensorType, **_: object
) -> TensorType:
    """DYNAMIC_UPDATE_SLICE: the operand, in which the update overwrites a part.

    Raises:
        ValueError: The update is larger.
    """
    _each(operand.rank, update.shape, start_indices)
    _inside(operand.shape, update.shape)
    return TensorType(same_dtype(operand, update), operand.shape)


def transpose(operand: TensorType, *, permutation: Sequence[int] = _NO, **_: object) -> TensorType:
    """TRANSPOSE: dimension i of the result is dimension permutation[i] of the operand.

    Raises:
        ValueError: It is no permutation.
    """
    if sorted(permutation) != list(range(operand.rank)):
        raise ValueError(f"{list(permutation)} is no permutation of {operand.rank} dimensions")
    return TensorType(operand.dtype, (operand.shape[place] for place in permutation))


def pad(
    operand: TensorType,
    padding_value: TensorType,
    *,
    edge_padding_low: Sequence[int] = _NO,
    edge_padding_high: Sequence[int] = _NO,
    interior_padding: Sequence[int] = _NO,
    **_: object,
) -> TensorType:
    """PAD: so many before, behind, and between neighbours; negative edges cut off.

    Raises:
        ValueError: More is cut off than there is, or there is not one number for each dimension.
    """
    _each(operand.rank, edge_padding_low, edge_padding_high, interior_padding)
    sizes: list[int | None] = []
    for size, low, high, between in zip(
        operand.shape, edge_padding_low, edge_padding_high, interior_padding, strict=True
    ):
        if between < 0:
            raise ValueError(f"{between} places between neighbours")
        # The runtime gives an empty result where more is cut off than there is.
        padded = None if size is None else max(0, low + high + size + between * max(size - 1, 0))
        sizes.append(padded)
    return TensorType(same_dtype(operand, padding_value), sizes)


def dot_general(
    lhs: TensorType,
    rhs: TensorType,
    *,
    lhs_batching_dimensions: Sequence[int] = _NO,
    rhs_batching_dimensions: Sequence[int] = _NO,
    lhs_contracting_dimensions: Sequence[int] = _NO,
    rhs_contracting_dimensions: Sequence[int] = _NO,
    **_: object,
) -> TensorType:
    """DOT_GENERAL: batching dimensions, then what is left of the left side, then of the right.

    Raises:
        ValueError: Paired dimensions differ in size.
    """
    for pairs in (
        (lhs_batching_dimensions, rhs_batching_dimensions),
        (lhs_contracting_dimensions, rhs_contracting_dimensions),
    ):
        for one, other in zip(*pairs, strict=True):
            merged(
                lhs.shape[axis_of(one, lhs.rank)],
                rhs.shape[axis_of(other, rhs.rank)],
                f"{lhs} and {rhs} do not multiply",
            )
    left = {*lhs_batching_dimensions, *lhs_contracting_dimensions}
    right = {*rhs_batching_dimensions, *rhs_contracting_dimensions}
    return TensorType(
        same_dtype(lhs, rhs),
        (
            *(lhs.shape[axis] for axis in lhs_batching_dimensions),
            *(size for axis, size in enumerate(lhs.shape) if axis not in left),
            *(size for axis, size in enumerate(rhs.shape) if axis not in right),
        ),
    )


def convolution(
    lhs: TensorType,
    rhs: TensorType,
    *,
    window_strides: Sequence[int] = _NO,
    padding: Sequence[int] = _NO,
    lhs_dilation: Sequence[int] = _NO,
    rhs_dilation: Sequence[int] = _NO,
    input_batch_dimension: int,
    input_feature_dimension: int,
    input_spatial_dimensions: Sequence[int] = _NO,
    kernel_input_feature_dimension: int,
    kernel_output_feature_dimension: int,
    kernel_spatial_dimensions: Sequence[int] = _NO,
    output_batch_dimension: int,
    output_feature_dimension: int,
    output_spatial_dimensions: Sequence[int] = _NO,
    feature_group_count: int,
    batch_group_count: int,
    **_: object,
) -> TensorType:
    """CONVOLUTION: as CONV_2D, with every dimension where the attributes say; absent lists are ones and zeros.

    Raises:
        ValueError: Features and groups do not go together.
    """
    spatial = len(input_spatial_dimensions)
    ones = [1] * spatial
    strides, spread, dilated = window_strides or ones, lhs_dilation or ones, rhs_dilation or ones
    edges = padding or [0] * (2 * spatial)
    features, in_features = lhs.shape[input_feature_dimension], rhs.shape[kernel_input_feature_dimension]
    if features is not None and in_features is not None and in_features * feature_group_count != features:
        raise ValueError(f"{features} features, {in_features} of the kernel in {feature_group_count} groups")
    batch = lhs.shape[input_batch_dimension]
    sizes: list[int | None] = [None] * lhs.rank
    sizes[output_batch_dimension] = None if batch is None else batch // batch_group_count
    sizes[output_feature_dimension] = rhs.shape[kernel_output_feature_dimension]
    for place, axis in enumerate(output_spatial_dimensions):
        size = lhs.shape[input_spatial_dimensions[place]]
        window = rhs.shape[kernel_spatial_dimensions[place]]
        if size is None or window is None:
            continue
        wide = (size - 1) * spread[place] + 1 if size else 0
        whole = wide + edges[2 * place] + edges[2 * place + 1]
        sizes[axis] = windows_in(whole, window, strides[place], dilated[place])
    return TensorType(same_dtype(lhs, rhs), sizes)


def gather(
    operand: TensorType,
    start_indices: TensorType,
    *,
    offset_dims: Sequence[int] = _NO,
    collapsed_slice_dims: Sequence[int] = _NO,
    start_index_map: Sequence[int] = _NO,
    index_vector_dim: int,
    slice_sizes: Sequence[int] = _NO,
    **_: object,
) -> TensorType:
    """GATHER: slices of the operand, their sizes at `offset_dims`, the indices' own dimensions between them.

    Raises:
        ValueError: The slices are larger than the operand, or the dimensions do not add up.
    """
    _each(operand.rank, slice_sizes)
    _inside(operand.shape, slice_sizes)
    batches = [size for axis, size in enumerate(start_indices.shape) if axis != index_vector_dim]
    offsets = [size for axis, size in enumerate(slice_sizes) if axis not in collapsed_slice_dims]
    rank = len(batches) + len(offsets)
    if len(offsets) != len(offset_dims) or any(not 0 <= axis < rank for axis in offset_dims):
        raise ValueError(f"offset_dims {list(offset_dims)} do not go with slices {list(slice_sizes)}")
    sizes = [offsets.pop(0) if axis in offset_dims else batches.pop(0) for axis in range(rank)]
    return TensorType(operand.dtype, sizes)


def reduce(*operands: TensorType, dimensions: Sequence[int] = _NO, **_: object) -> tuple[TensorType, ...]:
    """REDUCE: the first half of the operands without the dimensions; the other half are the initial values.

    Raises:
        ValueError: There is no such dimension, or no initial value for each.
    """
    inputs = _halves(operands)
    return tuple(
        TensorType(
            each.dtype,
            (
                size
                for axis, size in enumerate(each.shape)
                if axis not in {axis_of(gone, each.rank) for gone in dimensions}
            ),
        )
        for each in inputs
    )


def reduce_window(
    *operands: TensorType,
    window_dimensions: Sequence[int] = _NO,
    window_strides: Sequence[int] = _NO,
    base_dilations: Sequence[int] = _NO,
    window_dilations: Sequence[int] = _NO,
    padding: Sequence[int] = _NO,
    **_: object,
) -> tuple[TensorType, ...]:
    """REDUCE_WINDOW: in each dimension as many windows as fit; absent lists are ones and zeros.

    Raises:
        ValueError: There is not one number for each dimension.
    """
    return tuple(
        TensorType(
            each.dtype,
            _windows(each.shape, window_dimensions, window_strides, base_dilations, window_dilations, padding),
        )
        for each in _halves(operands)
    )


def _windows(
    shape: Dimensions,
    windows: Sequence[int],
    strides: Sequence[int],
    spread: Sequence[int],
    dilated: Sequence[int],
    edges: Sequence[int],
) -> list[int | None]:
    ones = [1] * len(shape)
    strides, spread, dilated = strides or ones, spread or ones, dilated or ones
    edges = edges or [0] * (2 * len(shape))
    _each(len(shape), windows, strides, spread, dilated)
    _each(2 * len(shape), edges)
    sizes: list[int | None] = []
    for axis, size in enumerate(shape):
        if size is None:
            sizes.append(None)
            continue
        whole = (size - 1) * spread[axis] + 1 if size else 0
        whole += edges[2 * axis] + edges[2 * axis + 1]
        sizes.append(windows_in(whole, windows[axis], strides[axis], dilated[axis]))
    return sizes


def scatter(*operands: TensorType, **_: object) -> tuple[TensorType, ...]:
    """SCATTER: the inputs, in which updates change some places. The operands are inputs, indices, and updates.

    Raises:
        ValueError: There is not one update for each input.
    """
    count = len(operands) // 2
    if len(operands) != 2 * count + 1 or not count:
        raise ValueError(f"inputs, indices and as many updates are needed, not {len(operands)} operands")
    return tuple(TensorType(each.dtype, each.shape) for each in operands[:count])


def sort(*inputs: TensorType, **_: object) -> tuple[TensorType, ...]:
    """SORT: the operands, in another order."""
    return tuple(TensorType(each.dtype, each.shape) for each in inputs)


def random_bits(initial_state: TensorType, **_: object) -> tuple[TensorType, None]:
    """RNG_BIT_GENERATOR: the next state; how many bits are wanted, only the result's tensor says."""
    return TensorType(initial_state.dtype, initial_state.shape), None


def _halves(operands: Sequence[TensorType]) -> Sequence[TensorType]:
    if not operands or len(operands) % 2:
        raise ValueError(f"as many initial values as inputs are needed, not {len(operands)} operands")
    for each in operands[len(operands) // 2 :]:
        if each.rank:
            raise ValueError(f"an initial value is a scalar, not {each}")
    return operands[: len(operands) // 2]


def _each(count: int, *lists: Sequence[object]) -> None:
    for each in lists:
        if len(each) != count:
            raise ValueError(f"{count} values are needed, not {len(each)}")


def _inside(shape: Dimensions, sizes: Sequence[int | None]) -> None:
    for whole, size in zip(shape, sizes, strict=True):
        if size is not None and (size < 0 or (whole is not None and size > whole)):
            raise ValueError(f"{list(sizes)} is larger than {list(shape)}")
