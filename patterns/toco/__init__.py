"""The pack `toco`: the graph transformations of the converters, as rules, and the functions they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from rewriter.patterns.toco.shapes import broadcast_shape, same_shape
from rewriter.patterns.toco.values import (
    sample_bound,
    sample_cube_factor,
    sample_doubled_places,
    sample_little,
    sample_negative_root_of_half,
    sample_root_of_half,
    sample_root_of_two,
    sample_sixth,
    sample_tanh_factor,
)

if TYPE_CHECKING:
    from rewriter.patterns.toco.kernels import add, erf, erfc

__all__ = [
    "add",
    "axes_padded",
    "broadcast_shape",
    "erf",
    "erfc",
    "last_padded",
    "lower_permutation",
    "lower_shape",
    "mirrored",
    "same_shape",
    "sample_bound",
    "sample_cube_factor",
    "sample_doubled_places",
    "sample_little",
    "sample_negative_root_of_half",
    "sample_root_of_half",
    "sample_root_of_two",
    "sample_sixth",
    "sample_tanh_factor",
    "spread",
    "transposed_filters",
    "transposed_paddings",
    "without_last",
]

# Kernels need NumPy, which only a check pays for.
_KERNELS = ("add", "erf", "erfc")


def __getattr__(name: str) -> object:
    if name not in _KERNELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rewriter.patterns.toco import kernels

    return getattr(kernels, name)
