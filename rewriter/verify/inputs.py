"""Inputs to compare models on: varied in kind, in range for what reads them, the same again from the same seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from attrs import frozen

from rewriter.verify.arrays import numpy_dtype
from rewriter.verify.equality import FLOATS
from rewriter.verify.meaning import fixed_value, table_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rewriter.model import Tensor
    from rewriter.verify.protocol import Array

    _Noise = Callable[[tuple[int, ...], np.random.Generator], Array]

Style = Literal["model", "place", "special"]
"""`model`: as real inputs are. `place`: up to 10 in magnitude. `special`: with NaN, infinities and denormals."""

_SMALL = 8
_WORDS = (b"", b"a", b"hello", b"tensor flow", "größer".encode())
_SPECIALS = (np.nan, np.inf, -np.inf, -0.0, 1e-40, -1e-40)


@frozen
class Slot:
    """What a value has to be.

    Attributes:
        shape: Its shape; dimensions that the model leaves open have the size that the file records, at least 1.
        dtype: Its element type, in the language's words.
        quantized: Whether it carries quantization parameters.
        limit: For integers that serve as indices: values stay below it. None where none is known.
        zero: The stored value that means zero.
        fixed: The only value that serves: an operand that says how large a result is, or in which order its axes are.
    """

    shape: tuple[int, ...]
    dtype: str
    quantized: bool = False
    limit: int | None = None
    zero: int = 0
    fixed: tuple[int, ...] | None = None


def slot(tensor: Tensor) -> Slot:
    """What a value of `tensor` has to be, with an eye on the operators that read it."""
    quantization = tensor.quantization
    quantized = quantization is not None and bool(quantization.scale)
    index = tensor.dtype in ("i32", "i64") and not quantized
    limit = table_limit(tensor) if index else None
    fixed = fixed_value(tensor) if index else None
    zero = quantization.zero_point[0] if quantization is not None and quantization.zero_point else 0
    shape = tuple(max(size, 1) if _open(tensor, axis) else size for axis, size in enumerate(tensor.shape))
    return Slot(shape, tensor.dtype, quantized, limit, zero, fixed)


def make_inputs(slots: Iterable[Slot], seed: int, style: Style = "model") -> list[Array]:
    """One value for each slot.

    The kinds rotate with the seed: a smooth image, uniform noise about zero, normal noise, blocks, and uniform noise
    above zero. Noise of one kind alone proves little: a segmentation model, say, answers uniform noise with zeros.
    """
    rng = np.random.default_rng([seed, len(style)])
    pattern = _PATTERNS[seed % len(_PATTERNS)]
    return [_value(each, rng, pattern, style) for each in slots]


def _value(slot: Slot, rng: np.random.Generator, pattern: _Pattern, style: Style) -> Array:
    if slot.dtype == "string":
        array = np.empty(slot.shape, dtype=object)
        array.reshape(-1)[:] = [_WORDS[index] for index in rng.integers(len(_WORDS), size=array.size)]
        return array
    dtype = numpy_dtype(slot.dtype)
    if slot.fixed is not None:
        return np.array(slot.fixed, dtype).reshape(slot.shape)
    if slot.dtype == "bool":
        return _truths(slot.shape, rng).astype(dtype)
    if slot.dtype in ("c64", "c128"):
        return (pattern.noise(slot.shape, rng) + 1j * pattern.noise(slot.shape, rng)).astype(dtype)
    if slot.dtype in FLOATS:
        return _floats(slot, rng, pattern, style).astype(dtype)
    low, high = _range(slot)
    if pattern.noise is _positive and slot.quantized:
        # Some operators (RSQRT, LOG) take nothing else.
        low = min(max(low, slot.zero + 1), high)
    share = np.clip((pattern.noise(slot.shape, rng) - pattern.low) / (pattern.high - pattern.low), 0.0, 1.0)
    return (low + np.floor(share * (high - low) + 0.5)).astype(dtype)


def _truths(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Booleans, all of them true or all false along the first or the last axes.

    Of many that are drawn one by one some are true and never all: reductions would give the same everywhere.
    """
    split, first = rng.integers(len(shape) + 1), rng.integers(2)
    alike = tuple(1 if (axis < split) == first else size for axis, size in enumerate(shape))
    count = math.prod(alike)
    shares = rng.permutation(np.resize([0.0, 1.0, 0.5], count)) if count > 1 else np.full(count, 0.5)
    return rng.random(shape) < shares.reshape(alike)


def _floats(slot: Slot, rng: np.random.Generator, pattern: _Pattern, style: Style) -> Array:
    values = pattern.noise(slot.shape, rng)
    if style == "model":
        return values
    # Beyond 6 and -6, where the clamps of activation functions are, yet no further than 10.
    values = np.clip(values * rng.choice([1.0, 5.0, 10.0]), -10.0, 10.0)
    if style == "special":
        chosen = rng.random(slot.shape) < 0.1
        values = np.where(chosen, rng.choice(np.asarray(_SPECIALS), size=slot.shape), values)
    return values


def _range(slot: Slot) -> tuple[int, int]:
    """The lowest and the highest integer to use."""
    if slot.dtype in ("i2", "i4", "u4"):
        bits = int(slot.dtype[1])
        return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if slot.dtype[0] == "i" else (0, (1 << bits) - 1)
    if slot.limit is not None:
        return 0, max(slot.limit - 1, 0)
    if slot.dtype in ("i8", "u8", "i16", "u16"):
        limits = np.iinfo(numpy_dtype(slot.dtype))
        return int(limits.min), int(limits.max)
    # Wide integers that are no quantized values are counts, lengths and indices far more often than numbers.
    return (-(1 << 20), 1 << 20) if slot.quantized else (0, _SMALL - 1)


def _smooth(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    total: Any = np.zeros(shape)
    for _ in range(4):
        wave: Any = np.float64(1.0)
        for axis, size in enumerate(shape):
            along = [1] * len(shape)
            along[axis] = size
            phase = 2 * np.pi * (rng.uniform(0.5, 3.0) * np.arange(size) / max(size, 1) + rng.random())
            wave = wave * np.cos(phase).reshape(along)
        total = total + wave * rng.uniform(0.3, 1.0)
    span = float(np.ptp(total)) if total.size else 0.0
    return (total - total.min()) / span if span else total


def _blocks(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    coarse = rng.random(tuple(-(-size // 8) if size > 16 else size for size in shape))
    for axis, size in enumerate(shape):
        if size > 16:
            coarse = np.repeat(coarse, 8, axis=axis).take(np.arange(size), axis=axis)
    return np.round(coarse * 4) / 4


def _signed(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return rng.uniform(-1.0, 1.0, shape)


def _normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return rng.standard_normal(shape)


def _positive(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return rng.random(shape)


@frozen
class _Pattern:
    """A kind of noise, and the bounds that integers take for their whole range."""

    noise: _Noise
    low: float
    high: float


_PATTERNS = (
    _Pattern(_smooth, 0.0, 1.0),
    _Pattern(_signed, -1.0, 1.0),
    _Pattern(_normal, -2.5, 2.5),
    _Pattern(_blocks, 0.0, 1.0),
    _Pattern(_positive, 0.0, 1.0),
)


def _open(tensor: Tensor, axis: int) -> bool:
    signature = tensor.shape_signature
    return signature is not None and len(signature) > axis and signature[axis] == -1
