"""What is said of shadowed rules is held against models: where the later rule matches, so does the earlier."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from rewriter.language import check
from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from rewriter.language.overlap import covers
from tests.unit.small_patterns import UNHURRIED, Node, models, patterns, special

if TYPE_CHECKING:
    from rewriter.language.rules import Rule

CONDITIONS = [
    "x.rank == 2",
    "x.uses == 1",
    "x.dtype == 'f32'",
    "n > 1",
    "x.shape == y.shape",
    "x.is_const",
    "y.rank < 3",
]


def warned(text: str) -> list[tuple[str, str]]:
    rules = compile_rules(text, "w.pat")
    return [(each.code, each.message) for each in findings([rules]) if each.code in ("W403", "W404")]


def pair(earlier: str, later: str) -> list[str]:
    return [code for code, _ in warned(f"rule one\n{earlier} -> CUSTOM[A]()\nrule two\n{later} -> CUSTOM[B]()")]


@pytest.fixture(autouse=True)
def _anything_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns here are random; that some can never match is no concern of these tests."""
    monkeypatch.setattr(check, "mistakes", lambda _: [])


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("ADD(x, y)", "ADD(RELU(a), b)"),
        ("ADD(x, y)", "ADD(a, a)"),
        ("ADD(x, c: const)", "ADD(2.0, a)"),
        ("ADD(x, 2.0)", "ADD(x, [2, 2])"),
        ("(ADD|MUL)(x, y)", "MUL(x, y)"),
        ("ANY(x, y)", "SUB(x, y)"),
        ("ANY(..)", "RELU(x)"),
        ("ADD(x, _)", "ADD(x, RELU(_))"),
        ("CONV_2D(x, w, b?)", "CONV_2D(x, w)"),
        ("CONV_2D[padding=SAME|VALID](x, w, _)", "CONV_2D[padding=VALID](x, w, b)"),
        ("CONV_2D[stride_h=s, stride_w=s](..)", "CONV_2D[stride_h=2, stride_w=2](x, w, b)"),
        ("ADD[fused_activation_function=a](x, y)", "ADD(x, y)"),
        ("ADD(x: [..., c], y: [c])", "ADD(x: f32[n, 3], y: [3])"),
        ("ADD(x: [n, m], y: [n, _])", "ADD(x: [k, k], x)"),
        ("ADD(x: f32|i8, y)", "ADD(x: i8, y)"),
        ("FULLY_CONNECTED@<=3(..)", "FULLY_CONNECTED@==2(x, w)"),
        ("RELU(ADD(x, y))", "RELU(ADD(NEG(x), y))"),
        ("RELU(a = ADD(x, y)) where a.uses == 1", "RELU(b = ADD(x, 1.0)) where b.uses == 1, x.rank == 2"),
        ("ADD(x, y) where x.rank == 2", "ADD(x: [_, _], y)"),
        ("ADD(x, y) where x.dtype in ['f32', 'f16']", "ADD(x: f32, y)"),
        ("CONV_2D(x, w, b?)", "CONV_2D(x, w, b?) where b is absent"),
        ("MUL(x, y: [n]) where n > 3", "MUL(a, b: [k]) where k > 3, k < 9"),
        ("TRANSPOSE_CONV(x, w)", "TRANSPOSE_CONV(x, w, output_shape=RELU(_))"),
        ("(RELU(x) | TANH(x))", "TANH(x)"),
        ("ADD((RELU(x) | MAXIMUM(x, 0.0)), y)", "ADD(MAXIMUM(a, 0.0), 1.0)"),
        ("ADD((RELU(x) | TANH(x)), y)", "ADD(y, (TANH(x: f32) | RELU(x: f32)))"),
        ("CONCATENATION(xs...)", "CONCATENATION(a, b)"),
        ("CONCATENATION(a, xs...)", "CONCATENATION(a, b: f32, xs...: f32)"),
        ("(a, b) = SPLIT[num_splits=2](axis, x); ADD(a, b)", "(a, b) = SPLIT[num_splits=2](axis, x: f32); ADD(b, a)"),
    ],
)
def test_a_more_special_rule_is_shadowed(earlier: str, later: str) -> None:
    assert pair(earlier, later) == ["W403"]
    assert pair(later, earlier) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ADD(x, y)", "ADD(b, a)"),
        ("ADD(x, _)", "ADD(_, y)"),
        ("ADD(RELU(x), y)", "ADD(a, RELU(b))"),
        ("ADD(x, 2.0)", "ADD(2, _)"),
        ("CONV_2D[padding=p](x, w)", "CONV_2D[padding=q](input=a, filter=b)"),
        ("ADD(x: [n, m], y) where n > m", "ADD(a: [k, l], b) where k > l"),
        ("RELU(x: f32|i8)", "RELU(y: i8|f32)"),
        ("CONV_2D[stride_h=s](x, w, b)", "CONV_2D(x, w, b)"),
        ("ADD(x, y) where x.rank == 2 and y.rank == 3", "ADD(x, y) where y.rank == 3, x.rank == 2"),
    ],
)
def test_patterns_that_differ_in_names_alone_are_the_same(one: str, other: str) -> None:
    assert pair(one, other) == ["W404"]
    assert pair(other, one) == ["W404"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("ADD(RELU(x), y)", "ADD(x, y)"),
        ("ADD(x, y)", "ADD[fused_activation_function=RELU](x, y)"),
        ("ADD(lhs=x, rhs=RELU(y))", "ADD(x, RELU(y))"),
        ("SUB(x, RELU(y))", "SUB(RELU(x), y)"),
        ("MUL(x, y)", "(ADD|MUL)(x, y)"),
        ("CONV_2D[padding=p](x, w)", "CONV_2D(x, w)"),  # a padding that has no word is no match
        ("ADD(x, x)", "ADD(x, y)"),
        ("ADD(x: [n, n], y)", "ADD(x: [n, m], y)"),
        ("ADD(x: [n], y)", "ADD(x: [...], y)"),
        ("CONV_2D(x, w)", "CONV_2D(x, w, b?)"),
        ("FOO_BAR(x)", "FOO_BAR(x, y)"),
        ("ADD(x, y) where x.uses == 1", "ADD(x, y)"),
        ("ADD(x, y) where x.uses == 1", "ADD(x, y) where y.rank == 2"),
        # The sum's other reader is in the later match, and outside the earlier one.
        ("ADD(RELU(x), _)", "ADD(RELU(x), MUL(y, z))"),
        ("FULLY_CONNECTED@<=2(..)", "FULLY_CONNECTED(x, w)"),
        ("RELU(x)", "(RELU(x) | TANH(x))"),
        ("CONCATENATION(a, b)", "CONCATENATION(xs...)"),
        ("CONCATENATION(a, xs...)", "CONCATENATION(xs...)"),
        ("CONCATENATION(RELU(xs)...)", "CONCATENATION(RELU(a), b)"),
        ("(a, b) = SPLIT[num_splits=2](axis, x); SUB(a, b)", "(a, b) = SPLIT[num_splits=2](axis, x); SUB(b, a)"),
    ],
)
def test_a_rule_that_can_match_on_its_own_is_not_warned_of(earlier: str, later: str) -> None:
    earlier, later = earlier.replace("FOO_BAR", "CUSTOM[f]"), later.replace("FOO_BAR", "CUSTOM[f]")
    assert pair(earlier, later) == []


