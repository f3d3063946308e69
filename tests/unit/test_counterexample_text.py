"""A counterexample is shown so that a person sees at once what differs, and a script finds every figure."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from rewriter.language.check import compile_rules
from rewriter.language.rules import Equality
from rewriter.proof.regressions import Saved
from rewriter.proof.verdict import Counterexample, Verdict
from rewriter.report.counterexample import counterexample_json, describe_refutation
from rewriter.verify.compare import compare
from tests.unit.hand_prover import RULES, refute

(WRONG,) = (rule for rule in compile_rules(RULES) if rule.name == "wrong")
SAVED = Saved(Path("kept"), Path("kept/before.tflite"), Path("kept/after.tflite"), Path("kept/inputs.npz"))


def verdict(found: Counterexample) -> Verdict:
    return Verdict("mypack.wrong", "refuted", 2, seed=7, seconds=0.25, counterexample=found)


def test_a_difference_of_four_elements_is_shown_whole() -> None:
    found = refute(WRONG, condition="x == y")
    lines = describe_refutation(verdict(found), saved=SAVED, replay="rewriter test my.pat --rule wrong --seed 7")
    assert (
        "\n".join(lines)
        == """\
mypack.wrong: refuted (reference kernels, example 3, seed 7, 0.2 s): the results differ
  model
    0  result f32[2,2] = SUB(lhs=x, rhs=y)
  becomes
    0  result f32[2,2] = ADD(lhs=x, rhs=y)
  operands
    x  f32[2,2]  [[1.0, 2.0], [>3.0<, 4.0]]
    y  f32[2,2]  [[0.0, 0.0], [>5.0<, 0.0]]
  results
    result before  f32[2,2]  [[1.0, 2.0], [>-2.0<, 4.0]]
    result after   f32[2,2]  [[1.0, 2.0], [>8.0<, 4.0]]
  at [1, 0]: -2.0 before, 8.0 after; 1 of 4 elements differ; max abs 10, max rel 2.5
  a condition that excludes it: where x == y
  saved: kept/before.tflite and after.tflite
  again: rewriter test my.pat --rule wrong --seed 7"""
    )


def test_of_a_large_result_the_surroundings_of_the_first_difference_are_shown() -> None:
    x, y = np.arange(600, dtype=np.float32).reshape(2, 300), np.zeros((2, 300), np.float32)
    y[1, 296] = 0.5
    text = "\n".join(describe_refutation(verdict(refute(WRONG, x, y))))
    around = "592.0, 593.0, 594.0, 595.0, >{}<, 597.0, 598.0, 599.0"
    assert f"result before  f32[2,300]  [1, 292:300] = …, {around.format('595.5')}\n" in text
    assert f"result after   f32[2,300]  [1, 292:300] = …, {around.format('596.5')}\n" in text
    assert "    y  f32[2,300]  [1, 292:300] = …, 0.0, 0.0, 0.0, 0.0, >0.5<, 0.0, 0.0, 0.0\n" in text


def test_a_large_operand_of_another_shape_is_abridged_without_a_mark() -> None:
    x, y = np.ones((3, 40), np.float32), np.arange(40, dtype=np.float32)
    text = "\n".join(describe_refutation(verdict(refute(WRONG, x, y))))
    assert "    y  f32[40]    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, … (40 elements)\n" in text
    assert "at [0, 1]: 0.0 before, 2.0 after; 117 of 120 elements differ" in text


def test_lines_that_the_prover_made_take_the_place_of_our_own() -> None:
    found = evolve(refute(WRONG), model=("y = SUB(x, [1.0])",), replaced=("y = ADD(x, [1.0])",))
    lines = describe_refutation(verdict(found))
    assert lines[1:5] == ["  model", "    y = SUB(x, [1.0])", "  becomes", "    y = ADD(x, [1.0])"]


def test_neighbouring_floats_are_told_apart() -> None:
    left = np.array([1.0], np.float32)
    right = np.nextafter(left, np.float32(2))
    found = evolve(refute(WRONG), left=left, right=right, comparison=compare(left, right, Equality("exact")))
    text = "\n".join(describe_refutation(verdict(found)))
    assert "at [0]: 1.0 before, 1.0000001 after" in text


def test_results_of_different_shape_are_both_shown_and_none_is_marked() -> None:
    left, right = np.zeros((2, 2), np.float32), np.zeros(4, np.float32)
    found = evolve(refute(WRONG), left=left, right=right, comparison=compare(left, right, Equality("exact")))
    lines = describe_refutation(verdict(found))
    assert "    result before  f32[2,2]         [[0.0, 0.0], [0.0, 0.0]]" in lines
    assert "    result after   f32[2,2] as [4]  [0.0, 0.0, 0.0, 0.0]" in lines
    assert "  max abs inf, max rel inf" in lines


@pytest.mark.parametrize(
    ("left", "right", "line"),
    [
        (np.array([1 + 2j], np.complex64), np.array([1 + 3j], np.complex64), "at [0, 1]: 2.0 before, 3.0 after"),
        (np.array([True]), np.array([False]), "at [0]: true before, false after"),
        (np.array([b"a"], object), np.array([b"b"], object), "at [0]: b'a' before, b'b' after"),
        (np.array(1, np.float32), np.array(2, np.float32), "the value: 1.0 before, 2.0 after"),
        (np.array([np.nan], np.float32), np.array([0], np.float32), "at [0]: nan before, 0.0 after"),
    ],
)
def test_values_of_every_kind_are_shown(left: np.ndarray, right: np.ndarray, line: str) -> None:
    found = evolve(refute(WRONG), left=left, right=right, comparison=compare(left, right, Equality("exact")))
    assert line in "\n".join(describe_refutation(verdict(found)))
    json.dumps(counterexample_json(found), allow_nan=False)


def test_a_rule_that_makes_no_model_is_shown_without_one() -> None:
    found = Counterexample(refute(WRONG).before, None, refute(WRONG).inputs, "the rewritten graph is not well formed")
    lines = describe_refutation(verdict(found))
    assert lines[0] == "mypack.wrong: refuted (example 3, seed 7, 0.2 s): the rewritten graph is not well formed"
    assert [line for line in lines if line.startswith("  ") and line[2] != " "] == ["  model", "  operands"]


def test_a_counterexample_that_cannot_be_read_is_still_reported() -> None:
    found = Counterexample(b"nonsense", b"nonsense", (), "the rewritten model cannot be written")
    assert len(describe_refutation(verdict(found))) == 1
    assert counterexample_json(found)["model"] == []


def test_no_line_is_wider_than_the_terminal() -> None:
    x, y = np.arange(600, dtype=np.float32).reshape(2, 300), np.ones((2, 300), np.float32)
    lines = describe_refutation(verdict(refute(WRONG, x, y)), width=60)
    assert max(map(len, lines)) <= 60


def test_the_document_holds_every_figure() -> None:
    document = counterexample_json(refute(WRONG, condition="x == y"), SAVED)
    assert json.loads(json.dumps(document)) == {
        "reason": "the results differ",
        "kernels": "reference",
        "output": "result",
        "index": [1, 0],
        "before": -2.0,
        "after": 8.0,
        "max_abs": 10.0,
        "max_rel": 2.5,
        "differing": 1,
        "compared": 4,
        "model": ["0  result f32[2,2] = SUB(lhs=x, rhs=y)"],
        "replaced": ["0  result f32[2,2] = ADD(lhs=x, rhs=y)"],
        "operands": [
            {"name": "x", "type": "f32[2,2]", "constant": False, "values": [[1.0, 2.0], [3.0, 4.0]]},
            {"name": "y", "type": "f32[2,2]", "constant": False, "values": [[0.0, 0.0], [5.0, 0.0]]},
        ],
        "left": [[1.0, 2.0], [-2.0, 4.0]],
        "right": [[1.0, 2.0], [8.0, 4.0]],
        "condition": "x == y",
        "files": {"before": "kept/before.tflite", "after": "kept/after.tflite", "inputs": "kept/inputs.npz"},
    }


def test_figures_that_are_not_finite_are_words_in_the_document() -> None:
    left, right = np.array([np.nan, np.inf], np.float32), np.array([0, -np.inf], np.float32)
    found = evolve(refute(WRONG), left=left, right=right, comparison=compare(left, right, Equality("exact")))
    document = counterexample_json(found)
    assert (document["left"], document["right"]) == (["NaN", "Infinity"], [0.0, "-Infinity"])
    assert (document["before"], document["max_abs"]) == ("NaN", "Infinity")
