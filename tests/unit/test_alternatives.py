"""Alternatives: of whole patterns, of operands, at the root, in named patterns; the first that matches counts."""

from __future__ import annotations

import numpy as np
import pytest

from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.model import Model
from tests.unit.networks import Network, apply_rules, shown
from tests.unit.test_matcher import matches


def activated(kind: str = "RELU", *, read: bool = False) -> Model:
    """out = ADD(inner, y), where inner is what the operator makes of x; MAXIMUM and ADD take the constant 0, too."""
    network = Network()
    x, y, zero = network.input(), network.input("y"), network.constant("zero", 0.0)
    inner = network.add(kind, [x, zero] if kind in ("MAXIMUM", "ADD") else [x], "inner")
    out = network.add("ADD", [inner, y], "out")
    return network.build(out, *([inner] if read else []))


def rewritten(model: Model, rule: str) -> list[str]:
    """The operators after one application."""
    assert len(apply_rules(model, rule).applications) == 1
    return shown(model)


RELU = "(RELU(x) | MAXIMUM(x, 0.0))"


@pytest.mark.parametrize(("kind", "matched"), [("RELU", True), ("MAXIMUM", True), ("NEG", False), ("ADD", False)])
def test_an_operand_is_one_of_several_patterns(kind: str, matched: bool) -> None:
    model = activated(kind)
    assert len(apply_rules(model, f"ADD({RELU}, y) -> CUSTOM[M](x, y)").applications) == matched
    assert (shown(model) == ["out = CUSTOM[M](x, y)"]) is matched


def test_what_matched_in_an_alternative_may_be_read_by_nobody_else() -> None:
    rule = f"ADD({RELU}, y) -> CUSTOM[M](x, y)"
    assert not apply_rules(activated(read=True), rule).applications
    assert rewritten(activated(read=True), f"{rule} shared") == ["inner = RELU(x)", "out = CUSTOM[M](x, y)"]


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("(ADD(RELU(x), y) | MUL(x, y))", True),
        ("(MUL(x, y) | ADD(RELU(x), y))", True),
        ("((MUL(x, y) | SUB(x, y)) | (DIV(x, y) | ADD(RELU(x), y)))", True),
        ("(MUL(x, y) | ADD(NEG(x), y))", False),
        ("(r = MUL(x, y) | r = ADD(x, y)) where r.op == ADD", True),
        ("r = (MUL(x, y) | ADD(x, y)) where r.fused_activation_function == NONE", True),
        ("(MUL(x, y) | ADD(x, y)): f32[n, _] where n == 2", True),
        ("(MUL(x, y) | ADD(x, y)): f32[n, _] where n == 3", False),
        ("ADD((RELU(x: [n, _]) | NEG(x: [_, n])), y) where n == 2", True),
        ("ADD((NEG(x: [n, _]) | RELU(x: [_, n])), y) where n == 3", True),
        ("ADD((RELU(x) | NEG(x)): f32[n, m], y) where n == 2, m == 3", True),
        ("ADD((RELU(x) | x), y) where x.is_input", True),
        ("ADD((x | RELU(x)), y) where not x.is_input", True),
        ("ADD((x | RELU(x)), y) where x.name == 'y', y.name == 'inner'", True),
        ("ADD((RELU(_) | NEG(_)), y)", True),
        ("ADD((_ | NEG(_)), y)", True),
        ("ADD((2.0 | 0.0), y)", False),
        ("i = (NEG(x) | RELU(x)); ADD(i, y) where i.op == RELU", True),
        ("i = RELU(x); (ADD(i, y) | MUL(i, y))", True),
        ("i = RELU(x); (MUL(NEG(i), y) | ADD(i, y)) where i.uses == 1", True),
        ("i = RELU(x); (MUL(i, y) | SUB(y, i))", False),
    ],
)
def test_alternatives_anywhere(pattern: str, matched: bool) -> None:
    assert matches(activated(), pattern) == ["out"] * matched


@pytest.mark.parametrize("first", ["(_ | NEG(_))", "(RELU(_) | _)", "(1.0 | _)"])
def test_what_stands_behind_alternatives_that_name_nothing_new_is_asked_for_too(first: str) -> None:
    assert matches(activated(), f"ADD(lhs={first}, rhs=y: f32[2, _])") == ["out"]
    assert matches(activated(), f"ADD(lhs={first}, rhs=y: f32[9, _])") == []
    assert matches(activated(), f"ADD(lhs={first}, rhs=NEG(y))") == []
    assert matches(activated(), f"ADD(rhs=y, lhs={first})") == ["out"]
    assert matches(activated(), f"q = TANH(y); ADD(rhs=y, lhs={first})") == []


def test_alternatives_are_tried_from_left_to_right_before_orders_inside_the_next() -> None:
    for pattern, found in {
        "ADD((x | RELU(x)), _)": "inner",
        "ADD((RELU(x) | x), _)": "x",
        "ADD((NEG(x) | x), _)": "inner",
        "ADD(_, (RELU(x) | x))": "y",
        "ADD(_, RELU(x))": "x",
    }.items():
        assert rewritten(activated(), f"{pattern} -> CUSTOM[M](x)")[-1] == f"out = CUSTOM[M]({found})", pattern


