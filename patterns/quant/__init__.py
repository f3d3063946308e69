"""The pack `quant`: steps and real values; functions that its rules call."""

from __future__ import annotations

from rewriter.patterns.quant.ranges import activation_fits, highest, lowest, nearest
from rewriter.patterns.quant.weights import bias_steps, is_narrow, is_symmetric, rounding, slice_steps

__all__ = [
    "activation_fits",
    "bias_steps",
    "highest",
    "is_narrow",
    "is_symmetric",
    "lowest",
    "nearest",
    "rounding",
    "slice_steps",
]
