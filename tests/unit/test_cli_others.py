"""The other commands: check, verify, inspect, packs and demo; help; closed pipes."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rewriter.cli import main
from rewriter.cli.group import COMMANDS
from rewriter.demo import demo_model
from tests.unit.commands import RIGHT, WRONG, rewriter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    demo_model().save(tmp_path / "in.tflite")
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    return tmp_path


def test_check_gives_every_mistake_of_every_file(place: Path) -> None:
    (place / "one.pat").write_text("RELUU(x) -> x\nADD(x, y) -> SUB(x, z)\n")
    (place / "two.pat").write_text("LEAKY_RELU(x) -> RELU(x)\n")
    (place / "three.pat").write_text("ADD(x -> x\n")
    found = rewriter("check", "one.pat", "two.pat", "three.pat", "--json", cwd=place)
    assert (found.code, found.err) == (2, "")
    document = found.document
    assert list(document) == ["errors", "warnings"]
    assert document["errors"][0] == {
        "code": "E201",
        "file": "one.pat",
        "line": 1,
        "column": 1,
        "message": "unknown operator 'RELUU'",
        "try": "RELU",
    }
    assert [(each["file"], each["line"], each["code"]) for each in document["errors"]] == [
        ("one.pat", 1, "E201"),
        ("one.pat", 2, "E301"),
        ("three.pat", 1, "E103"),
    ]
    assert [(each["file"], each["code"]) for each in document["warnings"]] == [("two.pat", "W402")]
    text = rewriter("check", "one.pat", "two.pat", cwd=place)
    assert (text.code, text.out) == (2, b"")
    assert text.err.endswith("2 errors, 1 warning, 1 rule\n")
    assert (
        "error[E201]: unknown operator 'RELUU'\n --> one.pat:1:1\n  |\n1 | RELUU(x) -> x\n  | ^^^^^\n = try: RELU\n"
        in text.err
    )


def test_warnings_alone_are_no_failure_and_quiet_keeps_them_back(place: Path) -> None:
    (place / "two.pat").write_text("LEAKY_RELU(x) -> RELU(x)\n")
    found = rewriter("check", "two.pat", cwd=place)
    assert (found.code, found.text) == (0, "0 errors, 1 warning, 1 rule\n")
    assert found.err.startswith("warning[W402]: two:1 drops alpha of LEAKY_RELU\n --> two.pat:1:1\n")
    quiet = rewriter("check", "two.pat", "-q", cwd=place)
    assert (quiet.code, quiet.out, quiet.err) == (0, b"", "")
    assert rewriter("check", "two.pat", "--json", cwd=place).code == 0


def test_the_files_of_a_check_are_one_run(place: Path) -> None:
    (place / "one.pat").write_text("rule one RELU(x) -> RELU6(x)\n")
    (place / "two.pat").write_text(
        "rule two RELU6(x) -> RELU(x)\nrule three RELU(x: f32) where x.rank >= 0 -> ABS(x)\n"
    )
    alone = rewriter("check", "two.pat", "--json", cwd=place).document["warnings"]
    assert [each["code"] for each in alone] == ["W406"]
    found = rewriter("check", "one.pat", "two.pat", "--json", cwd=place)
    assert found.code == 0
    assert [(each["file"], each["line"], each["code"]) for each in found.document["warnings"]] == [
        ("two.pat", 1, "W405"),
        ("two.pat", 2, "W403"),
        ("two.pat", 2, "W406"),
    ]
    text = rewriter("check", "one.pat", "two.pat", cwd=place)
    assert (
        "warning[W405]: one and two can undo each other: RELU(x) -> RELU6(x) -> RELU(x)\n --> two.pat:1:10\n"
        in text.err
    )


def test_explain_shows_where_every_attribute_comes_from(place: Path) -> None:
    (place / "pool.pat").write_text("rule pool MAX_POOL_2D(x) -> AVERAGE_POOL_2D[filter_width=1](x) benefit 3\n")
    found = rewriter("check", "pool.pat", "--explain", cwd=place)
    assert found.code == 0
    assert found.text.startswith("pool: equal, benefit 3, phase 0\n  root: MAX_POOL_2D\n")
    for line in (
        "filter_width: written, filter_width=1",
        "stride_h: the root's",
        "padding: the root's",
        "fused_activation_function: NONE, the schema's default",
    ):
        assert f"     {line}\n" in found.text
    assert "    0: AVERAGE_POOL_2D(x)\n" in found.text
    assert "    the root becomes result 0\n" in found.text
    assert not re.search(r"Load|\br\d", found.text), "instructions and registers are for -v"
    more = rewriter("check", "pool.pat", "--explain", "-v", cwd=place).text
    assert "    Load(operator=0, index=0, out=2, required=True)    # x\n" in more
    assert "    0: AVERAGE_POOL_2D(x (r2))\n" in more


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.pat"], "error: missing.pat: cannot be read: No such file or directory\n"),
        (["."], "error: .: cannot be read: Is a directory\n"),
        (["in.tflite"], "error: in.tflite: this is a model, not rules\n"),
        ([], "missing argument 'FILE.pat...'"),
    ],
)
def test_check_names_what_it_cannot_read(place: Path, arguments: list[str], message: str) -> None:
    found = rewriter("check", *arguments, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


def test_an_empty_file_of_rules_is_no_mistake(place: Path) -> None:
    (place / "empty.pat").write_text("")
    found = rewriter("check", "empty.pat", cwd=place)
    assert (found.code, found.text) == (0, "0 errors, 0 warnings, 0 rules\n")


def test_verify_compares_output_by_output(place: Path) -> None:
    rewriter("apply", "in.tflite", "-r", "wrong.pat", "-o", "bad.tflite", "--check", "none", cwd=place)
    same = rewriter("verify", "in.tflite", "in.tflite", cwd=place)
    assert same.code == 0
    assert same.text.startswith("equal\n")
    other = rewriter("verify", "in.tflite", "bad.tflite", "--json", "--seeds", "2", cwd=place)
    assert other.code == 1
    assert list(other.document)[:2] == ["equal", "outputs"]
    (output,) = other.document["outputs"]
    assert (output["name"], output["equal"], output["varied"]) == ("mask", False, True)
    assert output["max_abs"] > 0
    text = rewriter("verify", "in.tflite", "bad.tflite", "-q", cwd=place)
    assert text.code == 1
    assert text.text.startswith("different\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.tflite", "missing.tflite"], "error: missing.tflite: cannot be read: No such file or directory\n"),
        (["in.tflite", "right.pat"], "error: right.pat: not a TFLite model: it looks like text\n"),
        (["in.tflite", "."], "error: .: cannot be read: Is a directory\n"),
        (["in.tflite"], "missing argument 'B'"),
        (["in.tflite", "in.tflite", "--seeds", "0"], "0 is not in the range 1<=x<=10000"),
    ],
)
def test_verify_names_what_is_wrong(place: Path, arguments: list[str], message: str) -> None:
    found = rewriter("verify", *arguments, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["inspect", "folder"], "folder/in.tflite"),
        (["diff", "in.tflite", "folder"], "folder/in.tflite"),
        (["explain", "folder", "-r", "right.pat"], "folder/in.tflite"),
        (["profile", "folder"], "folder/in.tflite"),
        (["verify", "in.tflite", "folder"], "folder/in.tflite"),
        (["inspect", "inn.tflite"], "in.tflite"),
        (["apply", "inn.tflite"], "in.tflite"),
        (["apply", "folder", "inn.tflite"], "in.tflite"),
        (["inspect", "no/in.tflite"], "there is no folder no"),
        (
            ["diff", "in.tflite", "-"],
            "apply, inspect, explain and profile read standard input; for others write it to a",
        ),
        (["apply", "right.pat", "-r", "in.tflite"], "in.tflite -r right.pat"),
        (["explain", "in.tflite", "-r", "in.tflite"], "in.tflite -r FILE.pat"),
        (["apply", "in.tflite", "-r", "mediapipe"], "-p mediapipe"),
        (["test", "mediapipe.pooling"], "mediapipe --rule mediapipe.pooling"),
        (["targets", "in.tflite", "--target", "nnapi"], "nnapi_1_0, nnapi_1_1, nnapi_1_2"),
    ],
)
def test_what_is_given_for_something_else_is_answered_with_what_to_try(
    place: Path, words: list[str], hint: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "folder").mkdir()
    (place / "folder" / "in.tflite").write_bytes((place / "in.tflite").read_bytes())
    monkeypatch.chdir(place)
    assert main(words) == 2
    message, tried = capsys.readouterr().err.splitlines()
    assert message.startswith("error: ")
    assert tried.startswith(f"  = try: {hint}")


def test_a_model_from_standard_input_is_inspected(place: Path) -> None:
    found = rewriter("inspect", "-", "--json", cwd=place, given=(place / "in.tflite").read_bytes())
    assert (found.code, found.document["model"], found.document["version"]) == (0, "-", 3)


def test_a_file_of_rules_without_a_rule_is_warned_of(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "empty.pat").write_text("# soon\n")
    monkeypatch.chdir(place)
    assert main(["apply", "in.tflite", "-r", "empty.pat", "--dry-run"]) == 0
    assert capsys.readouterr().err == "warning: empty.pat: there are no rules in it\n"


def test_packs_lists_rules_and_what_is_default(place: Path) -> None:
    found = rewriter("packs", "--json", cwd=place)
    assert found.code == 0
    (pack,) = [each for each in found.document["packs"] if each["name"] == "mediapipe"]
    assert {"name", "distribution", "version", "default", "rules"} <= pack.keys()
    assert (pack["distribution"], pack["default"]) == ("rewriter", True)
    assert all({"rule", "doc", "equal"} <= rule.keys() for rule in pack["rules"])
    used = {rule["rule"]: rule["used"] for rule in pack["rules"]}
    assert used["mediapipe.transpose_conv_bias_operand.forward"]
    assert not used["mediapipe.transpose_conv_bias.forward"]
    lines = rewriter("packs", cwd=place).text.splitlines()
    assert len(lines) == len(found.document["packs"]) + 1
    (line,) = (line for line in lines if line.startswith("mediapipe "))
    count, doc = len(pack["rules"]), pack["doc"]
    assert line == f"mediapipe (rewriter {pack['version']}, default) {count} rules: {doc}"
    text = rewriter("packs", "mediapipe", cwd=place).text
    assert text.startswith("mediapipe (rewriter ")
    (line,) = (line for line in text.splitlines() if "transpose_conv_bias.backward: " in line)
    assert line.startswith("  mediapipe.transpose_conv_bias.backward: equal within 1e-05, ")
    assert line.endswith("  (only where asked for)")
    unknown = rewriter("packs", "mediapip", cwd=place)
    assert (unknown.code, unknown.out, unknown.err) == (
        2,
        b"",
        "error: there is no pack 'mediapip'\n  = try: mediapipe\n",
    )


def test_demo_shows_the_main_job_and_needs_no_file(place: Path) -> None:
    found = rewriter("demo", cwd=place)
    assert (found.code, found.err) == (0, "")
    assert "check passed" in found.text
    assert rewriter("demo", "--json", cwd=place).document["check"]["status"] == "passed"
    assert rewriter("demo", "-q", cwd=place).out == b""


def test_demo_gives_its_model_away(place: Path) -> None:
    found = rewriter("demo", "--save", "given.tflite", cwd=place)
    assert (found.code, found.text, found.err) == (0, "written: given.tflite\n", "")
    assert (place / "given.tflite").read_bytes() == (place / "in.tflite").read_bytes()
    assert rewriter("demo", "--save", "no/given.tflite", cwd=place).code == 2


def test_help_and_version(place: Path) -> None:
    overview = rewriter("--help", cwd=place)
    assert overview.code == 0
    assert "docs/ of the checkout" in overview.text
    assert list(COMMANDS) == sorted(COMMANDS)
    for name in ("apply", "check", "demo", "inspect", "packs", "verify"):
        assert f"  {name} " in overview.text
        detail = rewriter(name, "--help", cwd=place)
        assert detail.code == 0
        assert ("Exit code: 0 " in detail.text) == (name in ("apply", "verify"))
        for flag in ("--json", "--quiet", "--verbose", "--no-color"):
            assert flag in detail.text
    assert rewriter("--version", cwd=place).code == 0


def test_an_unknown_command_is_answered_with_the_nearest(place: Path) -> None:
    found = rewriter("aply", cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert "there is no command 'aply'; try: apply" in found.err


def test_colour_is_only_for_terminals(place: Path) -> None:
    assert "\x1b" not in rewriter("apply", "missing.tflite", cwd=place).err
    assert "\x1b" not in rewriter("apply", "missing.tflite", "--no-color", cwd=place).err


@pytest.mark.parametrize(
    "arguments", [["inspect", "in.tflite"], ["packs", "--json"], ["apply", "in.tflite", "--check", "none", "-o", "-"]]
)
def test_a_reader_who_goes_away_is_no_crash(place: Path, arguments: list[str]) -> None:
    program = [sys.executable, "-c", "import sys; from rewriter.cli import main; sys.exit(main())", *arguments]
    with subprocess.Popen(program, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        err = running.stderr.read().decode()
        code = running.wait()
    assert code in (0, 1)
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_the_program_can_be_called_from_python(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(place / "right.pat")]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings, 1 rule\n"
    assert main(["packs", "nothing"]) == 2
    assert main(["--nonsense"]) == 2
