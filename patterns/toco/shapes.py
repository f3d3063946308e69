"""Result types of the operators that the converters leave to TensorFlow's own.

Nothing here needs NumPy: types are inferred while a model is rewritten, where nothing is computed.
"""

from __future__ import annotations

from rewriter.dialect.shapes import broadcast
from rewriter.dialect.types import TensorType


def same_shape(values: TensorType) -> TensorType:
    """The result of a function of each element: its operand's type and shape."""
    return values


def broadcast_shape(lhs: TensorType, rhs: TensorType) -> TensorType:
    """The result of a function of two elements: both operands' type, and the shape that they broadcast to.

    Raises:
        ValueError: The types differ, or the shapes do not fit.
    """
    return broadcast(lhs, rhs)
