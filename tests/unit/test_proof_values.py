"""Values of each style, for each type."""

from __future__ import annotations

import numpy as np
import pytest

from rewriter.proof.kinds import Kind
from rewriter.proof.values import STYLES, draw_values
from rewriter.verify.arrays import numpy_dtype

DTYPES = ("f32", "f16", "f64", "i8", "u8", "i16", "i32", "i64", "u32", "bool", "c64")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_have_the_type_and_shape_and_come_again_with_the_seed(dtype: str, style: str) -> None:
    one, same = (draw_values((3, 5), Kind(dtype), np.random.default_rng(4), style) for _ in range(2))
    assert one.dtype == numpy_dtype(dtype)
    assert one.shape == (3, 5)
    assert one.tobytes() == same.tobytes()


@pytest.mark.parametrize("style", STYLES)
def test_floats_are_at_most_10_unless_they_may_be_special(style: str) -> None:
    plain = draw_values((2000,), Kind("f32"), np.random.default_rng(1), style)
    assert abs(plain).max() <= 10
    special = draw_values((2000,), Kind("f32"), np.random.default_rng(1), style, special=True)
    assert bool(np.isnan(special).any()) is (style not in ("whole", "alike"))


@pytest.mark.parametrize(
    ("style", "low", "high"), [("positive", 0.01, 10), ("negative", -10, -0.01), ("near", 0.4, 1.6)]
)
def test_styles_keep_to_their_side(style: str, low: float, high: float) -> None:
    values = draw_values((500,), Kind("f32"), np.random.default_rng(2), style)
    assert values.min() >= low
    assert values.max() <= high


def test_large_values_go_beyond_6_on_both_sides() -> None:
    values = draw_values((500,), Kind("f32"), np.random.default_rng(2), "large")
    assert values.min() < -6
    assert values.max() > 6


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_bytes_reach_their_limits(dtype: str) -> None:
    values = draw_values((5000,), Kind(dtype, True), np.random.default_rng(2), "real")
    limits = np.iinfo(numpy_dtype(dtype))
    assert (values.min(), values.max()) == (limits.min, limits.max)


def test_strings_are_bytes_of_several_lengths() -> None:
    values = draw_values((4, 5), Kind("string"), np.random.default_rng(2), "real")
    assert values.shape == (4, 5)
    assert len({len(each) for each in values.reshape(-1)}) > 2
