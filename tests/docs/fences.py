"""The fences of a page of documentation, and what each is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen
from markdown_it import MarkdownIt

from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

_EXCERPT = re.compile(r"<!--\s*excerpt:\s*(.*?)\s*-->\s*", re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.(?:pat|py|toml))`[^`]*:")


@frozen
class Fence:
    """A block of code.

    Attributes:
        language: What stands behind the backticks; empty for a block that is only indented.
        line: Where its text begins on the page, from 1.
        file: The file that it is, where the sentence before it ends in that file's name and a colon.
        excerpt: Why nobody runs it, where the page says so: `<!-- excerpt: REASON -->` before it.
    """

    language: str
    text: str
    line: int
    file: str | None
    excerpt: str | None


def fences(text: str) -> list[Fence]:
    """All blocks of code of a page, in their order."""
    found: list[Fence] = []
    sentence, excerpt = "", None
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            sentence, excerpt = token.content, None
        elif token.type == "html_block":
            comment = _EXCERPT.fullmatch(token.content)
            excerpt = comment[1] if comment else None
        elif token.type in {"fence", "code_block"}:
            assert token.map is not None
            fenced = token.type == "fence"
            named = _FILE.findall(sentence) if sentence.endswith(":") else []
            found.append(
                Fence(
                    token.info.strip(), token.content, token.map[0] + 1 + fenced, named[-1] if named else None, excerpt
                )
            )
            sentence, excerpt = "", None
    return found


def pages() -> list[Path]:
    """Every page that a reader may come to."""
    return [*sorted(CHECKOUT.glob("*.md")), *sorted((CHECKOUT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """How a page is called: its place in the checkout."""
    return page.relative_to(CHECKOUT).as_posix()
