"""Steps for weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.packs import function

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 127
"""Weights of 8 bits leave out -128, so that they reach as far on either side."""


@function
def slice_steps(weights: NDArray[Any], axis: int, least: float = 0.0) -> list[float]:
    """The steps of 8 bits that reach as far as each slice of weights.

    Args:
        weights: Real values.
        axis: The dimension along which the slices lie.
        least: Real units; no steps are smaller.

    Returns:
        Real units per step, one for each slice; 1 for a slice of zeros.

    Raises:
        ValueError: A weight is no finite number.
    """
    import numpy as np

    magnitudes = np.abs(weights.astype(np.float64)).max(
        axis=tuple(each for each in range(weights.ndim) if each != axis)
    )
    if not np.isfinite(magnitudes).all():
        raise ValueError("weights that are not finite have no steps")
    steps = np.maximum(magnitudes / _MOST, least)
    return np.where(steps > 0, steps, 1.0).tolist()


@function
def is_narrow(weights: NDArray[Any], scale: float | list[float], axis: int) -> bool:
    """Whether weights of 8 bits do without -128, which some kernels multiply wrongly.

    Args:
        weights: Real values.
        scale: Real units per step: one number, or one for each slice along `axis`.
        axis: The dimension along which the slices lie.
    """
    import numpy as np

    along = [1] * weights.ndim
    along[axis] = -1
    steps = np.reshape(scale, along) if isinstance(scale, list) else scale
    return bool((np.abs(weights) < (_MOST + 0.5) * steps).all())


@function
def is_symmetric(zero_point: int | list[int]) -> bool:
    """Whether the stored value of 0.0 is 0, in every slice: kernels of real inputs take it to be so."""
    return not any(zero_point) if isinstance(zero_point, list) else not zero_point


@function
def rounding(weights: NDArray[Any], steps: float | list[float], axis: int) -> float:
    """How far rounding to steps takes a slice of weights, at most: the root of the sum of squares.

    What is added up of inputs that vary by `s` is off by about as much times `s`.

    Args:
        weights: Real values.
        steps: Real units per step: one number, or one for each slice along `axis`.
        axis: The dimension along which the slices lie.
    """
    import numpy as np

    along = [1] * weights.ndim
    along[axis] = -1
    each = np.reshape(steps, along) if isinstance(steps, list) else steps
    off = weights - np.rint(weights / each) * each
    return float(np.sqrt((off * off).sum(axis=tuple(place for place in range(weights.ndim) if place != axis)).max()))


@function
def bias_steps(input_scale: float, filter_scales: list[float]) -> list[float]:
    """The steps in which a convolution takes its bias.

    Args:
        input_scale: Real units per step of the input.
        filter_scales: Real units per step of the filter, one for each channel.
    """
    return [input_scale * each for each in filter_scales]
