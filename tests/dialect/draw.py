"""What the cases are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.dialect.one_operator import Operand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

SIZES = st.integers(1, 4)
PADDINGS = st.sampled_from(["SAME", "VALID"])


def shapes(least: int = 0, most: int = 4) -> SearchStrategy[tuple[int, ...]]:
    """Shapes of so many dimensions."""
    return st.lists(SIZES, min_size=least, max_size=most).map(tuple)


def broadcast_pair(draw: DrawFn, most: int = 4) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast against each other."""
    whole = draw(shapes(0, most))
    sides: list[tuple[int, ...]] = []
    for _ in range(2):
        cut = draw(st.integers(0, len(whole)))
        sides.append(tuple(draw(st.sampled_from([1, size])) for size in whole[cut:]))
    return sides[0], sides[1]


def numbers(values: Sequence[int], dtype: str = "i32", *, constant: bool = True) -> Operand:
    """A list of integers."""
    return Operand(dtype, (len(values),), list(values), constant=constant)


def number(value: Any, dtype: str = "i32", *, constant: bool = True) -> Operand:
    """A single number."""
    return Operand(dtype, (), value, constant=constant)


def table(rows: Sequence[Sequence[int]], dtype: str = "i32", *, constant: bool = True) -> Operand:
    """Rows of two columns."""
    return Operand(dtype, (len(rows), 2), [list(row) for row in rows], constant=constant)
