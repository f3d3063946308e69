"""A syntax tree comes back from plain values as it was, places included."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from rewriter.errors import LanguageError
from rewriter.language.parse import parse, parse_kept
from rewriter.language.stored import as_plain, as_tree
from rewriter.language.syntax import Syntax, children
from tests.shared import CHECKOUT
from tests.unit.pat_texts import texts


def spans(tree: Syntax) -> list[tuple[int, int]]:
    return [(tree.span.start, tree.span.end), *(span for part in children(tree) for span in spans(part))]


def assert_comes_back(text: str) -> None:
    tree = parse(text, "t.pat")
    plain = marshal.loads(marshal.dumps(as_plain(tree)))
    again = as_tree(plain, tree.span.text)
    assert again == tree
    assert spans(again) == spans(tree)


FILES = sorted([*(CHECKOUT / "grammar").glob("*.pat"), *(CHECKOUT / "patterns").glob("*/*.pat")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_of_the_program_come_back(path: Path) -> None:
    assert_comes_back(path.read_text("utf-8"))


def test_a_kept_tree_is_that_of_the_text_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path))
    for text in ("RELU(x) -> x", "RELU(x) -> x", "ABS(x) -> x", "RELU(x) -> x"):
        kept = parse_kept(text, "t.pat", "t")
        assert kept == parse(text, "t.pat")
        assert spans(kept) == spans(parse(text, "t.pat"))
    with pytest.raises(LanguageError) as caught:
        parse_kept("RELU(", "t.pat", "t")
    assert [each.code for each in caught.value.diagnostics] == ["E103"]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts())
def test_any_text_comes_back(text: str) -> None:
    assert_comes_back(text)
