"""Constants for each channel of a convolution or a matrix product, beside its filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.packs import function

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Where the filters hold the channels of the result and of the input: OHWI, 1HWO, OI, DHWIO.
_OUTPUTS = {"CONV_2D": 0, "FULLY_CONNECTED": 0, "TRANSPOSE_CONV": 0, "DEPTHWISE_CONV_2D": 3, "CONV_3D": 4}
_INPUTS = {"CONV_2D": 3, "FULLY_CONNECTED": 1, "TRANSPOSE_CONV": 3, "CONV_3D": 3}


@function
def axis_of_outputs(operator: str) -> int:
    """The filter's dimension that holds the channels of the result."""
    return _OUTPUTS[_known(operator)]


@function
def for_outputs(values: NDArray[Any], filters: NDArray[Any], operator: str) -> NDArray[Any]:
    """Values for each channel of the result, in a shape in which they meet the filter's.

    Args:
        values: One for all channels, or one for each, in any shape.
        filters: The operator's filter.
        operator: Its name.

    Raises:
        ValueError: There is another number of channels, or the operator is none that has a filter.
    """
    return _along(values, filters, axis_of_outputs(operator))


@function
def for_inputs(values: NDArray[Any], filters: NDArray[Any], operator: str) -> NDArray[Any]:
    """Values for each channel of the input, in a shape in which they meet the filter's.

    A depthwise filter holds each of the input's channels as many times as the operator multiplies it.

    Args:
        values: One for all channels, or one for each, in any shape.
        filters: The operator's filter.
        operator: Its name.

    Raises:
        ValueError: There is another number of channels, or the operator is none that has a filter.
    """
    if operator != "DEPTHWISE_CONV_2D":
        return _along(values, filters, _INPUTS[_known(operator)])
    flat = values.reshape(-1)
    if flat.size > 1 and filters.shape[3] % flat.size == 0:
        flat = flat.repeat(filters.shape[3] // flat.size)
    return _along(flat, filters, 3)


@function
def sums_for_outputs(filters: NDArray[Any], operator: str) -> NDArray[Any]:
    """What a filter's values for each channel of the result add up to: float32, shape `[channels]`."""
    kept = axis_of_outputs(operator)
    axes = tuple(axis for axis in range(filters.ndim) if axis != kept)
    return filters.sum(axis=axes).astype(filters.dtype)


@function
def spread_inputs(filters: NDArray[Any], taken: NDArray[Any], channels: int) -> NDArray[Any]:
    """The filter for all channels of an input of which a filter OHWI reads some.

    Args:
        filters: Shape `[outputs, height, width, n]`.
        taken: The channels that it reads, shape `[n]`, each once.
        channels: How many the input has.

    Raises:
        ValueError: A channel is read twice, or there is none of its number.
    """
    import numpy as np

    places = taken.reshape(-1)
    if len(set(places.tolist())) != places.size or not all(0 <= place < channels for place in places.tolist()):
        raise ValueError("the channels are not different ones of the input's")
    spread = np.zeros((*filters.shape[:-1], channels), filters.dtype)
    spread[..., places] = filters
    return spread


@function
def all_zero(values: Any) -> bool:
    """Whether a number, or each of a list, is 0."""
    import numpy as np

    return not np.any(np.asarray(values))


def _known(operator: str) -> str:
    if operator not in _OUTPUTS:
        raise ValueError(f"{operator} has no filter whose channels are known")
    return operator


def _along(values: NDArray[Any], filters: NDArray[Any], axis: int) -> NDArray[Any]:
    if values.size not in (1, filters.shape[axis]):
        raise ValueError(f"{values.size} values for {filters.shape[axis]} channels")
    shape = [1] * filters.ndim
    shape[axis] = values.size
    return values.reshape(shape)
