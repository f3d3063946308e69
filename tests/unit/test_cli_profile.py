"""`rewriter profile`, as a user calls it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from rewriter.demo import demo_model
from tests.unit.commands import RIGHT, rewriter
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from pathlib import Path

SIDE = ["measured", "reason", "whole_ms", "sum_ms", "kinds", "operators", "delegate"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    demo_model().save(tmp_path / "demo.tflite")
    conv().save(tmp_path / "abs.tflite")
    conv(negate=True).save(tmp_path / "neg.tflite")
    (tmp_path / "right.pat").write_text(RIGHT)
    return tmp_path


def kinds(side: dict[str, Any]) -> list[str]:
    return [each["operator"] for each in side["operators"]]


def test_json_has_every_operator_with_its_time(place: Path) -> None:
    found = rewriter("profile", "abs.tflite", "--kernels", "builtin", "--runs", "2", "--json", cwd=place)
    assert (found.code, found.err) == (0, "")
    document = found.document
    assert list(document) == ["kernels", "runs", "threads", "models"]
    assert (document["kernels"], document["runs"], document["threads"]) == ("builtin", 2, 1)
    (model,) = document["models"]
    assert (model["model"], model["rules_applied"], model["after"]) == ("abs.tflite", None, None)
    side = model["before"]
    assert list(side) == SIDE
    assert (side["measured"], side["reason"], side["delegate"]) == ("runtime", None, [])
    first = side["operators"][0]
    assert first.pop("ms") >= 0
    assert first == {
        "subgraph": 0,
        "index": 0,
        "operator": "CONV_2D",
        "result": "c",
        "delegated": False,
        "nested": False,
        "note": None,
    }
    assert side["sum_ms"] <= side["whole_ms"] + 0.001
    assert sum(each["ms"] for each in side["kinds"]) == pytest.approx(side["sum_ms"])
    assert sum(each["share"] for each in side["kinds"]) == pytest.approx(1, abs=0.001)


def test_two_models_stand_beside_each_other(place: Path) -> None:
    found = rewriter("profile", "abs.tflite", "neg.tflite", "--kernels", "builtin", "--runs", "2", cwd=place)
    assert (found.code, found.err) == (0, "")
    lines = [line.split() for line in found.text.splitlines()]
    assert found.text.startswith(
        "abs.tflite: time of each operator by the runtime's profiler, builtin kernels, 1 thread, least of 2 runs\n\n"
    )
    (conv_row,) = (line for line in lines if line[:1] == ["CONV_2D"])
    assert conv_row[1:3] == ["1", "1"]
    (abs_row,) = (line for line in lines if line[:1] == ["ABS"])
    assert (abs_row[1:3], abs_row[4]) == (["1", "-"], "-")
    (all_row,) = (line for line in lines if line[:1] == ["all"])
    assert all_row[1:3] == ["2", "2"]
    assert "slowest operators before" in found.text
    assert "slowest operators after" in found.text


def test_rules_make_the_model_to_compare_with(place: Path) -> None:
    found = rewriter(
        "profile", "demo.tflite", "-r", "right.pat", "--kernels", "builtin", "--runs", "2", "--json", cwd=place
    )
    (model,) = found.document["models"]
    assert list(model["rules_applied"].values()) == [1]
    assert "CUSTOM[Convolution2DTransposeBias]" in kinds(model["before"])
    assert "TRANSPOSE_CONV" in kinds(model["after"])
    # The builtin kernels know only one of the two, so both are timed operator by operator.
    assert {model[side]["measured"] for side in ("before", "after")} == {"one-operator models"}
    assert "Convolution2DTransposeBias" in model["before"]["reason"]
    assert sorted(path.name for path in place.iterdir()) == ["abs.tflite", "demo.tflite", "neg.tflite", "right.pat"]


def test_rules_that_match_nothing_leave_nothing_to_compare(place: Path) -> None:
    found = rewriter("profile", "abs.tflite", "-r", "right.pat", "--runs", "1", cwd=place)
    assert found.text.startswith("no rule applies: there is nothing to compare with\nabs.tflite: ")
    document = rewriter("profile", "abs.tflite", "-r", "right.pat", "--runs", "1", "--json", cwd=place).document
    assert (document["models"][0]["rules_applied"], document["models"][0]["after"]) == ({}, None)


def test_text_says_what_the_delegate_took_over_and_what_has_no_time(place: Path) -> None:
    found = rewriter("profile", "abs.tflite", "--runs", "2", cwd=place)
    assert "XNNPACK runs 2 operators by" in found.text
    assert "1 ABS, 1 CONV_2D (--kernels builtin times each)" in found.text
    maker = Maker()
    for name in ("x", "a", "y"):
        maker.tensor(name, "f32", (2, 3))
    maker.operator("CUSTOM[Unknown]", ["x"], ["a"])
    maker.operator("ABS", ["a"], ["y"], table="AbsOptions")
    maker.build(["x"], ["y"]).save(place / "custom.tflite")
    found = rewriter("profile", "custom.tflite", "--runs", "2", cwd=place)
    assert found.code == 0
    assert "CPU time of each operator as a model of its own" in found.text
    assert "not by the runtime's profiler: the runtime's default kernels refuse it: " in found.text
    assert "no time for 0 CUSTOM[Unknown]: the default kernels do not run it alone: " in found.text


def test_every_model_of_a_bundle_is_timed(place: Path) -> None:
    with zipfile.ZipFile(place / "all.task", "w") as bundle:
        bundle.write(place / "abs.tflite", "one.tflite")
        bundle.write(place / "neg.tflite", "two.tflite")
        bundle.writestr("labels.txt", "cat\n")
    document = rewriter("profile", "all.task", "--runs", "1", "--json", cwd=place).document
    assert [each["model"] for each in document["models"]] == ["all.task/one.tflite", "all.task/two.tflite"]
    assert [kinds(each["before"]) for each in document["models"]] == [["CONV_2D", "ABS"], ["CONV_2D", "NEG"]]
    found = rewriter("profile", "all.task", "abs.tflite", cwd=place)
    assert found.code == 2
    assert "do not hold models of the same names" in found.err


def test_standard_input_is_a_model_and_quiet_says_nothing(place: Path) -> None:
    data = (place / "abs.tflite").read_bytes()
    found = rewriter("profile", "-", "--runs", "1", "-q", cwd=place, given=data)
    assert (found.code, found.out, found.err) == (0, b"", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.tflite"], "missing.tflite: cannot be read: No such file or directory"),
        (["right.pat"], "right.pat holds rules, and a model is wanted there"),
        (["abs.tflite", "neg.tflite", "-r", "right.pat"], "rules make the model to compare with"),
        (["abs.tflite", "--rule", "x"], "--rule and --allow choose among rules, and there are none"),
        (["abs.tflite", "-p", "nothing"], "nothing"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said_in_a_line(place: Path, arguments: list[str], message: str) -> None:
    found = rewriter("profile", *arguments, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err.splitlines()[0]


def test_a_model_of_which_nothing_can_be_timed_is_an_error(place: Path) -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 3))
    maker.tensor("y", "f32", (2, 3))
    maker.operator("CUSTOM[Unknown]", ["x"], ["y"])
    maker.build(["x"], ["y"]).save(place / "custom.tflite")
    found = rewriter("profile", "custom.tflite", "--runs", "1", "--json", cwd=place)
    assert found.code == 2
    assert found.err.startswith("error: no operator of the model could be timed: ")
    assert "Unknown" in found.document["error"]["message"]
