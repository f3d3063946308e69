"""`rewriter apply`: what it writes, what it says, and how it ends."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from rewriter.demo import demo_model
from rewriter.model import read
from tests.unit.commands import RIGHT, WRONG, rewriter
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

KEYS = ["input", "output", "rules_applied", "applications", "operators", "stop_reason", "check", "seconds"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    demo_model().save(tmp_path / "in.tflite")
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    (tmp_path / "none.pat").write_text("CUSTOM[Nowhere](x) -> x\n")
    return tmp_path


def files(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


def test_a_model_is_rewritten_checked_and_written(place: Path) -> None:
    found = rewriter("apply", "in.tflite", "-r", "right.pat", "-o", "out.tflite", "--json", cwd=place)
    assert (found.code, found.err) == (0, "")
    document = found.document
    assert [key for key in document if key in KEYS] == KEYS
    assert (document["input"], document["output"]) == ("in.tflite", "out.tflite")
    assert document["rules_applied"] == {"right:1": 1}
    assert document["applications"] == [
        {
            "rule": "right:1",
            "subgraph": 0,
            "root": "decoder",
            "operators_before": ["CUSTOM[Convolution2DTransposeBias]"],
            "operators_after": ["TRANSPOSE_CONV", "ADD"],
        }
    ]
    assert document["operators"] == {"before": 3, "after": 4}
    assert document["stop_reason"] == "fixed point"
    assert (document["check"]["level"], document["check"]["status"]) == ("model", "passed")
    (output,) = document["check"]["outputs"]
    assert {"name", "max_abs", "max_rel", "equal", "varied"} <= output.keys()
    assert (output["name"], output["equal"], output["varied"]) == ("mask", True, True)
    assert document["seconds"].keys() == {"read", "match", "write", "check"}
    assert all(seconds > 0 for seconds in document["seconds"].values())
    assert [operator.name for operator in read(place / "out.tflite").operators()] == [
        "CONV_2D",
        "TRANSPOSE_CONV",
        "ADD",
        "LOGISTIC",
    ]
    equal = rewriter("verify", "in.tflite", "out.tflite", "--json", cwd=place)
    assert (equal.code, equal.document["equal"]) == (0, True)


def test_a_wrong_rule_is_found_out_and_nothing_is_written(place: Path) -> None:
    before = files(place)
    found = rewriter("apply", "in.tflite", "-r", "wrong.pat", "-o", "out.tflite", "--json", cwd=place)
    assert found.code == 1
    document = found.document
    assert [key for key in document if key in KEYS] == KEYS
    assert (document["output"], document["check"]["status"]) == (None, "failed")
    assert document["rules_applied"] == {"drops_bias": 1}
    assert document["check"]["outputs"][0]["equal"] is False
    assert found.err.startswith("error: the check failed\n  drops_bias at 'decoder' (application 1 of 1) is to blame: ")
    assert files(place) == before
    assert rewriter("apply", "in.tflite", "-r", "wrong.pat", "-o", "out.tflite", cwd=place).code == 1
    assert files(place) == before


def chain_of(place: Path, *names: str) -> None:
    network = Network()
    tensor = network.input()
    for index, name in enumerate(names):
        tensor = network.add(name, [tensor], f"t{index}")
    network.build(tensor).save(place / "chain.tflite")


def test_a_wrong_rule_among_right_ones_is_named_with_a_way_out(place: Path) -> None:
    chain_of(place, "NEG", "EXP", "ABS")
    (place / "mixed.pat").write_text(
        "rule right NEG(x) -> SUB(0.0, x)\nrule wrong EXP(x) -> ABS(x)\nrule fine ABS(x) -> MAXIMUM(x, NEG(x))"
    )
    found = rewriter("apply", "chain.tflite", "-r", "mixed.pat", "-o", "out.tflite", "--json", cwd=place)
    assert found.code == 1
    (blame,) = found.document["check"]["blamed"]
    named = {key: blame[key] for key in ("rule", "subgraph", "root", "found", "begins")}
    assert named == {"rule": "wrong", "subgraph": 0, "root": "t1", "found": "place", "begins": True}
    assert 1 <= blame["application"] <= blame["applications"] == len(found.document["applications"])
    assert found.document["applications"][blame["application"] - 1]["rule"] == "wrong"
    assert found.err.startswith("error: the check failed\n  wrong at 't1' (application ")
    assert "is to blame: both sides differ by " in found.err
    hint = found.err[found.err.index("  = try: ") :]
    assert hint == (
        "  = try: nothing was written; leave out what is to blame: --without wrong; "
        "`rewriter test mixed.pat --rule wrong` tries it on models of its own text\n"
    )
    way_out = ["--without", "wrong"]
    assert rewriter("apply", "chain.tflite", "-r", "mixed.pat", *way_out, "-o", "out.tflite", cwd=place).code == 0
    assert rewriter("explain", "chain.tflite", "-r", "mixed.pat", "--rule", "wrong", cwd=place).code == 0


def test_differences_that_add_up_are_traced_to_the_application_with_which_they_show(place: Path) -> None:
    chain_of(place, *["NEG", "ABS"] * 8)
    (place / "rough.pat").write_text("rule rough NEG(x) -> MUL(x, -1.0003) equal within 1e-3\n")
    found = rewriter("apply", "chain.tflite", "-r", "rough.pat", "-o", "out.tflite", "--json", cwd=place)
    assert found.code == 1
    assert all(each["equal"] for each in found.document["check"]["places"])
    (blame,) = found.document["check"]["blamed"]
    assert (blame["rule"], blame["application"], blame["applications"]) == ("rough", 4, 8)
    assert (blame["root"], blame["found"]) == ("t6", "bisection")
    assert "rough at 't6' (application 4 of 8) is the first with which the outputs" in found.err
    assert "the differences of several applications add up" in found.err
    assert "leave out" not in found.err, "there is no other rule"
    assert not (place / "out.tflite").exists()


def test_places_that_prove_nothing_share_a_line_and_the_way_out_fits(place: Path) -> None:
    network = Network()
    tensor = network.input()
    for index in range(4):
        positive = network.add("ABS", [tensor], f"a{index}")
        tensor = network.add("MINIMUM", [positive, network.constant(f"zero{index}", 0.0)], f"t{index}")
    network.build(tensor).save(place / "chain.tflite")
    (place / "zero.pat").write_text("rule zero MINIMUM(ABS(x), 0.0) -> MUL(ABS(x), 0.0)\n")
    words = ["apply", "chain.tflite", "-r", "zero.pat", "-o", "out.tflite"]
    found = rewriter(*words, "--json", cwd=place)
    assert found.code == 1
    assert len(found.document["check"]["failures"]) == 4
    first, line, hint = found.err.splitlines()
    assert first == "error: the check failed"
    assert line == "  zero at 't0' and 3 more places: its result never varied, so that both sides agree proves nothing"
    assert hint == (
        "  = try: nothing was written; nothing differs, but that is not shown; --check none writes it all the same, "
        "and then `rewriter verify` compares the files on inputs"
    )
    assert rewriter(*words, "--check", "none", cwd=place).code == 0
    assert rewriter("verify", "chain.tflite", "out.tflite", cwd=place).code == 0


def test_a_failed_check_is_reported_to_a_file_too(place: Path) -> None:
    found = rewriter("apply", "in.tflite", "-r", "wrong.pat", "-o", "out.tflite", "--report", "r.json", "-q", cwd=place)
    assert (found.code, found.out) == (1, b"")
    assert json.loads((place / "r.json").read_text())["check"]["status"] == "failed"
    assert "out.tflite" not in files(place)


def test_an_unchecked_wrong_rule_is_the_users_own_decision(place: Path) -> None:
    found = rewriter(
        "apply", "in.tflite", "-r", "wrong.pat", "-o", "out.tflite", "--check", "none", "--json", cwd=place
    )
    assert found.code == 0
    assert found.document["check"] == {"level": "none", "status": "skipped", "outputs": []}
    different = rewriter("verify", "in.tflite", "out.tflite", "--json", cwd=place)
    assert (different.code, different.document["equal"]) == (1, False)


def test_places_alone_can_be_checked(place: Path) -> None:
    for rules, code, status in (("right.pat", 0, "passed"), ("wrong.pat", 1, "failed")):
        found = rewriter("apply", "in.tflite", "-r", rules, "--dry-run", "--check", "rules", "--json", cwd=place)
        assert (found.code, found.document["check"]["level"], found.document["check"]["status"]) == (
            code,
            "rules",
            status,
        )


def test_where_no_rule_matches_the_output_is_the_input(place: Path) -> None:
    found = rewriter("apply", "in.tflite", "-r", "none.pat", "-o", "out.tflite", cwd=place)
    assert found.code == 0
    assert found.text == "no rule matched: the output is the input, byte for byte\nwritten: out.tflite\n"
    assert (place / "out.tflite").read_bytes() == (place / "in.tflite").read_bytes()


def test_the_output_stands_beside_the_input_where_no_name_is_given(place: Path) -> None:
    assert rewriter("apply", "in.tflite", "-p", "mediapipe", "-q", "--check", "none", cwd=place).out == b""
    assert "in.rewritten.tflite" in files(place)


def test_default_packs_are_used_where_none_is_named(place: Path) -> None:
    found = rewriter("apply", "in.tflite", "--check", "none", "--dry-run", "--json", cwd=place)
    assert found.document["rules_applied"] == {"mediapipe.transpose_conv_bias_operand.forward": 1}


def test_standard_input_and_output(place: Path) -> None:
    data = (place / "in.tflite").read_bytes()
    rewriter("apply", "in.tflite", "-r", "right.pat", "-o", "out.tflite", "--check", "none", cwd=place)
    written = (place / "out.tflite").read_bytes()
    before = files(place)
    for arguments in (["-"], ["-", "-o", "-"], ["in.tflite", "-o", "-"]):
        found = rewriter("apply", *arguments, "-r", "right.pat", "--check", "none", cwd=place, given=data)
        assert (found.code, found.out) == (0, written)
        assert "right:1: 1 place" in found.err
    quiet = rewriter("apply", "-", "-r", "right.pat", "--check", "none", "-q", cwd=place, given=data)
    assert (quiet.out, quiet.err) == (written, "")
    assert files(place) == before
    both = rewriter("apply", "-", "-r", "right.pat", "--json", cwd=place, given=data)
    assert (both.code, both.document["error"]["try"]) == (2, "-o FILE")


def test_a_dry_run_writes_nothing(place: Path) -> None:
    before = files(place)
    found = rewriter("apply", "in.tflite", "-r", "right.pat", "-o", "out.tflite", "--dry-run", "--json", cwd=place)
    assert (found.code, found.document["output"], found.document["check"]["status"]) == (0, None, "passed")
    assert files(place) == before


def test_a_report_can_be_asked_for_in_two_forms(place: Path) -> None:
    words = ["--report", "r.html", "--report", "r.json", "--check", "none"]
    assert rewriter("apply", "in.tflite", "-r", "right.pat", *words, cwd=place).code == 0
    assert (place / "r.html").read_text().startswith("<!doctype html>")
    assert json.loads((place / "r.json").read_text())["rules_applied"] == {"right:1": 1}
    words = ["--report", "d.json", "--report", "d.html"]
    assert rewriter("diff", "in.tflite", "in.rewritten.tflite", *words, cwd=place).code == 0
    assert {"d.json", "d.html"} <= files(place)


def test_the_report_holds_the_document(place: Path) -> None:
    found = rewriter(
        "apply",
        "in.tflite",
        "-r",
        "right.pat",
        "--dry-run",
        "--check",
        "none",
        "--report",
        "r.json",
        "--json",
        cwd=place,
    )
    report = json.loads((place / "r.json").read_text())
    assert {name: report[name] for name in found.document} == found.document
    assert report.keys() - found.document.keys() == {"format", "program", "models"}


def test_single_rules_are_chosen_by_name(place: Path) -> None:
    def applied(*names: str) -> list[str]:
        options = [part for name in names for part in ("--rule", name)]
        found = rewriter(
            "apply", "in.tflite", "-p", "mediapipe", *options, "--dry-run", "--check", "none", "--json", cwd=place
        )
        assert found.code == 0
        return list(found.document["rules_applied"])

    assert applied("transpose_conv_bias") == ["mediapipe.transpose_conv_bias.forward"]
    assert applied("mediapipe.transpose_conv_bias_operand.forward") == ["mediapipe.transpose_conv_bias_operand.forward"]
    assert applied("transpose_conv_bias.backward") == []


@pytest.mark.parametrize(("clause", "allowed"), [("lossy within 1e-2", "lossy"), ("changes interface", "interface")])
def test_rules_that_need_to_be_allowed(place: Path, clause: str, allowed: str) -> None:
    (place / "needs.pat").write_text(RIGHT.strip() + f" {clause}\n")
    arguments = ["apply", "in.tflite", "-r", "needs.pat", "--check", "none", "--dry-run"]
    refused = rewriter(*arguments, cwd=place)
    assert "needs:1 was left out: it is lossy or changes the interface (--allow)" in refused.text
    assert rewriter(*arguments, "--json", cwd=place).document["rules_applied"] == {}
    assert rewriter(*arguments, "--json", "--allow", allowed, cwd=place).document["rules_applied"] == {"needs:1": 1}
    other = {"lossy": "interface", "interface": "lossy"}[allowed]
    assert rewriter(*arguments, "--json", "--allow", other, cwd=place).document["rules_applied"] == {}


def test_limits_end_with_code_3_and_name_the_rules(place: Path) -> None:
    (place / "loop.pat").write_text("rule there LOGISTIC(x) -> TANH(x)\nrule back TANH(x) -> LOGISTIC(x)\n")
    before = files(place)
    found = rewriter("apply", "in.tflite", "-r", "loop.pat", "-o", "out.tflite", "--json", cwd=place)
    assert found.code == 3
    assert found.document == {
        "error": {
            "message": "rules undo each other at 'mask': back -> there -> back",
            "try": "leave out one direction, or give back and there conditions that exclude each other",
        }
    }
    steps = rewriter("apply", "in.tflite", "-r", "right.pat", "--max-steps", "0", cwd=place)
    assert steps.code == 3
    assert steps.err.startswith(
        "error: the limit of 0 steps was reached; the rules that fired last: none yet\n  = try: "
    )
    assert files(place) == before


def test_a_reason_is_given_where_a_rule_matched_in_vain(place: Path) -> None:
    (place / "vain.pat").write_text("rule vain LOGISTIC(x) -> RELU(BITCAST(x))\n")
    found = rewriter("apply", "in.tflite", "-r", "vain.pat", "--dry-run", cwd=place)
    assert (
        "vain matched at 'mask', but: BITCAST stands inside the replacement, and its type cannot be inferred\n"
        in found.text
    )


def bundle(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return out.getvalue()


def test_every_model_of_a_bundle_is_rewritten_and_the_rest_kept(place: Path) -> None:
    model = (place / "in.tflite").read_bytes()
    (place / "in.task").write_bytes(bundle(first=model, second=model, labels=b"cat\ndog\n"))
    found = rewriter("apply", "in.task", "-r", "right.pat", "-o", "out.task", "--check", "rules", "--json", cwd=place)
    assert found.code == 0
    assert found.document["rules_applied"] == {"right:1": 2}
    assert [each["model"] for each in found.document["applications"]] == ["first", "second"]
    assert found.document["check"]["status"] == "passed"
    with zipfile.ZipFile(place / "out.task") as written:
        assert written.namelist() == ["first", "second", "labels"]
        assert written.read("labels") == b"cat\ndog\n"
        assert [operator.name for operator in read(written.read("second")).operators()][1:3] == [
            "TRANSPOSE_CONV",
            "ADD",
        ]


def test_one_failed_model_of_a_bundle_fails_the_bundle(place: Path) -> None:
    bad = (place / "in.tflite").read_bytes()
    rewriter("apply", "in.tflite", "-r", "right.pat", "-o", "good.tflite", "--check", "none", cwd=place)
    good = (place / "good.tflite").read_bytes()
    (place / "in.task").write_bytes(bundle(first=good, second=bad))
    found = rewriter("apply", "in.task", "-r", "wrong.pat", "-o", "out.task", "--json", cwd=place)
    assert found.code == 1
    assert (found.document["output"], found.document["check"]["status"]) == (None, "failed")
    assert [(each["model"], each["rule"]) for each in found.document["check"]["blamed"]] == [("second", "drops_bias")]
    assert "out.task" not in files(place)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.tflite"], "error: missing.tflite: cannot be read: No such file or directory\n"),
        (["empty.tflite"], "error: empty.tflite: not a TFLite model: the file is empty\n"),
        (["text.tflite"], "error: text.tflite: not a TFLite model: it looks like text\n"),
        (["cut.tflite"], "error: cut.tflite: "),
        (["empty.task"], "error: empty.task: the bundle holds no TFLite model\n"),
        (["broken.task"], "error: broken.task: damaged bundle: "),
        (["in.tflite", "-r", "broken.pat"], "error[E103]: this '(' is never closed\n --> broken.pat:1:4\n"),
        (["in.tflite", "-r", "latin.pat"], "error[E110]: byte 0xe9 is not UTF-8\n --> latin.pat:1:3\n"),
        (["in.tflite", "-r", "missing.pat"], "error: missing.pat: cannot be read: No such file or directory\n"),
        (["in.tflite", "-r", "in.tflite"], "error: in.tflite is a model, and -r takes rules\n  = try: in.tflite -r F"),
        (["in.tflite", "-p", "mediapip"], "error: there is no pack 'mediapip'\n  = try: mediapipe\n"),
        (
            ["in.tflite", "-p", "mediapipe", "--rule", "transpose"],
            "error: there is no rule 'transpose' here\n  = try: ",
        ),
        (
            ["in.tflite", "-r", "right.pat", "-o", "no/such/out.tflite"],
            "error: no/such/out.tflite: cannot be written: the folder no/such does not exist\n"
            "  = try: make the folder first: mkdir -p no/such\n",
        ),
        (["in.tflite", "-r", "right.pat", "-o", "."], "error: .: cannot be written: Is a directory\n"),
        (
            ["in.tflite", "-r", "right.pat", "--report", "no/r.json"],
            "error: no/r.json: cannot be written: the folder no does not exist\n"
            "  = try: make the folder first: mkdir -p no\n",
        ),
        (
            ["in.tflite", "-r", "right.pat", "-o", "right.pat/out.tflite"],
            "error: right.pat/out.tflite: cannot be written: the folder right.pat is no folder\n  = try: another -o\n",
        ),
        (["in.tflite", "-r", "right.pat", "--save-pipeline", "no/p.toml"], "error: no/p.toml: cannot be written: "),
        (["in.tflite", "-r", "right.pat", "--node-data", "no/n.json"], "error: no/n.json: cannot be written: "),
        (
            ["in.tflite", "-r", "right.pat", "-o", "closed.tflite"],
            "error: closed.tflite is write-protected\n  = try: chmod u+w closed.tflite, or another -o\n",
        ),
        (
            ["in.tflite", "-r", "right.pat", "--report", "closed.json"],
            "error: closed.json is write-protected\n  = try: chmod u+w closed.json, or another --report\n",
        ),
    ],
)
def test_what_a_user_did_wrong_is_one_message_and_code_2(place: Path, arguments: list[str], message: str) -> None:
    (place / "empty.tflite").write_bytes(b"")
    (place / "text.tflite").write_text("hello, this is text\n")
    (place / "cut.tflite").write_bytes((place / "in.tflite").read_bytes()[:200])
    (place / "empty.task").write_bytes(bundle(labels=b"cat"))
    (place / "broken.task").write_bytes(bundle(labels=b"cat")[:40])
    (place / "broken.pat").write_text("ADD(x")
    (place / "latin.pat").write_bytes(b"# \xe9")
    rules = [] if "-r" in arguments or "-p" in arguments else ["-r", "right.pat"]
    for name in ("closed.tflite", "closed.json"):
        (place / name).touch(mode=0o444)
    before = files(place)
    found = rewriter("apply", *arguments, *rules, "--check", "none", cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert found.err.startswith(message)
    assert files(place) == before, "nothing is done where something cannot be written"
    assert not (place / "closed.tflite").read_bytes()


@pytest.mark.skipif(__import__("os").geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(place: Path) -> None:
    (place / "closed").mkdir(mode=0o500)
    found = rewriter("apply", "in.tflite", "-r", "right.pat", "-o", "closed/out.tflite", "--check", "none", cwd=place)
    message = (
        "error: closed/out.tflite: cannot be written: you may not write to the folder closed\n  = try: another -o\n"
    )
    assert (found.code, found.err) == (2, message)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--flag", "no such option '--flag'"),
        ("--check=all", "'all' is not one of 'model', 'rules', 'none'"),
        ("--allow=all", "'all' is not one of 'lossy', 'interface'"),
        ("--max-steps=-1", "-1 is not in the range x>=0"),
        ("--report=r.txt", "r.txt: a report is written as .html"),
    ],
)
def test_a_wrong_option_is_named(place: Path, option: str, message: str) -> None:
    found = rewriter("apply", "in.tflite", "-r", "right.pat", option, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


def test_an_error_in_json_is_one_document(place: Path) -> None:
    found = rewriter("apply", "missing.tflite", "--json", cwd=place)
    assert found.code == 2
    assert found.document == {
        "error": {"message": "missing.tflite: cannot be read: No such file or directory", "try": "in.tflite"}
    }
