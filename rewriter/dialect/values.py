"""Constants as NumPy arrays, and back. Imports NumPy, so it is imported where a value is needed and not before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rewriter.dialect.types import QuantizedArray
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
    """A constant's real values: those stored, or for a quantized one scale * (stored - zero_point) in float32.

    A tensor that is still being made up may know them as something else than bytes: as `numbers`.
    """
    numbers = getattr(tensor, "numbers", None)
    if numbers is not None:
        return numbers
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


def quantized(values: ArrayLike, scale: ArrayLike, zero_point: ArrayLike, dtype: str, axis: int) -> QuantizedArray:
    """Quantize real values: stored = round(value / scale) + zero_point, halves away from zero, as QUANTIZE rounds.

    Args:
        values: Real values, of any shape.
        scale: Real units per step, finite and positive: one, or one for each slice along `axis`.
        zero_point: The stored value of 0.0: one, or as many as there are scales.
        dtype: An integer type. Values beyond its range become its ends.
        axis: The dimension that several scales go along.

    Raises:
        ValueError: The scales do not fit the values, or are not positive; a value is no number.

    Source:
        LiteRT's kernel of QUANTIZE (reference_ops AffineQuantize).
    """
    real = np.asarray(values, np.float32)
    scales = np.atleast_1d(np.asarray(scale, np.float32))
    zeros = np.broadcast_to(np.atleast_1d(np.asarray(zero_point, np.int64)), scales.shape)
    if scales.ndim != 1 or not bool((np.isfinite(scales) & (scales > 0)).all()):
        raise ValueError("a scale has to be finite and positive")
    if bool(np.isnan(real).any()):
        raise ValueError("a value is no number")
    along = [1] * real.ndim
    if len(scales) > 1:
        if not 0 <= axis < real.ndim or real.shape[axis] != len(scales):
            raise ValueError(f"{len(scales)} scales do not fit dimension {axis} of {list(real.shape)}")
        along[axis] = -1
    elif not real.ndim:
        along = []
    kind: Any = NUMPY_DTYPES[dtype]
    limits: Any = np.iinfo(kind)
    with np.errstate(all="ignore"):
        # A half is added in double precision: in single, the number just below 0.5 would become 1.
        steps = (real / scales.reshape(along)).astype(np.float64)
        rounded = np.trunc(steps + np.copysign(0.5, steps))
        highest = float(limits.max) if float(limits.max) <= limits.max else np.nextafter(float(limits.max), 0)
        stored = np.clip(rounded + zeros.reshape(along), float(limits.min), highest)
    return QuantizedArray(
        stored.astype(NUMPY_DTYPES[dtype]),
        dtype,
        tuple(scales.tolist()),
        tuple(int(zero) for zero in zeros),
        axis if len(scales) > 1 else 0,
    )
