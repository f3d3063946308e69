"""`check_rules`: what authors of rules call in their own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rewriter.testing
from rewriter import compile_rules
from rewriter.errors import LanguageError, PackError, UsageError
from rewriter.proof.profile import Profile
from rewriter.testing import check_rules
from tests.unit.hand_prover import RIGHT, RULES, workplace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return workplace(tmp_path, monkeypatch)


def test_verdicts_come_back_where_every_rule_passes(place: Path) -> None:
    for source in ("right.pat", place / "right.pat", compile_rules(RIGHT)):
        verdicts = check_rules(source, profile="quick", seed=3)
        assert [(each.rule, each.status, each.examples, each.seed) for each in verdicts] == [
            ("right", "passed", 50, 3),
            ("both.forward", "passed", 50, 3),
            ("both.backward", "passed", 50, 3),
        ]


def test_a_packs_name_stands_for_all_of_its_rules() -> None:
    assert [each.rule for each in check_rules("mediapipe", rules=["transpose_conv_bias"])] == [
        "mediapipe.transpose_conv_bias.forward",
        "mediapipe.transpose_conv_bias.backward",
    ]


def test_what_failed_is_in_the_message_and_what_passed_is_not() -> None:
    with pytest.raises(AssertionError) as raised:
        check_rules("my.pat", seed=7)
    lines = str(raised.value).splitlines()
    assert lines[:2] == [
        "2 of 3 rules failed",
        "wrong: refuted (reference kernels, example 3, seed 7, 0.2 s): the results differ",
    ]
    assert "  again: rewriter test my.pat --rule wrong --seed 7" in lines
    assert "never: no instance, 0.0 s: no shape has nine dimensions" in lines
    assert not any(line.startswith("right") for line in lines)


def test_rules_without_a_file_are_repeated_by_the_same_call() -> None:
    with pytest.raises(AssertionError, match="again: check_rules") as raised:
        check_rules(compile_rules(RULES), rules="never", seed=7, examples=5)
    assert "  again: check_rules(..., rules=['never'], seed=7, examples=5)" in str(raised.value).splitlines()


def test_a_profile_and_a_folder_of_ones_own_may_be_given(place: Path) -> None:
    own = Profile("mine", 3, 1.0)
    assert [each.examples for each in check_rules("right.pat", profile=own, save=place / "kept")] == [3, 3, 3]
    assert [each.examples for each in check_rules("right.pat", profile=own, examples=9)] == [9, 9, 9]
    with pytest.raises(AssertionError):
        check_rules("my.pat", save=place / "kept")
    assert (place / "kept" / "wrong").is_dir()
    assert not (place / ".rewriter").exists()


@settings(max_examples=3)
@given(st.integers(0, 1000))
def test_it_may_stand_in_a_property_test(seed: int) -> None:
    assert {each.seed for each in check_rules(compile_rules(RIGHT), seed=seed)} == {seed}


def test_what_is_given_wrongly_is_no_failed_assertion(place: Path) -> None:
    (place / "bad.pat").write_text("RELUU(x) -> x\n")
    with pytest.raises(LanguageError, match="RELUU"):
        check_rules("bad.pat")
    with pytest.raises(PackError, match="no pack 'nothing'"):
        check_rules("nothing")
    with pytest.raises(UsageError, match="no rule 'rigt'"):
        check_rules("right.pat", rules=["rigt"])
    with pytest.raises(UsageError, match="no rules to test"):
        check_rules(compile_rules(""))
    with pytest.raises(UsageError, match="no profile 'slow'"):
        check_rules("right.pat", profile="slow")
    with pytest.raises(UsageError, match="examples has to be at least 1, not 0"):
        check_rules("right.pat", examples=0)


def test_every_public_name_is_there() -> None:
    assert all(getattr(rewriter.testing, name) is not None for name in rewriter.testing.__all__)
    assert dir(rewriter.testing) == sorted(rewriter.testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rewriter.testing.nothing
