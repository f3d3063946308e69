"""Every rule in the documentation is one that the checker accepts."""

from __future__ import annotations

import re

import pytest

import rewriter
from tests.shared import CHECKOUT

BLOCKS = [
    pytest.param(block, id=f"{path.stem}:{number}")
    for path in sorted((CHECKOUT / "docs").rglob("*.md"))
    for number, block in enumerate(re.findall(r"^```pat\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_rules_compile(block: str) -> None:
    assert len(rewriter.compile_rules(block, "docs.pat"))