def test_an_operator_of_an_alternative_is_made_again_whichever_it_was() -> None:
    rule = f"ADD(r = {RELU}, y) -> CUSTOM[M](@r(NEG(x), 0.0), y)"
    with pytest.raises(LanguageError):
        compile_rules(rule, "a.pat")
    for kind in ("RELU", "NEG"):
        assert rewritten(activated(kind), "ADD(r = (RELU(x) | NEG(x)), y) -> CUSTOM[M](@r(ABS(x)), y)") == [
            "out/1 = ABS(x)",
            f"out/2 = {kind}(out/1)",
            "out = CUSTOM[M](out/2, y)",
        ]
    rule = "(r = MUL(x, NEG(y)) | r = ADD(RELU(x), y)) -> CUSTOM[M](@r(x, ABS(y)))"
    assert rewritten(activated(), rule) == ["out/1 = ABS(y)", "out/2 = ADD(x, out/1)", "out = CUSTOM[M](out/2)"]


def test_an_operator_that_has_an_implied_operand_is_made_again_as_well_as_one_that_has_none() -> None:
    rule = (
        "RELU(c = (FULLY_CONNECTED(x, w, b) | TRANSPOSE_CONV(x, w, b))) -> @c[fused_activation_function=RELU](x, w, b)"
    )
    network = Network()
    operands = [network.input(), network.constant("w", np.ones((4, 3))), network.constant("b", np.ones(4))]
    product = network.add("FULLY_CONNECTED", operands, "c", (2, 4))
    assert rewritten(network.build(network.add("RELU", [product])), rule) == ["y = FULLY_CONNECTED(x, w, b)"]
    network = Network()
    shape = network.constant("s", [1, 3, 3, 4], "i32")
    operands = [shape, network.constant("w", np.ones((4, 2, 2, 2))), network.input("x", (1, 2, 2, 2))]
    operands.append(network.constant("b", np.ones(4)))
    attributes = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    spread = network.add("TRANSPOSE_CONV", operands, "c", shape=(1, 3, 3, 4), dtype="f32", attributes=attributes)
    model = network.build(network.add("RELU", [spread]))
    assert rewritten(model, rule) == ["y = TRANSPOSE_CONV(y/1, w, x, b)"]


def test_a_capture_that_a_matched_operator_turns_out_to_compute_keeps_it() -> None:
    rule = "ADD(p = (RELU(x) | x), y) -> CUSTOM[M](p, x)"
    for read in (False, True):
        assert rewritten(activated(read=read), rule) == ["inner = RELU(x)", "out = CUSTOM[M](inner, x)"]
    assert rewritten(activated("NEG"), rule) == ["inner = NEG(x)", "out = CUSTOM[M](inner, inner)"]


def test_a_capture_that_is_also_the_result_of_another_part_of_the_pattern_keeps_that() -> None:
    network = Network()
    inner = network.add("RELU", [network.input()], "inner")
    model = network.build(network.add("ADD", [inner, inner], "out"), network.add("NEG", [inner], "z"))
    assert not apply_rules(model, "ADD(RELU(x), y) -> CUSTOM[M](x)").applications
    assert rewritten(model, "ADD(RELU(x), y) -> CUSTOM[M](x, y)") == [
        "inner = RELU(x)",
        "out = CUSTOM[M](x, inner)",
        "z = NEG(inner)",
    ]


def test_alternatives_that_lead_to_one_operator_twice() -> None:
    network = Network()
    inner = network.add("NEG", [network.input()], "inner")
    model = network.build(network.add("ADD", [inner, inner], "out"))
    rule = "ADD((RELU(x) | NEG(x)), (ABS(x) | NEG(x))) -> CUSTOM[M](x)"
    assert rewritten(model, rule) == ["out = CUSTOM[M](x)"]


def test_optional_operands_inside_alternatives() -> None:
    network = Network()
    x, w, b = network.input("x", (1, 4)), network.constant("w", np.ones((3, 4))), network.constant("b", np.ones(3))
    plain, biased = (network.add("FULLY_CONNECTED", [x, w, *rest], f"f{len(rest)}", (1, 3)) for rest in ([], [b]))
    model = network.build(network.add("RELU", [plain], "r0"), network.add("RELU", [biased], "r1"))
    pattern = "RELU((CONV_2D(x, w, b?: [n]) | FULLY_CONNECTED(x, w, b?: [n])))"
    assert matches(model, pattern) == ["r0", "r1"]
    assert matches(model, f"{pattern} where b is absent, n is absent") == ["r0"]
    assert matches(model, f"{pattern} where b is not absent, n == 3") == ["r1"]
    assert matches(model, "RELU((FULLY_CONNECTED(x, w, absent) | FULLY_CONNECTED(x, w, _)))") == ["r0", "r1"]
    assert matches(model, "RELU((FULLY_CONNECTED(x, w) | CONV_2D(x, w)))") == ["r0"]
    rule = "RELU(f = (CONV_2D(x, w, b?) | FULLY_CONNECTED(x, w, b?))) -> CUSTOM[M](@f(x, w, b))"
    assert len(apply_rules(model, rule).applications) == 2
    assert shown(model) == [
        "r0/1 = FULLY_CONNECTED(x, w)",
        "r0 = CUSTOM[M](r0/1)",
        "r1/1 = FULLY_CONNECTED(x, w, b)",
        "r1 = CUSTOM[M](r1/1)",
    ]


