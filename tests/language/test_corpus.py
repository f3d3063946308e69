"""Files sorted by fate: those in `pass/` parse, those in `fail/` give the errors that their first lines state.

Each error stands as `# line:column CODE message`, with a line `#   try: hint` behind it. Files about syntax leave the
hint out; `tests/unit/test_parse.py` has those.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.language.parse import parse

_HERE = Path(__file__).parent
_STATED = re.compile(r"# (\d+:\d+ E\d+ .*|  try: .*)")
_CHECKED = re.compile(r'"(E[23]\d\d)"')


def _files(fate: str) -> list[Path]:
    found = sorted((_HERE / fate).glob("*.pat"))
    assert found, f"no files in {fate}/"
    return found


def _stated(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if not _STATED.fullmatch(line):
            break
        lines.append(line)
    return lines


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
def test_file_is_refused_for_the_stated_reasons_at_the_stated_places(path: Path) -> None:
    text = path.read_text("utf-8")
    stated = _stated(text)
    with pytest.raises(LanguageError) as raised:
        compile_rules(text, path.name)
    found: list[str] = []
    for each in raised.value.diagnostics:
        found.append(f"# {each.span.line}:{each.span.column} {each.code} {each.message}")
        if each.code[1] != "1":
            found.append(f"#   try: {each.hint}")
    assert found == stated


def test_every_code_of_the_checker_has_a_file() -> None:
    sources = sorted((_HERE.parents[1] / "rewriter" / "language").glob("*.py"))
    known = {code for source in sources for code in _CHECKED.findall(source.read_text("utf-8"))}
    stated = {line.split()[2] for path in _files("fail") for line in _stated(path.read_text("utf-8"))}
    assert known, "no codes found in the sources"
    assert known - stated == set()


def test_errors_and_warnings_have_different_codes_and_only_errors_refuse() -> None:
    rules = compile_rules("ADD(x, y) -> x\n", "w.pat")
    assert [(each.code, each.severity, each.hint) for each in rules.warnings] == [
        ("W402", "warning", "mention it on the left, as [pot_scale_int16=_], or keep it with @"),
        ("W401", "warning", "_"),
    ]
    assert len(rules) == 1
