"""Every rule in the documentation is one that the checker accepts, and does not warn of when it has time."""

from __future__ import annotations

import re

import pytest

import rewriter
from rewriter.language.findings import findings
from rewriter.packs import installed, load
from tests.shared import CHECKOUT

BLOCKS = [
    pytest.param(block, id=f"{path.stem}:{number}")
    for path in sorted((CHECKOUT / "docs").rglob("*.md"))
    for number, block in enumerate(re.findall(r"^```pat\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_rules_compile(block: str) -> None:
    assert len(rewriter.compile_rules(block, "docs.pat"))


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_rules_do_not_shadow_or_undo_each_other(block: str) -> None:
    assert {each.code for each in findings([rewriter.compile_rules(block, "docs.pat")])} <= {"W401", "W402"}


def test_stock_rules_give_no_warning_but_of_dropped_attributes() -> None:
    packs = [load(name) for name, pack in installed().items() if pack.distribution == "rewriter"]
    assert packs
    assert {each.code for each in findings(packs)} <= {"W402"}
