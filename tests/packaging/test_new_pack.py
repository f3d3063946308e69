"""The project that `rewriter new-pack` writes installs from its own folder, passes its tests, and is applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flatbuffers import flexbuffers

from tests.rules.models import ModelBuilder, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packaging.conftest import Environment


@pytest.fixture(scope="module")
def project(installed: Environment) -> Path:
    """A project, written by the program that the wheel installed, and installed beside it."""
    done = installed.run("rewriter", "new-pack", "my_rules", "--json")
    folder = installed.folder / json.loads(done.stdout)["folder"]
    installed.install(folder)
    return folder


def test_it_is_found_and_its_rules_pass(installed: Environment, project: Path) -> None:
    packs = json.loads(installed.run("rewriter", "packs", "my_rules", "--json").stdout)["packs"]
    assert [rule["rule"] for rule in packs[0]["rules"]] == ["my_rules.scaled_add", "my_rules.double_negation"]
    done = installed.run("python", "-m", "pytest", "-v", "-p", "no:cacheprovider", project)
    # Two rules as tests of their own, and the two tests that stand in a file.
    assert "4 passed" in done.stdout
    assert "scaled_add PASSED" in done.stdout, done.stdout


def test_its_record_is_installed_and_read(installed: Environment, project: Path) -> None:
    installed.run("rewriter", "test", "my_rules", "--record", "--examples", "20")
    packs = json.loads(installed.run("rewriter", "packs", "my_rules", "--json").stdout)["packs"]
    assert {rule["shown"] for rule in packs[0]["rules"]} <= {"tested", "identity"}


def test_it_is_applied_and_checked_by_its_kernel(installed: Environment, project: Path) -> None:
    model = ModelBuilder()
    operands = [model.input("a", (1, 4)), model.input("b", (1, 4))]
    options = bytes(flexbuffers.Dumps({"factor": 2.5}))
    path = installed.folder / "scaled.tflite"
    path.write_bytes(model.finish(model.operator("CUSTOM[MyRulesScaledAdd]", operands, "y", (1, 4), options=options)))
    out = installed.folder / "out.tflite"
    report = json.loads(installed.run("rewriter", "apply", path, "-p", "my_rules", "-o", out, "--json").stdout)
    assert report["rules_applied"] == {"my_rules.scaled_add": 1}
    assert report["check"]["status"] == "passed"
    first, second = np.array([[1, 2, 3, 4]], np.float32), np.array([[4, 3, 2, -1]], np.float32)
    (result,) = run(out.read_bytes(), first, second)
    np.testing.assert_allclose(result, first + np.float32(2.5) * second, rtol=1e-6)


def test_a_name_that_cannot_be_one_and_a_folder_that_is_taken_are_errors(installed: Environment, project: Path) -> None:
    for words, said in (
        (["My-Rules"], "try: my_rules"),
        (["other_rules", "-o", str(project)], "is not empty"),
        (["my_rules", "-o", "elsewhere"], "there is a pack 'my_rules' already, in rewriter-my-rules 0.1.0"),
        (["toco"], "there is a pack 'toco' already, in rewriter "),
    ):
        done = installed.run("rewriter", "new-pack", *words, check=False)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not (installed.folder / "elsewhere").exists()
