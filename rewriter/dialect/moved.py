"""Constants whose elements move and stay what they are; those of a quantised one keep their steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from rewriter.dialect.types import QuantizedArray
from rewriter.dialect.values import stored_values

if TYPE_CHECKING:
    from rewriter.model import Tensor


def part(tensor: Tensor, begin: int, end: int, axis: int = 0) -> Any:
    """The places from `begin` to before `end` along a dimension, with the scales that belong to them.

    Args:
        tensor: A constant.
        begin: The first place, at least 0.
        end: The first place behind the part, above `begin` and at most the dimension's size.
        axis: The dimension; a negative one counts from the last.

    Returns:
        An array of what is stored, or a `QuantizedArray` where the constant is quantised.

    Raises:
        ValueError: There is no such dimension, or no such part of it; the data cannot be read.
    """
    stored = stored_values(tensor)
    if not -stored.ndim <= axis < stored.ndim:
        raise ValueError(f"there is no dimension {axis} of {list(stored.shape)}")
    axis %= stored.ndim
    if not 0 <= begin < end <= stored.shape[axis]:
        raise ValueError(f"there is no part from {begin} to {end} of {stored.shape[axis]} places")
    places = [slice(None)] * axis + [slice(begin, end)]
    return _quantized(tensor, stored[tuple(places)], axis, slice(begin, end))


def reshaped(tensor: Tensor, shape: Sequence[int]) -> Any:
    """The elements in another shape, with as many scales.

    Args:
        tensor: A constant.
        shape: The sizes of the new dimensions; one may be -1, what is left.

    Returns:
        An array of what is stored, or a `QuantizedArray` where the constant is quantised.

    Raises:
        ValueError: The sizes do not fit, or there are several scales and no new dimension goes along them; the data
            cannot be read.
    """
    stored = stored_values(tensor)
    new = stored.reshape(shape)
    form = tensor.quantization
    if form is None or not form.per_channel:
        return _quantized(tensor, new)
    before = prod(stored.shape[: form.dimension])
    for axis, size in enumerate(new.shape):
        if size == len(form.scale) and prod(new.shape[:axis]) == before:
            return _quantized(tensor, new, axis)
    raise ValueError(f"no dimension of {list(new.shape)} goes along the {len(form.scale)} scales")


def transposed(tensor: Tensor, axes: Sequence[int]) -> Any:
    """The elements with the dimensions in another order, and the scales along the same one as before.

    Args:
        tensor: A constant.
        axes: For each new dimension, which one it was; each of them once.

    Returns:
        An array of what is stored, or a `QuantizedArray` where the constant is quantised.

    Raises:
        ValueError: These are not the dimensions that there are; the data cannot be read.
    """
    stored = stored_values(tensor)
    new = stored.transpose([int(each) for each in axes])
    form = tensor.quantization
    if form is None or not form.per_channel:
        return _quantized(tensor, new)
    return _quantized(tensor, new, [int(each) % stored.ndim for each in axes].index(form.dimension))


def _quantized(tensor: Tensor, stored: Any, axis: int = 0, places: slice = slice(None)) -> Any:
    """What is stored, in the constant's steps; of several scales those at the `places` of dimension `axis`."""
    form = tensor.quantization
    if form is None or not form.scale:
        return stored
    scale, zero_point, dimension = form.scale, form.zero_point, form.dimension
    if form.per_channel:
        if places == slice(None):
            dimension = axis
        elif axis == dimension:
            scale, zero_point = scale[places], zero_point[places] if len(zero_point) > 1 else zero_point
    return QuantizedArray(stored, tensor.dtype, tuple(scale), tuple(zero_point), dimension if len(scale) > 1 else 0)
