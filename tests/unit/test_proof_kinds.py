"""Element types of instances: all that go together, the usual ones first."""

from __future__ import annotations

import pytest

from rewriter.proof.kinds import MOST, assignments
from rewriter.proof.plan import Plan, plans
from tests.unit.proofs import rule_of


def plan_of(text: str) -> Plan:
    sides = rule_of(f"rule r {text}").sides
    assert sides is not None
    return plans(sides)[0]


def kinds_of(text: str) -> list[tuple[str, ...]]:
    """The kinds of the leaves, way by way."""
    plan = plan_of(text)
    return [tuple(str(kinds[leaf]) for leaf in plan.leaves) for kinds in assignments(plan)]


def test_what_a_pattern_says_nothing_of_has_many_types_the_usual_ones_first() -> None:
    found = [kind for (kind,) in kinds_of("NEG(NEG(x)) -> x")]
    assert found[:2] == ["f32", "i8q"]
    assert len(found) == len(set(found))
    assert {"i32", "u8q", "i64", "i16q", "f16"} <= set(found)


def test_types_that_a_pattern_writes_are_the_only_ones() -> None:
    assert kinds_of("NEG(NEG(x: f32|i32)) -> x") == [("f32",), ("i32",)]
    assert {kind for (kind,) in kinds_of("ABS(MAXIMUM(x: i16, x)) -> x")} == {"i16", "i16q"}


@pytest.mark.parametrize(
    "text", ["RELU(ADD(x, y))", "AVERAGE_POOL_2D(x)", "ADD(RELU(x), y)", "RELU(MAXIMUM(x: i16, y))"]
)
def test_kernels_that_reckon_with_a_scale_get_one(text: str) -> None:
    kinds = {kind for each in kinds_of(f"{text} -> CUSTOM[C](x)") for kind in each}
    assert kinds >= {"i16q"}
    assert kinds.isdisjoint({"i8", "u8", "i16"})


def test_operands_have_their_operators_types_together() -> None:
    found = kinds_of("RELU(c = CONV_2D(x, w, b)) -> c")
    assert found[0] == ("f32", "f32", "f32")
    assert {("i8q", "i8q", "i32q"), ("u8q", "u8q", "i32q"), ("i16q", "i8q", "i64q"), ("f32", "i8q", "f32")} <= set(
        found
    )
    assert all(one == other for one, other in kinds_of("ADD(x, y) -> SUB(x, y)"))


def test_a_number_that_a_pattern_writes_is_one_that_the_type_holds() -> None:
    half, negative = (kinds_of(f"MUL(x, {number}) -> x") for number in ("0.5", "-1.0"))
    assert {kinds[0] for kinds in half} <= {"f32", "f16", "f64", "i8q", "u8q", "i16q"}
    assert not {kinds[0] for kinds in negative} & {"u8", "u16", "u32", "u64"}
    assert ("i32", "i32") in negative


def test_a_cast_has_all_pairs_of_types_that_are_left() -> None:
    plan = plan_of("CAST(CAST(x)) -> x")
    inner = {str(kinds[plan.operators[0].results[0]]) for kinds in assignments(plan)}
    outer = {str(kinds[plan.leaves[0]]) for kinds in assignments(plan)}
    assert min(len(inner), len(outer)) > 3


def test_results_have_the_types_that_are_declared() -> None:
    plan = plan_of("CAST(EQUAL(x, y)) -> x")
    found = {str(kinds[plan.operators[0].results[0]]) for kinds in assignments(plan)}
    assert found == {"bool"}


@pytest.mark.parametrize("text", ["CAST(CAST(CAST(x))) -> x", "QUANTIZE(CAST(QUANTIZE(x))) -> x"])
def test_of_very_many_ways_an_even_selection_is_kept(text: str) -> None:
    found = kinds_of(text)
    assert len(found) <= MOST


def test_what_contradicts_itself_has_no_types() -> None:
    assert kinds_of("DEQUANTIZE(LOGISTIC(x: f32)) -> x") == []