def test_the_type_of_a_capture_inside_one_alternative_holds_there_only() -> None:
    pattern = "ADD((RELU(x: f32[9, _]) | RELU(x: f32[2, _])), y)"
    assert matches(activated(), pattern) == ["out"]
    assert matches(activated(), "ADD((RELU(x: i8) | NEG(x)), y)") == []


def test_constants_are_those_that_every_alternative_calls_constant() -> None:
    rule = "(ADD(x, c: const) | MUL(x, c: const)) -> CUSTOM[M](c + 1.0)"
    network = Network()
    model = network.build(network.add("MUL", [network.input(), network.constant("c", 2.0)], "y"))
    assert rewritten(model, rule) == ["y = CUSTOM[M](y/1)"]
    with pytest.raises(LanguageError) as caught:
        compile_rules(rule.replace("MUL(x, c: const)", "MUL(x, c)"), "a.pat")
    assert [each.code for each in caught.value.diagnostics] == ["E304"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ADD((RELU(x) | NEG(z)), y) -> CUSTOM[M](y)", "E246"),
        ("ADD((_ | RELU(x)), y) -> CUSTOM[M](x)", "E246"),
        ("(MUL(x, y) | r = ADD(x, y)) -> CUSTOM[M](x, y)", "E246"),
        ("ADD((RELU(x) | NEG(_: [x])), y) -> CUSTOM[M](y)", "E214"),
        ("ADD(p = (RELU(x) | x), y) -> CUSTOM[M](@p(x))", "E302"),
        ("(MUL(x, y) | x) -> CUSTOM[M](x)", "E208"),
        ("ADD(x, y) where x.op == (RELU | NEG) -> CUSTOM[M](x, y)", "E341"),
        ("ADD(x, y) -> CUSTOM[M]((x | y))", "E232"),
    ],
)
def test_what_is_wrong_with_alternatives_is_found_without_a_model(text: str, code: str) -> None:
    with pytest.raises(LanguageError) as caught:
        compile_rules(text, "a.pat")
    assert code in [each.code for each in caught.value.diagnostics]


PATTERNS = """
pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))
pattern twice(x) = relu(relu(x))
"""


def test_named_patterns_are_what_they_stand_for() -> None:
    for kind in ("RELU", "MAXIMUM"):
        rule = f"{PATTERNS}\nADD(relu(x), y) -> CUSTOM[M](x, y)"
        assert rewritten(activated(kind), rule) == ["out = CUSTOM[M](x, y)"]
        rule = f"{PATTERNS}\nADD(r = relu(x), y) where r.uses == 1 -> CUSTOM[M](r, y)"
        assert rewritten(activated(kind), rule)[-1] == "out = CUSTOM[M](inner, y)"
    network = Network()
    inner = network.add("RELU", [network.input()], "inner")
    zero = network.constant("zero", 0.0)
    outer = network.add("MAXIMUM", [zero, inner], "outer")
    model = network.build(network.add("NEG", [outer], "out"))
    assert rewritten(model, f"{PATTERNS}\nNEG(twice(x)) -> CUSTOM[M](x)") == ["out = CUSTOM[M](x)"]


def test_two_uses_of_a_pattern_share_no_names_but_their_operands() -> None:
    network = Network()
    x, y = network.input(), network.input("y")
    scaled = [network.add("MUL", [x, network.constant(f"c{n}", float(n))], f"m{n}") for n in (1, 2)]
    scaled.append(network.add("MUL", [y, network.constant("c3", 3.0)], "m3"))
    sums = [network.add("ADD", scaled[:2], "same"), network.add("ADD", scaled[1:], "other")]
    model = network.build(*sums)
    text = "pattern scaled(x) = MUL(x, c: const)\n"
    (rule,) = compile_rules(f"{text}ADD(scaled(x), scaled(x)) -> CUSTOM[M](x) shared", "p.pat").rules
    assert [each.outputs[0].name for each in model.operators() if each.name == "ADD" and rule.program.run(each)] == [
        "same"
    ]
    (rule,) = compile_rules(f"{text}ADD(scaled(x), scaled(z)) -> CUSTOM[M](x, z) shared", "p.pat").rules
    assert len([each for each in model.operators() if each.name == "ADD" and rule.program.run(each)]) == 2
