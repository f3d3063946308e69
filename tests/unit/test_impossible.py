"""A pattern that is said never to match matches in no model.

Alternatives and several results are judged on their trees.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.dialect.dialect import Dialect
from rewriter.dialect.types import TensorType
from rewriter.errors import LanguageError
from rewriter.language import check, syntax
from rewriter.language.check import compile_rules
from rewriter.language.expand import Patterns
from rewriter.language.inference import Inferred, Known, infer
from rewriter.language.parse import parse
from rewriter.language.sides import Sides
from tests.unit.small_patterns import UNHURRIED, models, patterns

if TYPE_CHECKING:
    from rewriter.language.rules import Rule
    from rewriter.source import Diagnostic


def judged(text: str) -> list[Diagnostic]:
    """What is found in the left side of a text's last rule, whether or not the rule could be carried out."""
    file = parse(f"{text} -> CUSTOM[M]()", "i.pat")
    dialect = Dialect()
    rule = file.items[-1]
    assert isinstance(rule, syntax.Rule)
    left = Patterns.of(file, dialect, {}).expand(rule.left)
    assert left is not None
    return Sides(left, rule.right, rule.conditions, dialect).impossibilities()


def messages(text: str) -> list[str]:
    return [f"{each.code} {each.message}" for each in judged(text)]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("(ADD(x: f32, x: i8) | ADD(x: [1], x: [2]))", "E266"),
        ("CUSTOM[c]((ADD(x, y) | RELU(y)), z: f32, z: i8)", "E260"),
        ("(a, b, c) = SPLIT[num_splits=2](axis, x); ADD(a, b)", "E265"),
        ("(a, b) = RELU(x); ADD(a, b)", "E265"),
        ("(a, b) = UNPACK[num=3](x); ADD(a, b)", "E265"),
        ("s = ADD(x: f32[2], y: [2]); MUL(s: i8, y)", "E260"),
        ("s = ADD(x: [2], x); MUL(s: [3], y)", "E261"),
        ("PACK[values_count=2](a, b, c)", "E265"),
        ("RELU6(RELU(x: [2, 3]), ) ; ADD(y: [4], y: [5])", "E261"),
        ("CONCATENATION(xs...: f32, y: i8, y: f32)", "E260"),
        ("pattern both(a) = ADD(a: f32, a: i8) RELU(both(x))", "E260"),
        ("ADD(MUL(x: [2, 3], y: [2, 3]), z: [4, 5])", "E263"),
        ("ADD(CONV_2D(x: [_, _, _, _], w: [8, 3, 3, _]), z: [_, _, _, 7])", "E263"),
        ("(ADD|MUL)(x: f32, y: i8)", "E266"),
        ("SUB(x: f32, [1, 2, 3]: [_, _])", "E264"),
        ("TRANSPOSE_CONV(x: f32[_, _, _, 4], w: [_, _, _, 5])", "E263"),
        ("TRANSPOSE_CONV(x, w, output_shape=s: f32)", "E262"),
    ],
)
def test_a_pattern_that_contradicts_itself_is_refused(pattern: str, code: str) -> None:
    found = [each.code for each in judged(pattern) if each.severity == "error"]
    assert found == [code]


@pytest.mark.parametrize(
    "pattern",
    [
        "ADD(x: f32|i8, x: i8|u8)",
        "ADD(x: [n, ...], x: [..., 3])",
        "ADD(x: [n, 3], y: [m, 3])",
        "ADD(x: [1, n], y: [3, n])",
        "ADD(x: [n, n], x: [2, m])",
        "MUL(x, 2.5: i8)",  # a quantized constant can be 2.5
        "MUL(x, [2.0]: [])",
        "MUL(x, [1, 2]: [...])",
        "MUL(x, [1, 2]: [n])",
        "(a, b) = SPLIT[num_splits=2](axis, x); ADD(a, b)",
        "(a, b) = SPLIT(axis, x); ADD(a, b)",
        "(a, b) = CUSTOM[two](x); ADD(a, b)",
        "CONV_2D(x: f32, w: const f32[o, kh, kw, i], b: const f32[o])",
        "CONV_2D(x: [_, h, w, _], f: i8|u8, b?: i32)",
        "RESIZE_BILINEAR(x: [n, h, w, c], [h, w])",
        "RESIZE_BILINEAR(x, s: [n])",
        "TRANSPOSE_CONV(x: f32, w: f32[o, _, _, i], b: f32[o])",
        "RELU(x: [n, 2]): [3, m]",
        "(RELU(x: f32) | RELU6(x: i8))",
        "CUSTOM[a](x: f32, y: i8)",
        "PACK[values_count=2](a, b)",
        "PACK(a, b, c)",
        "PACK[values_count=3](xs...)",
        "ADD(x: f32, b?)",
    ],
)
def test_a_pattern_that_can_match_is_not(pattern: str) -> None:
    assert messages(pattern) == []


