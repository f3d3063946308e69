"""The pack `sample`: a custom operator, with the functions that its declaration names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rewriter.dialect.types import TensorType


def square_shape(value: TensorType) -> TensorType:
    """The result is like the operand."""
    return value


def square(value: NDArray[Any]) -> NDArray[Any]:
    """Multiply each element by itself."""
    return value * value
