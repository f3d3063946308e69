"""The pack `toco`: the graph transformations of the converters, as rules and cleanups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.patterns.toco.channels import (
    all_zero,
    axis_of_outputs,
    for_inputs,
    for_outputs,
    spread_inputs,
    sums_for_outputs,
)
from rewriter.patterns.toco.functions import (
    axes_padded,
    last_padded,
    lower_permutation,
    lower_shape,
    mirrored,
    spread,
    transposed_filters,
    transposed_paddings,
    without_last,
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
from rewriter.patterns.toco.shapes import (
    broadcast_shape,
    same_shape,
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
    sample_bound,
    sample_cube_factor,
    sample_doubled_places,
    sample_little,
    sample_negative_root_of_half,
    sample_padding,
    sample_root_of_half,
    sample_root_of_two,
    sample_scales,
    sample_sixth,
    sample_step,
    sample_tanh_factor,
)

if TYPE_CHECKING:
    from rewriter.patterns.toco.kernels import add, erf, erfc

__all__ = [
    "add",
    "alike",
    "all_zero",
    "axes_padded",
    "axis_of_outputs",
    "before_order",
    "bias_steps",
    "bias_zeros",
    "block_begin",
    "broadcast_shape",
    "dropped_units",
    "entries_before",
    "erf",
    "erfc",
    "for_inputs",
    "for_outputs",
    "highest",
    "last_padded",
    "lone_value_outranks",
    "lower_permutation",
    "lower_shape",
    "lowest",
    "mirrored",
    "moved_axes",
    "order_before_cut",
    "order_is_kept",
    "order_to",
    "order_without",
    "same_padding",
    "same_shape",
    "sample_begin",
    "sample_bound",
    "sample_cube_factor",
    "sample_doubled_places",
    "sample_little",
    "sample_negative_root_of_half",
    "sample_padding",
    "sample_root_of_half",
    "sample_root_of_two",
    "sample_scales",
    "sample_sixth",
    "sample_step",
    "sample_tanh_factor",
    "sizes_at",
    "sizes_without",
    "slice_begin",
    "slice_size",
    "spread",
    "spread_inputs",
    "stays_in_place",
    "sums_for_outputs",
    "transposed_filters",
    "transposed_paddings",
    "without_common_ones",
    "without_last",
]

# Kernels need NumPy, which only a check pays for.
_KERNELS = ("add", "erf", "erfc")


def __getattr__(name: str) -> object:
    if name not in _KERNELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rewriter.patterns.toco import kernels

    return getattr(kernels, name)
