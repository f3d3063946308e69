"""The pack `toco`: the graph transformations of the converters, as rules."""

from __future__ import annotations

from rewriter.patterns.toco.channels import (
    all_zero,
    axis_of_outputs,
    for_inputs,
    for_outputs,
    spread_inputs,
    sums_for_outputs,
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
    lone_value_outranks,
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
    "dropped_units",
    "entries_before",
    "for_inputs",
    "for_outputs",
    "highest",
    "lone_value_outranks",
    "lowest",
    "moved_axes",
    "order_before_cut",
    "order_to",
    "order_without",
    "same_padding",
    "sample_begin",
    "sample_padding",
    "sample_scales",
    "sample_step",
    "sizes_at",
    "sizes_without",
    "spread_inputs",
    "sums_for_outputs",
]
