"""Tracked numbers: ints that remember how they were computed, and what was compared."""

from __future__ import annotations

import operator
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.proof.tracked import Comparison, Trace, Tracked, evaluate, plain

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = st.integers(-20, 20)
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def named(trace: Trace, **values: int) -> list[Any]:
    return [Tracked.make(value, name, trace) for name, value in values.items()]


@pytest.mark.parametrize("sign", ARITHMETIC)
@given(one=SMALL, other=SMALL)
def test_arithmetic_gives_what_ints_give_and_can_be_computed_again(sign: str, one: int, other: int) -> None:
    if sign in ("//", "%") and other == 0:
        return
    a, b = named(Trace(), a=one, b=other)
    expected = ARITHMETIC[sign](one, other)
    for found in (ARITHMETIC[sign](a, b), ARITHMETIC[sign](a, other), ARITHMETIC[sign](one, b)):
        assert int(found) == expected
        assert evaluate(found.expression, {"a": one, "b": other}) == expected


@given(one=SMALL, other=SMALL, later=SMALL)
def test_an_expression_has_another_value_for_other_numbers(one: int, other: int, later: int) -> None:
    a, b = named(Trace(), a=one, b=other)
    found = -(a * 2 + abs(b)) - a
    assert evaluate(found.expression, {"a": later, "b": other}) == -(later * 2 + abs(other)) - later


@pytest.mark.parametrize("sign", COMPARED)
@given(one=SMALL, other=SMALL)
def test_a_comparison_comes_out_as_between_ints_and_is_noted(sign: str, one: int, other: int) -> None:
    trace = Trace()
    a, b = named(trace, a=one, b=other)
    assert COMPARED[sign](a, b) is COMPARED[sign](one, other)
    assert trace.comparisons == [Comparison(sign, "a", "b", COMPARED[sign](one, other))]


def test_truth_is_a_comparison_with_nothing() -> None:
    trace = Trace()
    (a,) = named(trace, a=3)
    assert a
    assert trace.comparisons == [Comparison("!=", "a", 0, True)]
    assert trace.comparisons[0].with_nothing


def test_what_was_compared_last_is_not_noted_twice() -> None:
    trace = Trace()
    (a,) = named(trace, a=3)
    assert [a == 3, a == 3, a < 4, a == 3] == [True] * 4
    assert [each.sign for each in trace.comparisons] == ["==", "<", "=="]


def test_a_comparison_says_whether_other_numbers_keep_its_outcome() -> None:
    trace = Trace()
    a, b = named(trace, a=6, b=3)
    assert a % b == 0
    (found,) = trace.comparisons
    assert [found.holds({"a": 8, "b": each}) for each in (4, 3)] == [True, False]
    assert found.holds({"a": 8, "b": 0}) is None, "it cannot be computed"
    assert found.variables() == ("a", "b")


@pytest.mark.parametrize(("outcome", "equal", "unequal"), [(True, False, True), (False, True, False)])
def test_two_numbers_are_apart_where_they_were_found_so(outcome: bool, equal: bool, unequal: bool) -> None:
    assert Comparison("==", "a", "b", outcome).apart is equal
    assert Comparison("!=", "a", "b", outcome).apart is unequal
    assert not Comparison("<", "a", "b", outcome).apart


def test_a_tracked_number_is_taken_where_an_int_is() -> None:
    trace = Trace()
    (a,) = named(trace, a=2)
    assert [10, 20, 30][a] == 30
    assert list(range(a)) == [0, 1]
    assert ({2: "two"}[a], f"{a:>3}", str(a), repr(a)) == ("two", "  2", "2", "2")
    assert (a**3, a / 4, a * 0.5, 1.5 - a) == (8, 0.5, 1.0, -0.5)


def test_beside_floats_comparisons_are_floats_and_leave_no_trace() -> None:
    trace = Trace()
    (a,) = named(trace, a=2)
    assert a == 2.0
    assert a != 2.5
    assert trace.comparisons == []


def test_plain_numbers_stay_in_their_lists() -> None:
    a, b = named(Trace(), a=2, b=3)
    found = plain([a, (b, 4), [[a]], "word"])
    assert found == [2, (3, 4), [[2]], "word"]
    assert type(found[0]) is int
    assert type(found[2][0][0]) is int


def test_a_copy_made_by_pickling_is_a_plain_number() -> None:
    (a,) = named(Trace(), a=2)
    assert type(pickle.loads(pickle.dumps(a))) is int
