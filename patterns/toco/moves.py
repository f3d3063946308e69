"""What rules that move elements ask about shapes and places: all of it known from shapes and constants."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from rewriter.packs import function

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_MOST_ELEMENTS = 1 << 20
"""Of a tensor whose elements are followed one by one."""


@function
def order_is_kept(shape: Sequence[int | None], permutation: Sequence[int]) -> bool:
    """Whether a transposition changes the order of no dimensions but those of 1: it moves no element then.

    Args:
        shape: Of the tensor; None for an open dimension, which may be more than 1.
        permutation: For each dimension of the result which one of the tensor it is.
    """
    kept = [int(axis) for axis in permutation if shape[int(axis)] != 1]
    return kept == sorted(kept)


@function
def stays_in_place(shape: Sequence[int], first: Sequence[int], middle: Sequence[int], second: Sequence[int]) -> bool:
    """Whether a transposition, a reshape to `middle` and another transposition together move no element.

    Raises:
        ValueError: A dimension is open, or there are too many elements to follow.
    """
    import numpy as np

    sizes = _known(shape)
    if prod(sizes) > _MOST_ELEMENTS:
        raise ValueError("these are too many elements to follow each of them")
    places = np.arange(prod(sizes))
    moved = places.reshape(sizes).transpose([int(axis) for axis in first])
    moved = moved.reshape(_known(middle)).transpose([int(axis) for axis in second])
    return bool((moved.reshape(-1) == places).all())


@function
def block_begin(indices: Any) -> list[int]:
    """Where the block of places begins that GATHER_ND's or SCATTER_ND's indices go through one by one, in order.

    Args:
        indices: Of shape `[..., n]`, places in the first n dimensions of a tensor. The last but one of the sizes are
            those of the block.

    Raises:
        ValueError: They go through no block, or not in order.
    """
    import numpy as np

    places = np.asarray(indices)
    if not places.size or places.ndim not in (1, places.shape[-1] + 1):
        raise ValueError("these are not the places of a block")
    begin = places.reshape(-1, places.shape[-1])[0]
    if places.ndim > 1:
        steps = np.stack(np.meshgrid(*map(np.arange, places.shape[:-1]), indexing="ij"), axis=-1)
        if not (places == begin + steps).all():
            raise ValueError("these are not the places of a block, in order")
    return [int(each) for each in begin]


@function
def slice_begin(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    begin_mask: int,
    end_mask: int,
    shrink_axis_mask: int,
) -> list[int]:
    """Where a STRIDED_SLICE in steps of 1 begins in each dimension.

    Raises:
        ValueError: A dimension is open, or the slice is empty.
    """
    return [start for start, _ in _extents(shape, begin, end, begin_mask, end_mask, shrink_axis_mask)]


@function
def slice_size(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    begin_mask: int,
    end_mask: int,
    shrink_axis_mask: int,
) -> list[int]:
    """How much a STRIDED_SLICE in steps of 1 takes of each dimension; 1 of those that it drops.

    Raises:
        ValueError: A dimension is open, or the slice is empty.
    """
    return [stop - start for start, stop in _extents(shape, begin, end, begin_mask, end_mask, shrink_axis_mask)]


def _extents(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    begin_mask: int,
    end_mask: int,
    shrink_axis_mask: int,
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for axis, size in enumerate(_known(shape)):
        start, stop = 0, size
        bit = 1 << axis
        if axis < len(begin) and not begin_mask & bit:
            start = _inside(int(begin[axis]), size)
        if axis < len(end) and not end_mask & bit:
            stop = _inside(int(end[axis]), size)
        if shrink_axis_mask & bit:
            if begin_mask & bit:
                raise ValueError("a dimension is dropped whose place is not given")
            stop = start + 1
        if not start < stop <= size:
            raise ValueError("the slice is empty")
        found.append((start, stop))
    return found


def _inside(place: int, size: int) -> int:
    """A place counted from the end where it is negative, and not beyond either end."""
    return min(max(place + size if place < 0 else place, 0), size)


@function
def without_common_ones(shape: Sequence[int], other: Sequence[int]) -> list[int]:
    """A shape without those dimensions of 1 that another shape has at the same place, counted from the last one.

    Raises:
        ValueError: A dimension is open.
    """
    sizes, others = _known(shape), _known(other)
    found: list[int] = []
    for place, size in zip(range(-len(sizes), 0), sizes, strict=True):
        beside = others[place] if -place <= len(others) else 1
        if size != 1 or beside != 1:
            found.append(size)
    return found


def _known(shape: Sequence[int | None]) -> list[int]:
    sizes = [int(size) for size in shape if size is not None]
    if len(sizes) < len(shape):
        raise ValueError("a dimension is open")
    return sizes
