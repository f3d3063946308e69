"""Rules that are said to be able to undo each other do so, on a model made from the example that the warning gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.driver import rewrite
from rewriter.errors import CycleError, LanguageError, LimitError
from rewriter.language import check
from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from tests.unit.networks import Network
from tests.unit.small_patterns import BINARY, UNARY, UNHURRIED, Leaf, Node, patterns, read_example

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from rewriter.language.rules import RuleSet
    from rewriter.model import Model, Tensor

BOTH = 'pack p "" uses {0}.forward, {0}.backward rule {0} '


def circles(*rules: str) -> list[str]:
    text = "\n".join(
        rule if rule.startswith(("rule", "pack")) else f"rule {'abcdef'[n]} {rule}" for n, rule in enumerate(rules)
    )
    return [each.message for each in findings([compile_rules(text, "u.pat")]) if each.code == "W405"]


@pytest.mark.parametrize(
    ("rules", "example"),
    [
        (
            ["RELU(x) -> MAXIMUM(x, 0.0)", "MAXIMUM(x, 0.0) -> RELU(x)"],
            "RELU(x) -> MAXIMUM(x, 0.0) -> RELU(x)",
        ),
        (
            ["RELU(x) -> MAXIMUM(x, 0.0)", "ADD(MAXIMUM(x, 0.0), y) -> ADD(y, RELU(x))"],
            "ADD(RELU(x), y) -> ADD(MAXIMUM(x, 0.0), y) -> ADD(y, RELU(x))",
        ),
        (
            ["ABS(NEG(x)) -> ABS(RELU(x))", "RELU(x) -> NEG(x)"],
            "ABS(NEG(x)) -> ABS(RELU(x)) -> ABS(NEG(x))",
        ),
        (
            ["MUL(x, ADD(y, z)) -> ADD(MUL(x, y), MUL(x, z))", "ADD(MUL(x, y), MUL(x, z)) -> MUL(x, ADD(y, z))"],
            "MUL(x, ADD(y, z)) -> ADD(MUL(x, y), MUL(x, z)) -> MUL(x, ADD(y, z))",
        ),
        (
            ["RELU(ADD(x, y)) -> ADD[fused_activation_function=RELU](x, y)",
             "ADD[fused_activation_function=RELU](x, y) -> RELU(ADD(x, y))"],
            "RELU(ADD(x, y)) -> ADD[fused_activation_function=RELU](x, y) -> RELU(ADD(x, y))",
        ),
        (
            ["MUL(x, c: const) -> DIV(x, 1.0 / c)", "DIV(x, d: const) -> MUL(x, 1.0 / d)"],
            "MUL(x, c) -> DIV(x, c) -> MUL(x, c)",
        ),
        (
            ["SUB(x, y) -> ADD(x, NEG(y))", "ADD(x, NEG(y)) -> SUB(x, y)"],
            "SUB(x, y) -> ADD(x, NEG(y)) -> SUB(x, y)",
        ),
        (
            ["SUB(x, NEG(y)) -> ADD(x, y)", "ADD(x, RELU(y)) -> SUB(x, NEG(RELU(y)))"],
            "SUB(x, NEG(RELU(y))) -> ADD(x, RELU(y)) -> SUB(x, NEG(RELU(y)))",
        ),
        (
            ["RELU(x) where x.rank == 4 -> RELU6(x)", "RELU6(x) where x.rank > 3 -> RELU(x)"],
            "RELU(x) -> RELU6(x) -> RELU(x)",
        ),
    ],
)  # fmt: skip
def test_two_rules_that_undo_each_other_are_named_with_an_example(rules: list[str], example: str) -> None:
    assert circles(*rules) == [f"a and b can undo each other: {example}"]


def test_so_are_three() -> None:
    rules = ["RELU(x) -> RELU6(x)", "RELU6(x) -> TANH(x)", "TANH(x) -> RELU(x)"]
    assert circles(*rules) == ["a, b and c can undo each other: RELU(x) -> RELU6(x) -> TANH(x) -> RELU(x)"]
    assert circles(*reversed(rules)) == ["a, b and c can undo each other: TANH(x) -> RELU(x) -> RELU6(x) -> TANH(x)"]


def test_a_circle_is_warned_of_once_and_not_again_as_a_part_of_longer_ones() -> None:
    rules = ["RELU(x) -> RELU6(x)", "RELU6(x) -> RELU(x)", "RELU6(x) -> TANH(x)", "TANH(x) -> RELU(x)"]
    assert [each.split(" can")[0] for each in circles(*rules)] == ["a and b", "a, c and d"]


@pytest.mark.parametrize(
    "rules",
    [
        ["RELU(x) -> MAXIMUM(x, 0.0)", "MAXIMUM(x, 1.0) -> RELU(x)"],
        ["RELU(x) -> MAXIMUM(x, 0.0)", "MAXIMUM(x, 0.0) -> RELU(x) phase 1"],
        ["RELU(x: f32) -> RELU6(x)", "RELU6(x: i8) -> RELU(x)"],
        ["RELU(x: [_, _]) -> RELU6(x)", "RELU6(x: [_, _, _]) -> RELU(x)"],
        ["RELU(x) where x.rank == 4 -> RELU6(x)", "RELU6(x) where x.rank == 3 -> RELU(x)"],
        ["RELU(x) where x.rank > 3 -> RELU6(x)", "RELU6(x) where x.rank <= 3 -> RELU(x)"],
        ["RELU(x) where x.is_const -> RELU6(x)", "RELU6(x) where not x.is_const -> RELU(x)"],
        ["RELU(x: [_, _]) -> RELU6(x)", "RELU6(x) where x.rank != 2 -> RELU(x)"],
        ["SUB(x, y) -> ADD(x, NEG(y))", "ADD(x, NEG(y)) -> SUB(y, x)"],
        ["RELU(ADD(x, y)) -> MUL(x, y)", "MUL(x, y) -> RELU6(ADD(x, y))"],
        ["ADD(x, 1.0) -> SUB(x, -1.0)", "SUB(x, -1.0) -> ADD(x, 2.0)"],
        [
            "CONV_2D[padding=SAME](x, w, b?) -> DEPTHWISE_CONV_2D[padding=VALID](x, w, b)",
            "DEPTHWISE_CONV_2D[padding=p](x, w, b?) -> CONV_2D[padding=p](x, w, b)",
        ],
        ["RELU(x) -> ABS(x)", "ABS(x) -> x"],
        ["MUL(x, y) -> EXP(ADD(LOG(x), LOG(y)))", "LOG(EXP(x)) -> x"],
    ],
)
def test_rules_that_come_to_an_end_are_not(rules: list[str]) -> None:
    assert circles(*rules) == []


def test_both_directions_of_a_rule_are_a_circle_only_if_both_are_used() -> None:
    rule = "CUSTOM[a](x, y) <-> ADD[pot_scale_int16=true](RELU(x), y)"
    assert circles(f"rule a {rule}") == []
    assert circles(BOTH.format("a") + rule) == [
        "a.forward and a.backward can undo each other: CUSTOM[a](x, y) -> ADD(RELU(x), y) -> CUSTOM[a](x, y)"
    ]


def test_rules_of_several_files_are_one_run() -> None:
    sets = [
        compile_rules("rule one RELU(x) -> RELU6(x)", "one.pat"),
        compile_rules("rule two RELU6(x) -> RELU(x)", "two.pat", pack="mine"),
    ]
    (warning,) = (each for each in findings(sets) if each.code == "W405")
    assert warning.message == "one and mine.two can undo each other: RELU(x) -> RELU6(x) -> RELU(x)"
    assert warning.span.text.name == "two.pat"
    assert warning.hint == "leave out one direction, or give them conditions that exclude each other"


# -- against the driver -----------------------------------------------------------------------------------------------


@st.composite
def _made(draw: DrawFn, names: list[str], depth: int = 2) -> Node | Leaf:
    if depth == 0 or (depth == 1 and draw(st.integers(0, 2)) == 0):
        return Leaf(draw(st.sampled_from(names))) if names and draw(st.integers(0, 5)) else Leaf(number=1.0)
    head = draw(st.sampled_from([*UNARY, *BINARY]))
    return Node((head,), tuple(draw(_made(names, depth - 1)) for _ in range(1 if head in UNARY else 2)))


def _example(text: str, constants: int) -> Model:
    """A model that is an example in words; the bits of `constants` say which of its names are constants."""
    network = Network()
    known: dict[str, Tensor] = {}

    def part(node: Node | Leaf) -> Tensor:
        if isinstance(node, Node):
            operands = [part(each) for each in node.operands]
            shape = np.broadcast_shapes(*(each.shape for each in operands))
            attributes = {"fused_activation_function": node.activation} if node.activation else None
            return network.add(
                node.heads[(constants >> 3) % len(node.heads)],
                operands,
                f"t{len(network.tensors)}",
                shape,
                attributes=attributes,
            )
        if node.number is not None:
            return network.constant(f"c{len(network.tensors)}", node.number)
        name = node.name or f"_{len(network.tensors)}"
        if name not in known:
            constant = node.name == "c" or constants >> len(known) & 1
            known[name] = (
                network.constant(name, 1.0 if constants & 16 else [[1.0, 2.0, 3.0]] * 2)
                if constant
                else network.input(name, (2, 3))
            )
        return known[name]

    root = part(read_example(text))
    return network.build(root)


SEEN: Counter[str] = Counter()


def _rules(data: st.DataObject) -> RuleSet | None:
    """Two rules, the second often the first one backwards."""
    pattern = data.draw(patterns(2, types=["", "", "f32", "[_, _]"]))
    made = data.draw(_made([name for name in pattern.names() if name != "c"]))
    other = data.draw(st.just(made) | patterns(2, types=[""]))
    back = data.draw(st.just(pattern) | _made(["x", "y"]))
    texts = [f"rule a {pattern} -> {made}", f"rule b {other} -> {back}".replace(": f32", "").replace(": [_, _]", "")]
    kept = check.mistakes
    check.mistakes = lambda sides: []
    try:
        return compile_rules("\n".join(texts).replace(": const", ": const"), "u.pat")
    except LanguageError:
        return None
    finally:
        check.mistakes = kept


@settings(max_examples=600, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_the_example_of_a_circle_leads_around(data: st.DataObject) -> None:
    rules = _rules(data)
    if rules is None:
        return
    for warning in (each for each in findings([rules]) if each.code == "W405"):
        SEEN["warned"] += 1
        example = warning.message.split(": ", 1)[1].split(" -> ")[0]
        assert any(_goes_around(rules, _example(example, constants)) for constants in range(32)), (
            f"{rules.rules[0].span.text.text}\n{warning.message}"
        )


def _goes_around(rules: RuleSet, model: Model) -> bool:
    try:
        rewrite(model, rules, max_steps=60)
    except (CycleError, LimitError):
        return True
    return False


def test_enough_circles_were_run() -> None:
    assert SEEN["warned"] > 3