def test_a_branch_that_never_matches_is_a_warning_at_the_branch() -> None:
    (warning,) = judged("RELU((ADD(x: f32, x: i8) | RELU6(x)))")
    assert (warning.code, warning.severity, warning.span.start, warning.span.end) == ("W408", "warning", 6, 24)
    assert warning.message == "this alternative can never match: 'x' cannot be i8: it is f32 before"
    (warning,) = judged("(RESIZE_BILINEAR|MUL)(x: [2, 3], y: [2, 3])")
    assert (warning.code, warning.severity) == ("W408", "warning")
    assert warning.message.startswith("RESIZE_BILINEAR can never match here: input needs four dimensions")
    assert warning.hint == "leave RESIZE_BILINEAR out of the set"


def test_a_branch_is_dead_only_if_it_is_so_with_each_branch_of_the_others() -> None:
    assert messages("ADD((RELU(x: f32) | RELU(x: i8)), (RELU6(x: f32) | RELU6(x: i8)))") == []
    (warning,) = judged("ADD((RELU(x: f32) | RELU(x: i8)), (RELU6(x: f32) | TANH(x: f32)))")
    assert (warning.code, warning.span.start) == ("W408", 20)


def test_two_places_of_one_mistake_name_each_other() -> None:
    assert messages("ADD(x: f32,\nx: i8)") == ["E260 'x' cannot be i8: it is f32 at line 1"]


def test_types_of_the_left_side_of_a_pair_hold_for_the_right_one() -> None:
    with pytest.raises(LanguageError) as raised:
        compile_rules("CUSTOM[a](x: [2], y: [3]) <-> ADD(x, y)", "p.pat")
    assert [each.code for each in raised.value.diagnostics] == ["E263"]


def test_more_combinations_than_can_be_looked_at_are_left_alone() -> None:
    pair = "(RELU(x: f32) | RELU6(x: i8))"
    assert messages(f"CUSTOM[a]({', '.join([pair] * 8)})") == []


# -- shape functions with stand-ins -----------------------------------------------------------------------------------


def test_a_refusal_counts_only_if_it_does_not_depend_on_what_is_unknown() -> None:
    def both(x: TensorType, y: TensorType, *, axis: int) -> TensorType:
        if x.rank != y.rank:
            raise ValueError("ranks differ")
        if axis == 7:
            raise ValueError("axis 7")
        return TensorType(x.dtype, x.shape)

    two, three = Known(None, (None, None)), Known(None, (None, 2, 3))
    assert infer(both, [two, three], {}, ["axis"]) == Inferred("ranks differ")
    assert infer(both, [two, two], {"axis": 7}, []) == Inferred("axis 7")
    assert infer(both, [two, two], {}, ["axis"]) == Inferred(None, (Known(None, (None, None)),))
    assert infer(both, [Known("f32", (4, None)), two], {}, ["axis"]) == Inferred(None, (Known("f32", (4, None)),))


def test_an_open_dimension_is_one_of_the_things_that_an_unknown_one_can_be() -> None:
    def open_only(x: TensorType) -> TensorType:
        if x.shape[0] is not None:
            raise ValueError("only open ones")
        return x

    found = infer(open_only, [Known(None, (None,))], {}, [])
    assert found is None or found.refusal is None
    assert infer(open_only, [Known(None, (3,))], {}, []) == Inferred("only open ones")


def test_a_function_that_needs_a_number_is_asked_no_further() -> None:
    def counted(x: TensorType) -> TensorType:
        return TensorType(x.dtype, [1] * (x.shape[0] or 0))

    assert infer(counted, [Known("f32", (None,))], {}, []) is None
    assert infer(counted, [Known("f32", (2,))], {}, []) == Inferred(None, (Known("f32", (1, 1)),))


def test_an_unknown_rank_is_tried_out() -> None:
    def three(x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise ValueError("three")
        return x

    def none(x: TensorType) -> TensorType:
        raise ValueError(f"never, not even {len(x.shape)}")

    assert infer(three, [Known("f32", None)], {}, []) is None
    found = infer(none, [Known("f32", None)], {}, [])
    assert found is not None
    assert found.refusal is not None


# -- against models ---------------------------------------------------------------------------------------------------

SEEN: Counter[str] = Counter()


def _unchecked(text: str) -> Rule:
    kept = check.mistakes
    check.mistakes = lambda sides: []
    try:
        return compile_rules(text, "r.pat").rules[0]
    finally:
        check.mistakes = kept


TYPES = [
    "",
    "f32",
    "i32",
    "[2, 3]",
    "[3, 3]",
    "[n, 3]",
    "[n, m]",
    "[n, n]",
    "[2, n]",
    "[..., 3]",
    "[n, ...]",
    "[3]",
    "[]",
]


@settings(max_examples=400, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_what_is_said_never_to_match_matches_in_no_model(data: st.DataObject) -> None:
    pattern = data.draw(patterns(3, types=TYPES))
    try:
        rule = _unchecked(f"{pattern} -> CUSTOM[M]()")
    except LanguageError:
        return
    assert rule.sides is not None
    never = any(each.severity == "error" for each in rule.sides.impossibilities())
    SEEN["never"] += never
    for _ in range(4):
        model = data.draw(models(pattern))
        for operator in model.operators() if model is not None else ():
            heads = rule.program.heads
            if (heads is None or operator.name in heads) and rule.program.run(operator) is not None:
                SEEN["matches"] += 1
                assert not never, f"{pattern} matches"


def test_enough_patterns_of_both_kinds_were_held_against_models() -> None:
    assert SEEN["never"] > 3
    assert SEEN["matches"] > 5
