"""Numbers are changed so that a comparison comes out otherwise, and those before it as they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rewriter.proof.solve import Repairs, Variable
from rewriter.proof.tracked import Trace, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (2, 1, 3, 4, 5, 6, 8)
Condition = Any


def variables(*, open: bool = True, **values: int) -> dict[str, Variable]:
    return {name: Variable(name, value, SIZES, open) for name, value in values.items()}


def solved(
    condition: Callable[..., Condition], known: dict[str, Variable], *, most: int = 12, empty: bool = False
) -> dict[str, int] | None:
    """Repair until a condition of the variables holds; None where it never does."""
    repairs = Repairs()
    for _ in range(most):
        trace = Trace()
        if condition(**{name: Tracked.make(each.value, name, trace) for name, each in known.items()}):
            return {name: each.value for name, each in known.items()}
        if not repairs.repair(trace, known, empty=empty):
            return None
    return None


def test_a_sum_is_met_by_changing_one_number_and_no_more() -> None:
    assert solved(lambda a, b: a + 3 == b, variables(a=2, b=2)) in ({"a": 2, "b": 5}, {"a": -1, "b": 2})


@pytest.mark.parametrize(
    "condition",
    [
        lambda a, b, c: a * b == c,
        lambda a, b, c: a == b and b == c and c == 7,
        lambda a, b, c: a % 3 == 0 and b % 5 == 0 and c == a + b,
        lambda a, b, c: a < b and b < c and a + b == c,
        lambda a, b, c: (a + 2) // b == c and a % b == 0,
        lambda a, b, c: a * b * c == 24 and a != 1,
        lambda a, b, c: a != b and b != c and a != c,
    ],
    ids=["product", "chain", "rests", "order", "quotient", "number", "distinct"],
)
@pytest.mark.parametrize("start", [(2, 2, 2), (1, 3, 8), (5, 4, 1)])
def test_conditions_of_sizes_are_solved_for(condition: Callable[..., Condition], start: tuple[int, int, int]) -> None:
    found = solved(condition, variables(a=start[0], b=start[1], c=start[2]), most=40)
    assert found is not None
    assert condition(**found)


def test_a_number_outside_the_domain_is_taken_only_by_an_open_variable() -> None:
    assert solved(lambda a: a == 100, variables(a=2)) == {"a": 100}
    assert solved(lambda a: a == 100, variables(a=2, open=False)) is None
    assert solved(lambda a: a == 5, variables(a=2, open=False)) == {"a": 5}


def test_sizes_become_0_only_where_that_is_asked_for() -> None:
    assert solved(lambda a: a == 0, variables(a=2)) is None
    assert solved(lambda a: a == 0, variables(a=2), empty=True) == {"a": 0}


def test_comparisons_before_the_one_that_is_turned_come_out_as_they_did() -> None:
    def condition(a: Any, b: Any) -> Condition:
        return a == b and a == 6

    known = variables(a=2, b=2)
    repairs, trace = Repairs(), Trace()
    assert not condition(*(Tracked.make(2, name, trace) for name in known))
    assert repairs.repair(trace, known)
    # To change one alone would undo the first: both change together.
    assert {name: each.value for name, each in known.items()} == {"a": 6, "b": 6}


def test_what_contradicts_itself_is_given_up_after_values_that_never_come_twice() -> None:
    seen: list[tuple[int, int]] = []

    def condition(a: Any, b: Any) -> Condition:
        seen.append((int(a), int(b)))
        return a < b and b < a

    assert solved(condition, variables(a=2, b=2), most=30) is None
    assert len(seen) > 2
    assert len(set(seen)) == len(seen)


def test_nothing_is_repaired_where_nothing_was_compared() -> None:
    known = variables(a=2)
    assert not Repairs().repair(Trace(), known)
    assert known["a"].value == 2


def test_the_step_that_failed_is_turned_before_earlier_ones() -> None:
    trace = Trace()
    known = variables(a=2, b=2)
    a, b = (Tracked.make(2, name, trace) for name in known)
    assert a != 3
    start = len(trace.comparisons)
    assert b != 4
    assert Repairs().repair(trace, known, start)
    assert {name: each.value for name, each in known.items()} == {"a": 2, "b": 4}


def test_the_nearest_number_is_preferred() -> None:
    assert solved(lambda a: a > 4, variables(a=2)) == {"a": 5}
