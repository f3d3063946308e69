"""A pipeline's file is read as it is meant, its mistakes are named, and what it says is what is done."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest

import rewriter
from rewriter import UsageError
from rewriter.model import read
from rewriter.model.graph import Metadata
from rewriter.pipeline import Phase, Pipeline, project_pipeline, read_pipeline
from rewriter.provenance import recorded
from tests.unit import commands
from tests.unit.networks import Network, shown

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
rule first  ABS(x) -> NEG(x)  lossy within 1e2
rule second  NEG(x) <-> RELU(x)  lossy within 1e2
rule third  NEG(x) -> SQUARE(x)  lossy within 1e2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.pat").write_text(RULES)
    network = Network()
    (tmp_path / "in.tflite").write_bytes(network.build(network.add("ABS", [network.input()])).to_bytes())
    return tmp_path


def written(folder: Path, text: str, name: str = "pipeline.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def done(path: Path) -> list[str]:
    return shown(read_pipeline(path).apply(path.parent / "in.tflite").model)


def test_phases_run_one_after_the_other(folder: Path) -> None:
    phase = '[[phase]]\nrules = ["mine.pat"]\nonly = [{}]\n'
    text = 'allow = ["lossy"]\ncheck = "none"\n' + 2 * phase
    assert done(written(folder, text.format('"first"', '"third"'))) == ["y = SQUARE(x)"]
    assert done(written(folder, text.format('"third"', '"first"'))) == ["y = NEG(x)"]


def test_a_phase_leaves_rules_out_takes_a_direction_and_sets_benefits(folder: Path) -> None:
    text = 'allow = ["lossy"]\ncheck = "none"\n[[phase]]\nrules = ["mine.pat"]\n'
    assert done(written(folder, text + 'without = ["second"]')) == ["y = SQUARE(x)"]
    assert done(written(folder, text + 'without = ["third"]')) == ["y = RELU(x)"]
    assert done(written(folder, text + "benefits = {third = 7}")) == ["y = SQUARE(x)"]
    assert done(written(folder, text + "benefits = {second = 7}")) == ["y = RELU(x)"]


def test_what_is_not_allowed_is_not_done(folder: Path) -> None:
    assert done(written(folder, '[[phase]]\nrules = ["mine.pat"]')) == ["y = ABS(x)"]


MISTAKES = {
    "no toml": ("phase = [", r"is no TOML: "),
    "a key that there is not": ("packages = []", r"there is no 'packages' in a pipeline"),
    "a key of a phase that there is not": ("[[phase]]\npack = []", r"there is no 'pack' of phase 1 in a pipeline"),
    "a word for a list": ('allow = "lossy"', r"allow takes a list"),
    "another allowance": ('allow = ["all"]', r"allow takes a list of 'lossy' and 'interface'"),
    "another check": ('check = "some"', r"check takes 'model' or 'rules' or 'none'"),
    "a phase that is none": ("phase = 3", r"phase takes one or more tables"),
    "a number that is none": ("max-steps = -1", r"max-steps takes a number"),
    "a benefit that is none": ('[[phase]]\nbenefits = {a = "b"}', r"phase 1: benefits takes a number for each rule"),
    "not UTF-8": ("# \udcff", r"is not UTF-8"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_named_with_its_file(folder: Path, what: str) -> None:
    text, message = MISTAKES[what]
    path = folder / "pipeline.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=re.escape(str(path)) + r":? .*" + message):
        read_pipeline(path)


def test_a_rule_that_there_is_not_is_an_error(folder: Path) -> None:
    path = written(folder, '[[phase]]\nrules = ["mine.pat"]\nwithout = ["thrid"]')
    with pytest.raises(UsageError, match="there is no rule 'thrid' here") as raised:
        read_pipeline(path).rules()
    assert "third" in str(raised.value.hint)


def test_a_pipeline_comes_back_from_its_text(folder: Path) -> None:
    phases = (Phase(("toco",), (), ("toco.fold_cast",)), Phase((), ("mine.pat",), (), ("third",), {"first": 3}))
    pipeline = Pipeline(phases, ("lossy",), "rules", "tested", 9, folder)
    again = read_pipeline(written(folder, pipeline.to_toml()))
    assert (again.phases, again.allow, again.check) == (pipeline.phases, pipeline.allow, pipeline.check)
    assert (again.require, again.max_steps, again.digest) == (pipeline.require, pipeline.max_steps, pipeline.digest)


def test_the_command_line_does_what_a_file_says_and_writes_down_what_was_done(folder: Path) -> None:
    text = 'allow = ["lossy"]\n[[phase]]\nrules = ["mine.pat"]\nwithout = ["third"]\n'
    path = written(folder, text)
    arguments = ("apply", "in.tflite", "--pipeline", path, "--check", "none", "-o", "out.tflite")
    first = commands.rewriter(*arguments, "--save-pipeline", "done.toml", "--record", cwd=folder)
    assert first.code == 0, first.err
    out = read(folder / "out.tflite")
    assert shown(out) == ["y = RELU(x)"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rules = {"first": 1, "second.forward": 1}
    assert recorded(out) == [{"rewriter": rewriter.__version__, "pipeline": digest, "rules": rules}]
    seen = commands.rewriter("inspect", "out.tflite", cwd=folder).text
    assert f"pipeline {digest[:12]}: first 1, second.forward 1" in seen
    assert commands.rewriter("inspect", "out.tflite", "--json", cwd=folder).document["rewritten"] == recorded(out)
    saved = read_pipeline(folder / "done.toml")
    assert [phase.only for phase in saved.phases] == [("first", "second.forward")]
    again = commands.rewriter("apply", "in.tflite", "--pipeline", "done.toml", "-o", "again.tflite", cwd=folder)
    assert again.code == 0, again.err
    assert shown(read(folder / "again.tflite")) == ["y = RELU(x)"]
    assert recorded(read(folder / "again.tflite")) == []


def test_a_rule_is_written_down_in_the_phases_in_which_it_fired(folder: Path) -> None:
    phase = '[[phase]]\nrules = ["mine.pat"]\nwithout = ["third"]\n'
    path = written(folder, 'allow = ["lossy"]\n[[phase]]\nrules = ["mine.pat"]\nonly = ["first"]\n' + phase)
    arguments = (
        "apply",
        "in.tflite",
        "--pipeline",
        path,
        "--check",
        "none",
        "--dry-run",
        "--save-pipeline",
        "done.toml",
    )
    assert commands.rewriter(*arguments, cwd=folder).code == 0
    assert [phase.only for phase in read_pipeline(folder / "done.toml").phases] == [("first",), ("second.forward",)]


def test_a_second_run_adds_to_what_the_first_one_noted(folder: Path) -> None:
    for name, rule in (("in.tflite", "first"), ("out.tflite", "third")):
        options = ("-r", "mine.pat", "--rule", rule, "--allow", "lossy", "--check", "none", "--record")
        assert commands.rewriter("apply", name, *options, "-o", "out.tflite", cwd=folder).code == 0
    assert [entry["rules"] for entry in recorded(read(folder / "out.tflite"))] == [{"first": 1}, {"third": 1}]


def test_where_nothing_fires_nothing_is_noted(folder: Path) -> None:
    options = ("-r", "mine.pat", "--rule", "third", "--allow", "lossy", "--record", "--save-pipeline", "done.toml")
    outcome = commands.rewriter("apply", "in.tflite", *options, "-o", "out.tflite", cwd=folder)
    assert outcome.code == 0
    assert "not recorded: nothing changed\n" in outcome.text
    assert outcome.text.endswith("no rule fired: done.toml was not written\n")
    assert not (folder / "done.toml").exists()
    assert (folder / "out.tflite").read_bytes() == (folder / "in.tflite").read_bytes()


def test_a_note_that_is_none_is_passed_over(folder: Path) -> None:
    model = read(folder / "in.tflite")
    lines = [b"no json", b"[1]", b'{"rules": 3}', json.dumps({"rewriter": "9", "rules": {"a": 2}}).encode(), b"\xff"]
    model.metadata.append(Metadata("rewriter", model.new_buffer(b"\n".join(lines))))
    model.modified = True
    model.save(folder / "noted.tflite")
    assert recorded(read(folder / "noted.tflite")) == [{"rewriter": "9", "rules": {"a": 2}}]
    assert commands.rewriter("inspect", "noted.tflite", cwd=folder).code == 0


def test_a_project_says_what_is_done_where_nobody_else_does(folder: Path) -> None:
    assert project_pipeline(folder) is None
    written(folder, "[tool.other]\n", "pyproject.toml")
    assert project_pipeline(folder) is None
    phase = '[[tool.rewriter.phase]]\nrules = ["mine.pat"]\nonly = ["first"]\n'
    text = '[tool.rewriter]\nallow = ["lossy"]\ncheck = "none"\n' + phase
    path = written(folder, text, "pyproject.toml")
    assert done(path) == ["y = NEG(x)"]
    outcome = commands.rewriter("apply", "in.tflite", "-o", "out.tflite", cwd=folder)
    assert "pipeline: pyproject.toml" in outcome.text
    assert shown(read(folder / "out.tflite")) == ["y = NEG(x)"]
    commands.rewriter("apply", "in.tflite", "-r", "mine.pat", "-o", "other.tflite", cwd=folder)
    assert shown(read(folder / "other.tflite")) == ["y = ABS(x)"]


def test_a_pipeline_beside_packs_is_an_error(folder: Path) -> None:
    path = written(folder, "[[phase]]\n")
    outcome = commands.rewriter("apply", "in.tflite", "-p", "toco", "--pipeline", path, cwd=folder)
    assert outcome.code == 2
    assert "one or the other" in outcome.err
