"""What is known of a tensor before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import calcsize
from typing import Any, TypeGuard

from attrs import field, frozen

# How `struct` writes one value of an element type.
FORMATS = {
    "i8": "b",
    "u8": "B",
    "i16": "h",
    "u16": "H",
    "i32": "i",
    "u32": "I",
    "i64": "q",
    "u64": "Q",
    "bool": "?",
    "f16": "e",
    "f32": "f",
    "f64": "d",
}

# How many bits one value takes in a constant, for types all of whose values take as many.
BITS = {
    **{dtype: 8 * calcsize(form) for dtype, form in FORMATS.items()},
    "i2": 2,
    "i4": 4,
    "u4": 4,
    "bf16": 16,
    "c64": 64,
    "c128": 128,
}

Dimensions = tuple[int | None, ...]


def _as_dimensions(shape: Iterable[int | None]) -> Dimensions:
    return tuple(shape)


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a value of an attribute or an expression is a list."""
    return isinstance(value, list | tuple)


@frozen
class TensorType:
    """An element type and a shape.

    Attributes:
        dtype: A word of the `.pat` language: `f32`, `i8`.
        shape: One size per dimension; None where it is open until the model runs.
        values: For a small constant of integers, reads them in order; None for everything else.
    """

    dtype: str
    shape: Dimensions = field(converter=_as_dimensions)
    values: Callable[[], Sequence[int]] | None = field(default=None, eq=False, repr=False)

    @property
    def rank(self) -> int:
        """How many dimensions it has."""
        return len(self.shape)

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join('?' if size is None else str(size) for size in self.shape)}]"


@frozen(eq=False)
class QuantizedArray:
    """A quantized constant that was computed.

    Attributes:
        stored: The stored integers, a NumPy array of `dtype`.
        dtype: The element type.
        scale: Real units per step; one, or one for each slice along `dimension`.
        zero_point: The stored value of 0.0, as many as there are scales.
    """

    stored: Any
    dtype: str
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    dimension: int
