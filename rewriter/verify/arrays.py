"""A model's tensors as NumPy arrays: element types, constants, and the values of one type brought to another."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.verify.equality import FLOATS

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from rewriter.verify.protocol import Array

_NAMES = {
    "f16": "float16",
    "f32": "float32",
    "f64": "float64",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
    "i64": "int64",
    "u8": "uint8",
    "u16": "uint16",
    "u32": "uint32",
    "u64": "uint64",
    "bool": "bool",
    "c64": "complex64",
    "c128": "complex128",
    "string": "object",
}
_NARROW = {"i2": "int2", "i4": "int4", "u4": "uint4"}
_BITS = {"i2": 2, "i4": 4, "u4": 4}


def numpy_dtype(dtype: str) -> np.dtype[Any]:
    """The NumPy type for one of the language's element types; those that NumPy lacks come from ml_dtypes.

    Raises:
        ValueError: The type holds no numbers, as `resource` and `variant`.
    """
    if dtype in _NAMES:
        return np.dtype(_NAMES[dtype])
    if dtype != "bf16" and dtype not in _NARROW:
        raise ValueError(f"values of type {dtype} cannot be given to a model")
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, "bfloat16" if dtype == "bf16" else _NARROW[dtype]))


def constant(tensor: Tensor) -> Array:
    """The stored values of a constant, in the tensor's shape; quantized ones as stored, not as real values.

    Raises:
        ValueError: The tensor holds no data, or less than its shape needs.
    """
    data = tensor.data
    if data is None:
        raise ValueError(f"tensor {tensor.name!r} is no constant")
    if tensor.dtype == "string":
        return _strings(data).reshape(tensor.shape)
    dtype = numpy_dtype(tensor.dtype)
    count = int(np.prod(tensor.shape, dtype=np.int64))
    if tensor.dtype in _BITS:
        values = _unpacked(data, count, _BITS[tensor.dtype], signed=tensor.dtype[0] == "i")
        return values.astype(dtype).reshape(tensor.shape)
    return np.frombuffer(data, dtype=dtype, count=count).reshape(tensor.shape)


def convert(value: Array, source: Tensor, target: Tensor) -> Array:
    """A value of `source` as one of `target`: by CAST, QUANTIZE or DEQUANTIZE, and RESHAPE, as far as they differ.

    This is how a rule that `changes interface` is compared: its new value in the terms of the old one.
    """
    if source.dtype != target.dtype or _steps(source) != _steps(target):
        real = _real(value, source)
        value = _stored(real, target)
    if source.shape != target.shape and value.size == int(np.prod(target.shape, dtype=np.int64)):
        value = value.reshape(target.shape)
    return value


def snap(value: Array, source: Tensor, target: Tensor) -> Array:
    """The value of `source` that comes back from `target`: one that both can hold, whatever way a kernel rounds."""
    if source.dtype == target.dtype and _steps(source) == _steps(target):
        return value
    return convert(convert(value, source, target), target, source)


def _steps(tensor: Tensor) -> tuple[tuple[float, ...], tuple[int, ...]] | None:
    quantization = tensor.quantization
    if quantization is None or not quantization.scale or tensor.dtype in FLOATS:
        return None
    return quantization.scale, quantization.zero_point


def _along(values: tuple[float, ...], tensor: Tensor, rank: int) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.size == 1 or tensor.quantization is None:
        return array.reshape(())
    shape = [1] * rank
    shape[tensor.quantization.dimension] = array.size
    return array.reshape(shape)


def _real(value: Array, tensor: Tensor) -> Array:
    steps = _steps(tensor)
    if steps is None:
        return value
    scale, zero = (_along(each, tensor, value.ndim) for each in steps)
    return (value.astype(np.float64) - zero) * scale


def _stored(real: Array, tensor: Tensor) -> Array:
    dtype = numpy_dtype(tensor.dtype)
    steps = _steps(tensor)
    if steps is None:
        return real.astype(dtype)
    scale, zero = (_along(each, tensor, real.ndim) for each in steps)
    scaled = real / scale
    # Half away from zero, as the runtime's QUANTIZE rounds.
    # No step says NaN; which one stands for it does not matter, for `snap` gives both sides that one.
    rounded = np.nan_to_num(np.trunc(scaled + np.copysign(0.5, scaled)) + zero)
    limits = np.iinfo(dtype)
    return np.clip(rounded, limits.min, limits.max).astype(dtype)


def _unpacked(data: memoryview, count: int, bits: int, *, signed: bool) -> Array:
    packed = np.frombuffer(data, dtype=np.uint8)
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    values = ((packed[:, None] >> shifts) & ((1 << bits) - 1)).reshape(-1)[:count].astype(np.int8)
    return np.where(values >= 1 << (bits - 1), values - (1 << bits), values) if signed else values


def _strings(data: memoryview) -> Array:
    # The runtime's own layout: a count, count + 1 offsets, the characters.
    (count,) = struct.unpack_from("<i", data)
    offsets = struct.unpack_from(f"<{count + 1}i", data, 4)
    array = np.empty(count, dtype=object)
    for index in range(count):
        array[index] = bytes(data[offsets[index] : offsets[index + 1]])
    return array
