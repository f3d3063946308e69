"""Every rule of the stock packs passes its property tests, and the record that is shipped says what was shown."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from rewriter import packs
from rewriter.proof.record import meaning_of
from rewriter.testing import check_rules

if TYPE_CHECKING:
    from pathlib import Path

STOCK = [name for name, pack in packs.installed().items() if pack.distribution == "rewriter" and pack.may_have_rules()]
"""The stock packs that have rules; there are such as bring targets alone."""


@pytest.mark.parametrize("name", STOCK)
def test_the_rules_of_a_stock_pack_pass_at_the_ci_profile(name: str, tmp_path: Path) -> None:
    verdicts = check_rules(name, save=tmp_path)
    assert [verdict.rule for verdict in verdicts] == [rule.qualified for rule in packs.load(name)]


@pytest.mark.parametrize("name", STOCK)
def test_the_record_of_a_stock_pack_is_of_its_rules_as_they_are(name: str) -> None:
    """`rewriter test PACK --record` makes it anew."""
    recorded = json.loads(files(packs.find(name).package).joinpath("proved.json").read_text("utf-8"))["rules"]
    meanings = {each["rule"]: each["meaning"] for each in recorded}
    assert meanings == {rule.qualified: meaning_of(rule) for rule in packs.load(name)}
