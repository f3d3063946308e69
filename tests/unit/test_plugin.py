"""The pytest plugin: one test for each rule of what `--rewriter-pack` names, and nothing where it names nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from rewriter.packs import load
from tests.shared import CHECKOUT
from tests.unit.hand_prover import RULES

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

# The tests of the plugin run in processes of their own, where the entry point is found as a user's pytest finds it. The
# verdicts are made by hand, by a prover that writes down when it begins and ends.
CONFTEST = """
import rewriter.proof.prover
from tests.unit.hand_prover import HandProver

class Prover(HandProver):
    def __enter__(self):
        with open("provers.txt", "a") as file:
            file.write("begin\\n")
        return self

    def __exit__(self, *given):
        super().__exit__(*given)
        with open("provers.txt", "a") as file:
            file.write("end\\n")

rewriter.proof.prover.Prover = Prover
"""
ORDINARY = "def test_ordinary():\n    pass\n"


@pytest.fixture
def place(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(pytester.path / "cache"))
    pytester.makeconftest(CONFTEST)
    (pytester.path / "my.pat").write_text(RULES)
    (pytester.path / "other.pat").write_text("rule right ABS(ABS(x)) -> ABS(x)\n")
    return pytester.path


def rules_of(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """The node ids that pytest collects."""
    lines = pytester.runpytest_subprocess("--collect-only", "-q", *arguments).outlines
    return [line for line in lines if "::" in line]


@pytest.mark.usefixtures("place")
def test_each_rule_of_a_pack_is_a_test(pytester: pytest.Pytester) -> None:
    found = rules_of(pytester, "--rewriter-pack", "mediapipe")
    assert found == [f"rewriter::{rule.qualified}" for rule in load("mediapipe")]
    assert "rewriter::mediapipe.transpose_conv_bias.backward" in found


def test_rules_pass_and_fail_like_tests_and_their_prover_stays_warm(pytester: pytest.Pytester, place: Path) -> None:
    pytester.makepyfile(ORDINARY)
    result = pytester.runpytest_subprocess("--rewriter-pack", "my.pat", "--rewriter-pack", "other.pat", "-v")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(["rewriter::right PASSED*", "rewriter::wrong FAILED*", "rewriter::never FAILED*"])
    assert (place / "provers.txt").read_text() == "begin\nend\nbegin\nend\n"


@pytest.mark.usefixtures("place")
def test_a_failure_is_the_counterexample_and_no_traceback(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--rewriter-pack", "my.pat", "--rewriter-seed", "7")
    text = result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "*_ rewriter::wrong _*",
            "wrong: refuted (reference kernels, example 3, seed 7, 0.2 s): the results differ",
            "    x  f32[[]2,2]  *",
            "  again: rewriter test my.pat --rule wrong --seed 7",
            "*_ rewriter::never _*",
            "never: no instance, 0.0 s: no shape has nine dimensions",
            "  note: tried 3 forms",
            "FAILED rewriter::wrong*",
        ]
    )
    assert "Traceback" not in text
    assert "plugin.py" not in text


def test_counterexamples_are_kept_under_the_projects_folder(pytester: pytest.Pytester, place: Path) -> None:
    pytester.makeini("[pytest]\n")
    inside = place / "inside"
    inside.mkdir()
    (inside / "test_it.py").write_text(ORDINARY)
    pytester.runpytest_subprocess("--rewriter-pack", "my.pat", "inside").assert_outcomes(passed=2, failed=2)
    assert (place / ".rewriter" / "counterexamples" / "wrong").is_dir()


@pytest.mark.usefixtures("place")
def test_a_node_id_names_a_rule_and_then_nothing_else_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ORDINARY)
    assert rules_of(pytester, "--rewriter-pack", "my.pat", "rewriter::right") == ["rewriter::right"]
    both = rules_of(pytester, "--rewriter-pack", "my.pat", "rewriter::right", ".")
    assert [each.partition("::")[2] for each in both] == ["test_ordinary", "right"]
    dotted = "rewriter::mediapipe::pooling_of_whole_windows"  # as pytest shows it
    assert rules_of(pytester, "--rewriter-pack", "mediapipe", dotted) == [
        "rewriter::mediapipe.pooling_of_whole_windows"
    ]
    result = pytester.runpytest_subprocess("--rewriter-pack", "my.pat", "rewriter::right")
    result.assert_outcomes(passed=1)
    assert result.ret == 0


@pytest.mark.usefixtures("place")
def test_rules_are_chosen_by_name_like_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ORDINARY)
    assert rules_of(pytester, "--rewriter-pack", "my.pat", "-k", "wrong or ordinary") == [
        "test_rules_are_chosen_by_name_like_tests.py::test_ordinary",
        "rewriter::wrong",
    ]


@pytest.mark.usefixtures("place")
def test_how_much_is_tried_is_an_option(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(
        "--rewriter-pack", "other.pat", "--rewriter-profile", "quick", "--junitxml", "out.xml"
    )
    result.assert_outcomes(passed=1)
    assert 'name="badge" value="tested (50)"' in (pytester.path / "out.xml").read_text()
    pytester.runpytest_subprocess("--rewriter-pack", "other.pat", "--rewriter-examples", "7", "--junitxml", "out.xml")
    assert 'name="badge" value="tested (7)"' in (pytester.path / "out.xml").read_text()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mediapip"], "ERROR: there is no pack 'mediapip'"),
        (["missing.pat"], "ERROR: missing.pat: cannot be read: No such file or directory"),
        (["bad.pat"], "ERROR: error[E201]: unknown operator 'RELUU'"),
        (["my.pat", "rewriter::rigt"], "ERROR: there is no rule 'rigt' here"),
        (["my.pat", "--rewriter-profile", "slow"], "ERROR: there is no profile 'slow'"),
        (["my.pat", "--rewriter-examples", "0"], "ERROR: --rewriter-examples has to be at least 1, not 0"),
    ],
)
def test_what_is_wrong_with_the_options_is_said(pytester: pytest.Pytester, arguments: list[str], message: str) -> None:
    (pytester.path / "bad.pat").write_text("RELUU(x) -> x\n")
    result = pytester.runpytest_subprocess("--rewriter-pack", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str() + result.stdout.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_without_the_option_nothing_is_collected_and_nothing_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        sys.stderr.write(" ".join(sorted(each for each in sys.modules if each.split(".")[0] == "rewriter")))

        def test_ordinary():
            pass
        """
    )
    result = pytester.runpytest_subprocess("-s", "-W", "error")
    result.assert_outcomes(passed=1)
    assert result.stderr.str().split() == ["rewriter", "rewriter.testing", "rewriter.testing.plugin"]


@pytest.mark.usefixtures("place")
def test_warnings_may_be_errors(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makefile(".pat", small="rule right NEG(NEG(x)) -> x")
    pytester.runpytest_subprocess("--rewriter-pack", "small.pat", "-W", "error").assert_outcomes(passed=1)


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-p", "no:rewriter", "--rewriter-pack", "mediapipe")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments" in result.stderr.str()


@pytest.mark.usefixtures("place")
def test_check_rules_stands_in_an_ordinary_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from rewriter.testing import check_rules

        def test_right():
            assert len(check_rules("other.pat")) == 1

        def test_wrong():
            check_rules("my.pat", rules=["wrong"])
        """
    )
    result = pytester.runpytest_subprocess("-W", "error")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E*1 of 1 rules failed", "E*wrong: refuted (reference kernels, example 3*"])
    assert str(sys.executable) not in result.stdout.str()
