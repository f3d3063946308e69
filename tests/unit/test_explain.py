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
        ("RELU(x)", "where x.rank == 4", "the condition does not hold", "x.rank == 4"),
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
