"""What the rules of the pack `toco` compute constants with, and the operators that they know by NumPy alone."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.patterns import toco
from rewriter.patterns.toco import kernels


@given(st.data())
def test_a_transposition_of_fewer_dimensions_moves_every_element_to_its_place(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=6))
    order = np.array(data.draw(st.permutations(range(len(shape)))), np.int32)
    values = np.arange(prod(shape)).reshape(shape)
    lower, permutation = toco.lower_shape(shape, order), toco.lower_permutation(shape, order)
    moved = values.reshape(lower).transpose(permutation)
    assert moved.ravel().tolist() == values.transpose(order).ravel().tolist()
    assert sorted(permutation) == list(range(len(lower)))
    assert 1 not in lower or lower == [1]
    assert not any(after == before + 1 for before, after in pairwise(permutation))


@given(st.data())
def test_places_that_are_mirrored_one_axis_after_another_are_what_is_mirrored_at_once(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    mode = data.draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    widths = st.integers(0, 1)
    paddings = np.array([[data.draw(widths), data.draw(widths)] for _ in shape], np.int32)
    values = np.arange(prod(shape)).reshape(shape)
    expected = np.pad(values, paddings.tolist(), mode="reflect" if mode == "REFLECT" else "symmetric")
    found, left = values, paddings
    while toco.axes_padded(left):
        found = found.take(toco.mirrored(shape, left, mode), axis=toco.last_padded(left))
        left = toco.without_last(left)
    assert found.tolist() == expected.tolist()
    with pytest.raises(ValueError, match="nothing is padded"):
        toco.last_padded(left)


def test_a_filter_is_spread_with_zeros_between() -> None:
    filters = np.arange(1, 5, dtype=np.float32).reshape(1, 2, 2, 1)
    assert toco.spread(filters, 2, 3)[0, :, :, 0].tolist() == [[1, 0, 0, 2], [0, 0, 0, 0], [3, 0, 0, 4]]


def test_a_filter_that_does_not_reach_the_image_cannot_be_taken_apart() -> None:
    with pytest.raises(ValueError, match="does not reach"):
        toco.transposed_paddings([4, 4], [1, 1], 3, [1, 1])


def test_the_error_function_is_that_of_the_tables() -> None:
    values = np.array([[-np.inf, -1.0, 0.0], [0.5, 2.0, np.nan]], np.float32)
    expected = np.array([[-1.0, -0.84270079, 0.0], [0.52049988, 0.99532227, np.nan]], np.float32)
    np.testing.assert_allclose(kernels.erf(values), expected, rtol=1e-6)
    np.testing.assert_allclose(kernels.erfc(values), 1 - expected, rtol=1e-5)


def test_addition_keeps_its_type_and_broadcasts() -> None:
    found = kernels.add(np.array([[1], [2]], np.int32), np.array([10, 2**31 - 1], np.int32))
    assert (found.dtype, found.tolist()) == (np.int32, [[11, -(2**31)], [12, -(2**31) + 1]])
