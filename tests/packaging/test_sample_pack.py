"""A pack that another distribution brings is found, listed and applied like a stock one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.rules.models import ModelBuilder, run
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packaging.conftest import Environment


@pytest.fixture(scope="module")
def with_pack(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of the wheel with the sample pack installed beside it."""
    # From a copy: building leaves files behind.
    source = shutil.copytree(
        CHECKOUT / "tests" / "packaging" / "sample_pack", tmp_path_factory.mktemp("sample_pack"), dirs_exist_ok=True
    )
    installed.install(source)
    return installed


@pytest.fixture
def square(with_pack: Environment) -> Path:
    """A model that computes the square of -(-x), with an operator that only the pack knows."""
    model = ModelBuilder()
    given = model.input("x", (1, 4))
    once = model.operator("NEG", [given], "once", (1, 4), options=schema.NegOptionsT())
    twice = model.operator("NEG", [once], "twice", (1, 4), options=schema.NegOptionsT())
    path = with_pack.folder / "square.tflite"
    path.write_bytes(model.finish(model.operator("CUSTOM[SampleSquare]", [twice], "y", (1, 4))))
    return path


def test_it_is_listed_with_its_distribution_and_its_rules(with_pack: Environment) -> None:
    packs = {pack["name"]: pack for pack in json.loads(with_pack.run("rewriter", "packs", "--json").stdout)["packs"]}
    assert {"sample", "mediapipe"} <= packs.keys()
    sample = packs["sample"]
    assert (sample["distribution"], sample["version"]) == ("rewriter-sample-pack", "1.2.3")
    rules = ["sample.double_negation", "sample.square_as_product", "sample.division_as_product", "sample.length_of_one"]
    assert [rule["rule"] for rule in sample["rules"]] == rules
    assert sample["rules"][0]["doc"] == "Changing the sign twice changes nothing."
    assert [rule["equal"] for rule in sample["rules"]] == ["equal", "equal", "equal exact", "equal"]


def test_its_rules_pass_their_property_tests_one_by_values_that_the_pack_makes(with_pack: Environment) -> None:
    done = with_pack.run("rewriter", "test", "sample", "--examples", "20", "--json")
    rules = json.loads(done.stdout)["rules"]
    assert [(rule["rule"], rule["status"]) for rule in rules] == [
        ("sample.double_negation", "passed"),
        ("sample.square_as_product", "passed"),
        ("sample.division_as_product", "passed"),
        ("sample.length_of_one", "passed"),
    ]


def test_its_rules_are_applied_and_checked_by_its_kernel(with_pack: Environment, square: Path) -> None:
    out = with_pack.folder / "out.tflite"
    done = with_pack.run("rewriter", "apply", square, "-p", "sample", "-o", out, "--json")
    report = json.loads(done.stdout)
    assert report["rules_applied"] == {"sample.double_negation": 1, "sample.square_as_product": 1}
    assert report["check"]["status"] == "passed"
    assert report["operators"] == {"before": 3, "after": 1}

    value = np.linspace(-2, 2, 4, dtype=np.float32).reshape(1, 4)
    (result,) = run(out.read_bytes(), value)
    np.testing.assert_array_equal(result, value * value)


def test_its_functions_are_called_in_conditions_and_constants(with_pack: Environment) -> None:
    for divisor, left in ((4.0, "MUL"), (3.0, "DIV")):
        model = ModelBuilder()
        operands = [model.input("x", (1, 4)), model.constant("c", np.array(divisor, np.float32))]
        quotient = model.operator("DIV", operands, "y", (1, 4), options=schema.DivOptionsT())
        path = with_pack.folder / "quotient.tflite"
        path.write_bytes(model.finish(quotient))
        out = with_pack.folder / "product.tflite"
        with_pack.run("rewriter", "apply", path, "-p", "sample", "-o", out)
        shown = with_pack.run("rewriter", "inspect", out, "--operators").stdout
        assert f" = {left}(" in shown


def test_a_pack_that_is_not_there_is_named_and_those_that_are(with_pack: Environment, square: Path) -> None:
    done = with_pack.run("rewriter", "apply", square, "-p", "sampel", "-o", "none.tflite", check=False)
    assert done.returncode == 2
    assert "sampel" in done.stderr
    assert "sample" in done.stderr.replace("sampel", "")
    assert "Traceback" not in done.stderr
    assert not (with_pack.folder / "none.tflite").exists()
