"""A syntax tree comes back from plain values as it was, places included."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from rewriter.language.parse import parse
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


@pytest.mark.parametrize("path", sorted((CHECKOUT / "grammar").glob("*.pat")), ids=lambda path: path.stem)
def test_declarations_come_back(path: Path) -> None:
    assert_comes_back(path.read_text("utf-8"))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts())
def test_any_text_comes_back(text: str) -> None:
    assert_comes_back(text)