def test_what_is_tried_first_follows_benefit_then_text_within_a_phase() -> None:
    assert warned("rule a ADD(x, y) -> CUSTOM[A]() rule b ADD(x, y) -> CUSTOM[B]() benefit 2") == [
        ("W404", "a has the same pattern as b (line 1), which is tried first")
    ]
    assert warned("rule a ADD(x, 1.0) -> CUSTOM[A]() rule b ADD(x, y) -> CUSTOM[B]() benefit 2") == [
        ("W403", "a is shadowed by b (line 1): wherever it matches, that one does, and is tried first")
    ]
    assert warned("rule a ADD(x, y) -> CUSTOM[A]() rule b ADD(x, y) -> CUSTOM[B]() phase 1") == []


def test_a_rule_that_needs_the_users_leave_shadows_none_that_needs_none() -> None:
    lossy, plain = "rule a ADD(x, y) -> x lossy within 1e-2", "rule b ADD(x, y) -> y"
    assert warned(f"{lossy} {plain}") == []
    assert [code for code, _ in warned(f"{plain} {lossy}")] == ["W404"]
    assert warned("rule a ADD(x, y) -> x changes interface rule b ADD(x, y) -> y") == []
    assert [code for code, _ in warned(f"{lossy} {plain} lossy within 1e-3")] == ["W404"]


def test_a_direction_that_is_not_used_shadows_nothing() -> None:
    rules = "rule a CUSTOM[A](x) <-> CUSTOM[B](x) rule b CUSTOM[B](x: f32) -> CUSTOM[C](x)"
    assert warned(rules) == []
    assert [code for code, _ in warned(f'pack p "" uses a.backward, b {rules}')] == ["W403"]


