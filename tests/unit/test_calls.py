"""What the Python interface says to somebody who calls it wrongly, and how its objects print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rewriter
from rewriter.demo import demo_model
from rewriter.language.rules import RuleSet
from tests.unit.commands import RIGHT

TWO = "rule first CONV_2D[padding=SAME](x, w, b?) -> CUSTOM[C](x, w, b) rule second LOGISTIC(x) -> CUSTOM[L](x)"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({"packs": "mychip"}, "packs takes a list of names, not 'mychip'", "packs=['mychip']"),
        ({"rules": "my.pat"}, "rules takes a list of files and rules, not 'my.pat'", "rules=['my.pat']"),
        ({"rules": Path("my.pat")}, "rules takes a list of files and rules, not 'my.pat'", "rules=['my.pat']"),
        ({"only": "first"}, "only takes a list of names, not 'first'", "only=['first']"),
        ({"without": "first"}, "without takes a list of names, not 'first'", "without=['first']"),
        ({"allow": "lossy"}, "allow takes a list of names, not 'lossy'", "allow=['lossy']"),
        (
            {"rules": ["RELU(x) -> x"]},
            "'RELU(x) -> x' is a rule's text, and a file of that name there is not",
            "a file; in Python also rewriter.compile_rules(text)",
        ),
        ({"rules": ["my.pat"]}, "my.pat: cannot be read: No such file or directory", None),
    ],
)
def test_one_name_where_a_list_is_meant(
    arguments: dict[str, Any], message: str, hint: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(rewriter.UsageError) as raised:
        rewriter.apply(demo_model(), **arguments)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize("argument", ["packs", "only", "without", "allow", "rules"])
def test_one_name_for_many_models(argument: str, tmp_path: Path) -> None:
    of = "files" if argument == "rules" else "names"
    with pytest.raises(rewriter.UsageError, match=f"{argument} takes a list of {of}, not 'toco'"):
        rewriter.apply_many(tmp_path, tmp_path / "out", **{argument: "toco"})  # pyright: ignore[reportArgumentType]


def test_a_file_may_have_an_arrow_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a->b.pat").write_text(RIGHT)
    found = rewriter.apply(demo_model(), rules=["a->b.pat"], check="none")
    assert sum(found.report.rewriting.rules_applied().values()) == 1


def test_rules_can_be_left_out_by_name() -> None:
    rules = rewriter.compile_rules(TWO)
    found = rewriter.apply(demo_model(), rules=[rules], without=["first"], check="none")
    assert found.report.rewriting.rules_applied() == {"second": 1}
    with pytest.raises(rewriter.UsageError, match="there is no rule 'frist' here"):
        rewriter.apply(demo_model(), rules=[rules], without=["frist"], check="none")


def test_rules_and_reports_print_in_a_line() -> None:
    rules = rewriter.compile_rules(TWO, "two.pat")
    assert repr(rules) == "RuleSet(2 rules: first, second)"
    assert repr(rules.rules[0]) == "Rule(first)"
    assert repr(RuleSet()) == "RuleSet(nothing)"
    many = rewriter.compile_rules("\n".join(f"rule r{n} RELU(x: [{n + 1}]) -> x" for n in range(10)))
    assert repr(many) == "RuleSet(10 rules: r0, r1, r2, r3, r4, r5, r6, r7 and 2 more)"
    mixed = rewriter.compile_rules("op CUSTOM[A](x0) -> y0 target t accepts ADD RELU(x) -> CUSTOM[A](x)", "m.pat")
    assert repr(mixed) == "RuleSet(1 rule: m:1; 1 target: t; 1 operator: CUSTOM[A])"
    found = rewriter.apply(demo_model(), rules=[rules], only=["second"], check="none").report.rewriting
    assert repr(found) == "Report(second 1x; 3 -> 3 operators; fixed point)"
    assert repr(found.applications) == "[Application(second at 'mask')]"
    nothing = rewriter.apply(demo_model(), rules=[rewriter.compile_rules("NEG(x) -> x")]).report.rewriting
    assert repr(nothing) == "Report(no rule applied; 3 -> 3 operators; fixed point)"
