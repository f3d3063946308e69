"""Every block of code in the documentation runs as it stands there, or says why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.fences import fences, name, pages
from tests.docs.sessions import RUN, replay, shown
from tests.docs.stages import STAGES, stage
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

# What is held to its word by others: rules by `tests/packaging/test_docs.py`, directives by the build of the pages.
ELSEWHERE = ("pat",)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_block_runs_or_says_why_not(page: Path) -> None:
    idle = [
        f"{name(page)}:{each.line}: a block of {each.language or 'indented text'}"
        for each in fences(page.read_text())
        if each.excerpt is None
        and each.file is None
        and each.language not in (*RUN, *ELSEWHERE)
        and not each.language.startswith("{")
    ]
    assert idle == [], "nobody runs these: make them `console`, or say why not in <!-- excerpt: REASON --> before them"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_reason_is_given_in_words(page: Path) -> None:
    assert [each.line for each in fences(page.read_text()) if each.excerpt and len(each.excerpt.split()) < 3] == []


@pytest.mark.parametrize(
    "page",
    [each for each in pages() if any(step.command[0] != ">" for step in shown(each.read_text()))],
    ids=name,
)
def test_a_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    stage(name(page), tmp_path)
    replay(page, tmp_path)


def test_pages_that_have_a_stage_are_there() -> None:
    assert [each for each in STAGES if not (CHECKOUT / each).exists()] == []
