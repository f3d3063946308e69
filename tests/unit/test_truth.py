"""A condition that is said always to hold holds in each match, and one that is said never to holds in none."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.errors import LanguageError
from rewriter.language import check
from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from tests.unit.small_patterns import UNHURRIED, models, patterns

CONV = "c = CONV_2D[padding=SAME, stride_h=s, stride_w=2](x: f32[1, h, w, 3], f: const i8|u8, b?)"
SCALED = "MUL(m = MUL(x: f32[_, n], y), k: const f32[n])"
LITERAL = "ADD(v = [1, 2], z: const i32[2])"


def warnings(text: str) -> list[tuple[str, str, int]]:
    found = findings([compile_rules(text, "t.pat")])
    return [(each.code, each.message, each.span.start) for each in found if each.code in ("W406", "W407")]


def verdict(pattern: str, condition: str) -> str:
    found = warnings(f"{pattern} where {condition} -> CUSTOM[M]()")
    return {"W406": "always", "W407": "never"}[found[0][0]] if found else "open"


@pytest.mark.parametrize(
    ("pattern", "condition"),
    [
        (CONV, "x.dtype == 'f32'"),
        (CONV, "x.dtype in ['f32', 'f16']"),
        (CONV, "f.dtype != 'f32'"),
        (CONV, "f.is_const"),
        (CONV, "x.rank == 4"),
        (CONV, "3 < x.rank <= 4"),
        (CONV, "x.rank not in [2, 3]"),
        (CONV, "len(x.shape) == 4 and x.shape[-1] == 3"),
        (CONV, "x.shape == x.shape"),
        (CONV, "x.shape == [1, h, w, 3]"),
        (CONV, "x.shape[1:3] == [h, w]"),
        (CONV, "x is not absent"),
        (CONV, "c.op == 'CONV_2D'"),
        (CONV, "c.padding == SAME"),
        (CONV, "c.padding in [SAME, VALID]"),
        (CONV, "c.stride_w == 2"),
        (CONV, "c.stride_w * 2 + 1 > 4"),
        (CONV, "c.fused_activation_function == NONE"),
        (CONV, "attr(c, 'padding') != VALID"),
        (CONV, "h == h"),
        (CONV, "not x.rank < 4"),
        (CONV, "x.uses >= 0"),
        (CONV, "c.stride_h == 1 or true"),
        (CONV, "1 + 1 == 2"),
        (CONV, "min(3, 2) == 2"),
        (SCALED, "not m.is_const"),
        (SCALED, "x.dtype == k.dtype"),
        (SCALED, "k.rank == 1"),
        (SCALED, "k.shape[0] == n"),
        (LITERAL, "all(v.value > 0)"),
        (LITERAL, "max(v.value) < 3"),
        (LITERAL, "v.shape == [2]"),
        (LITERAL, "min(abs(z.value)) >= 0"),
        ("RELU(x)", "x.rank >= 0"),
    ],
)
def test_a_condition_that_says_what_the_pattern_says_always_holds(pattern: str, condition: str) -> None:
    assert verdict(pattern, condition) == "always"


@pytest.mark.parametrize(
    ("pattern", "condition"),
    [
        (CONV, "x.dtype == 'i8'"),
        (CONV, "x.dtype == f.dtype"),
        (CONV, "x.dtype == 'float32'"),
        (CONV, "f.rank == 4 and not f.is_const"),
        (CONV, "x.rank > 4"),
        (CONV, "x.shape[4] == 1"),
        (CONV, "x.shape == [1, 2, 3]"),
        (CONV, "x.shape[0] == 2"),
        (CONV, "x is absent"),
        (CONV, "c.padding == VALID"),
        (CONV, "c.padding == RELU"),
        (CONV, "c.stride_w in [1, 3]"),
        (CONV, "c.value == 1"),
        (CONV, "s % 2 == 2"),
        (CONV, "h % 2 == 2"),
        (CONV, "h < 0"),
        (CONV, "x.rank"),
        (CONV, "x.rank == '4'"),
        (CONV, "1 / 0 == 1"),
        (CONV, "false"),
        (SCALED, "m.is_const or x.rank == 3"),
        (SCALED, "min(abs(k.value)) < 0"),
        (LITERAL, "any(v.value > 3)"),
        (LITERAL, "all(v.value == 4)"),
        ("RELU(x)", "x.dtype == 'float32'"),
        ("CONV_2D(x, w)", "x.rank < 0"),
    ],
)
def test_a_condition_that_the_pattern_contradicts_never_holds(pattern: str, condition: str) -> None:
    assert verdict(pattern, condition) == "never"


@pytest.mark.parametrize(
    ("pattern", "condition"),
    [
        (CONV, "b is absent"),
        (CONV, "b.rank == 1"),
        (CONV, "b.dtype in ['i32']"),
        (CONV, "f.dtype == 'i8'"),
        (CONV, "f.rank == 4"),
        (CONV, "h >= 0"),  # an open dimension has no size
        (CONV, "h == w"),
        (CONV, "x.shape[1] == 4"),
        (CONV, "s == 2"),
        (CONV, "c.stride_h == 1"),
        (CONV, "c.uses == 1"),
        (CONV, "c.quantized"),
        (CONV, "x.is_const"),
        (CONV, "x.op == 'RELU'"),
        (CONV, "x.name == 'x'"),
        (CONV, "c.dilation_h_factor in [1, 2]"),
        (CONV, "c.quantized_bias_type == FLOAT32"),
        (CONV, "f.scale == f.scale"),  # what is not quantized has none
        (CONV, "prod(x.shape) > 0"),
        (SCALED, "n == 4"),
        (SCALED, "all(k.value == k.value)"),
        (SCALED, "min(abs(k.value)) > 0"),
        (SCALED, "x.value == 1"),
        (LITERAL, "all(z.value == 0)"),
        ("RELU(x)", "x.dtype == 'f32'"),
        ("RELU(x)", "x.rank > 0"),
        ("ANY(x)", "x.rank == 4"),
    ],
)
def test_what_only_the_match_can_tell_is_left_open(pattern: str, condition: str) -> None:
    assert verdict(pattern, condition) == "open"


def test_the_warning_stands_at_the_condition_and_says_what_to_do() -> None:
    text = "rule r\n  RELU(x: f32) where x.uses == 1, x.dtype == 'f32', x.dtype == 'i8' -> CUSTOM[M]()"
    always, never = (each for each in findings([compile_rules(text, "t.pat")]) if each.code in ("W406", "W407"))
    assert (always.code, always.message, always.hint) == ("W406", "this condition always holds", "leave it out")
    assert always.span.start == text.index("x.dtype")
    assert (never.code, never.message) == ("W407", "this condition never holds: r cannot match")
    assert never.hint == "what was meant, or leave the rule out"
    assert (always.severity, never.severity) == ("warning", "warning")


def test_what_a_nan_or_an_empty_constant_could_change_is_said() -> None:
    (found,) = warnings("MUL(x, k: const f32) where min(abs(k.value)) >= 0 -> x")
    assert found[1] == "this condition always holds, but for a NaN or an empty constant"


ATOMS = [
    *(f"{name}.{asked}" for name in "xyz" for asked in ("rank", "shape[0]", "shape[-1]", "dtype", "uses", "is_const")),
    *("n", "m", "c.value", "min(c.value)", "max(abs(c.value))", "len(x.shape)", "x.shape", "y.shape", "[2, 3]", "[3]"),
    *("1", "2", "3", "0", "'f32'", "'i32'", "x.rank + y.rank", "x.rank % 2", "c.rank", "-n", "n * n", "x.shape[0:1]"),
]
SIGNS = ["==", "!=", "<", "<=", ">", ">="]


@st.composite
def conditions(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return f"not {draw(conditions())}"
    if kind in (1, 2):
        return f"({draw(conditions())} {draw(st.sampled_from(['and', 'or']))} {draw(conditions())})"
    if kind == 3:
        return f"({draw(st.sampled_from(ATOMS))} in [1, 2, 'f32', 3])"
    if kind == 4:
        compared = f"c.value {draw(st.sampled_from(SIGNS))} {draw(st.sampled_from('0123'))}"
        return f"{draw(st.sampled_from(['all', 'any']))}({compared})"
    if kind == 5:
        return draw(st.sampled_from(["x.is_const", "y.is_const", "z.is_const", "c.is_const", "x is absent", "true"]))
    return f"{draw(st.sampled_from(ATOMS))} {draw(st.sampled_from(SIGNS))} {draw(st.sampled_from(ATOMS))}"


SEEN: Counter[str] = Counter()
TYPES = ["", "f32", "i32", "f32|i32", "[_, _]", "[2, 3]", "[n, 3]", "[n, m]", "[n, n]", "[..., 3]", "[3]", "const"]


@settings(max_examples=600, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_verdicts_agree_with_matches(data: st.DataObject) -> None:
    pattern = data.draw(patterns(2, types=TYPES))
    condition = data.draw(conditions())
    kept = check.mistakes
    check.mistakes = lambda sides: []
    try:
        texts = [f"{pattern} -> CUSTOM[M]()", f"{pattern} where {condition} -> CUSTOM[M]()"]
        sets = [compile_rules(text, "r.pat") for text in texts]
    except LanguageError:
        return
    finally:
        check.mistakes = kept
    (plain,), (judged,) = (each.rules for each in sets)
    found = {each.code: each for each in findings(sets[1:]) if each.code in ("W406", "W407")}
    SEEN.update(found.keys())
    for _ in range(4 if found else 0):
        model = data.draw(models(pattern))
        for operator in model.operators() if model is not None else ():
            heads = plain.program.heads
            if (heads is not None and operator.name not in heads) or plain.program.run(operator) is None:
                continue
            SEEN["matches"] += 1
            holds = judged.program.run(operator) is not None
            assert holds or "W406" not in found, f"{pattern} where {condition}"
            assert not holds or "W407" not in found, f"{pattern} where {condition}"


def test_enough_verdicts_were_held_against_matches() -> None:
    assert SEEN["W406"] > 3
    assert SEEN["W407"] > 3
    assert SEEN["matches"] > 5
