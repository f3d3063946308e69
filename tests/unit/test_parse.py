"""What a text means as a tree, what is refused, and with which words."""

# Tables of texts and trees are read by the row.
# ruff: noqa: E501

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.parse import parse


def sketch(tree: Any) -> Any:
    """A tree without spans: names and numbers as they are, anything else as its class and the fields that say something."""
    match tree:
        case tuple():
            return [sketch(part) for part in tree]
        case syntax.Name(text=text) | syntax.Word(text=text) | syntax.DottedName(text=text):
            return text
        case syntax.Number(value=value):
            return value
        case syntax.Syntax():
            values = {a.name: getattr(tree, a.name) for a in fields(type(tree)) if a.name != "span"}
            said = {name: sketch(value) for name, value in values.items() if value not in (None, (), False)}
            return type(tree).__name__, said
        case _:
            return tree


def rule(text: str) -> syntax.Rule:
    (item,) = parse(text, "test.pat").items
    assert isinstance(item, syntax.Rule)
    return item


def root(text: str) -> Any:
    return sketch(rule(f"{text} -> x").left[-1].value)


def operand(text: str) -> Any:
    """The tree of `text` as an operand."""
    kind, said = root(f"ADD({text})")
    assert kind == "Operator"
    (found,) = said["operands"]
    return found


def condition(text: str) -> syntax.Expression:
    (found,) = rule(f"ADD(x) where {text} -> x").conditions
    return found


def complaint(text: str | bytes) -> list[str]:
    with pytest.raises(LanguageError) as raised:
        parse(text, "test.pat")
    return [f"{d.span.line}:{d.span.column} {d.code} {d.message}" for d in raised.value.diagnostics]


def _operator(name: str, *operands: Any, **said: Any) -> Any:
    listed = {"operands": list(operands)} if operands else {}
    return "Operator", {"heads": [("Head", {"name": name})], **said, **listed}


def _type(**said: Any) -> Any:
    return "Type", said


def _typed(value: Any, **said: Any) -> Any:
    return "Typed", {"value": value, "type": _type(**said)}


def _shape(*dimensions: Any) -> Any:
    return "Shape", {"dimensions": list(dimensions)} if dimensions else {}


_ANY = ("Wildcard", {})
_RUN = ("Run", {})


def test_the_smallest_rule() -> None:
    found = rule("CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)")
    head = ("Head", {"name": "CUSTOM", "code": ("String", {"value": "Convolution2DTransposeBias"})})
    assert sketch(found) == (
        "Rule",
        {
            "left": [("Equation", {"value": ("Operator", {"heads": [head], "operands": ["x", "w", "b"]})})],
            "right": [("Equation", {"value": _operator("ADD", _operator("TRANSPOSE_CONV", "x", "w"), "b")})],
        },
    )


