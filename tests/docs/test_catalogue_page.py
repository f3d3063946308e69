"""The page on known rewrites names rules that there are, and says of each row who makes it or why nobody does."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from rewriter import packs
from tests.shared import CHECKOUT, SHARED

PAGE = (CHECKOUT / "docs" / "packs" / "catalogue.md").read_text("utf-8")
ROWS = {
    row: (re.findall(r"`([^`]+)`", rules), remark.strip())
    for row, rules, remark in re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
}
FACTS = SHARED / "facts" / "rewrites.md"


def names() -> set[str]:
    """The plain names of the stock packs' rules and cleanups, each with its pack."""
    stock = [name for name, pack in packs.installed().items() if pack.distribution == "rewriter"]
    loaded = {name: packs.load(name) for name in stock}
    return {f"{name}.{each.plain_name}" for name, found in loaded.items() for each in (*found.rules, *found.cleanups)}


def test_every_rule_that_the_page_names_is_there() -> None:
    known = names()
    named = [each for rules, _ in ROWS.values() for each in rules]
    assert len(named) > 200
    assert [each for each in named if not any(fnmatchcase(name, each) for name in known)] == []


def test_a_row_without_a_rule_has_a_reason() -> None:
    assert [row for row, (rules, remark) in ROWS.items() if not rules and len(remark.split()) < 2] == []


def test_every_row_of_the_catalogue_is_on_the_page_once() -> None:
    if not FACTS.exists():
        pytest.skip(f"the catalogue is not at hand in {SHARED}")
    rewrites = FACTS.read_text("utf-8").partition("\n## 2.")[0].partition("\n## 1.")[2]
    rows = re.findall(r"^\| `(\w+)` \|", rewrites, re.MULTILINE)
    assert len(rows) > 300
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == sorted(rows)
