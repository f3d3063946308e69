"""How large what an expression computes may become; what would be larger is refused before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, prod
from typing import Any, cast

MOST_ELEMENTS = 1 << 28
"""Of a constant that is computed from constants of the model: a gigabyte of f32, and a file holds two."""

MOST_OF_LITERALS = 1 << 22
"""Of one that is computed from numbers of the rule alone."""

LARGEST = 1 << 64
"""Of an integer that arithmetic gives."""


def check_elements(count: int, *, literal: bool = False) -> None:
    """Refuse to compute what would be too large.

    Raises:
        ValueError: It would have more elements than a constant may have.
    """
    most = MOST_OF_LITERALS if literal else MOST_ELEMENTS
    if count > most:
        raise ValueError(f"it would have more than {most:,} elements")


def check_broadcast(one: Any, other: Any, *, literal: bool = False) -> None:
    """Refuse arithmetic on two arrays whose result would be too large."""
    shapes = [getattr(each, "shape", ()) for each in (one, other)]
    if shapes[0] != shapes[1] and all(shapes):
        import numpy as np

        check_elements(prod(map(int, np.broadcast_shapes(*shapes))), literal=literal)


def check_integer(value: object) -> None:
    """Refuse an integer that is too large to go on with."""
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise ValueError("a number became too large")


def elements_of_call(name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> int:
    """How many elements a function of constants will give; 0 where its arguments bound them.

    Arguments that the function will refuse may raise anything that NumPy raises for them.
    """
    import numpy as np

    match name, arguments:
        case "full", [shape, *_]:
            return prod(_sizes(shape))
        case "broadcast_to", [_, shape]:
            return prod(_sizes(shape))
        case "arange", [stop]:
            return _steps(0, stop, 1)
        case "arange", [start, stop]:
            return _steps(start, stop, 1)
        case "arange", [start, stop, step]:
            return _steps(start, stop, step)
        case "concat", [values, *_]:
            return sum(int(np.size(each)) for each in values)
        case "pad", [value, widths, *_]:
            shape = np.shape(value)
            around = np.broadcast_to(np.asarray(widths, object), (len(shape), 2)).tolist()
            return prod(size + int(before) + int(after) for size, (before, after) in zip(shape, around, strict=True))
        case _:
            return 0


def _sizes(shape: Any) -> list[int]:
    return [int(size) for size in cast("list[Any]", shape)] if isinstance(shape, list | tuple) else [int(shape)]


def _steps(start: Any, stop: Any, step: Any) -> int:
    return max(ceil((float(stop) - float(start)) / float(step)), 0)
