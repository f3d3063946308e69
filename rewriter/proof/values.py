"""Values for an instance's data: of every style that a rule may stumble over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.proof.kinds import Kind
from rewriter.verify.arrays import numpy_dtype

if TYPE_CHECKING:
    from rewriter.verify.protocol import Array

SPECIALS = (np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-40, -1e-40, 3.0e38, -3.0e38)
_ALIKE = 256
STYLES = ("real", "whole", "large", "positive", "alike", "negative", "near", "zeros", "ones")
"""Styles, for floats: anything up to 10 in magnitude; small whole numbers; up to 10; above 0; all
elements the same; below 0; about 1; all 0; all 1."""


def draw_values(
    shape: Sequence[int], kind: Kind, rng: np.random.Generator, style: str, *, special: bool = False
) -> Array:
    """Stored values of a kind.

    Args:
        shape: Their shape.
        kind: The element type.
        rng: Where they come from.
        style: One of `STYLES`.
        special: Whether floats may be NaN, infinite, denormal, or very large.
    """
    dtype = numpy_dtype(kind.dtype)
    if kind.dtype == "string":
        words = np.empty(int(np.prod(shape)), dtype=object)
        words[:] = [(b"", b"a", b"ab", b"word")[number] for number in rng.integers(4, size=words.size)]
        return words.reshape(tuple(shape))
    if kind.dtype == "bool":
        if style in ("zeros", "ones"):
            return np.full(shape, style == "ones", dtype)
        return rng.integers(2, size=shape).astype(dtype)
    if kind.dtype in ("c64", "c128"):
        return (_reals(shape, rng, style) + 1j * _reals(shape, rng, style)).astype(dtype)
    # A smaller shape has the first of a larger one's values: what is made smaller stays what it was.
    count = int(np.prod(shape))
    made = (max(count, _ALIKE),)
    if kind.dtype[0] in "iu":
        return _steps(made, kind, rng, style)[:count].reshape(tuple(shape))
    reals = _reals(made, rng, style)
    if special and style not in ("whole", "alike"):
        chosen = rng.random(made) < 0.25
        reals = np.where(chosen, rng.choice(np.asarray(SPECIALS), size=made), reals)
    with np.errstate(all="ignore"):
        return np.asarray(reals[:count], np.float64).astype(dtype).reshape(tuple(shape))


def _reals(shape: Sequence[int], rng: np.random.Generator, style: str) -> Any:
    shape = tuple(shape)
    match style:
        case "whole":
            return rng.integers(-3, 4, size=shape).astype(np.float64)
        case "large":
            return rng.uniform(-10.0, 10.0, size=shape)
        case "positive":
            return rng.uniform(0.05, 4.0, size=shape)
        case "negative":
            return rng.uniform(-4.0, -0.05, size=shape)
        case "alike":
            return np.full(shape, rng.uniform(-4.0, 4.0))
        case "near":
            return 1.0 + rng.uniform(-0.5, 0.5, size=shape)
        case "zeros":
            return np.zeros(shape)
        case "ones":
            return np.ones(shape)
        case _:
            return rng.uniform(-1.0, 1.0, size=shape) * rng.choice([1.0, 3.0, 10.0])


def _steps(shape: Sequence[int], kind: Kind, rng: np.random.Generator, style: str) -> Array:
    dtype = numpy_dtype(kind.dtype)
    limits = np.iinfo(dtype)
    shape = tuple(shape)
    if kind.quantized or dtype.itemsize == 1:
        wide = dtype.itemsize > 2
        low, high = (-(1 << 16), 1 << 16) if wide else (int(limits.min), int(limits.max))
        if style in ("highest", "lowest"):
            return np.full(shape, high if style == "highest" else low, dtype)
        if style == "zeros":
            return np.zeros(shape, dtype)
        if style == "whole":
            return rng.integers(max(low, -9), min(high, 9) + 1, size=shape).astype(dtype)
        return rng.integers(low, high + 1, size=shape, dtype=np.int64).astype(dtype)
    match style:
        case "zeros" | "ones":
            return np.full(shape, int(style == "ones"), dtype)
        case "positive":
            return rng.integers(1, 9, size=shape).astype(dtype)
        case "large":
            bound = min(1 << 40, int(limits.max))
            return rng.integers(-bound if limits.min < 0 else 0, bound, size=shape, dtype=np.int64).astype(dtype)
        case "real":
            bound = min(1 << 12, int(limits.max))
            return rng.integers(-bound if limits.min < 0 else 0, bound, size=shape, dtype=np.int64).astype(dtype)
        case "negative":
            return rng.integers(-9 if limits.min < 0 else 0, 1, size=shape).astype(dtype)
        case _:
            return rng.integers(-4 if limits.min < 0 else 0, 8, size=shape).astype(dtype)
