"""The verifier put to the test: wrong rules are refuted, right ones, their near neighbours, are not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from rewriter.proof.profile import profile_named
from rewriter.proof.prover import Prover
from rewriter.report.counterexample import describe_refutation
from rewriter.selection import compile_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.language.rules import Rule
    from rewriter.proof.verdict import Verdict

HERE = Path(__file__).parent
LONG = 120.0  # seconds: a slow machine tries no fewer examples


@cache
def rules_of(path: Path) -> tuple[Rule, ...]:
    return compile_rules(path.read_text("utf-8"), path.name).rules


def every(folder: str) -> list[object]:
    """The rules of a folder, by the names that tests have."""
    return [
        pytest.param(rule, id=f"{path.stem}.{rule.name}")
        for path in sorted((HERE / folder).glob("*.pat"))
        for rule in rules_of(path)
    ]


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(evolve(profile_named("ci"), seconds=LONG)) as made:
        yield made


@pytest.fixture(scope="module")
def quick_prover() -> Iterator[Prover]:
    with Prover(evolve(profile_named("quick"), seconds=LONG)) as made:
        yield made


def told(verdict: Verdict) -> str:
    if verdict.counterexample is not None:
        return "\n".join(describe_refutation(verdict))
    return f"{verdict.rule}: {verdict.status}: {verdict.reason or ''}"


@pytest.mark.parametrize("rule", every("wrong"))
def test_a_wrong_rule_is_refuted_at_the_ci_profile(rule: Rule, prover: Prover) -> None:
    verdict = prover.prove(rule)
    assert verdict.status == "refuted", told(verdict)
    assert verdict.counterexample is not None
    assert verdict.counterexample.reason


@pytest.mark.parametrize("rule", every("right"))
def test_a_right_rule_passes(rule: Rule, quick_prover: Prover) -> None:
    verdict = quick_prover.prove(rule)
    assert verdict.status == "passed", told(verdict)
    assert verdict.badge.shown != "claimed"
