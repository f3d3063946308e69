"""`rewriter test`: which rules it tests, what it says, what it keeps, and how it ends.

The verdicts are made by hand: what is tested here is what the command does with them.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from rewriter.cli import main
from rewriter.packs import load
from tests.unit.commands import rewriter
from tests.unit.hand_prover import RIGHT, RULES, workplace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workplace(tmp_path, monkeypatch)
    (tmp_path / "empty.pat").write_text("# nothing yet\n")
    (tmp_path / "bad.pat").write_text("RELUU(x) -> x\n")
    (tmp_path / "worse.pat").write_text("ADD(x, y) -> SUB(x, z)\n")
    return tmp_path


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit code, and the document."""
    code = main(["test", *arguments, "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    return code, json.loads(said.out)


def test_each_rule_has_a_line_and_a_refuted_one_its_counterexample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "my.pat"]) == 1
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0] == "right: passed, tested (200), 1.0 s"
    assert lines[1] == "wrong: refuted (reference kernels, example 3, seed 0, 0.2 s): the results differ"
    assert "  at [1, 0]: -2.0 before, 8.0 after; 1 of 4 elements differ; max abs 10, max rel 2.5" in lines
    assert lines[-5:] == [
        "  again: rewriter test my.pat --rule wrong --seed 0",
        "never: no instance, 0.0 s: no shape has nine dimensions",
        "  again: rewriter test my.pat --rule never --seed 0",
        "  note: tried 3 forms",
        "3 rules: 1 passed, 1 refuted, 1 no instance",
    ]
    assert said.err == ""


def test_rules_that_pass_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "right.pat"]) == 0
    assert capsys.readouterr().out == (
        "right: passed, tested (200), 1.0 s\n"
        "both.forward: passed, tested (200), 1.0 s\n"
        "both.backward: passed, tested (200), 1.0 s\n"
        "3 rules: 3 passed\n"
    )


def test_quiet_says_only_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "right.pat", "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["test", "my.pat", "-q"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("wrong: refuted")
    assert "right" not in said
    assert said.endswith("note: tried 3 forms\n")


def test_verbose_says_how_to_repeat_what_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "right.pat", "-v", "--rule", "right", "--seed", "3", "--profile", "quick"]) == 0
    assert "  again: rewriter test right.pat --rule right --seed 3 --profile quick\n" in capsys.readouterr().out


def test_the_document_has_what_scripts_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = outcome(capsys, "my.pat", "--seed", "7", "--examples", "5")
    assert code == 1
    assert list(document) == ["rules"]
    right, wrong, never = document["rules"]
    assert right == {
        "rule": "right",
        "status": "passed",
        "examples": 5,
        "counterexample": None,
        "badge": "tested",
        "reason": None,
        "notes": [],
        "seed": 7,
        "seconds": 1.0,
    }
    assert [wrong[key] for key in ("status", "examples", "badge", "seed")] == ["refuted", 2, "claimed", 7]
    assert (wrong["counterexample"]["before"], wrong["counterexample"]["after"]) == (-2.0, 8.0)
    assert (never["status"], never["counterexample"]) == ("no instance", None)
    assert (never["reason"], never["notes"]) == ("no shape has nine dimensions", ["tried 3 forms"])


def test_a_rule_without_an_instance_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = outcome(capsys, "my.pat", "--rule", "never")
    assert (code, [each["status"] for each in document["rules"]]) == (1, ["no instance"])


