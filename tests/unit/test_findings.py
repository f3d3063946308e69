"""Whatever the language allows, reading it as terms and comparing it ends without a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.dialect.dialect import Dialect
from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from rewriter.language.parse import parse
from rewriter.language.repetition import mistakes
from rewriter.language.rules import RuleSet
from rewriter.language.sides import Sides
from tests.unit.pat_texts import texts
from tests.unit.small_patterns import UNHURRIED

if TYPE_CHECKING:
    from rewriter.language.rules import Rule

(PLAIN,) = compile_rules("rule plain ADD(x, y) -> CUSTOM[M](x, y)", "p.pat").rules

# What cannot be carried out yet, and combinations that are seldom written.
RULES = [
    "(a, b) = SPLIT[num_splits=2](axis, x); MUL(a, LOGISTIC(b)) -> MUL(b, LOGISTIC(a))",
    "(a, b) = SPLIT[num_splits=2](axis, x) -> a = RELU(x); b = RELU(axis)",
    "(y, _) = CUSTOM[two](x) -> y = MAX_POOL_2D(x)",
    "(a, _) = SPLIT[num_splits=2](axis, x); (_, b) = SPLIT[num_splits=2](axis, x); ADD(a, b) -> x",
    "(a, b) = UNPACK[num=2](x); PACK[values_count=2](a, b) -> x",
    "(a, b) = UNPACK[num=2](x) -> (a, b) = UNPACK[num=2](x)",
    "(a, b) = UNPACK[num=2](x) -> (b, a) = UNPACK[num=2](x)",
    "CONCATENATION(xs...) -> CONCATENATION(xs...)",
    "CONCATENATION(a, xs...: f32) -> CONCATENATION(xs..., a)",
    "CONCATENATION(xs..., b) where len(xs) > 1, xs[0].shape == b.shape -> CONCATENATION(b, xs...)",
    "CONCATENATION(RELU(xs)...) -> RELU(CONCATENATION(xs...))",
    "c = CONCATENATION(..) -> @c(x)",
    "((LOGISTIC(x) | TANH(x)) | RELU(x)) -> (RELU(x) | TANH(x))",
    "ADD((RELU(x) | MAXIMUM(x, 0.0)), y) -> ADD(y, RELU(x))",
    "ADD((x | RELU(x)), y) -> ADD(y, x)",
    "(RELU(x) | TANH(x)) -> RELU(TANH(x))",
    "(RELU(x: f32) | TANH(x: i8)) where x.dtype == 'f32' -> ABS(x)",
    "MUL(x, f = ADD(f = RELU(x), y)) -> f",
    "a = RELU(b = RELU(x)) where a.rank == b.rank -> @b(@a(x))",
    "ANY(xs...) -> xs",
    "ANY(..) -> x",
    "f = ANY(RELU(x), y) -> @f(y, x)",
    "FULLY_CONNECTED[custom_options=bytes('a')](x, w) -> FULLY_CONNECTED[custom_options=flexbuffer{a: 1}](x, w)",
    "SQUEEZE[squeeze_dims=[1, 2]](x) -> SQUEEZE[squeeze_dims=[1]](SQUEEZE[squeeze_dims=[1]](x))",
    "SQUEEZE[squeeze_dims=d](x) where d == [1, 2] -> SQUEEZE[squeeze_dims=d](x)",
    "RESHAPE(x: [n, ...], [n, -1]) -> RESHAPE(x, [n, n // n])",
    "RESHAPE(x, s: const) -> RESHAPE(x, x.shape)",
    "CONV_2D(x, w, b?: f32[o]) -> t = w * 2; CONV_2D(x, t, b)",
    "CONV_2D(x, filter=f = RELU(w)) -> @f(w)",
    "ADD(x: [..., a, ..., b], x: [...]) -> x",
    "ADD(absent, x?) where x is absent -> ADD(x, absent)",
    "ADD(1.0, [1, _, n, true]) -> ADD(-1.0, [n, n + 1])",
    "(ADD|CONV_2D)(x, y) -> ADD(x, y)",
    "(ADD|TRANSPOSE_CONV)(x, y) -> ADD(x, y)",
    "TRANSPOSE_CONV(x, w, b?, s) -> TRANSPOSE_CONV(x, w)",
    "ADD(x, y)" + " and ".join(["where x.rank == 2"] + ["1 == 1"] * 40) + " -> ADD(RELU(x), y)",
]


def rules_of(text: str) -> list[Rule]:
    """A text's rules, each in both directions where it has two, whether or not the checker would take them."""
    dialect = Dialect()
    found: list[Rule] = []
    for item in parse(text, "f.pat").items:
        if isinstance(item, syntax.Rule):
            for left, right in ((item.left, item.right), (item.right, item.left))[: 1 + item.both_ways]:
                sides = Sides(left, right, item.conditions, dialect, shared=item.shared)
                found.append(evolve(PLAIN, name=f"r{len(found)}", span=item.span, sides=sides))
    return found


@pytest.mark.parametrize("rule", RULES)
def test_every_construct_can_be_read_and_compared_with_every_other(rule: str) -> None:
    (one,) = rules_of(rule)
    assert one.sides is not None
    assert all(each.code[1:] >= "260" or each.code.startswith("W4") for each in mistakes(one.sides))
    for other in RULES:
        found = findings([RuleSet((one, *rules_of(other)))])
        assert {each.severity for each in found} <= {"warning"}


@settings(max_examples=150, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_any_text_that_parses_can_be_read_and_compared(data: st.DataObject) -> None:
    written = [data.draw(texts("<rule>", comments=False)) for _ in range(2)]
    try:
        found = [rule for text in written for rule in rules_of(text)]
    except LanguageError:
        return
    for rule in found:
        assert rule.sides is not None
        mistakes(rule.sides)
    assert all(each.code.startswith("W4") for each in findings([RuleSet(tuple(found))]))


def test_warnings_stand_in_the_order_of_files_and_places() -> None:
    sets = [
        compile_rules("rule a RELU(x) where x.rank >= 0 -> RELU6(x)\nrule b RELU(x: f32) -> ABS(x)", "b.pat"),
        compile_rules("rule c RELU6(x) -> RELU(x)\nrule d RELU6(x) -> ABS(x)", "a.pat"),
    ]
    found = [(each.span.text.name, each.span.line, each.code) for each in findings(sets)]
    assert found == [
        ("b.pat", 1, "W406"),
        ("b.pat", 2, "W403"),
        ("a.pat", 1, "W405"),
        ("a.pat", 2, "W404"),
    ]


def test_a_warning_of_compilation_is_told_once_with_the_others() -> None:
    rules = compile_rules("rule a LEAKY_RELU(x) -> RELU(x)\nrule b ABS(x) where x.rank >= 0 -> NEG(NEG(x))", "w.pat")
    assert [each.code for each in rules.warnings] == ["W402"]
    assert [each.code for each in findings([rules])] == ["W402", "W406"]
