"""Rewrites that today's systems make, put to the test from their own text: no instance of any of them differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.proof.profile import Profile
from rewriter.proof.prover import Prover
from tests.language.test_catalogue import GROUPS, PACKS, file_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.language.rules import Rule
    from rewriter.proof.verdict import Verdict

# Those of the packs are put to the test with the other stock rules, and harder.
RULES = [
    pytest.param(group.name, rule, id=rule.name)
    for group in GROUPS
    if file_of(group.name).parent not in PACKS
    for rule in rules_of(group.name)
]
EXAMPLES = 25

# What no instance can be made of, and why.
UNPROVED = {
    # A composite needs a subgraph that decomposes it, and a rule says nothing of subgraphs: the runtime refuses such a
    # model, or falls over it.
    "inline_composite": "f32: what the pattern matches: the runtime's default kernels",
}


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    # Few examples, and time for those that are hard to find.
    with Prover(Profile("few", EXAMPLES, 25.0), seed=1) as running:
        yield running


@pytest.mark.parametrize(("group", "rule"), RULES)
def test_no_instance_of_a_rule_differs(group: str, rule: Rule, prover: Prover) -> None:
    prover.declarations = rules_of(group).declarations
    verdict = prover.prove(rule)
    if rule.name in UNPROVED:
        assert verdict.status == "no instance"
        assert UNPROVED[rule.name] in (verdict.reason or "")
        return
    assert verdict.status == "passed", told(verdict)


def told(verdict: Verdict) -> str:
    """Why a rule did not pass."""
    found = verdict.counterexample
    if found is None:
        return verdict.reason or verdict.status
    lines = [found.reason, *found.model, "->", *found.replaced]
    lines += [f"inputs: {[value.tolist() for value in found.inputs]}"]
    lines += [
        f"{side}: {value.tolist()}"
        for side, value in (("left", found.left), ("right", found.right))
        if value is not None
    ]
    return "\n".join(lines)
