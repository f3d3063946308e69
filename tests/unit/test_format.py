"""One layout: the same tree, the same comments in the same places, and nothing left to do the second time."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from rewriter.errors import LanguageError
from rewriter.language.format import WIDTH, format_text
from rewriter.language.parse import parse
from tests.shared import CHECKOUT
from tests.unit.pat_texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYOUTS = sorted((CHECKOUT / "tests" / "language" / "format").glob("*.in.pat"))
WRITTEN = sorted((CHECKOUT / "tests" / "language").glob("[fp]*/*.pat"))
SHIPPED = sorted(
    path
    for path in CHECKOUT.rglob("*.pat")
    if path not in WRITTEN and not any(part.startswith(".") for part in path.relative_to(CHECKOUT).parts)
)

_COMMENT = re.compile(r""" "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | (\#[^\n]*) """, re.VERBOSE)


def comments(text: str) -> list[str]:
    return [match[1].rstrip() for match in _COMMENT.finditer(text) if match[1]]


def assert_laid_out(text: str) -> str:
    """Format a text, and check everything that holds for all texts."""
    after = format_text(text, "test.pat")
    assert parse(after, "test.pat") == parse(text, "test.pat")
    assert comments(after) == comments(text)
    assert format_text(after, "test.pat") == after
    assert all(line == line.rstrip() for line in after.split("\n"))
    return after


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.name.removesuffix(".in.pat"))
def test_layout(path: Path) -> None:
    wanted = path.with_name(path.name.replace(".in.pat", ".out.pat")).read_text("utf-8")
    assert assert_laid_out(path.read_text("utf-8")) == wanted
    assert all(len(line) <= WIDTH for line in wanted.split("\n"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_files_of_this_repository_have_the_layout(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_text(text, path.name) == text


def test_this_repository_has_files() -> None:
    assert {"elementwise.pat", "mediapipe.pat"} <= {path.name for path in SHIPPED}
    assert LAYOUTS


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.parent.name == "pass"], ids=lambda path: path.stem)
def test_files_of_the_corpus_keep_tree_and_comments(path: Path) -> None:
    assert_laid_out(path.read_text("utf-8"))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts())
def test_any_text_keeps_tree_and_comments_and_is_laid_out_once(text: str) -> None:
    assert_laid_out(text)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts(comments=False))
def test_line_ends_of_the_text_play_no_part(text: str) -> None:
    joined = re.sub(r"\s+", " ", text).strip() + "\n"
    assert re.sub("\n+", "\n", format_text(text, "a")) == format_text(joined, "b")


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts("<rule>", comments=False, budget=40))
def test_every_bracket_that_is_left_says_something(text: str) -> None:
    after = format_text(text, "a")
    tree = parse(after, "a")
    for opening, closing in _brackets(after):
        without = f"{after[:opening]} {after[opening + 1 : closing]} {after[closing + 1 :]}"
        with suppress(LanguageError):
            assert parse(without, "a") != tree, without


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """The round brackets that belong to no name before them."""
    opened: list[int] = []
    for match in re.finditer(r""" "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | [()] """, text, re.VERBOSE):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")":
            start = opened.pop()
            if not re.search(r"[\w)\]]\Z", text[:start]):
                yield start, match.start()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only", "# only\n"),
        ("  # a\n\n\n\n # b\n\n", "# a\n\n# b\n"),
        ("ADD(x)->x ADD(y)->y", "ADD(x) -> x\nADD(y) -> y\n"),
        ("ADD(x)->x\n\n\nADD(y)->y", "ADD(x) -> x\n\nADD(y) -> y\n"),
        ("ADD(x)->x#c", "ADD(x) -> x  #c\n"),
        ("ADD(x # c\n)->x", "ADD(\n  x,  # c\n)\n  -> x\n"),
        ("ADD(x, # c\n y)->x", "ADD(\n  x,  # c\n  y,\n)\n  -> x\n"),
        ("ADD(x)->x.# c\nshape", "ADD(x)\n  -> x.  # c\n  shape\n"),
        ("ADD(# c\n)->x", "ADD(  # c\n)\n  -> x\n"),
        ("ADD(x) where a in b, a not   in b, a is\nnot b->x", "ADD(x) where a in b, a not in b, a is not b -> x\n"),
        ("ADD(0x10, 1e-5, 1.50, - 2, 'it', \"it\")->x", "ADD(0x10, 1e-5, 1.50, -2, 'it', \"it\") -> x\n"),
        ("ADD(- -2, -(-(3)))->x", "ADD(--2, --3) -> x\n"),
        ("ADD(bytes('a'   \"b\"))->x", "ADD(bytes('a' \"b\")) -> x\n"),
        ("ADD(x)->flexbuffer{a:flexbuffer{b:1}}", "ADD(x) -> flexbuffer{a: {b: 1}}\n"),
        ("ADD(x)->2.0 : f16", "ADD(x) -> 2.0:f16\n"),
        ("ADD(a : const, b:const[n],c:[..., n])->x", "ADD(a: const, b: const [n], c: [..., n]) -> x\n"),
        ("ADD(lhs = x, c=RELU(y)?, n = len(x))->x", "ADD(lhs=x, c = RELU(y)?, n = len(x)) -> x\n"),
        ("ADD(x)->y equal within 4 (step(x))->y", "ADD(x) -> y equal within 4\n(step(x)) -> y\n"),
        ("ADD(x)->y equal within 4 (ulp # c\n)=OP(x)->y", "ADD(x) -> y equal within 4\nulp =  # c\nOP(x)\n  -> y\n"),
        ("ADD(x)->(x # c\n)[0]", "ADD(x)\n  -> x[  # c\n    0\n  ]\n"),
    ],
)  # fmt: skip
def test_small_texts(text: str, wanted: str) -> None:
    assert assert_laid_out(text) == wanted


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    assert format_text(b"\xef\xbb\xbfADD(x)\r\n-> x # c\r\n", "a") == "ADD(x) -> x  # c\n"


def test_the_deepest_text_has_a_layout() -> None:
    assert_laid_out("ADD(" * 100 + "x" + ")" * 100 + " -> x")
    assert_laid_out(
        "ADD(x) where " + "not " * 90 + "x" + ".y" * 90 + " -> " + "(a = " * 90 + "x" + ")" * 90 + "[0]" * 90
    )
    assert_laid_out("ADD(x) -> " + " + ".join(["x"] * 100))


def test_a_list_of_numbers_takes_as_many_a_line_as_fit() -> None:
    text = assert_laid_out(f"ADD(x, {list(range(100_000, 100_400))}) -> x")
    assert max(map(len, text.split("\n"))) in range(90, WIDTH + 1)
    assert text.count("\n") < 400 / 8


def test_a_text_with_mistakes_is_refused_with_all_of_them() -> None:
    with pytest.raises(LanguageError) as raised:
        format_text("ADD(x y) -> x\nMUL(x, 2x) -> x\n", "wrong.pat")
    assert [found.span.line for found in raised.value.diagnostics] == [1, 2]
