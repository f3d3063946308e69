"""Residues modulo a prime in int64 arrays: numbers as residues, products of matrices, inverses."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rewriter.verify.protocol import Array

PRIME = 2**31 - 19
"""Products of two residues fit in int64. Powers of two have the longest possible period: modulo 2**31 - 1 a factor of
2**31 would go unnoticed, for it is 1 there; here the first such power is 2**2147483628."""

SIGNIFICANT_BITS = 16
"""So long the mantissa of an exact float32 or float64 may be: well short of the 24 bits and more that the type holds,
so that a quotient or a root, which fills them, is told from a number that was never rounded."""

# float16 has 11 bits, too few to tell a quotient by: whole numbers below this one count as exact.
_WHOLE = 128
_MANTISSA = 53
# Of float64, from its smallest number on, with the mantissa taken for a whole number.
_LOWEST, _HIGHEST = -1074 - _MANTISSA, 1024
# So many products of a 16-bit and a 31-bit number can be added in 63 bits.
_BLOCK = 1 << 15


def residues(numbers: Array) -> Array:
    """The residues of numbers: integers, or finite floats, which are whole numbers times a power of two.

    Returns:
        int64, in the shape of the numbers, each from 0 up to but not including `PRIME`.

    Raises:
        ValueError: There is an infinity or a NaN among them.
    """
    if numbers.dtype.kind in "iu":
        return (numbers % PRIME).astype(np.int64)
    if not bool(np.isfinite(numbers).all()):
        raise ValueError("infinities and NaN have no residue")
    whole, exponents = _split(numbers)
    return whole % PRIME * _powers_of_two()[exponents - _LOWEST] % PRIME


def exact(numbers: Array) -> bool:
    """Whether every float has so short a mantissa (`SIGNIFICANT_BITS`) that it is not rounded; integers are exact.

    Whole numbers up to 2**16 are exact in float32, and so are halves and quarters of such; 0.1, 1 / 3 and the root of 2
    are not, nor are infinities and NaN. Of float16 only whole numbers below 128 are. Short sums and products of small
    whole numbers stay exact. What is told so is likely, not certain: the quotient of two whole numbers of twelve bits
    and more may happen to have a short mantissa.
    """
    if numbers.dtype.kind in "iu":
        return True
    if numbers.dtype.name not in ("float16", "float32", "float64") or not bool(np.isfinite(numbers).all()):
        return False
    if numbers.dtype == np.float16:
        return bool(((np.abs(numbers) < _WHOLE) & (np.trunc(numbers) == numbers)).all())
    whole = np.abs(_split(numbers)[0])
    lowest = np.maximum(whole & -whole, 1)
    return bool((whole // lowest < 1 << SIGNIFICANT_BITS).all())


def inverse(values: Array) -> Array:
    """The residues that, times those given, are 1. None of them may be 0."""
    power, result, exponent = values, np.ones_like(values), PRIME - 2
    while exponent:
        if exponent & 1:
            result = result * power % PRIME
        power = power * power % PRIME
        exponent >>= 1
    return result


def product(left: Array, right: Array) -> Array:
    """The product of matrices of residues, ``[..., M, K]`` and ``[..., K, N]``; leading dimensions broadcast."""
    high, low = left >> 16, left & 0xFFFF
    total: Any = 0
    for start in range(0, max(left.shape[-1], 1), _BLOCK):
        along = slice(start, start + _BLOCK)
        rows = right[..., along, :]
        upper = np.matmul(high[..., along], rows) % PRIME
        total = (total + (upper << 16) + np.matmul(low[..., along], rows)) % PRIME
    return total


def _split(numbers: Array) -> tuple[Array, Array]:
    """Finite floats as whole numbers and exponents of two."""
    mantissas, exponents = np.frexp(numbers.astype(np.float64))
    # In float64 a mantissa from 0.5 up to 1 is a whole number of 2**-53, so this is exact.
    return np.ldexp(mantissas, _MANTISSA).astype(np.int64), exponents.astype(np.int64) - _MANTISSA


@functools.cache
def _powers_of_two() -> Array:
    """The residues of 2**e, at the place e - _LOWEST."""
    powers = [pow(2, _LOWEST, PRIME)]
    for _ in range(_LOWEST, _HIGHEST):
        powers.append(powers[-1] * 2 % PRIME)
    return np.array(powers, np.int64)
