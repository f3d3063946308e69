"""Functions of the rules that take operators apart: constants that the language's own expressions cannot say."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import rewriter

if TYPE_CHECKING:
    from collections.abc import Sequence


@rewriter.function
def spread(filters: Any, rows: int, columns: int) -> Any:
    """A filter with zeros between its places.

    Args:
        filters: ``[O, height, width, I]``.
        rows: How far apart its rows are to be.
        columns: The same for columns.

    Returns:
        ``[O, (height - 1) * rows + 1, (width - 1) * columns + 1, I]``.
    """
    import numpy as np

    count, height, width, depth = filters.shape
    made = np.zeros((count, (height - 1) * rows + 1, (width - 1) * columns + 1, depth), filters.dtype)
    made[:, ::rows, ::columns] = filters
    return made


# -- mirrors ----------------------------------------------------------------------------------------------------------


def _padded(paddings: Any) -> list[int]:
    return [axis for axis, widths in enumerate(paddings.tolist()) if any(widths)]


@rewriter.function
def axes_padded(paddings: Any) -> int:
    """Along how many axes paddings ``[rank, 2]`` add something."""
    return len(_padded(paddings))


@rewriter.function
def last_padded(paddings: Any) -> int:
    """The last axis along which paddings ``[rank, 2]`` add something.

    Raises:
        ValueError: There is none.
    """
    axes = _padded(paddings)
    if not axes:
        raise ValueError("nothing is padded")
    return axes[-1]


@rewriter.function
def without_last(paddings: Any) -> Any:
    """Paddings ``[rank, 2]`` that add nothing along the last axis along which these do."""
    made = paddings.copy()
    made[last_padded(paddings)] = 0
    return made


@rewriter.function
def mirrored(shape: Sequence[int], paddings: Any, mode: str) -> Any:
    """The places that MIRROR_PAD takes along the last axis that it pads.

    Args:
        shape: Of what is padded.
        paddings: int32 ``[rank, 2]``.
        mode: ``"REFLECT"``, which leaves the edge out, or ``"SYMMETRIC"``.

    Returns:
        int32, as many as there are places after padding.
    """
    import numpy as np

    axis = last_padded(paddings)
    before, after = (int(width) for width in paddings[axis])
    places = np.arange(shape[axis], dtype=np.int32)
    return np.pad(places, (before, after), mode="reflect" if mode == "REFLECT" else "symmetric")


# -- transpositions of many dimensions --------------------------------------------------------------------------------


def _runs(shape: Sequence[int], permutation: Any) -> list[list[int]]:
    """The dimensions of more than 1, in the order of the result, with those together that stay neighbours."""
    runs: list[list[int]] = []
    kept = [axis for axis in range(len(shape)) if shape[axis] != 1]
    behind = dict(pairwise(kept))
    for axis in (int(each) for each in permutation):
        if shape[axis] == 1:
            continue
        if runs and behind.get(runs[-1][-1]) == axis:
            runs[-1].append(axis)
        else:
            runs.append([axis])
    return runs


@rewriter.function
def lower_shape(shape: Sequence[int], permutation: Any) -> list[int]:
    """The fewest dimensions as which a tensor can be transposed that way; one at least."""
    from math import prod

    sizes = [prod(shape[axis] for axis in run) for run in sorted(_runs(shape, permutation))]
    return sizes or [1]


@rewriter.function
def lower_permutation(shape: Sequence[int], permutation: Any) -> list[int]:
    """The transposition of the dimensions that `lower_shape` gives."""
    runs = _runs(shape, permutation)
    return [sorted(runs).index(run) for run in runs] or [0]


# -- TRANSPOSE_CONV ----------------------------------------------------------------------------------------------------
#
# Along an axis, result s * q + r is the sum over t of x[q - t] * w[s * t + r + p], for a stride s where p places are
# cut off before. For each r that is a convolution with every s-th place of the filter, turned around.


def _steps(size: int, kernel: int, stride: int, results: int) -> tuple[int, int, int]:
    """What is cut off before, and the smallest and the largest t."""
    cut = max((size - 1) * stride + kernel - results, 0) // 2
    return cut, -((stride - 1 + cut) // stride), (kernel - 1 - cut) // stride


@rewriter.function
def transposed_paddings(sizes: Sequence[int], kernel: Sequence[int], stride: int, results: Sequence[int]) -> Any:
    """Zeros around an image ``[n, h, w, c]`` of which a convolution gives blocks of a TRANSPOSE_CONV's results.

    Args:
        sizes: Height and width of the image.
        kernel: Of the filter.
        stride: Of TRANSPOSE_CONV, along both axes.
        results: Of its result.

    Returns:
        int32 ``[4, 2]``.

    Raises:
        ValueError: Nothing of the filter is left, or less than the image is read.
    """
    import numpy as np

    made = np.zeros((4, 2), np.int32)
    for axis in range(2):
        _, least, most = _steps(sizes[axis], kernel[axis], stride, results[axis])
        made[axis + 1] = most, -(-results[axis] // stride) - sizes[axis] - least
    if (made < 0).any():
        raise ValueError("the filter does not reach the image's edges")
    return made


@rewriter.function
def transposed_filters(filters: Any, sizes: Sequence[int], stride: int, results: Sequence[int]) -> Any:
    """Filters of a convolution that gives blocks of a TRANSPOSE_CONV's results as channels.

    Args:
        filters: ``[O, height, width, I]``.
        sizes: Height and width of the image.
        stride: Of TRANSPOSE_CONV, along both axes.
        results: Height and width of its result.

    Returns:
        ``[stride * stride * O, ...]``: for each place of a block, row by row, all filters.
    """
    import numpy as np

    count, *kernel, depth = filters.shape
    steps = [_steps(sizes[axis], kernel[axis], stride, results[axis]) for axis in range(2)]
    (top, first, last), (left, low, high) = steps
    made = np.zeros((stride, stride, count, last - first + 1, high - low + 1, depth), filters.dtype)
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            down, r = divmod(row - top, stride)
            along, c = divmod(column - left, stride)
            made[r, c, :, last - down, high - along] = filters[:, row, column]
    return made.reshape(-1, *made.shape[3:])