def test_a_named_rule_with_all_its_parts() -> None:
    found = rule(
        """
        rule fold "Why."
          MUL(c = CONV_2D(x: f32, w: const f32[o, i]), s)
          where c.uses == 1, min(abs(s.value)) > 0
          -> @c(x, w * s)
          shared phase -1 benefit 2 changes interface equal within 4 ulp
        """
    )
    assert found.name is not None
    assert (found.name.text, found.doc and found.doc.value) == ("fold", "Why.")
    assert len(found.conditions) == 2
    assert not found.both_ways
    assert found.shared
    assert found.changes_interface
    assert sketch(found.phase) == -1
    assert sketch(found.benefit) == 2
    assert sketch(found.equality) == ("Equality", {"kind": "ulp", "bound": 4})
    conv = _operator(
        "CONV_2D", _typed("x", dtypes=["f32"]), _typed("w", const=True, dtypes=["f32"], shape=_shape("o", "i"))
    )
    assert sketch(found.left[0].value) == _operator("MUL", ("Named", {"name": "c", "value": conv}), "s")
    product = ("Binary", {"operator": "*", "left": "w", "right": "s"})
    assert sketch(found.right[0].value) == ("Again", {"name": "c", "operands": ["x", product]})


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("_", _ANY),
        ("..", ("Rest", {})),
        ("absent", ("Absent", {})),
        ("-2.0", -2.0),
        ("[1, -1, _, n]", ("List", {"elements": [1, -1, _ANY, "n"]})),
        ("b?", ("Optional", {"value": "b"})),
        ("xs...", ("Variadic", {"value": "xs"})),
        ("xs...: f32", _typed(("Variadic", {"value": "xs"}), dtypes=["f32"])),
        ("b?: f32[o]", _typed(("Optional", {"value": "b"}), dtypes=["f32"], shape=_shape("o"))),
        ("RELU(xs)...", ("Variadic", {"value": _operator("RELU", "xs")})),
        ("filter = f = RELU(x)", ("Named", {"name": "filter", "value": ("Named", {"name": "f", "value": _operator("RELU", "x")})})),
        ("x: i8|u8", _typed("x", dtypes=["i8", "u8"])),
        ("x: [..., c]", _typed("x", shape=_shape(_RUN, "c"))),
        ("x: f32[]", _typed("x", dtypes=["f32"], shape=_shape())),
        ("w: const", _typed("w", const=True)),
        ("w: const [units, _]", _typed("w", const=True, shape=_shape("units", _ANY))),
        ("w: const[n]", _typed("w", const=True, shape=_shape("n"))),
        ("2.0:f16", _typed(2.0, dtypes=["f16"])),
        ("[1, 2]:i64", _typed(("List", {"elements": [1, 2]}), dtypes=["i64"])),
        ("RELU(x): like y", ("Typed", {"value": _operator("RELU", "x"), "type": ("Like", {"name": "y"})})),
        ("relu(x)", ("Call", {"function": "relu", "operands": ["x"]})),
        ("(LOGISTIC(x) | TANH(x))", ("Alternatives", {"branches": [_operator("LOGISTIC", "x"), _operator("TANH", "x")]})),
        ("shape", "shape"),
        ("not", "not"),
        ("phase: f32", _typed("phase", dtypes=["f32"])),
    ],
)  # fmt: skip
def test_operand(text: str, tree: Any) -> None:
    assert operand(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("ADD()", _operator("ADD")),
        ("ANY(xs...)", _operator("ANY", ("Variadic", {"value": "xs"}))),
        ("FULLY_CONNECTED@<=2(x)", _operator("FULLY_CONNECTED", "x", version=("Version", {"operator": "<=", "number": 2}))),
        ("(ADD|SUB)(x, c)", ("Operator", {"heads": [("Head", {"name": "ADD"}), ("Head", {"name": "SUB"})], "operands": ["x", "c"]})),
    ],
)  # fmt: skip
def test_operator(text: str, tree: Any) -> None:
    assert root(text) == tree


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("padding=SAME|VALID", ["SAME", "VALID"]),
        ("stride_h=s", ["s"]),
        ("keep=true", [("Boolean", {"value": True})]),
        ("squeeze_dims=[1, 2]", [("List", {"elements": [1, 2]})]),
        ("custom_options=absent", [("Absent", {})]),
        ("member='a'", [("String", {"value": "a"})]),
        (r'custom_options=bytes("\x01")', [("Call", {"function": "bytes", "operands": [("String", {"value": "\x01"})]})]),
        (
            "custom_options=flexbuffer{cores: 4, 'b c': {d: n}}",
            [
                ("Flexbuffer", {"entries": [
                    ("Entry", {"key": "cores", "value": 4}),
                    ("Entry", {"key": ("String", {"value": "b c"}),
                               "value": ("Flexbuffer", {"entries": [("Entry", {"key": "d", "value": "n"})]})}),
                ]})
            ],
        ),
    ],
)  # fmt: skip
def test_attribute(text: str, values: list[Any]) -> None:
    name = text.split("=")[0]
    assert root(f"ADD[{text}](x)")[1]["attributes"] == [("OperatorAttribute", {"name": name, "values": values})]


@pytest.mark.parametrize(("written", "code"), [("Foo", "Foo"), ('"a.b"', "a.b"), ("shape", "shape"), ("FOO", "FOO")])
def test_code_of_a_custom_operator(written: str, code: str) -> None:
    found = rule(f"CUSTOM[{written}, padding=SAME](x) -> x").left[0].value
    assert isinstance(found, syntax.Operator)
    assert found.heads[0].code is not None
    assert found.heads[0].code.value == code
    assert [attribute.name.text for attribute in found.attributes] == ["padding"]


def test_equations_bind_names_and_the_last_gives_the_root() -> None:
    found = rule("(a, _) = SPLIT(axis, x); MUL(a, b) -> y = MAX_POOL_2D(x); i = y")
    assert [sketch(equation.results) for equation in found.left] == [["a", _ANY], []]
    assert [sketch(equation.results) for equation in found.right] == [["y"], ["i"]]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("-a ** -b", "-(a ** (-b))"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("a - b - c", "(a - b) - c"),
        ("a + b * c // d % e", "a + (((b * c) // d) % e)"),
        ("not a == b and c or d", "((not (a == b)) and c) or d"),
        ("a or b and c", "a or (b and c)"),
        ("not a in b", "not (a in b)"),
        ("a  not   in b", "a not in b"),
        ("b is not absent", "b is  not absent"),
        ("-2 ** 2", "-(2 ** 2)"),
        ("a.b[0].c", "((a.b)[0]).c"),
        ("1 < a <= b", "1 < a <= (b)"),
        ("0x10", "16"),
        ("'a' 'b'", '"ab"'),
    ],
)
def test_precedence_is_that_of_python(text: str, same: str) -> None:
    assert condition(text) == condition(same)


