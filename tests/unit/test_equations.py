"""Several equations, several results and several roots: what matches, and what stands there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.run import FailedCheck, apply
from tests.unit.networks import Network, apply_rules, edited, run, shown
from tests.unit.test_matcher import matches

if TYPE_CHECKING:
    from rewriter.model import Model


def rewritten(model: Model, rule: str) -> list[str]:
    """The operators after one application."""
    assert len(apply_rules(model, rule).applications) == 1
    return shown(model)


def untouched(model: Model, rule: str) -> list[str]:
    """Why a rule that matches somewhere cannot be applied; nothing where it matches nowhere."""
    before = shown(model)
    report = apply_rules(model, rule)
    assert shown(model) == before
    return sorted({each.reason for each in report.misses})


# Several results


def gated(*outputs: str, readers: str = "") -> Model:
    """y = MUL(a, l), l = LOGISTIC(b), (a, b) = SPLIT(axis, x); `readers` are read by one NEG each."""
    network = Network()
    x, axis = network.input("x", (2, 4)), network.constant("axis", 1, "i32")
    tensors = {"a": network.tensor("a", (2, 2)), "b": network.tensor("b", (2, 2))}
    network.add("SPLIT", [axis, x], list(tensors.values()), attributes={"num_splits": 2})
    tensors["l"] = network.add("LOGISTIC", [tensors["b"]], "l")
    results = [network.add("MUL", [tensors["a"], tensors["l"]], "y")]
    results += [network.add("NEG", [tensors[name]], f"n{name}") for name in readers]
    return network.build(*results, *(tensors[name] for name in outputs))


GLU = "(a, b) = SPLIT[num_splits=2](axis, x); MUL(a, LOGISTIC(b)) -> CUSTOM[GLU](x, axis)"


def test_results_of_one_operator_are_followed_from_either_of_them() -> None:
    assert rewritten(gated(), GLU) == ["y = CUSTOM[GLU](x, axis)"]
    assert rewritten(gated(), GLU.replace("(a, b)", "(_, b)").replace("MUL(a", "MUL(z")) == ["y = CUSTOM[GLU](x, axis)"]
    assert rewritten(gated(), GLU.replace("MUL(a, LOGISTIC(b))", "MUL(LOGISTIC(b), a)")) == ["y = CUSTOM[GLU](x, axis)"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(b, a) = SPLIT(axis, x); MUL(a, LOGISTIC(b))",
        "(a, b, c) = SPLIT(axis, x); MUL(a, LOGISTIC(b))",
        "(a, b) = SPLIT(0, x); MUL(a, LOGISTIC(b))",
        "(a, b) = UNPACK(x); MUL(a, LOGISTIC(b))",
        "(a, b) = SPLIT(axis, x); MUL(a, LOGISTIC(a))",
    ],
)
def test_another_place_or_another_number_of_results_is_no_match(pattern: str) -> None:
    assert matches(gated(), pattern) == []


def test_two_equations_may_be_one_operator_where_the_root_leads_to_both() -> None:
    assert matches(gated(), "(a, b) = SPLIT(axis, x); (c, d) = SPLIT(axis, x); MUL(a, LOGISTIC(d))") == ["y"]


@pytest.mark.parametrize(("outputs", "readers"), [("a", ""), ("b", ""), ("", "a"), ("", "b"), ("l", ""), ("", "l")])
def test_a_result_that_goes_has_no_other_reader_and_is_no_output(outputs: str, readers: str) -> None:
    assert untouched(gated(*outputs, readers=readers), GLU) == []
    lines = rewritten(gated(*outputs, readers=readers), f"{GLU} shared")
    assert "y = CUSTOM[GLU](x, axis)" in lines
    assert "a, b = SPLIT(axis, x)" in lines


def test_a_result_that_is_not_named_may_not_be_read_outside_either() -> None:
    network = Network()
    x = network.input()
    a, b = network.tensor("a"), network.tensor("b")
    network.add("CUSTOM[Two]", [x], [a, b])
    model = network.build(network.add("NEG", [a], "na"), b)
    assert untouched(model, "(a, _) = CUSTOM[Two](x); NEG(a) -> RELU(x)") == []
    assert rewritten(model, "(a, _) = CUSTOM[Two](x); NEG(a) -> RELU(a)") == ["a, b = CUSTOM[Two](x)", "na = RELU(a)"]


def test_an_operator_of_several_results_is_made_again() -> None:
    rule = GLU.partition(" -> ")[0] + " -> (c, d) = @a(axis, NEG(x)); CUSTOM[M](d, c)"
    assert rewritten(gated(), rule) == [
        "y/1 = NEG(x)",
        "y/2, y/3 = SPLIT(axis, y/1)",
        "y = CUSTOM[M](y/3, y/2)",
    ]


def test_a_new_operator_of_several_results_with_one_unread() -> None:
    model = gated()
    assert rewritten(model, "LOGISTIC(b) -> (c, _) = SPLIT[num_splits=2](0, CONCATENATION(b, RELU(b))); c") == [
        "a, b = SPLIT(axis, x)",
        "l/1 = RELU(b)",
        "l/2 = CONCATENATION(b, l/1)",
        "l, l/4 = SPLIT(l/3, l/2)",
        "y = MUL(a, l)",
    ]


# Several roots


def pooled(*outputs: str, readers: str = "yi") -> Model:
    """(y, i) = CUSTOM[Pool](x), each read by one NEG."""
    network = Network()
    x = network.input()
    tensors = {"y": network.tensor("y"), "i": network.tensor("i")}
    network.add("CUSTOM[Pool]", [x], list(tensors.values()))
    results = [network.add("NEG", [tensors[name]], f"n{name}") for name in readers]
    return network.build(*results, *(tensors[name] for name in outputs))


POOL = "(y, i) = CUSTOM[Pool](x)"


def test_every_root_is_given_anew_under_its_name() -> None:
    rule = f"{POOL} -> y = RELU(x); i = ABS(x)"
    for outputs in ("", "y", "yi"):
        model = pooled(*outputs)
        assert rewritten(model, rule) == ["y = RELU(x)", "i = ABS(x)", "ny = NEG(y)", "ni = NEG(i)"]
        assert [each.name for each in model.subgraphs[0].outputs] == ["ny", "ni", *outputs]
    swapped = rewritten(pooled(), f"{POOL} -> (i, y) = CUSTOM[Turned](x)")
    assert swapped == ["i, y = CUSTOM[Turned](x)", "ny = NEG(y)", "ni = NEG(i)"]


def test_a_root_may_be_computed_from_another() -> None:
    assert rewritten(pooled(), f"{POOL} -> y = RELU(x); i = ABS(y)")[:2] == ["y = RELU(x)", "i = ABS(y)"]
    assert rewritten(pooled(), f"{POOL} -> i = RELU(x); y = ABS(i)")[:2] == ["i = RELU(x)", "y = ABS(i)"]
    assert rewritten(pooled(), f"{POOL} -> s = EXP(x); y = RELU(s); i = ABS(s)")[:3] == [
        "y/1 = EXP(x)",
        "y = RELU(y/1)",
        "i = ABS(y/1)",
    ]


def test_a_root_that_is_not_given_must_not_be_read() -> None:
    for pattern in (POOL, "(y, _) = CUSTOM[Pool](x)"):
        assert untouched(pooled(), f"{pattern} -> y = RELU(x)") == []
        assert untouched(pooled("i", readers="y"), f"{pattern} -> y = RELU(x)") == []
        assert rewritten(pooled(readers="y"), f"{pattern} -> y = RELU(x)") == ["y = RELU(x)", "ny = NEG(y)"]
    assert rewritten(pooled(readers="y"), "(y, _) = CUSTOM[Pool](x) -> RELU(x)") == ["y = RELU(x)", "ny = NEG(y)"]


def test_a_root_that_nobody_reads_need_not_be_computed_but_may() -> None:
    assert rewritten(pooled(readers="y"), f"{POOL} -> y = RELU(x); i = ABS(x)")[0] == "y = RELU(x)"
    assert rewritten(pooled(readers="i"), f"{POOL} -> y = RELU(x); i = ABS(y)")[:2] == ["y = RELU(x)", "i = ABS(y)"]


def test_shared_replaces_the_root_that_is_given_and_leaves_the_operator_for_the_other() -> None:
    lines = ["y/1, i = CUSTOM[Pool](x)", "y = RELU(x)", "ny = NEG(y)", "ni = NEG(i)"]
    assert sorted(rewritten(pooled(), f"{POOL} -> y = RELU(x) shared")) == sorted(lines)


def test_a_root_made_of_another_result_of_the_same_operator_is_replaced_once() -> None:
    assert rewritten(pooled(), f"{POOL} -> y = ABS(i)") == [
        "y/1, i = CUSTOM[Pool](x)",
        "y = ABS(i)",
        "ny = NEG(y)",
        "ni = NEG(i)",
    ]


def test_one_of_several_roots_is_a_capture_or_a_constant() -> None:
    assert rewritten(pooled(), f"{POOL} -> y = RELU(x); i = x") == ["y = RELU(x)", "ny = NEG(y)", "ni = NEG(x)"]
    lines = rewritten(pooled(), f"{POOL} -> y = RELU(x); i = full([2, 3], 4.0)")
    assert lines == ["y = RELU(x)", "ny = NEG(y)", "ni = NEG(i/1)"]
    assert rewritten(pooled(), f"{POOL} -> y = x; i = x") == ["ny = NEG(x)", "ni = NEG(x)"]
    assert untouched(pooled("i"), f"{POOL} -> y = RELU(x); i = x") == [
        "the root is the output 'i', and what replaces it cannot take its name"
    ]
    assert untouched(pooled(), f"{POOL} -> y = RELU(x); i = full([2, 4], 4.0)") == [
        "the replacement is f32[2, 4], the root f32[2, 3]"
    ]


def test_two_outputs_cannot_become_one_tensor() -> None:
    network = Network()
    x = network.add("EXP", [network.input()], "e")
    y, i = network.tensor("y"), network.tensor("i")
    network.add("CUSTOM[Pool]", [x], [y, i])
    model = network.build(y, i)
    assert untouched(model, f"{POOL} -> y = x; i = x") == ["two outputs of the subgraph cannot be one tensor"]


def test_attributes_come_from_the_root_that_an_operator_helps_to_make() -> None:
    network = Network()
    x = network.input()
    p = network.add("LEAKY_RELU", [x], "p", attributes={"alpha": 0.5})
    q = network.add("LEAKY_RELU", [network.add("NEG", [x], "n")], "q", attributes={"alpha": 0.25})
    model = network.build(p, q)
    rule = "p = LEAKY_RELU(x); q = LEAKY_RELU(NEG(x)) -> p = LEAKY_RELU(EXP(x)); q = LEAKY_RELU(ABS(x))"
    rewritten(model, rule)
    assert [(each.options or {}).get("alpha") for each in model.operators() if each.name == "LEAKY_RELU"] == [0.5, 0.25]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (f"{POOL} -> RELU(x)", "E256"),
        (f"{POOL} -> z = RELU(x)", "E256"),
        (f"{POOL} -> y = RELU(x); y = ABS(x)", "E214"),
        (f"{POOL} -> y = RELU(i); i = ABS(x)", "E234"),
        (f"{POOL} -> p = RELU(x); y = p; i = p", "E256"),
        (f"{POOL} -> y = RELU(x); z = ABS(x)", "E238"),
        ("NEG(CUSTOM[Pool](x), (a, b) = CUSTOM[Pool](x)) -> x", "E100"),
        ("NEG(SPLIT(axis, x)) -> CUSTOM[M](x, axis)", "E245"),
        ("TOPK_V2(x, k) -> CUSTOM[M](x, k)", "E245"),
        ("a = TOPK_V2(x, k); NEG(a) -> CUSTOM[M](x, k)", "E245"),
        ("a = NEG(b); b = NEG(a); ADD(a, b) -> CUSTOM[M]()", "E248"),
        ("a = NEG(z); RELU(x) -> CUSTOM[M](x)", "E247"),
        ("NEG(x); RELU(x) -> CUSTOM[M](x)", "E231"),
        ("a = NEG(x); a = RELU(x); ADD(a, y) -> CUSTOM[M](x)", "E214"),
    ],
)
def test_what_is_wrong_with_equations_is_found_without_a_model(rule: str, code: str) -> None:
    with pytest.raises(LanguageError) as caught:
        compile_rules(rule, "e.pat")
    assert code in [each.code for each in caught.value.diagnostics]


# Equations that the root does not lead to


def siblings(order: str = "qmky") -> Model:
    """q and k = FULLY_CONNECTED(x, ..), m = NEG(q), y = MUL(m, k), in the given order."""
    network = Network()
    x = network.input("x", (1, 4))
    draw = np.random.default_rng(0)
    made: dict[str, Any] = {}
    for name in order:
        match name:
            case "m":
                made["m"] = network.add("NEG", [made["q"]], "m")
            case "y":
                made["y"] = network.add("MUL", [made["m"], made["k"]], "y")
            case _:
                weights = network.constant(f"w{name}", draw.normal(size=(3, 4)))
                made[name] = network.add("FULLY_CONNECTED", [x, weights], name, (1, 3))
    return network.build(made["y"])


MERGE = (
    "q = FULLY_CONNECTED(x, v: const f32[n, i]); k = FULLY_CONNECTED(x, w: const f32[n, i]) "
    "-> f = FULLY_CONNECTED(x, concat([v, w], axis=0)); (q, k) = SPLIT[num_splits=2](1, f)"
)


@pytest.mark.parametrize("order", ["qmky", "qkmy", "kqmy"])
def test_operators_that_read_one_tensor_become_one_before_all_their_readers(order: str) -> None:
    model = siblings(order)
    x = np.random.default_rng(1).normal(size=(1, 4)).astype(np.float32)
    (before,) = run(model, x)
    lines = rewritten(model, MERGE)
    first, second = (order[0], "k" if order[0] == "q" else "q")
    assert lines == [
        f"{second}/2 = FULLY_CONNECTED(x, {second}/1)",
        f"{second}, {first} = SPLIT({second}/3, {second}/2)",
        "m = NEG(q)",
        "y = MUL(m, k)",
    ]
    (after,) = run(model, x)
    assert np.allclose(before, after, rtol=0, atol=1e-5)
    assert np.ptp(after) > 0.1


def shared_matches(model: Model, pattern: str) -> list[str]:
    """Where a pattern matches, whoever else reads what it covers."""
    (rule,) = compile_rules(f"{pattern} -> CUSTOM[M]() shared", "e.pat").rules
    operators = [each for each in model.operators() if each.name in (rule.program.heads or ())]
    return [each.outputs[0].name for each in operators if rule.program.run(each) is not None]


def test_a_replacement_that_would_read_its_own_results_is_refused_with_the_reason() -> None:
    network = Network()
    x = network.input()
    first = network.add("ADD", [x, x], "first")
    second = network.add("SUB", [x, network.add("NEG", [first], "between")], "second")
    model = network.build(network.add("MUL", [first, second], "y"))
    rule = "p = ADD(x, u); q = SUB(x, v) -> (p, q) = CUSTOM[Both](x, u, v)"
    assert untouched(model, rule) == ["the replacement would read what depends on its own results"]
    apart = "p = ADD(x, u); q = SUB(x, v) -> p = CUSTOM[P](x, u); q = CUSTOM[Q](x, v)"
    assert rewritten(model, apart) == [
        "first = CUSTOM[P](x, x)",
        "between = NEG(first)",
        "second = CUSTOM[Q](x, between)",
        "y = MUL(first, second)",
    ]


def test_what_moves_stands_behind_what_it_reads_and_before_its_readers() -> None:
    network = Network()
    x = network.input()
    early = network.add("RELU", [x], "early")
    reader = network.add("NEG", [early], "reader")
    late = network.add("EXP", [network.add("ABS", [x], "between")], "late")
    model = network.build(reader, late)
    rule = "p = RELU(x); q = EXP(ABS(x)) -> q = TANH(x); p = LOG(q)"
    assert rewritten(model, rule) == ["late = TANH(x)", "early = LOG(late)", "reader = NEG(early)"]


def test_a_reader_is_another_operator_than_those_that_matched_and_every_reader_is_tried() -> None:
    network = Network()
    x = network.input()
    results = [network.add(kind, [x], kind.lower()) for kind in ("NEG", "ABS", "EXP", "NEG")]
    network.operators[-1].outputs[0].edit(name="neg2")
    model = network.build(*results)
    for pattern, roots in {
        "a = NEG(x); NEG(x)": ["neg", "neg2"],
        "a = ABS(x); ABS(x)": [],
        "a = NEG(x); b = NEG(x); ABS(x)": ["abs"],
        "a = NEG(x); b = NEG(x); c = NEG(x); ABS(x)": [],
        'a = ANY(x); ABS(x) where a.name == "neg2"': ["abs"],
        "a = RELU(x); ABS(x)": [],
        "a = NEG(x); b = EXP(x); ABS(x) where a.op == NEG, b.is_output": ["abs"],
    }.items():
        assert shared_matches(model, pattern) == roots, pattern


def test_equations_are_found_over_several_operators_in_any_order_of_the_text() -> None:
    network = Network()
    x, y = network.input(), network.input("y")
    root = network.add("RELU", [x], "root")
    far = network.add("ADD", [network.add("NEG", [x], "near"), y], "far")
    a, b = network.tensor("a"), network.tensor("b")
    network.add("CUSTOM[Two]", [x], [a, b])
    model = network.build(root, far, network.add("EXP", [b], "e"), a)
    for text in (
        "p = ADD(NEG(x), z); RELU(x) where z.name == 'y'",
        "n = NEG(x); p = ADD(n, z); RELU(x) where z.name == 'y'",
        "p = ADD(z, n); n = NEG(x); RELU(x) where z.name == 'y'",
        "(c, d) = CUSTOM[Two](x); q = EXP(d); RELU(x)",
        "q = EXP(d); (c, d) = CUSTOM[Two](x); RELU(x)",
        "q = EXP(d); (_, d) = CUSTOM[Two](x); n = NEG(x); RELU(x)",
    ):
        assert shared_matches(model, text) == ["root"], text
    assert shared_matches(model, "q = EXP(d); (d, _) = CUSTOM[Two](x); RELU(x)") == []


def test_inner_results_may_be_given_anew_beside_the_root() -> None:
    network = Network()
    inner = network.add("RELU", [network.input()], "inner")
    model = network.build(network.add("NEG", [inner], "root"), network.add("EXP", [inner], "other"))
    assert untouched(model, "p = RELU(x); q = NEG(p) -> q = SQUARE(x)") == []
    assert rewritten(model, "p = RELU(x); q = NEG(p) -> p = ABS(x); q = SQUARE(p)") == [
        "inner = ABS(x)",
        "root = SQUARE(inner)",
        "other = EXP(inner)",
    ]


def test_an_inner_operator_goes_where_the_root_was_all_that_read_its_other_results() -> None:
    """v is given anew, what read i goes, and what stands between the two reads the new v."""
    network = Network()
    x = network.input()
    v, i = network.tensor("v"), network.tensor("i")
    network.add("CUSTOM[Two]", [x], [v, i])
    b = network.add("EXP", [v], "b")
    model = network.build(network.add("CUSTOM[Back]", [b, i], "root"))
    rule = "(v, i) = CUSTOM[Two](x); u = CUSTOM[Back](b, i) -> v = ABS(x); u = ADD(b, x)"
    assert rewritten(model, rule) == ["v = ABS(x)", "b = EXP(v)", "root = ADD(b, x)"]


# What never matches


def test_operators_with_side_effects_and_variables_are_never_part_of_a_match() -> None:
    network = Network()
    x, shape = network.input(), network.input("s", (2,), "i32")
    state = network.tensor("state")
    random = network.add("RANDOM_UNIFORM", [shape], "random", (2, 3), "f32")
    added = network.add("ADD", [x, state], "added")
    model = network.build(network.add("MUL", [random, x], "y"), network.add("MUL", [added, x], "z"))

    def make_variable(unpacked: Any) -> None:
        unpacked.subgraphs[0].tensors[2].isVariable = True

    model = edited(model, make_variable)
    assert matches(model, "MUL(ANY(s), x)") == []
    assert matches(model, "MUL(ANY(..), x)") == []
    assert matches(model, "r = ANY(s: i32); MUL(r, x)") == []
    assert matches(model, "MUL((ADD(a, b) | SUB(a, b)), x)") == []
    assert matches(model, "CUSTOM[V](ANY(xs)...)") == []
    assert matches(model, "MUL(r, x) where r.op == RANDOM_UNIFORM") == ["y"]
    assert matches(model, "MUL(r, x) where r.op == ADD") == ["z"]


def test_rules_of_several_roots_run_in_bodies_and_leave_their_interface_alone() -> None:
    outer, body, other = Network(), Network(), Network()
    flag, x = outer.input("flag", (1,), "bool"), outer.input()
    given = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    y = outer.add("IF", [flag, x], "y", (2, 3), "f32", attributes=given)
    inside = body.input("a")
    p = body.add("NEG", [inside], "p")
    q = body.add("ABS", [inside], "q")
    model = outer.build(
        y, others=[(body, [body.add("ADD", [p, q], "c")]), (other, [other.add("NEG", [other.input("a")], "c")])]
    )
    rule = "p = NEG(x); q = ABS(x) -> p = RELU(x); q = EXP(x)"
    assert rewritten(model, rule) == ["y = IF(flag, x)", "p = RELU(a)", "q = EXP(a)", "c = ADD(p, q)", "c = NEG(a)"]
    assert [[each.name for each in (*one.inputs, *one.outputs)] for one in model.subgraphs[1:]] == [["a", "c"]] * 2


def test_a_match_never_crosses_into_a_body() -> None:
    outer, body, other = Network(), Network(), Network()
    flag, x = outer.input("flag", (1,), "bool"), outer.input()
    given = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    negated = outer.add("NEG", [x], "negated")
    y = outer.add("IF", [flag, negated], "y", (2, 3), "f32", attributes=given)
    model = outer.build(
        outer.add("ABS", [y], "z"),
        others=[(each, [each.add("NEG", [each.input("a")], "c")]) for each in (body, other)],
    )
    assert matches(model, "NEG(NEG(x))") == []
    assert matches(model, "ABS(NEG(x))") == []
    assert matches(model, "ABS(ANY(..))") == []


def test_what_stands_for_one_of_several_results_is_checked_against_the_operator_that_stays() -> None:
    network = Network()
    halves = [network.tensor("a", (2, 2)), network.tensor("b", (2, 2))]
    axis, x = network.constant("axis", 1, "i32"), network.input("x", (2, 4))
    network.add("SPLIT", [axis, x], halves, attributes={"num_splits": 2})
    model = network.build(network.add("NEG", [halves[0]], "y"), network.add("ABS", [halves[1]], "z"))
    text = "(a, b) = SPLIT[num_splits=2](axis, x) -> a = SLICE(x, [0, 0], [2, 2]) shared"
    rules = compile_rules(text, "s.pat")
    result = apply(model, rules=[rules])
    assert shown(result.model)[0].endswith("b = SPLIT(axis, x)")
    assert shown(result.model)[1].startswith("a = SLICE(x, ")
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    with pytest.raises(FailedCheck, match="differ"):
        apply(model, rules=[compile_rules(text.replace("[0, 0]", "[0, 1]"), "s.pat")])
