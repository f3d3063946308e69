"""What a left side compiles to: its root's names, what it binds, and which steps stand for it."""

from __future__ import annotations

import pytest

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.brackets import close
from rewriter.language.choices import Swap
from rewriter.language.parse import parse
from rewriter.language.pattern import Pattern, compile_pattern
from rewriter.language.program import Absent, HasShape, HasType, Load, Produced, Replaceable, Same
from rewriter.language.scope import RuleScope


def compiled(text: str) -> Pattern:
    (item,) = parse(f"{text} -> x", "p.pat").items
    assert isinstance(item, syntax.Rule)
    scope = RuleScope([])
    pattern = compile_pattern(item.left, Dialect(), scope, {})
    assert scope.diagnostics == []
    assert pattern is not None
    return pattern


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("ADD(x, y)", {"ADD"}),
        ("(ADD|SUB)(x, y)", {"ADD", "SUB"}),
        ("CUSTOM[a](x)", {"CUSTOM[a]"}),
        ("ANY(x)", None),
    ],
)
def test_the_root_can_have_these_names(text: str, heads: set[str] | None) -> None:
    assert compiled(text).finish((), [], [], shared=False).heads == (None if heads is None else frozenset(heads))


def test_names_are_bound_as_tensors_numbers_and_constants() -> None:
    text = "c = CONV_2D[stride_h=s](x: f32[n, ...], w: const f32[o, k, k, _], b?: const f32[o])"
    bindings = compiled(text).scope.bindings
    assert {name: (each.kind, each.constant, each.optional, each.operator) for name, each in bindings.items()} == {
        "c": ("tensor", False, False, 0),
        "x": ("tensor", False, False, None),
        "w": ("tensor", True, False, None),
        "b": ("tensor", True, True, None),
        "s": ("number", False, False, None),
        "n": ("number", False, False, None),
        "o": ("number", False, False, None),
        "k": ("number", False, False, None),
    }


def test_a_name_for_a_sub_pattern_names_its_operator_however_it_is_wrapped() -> None:
    for text in (
        "ADD(r = RELU(x), y)",
        "ADD(lhs = r = RELU(x), rhs = y)",
        "ADD(r = q = RELU(x), y)",
        "ADD(r = RELU(x): f32, y)",
    ):
        assert compiled(text).scope.bindings["r"].operator is not None, text


def test_a_name_that_was_a_capture_before_names_its_operator_too() -> None:
    pattern = compiled("ADD(r, r = RELU(x))")
    assert pattern.scope.bindings["r"].operator is not None
    assert any(isinstance(step, Same) for step in pattern.steps)


def test_steps_in_the_order_in_which_they_rule_out_most() -> None:
    pattern = compiled("SUB(RELU(x: f32[n]), y)")
    steps = pattern.finish((), [], [], shared=False).steps
    kinds = [type(step) for step in steps]
    assert kinds.index(Produced) < kinds.index(HasType) < kinds.index(HasShape)
    assert kinds[-1] is Replaceable
    assert (pattern.depth, len(pattern.operators)) == (2, 2)
    last = steps[-1]
    assert isinstance(last, Replaceable)
    assert [each.register for each in last.going] == [each.register for each in pattern.operators]


def test_staying_and_shared_operators_need_not_be_free_to_go() -> None:
    for stays, shared, going in ((False, True, 0), (True, False, 2), (False, False, 3)):
        pattern = compiled("SUB(RELU(NEG(x)), y)")
        staying = pattern.operators[2:] if stays else []
        step = pattern.finish((), staying, list(pattern.roots), shared=shared).steps[-1]
        assert isinstance(step, Replaceable)
        assert len(step.going) == going
        assert 0 in [each.register for each in step.touched]


def test_orders_are_chosen_only_where_they_differ() -> None:
    def swaps(text: str) -> int:
        return sum(isinstance(step, Swap) for step in compiled(text).steps)

    assert swaps("ADD(x, y)") == 1
    assert swaps("ADD(_, _)") == 0
    assert swaps("ADD(lhs=x, rhs=y)") == 0
    assert swaps("SUB(x, y)") == 0
    assert swaps("ADD(ADD(x, y), z)") == 2


def test_operands_are_loaded_from_where_the_file_has_them() -> None:
    pattern = compiled("TRANSPOSE_CONV(x, w)")
    loads = [(step.index, step.required) for step in pattern.steps if isinstance(step, Load)]
    assert loads == [(2, True), (1, True), (3, False)]
    assert sum(isinstance(step, Absent) for step in pattern.steps) == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [("stride", "stride_h, stride_w"), ("paddin", "padding"), ("pading", "padding"), ("zzz", None)],
)
def test_the_closest_names(written: str, meant: str | None) -> None:
    assert close(written, ["padding", "stride_h", "stride_w"]) == meant