@pytest.mark.parametrize(
    ("text", "other"), [("2", "2.0"), ("(1 < a) < b", "1 < a < b"), ("0.0", "-0.0"), ("a - (b - c)", "a - b - c")]
)
def test_trees_that_are_not_equal(text: str, other: str) -> None:
    assert condition(text) != condition(other)


def test_a_touching_bracket_belongs_to_the_name_and_another_begins_something_new() -> None:
    items = parse("ADD(x) -> y\n(a, b) = SPLIT(x) -> a\nRELU(x) -> y (RELU(x)) -> x", "test.pat").items
    assert len(items) == 4
    assert complaint("ADD (x) -> x")[0].startswith("1:5 E114")
    assert complaint("ADD(x) where s.shape [0] == 1 -> x")[0].startswith("1:22 E114")


def test_declaration_in_logical_order() -> None:
    (item,) = parse(
        """
        op TRANSPOSE_CONV(input, filter, bias?, output_shape: i32|i64 implied) -> (output, rest...)
          "Doc." stored (output_shape, filter, input, bias) version 3 where bias is not absent
          commutative side effects implied a, b = output.shape[0] + 1
        """,
        "test.pat",
    ).items
    assert isinstance(item, syntax.Op)
    assert [(p.name.text, p.optional, p.variadic, p.implied) for p in (*item.operands, *item.results)] == [
        ("input", False, False, False),
        ("filter", False, False, False),
        ("bias", True, False, False),
        ("output_shape", False, False, True),
        ("output", False, False, False),
        ("rest", False, True, False),
    ]
    assert sketch(item.operands[3].type) == _type(dtypes=["i32", "i64"])
    assert sketch(item.stored) == ["output_shape", "filter", "input", "bias"]
    assert [(each.name.text, each.value is None) for each in item.implied] == [("a", True), ("b", False)]
    assert isinstance(item.implied[1].value, syntax.Binary)
    assert (item.commutative, item.side_effects, len(item.versions)) == (True, True, 1)


def test_options_of_a_custom_operator() -> None:
    (item,) = parse(
        "op CUSTOM[Foo](x) -> y options struct { padding: i32 as Padding(SAME=1, VALID=-2), sizes: f32[4] }\n"
        "  shape mine.shape kernel mine.kernel",
        "test.pat",
    ).items
    assert isinstance(item, syntax.Op)
    words = [("EnumWord", {"word": "SAME", "number": 1}), ("EnumWord", {"word": "VALID", "number": -2})]
    assert sketch(item.options) == (
        "Options",
        {
            "kind": "struct",
            "fields": [
                ("OptionsField", {"name": "padding", "dtype": "i32", "enum": "Padding", "words": words}),
                ("OptionsField", {"name": "sizes", "dtype": "f32", "listed": True, "length": 4}),
            ],
        },
    )
    assert (sketch(item.shape), sketch(item.kernel)) == ("mine.shape", "mine.kernel")


def test_pack_pattern_and_target() -> None:
    pack, pattern, target = parse(
        """
        pack mine "Doc." uses a.forward, b
        pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))
        target t "Doc." accepts ADD|SUB accepts CONV_2D[padding=SAME]@<=2 where stride_h * stride_w <= 4
        """,
        "test.pat",
    ).items
    assert sketch(pack) == ("Pack", {"name": "mine", "doc": ("String", {"value": "Doc."}), "uses": ["a.forward", "b"]})
    assert isinstance(pattern, syntax.NamedPattern)
    assert sketch(pattern.parameters) == ["x"]
    assert isinstance(target, syntax.Target)
    assert [[head.name.text for head in accept.heads] for accept in target.accepts] == [["ADD", "SUB"], ["CONV_2D"]]
    assert [len(accept.conditions) for accept in target.accepts] == [0, 1]


def test_words_of_clauses_are_ordinary_names_elsewhere() -> None:
    parse("rule phase ADD[shape=op](rule, pack) -> MUL(rule, pack) benefit 2", "test.pat")
    parse("step = ADD(x) -> step equal within 1e-5\nulp = ADD(x) -> x", "test.pat")
    assert complaint("ADD(x) where benefit > 1 -> x")[0].startswith("1:14 E109")


