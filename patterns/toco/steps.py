"""What quantised types hold, for conditions of rules."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.packs import function

_RANGES = {"i8": (-128, 127), "u8": (0, 255), "i16": (-32768, 32767)}


@function
def lowest(dtype: str) -> int:
    """The smallest step of a quantised type.

    Raises:
        ValueError: The type is none that activations are quantised to.
    """
    return _range(dtype)[0]


@function
def highest(dtype: str) -> int:
    """The largest step of a quantised type.

    Raises:
        ValueError: The type is none that activations are quantised to.
    """
    return _range(dtype)[1]


@function
def lone_value_outranks(shapes: Sequence[Sequence[int | None]]) -> bool:
    """Whether of the first two operands one has a single element, and more dimensions than the other.

    A dimension that the model leaves open counts as more than one.
    """
    pair = shapes[:2]
    return any(set(one) <= {1} and len(one) > len(other) for one in pair for other in pair)


@function
def bias_steps(data: float, weights: float | Sequence[float]) -> list[float]:
    """The scales of a bias: real units per step of the products, one for each scale of the weights."""
    import numpy as np

    return [float(np.float32(data) * np.float32(scale)) for scale in _listed(weights)]


@function
def bias_zeros(weights: float | Sequence[float]) -> list[int]:
    """The zero points of a bias: 0, one for each of the weights' scales."""
    return [0] * len(_listed(weights))


@function
def same_padding(size: int, filters: int, stride: int, dilation: int) -> list[int]:
    """What padding SAME adds to a dimension, before and behind.

    Args:
        size: Of the dimension.
        filters: The filter's size.
        stride: Between two places of the result.
        dilation: Between two places of the filter.

    Source:
        TensorFlow's padding SAME: `ceil(size / stride)` places, the odd one behind.
    """
    total = max((-(-size // stride) - 1) * stride + (filters - 1) * dilation + 1 - size, 0)
    return [total // 2, total - total // 2]


def _listed(values: float | Sequence[float]) -> Sequence[float]:
    return [values] if isinstance(values, int | float) else values


def _range(dtype: str) -> tuple[int, int]:
    if dtype not in _RANGES:
        raise ValueError(f"{dtype} is none of {', '.join(_RANGES)}")
    return _RANGES[dtype]
