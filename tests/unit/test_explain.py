"""Why a rule did or did not match: the reason, the place in the rule's text, and that near misses come first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.cli import main
from rewriter.explain import explain
from rewriter.language.check import compile_rules
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.explain import Explanation
    from rewriter.model import Model


def network() -> Model:
    """out = RELU(sum), sum = ADD(product, c), product = MUL(x, y); NEG reads `product` too, for a second output."""
    made = Network()
    x, y = made.input(), made.input("y")
    c = made.constant("c", np.ones((2, 3)))
    product = made.add("MUL", [x, y], "product")
    total = made.add("ADD", [product, c], "sum")
    out = made.add("RELU", [total], "out")
    return made.build(out, made.add("NEG", [product], "negated"))


def why(pattern: str, *, at: str | None = None, conditions: str = "", right: str = "CUSTOM[M]()") -> Explanation:
    (rule,) = compile_rules(f"rule r\n  {pattern}\n  {conditions}\n  -> {right}", "e.pat").rules
    return explain(network(), rule, at)


@pytest.mark.parametrize(
    ("pattern", "conditions", "reason", "marked"),
    [
        ("RELU(MUL(x, y))", "", "'sum' comes from ADD, not from MUL", "MUL(x, y)"),
        ("RELU(x: const)", "", "'sum' is not a constant: it comes from ADD", "const"),
        ("RELU(x: i8)", "", "'sum' is f32", "i8"),
        ("RELU(x: [_, 5])", "", "'sum' has shape [2, 3]", "[_, 5]"),
        ("ADD(x, 2.0)", "", "'c' holds other values", "2.0"),
        ("RELU@>=7(x)", "", "RELU 'out' has version 1", "@>=7"),
        ("MUL(x, x)", "", "'x' and 'y' are not the same", "x"),
        ("ADD[pot_scale_int16=false](x, y)", "", "pot_scale_int16 of ADD 'sum' is True", "pot_scale_int16=false"),
        ("RELU(x)", "where x.rank == 4", "the condition does not hold: x.rank is 2", "x.rank == 4"),
        (
            "RELU(x: [n, m])",
            "where x.shape[1] > n * m or x.is_const and n in [1, 4]",
            "the condition does not hold: x.shape[1] is 3, n is 2, m is 3, x.is_const is false",
            "x.shape[1] > n * m or x.is_const and n in [1, 4]",
        ),
        (
            "ADD(x, c: const)",
            "where max(c.value) < 0, c is absent",
            "the condition does not hold: max(c.value) is 1, c.value is [[1, 1, 1], [1, 1, 1]]",
            "max(c.value) < 0",
        ),
        ("ADD(x, c: const)", "where c is absent", "the condition does not hold", "c is absent"),
        (
            "a = ADD(x, y)",
            'where attr(a, "fused_activation_function") == RELU6, x.shape == [2, 4]',
            'the condition does not hold: attr(a, "fused_activation_function") is "NONE"',
            'attr(a, "fused_activation_function") == RELU6',
        ),
        ("RELU(x)", "where 1 // (x.rank - 2) == 4", "division by zero", "1 // (x.rank - 2) == 4"),
        ("ADD(MUL(x, y), c)", "", "'product' is also read by NEG 'negated', so it cannot go", "ADD(MUL(x, y), c)"),
    ],
)
def test_the_condition_that_failed_is_named_and_marked(pattern: str, conditions: str, reason: str, marked: str) -> None:
    (attempt, *_) = why(pattern, conditions=conditions).attempts
    assert not attempt.matched
    assert attempt.reason == reason
    assert attempt.span is not None
    assert attempt.span.text.text[attempt.span.start : attempt.span.end] == marked
    assert "^" * len(marked) in attempt.render()


def test_a_replacement_that_cannot_stand_says_why() -> None:
    (attempt,) = why("RELU(x)", right="CUSTOM[A](TRANSPOSE_CONV(x, x, output_shape=[1]))").attempts
    assert attempt.reason is not None
    assert "TRANSPOSE_CONV" in attempt.reason


def test_a_rule_that_matches_says_where() -> None:
    (attempt,) = why("RELU(ADD(a, b))").attempts
    assert attempt.matched
    assert attempt.render() == "r matches at 'out'"


def test_of_several_ways_to_match_the_one_that_came_furthest_is_told() -> None:
    # In one order MUL is missing, in the other all is there but the constant's value.
    (attempt,) = why("ADD(5.0, MUL(a, b))").attempts
    assert attempt.reason == "'c' holds other values"


def test_where_there_is_nothing_to_try_it_says_so() -> None:
    assert why("MAXIMUM(x, y)").reason == "the model has no MAXIMUM, which is the rule's root"
    assert why("RELU(x)", at="sum").reason == "'sum' comes from ADD; the rule's root is RELU"
    assert why("RELU(x)", at="nowhere").reason == "the model has no tensor 'nowhere'"


def test_tensors_without_a_name_go_by_their_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Network()
    made.build(made.add("RELU", [made.add("NEG", [made.input("x")], "")], "out")).save(tmp_path / "m.tflite")
    (tmp_path / "r.pat").write_text("rule neg NEG(x) -> SUB(0.0, x)\nrule relu RELU(RELU(x)) -> RELU(x)\n")
    words = [str(tmp_path / "m.tflite"), "-r", str(tmp_path / "r.pat")]
    assert main(["explain", *words, "--at", "#1", "--rule", "neg"]) == 0
    assert "neg matches at #1" in capsys.readouterr().out
    assert main(["explain", *words, "--rule", "relu"]) == 0
    assert "#1 comes from NEG, not from RELU" in capsys.readouterr().out
    assert main(["explain", *words, "--rule", "neg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"][0]["attempts"][0]["root"] == ""
    assert main(["apply", *words, "--check", "none", "--dry-run"]) == 0
    assert "\n  #1: NEG -> SUB\n" in capsys.readouterr().out
    assert main(["explain", *words, "--at", "oot"]) == 2
    assert capsys.readouterr().err == "error: the model has no tensor 'oot'\n  = try: 'out'\n"
    assert main(["explain", *words, "--at", "#9"]) == 2
    assert "`rewriter inspect --operators` names them all" in capsys.readouterr().err


def test_explaining_changes_nothing() -> None:
    model = network()
    before = model.to_bytes()
    (rule,) = compile_rules("RELU(x) -> MUL(x, 2.0)", "e.pat").rules
    assert explain(model, rule).attempts[0].matched
    assert model.to_bytes() == before


def test_the_command_shows_near_misses_and_gives_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.tflite").write_bytes(network().to_bytes())
    (tmp_path / "r.pat").write_text("rule r\n  RELU(x: const) -> x\n")
    call = ["explain", str(tmp_path / "m.tflite"), "-r", str(tmp_path / "r.pat")]
    assert main(call) == 0
    shown = capsys.readouterr().out
    assert "r: matches at 0 of 1 roots" in shown
    assert "'sum' is not a constant: it comes from ADD" in shown
    assert main([*call, "--json"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert rule["attempts"][0] == {
        "subgraph": 0,
        "root": "out",
        "matched": False,
        "passed": rule["attempts"][0]["passed"],
        "tests": rule["attempts"][0]["tests"],
        "reason": "'sum' is not a constant: it comes from ADD",
        "line": 2,
        "column": 11,
    }
    assert main(["explain", str(tmp_path / "m.tflite")]) == 2


def gathered() -> Model:
    """s = ADD(a, LOGISTIC(b)), t = TANH(a), (a, b) = CUSTOM[Two](cat), cat = CONCATENATION(RELU(x), NEG(y))."""
    made = Network()
    first = made.add("RELU", [made.input()], "r")
    second = made.add("NEG", [made.input("y")], "g")
    cat = made.add("CONCATENATION", [first, second], "cat", (4, 3), attributes={"axis": 0})
    a, b = made.tensor("a"), made.tensor("b")
    made.add("CUSTOM[Two]", [cat], [a, b])
    total = made.add("ADD", [a, made.add("LOGISTIC", [b], "l")], "s")
    return made.build(total, made.add("TANH", [a], "t"), made.add("EXP", [cat], "e", (4, 3)))


@pytest.mark.parametrize(
    ("pattern", "reason", "marked"),
    [
        # Lists
        ("CONCATENATION(RELU(xs)...)", "'g' comes from NEG, not from RELU", "RELU(xs)"),
        ("CONCATENATION(xs..., ABS(y))", "'g' comes from NEG, not from ABS", "ABS(y)"),
        (
            "CONCATENATION(a, b, c, xs...)",
            "CONCATENATION 'cat' has 2 operands, and the pattern takes at least 3",
            "CONCATENATION(a, b, c, xs...)",
        ),
        (
            "CONCATENATION(a)",
            "CONCATENATION 'cat' has 2 operands, and the pattern takes 1",
            "CONCATENATION(a)",
        ),
        ("CONCATENATION(xs...: i8)", "'r' is f32", "i8"),
        ("CONCATENATION(xs...: [_, 4])", "'r' has shape [2, 3], 'g' has shape [2, 3]", "[_, 4]"),
        ("CONCATENATION(xs...: const)", "'r' is not a constant: it comes from RELU", "const"),
        ("CONCATENATION(ANY(xs: [n, 4])...)", "'x' has shape [2, 3]", "[n, 4]"),
        ("CONCATENATION(xs...) where xs[7].rank == 2", "an index outside its list", "xs[7].rank == 2"),
        ("CONCATENATION(xs...) where len(xs) == 3", "the condition does not hold: len(xs) is 2", "len(xs) == 3"),
        # Alternatives: the branch that came nearest
        ("ADD((RELU(x) | LOGISTIC(x: i8)), y)", "'b' is f32", "i8"),
        ("ADD((LOGISTIC(x: i8) | RELU(x)), y)", "'b' is f32", "i8"),
        ("(ADD(RELU(x), y) | ADD(LOGISTIC(x: u8), y))", "'b' is f32", "u8"),
        ("(MUL(x, y) | ADD(x, LOGISTIC(y: [_, 9])))", "'b' has shape [2, 3]", "[_, 9]"),
        ("CONCATENATION((RELU(xs) | NEG(xs: u8))...)", "'y' is f32", "u8"),
        # Equations
        ("(a, b) = SPLIT(1, x); ADD(a, LOGISTIC(b))", "'a' comes from CUSTOM[Two], not from SPLIT", "SPLIT(1, x)"),
        (
            "(b, a) = CUSTOM[Two](x); ADD(a, LOGISTIC(b))",
            "'a' is result 0 of 2 of CUSTOM[Two] 'a', not result 1 of 2",
            "CUSTOM[Two](x)",
        ),
        (
            "(a, b, c) = CUSTOM[Two](x); ADD(a, LOGISTIC(b))",
            "'a' is result 0 of 2 of CUSTOM[Two] 'a', not result 0 of 3",
            "CUSTOM[Two](x)",
        ),
        (
            "(a, b) = CUSTOM[Two](x); ADD(a, LOGISTIC(b))",
            "'a' is also read by TANH 't', so it cannot go",
            "ADD(a, LOGISTIC(b))",
        ),
        ("q = ABS(x); ADD(x, LOGISTIC(y))", "'a' is read by no ABS", "ABS(x)"),
        ("q = ADD(x, y); ADD(x, LOGISTIC(z))", "'a' is read by no other ADD", "ADD(x, y)"),
        ("q = TANH(x: i8); ADD(x, LOGISTIC(y))", "'a' is f32", "i8"),
        (
            "q = TANH(x); ADD(x, LOGISTIC(y))",
            "'t' is an output of its subgraph, and the rule would remove it",
            "ADD(x, LOGISTIC(y))",
        ),
    ],
)
def test_what_was_missing_of_several_is_named_and_marked(pattern: str, reason: str, marked: str) -> None:
    (rule,) = compile_rules(f"rule r\n  {pattern}\n  -> CUSTOM[M]()", "e.pat").rules
    (attempt, *_) = explain(gathered(), rule).attempts
    assert attempt.reason == reason
    assert attempt.span is not None
    assert attempt.span.text.text[attempt.span.start : attempt.span.end] == marked


def test_a_size_that_two_places_have_between_them_is_told() -> None:
    made = Network()
    operands = [made.input("x", (2,)), made.input("y", (3,))]
    model = made.build(made.add("CONCATENATION", operands, "out", (5,), attributes={"axis": 0}))
    text = "CONCATENATION(ys...: [n], zs...: [n]) where len(ys) == 1 -> CUSTOM[M]()"
    (rule,) = compile_rules(text, "e.pat").rules
    (attempt,) = explain(model, rule).attempts
    assert attempt.reason == "this is 3 here, and 2 at an operand before"
    assert attempt.span is not None
    assert text[attempt.span.start : attempt.span.end] == "n"


def test_a_root_that_nothing_reads_but_for_another_result_says_so() -> None:
    made = Network()
    a, b = made.tensor("a"), made.tensor("b")
    made.add("CUSTOM[Two]", [made.input()], [a, b])
    model = made.build(made.add("NEG", [b], "n"))
    (rule,) = compile_rules("(a, b) = CUSTOM[Two](x) -> a = RELU(x) shared", "e.pat").rules
    (attempt,) = explain(model, rule).attempts
    assert attempt.reason == "nothing reads what the rule would give anew; CUSTOM[Two] 'a' is there for 'b'"
