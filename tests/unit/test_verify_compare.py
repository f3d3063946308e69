"""Statements of equality, held to values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.language.rules import Equality
from rewriter.verify.compare import Slack, Variation, compare, settle, widest_slack
from rewriter.verify.equality import for_result

EXACT = Equality("exact")
NAN, INF = math.nan, math.inf


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("stated", "dtype", "quantized", "meant"),
    [
        (Equality(), "f32", False, Equality("within", 1e-5)),
        (Equality(), "f64", False, Equality("within", 1e-5)),
        (Equality(), "f16", False, Equality("within", 1e-2)),
        (Equality(), "bf16", False, Equality("within", 1e-2)),
        (Equality(), "i8", True, EXACT),
        (Equality(), "bool", False, EXACT),
        (Equality("within", 1e-3), "f32", False, Equality("within", 1e-3)),
        (Equality("within", 1e-3), "i32", False, EXACT),
        (Equality("ulp", 4), "i8", True, EXACT),
        (Equality("ulp", 4), "f16", False, Equality("ulp", 4)),
        (Equality("step", 1), "i8", True, Equality("step", 1)),
        (Equality("step", 1), "i32", False, Equality("step", 1)),
        (Equality("step", 1), "f32", False, Equality("within", 1e-5)),
        (Equality("step", 1), "bool", False, EXACT),
        (EXACT, "f32", False, EXACT),
    ],
)
def test_a_statement_speaks_only_of_the_types_it_is_about(
    stated: Equality, dtype: str, quantized: bool, meant: Equality
) -> None:
    assert for_result(stated, dtype, quantized=quantized) == meant


@pytest.mark.parametrize(
    ("before", "after", "equality", "equal"),
    [
        # Relative to the larger of 1 and the result's largest magnitude, not to the element.
        ((1000.0, 0.0), (1000.0, 0.009), Equality("within", 1e-5), True),
        ((1000.0, 0.0), (1000.0, 0.011), Equality("within", 1e-5), False),
        ((0.001,), (0.001009,), Equality("within", 1e-5), True),
        ((0.001,), (0.001011,), Equality("within", 1e-5), False),
        # One side alone not finite is a difference; both is none.
        ((INF, 1.0), (NAN, 1.0), Equality("within", 1e-5), True),
        ((INF, 1.0), (1.0, 1.0), Equality("within", 1e-5), False),
        ((1.0, 1.0), (1.0, NAN), Equality("within", 1e-5), False),
        # Exact is about bits, but every NaN is the same.
        ((NAN, 0.0), (-NAN, 0.0), EXACT, True),
        ((0.0,), (-0.0,), EXACT, False),
        ((INF,), (-INF,), EXACT, False),
        ((1.0,), (float(np.nextafter(np.float32(1), np.float32(2))),), EXACT, False),
        ((1e-40,), (0.0,), EXACT, False),
        ((1.0,), (1.0 + 4 * 2**-23,), Equality("ulp", 4), True),
        ((1.0,), (1.0 + 5 * 2**-23,), Equality("ulp", 4), False),
        ((1e-40,), (-0.0,), Equality("ulp", 1), True),
        ((-1.0,), (1.0,), Equality("ulp", 4), False),
    ],
)
def test_floats_are_equal_as_stated(
    before: tuple[float, ...], after: tuple[float, ...], equality: Equality, equal: bool
) -> None:
    assert compare(floats(*before), floats(*after), equality).equal is equal


def test_a_delegate_may_take_denormals_for_zeros_but_not_confuse_zeros() -> None:
    before, after = floats(1e-40, -1e-40, 1.0), floats(0.0, 0.0, 1.0)
    assert not compare(before, after, EXACT).equal
    assert compare(before, after, EXACT, flushed=True).equal
    assert not compare(floats(0.0), floats(-0.0), EXACT, flushed=True).equal
    assert not compare(floats(1e-37), floats(0.0), EXACT, flushed=True).equal


def test_steps_are_counted_without_wrapping_round() -> None:
    before, after = np.array([-128, 0], dtype=np.int8), np.array([127, 1], dtype=np.int8)
    found = compare(before, after, Equality("step", 1))
    assert (found.max_abs, found.index, found.differing) == (255, (0,), 1)
    assert compare(before[1:], after[1:], Equality("step", 1)).equal
    assert not compare(before[1:], after[1:], EXACT).equal


def test_large_unsigned_integers_are_compared_as_integers() -> None:
    before = np.array([2**64 - 1], dtype=np.uint64)
    assert not compare(before, before - np.uint64(1), EXACT).equal
    assert compare(before, before - np.uint64(1), Equality("step", 1)).equal
    scalar = before.reshape(())
    assert not compare(scalar, scalar - np.uint64(1), EXACT).equal
    assert compare(scalar, scalar, EXACT).equal


def test_complex_results_are_pairs_of_floats() -> None:
    before = np.array([1 + 2j], dtype=np.complex64)
    assert compare(before, before, EXACT).equal
    assert not compare(before, before.conj(), Equality("within", 1e-5)).equal


def test_strings_and_bools_are_equal_or_not() -> None:
    assert compare(np.array([b"a", b"b"], object), np.array([b"a", b"b"], object), EXACT).equal
    assert compare(np.array([b"a", b"b"], object), np.array([b"a", b"c"], object), EXACT).index == (1,)
    assert compare(np.array([True]), np.array([False]), EXACT).max_abs == 1


def test_another_shape_or_type_is_a_difference_with_a_reason() -> None:
    found = compare(np.zeros((2, 3), np.float32), np.zeros((3, 2), np.float32), Equality("within", 1.0))
    assert (found.equal, found.reason) == (False, "float32[2, 3] became float32[3, 2]")
    assert compare(np.zeros(1, np.float32), np.zeros(1, np.int8), Equality()).reason == "float32[1] became int8[1]"


def test_the_first_differing_element_is_named() -> None:
    before = np.zeros((2, 3), np.float32)
    after = before.copy()
    after[1, 2] = after[1, 0] = 0.5
    found = compare(before, after, Equality("within", 1e-5))
    assert (found.index, found.differing, found.max_abs, found.compared) == ((1, 0), 2, 0.5, 6)


def test_an_empty_result_is_equal() -> None:
    assert compare(np.zeros((0, 4), np.float32), np.zeros((0, 4), np.float32), EXACT).equal


def test_slack_lets_pass_a_distance_and_a_few_elements_but_never_in_exact_floats() -> None:
    before = np.zeros(100, np.float32)
    within = Equality("within", 1e-5)
    assert compare(before, before + 1e-3, within, Slack(1e-3, 0)).equal
    assert not compare(before, before + 1e-3, EXACT, Slack(1.0, 100)).equal
    after = before.copy()
    after[:2] = 9.0
    assert compare(before, after, within, Slack(0.0, 2)).equal
    assert not compare(before, after, within, Slack(0.0, 1)).equal
    after[0] = NAN
    assert not compare(before, after, within, Slack(1.0, 100)).equal
    after[0] = 9.0
    labels = np.zeros(100, np.int32)
    assert compare(labels, after.astype(np.int32), EXACT, Slack(0.0, 2)).equal


def test_rounding_is_not_asked_for_where_it_could_not_account_for_the_difference() -> None:
    before = np.ones(1000, np.float32)

    def never() -> Slack:
        raise AssertionError("asked")

    assert settle(before, before, Equality("within", 1e-5), never).equal
    assert not settle(before, before + 0.5, Equality("within", 1e-5), never).equal
    assert settle(before, before + 1e-4, Equality("within", 1e-5), lambda: Slack(1e-3, 0)).equal
    assert not settle(before, before + 1e-4, Equality("within", 1e-5), Slack).equal


@given(st.floats(0.01, 1e6))
def test_no_slack_hides_a_difference_of_one_percent_everywhere(scale: float) -> None:
    before = np.linspace(-scale, scale, 1000, dtype=np.float32)
    offset = np.float32(0.01 * max(1.0, scale))
    assert not compare(before, before + offset, Equality("within", 1e-5), widest_slack(before)).equal


def test_a_saturated_result_does_not_count_as_varied() -> None:
    rng = np.random.default_rng(0)
    saturated, alive, steps = Variation(), Variation(), Variation()
    for _ in range(5):
        saturated.add((1e-6 * rng.random(100)).astype(np.float32))
        alive.add(rng.random(100).astype(np.float32))
        steps.add(rng.integers(0, 2, 100).astype(np.int8))
    assert not saturated.varied
    assert alive.varied
    assert steps.varied


def test_a_result_that_differs_by_element_but_not_by_run_does_not_count_as_varied() -> None:
    variation = Variation()
    for _ in range(5):
        variation.add(np.arange(100, dtype=np.float32))
    assert not variation.varied


def test_one_run_shows_no_variation() -> None:
    variation = Variation()
    variation.add(np.arange(3, dtype=np.float32))
    assert not variation.varied
