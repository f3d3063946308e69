"""How far the steps of an element type reach."""

from __future__ import annotations

from rewriter.packs import function

_RANGES = {"i8": (-128, 127), "u8": (0, 255), "i16": (-32768, 32767)}
_ACTIVATIONS = {"RELU": (0.0, float("inf")), "RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0)}

# A little less than a half: at a half, the runtime's division in single precision may round either way.
_NEARLY_HALF = 0.49


@function
def lowest(dtype: str) -> int:
    """The least stored value of an 8- or 16-bit element type.

    Raises:
        ValueError: It is of another size.
    """
    return _range(dtype)[0]


@function
def highest(dtype: str) -> int:
    """The greatest stored value of an 8- or 16-bit element type.

    Raises:
        ValueError: It is of another size.
    """
    return _range(dtype)[1]


@function
def activation_fits(activation: str, dtype: str, scale: float, zero_point: int) -> bool:
    """Whether a fused activation cuts nothing off that steps can say.

    Args:
        activation: The schema's word.
        dtype: The element type of the result.
        scale: Real units per step of the result.
        zero_point: The stored value of 0.0.

    Raises:
        ValueError: The activation cuts nothing off at all, or is no matter of ends (TANH).

    Source:
        LiteRT, kernels/kernel_util.cc, CalculateActivationRangeQuantized: an end is zero point + round(end / scale),
        and no less or more than the type holds.
    """
    if activation not in _ACTIVATIONS:
        raise ValueError(f"{activation} has no ends")
    low, high = _ACTIVATIONS[activation]
    least, most = _range(dtype)
    return least - zero_point >= low / scale - _slack(low) and most - zero_point <= high / scale + _slack(high)


@function
def nearest(number: float) -> int:
    """The whole number nearest to one; of two, the one further from 0."""
    return int(number + (0.5 if number >= 0 else -0.5))


def _slack(end: float) -> float:
    return _NEARLY_HALF if end else 0.0


def _range(dtype: str) -> tuple[int, int]:
    if dtype not in _RANGES:
        raise ValueError(f"{dtype} is none of {', '.join(_RANGES)}")
    return _RANGES[dtype]
