"""The README speaks of targets that there are, and its links and those of the documentation lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.fences import fences, name, pages
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

README = (CHECKOUT / "README.md").read_text()


def test_its_targets_are_the_makefiles() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = {f"make {name}" for name in re.findall(r"^(\w+):", makefile, re.MULTILINE)}
    code = "\n".join(each.text for each in fences(README) if each.language == "sh")
    said = set(re.findall(r"make \w+(?=`)", README)) | set(re.findall(r"^make \w+", code, re.MULTILINE))
    assert {"make demo", "make docs"} <= said <= targets


def test_the_rule_the_command_and_its_output_are_on_the_first_screen() -> None:
    first = fences("\n".join(README.splitlines()[:40]))
    assert [each.language for each in first][:2] == ["pat", "console"]
    assert "check passed" in first[1].text


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
