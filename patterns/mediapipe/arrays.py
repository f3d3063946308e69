"""Arrays that the reference kernels take, as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rewriter.dialect.types import TensorType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]


def type_of(array: Floats) -> TensorType:
    """The type of an array; one that is not float32 has NumPy's word for it."""
    return TensorType(dtype="f32" if array.dtype == np.float32 else str(array.dtype), shape=array.shape)
