"""The pack `toco`: the graph transformations of the converters, as rules and cleanups."""

from __future__ import annotations

from rewriter.patterns.toco.channels import (
    all_zero,
    axis_of_outputs,
    for_inputs,
    for_outputs,
    spread_inputs,
    sums_for_outputs,
)
from rewriter.patterns.toco.moves import (
    block_begin,
    order_is_kept,
    slice_begin,
    slice_size,
    stays_in_place,
    without_common_ones,
)
from rewriter.patterns.toco.permutations import (
    alike,
    before_order,
    dropped_units,
    entries_before,
    moved_axes,
    order_before_cut,
    order_to,
    order_without,
    sizes_at,
    sizes_without,
)
from rewriter.patterns.toco.steps import (
    bias_steps,
    bias_zeros,
    highest,
    lowest,
    same_padding,
)
from rewriter.patterns.toco.values import (
    sample_begin,
    sample_padding,
    sample_scales,
    sample_step,
)

__all__ = [
    "alike",
    "all_zero",
    "axis_of_outputs",
    "before_order",
    "bias_steps",
    "bias_zeros",
    "block_begin",
    "dropped_units",
    "entries_before",
    "for_inputs",
    "for_outputs",
    "highest",
    "lowest",
    "moved_axes",
    "order_before_cut",
    "order_is_kept",
    "order_to",
    "order_without",
    "same_padding",
    "sample_begin",
    "sample_padding",
    "sample_scales",
    "sample_step",
    "sizes_at",
    "sizes_without",
    "slice_begin",
    "slice_size",
    "spread_inputs",
    "stays_in_place",
    "sums_for_outputs",
    "without_common_ones",
]
