"""A rule that is said to match what it makes never ends when it is run; one that ends is never said to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rewriter.driver import rewrite
from rewriter.errors import CycleError, LanguageError, LimitError
from rewriter.language import check
from rewriter.language.check import compile_rules
from rewriter.language.repetition import repetition
from tests.unit.networks import Network
from tests.unit.small_patterns import BINARY, UNARY, UNHURRIED, Leaf, Node, models, patterns

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from rewriter.language.rules import Rule


def refused(text: str) -> bool:
    found: list[str] = []
    try:
        compile_rules(text, "r.pat")
    except LanguageError as error:
        found = [each.code for each in error.diagnostics]
    assert found in ([], ["E270"])
    return bool(found)


@pytest.mark.parametrize(
    "rule",
    [
        "ADD(x, y) -> ADD(y, x)",
        "SUB(x, y) -> SUB(y, x)",
        "RELU(x) -> RELU(RELU(x))",
        "RELU(x: f32) -> ADD(RELU(x), 1.0)",
        "RELU(x) -> ABS(NEG(RELU(x)))",
        "MUL(x, c: const) -> MUL(x, c * 1.0)",
        "MUL(x, c: const f32[n]) -> MUL(x, sqrt(c))",
        "CONV_2D(x, w, b?) -> CONV_2D(x, w, b)",
        "CONV_2D[padding=SAME](x, w, b) -> CONV_2D[stride_h=2](x, w, b)",
        "(ADD|MUL)(x, y) -> ADD(x, y)",
        "f = (ADD|MUL)(x, y) -> @f(y, x)",
        "f = FULLY_CONNECTED[custom_options=absent](x, w, b?) -> @f(x, w, b)",
        "f = FULLY_CONNECTED(x, w, b?) -> @f[keep_num_dims=true](x, w, b)",
        "RELU(ADD(x, y)) -> RELU(ADD(y, x))",
        "RELU(a = ADD(x, y)) -> RELU(ADD(a, x))",
        "RELU(a = ADD(x, y)) -> RELU(a)",
        "RELU(ADD(x, y)) -> RELU6(RELU(ADD(y, y)))",
        "ADD(x: [n, m], y: [m, n]) where n > m -> ADD(y, x)",
        "ADD(x, 0.0) -> ADD(x, 0.0)",
        "ADD(x, [1, 2]) -> ADD([1, 2], x)",
        "ANY(x) -> CUSTOM[A](x)",
        "ADD(x: [n, _], y) where n == 3 -> ADD(x, y)",
        "ADD(x, y) where x.rank == 2, not y.is_const -> ADD(x, y)",
        "r = ADD(x, y) where r.uses == 1, r.rank == x.rank -> ADD(y, x)",
        "c = CONV_2D(x, w, b?) where c.stride_h == 1, b is not absent -> CONV_2D(x, w, b)",
        "c = CONV_2D(x, w, b?) where c.stride_h == 1 -> @c[dilation_h_factor=1](x, w, b)",
        "ADD(x: f32, y) where y.dtype == 'f32' -> ADD(x, RELU(x))",
        "CONV_2D[padding=p](x, w) -> CONV_2D[padding=p](x, w)",
        "FULLY_CONNECTED(x, w) -> FULLY_CONNECTED(RESHAPE(x, [1, 2]), w)",
    ],
)
def test_a_rule_without_an_end_is_refused(rule: str) -> None:
    assert refused(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "ADD(x, y) -> SUB(x, y)",
        "ADD(x, 1.0) -> ADD(x, 2.0)",
        "ADD(x, c: const) -> ADD(RELU(x), RELU(c))",
        "RELU(RELU(x)) -> RELU(x)",
        "RELU(x: const) -> RELU(NEG(x))",
        "ADD(x, y) -> ADD[fused_activation_function=RELU](x, y)",
        "ADD[fused_activation_function=RELU](x, y) -> RELU(ADD(x, y))",
        "f = FULLY_CONNECTED[keep_num_dims=false](x, w, b?) -> @f[keep_num_dims=true](x, w, b)",
        "c = CONV_2D(x, w, b?) where c.stride_h == 1 -> @c[stride_h=2](x, w, b)",
        "CONV_2D(x, w, b) -> ADD(CONV_2D(x, w), b)",
        "RELU(ADD(x, y)) where x.uses == 1 -> RELU(ADD(y, x))",
        "SUB(x: [n, m], y: [m, n]) where n > m -> SUB(y, x)",
        "RELU(ADD(x, y)) -> s = ADD(y, x); SUB(RELU(s), s)",  # the sum has another reader
        "ADD(x: const, y) -> ADD(y, RELU(x))",
        "ADD@<=2(x, y) -> ADD(y, x)",
        "SUB(x: f32, y: [2]) -> SUB(y, x)",
        "ADD(x, y) where x.name != '' -> ADD(NEG(x), y)",
        "RELU(x) -> CUSTOM[r](x)",
    ],
)
def test_a_rule_that_may_end_is_not(rule: str) -> None:
    assert not refused(rule)


def test_the_error_is_shown_where_the_rule_begins_again() -> None:
    with pytest.raises(LanguageError) as raised:
        compile_rules("RELU(x) -> MUL(RELU(x), 2.0)", "r.pat")
    (error,) = raised.value.diagnostics
    assert (error.span.start, error.span.end) == (15, 22)


@st.composite
def _made(draw: DrawFn, names: list[str], depth: int = 2) -> Node | Leaf:
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        kind = draw(st.integers(0, 4))
        if kind == 0 or not names:
            return Leaf(number=draw(st.sampled_from([1.0, 2.0])))
        return Leaf(draw(st.sampled_from(names)))
    head = draw(st.sampled_from([*UNARY, *BINARY]))
    operands = tuple(draw(_made(names, depth - 1)) for _ in range(1 if head in UNARY else 2))
    return Node((head,), operands, None, draw(st.sampled_from([None, None, "RELU"])) if head in BINARY else None)


SEEN: Counter[str] = Counter()
CONDITIONS = ["x.rank == 2", "x.uses == 1", "not x.is_const", "x.shape == x.shape", "x.dtype == 'f32'"]


@settings(max_examples=400, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_a_rule_that_is_said_to_have_no_end_runs_into_the_limit(data: st.DataObject) -> None:
    pattern = data.draw(patterns(2, types=["", "", "f32", "[_, _]", "[n, m]"]))
    names = pattern.names()
    condition = data.draw(st.none() | st.sampled_from(CONDITIONS)) if "x" in names else None
    made = data.draw(_made(names))
    assume(isinstance(made, Node))
    where = f" where {condition}" if condition else ""
    rule = _unchecked(f"rule r {pattern}{where} -> {made}")
    assume(rule is not None and rule.sides is not None)
    assert rule is not None
    assert rule.sides is not None
    if repetition(rule.sides) is None:
        return
    SEEN["said"] += 1
    for _ in range(4):
        model = data.draw(models(pattern, shapes=[(2, 3)], dtypes=["f32"]))
        if model is None:
            continue
        try:
            report = rewrite(model, [rule], max_steps=60)
        except (CycleError, LimitError):
            SEEN["never ended"] += 1
            continue
        # It matched again to the end, and then what it would have made could not stand there.
        assert not report.applications or report.misses, f"{pattern}{where} -> {made} came to an end"


def _unchecked(text: str) -> Rule | None:
    kept = check.mistakes
    check.mistakes = lambda sides: []
    try:
        return compile_rules(text, "r.pat").rules[0]
    except LanguageError:
        return None
    finally:
        check.mistakes = kept


def test_enough_rules_without_end_were_run() -> None:
    assert SEEN["said"] > 3
    assert SEEN["never ended"] > 3


def test_the_limit_is_what_stops_a_rule_of_which_the_checker_cannot_be_sure() -> None:
    network = Network()
    model = network.build(network.add("RELU", [network.input()]))
    with pytest.raises(LimitError):
        rewrite(model, compile_rules("RELU(x) where x.name != '' -> RELU(RELU(x))", "r.pat"), max_steps=30)
