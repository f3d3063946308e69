"""Residues are exact, and what was rounded is told from what was not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.proof.field.arithmetic import PRIME, exact, inverse, product, residues

RESIDUES = st.integers(0, PRIME - 1)


def residue(number: float) -> int:
    """By Python's own whole numbers."""
    fraction = Fraction(number)
    return fraction.numerator * pow(fraction.denominator, -1, PRIME) % PRIME


def test_the_modulus_is_a_prime_of_which_two_is_a_primitive_root() -> None:
    # Lucas: an element whose order is PRIME - 1 shows that PRIME is prime.
    factors = (2, 3, 59652323)
    rest = PRIME - 1
    for factor in factors:
        while rest % factor == 0:
            rest //= factor
    assert rest == 1
    assert all(59652323 % factor for factor in range(2, 7724))
    assert pow(2, PRIME - 1, PRIME) == 1
    assert all(pow(2, (PRIME - 1) // factor, PRIME) != 1 for factor in factors)


@pytest.mark.parametrize("width", [16, 32, 64])
@given(data=st.data())
def test_every_finite_float_has_the_residue_of_its_fraction(width: int, data: st.DataObject) -> None:
    number = data.draw(st.floats(width=width, allow_nan=False, allow_infinity=False))  # pyright: ignore[reportArgumentType]
    assert residues(np.array([number], f"f{width // 8}")).tolist() == [residue(number)]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_integers_have_their_residue(numbers: list[int]) -> None:
    assert residues(np.array(numbers, np.int64)).tolist() == [number % PRIME for number in numbers]


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_what_is_no_number_has_no_residue(number: float) -> None:
    with pytest.raises(ValueError, match="no residue"):
        residues(np.array([1.0, number], np.float32))


@given(st.lists(st.integers(1, PRIME - 1), min_size=1))
def test_a_residue_times_its_inverse_is_one(numbers: list[int]) -> None:
    values = np.array(numbers, np.int64)
    assert (values * inverse(values) % PRIME).tolist() == [1] * len(numbers)


@given(st.data())
def test_products_of_matrices_are_those_of_whole_numbers(data: st.DataObject) -> None:
    rows, depth, columns = (data.draw(st.integers(0, 4)) for _ in range(3))
    left, right = (
        np.array(data.draw(st.lists(RESIDUES, min_size=size, max_size=size)), np.int64)
        for size in (rows * depth, depth * columns)
    )
    left, right = left.reshape(rows, depth), right.reshape(depth, columns)
    wanted = left.astype(object) @ right.astype(object) % PRIME
    assert product(left, right).tolist() == wanted.tolist()


def test_a_long_sum_of_the_largest_products_does_not_overflow() -> None:
    depth = 3 * (1 << 15) + 5
    values = np.full((1, depth), PRIME - 1, np.int64)
    assert product(values, values.T).tolist() == [[depth]]


@pytest.mark.parametrize("numbers", [[0.0, -0.0], [1.0, -3.0, 65535.0], [0.5, 0.125, 2.0**-140], [1 + 2**-10], [1e6]])
def test_short_numbers_are_exact(numbers: list[float]) -> None:
    assert exact(np.array(numbers, np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("number", [0.1, 1 / 3, 2**0.5, 1 / 17, 1 / 35, 257.1, np.inf, np.nan])
def test_numbers_that_fill_the_mantissa_are_not_exact(number: float, dtype: type[np.floating]) -> None:
    assert not exact(np.array([1.0, number], dtype))


@pytest.mark.parametrize(("number", "found"), [(127.0, True), (-127.0, True), (128.0, False), (0.5, False)])
def test_of_half_precision_small_whole_numbers_are_exact(number: float, found: bool) -> None:
    assert exact(np.array([number], np.float16)) == found


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_quotients_of_small_whole_numbers_are_exact_only_where_nothing_is_rounded(dtype: type[np.floating]) -> None:
    for one in range(1, 100):
        for other in range(1, 100):
            quotient = dtype(one) / dtype(other)
            if Fraction(float(quotient)) != Fraction(one, other):
                assert not exact(np.array(quotient)), (one, other)


def test_integers_are_exact() -> None:
    assert exact(np.array([2**31 - 1, -(2**31)], np.int32))


def test_types_without_a_bound_are_not_exact() -> None:
    assert not exact(np.array([1.0], np.longdouble))
