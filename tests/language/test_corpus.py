"""Files sorted by fate: those in `pass/` parse, those in `fail/` give the error that their first line states."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.errors import LanguageError
from rewriter.language.parse import parse

_HERE = Path(__file__).parent


def _files(fate: str) -> list[Path]:
    found = sorted((_HERE / fate).glob("*.pat"))
    assert found, f"no files in {fate}/"
    return found


@pytest.mark.parametrize("path", _files("pass"), ids=lambda path: path.stem)
def test_file_is_accepted_and_its_items_cover_its_text(path: Path) -> None:
    text = path.read_text("utf-8")
    items = parse(text, path.name).items
    assert items
    end = 0
    for item in items:
        between = text[end : item.span.start]
        assert all(not line.strip() or line.lstrip().startswith("#") for line in between.split("\n"))
        end = item.span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("path", _files("fail"), ids=lambda path: path.stem)
def test_file_is_refused_for_the_stated_reason_at_the_stated_place(path: Path) -> None:
    text = path.read_text("utf-8")
    with pytest.raises(LanguageError) as raised:
        parse(text, path.name)
    found = [f"# {d.span.line}:{d.span.column} {d.code} {d.message}" for d in raised.value.diagnostics]
    assert found == [text.split("\n")[0]]
