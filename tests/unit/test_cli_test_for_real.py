"""`rewriter test` and `check_rules` with the prover itself: a right rule passes, a wrong one is refuted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.proof.record import Records
from rewriter.selection import read_rules
from rewriter.testing import check_rules
from tests.unit.commands import rewriter
from tests.unit.networks import run

if TYPE_CHECKING:
    from pathlib import Path

RULES = "rule right ABS(ABS(x: f32)) -> ABS(x) equal exact\nrule wrong SUB(x: f32, y: f32) -> ADD(x, y)\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "my.pat").write_text(RULES)
    return tmp_path


def test_a_wrong_rule_is_refuted_kept_and_refuted_at_once_by_what_was_kept(place: Path) -> None:
    from rewriter.model import read

    found = rewriter("test", "my.pat", "--profile", "quick", "--json", cwd=place)
    assert found.code == 1
    right, wrong = found.document["rules"]
    assert (right["status"], right["examples"]) == ("passed", 50)
    assert wrong["status"] == "refuted"
    counterexample = wrong["counterexample"]
    files = counterexample["files"]
    with np.load(place / files["inputs"]) as archive:
        inputs = [archive[name] for name in archive.files]
    index = tuple(counterexample["index"])
    for side, file in (("before", files["before"]), ("after", files["after"])):
        (result,) = run(read(place / file), *inputs)
        assert float(result[index]) == counterexample[side]

    again = rewriter("test", "my.pat", "--rule", "wrong", "--profile", "quick", "--json", cwd=place)
    assert again.code == 1
    # Nothing else comes into the folder that the user stands in.
    assert {each.name for each in place.iterdir()} == {"my.pat", "cache", ".rewriter"}
    (once_more,) = again.document["rules"]
    assert once_more["examples"] == 0
    assert once_more["counterexample"]["files"]["before"] == files["before"]

    assert [Records().badge(each).shown for each in read_rules("my.pat")] == [right["badge"], "claimed"]
    text = rewriter("test", "my.pat", "--rule", "wrong", "--profile", "quick", cwd=place).text
    assert f"  saved: {files['before']} and after.tflite\n" in text
    assert "  again: rewriter test my.pat --rule wrong --seed 0 --profile quick\n" in text


def test_a_saved_counterexample_that_is_damaged_is_told_and_found_anew(place: Path) -> None:
    first = rewriter("test", "my.pat", "--rule", "wrong", "--profile", "quick", "--json", cwd=place)
    (place / first.document["rules"][0]["counterexample"]["files"]["before"]).write_bytes(b"nonsense")
    found = rewriter("test", "my.pat", "--rule", "wrong", "--profile", "quick", cwd=place)
    assert found.code == 1
    assert "is passed over: " in found.err


@pytest.mark.usefixtures("place")
def test_check_rules_gives_verdicts_or_the_counterexample() -> None:
    (verdict,) = check_rules("my.pat", profile="quick", rules=["right"])
    assert (verdict.rule, verdict.status, verdict.examples) == ("right", "passed", 50)
    with pytest.raises(AssertionError, match="wrong: refuted") as raised:
        check_rules("my.pat", profile="quick")
    assert ">" in str(raised.value)
