"""Constants as NumPy arrays, and back. Imports NumPy, so it is imported where a value is needed and not before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rewriter.model import Tensor

NUMPY_DTYPES = {
    "f16": np.float16,
    "f32": np.float32,
    "f64": np.float64,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "bool": np.bool_,
    "c64": np.complex64,
    "c128": np.complex128,
}

Array = NDArray[np.generic]


def stored_values(tensor: Tensor) -> Array:
    """A constant's values as the file stores them, in the tensor's shape.

    Raises:
        ValueError: The data do not fill the shape, or the element type has no NumPy form.
    """
    if tensor.dtype not in NUMPY_DTYPES:
        raise ValueError(f"constants of type {tensor.dtype} cannot be computed with")
    if tensor.data is None:
        raise ValueError(f"{tensor.name!r} is not constant here")
    if tensor.is_sparse:
        raise ValueError(f"{tensor.name!r} is stored in a sparse format")
    return np.frombuffer(tensor.data, NUMPY_DTYPES[tensor.dtype]).reshape(tensor.shape)


def real_values(tensor: Tensor) -> Array:
    """A constant's real values: those stored, or for a quantized one scale * (stored - zero_point) in float32."""
    stored = stored_values(tensor)
    quantization = tensor.quantization
    if quantization is None or not quantization.scale:
        return stored
    along = [1] * stored.ndim
    if quantization.per_channel:
        if not 0 <= quantization.dimension < stored.ndim:
            raise ValueError(f"{tensor.name!r} has scales along a dimension that it does not have")
        along[quantization.dimension] = -1
    scale = np.array(quantization.scale, np.float32).reshape(along)
    zero_point = np.array(quantization.zero_point, np.int64).reshape(along)
    return (stored.astype(np.int64) - zero_point).astype(np.float32) * scale