@pytest.mark.parametrize(
    ("named", "rules"),
    [
        (["both"], ["both.forward", "both.backward"]),
        (["both.backward"], ["both.backward"]),
        (["b*h"], ["both.forward", "both.backward"]),
        (["*.forward"], ["both.forward"]),
        (["right", "both.forward"], ["right", "both.forward"]),
    ],
)
def test_both_directions_are_tested_unless_one_is_named(
    named: list[str], rules: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = outcome(capsys, "right.pat", *(word for name in named for word in ("--rule", name)))
    assert [each["rule"] for each in document["rules"]] == rules


def test_rules_that_a_pack_does_not_use_are_tested_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = outcome(capsys, "mediapipe", "right.pat")
    assert code == 0
    names = [each["rule"] for each in document["rules"]]
    assert "mediapipe.transpose_conv_bias.backward" in names
    assert names[-1] == "both.backward"


@pytest.mark.parametrize("name", ["mediapipe.transpose_conv_bias.backward", "transpose_conv_bias.backward"])
def test_a_packs_rule_is_named_with_or_without_the_pack(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, document = outcome(capsys, "mediapipe", "right.pat", "--rule", name)
    assert [each["rule"] for each in document["rules"]] == ["mediapipe.transpose_conv_bias.backward"]


def test_what_is_given_twice_is_tested_once(capsys: pytest.CaptureFixture[str]) -> None:
    _, document = outcome(capsys, "right.pat", "mediapipe", "right.pat")
    names = [each["rule"] for each in document["rules"]]
    assert len(names) == len(set(names))


def test_a_file_goes_before_a_pack_of_the_same_name_and_a_folder_does_not(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "mediapipe").mkdir()
    assert len(outcome(capsys, "mediapipe")[1]["rules"]) == len(load("mediapipe"))
    (place / "mediapipe").rmdir()
    (place / "mediapipe").write_text(RIGHT)
    assert len(outcome(capsys, "mediapipe")[1]["rules"]) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mediapip"], "error: there is no pack 'mediapip'\n  = try: mediapipe\n"),
        (["missing.pat"], "error: missing.pat: cannot be read: No such file or directory\n"),
        (["folder/missing"], "error: folder/missing: there is no such file\n"),
        (["empty.pat"], "error: empty.pat: there are no rules to test\n  = try: "),
        (["right.pat", "--rule", "rigt"], "error: there is no rule 'rigt' here\n  = try: right\n"),
        (["right.pat", "--examples", "0"], "0 is not in the range x>=1"),
        (["right.pat", "--profile", "slow"], "'slow' is not one of 'quick', 'ci', 'thorough'"),
        (["right.pat", "--record"], "error: right.pat: only a pack has a place for what was shown\n"),
        ([], "Missing argument 'FILE.pat|PACK...'"),
    ],
)
def test_what_is_wrong_with_the_command_line_is_said(place: Path, arguments: list[str], message: str) -> None:
    found = rewriter("test", *arguments, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


def test_the_mistakes_of_all_files_are_shown(place: Path) -> None:
    found = rewriter("test", "bad.pat", "right.pat", "worse.pat", cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert "bad.pat:1:1" in found.err
    assert "worse.pat:1:" in found.err
    assert found.err.endswith("2 errors\n")


def test_counterexamples_are_kept_where_later_runs_try_them(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = outcome(capsys, "my.pat", "--rule", "wrong")
    files = document["rules"][0]["counterexample"]["files"]
    assert code == 1
    assert files["before"].startswith(".rewriter/counterexamples/wrong/")
    assert all((place / file).exists() for file in files.values())
    (place / files["inputs"]).write_bytes(b"damaged")
    assert main(["test", "my.pat", "--rule", "wrong"]) == 1
    said = capsys.readouterr()
    assert f"  saved: {files['before']} and after.tflite\n" in said.out
    assert said.err.startswith("note: .rewriter/counterexamples/wrong/")


def test_another_folder_may_be_named_for_counterexamples(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome(capsys, "my.pat", "--save", "kept")
    assert (place / "kept" / "wrong").is_dir()
    assert not (place / ".rewriter").exists()


def test_how_to_repeat_a_rule_holds_for_every_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "my rules.pat").write_text(RULES)
    main(["test", "my rules.pat", "--examples", "9", "--seed", "4", "--rule", "never"])
    (again,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("  again: "))
    words = shlex.split(again.removeprefix("  again: "))
    assert words[:3] == ["rewriter", "test", "my rules.pat"]
    assert main([*words[1:], "--json"]) == 1
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert (rule["rule"], rule["seed"]) == ("never", 4)


def test_progress_is_for_terminals_and_is_wiped_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["test", "right.pat", "--rule", "right"]) == 0
    said = capsys.readouterr()
    assert "checking 1/200: right\r" in said.err
    assert said.err.endswith("\r\x1b[K")
    assert "checking" not in said.out
