"""`rewriter targets` as a user calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rewriter.cli import main
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = """
target one "The first" accepts RELU where input.rank == 3
target two "The second" accepts RELU|MUL
rule square "A square is a product." SQUARE(x: f32) -> MUL(x, x) equal exact
rule output y = CEIL(x) where y.is_output -> x changes interface
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    network = Network()
    y = network.input("x")
    for name in ("RELU", "SQUARE", "RELU", "CEIL"):
        y = network.add(name, [y], name.lower() + str(len(network.operators)))
    network.build(y).save(tmp_path / "in.tflite")
    (tmp_path / "my.pat").write_text(TARGETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["targets", "in.tflite", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("place")
def test_the_document_of_one_target_has_what_scripts_read(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "-r", "my.pat", "--target", "two")
    assert (found["target"], found["partitions"]) == ("two", [[0], [2]])
    kept = ("subgraph", "index", "operator", "reason", "lifted_by", "allow")
    assert [{key: each[key] for key in kept} for each in found["blocked"]] == [
        {
            "subgraph": 0,
            "index": 1,
            "operator": "SQUARE",
            "reason": "two takes no SQUARE",
            "lifted_by": ["square"],
            "allow": [],
        },
        {
            "subgraph": 0,
            "index": 3,
            "operator": "CEIL",
            "reason": "two takes no CEIL",
            "lifted_by": ["output"],
            "allow": ["interface"],
        },
    ]
    assert (found["after"]["partitions"], found["after"]["blocked"]) == ([[0, 1, 2]], [])


def test_rules_that_are_named_are_tried_and_no_others(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = TARGETS.replace("rule square", "rule other SQUARE(x: f32) -> NEG(NEG(x))\nrule square")
    (place / "my.pat").write_text(f'pack mine "Mine."\n  leaves square\n{quiet}')

    def lifted(*named: str) -> list[list[str]]:
        words = [word for name in named for word in ("--rule", name)]
        return [each["lifted_by"] for each in document(capsys, "-r", "my.pat", "--target", "two", *words)["blocked"]]

    assert lifted() == [["nnapi.square"], ["output"]]
    assert lifted("square") == [["square"], []]
    assert lifted("out*", "square") == [["square"], ["output"]]
    assert main(["targets", "in.tflite", "-r", "my.pat", "--rule", "none"]) == 2
    assert "there is no rule 'none' here" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_the_targets_of_a_file_are_meant_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert [each["target"] for each in document(capsys, "-r", "my.pat")["targets"]] == ["one", "two"]
    assert main(["targets", "in.tflite", "-r", "my.pat"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:4] for row in rows[1:]] == [["one", "0", "0", "4"], ["two", "2", "2", "2"]]
    assert " ".join(rows[2][4:]) == "0 outside, 1 partition (allowing interface)"
    names = [each["target"] for each in document(capsys)["targets"]]
    assert {"nnapi_1_2", "xnnpack", "gpu", "hexagon", "coreml", "edgetpu"} <= {*names}


@pytest.mark.usefixtures("place")
def test_the_text_says_why_and_what_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "in.tflite", "-r", "my.pat", "--target", "one", "--target", "two"]) == 0
    assert capsys.readouterr().out == (
        "one (The first)\n"
        "  0 partitions, 0 of 4 operators inside\n"
        "  RELU 0: input.rank == 3 (input.rank is 2)\n"
        "  SQUARE 1: one takes no SQUARE\n"
        "  RELU 2: input.rank == 3 (input.rank is 2)\n"
        "      lifted by toco.remove_redundant_relu\n"
        "  CEIL 3: one takes no CEIL\n"
        "      lifted by output\n"
        "  with these rules: 0 partitions, 2 operators outside\n"
        "      they need --allow interface\n"
        "\n"
        "two (The second)\n"
        "  2 partitions, 2 of 4 operators inside\n"
        "  SQUARE 1: two takes no SQUARE\n"
        "      lifted by square\n"
        "  CEIL 3: two takes no CEIL\n"
        "      lifted by output\n"
        "  with these rules: 1 partition, 0 operators outside\n"
        "      they need --allow interface\n"
    )


@pytest.mark.usefixtures("place")
def test_an_unknown_target_or_pack_is_named_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "in.tflite", "--target", "nnapi_12"]) == 2
    assert "there is no target 'nnapi_12'\n  = try: nnapi_1_2" in capsys.readouterr().err
    assert main(["targets", "in.tflite", "-p", "mediapip"]) == 2  # before a model is read
    assert "= try: mediapipe" in capsys.readouterr().err


def test_a_file_may_build_on_an_installed_target(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "own.pat").write_text("target own extends xnnpack accepts CEIL(input: f32) partitions largest 1")
    assert document(capsys, "-r", "own.pat")["partitions"] == [[0, 1, 2, 3]]


@pytest.mark.usefixtures("place")
def test_check_counts_targets_where_there_are_any(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "my.pat"]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings, 2 rules, 2 targets\n"
