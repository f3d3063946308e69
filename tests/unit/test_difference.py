"""What two models differ in: by the names of tensors, whatever was inserted before them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import rewriter
from rewriter.cli import main
from rewriter.report.difference import ModelDifference, compare_models, describe_difference
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model


def model(*, weight: float = 2.0, activation: int = 0, outputs: tuple[str, ...] = ("z",)) -> Model:
    """z = tanh(relu(x + c))"""
    maker = Maker()
    for name in "xyrz":
        maker.tensor(name, "f32", (2, 3))
    maker.tensor("c", "f32", (3,), [1, weight, 3])
    maker.operator("ADD", ["x", "c"], ["y"], table="AddOptions", fusedActivationFunction=activation)
    maker.operator("RELU", ["y"], ["r"])
    maker.operator("TANH", ["r"], ["z"])
    return maker.build(["x"], list(outputs))


def text(found: ModelDifference) -> str:
    return "\n".join(describe_difference(found, None, verbose=False))


def applied(rule: str) -> ModelDifference:
    before = model()
    after = rewriter.apply(before, rules=[rewriter.compile_rules(rule)], check="none").model
    return compare_models(before, rewriter.load(after.to_bytes()))


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare_models(model(), model())
    assert found.equal
    assert text(found).startswith("no difference in ")


def test_what_was_inserted_makes_nothing_behind_it_differ() -> None:
    found = applied("RELU(x) -> NEG(MINIMUM(NEG(x), 0.0))")
    (place,) = found.places
    assert [each.name for each in place.before] == ["RELU"]
    assert [each.name for each in place.after] == ["NEG", "MINIMUM", "NEG"]
    assert found.remarks == ()


def test_a_place_is_what_a_rule_replaced() -> None:
    found = applied("RELU(a = ADD(x, c)) -> @a[fused_activation_function=RELU](x, c)")
    (place,) = found.places
    assert [each.name for each in place.before] == ["ADD", "RELU"]
    assert [each.name for each in place.after] == ["ADD"]
    assert text(found).splitlines()[:4] == ["operators: 3 -> 2", "- 1 RELU", "", "at 'r'"]
    assert "[fused_activation_function=RELU]" in text(found)


def test_places_that_only_touch_are_two() -> None:
    before = model()
    rules = rewriter.compile_rules("RELU(x) -> NEG(x)\nTANH(x) -> ABS(x)")
    after = rewriter.apply(before, rules=[rules], check="none").model
    assert len(compare_models(before, after).places) == 2


def test_a_constant_that_differs_is_said_with_how_many_values() -> None:
    found = compare_models(model(), model(weight=5.0))
    (place,) = found.places
    assert place.remarks == ("constant 'c': 1 of 3 values differ",)


def test_a_constant_that_is_only_called_otherwise_is_the_same() -> None:
    other = model()
    next(each for each in other.subgraphs[0].tensors if each.name == "c").edit(name="d")
    assert compare_models(model(), other).equal


def test_a_version_that_differs_is_said() -> None:
    other = rewriter.load(model().to_bytes())
    changed = Maker()
    for name in "xyrz":
        changed.tensor(name, "f32", (2, 3))
    changed.tensor("c", "f32", (3,), [1, 2, 3])
    changed.operator("ADD", ["x", "c"], ["y"], table="AddOptions", fusedActivationFunction=0)
    changed.operator("RELU", ["y"], ["r"])
    changed.operator("TANH", ["r"], ["z"])
    changed.model.operatorCodes[1].version = 2
    (place,) = compare_models(other, changed.build(["x"], ["z"])).places
    assert place.remarks == ("RELU: version 1 -> 2",)


def test_inputs_and_outputs_are_compared() -> None:
    found = compare_models(model(), model(outputs=("z", "r")))
    assert found.places == ()
    assert found.remarks == ("outputs of subgraph 0: +r f32[2,3]",)


def test_the_command_prints_it_and_gives_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, made in (("a", model()), ("b", model(activation=1))):
        (tmp_path / f"{name}.tflite").write_bytes(made.to_bytes())
    files = [str(tmp_path / "a.tflite"), str(tmp_path / "b.tflite")]
    assert main(["diff", *files]) == 0
    printed = capsys.readouterr().out
    assert "-     0  y f32[2,3] = ADD(lhs=x, rhs=c f32[3])" in printed
    assert "+     0  y f32[2,3] = ADD[fused_activation_function=RELU](lhs=x, rhs=c f32[3])" in printed
    assert main(["diff", "--json", *files]) == 0
    document = json.loads(capsys.readouterr().out)
    assert not document["equal"]
    assert document["operators"] == {"before": 3, "after": 3}
    assert [each["operator"] for each in document["places"][0]["after"]] == ["ADD"]
    assert main(["diff", files[0], files[0]]) == 0
    assert capsys.readouterr().out.startswith("no difference")
    assert main(["diff", files[0], str(tmp_path / "c.tflite")]) == 2


def test_lines_fit_a_terminal() -> None:
    found = compare_models(model(), model(weight=float(np.pi), activation=1))
    assert max(map(len, describe_difference(found, 60, verbose=True))) <= 61
