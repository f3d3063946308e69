"""What the language server sees in a text without parsing it: items, brackets, names and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import LanguageError
from rewriter.language.parse import parse
from rewriter.lsp.brackets import read
from rewriter.lsp.completion import complete
from rewriter.lsp.definition import definition
from rewriter.lsp.document import Document
from rewriter.lsp.hover import hover
from rewriter.lsp.items import split
from rewriter.lsp.names import bindings
from rewriter.lsp.positions import Positions
from rewriter.lsp.symbols import symbols
from rewriter.lsp.tokens import tokenize
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(
    [*CHECKOUT.glob("tests/language/*/*.pat"), *CHECKOUT.glob("grammar/*.pat"), *CHECKOUT.glob("patterns/*/*.pat")]
)
ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
RULE = """\
rule fold "a scale"
  MUL(c = CONV_2D[padding=p, stride_h=2]@<=3(x: f32, w: const f32[o, kh, ..., i], bias=b?: const f32[o]), s: const [o])
  where c.uses == 1, min(abs(s.value)) > 0
  -> t = w * reshape(s, [-1, 1, 1, 1]); @c(x, t, b * s)
"""


def found_in(text: str, operand: bool = False) -> dict[str, tuple[str, str]]:
    """The names of a text's only item, with what they mean and their types."""
    (item,) = split(tokenize(text))
    found = bindings(read(item), lambda _, name: operand and name == "bias")
    return {name: (binding.meaning, binding.type) for name, binding in found.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_items_begin_where_the_parser_says(path: Path) -> None:
    text = path.read_text()
    try:
        tree = parse(text, path.name)
    except LanguageError:
        assert split(tokenize(text))
        return
    assert [item.start for item in split(tokenize(text))] == [item.span.start for item in tree.items]
    assert [item.end for item in split(tokenize(text))] == [item.span.end for item in tree.items]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("RELU(x -> x\nrule a RELU(x) -> x", ["rule", "rule"]),
        ("RELU(x) ->\n\nop CUSTOM[A](input) -> output", ["rule", "op"]),
        ("RELU(x) -> (x\nTANH(y) -> y", ["rule", "rule"]),
        ("RELU(x) -> x)) TANH(y) -> y", ["rule", "rule"]),
        ("cleanup a by b.c RELU(x) -> x\ncleanup d", ["cleanup", "rule", "cleanup"]),
        ("pack a RELU(x) -> x\ntarget t accepts ADD where x == NONE\npattern", ["pack", "rule", "target", "pattern"]),
        ('"', ["rule"]),
    ],
)
def test_items_are_told_apart_in_broken_text(text: str, kinds: list[str]) -> None:
    assert [item.kind for item in split(tokenize(text))] == kinds


def test_names_are_bound_to_what_the_pattern_says() -> None:
    assert found_in(RULE, operand=True) == {
        "c": ("tensor", ""),
        "p": ("attribute padding of CONV_2D", ""),
        "x": ("tensor", "f32"),
        "w": ("tensor", "const f32[o, kh, ..., i]"),
        "o": ("dimension 0 of w", ""),
        "kh": ("dimension 1 of w", ""),
        "i": ("dimension 3 of w", ""),
        "b": ("tensor", "const f32[o]"),
        "s": ("tensor", "const [o]"),
        "t": ("constant computed here", ""),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RESIZE_BILINEAR(x, [h, w])", {"x": "tensor", "h": "element 0 of a constant", "w": "element 1 of a constant"}),
        ("(a, b) = SPLIT(axis, x); MUL(a, b)", {"a": "tensor, result 0 of SPLIT", "b": "tensor, result 1 of SPLIT"}),
        ("(rs...) = SPLIT(axis, x); ADD_N(rs...)", {"rs": "list of tensors, results of SPLIT"}),
        ("r = (ADD|SUB)(x, RELU(y)): f32", {"r": "tensor", "x": "tensor", "y": "tensor"}),
        ('CUSTOM["a.b", foo=f](x', {"f": 'attribute foo of CUSTOM["a.b"]', "x": "tensor"}),
        ("pattern both(one, two) = ADD(one, two)", {"one": "parameter", "two": "parameter"}),
        ("op CUSTOM[A](input: f32) -> output options struct { axis: i32 }", {"input": "operand", "axis": "attribute"}),
        ("RELU(x) -> f = ABS(x); RELU[custom_options=flexbuffer{cores: n}](f)", {"x": "tensor", "f": "tensor"}),
        ("RELU(x) where true and not absent or x in _ -> x equal exact", {"x": "tensor"}),
    ],
)
def test_every_way_to_bind_a_name_is_known(text: str, expected: dict[str, str]) -> None:
    found = {name: meaning for name, (meaning, _) in found_in(text).items()}
    assert {name: found.get(name) for name in expected} == expected
    assert not {"true", "absent", "exact", "cores", "n", "f32", "in"} & found.keys()


def test_operators_own_the_brackets_behind_them() -> None:
    (item,) = split(tokenize("(ADD|CUSTOM[a])(x, SPLIT[n=2]@>=2(y), @c[q=1](z), f(u)[0])"))
    reading = read(item)
    owners = {
        spot.token.text: (spot.bracket.kind, tuple(map(str, spot.bracket.heads)), spot.bracket.name)
        for spot in reading.spots
        if spot.bracket is not None and spot.token.kind == "name"
    }
    assert owners["x"] == ("operands", ("ADD", "CUSTOM[a]"), None)
    assert owners["n"] == ("attributes", ("SPLIT",), None)
    assert owners["y"] == ("operands", ("SPLIT",), None)
    assert owners["q"] == ("attributes", (), "c")
    assert owners["z"] == ("call", (), "c")
    assert owners["u"] == ("call", (), "f")


@given(st.text("aé\N{ROCKET}\u2028\n\r\t#", max_size=40), st.sampled_from(sorted(ENCODINGS)), st.data())
def test_places_are_counted_as_the_protocol_says(text: str, encoding: str, data: st.DataObject) -> None:
    document = Document.of("a.pat", text)
    offset = data.draw(st.integers(0, len(document.text)))
    positions = Positions(document.text, encoding)
    line, unit = positions.position(offset)
    before = document.text[:offset].split("\n")
    name, width = ENCODINGS[encoding]
    assert (line, unit) == (len(before) - 1, len(before[-1].encode(name)) // width)
    assert positions.offset(line, unit) == offset


def test_places_outside_of_the_text_are_its_ends() -> None:
    positions = Positions("ab\n\N{ROCKET}c\n", "utf-16")
    assert positions.offset(0, 99) == 2
    assert positions.offset(1, 1) == 3, "in the middle of a character"
    assert positions.offset(99, 0) == 6


@given(st.sampled_from(FILES), st.data())
def test_no_text_is_too_broken_to_ask_about(path: Path, data: st.DataObject) -> None:
    text = path.read_text()
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    text = (
        text[:start]
        + data.draw(st.sampled_from(["", "(", ")", "]", "[", "@", ".", '"', "= ", "->", "A["]))
        + text[end:]
    )
    document = Document.of("a.pat", text)
    offset = data.draw(st.integers(0, len(text)))
    place, suggestions = complete(document, offset)
    assert place <= offset
    assert len({each.text for each in suggestions}) == len(suggestions)
    found = hover(document, offset)
    assert found is None or (found[1] and found[0].start <= offset <= found[0].end)
    there = definition(document, offset)
    assert there is None or there[1] in there[0].tokens
    assert [each.item for each in symbols(document)] == document.items
