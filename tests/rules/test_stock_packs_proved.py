"""Every rule of the stock packs passes its property tests, and the record that is shipped says what was shown.

The record is made at the `ci` profile, 200 examples of each rule (`rewriter test PACK --record`), and is made anew
where a rule changes. Here each rule is tried once more, with a tenth of the examples and other ones: there are more
than five hundred rules, and the suite is run often. Examples of a few rules are rare; where none is found in the time
that this has, the record stands alone.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from rewriter import packs
from rewriter.proof.profile import Profile
from rewriter.proof.record import meaning_of
from rewriter.proof.regressions import Regressions
from rewriter.testing.finding import Examination
from rewriter.testing.suite import suites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewriter.proof.prover import Prover

STOCK = [name for name, pack in packs.installed().items() if pack.distribution == "rewriter" and pack.may_have_rules()]
"""The stock packs that have rules; there are such as bring targets alone."""
SUITES = {name: suites([name])[0] for name in STOCK}
RULES = [pytest.param(name, rule.qualified, id=rule.qualified) for name in STOCK for rule in SUITES[name].rules]


@pytest.fixture(scope="module")
def examination(tmp_path_factory: pytest.TempPathFactory) -> Examination:
    return Examination(Profile("again", 20, 15.0), 1, None, Regressions(tmp_path_factory.mktemp("counterexamples")))


@pytest.fixture(scope="module")
def prover_of(examination: Examination) -> Iterator[Callable[[str], Prover]]:
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(examination.prover(SUITES[name])))


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_a_rule_of_a_stock_pack_passes(
    name: str, rule: str, examination: Examination, prover_of: Callable[[str], Prover]
) -> None:
    suite = SUITES[name]
    (chosen,) = (each for each in suite.rules if each.qualified == rule)
    finding = examination.examine(prover_of(name), suite, chosen)
    if finding.verdict.status == "no instance":
        pytest.skip(f"no example was found in {examination.profile.seconds:g} seconds")
    assert not finding.failed, "\n".join(finding.lines())


@pytest.mark.parametrize("name", STOCK)
def test_the_record_of_a_stock_pack_is_of_its_rules_as_they_are(name: str) -> None:
    """`rewriter test PACK --record` makes it anew."""
    recorded = json.loads(files(packs.find(name).package).joinpath("proved.json").read_text("utf-8"))["rules"]
    meanings = {each["rule"]: each["meaning"] for each in recorded}
    assert meanings == {rule.qualified: meaning_of(rule) for rule in packs.load(name)}
