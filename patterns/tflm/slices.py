"""Where a STRIDED_SLICE with steps of 1 begins and how far it goes, once its masks are resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rewriter


def _resolved(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    begin_mask: int,
    end_mask: int,
    ellipsis_mask: int,
    new_axis_mask: int,
    shrink_axis_mask: int,
) -> list[tuple[int, int]]:
    """For each dimension of the input the first place and how many there are.

    Args:
        shape: The input's sizes.
        begin: Where each entry begins; a negative place counts from the end.
        end: Where each entry ends, likewise.
        begin_mask: Bit i says that entry i begins at the first place, whatever `begin` says.
        end_mask: Bit i says that entry i goes to the end, whatever `end` says.
        ellipsis_mask: Bit i says that entry i stands for all dimensions that no other entry speaks of.
        new_axis_mask: Bit i says that entry i is a new dimension of the result, and none of the input.
        shrink_axis_mask: Bit i says that entry i is a single place.

    Source:
        LiteRT's kernel of STRIDED_SLICE, and numpy's indexing, which it follows.
    """
    count = len(begin)
    ellipsis = next((at for at in range(count) if ellipsis_mask >> at & 1), count)
    new = [at for at in range(count) if new_axis_mask >> at & 1 and at != ellipsis]
    # All entries but the ellipsis and new ones speak of one dimension each.
    rest = len(shape) - (count - len(new) - (ellipsis < count))
    if rest < 0:
        raise ValueError(f"{count} entries for {len(shape)} dimensions")
    found: list[tuple[int, int]] = []
    for at in range(count):
        if at == ellipsis:
            found += [(0, size) for size in shape[len(found) : len(found) + rest]]
        elif at not in new:
            size = int(shape[len(found)])
            first = 0 if begin_mask >> at & 1 else _inside(int(begin[at]), size)
            last = size if end_mask >> at & 1 else _inside(int(end[at]), size)
            found.append((first, 1 if shrink_axis_mask >> at & 1 else max(last - first, 0)))
    return found + [(0, int(size)) for size in shape[len(found) :]]


def _inside(place: int, size: int) -> int:
    return min(max(place + size if place < 0 else place, 0), size)


@rewriter.function
def slice_begin(shape: Any, begin: Any, end: Any, *masks: Any) -> Any:
    """For each dimension of a STRIDED_SLICE's input the first place; masks in the order of the schema."""
    return [first for first, _ in _resolved(_list(shape), _list(begin), _list(end), *(int(mask) for mask in masks))]


@rewriter.function
def slice_size(shape: Any, begin: Any, end: Any, *masks: Any) -> Any:
    """For each dimension of a STRIDED_SLICE's input how many places; masks in the order of the schema."""
    return [count for _, count in _resolved(_list(shape), _list(begin), _list(end), *(int(mask) for mask in masks))]


def _list(values: Any) -> list[int]:
    return [int(each) for each in values]
