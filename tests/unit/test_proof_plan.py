"""Plans settle all that a pattern leaves open in kind: operators, alternatives, operands, lengths."""

from __future__ import annotations

from itertools import chain

import pytest

from rewriter.proof.plan import MOST_PLANS, Plan, plans
from tests.unit.proofs import rule_of


def plans_of(text: str) -> list[Plan]:
    sides = rule_of(f"rule r {text}").sides
    assert sides is not None
    return plans(sides)


def shown(plan: Plan) -> list[str]:
    """Each operator with the number of its operands; `-` stands for one that is absent."""
    return [
        f"{operator.name}/{''.join('-' if each is None else 'x' for each in operator.operands)}"
        for operator in plan.operators
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NEG(NEG(x)) -> x", [["NEG/x", "NEG/x"]]),
        ("RELU((ADD|SUB)(x, y)) -> ABS(x)", [["ADD/xx", "RELU/x"], ["SUB/xx", "RELU/x"]]),
        ("NEG((LOGISTIC(x) | TANH(x))) -> ABS(x)", [["LOGISTIC/x", "NEG/x"], ["TANH/x", "NEG/x"]]),
        (
            "RELU(c = FULLY_CONNECTED(x, w, b?)) -> @c[fused_activation_function=RELU](x, w, b)",
            [["FULLY_CONNECTED/xxx", "RELU/x"], ["FULLY_CONNECTED/xx-", "RELU/x"]],
        ),
        ("RELU(f = FULLY_CONNECTED(..)) -> f", [["FULLY_CONNECTED/xxx", "RELU/x"], ["FULLY_CONNECTED/xx-", "RELU/x"]]),
        (
            "ABS(CONCATENATION(a, xs...)) -> NEG(a)",
            [[f"CONCATENATION/x{'x' * count}", "ABS/x"] for count in (2, 1, 3, 0)],
        ),
        (
            "CONCATENATION(RELU(xs)...) -> RELU(CONCATENATION(xs...))",
            [[*["RELU/x"] * count, f"CONCATENATION/{'x' * count}"] for count in (2, 1, 3)],
        ),
        ("(y, z) = SPLIT[num_splits=2](a, x); ADD(y, z) -> SUB(y, z)", [["SPLIT/xx", "ADD/xx"]]),
    ],
    ids=["plain", "set", "alternatives", "optional", "unwritten", "list", "mapped list", "many results"],
)
def test_there_is_a_plan_for_each_kind(text: str, expected: list[list[str]]) -> None:
    found = [shown(plan) for plan in plans_of(text)]
    assert [sorted(each) for each in found] == [sorted(each) for each in expected]


def test_kinds_are_combined() -> None:
    found = plans_of("(ADD|SUB)(x, (MUL|MAXIMUM|MINIMUM)(y, z)) -> x")
    assert len({tuple(shown(plan)) for plan in found}) == 6


def test_a_label_says_what_was_chosen() -> None:
    labels = [plan.label for plan in plans_of("(RELU|ABS)(f = FULLY_CONNECTED(x, w, b?)) -> f")]
    assert labels == ["RELU", "RELU, without b", "ABS", "ABS, without b"]
    assert [plan.label for plan in plans_of("NEG(NEG(x)) -> x")] == [""]


def test_any_operator_has_stand_ins_of_its_number_of_operands() -> None:
    one = {plan.operators[0].name for plan in plans_of("NEG(r = ANY(x)) -> r")}
    two = {plan.operators[0].name for plan in plans_of("NEG(r = ANY(x, y)) -> r")}
    assert len(one) > 2
    assert len(two) > 2
    assert not one & two


def test_of_very_many_plans_an_even_selection_is_kept() -> None:
    operators = "(ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM)"
    found = plans_of(f"{operators}(x, {operators}(y, {operators}(z, v))) -> x")
    assert len(found) <= MOST_PLANS
    for place in range(3):
        names = {plan.operators[place].name for plan in found}
        assert len(names) > 1, f"the operator at {place} is always {names}"


def test_a_name_that_is_written_twice_is_one_tensor() -> None:
    (plan,) = plans_of("ADD(RELU(x), RELU6(x)) -> RELU(x)")
    assert [leaf.name for leaf in plan.leaves] == ["x"]
    assert [reader.name for reader, _ in plan.leaves[0].readers] == ["RELU", "RELU6"]


def test_operators_stand_in_an_order_in_which_they_run_and_the_root_is_last() -> None:
    for plan in plans_of("CONCATENATION(ADD(RELU(xs), c)...) -> CONCATENATION(xs...)"):
        made = set(plan.leaves)
        for operator in plan.operators:
            assert made.issuperset(each for each in operator.operands if each is not None)
            made.update(operator.results)
        assert plan.root is plan.operators[-1]


def test_each_element_of_a_mapped_list_has_tensors_of_its_own_but_for_names_outside() -> None:
    (plan, *_) = plans_of("CONCATENATION(ADD(xs, ys)...) -> CONCATENATION(xs...)")
    adds = [operator for operator in plan.operators if operator.name == "ADD"]
    operands = list(chain.from_iterable(operator.operands for operator in adds))
    assert len(adds) == 2
    assert len(set(operands)) == 4
