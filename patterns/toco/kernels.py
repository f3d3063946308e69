"""Reference kernels of the operators that the converters leave to TensorFlow's own, in NumPy."""

from __future__ import annotations

from math import erf as _erf
from math import erfc as _erfc
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def erf(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erf: the error function of each element, float32 of any shape."""
    return np.array([_erf(float(each)) for each in values.flat], np.float32).reshape(values.shape)


def erfc(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erfc: 1 less the error function of each element, float32 of any shape."""
    return np.array([_erfc(float(each)) for each in values.flat], np.float32).reshape(values.shape)


def add(lhs: NDArray[np.generic], rhs: NDArray[np.generic]) -> NDArray[np.generic]:
    """AddV2: the sum, of one type, broadcast as NumPy broadcasts."""
    with np.errstate(all="ignore"):
        return np.asarray(lhs + rhs, lhs.dtype)  # type: ignore[operator]
