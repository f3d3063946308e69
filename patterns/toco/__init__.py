"""The pack `toco`: the graph transformations of the converters, as rules and cleanups."""

from rewriter.patterns.toco.moves import (
    block_begin,
    order_is_kept,
    slice_begin,
    slice_size,
    stays_in_place,
    without_common_ones,
)

__all__ = ["block_begin", "order_is_kept", "slice_begin", "slice_size", "stays_in_place", "without_common_ones"]
