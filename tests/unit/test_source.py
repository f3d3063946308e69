"""Places in texts and how they are shown."""

from __future__ import annotations

import pytest

from rewriter.source import Diagnostic, Span, Text, nearest


def shown(line: str, start: int, end: int) -> tuple[str, str]:
    """The row with the text and the one with the carets, without the gutter."""
    rows = Diagnostic("E1", "wrong", Span(Text("a.pat", line), start, end)).render().split("\n")
    return rows[3].removeprefix("1 | "), rows[4].removeprefix("  | ")


def test_line_and_column_are_counted_from_one() -> None:
    text = Text("a.pat", "ab\n\ncd")
    places = [(Span(text, offset, offset).line, Span(text, offset, offset).column) for offset in range(7)]
    assert places == [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3)]
    assert [text.line(number) for number in (1, 2, 3)] == ["ab", "", "cd"]


def test_a_diagnostic_shows_message_place_mark_and_hint() -> None:
    source = "rule a\n\n  CONV_2D[stride=2](x)\n"
    start = source.index("stride")
    found = Diagnostic("E210", "unknown attribute 'stride'", Span(Text("v.pat", source), start, start + 6), "stride_h")
    assert found.render() == (
        "error[E210]: unknown attribute 'stride'\n"
        " --> v.pat:3:11\n"
        "  |\n"
        "3 |   CONV_2D[stride=2](x)\n"
        "  |           ^^^^^^\n"
        " = try: stride_h"
    )


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    text = Text("a.pat", "\n" * 99 + "x")
    rows = Diagnostic("W1", "odd", Span(text, 99, 100), severity="warning").render().split("\n")
    assert rows == ["warning[W1]: odd", "   --> a.pat:100:1", "    |", "100 | x", "    | ^"]


def test_what_is_no_mistake_has_no_code_and_no_word_before_it() -> None:
    rows = Diagnostic("", "r at 'y': no", Span(Text("a.pat", "x"), 0, 1)).render().split("\n")
    assert rows == ["r at 'y': no", " --> a.pat:1:1", "  |", "1 | x", "  | ^"]


@pytest.mark.parametrize(
    ("line", "start", "end", "row", "carets"),
    [
        ("\tab", 1, 2, "    ab", "    ^"),
        ("a\tb", 1, 2, "a    b", " ^^^^"),
        ("日本x", 2, 3, "日本x", "    ^"),
        ("e\u0301x", 2, 3, "e\u0301x", " ^"),
        ("a\x1b[31mb", 1, 2, "a\ufffd[31mb", " ^"),
        ("ab", 2, 2, "ab", "  ^"),
        ("", 0, 0, "1 |", "^"),
        ("ab\ncd", 1, 5, "ab", " ^"),
    ],
    ids=["before a tab", "a tab", "wide", "combining", "control", "end of line", "empty", "many lines"],
)
def test_carets_stand_below_what_they_mark(line: str, start: int, end: int, row: str, carets: str) -> None:
    assert shown(line, start, end) == (row, carets)


@pytest.mark.parametrize("start", [0, 70, 500, 990])
def test_of_a_long_line_the_part_around_the_mark_is_shown(start: int) -> None:
    line = "".join(chr(ord("a") + place % 26) for place in range(1000))
    row, carets = shown(line, start, start + 5)
    column = carets.index("^")
    assert row[column : column + 5] == line[start : start + 5]
    assert carets.strip() == "^^^^^"
    assert len(row) <= 166
    assert row.startswith("...") == (start > 60)


def test_nearest_word() -> None:
    assert nearest("stride", ["stride_h", "padding"]) == "stride_h"
    assert nearest("relu", ["RELU", "ADD"]) == "RELU"
    assert nearest("zzz", ["RELU"]) is None