def test_spans_tell_the_text_that_a_tree_was_made_of() -> None:
    found = rule("ADD(x) where (a + b) * c == 1 -> x").conditions[0]
    assert isinstance(found, syntax.Compare)
    left = found.operands[0]
    assert isinstance(left, syntax.Binary)
    cut = [left.span.text.text[tree.span.start : tree.span.end] for tree in (left, left.left, left.right)]
    assert cut == ["(a + b) * c", "(a + b)", "c"]


def test_spans_take_no_part_in_equality() -> None:
    assert parse("ADD(x,y)->x", "a") == parse("# comment\nADD( x , y, )\n  -> x\n", "b")


def test_several_errors_of_a_file_are_told_at_once() -> None:
    text = "ADD(x y) -> x\nrule fine\n  ADD(x) -> x\nrule bad\n  ADD(x,, y) -> x\nMUL(x, 2x) -> x\n"
    assert [line.split(" ", 2)[:2] for line in complaint(text)] == [["1:7", "E100"], ["5:9", "E100"], ["6:8", "E101"]]


def test_an_error_shows_the_place_and_what_to_try() -> None:
    with pytest.raises(LanguageError) as raised:
        parse("ADD(x, y)\n  where x = 1 -> y", "a.pat")
    assert str(raised.value) == (
        "error[E100]: expected '->' and a replacement, found '='\n"
        " --> a.pat:2:11\n"
        "  |\n"
        "2 |   where x = 1 -> y\n"
        "  |           ^\n"
        " = try: == to compare"
    )


def test_line_ends_and_byte_order_mark() -> None:
    expected = parse("ADD(x)\n-> x\n", "a")
    for text in ("ADD(x)\r\n-> x\r\n", "\ufeffADD(x)\n-> x", b"\xef\xbb\xbfADD(x)\r-> x"):
        assert parse(text, "a") == expected


def test_bytes_that_are_no_text() -> None:
    assert complaint(b"ADD(x)\n# \xe4 -> x") == ["2:3 E110 byte 0xe4 is not UTF-8"]
    assert complaint("ADD(x)\0 -> x") == ["1:7 E101 the character U+0000 means nothing here"]


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "ADD(" * 100_000, "ADD(x) -> x" + ", [" * 5_000, "ADD(x) -> " + "-" * 5_000 + "x", "ADD(x) -> " + "x ** " * 5_000 + "x"],
    ids=["brackets", "operators", "lists", "signs", "powers"],
)  # fmt: skip
def test_nesting_has_a_limit(text: str) -> None:
    (found,) = complaint(text)
    assert "E105 this is nested more than 100 levels deep" in found


def test_a_hundred_levels_are_accepted() -> None:
    parse("ADD(" * 100 + "x" + ")" * 100 + " -> x", "a")


def test_a_long_number_is_refused() -> None:
    assert complaint("ADD(x, " + "9" * 10_000 + ") -> x")[0].startswith("1:8 E106")


def test_a_large_file_is_refused() -> None:
    assert "E110" in complaint("#" * (8 << 20) + "#")[0]


_SOUP = [
    "rule", "pack", "op", "pattern", "target", "where", "equal", "exact", "within", "lossy", "benefit", "options", "struct", "accepts",
    "ADD", "CUSTOM", "x", "y", "_", "..", "...", "->", "<->", "(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "==", "<=", "@", "|",
    "?", "+", "-", "**", "not", "in", "is", "and", "absent", "true", "const", "like", "f32", "1", "2.5", '"s"', "'", "\\", "#", "\n",
    ".", "flexbuffer", "bytes", "é", "\0", "1e999", '"\\q"',
]  # fmt: skip


def assert_parsed_or_refused(text: str | bytes) -> None:
    refused = None
    try:
        parse(text, "soup.pat")
    except LanguageError as error:
        refused = error
    if refused is not None:
        assert refused.diagnostics
        assert "soup.pat:" in str(refused)
        assert all(re.fullmatch(r"E1\d\d", found.code) and found.message for found in refused.diagnostics)


@given(st.lists(st.sampled_from(list(product(_SOUP, ["", " "]))), max_size=40))
def test_any_soup_of_tokens_is_parsed_or_refused_with_a_message(tokens: list[tuple[str, str]]) -> None:
    text = "".join(token + space for token, space in tokens)
    assert_parsed_or_refused(text)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_parsed_or_refused_with_a_message(text: str | bytes) -> None:
    assert_parsed_or_refused(text)


def test_the_grammar_has_no_conflict() -> None:
    pytest.importorskip("interegular", reason="Lark needs it to compare terminals")
    from importlib.resources import files

    import lark

    grammar = (files("rewriter.grammar") / "pat.lark").read_text("utf-8")
    lark.Lark(grammar, parser="lalr", start="file", strict=True, g_regex_flags=int(re.ASCII), maybe_placeholders=False)
