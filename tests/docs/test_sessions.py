"""Sessions in the documentation are read as they stand, and one that shows something else is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import agrees, replay, shown

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """
# A page

    $ rewriter not-run

```console
$ rewriter check rule.pat
rule.pat: no errors
$ rewriter check no.pat
cannot read ...
$ echo $?
2
```

```python
assert open("rule.pat").read()
```
"""


def test_commands_are_found_with_their_output_line_and_status() -> None:
    first, second, last = shown(PAGE)
    assert (first.command, first.line, first.output, first.status) == (
        ("rewriter", "check", "rule.pat"),
        7,
        "rule.pat: no errors\n",
        0,
    )
    assert (second.line, second.output, second.status) == (9, "cannot read ...\n", 2)
    assert (last.command[-1], last.line, last.output) == ('assert open("rule.pat").read()\n', 16, None)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("", ""),
        ("a\nb\n", "a\nb  \n\n"),
        ("read in ... s\n", "read in 0.01 s\n"),
        ("a\n...\nd\n", "a\nb\nc\nd\n"),
        ("a\n...\nd\n", "a\nd\n"),
        ("...\nd\n", "d\n"),
    ],
)
def test_an_ellipsis_is_anything(expected: str, printed: str) -> None:
    assert agrees(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("", "a\n"),
        ("a\n", ""),
        ("a\n", "a\nb\n"),
        ("read in ... s\n", "read in 0.01\n"),
        ("a.c\n", "abc\n"),
        ("a\n...\nd\n", "d\n"),
    ],
)
def test_anything_else_must_be_there_as_it_is(expected: str, printed: str) -> None:
    assert not agrees(expected, printed)


def _page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text)
    (folder / "rule.pat").write_text("RELU(RELU(x)) -> RELU(x)\n")
    return page


def test_a_page_is_run_in_the_folder(tmp_path: Path) -> None:
    text = "```console\n$ rewriter fmt rule.pat --check\n$ rewriter fmt no.pat\n...no.pat...\n$ echo $?\n2\n```\n"
    replay(_page(tmp_path, text), tmp_path)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("console\n$ rewriter fmt rule.pat --check\nsomething\n", "- something"),
        ("console\n$ rewriter fmt no.pat\n...\n", "ended with 2, not 0"),
        ("python\nraise SystemExit(3)\n", "ended with 3, not 0"),
        ("console\n$ ls\n", "only rewriter, .* are run, not ls"),
        ("sh\nrewriter fmt no.pat\n", "ended with 2, not 0"),
        ("lua\nrewriter fmt\n", "shows no command"),
    ],
)
def test_a_page_that_shows_something_else_is_found(block: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=message):
        replay(_page(tmp_path, f"```{block}```\n"), tmp_path)
