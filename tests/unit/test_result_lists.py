"""Results of any number: lists of them, on both sides of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.dialect.dialect import Dialect
from rewriter.language.check import compile_rules
from rewriter.language.sides import Sides
from rewriter.proof.plan import plans
from tests.unit.networks import Network, apply_rules, run, shown
from tests.unit.test_matcher import matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Model, Tensor


def cut(count: int = 3, read: Sequence[int] | None = None, *, through: str = "", outputs: Sequence[int] = ()) -> Model:
    """y = CONCATENATION(p0, p1, ..), (p0, p1, ..) = SPLIT(axis, x); `read` says which parts, in which order."""
    network = Network()
    x, axis = network.input("x", (count, 2)), network.constant("axis", 0, "i32")
    parts = [network.tensor(f"p{place}", (1, 2)) for place in range(count)]
    network.add("SPLIT", [axis, x], parts, attributes={"num_splits": count})
    joined = [parts[place] for place in (range(count) if read is None else read)]
    if through:
        joined = [network.add(through, [each], f"n{place}") for place, each in enumerate(joined)]
    y = network.add("CONCATENATION", joined, "y", (len(joined), 2), attributes={"axis": 0})
    return network.build(y, *(parts[place] for place in outputs))


def cut_only(count: int = 3, *readers: int) -> Model:
    """(p0, p1, ..) = SPLIT(axis, x), all outputs or read by a NEG."""
    network = Network()
    x, axis = network.input("x", (count, 2)), network.constant("axis", 0, "i32")
    parts = [network.tensor(f"p{place}", (1, 2)) for place in range(count)]
    network.add("SPLIT", [axis, x], parts, attributes={"num_splits": count})
    results: list[Tensor] = [
        network.add("NEG", [each], f"n{place}") if place in readers else each for place, each in enumerate(parts)
    ]
    return network.build(*results)


def rewritten(model: Model, rule: str) -> list[str]:
    """The operators after one application, which computes what the model did."""
    before, given = run(model, *_given(model)), _given(model)
    assert len(apply_rules(model, rule).applications) == 1
    for one, other in zip(before, run(model, *given), strict=True):
        np.testing.assert_array_equal(one, other)
    return shown(model)


def _given(model: Model) -> list[Any]:
    return [np.arange(float(np.prod(each.shape)), dtype=np.float32).reshape(each.shape) - 1 for each in inputs(model)]


def inputs(model: Model) -> list[Tensor]:
    return list(model.subgraphs[0].inputs)


def reason(model: Model, rule: str) -> str:
    """Why a replacement cannot stand."""
    (miss,) = apply_rules(model, rule).misses
    return miss.reason


JOINED = "(rs...) = SPLIT[num_splits=_](_, x); CONCATENATION[axis=_](rs...)"


# What matches


@pytest.mark.parametrize("count", [1, 2, 5])
def test_operands_that_are_all_results_in_their_order_match_whatever_their_number(count: int) -> None:
    assert matches(cut(count), JOINED) == ["y"]


@pytest.mark.parametrize("read", [[1, 0, 2], [0, 1], [1, 2], [0, 1, 2, 0], [0, 0, 1, 2], [0, 1, 1]])
def test_some_of_the_results_or_another_order_of_them_is_no_match(read: list[int]) -> None:
    assert matches(cut(3, read), JOINED) == []


def test_results_before_and_behind_a_list_have_names_of_their_own() -> None:
    pattern = "(a, rs..., b) = SPLIT(_, x); CONCATENATION[axis=_]({})"
    assert matches(cut(4), pattern.format("a, rs..., b")) == ["y"]
    assert matches(cut(4, [1, 2]), pattern.format("rs...") + " where a.uses == 0") == ["y"]
    assert matches(cut(4, [1, 2, 3]), pattern.format("rs..., b")) == ["y"]
    assert matches(cut(4, [1, 2, 0]), pattern.format("rs..., b")) == []
    assert matches(cut(1), pattern.format("a, rs..., b")) == []


def test_a_list_that_something_reads_is_not_empty_and_one_that_nothing_reads_may_be() -> None:
    assert matches(cut(1, [0]), "(a, rs...) = SPLIT(_, x); CONCATENATION[axis=_](a) where len(rs) == 0") == ["y"]
    assert matches(cut(1, [0]), "(a, rs...) = SPLIT(_, x); CONCATENATION[axis=_](a, rs...)") == []
    assert matches(cut(1, [0]), "(a, rs...) = SPLIT(_, x); CONCATENATION[axis=_](rs..., a)") == []


def test_two_lists_share_what_the_name_between_them_leaves() -> None:
    pattern = "(as..., b, cs...) = SPLIT(_, x); CONCATENATION[axis=_](b) where len(as) == {}, len(cs) == {}"
    assert matches(cut(4, [1]), pattern.format(1, 2)) == ["y"]
    assert matches(cut(4, [3]), pattern.format(3, 0)) == ["y"]
    assert matches(cut(4, [1]), pattern.format(2, 1)) == []


def test_what_is_made_of_each_result_can_be_read_in_their_place() -> None:
    pattern = "(rs...) = SPLIT(_, x); CONCATENATION[axis=_](NEG(rs)...)"
    assert matches(cut(3, through="NEG"), pattern) == ["y"]
    assert matches(cut(3, [0, 2, 1], through="NEG"), pattern) == []
    assert matches(cut(3, [0, 1], through="NEG"), pattern) == []
    assert matches(cut(3, through="ABS"), pattern) == []


def test_conditions_ask_a_list_and_its_elements() -> None:
    assert matches(
        cut(3), f"{JOINED} where len(rs) == 3, rs[0].shape == [1, 2], rs.dtype == ['f32', 'f32', 'f32']"
    ) == ["y"]
    assert matches(cut(3), f"{JOINED} where len(rs) == 2") == []


def test_an_equation_that_the_root_does_not_lead_to_may_have_a_list() -> None:
    network = Network()
    x, axis = network.input("x", (2, 2)), network.constant("axis", 0, "i32")
    parts = [network.tensor(f"p{place}", (1, 2)) for place in range(2)]
    network.add("SPLIT", [axis, x], parts, attributes={"num_splits": 2})
    model = network.build(network.add("NEG", [x], "n"), *parts)
    left = "(rs...) = SPLIT[num_splits=k](d, x); n = NEG(x)"
    right = "m = NEG(x); (rs...) = SPLIT_V[num_splits=k](x, [1, 1], d); n = m"
    assert rewritten(model, f"{left} -> {right}") == ["p0, p1 = SPLIT_V(x, p0/1, axis)", "n = NEG(x)"]


@pytest.mark.parametrize("outputs", [[0], [2]])
def test_a_result_of_a_list_that_goes_has_no_other_reader(outputs: list[int]) -> None:
    assert matches(cut(3, outputs=outputs), JOINED) == []


# What is made


def test_the_list_is_read_again_on_the_right() -> None:
    rule = "(rs...) = SPLIT(_, x); c = CONCATENATION[axis=a](rs...) -> CONCATENATION[axis=a](rs..., rs[0:0]...)"
    assert matches(cut(2), rule.partition(" ->")[0]) == ["y"]
    lines = rewritten(
        cut(3, through="NEG"),
        "(rs...) = SPLIT(_, x); CONCATENATION[axis=a](NEG(rs)...) -> NEG(CONCATENATION[axis=a](rs...))",
    )
    assert lines == ["p0, p1, p2 = SPLIT(axis, x)", "y/1 = CONCATENATION(p0, p1, p2)", "y = NEG(y/1)"]
    lines = rewritten(
        cut(2, through="NEG"),
        "(rs...) = SPLIT(_, x); CONCATENATION[axis=a](NEG(rs)...) -> CONCATENATION[axis=a](SUB(0.0, rs)...)",
    )
    assert lines[-1] == "y = CONCATENATION(y/2, y/4)"


def test_a_list_is_given_anew_as_the_results_of_another_operator() -> None:
    rule = "(rs...) = SPLIT[num_splits=_](d, x) -> (rs...) = SPLIT_V[num_splits=len(rs)](x, rs.shape[0], d)"
    lines = rewritten(cut_only(3), rule.replace("rs.shape[0]", "full([len(rs)], 1)"))
    assert lines == ["p0, p1, p2 = SPLIT_V(x, p0/1, axis)"]


def test_another_number_of_results_is_refused() -> None:
    rule = "(rs...) = SPLIT[num_splits=_](d, x) -> (rs...) = UNPACK[axis=1, num=2](x)"
    assert reason(cut_only(3), rule) == "UNPACK gives 2 results here, not 3"


def test_results_are_given_anew_element_for_element() -> None:
    network = Network()
    xs = [network.input(f"x{place}", (2,)) for place in range(3)]
    stacked = network.add(
        "PACK",
        [network.add("NEG", [x], f"n{place}") for place, x in enumerate(xs)],
        "s",
        (3, 2),
        attributes={"axis": 0, "values_count": 3},
    )
    parts = [network.tensor(f"p{place}", (2,)) for place in range(3)]
    network.add("UNPACK", [stacked], parts, attributes={"axis": 0, "num": 3})
    model = network.build(*(network.add("ABS", [each], f"a{place}") for place, each in enumerate(parts)))
    lines = rewritten(model, "(rs...) = UNPACK[axis=k, num=n](PACK[axis=k, values_count=n](xs...)) -> (rs...) = xs...")
    assert lines == ["n0 = NEG(x0)", "n1 = NEG(x1)", "n2 = NEG(x2)", "a0 = ABS(n0)", "a1 = ABS(n1)", "a2 = ABS(n2)"]


def test_a_new_list_has_a_name_on_the_way() -> None:
    rule = "(rs...) = SPLIT[num_splits=n](d, NEG(x)) -> (ss...) = SPLIT[num_splits=n](d, x); (rs...) = NEG(ss)..."
    network = Network()
    x, axis = network.input("x", (2, 2)), network.constant("axis", 0, "i32")
    parts = [network.tensor(f"p{place}", (1, 2)) for place in range(2)]
    network.add("SPLIT", [axis, network.add("NEG", [x], "n")], parts, attributes={"num_splits": 2})
    assert rewritten(network.build(*parts), rule) == ["p0/1, p0/2 = SPLIT(axis, x)", "p0 = NEG(p0/1)", "p1 = NEG(p0/2)"]
    rule = "(rs...) = SPLIT[num_splits=n](d, x); CONCATENATION[axis=k](NEG(rs)...) -> "
    right = "(ss..., _) = SPLIT[num_splits=n](d, NEG(x)); CONCATENATION[axis=k](ss..., ss[len(ss) - 1])"
    assert reason(
        cut(3, through="NEG"), rule + "(ss...) = SPLIT[num_splits=n](d, x); CONCATENATION[axis=k](ss..., ss[7])"
    )
    assert len(apply_rules(cut(3, through="NEG"), rule + right).applications) == 1


def test_an_operator_that_gave_a_list_is_made_again() -> None:
    network = Network()
    x, axis = network.input("x", (2, 2)), network.constant("axis", 0, "i32")
    parts = [network.tensor(f"p{place}", (1, 2)) for place in range(2)]
    network.add(
        "SPLIT", [axis, network.add("ABS", [network.add("ABS", [x], "a")], "b")], parts, attributes={"num_splits": 2}
    )
    lines = rewritten(network.build(*parts), "(rs...) = SPLIT(d, ABS(ABS(x))) -> (rs...) = @rs(d, ABS(x))")
    assert lines == ["p0/1 = ABS(x)", "p0, p1 = SPLIT(axis, p0/1)"]


def test_splits_of_a_part_become_one_split() -> None:
    network = Network()
    x, axis = network.input("x", (6,)), network.constant("axis", 0, "i32")
    outer = [network.tensor(f"o{place}", (2,)) for place in range(3)]
    inner = [network.tensor(f"i{place}", (1,)) for place in range(2)]
    network.add("SPLIT_V", [x, network.constant("s", [2, 2, 2], "i32"), axis], outer, attributes={"num_splits": 3})
    network.add("SPLIT_V", [outer[1], network.constant("t", [1, 1], "i32"), axis], inner, attributes={"num_splits": 2})
    rule = """(as..., b, cs...) = SPLIT_V[num_splits=_](x, s: const i32, d: const);
    (bs...) = SPLIT_V[num_splits=_](b, t: const i32, d)
    -> n = len(as) + len(bs) + len(cs);
    (as..., bs..., cs...) = SPLIT_V[num_splits=n](x, concat([s.value[:len(as)], t, s.value[len(as) + 1:]]), d)"""
    lines = rewritten(network.build(outer[0], *inner, outer[2]), rule)
    assert lines == ["o0, i0, i1, o2 = SPLIT_V(x, o0/1, axis)"]


# What is tried


def test_each_number_of_results_is_a_plan_of_its_own() -> None:
    (rule,) = compile_rules(f"rule r {JOINED} -> x", "r.pat").rules
    assert isinstance(rule.sides, Sides)
    found = [(plan.label, len(plan.root.operands)) for plan in plans(rule.sides)]
    assert found == [("2 rs", 2), ("1 rs", 1), ("3 rs", 3)]
    for plan in plans(rule.sides):
        (split,) = (each for each in plan.operators if each.name == "SPLIT")
        assert plan.root.operands == split.results


def test_a_list_mapped_over_has_as_many_operators_as_results() -> None:
    text = "rule r (rs...) = SPLIT[num_splits=_](_, x); CONCATENATION[axis=_](NEG(rs)...) -> x"
    (rule,) = compile_rules(text, "r.pat").rules
    assert rule.sides is not None
    assert rule.sides.dialect is not None
    assert isinstance(rule.sides.dialect, Dialect)
    for plan in plans(rule.sides):
        (split,) = (each for each in plan.operators if each.name == "SPLIT")
        made = [each for each in plan.operators if each.name == "NEG"]
        assert [each.operands for each in made] == [[result] for result in split.results]