def test_rules_of_several_files_are_one_run() -> None:
    sets = [compile_rules(f"rule {name}\nADD(x, y) -> CUSTOM[{name}]()", f"{name}.pat") for name in ("a", "b")]
    (warning,) = (each for each in findings(sets) if each.code == "W404")
    assert warning.message == "b has the same pattern as a (a.pat, line 1), which is tried first"
    assert (warning.span.text.name, warning.span.line) == ("b.pat", 2)


def compiled(pattern: Node, condition: str | None, *, shared: bool, staying: bool) -> Rule | None:
    names = pattern.names()
    where = ""
    if condition is not None:
        asked = {word for word in ("x", "y", "n") if any(part.startswith(word) for part in condition.split())}
        known = {*names, *(["n"] if "[n" in str(pattern) else [])}
        where = f" where {condition}" if asked <= known else ""
    left = str(pattern)
    right = "CUSTOM[M]()"
    inner = next((each for each in pattern.operands if isinstance(each, Node)), None)
    if staying and inner is not None:
        left = left.replace(str(inner), f"kept = {inner}", 1)
        right = "CUSTOM[M](kept)"
    text = f"rule r {left}{where} -> {right}{' shared' if shared else ''}"
    try:
        (rule,) = compile_rules(text, "r.pat").rules
    except check.LanguageError:
        return None
    return rule


SEEN: Counter[str] = Counter()


@settings(max_examples=400, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_where_a_shadowed_rule_matches_the_earlier_one_does(data: st.DataObject) -> None:
    general = data.draw(patterns())
    narrow = data.draw(special(general))
    conditions = [data.draw(st.none() | st.none() | st.sampled_from(CONDITIONS)) for _ in range(2)]
    shared = data.draw(st.integers(0, 5)) == 0
    staying = [data.draw(st.integers(0, 3)) == 0 for _ in range(2)]
    one = compiled(general, conditions[0], shared=shared, staying=staying[0])
    other = compiled(narrow, conditions[1] or conditions[0], shared=False, staying=staying[1])
    if one is None or other is None or one.sides is None or other.sides is None:
        return
    for earlier, later in ((one, other), (other, one)):
        assert earlier.sides is not None
        assert later.sides is not None
        if not covers(earlier.sides, later.sides):
            continue
        SEEN["covers"] += 1
        for _ in range(6):
            model = data.draw(models(narrow))
            for operator in model.operators() if model is not None else ():
                heads = later.program.heads
                if (heads is None or operator.name in heads) and later.program.run(operator) is not None:
                    SEEN["matches"] += 1
                    event("matches")
                    assert earlier.program.run(operator) is not None, f"{later.span} and not {earlier.span}"


def test_enough_shadows_were_held_against_models() -> None:
    assert SEEN["covers"] > 5
    assert SEEN["matches"] > 5


# -- cost --------------------------------------------------------------------------------------------------------------


def test_compiling_rules_reads_no_terms_where_nothing_could_be_wrong_by_types() -> None:
    (rule,) = compile_rules("rule r\n  MUL(RELU(x), 2.0) where x.rank == 2 -> ADD(x, x)", "r.pat").rules
    assert rule.sides is not None
    assert not {"terms", "made", "sizes"} & vars(rule.sides).keys()


THOUSANDS = {
    "constants": "ADD(x, {0}.5) -> MUL(x, {0}.0)",
    "chain": "ADD(x, {0}.0) -> ADD(x, {0}.5)",
    "shapes": "ADD(x: f32[{0}, n], y: [n]) -> MUL(x, y)",
    "conditions": "ADD(x: f32, y) where x.rank == {0} -> ADD(RELU6(x), y)",
    "operators": "ADD(x, CUSTOM[a{0}](y)) -> CUSTOM[b{0}](x, y)",
    "attributes": "CONV_2D[stride_h={0}](x, w, b?) where w.rank == 4 -> CUSTOM[c](x, w, b)",
}


@pytest.mark.parametrize("kind", THOUSANDS)
def test_a_thousand_rules_of_one_root_are_compared_in_seconds(kind: str) -> None:
    rules = compile_rules("\n".join(THOUSANDS[kind].format(number) for number in range(2, 1002)), "r.pat")
    assert len(rules) == 1000
    start = time.process_time()
    found = findings([rules])
    # Three seconds on a quiet machine.
    assert time.process_time() - start < 9
    assert {each.code for each in found} <= {"W401", "W402"}
