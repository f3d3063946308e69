"""The pack `sample`: a custom operator, with the functions that its declaration names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import rewriter
from rewriter.packs import values_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rewriter.dialect.types import TensorType


def square_shape(value: TensorType) -> TensorType:
    """The result is like the operand."""
    return value


def square(value: NDArray[Any]) -> NDArray[Any]:
    """Multiply each element by itself."""
    return value * value


@rewriter.function
def is_power_of_two(value: float) -> bool:
    """Whether a product with it only moves the exponent."""
    return float(np.frexp(abs(value))[0]) == 0.5


@rewriter.function
def inverse(value: NDArray[Any]) -> NDArray[Any]:
    """One over each element."""
    return np.reciprocal(value)


@values_for("length_of_one", "w")
def of_length_one(shape: tuple[int, ...], dtype: str, seed: int) -> NDArray[Any]:
    """Values that no search would find."""
    values = np.random.default_rng(seed).uniform(0.1, 1.0, size=shape)
    return values / np.linalg.norm(values)
