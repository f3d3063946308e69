"""The decision structure finds what running every rule's own program in order would find."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from rewriter.language.check import compile_rules
from rewriter.language.decision import Decision
from rewriter.language.program import Produced
from rewriter.matcher import Matcher
from rewriter.model import read
from tests.shared import SHARED
from tests.unit.networks import Network

if TYPE_CHECKING:
    from rewriter.language.program import Frame
    from rewriter.language.rules import Rule
    from rewriter.model import Operator

PATTERNS = [
    "ADD(x, y)",
    "ADD(x, x)",
    "ADD(x, 0.0)",
    "ADD(x, 1.0)",
    "ADD(x, 2.0)",
    "ADD(x, c: const)",
    "ADD(x: f32[n, h, w, c], y: [n, h, w, c])",
    "ADD(x: [..., c], y: const f32[c])",
    "ADD(CONV_2D(x, w, b), y)",
    "ADD(CONV_2D(x, w, b?), CONV_2D(y, v, d?))",
    "ADD(DEPTHWISE_CONV_2D(x, w, b), y)",
    "ADD(MUL(x, y), z)",
    "ADD(MUL(x, c: const), d: const)",
    "ADD(RELU(x), y)",
    "ADD(RELU(x), RELU(y))",
    "ADD(a = RELU(x), y) where a.uses == 1",
    "ADD[fused_activation_function=RELU](x, y)",
    "ADD[fused_activation_function=RELU6](x, y)",
    "ADD[fused_activation_function=a](x, y) where a != NONE",
    "ADD[fused_activation_function=a](CONV_2D[fused_activation_function=a](x, w, b), y)",
    "ADD[fused_activation_function=a]@>=2(x, y)",
    "(ADD|SUB)(x, y)",
    "(ADD|SUB|MUL)(x, c: const)",
    "ANY(x)",
    "ANY(RELU(x), y)",
    "CONV_2D[padding=SAME](x, w, b)",
    "CONV_2D[padding=VALID](x, w, b)",
    "CONV_2D[stride_h=1, stride_w=1](x, w, b)",
    "CONV_2D[stride_h=2, stride_w=2](x, w, b)",
    "CONV_2D[stride_h=s, stride_w=s, padding=SAME](x, w: [_, k, k, _], b) where k > 1",
    "CONV_2D[fused_activation_function=RELU](x, w: const, b: const)",
    "CONV_2D(x, DEQUANTIZE(w: const f16), DEQUANTIZE(b: const f16))",
    "CONV_2D(RELU(x), w, b)",
    "CONV_2D(ADD(x, y), w, b)",
    "CONV_2D(PAD(x, p: const), w, b)",
    "RELU(x)",
    "RELU(ADD(x, y))",
    "RELU(ADD(x, CONV_2D(y, w, b)))",
    "RELU(CONV_2D(x, w, b?))",
    "RELU(DEPTHWISE_CONV_2D(x, w, b?))",
    "RELU(x: [_, h, w, _]) where h == w",
    "MUL(x, y)",
    "MUL(x, c: const f32[])",
    "MUL(LOGISTIC(x), x)",
    "LOGISTIC(ANY(..))",
    "RESHAPE(..)",
    "RESHAPE(RESHAPE(..), s)",
    "SOFTMAX(x)",
    "DEQUANTIZE(x: const f16)",
    "QUANTIZE(DEQUANTIZE(x))",
    "TRANSPOSE_CONV(x, w, b)",
]


def rules_of(patterns: list[str]) -> tuple[Rule, ...]:
    return compile_rules("\n".join(f"{text} -> CUSTOM[R{n}]()" for n, text in enumerate(patterns)), "d.pat").rules


def one_by_one(rules: tuple[Rule, ...], operator: Operator, without: set[int]) -> tuple[int, list[object]] | None:
    for order, rule in enumerate(rules):
        if order in without or (rule.program.heads is not None and operator.name not in rule.program.heads):
            continue
        frame = rule.program.run(operator)
        if frame is not None:
            return order, frame
    return None


def agree(rules: tuple[Rule, ...], operator: Operator, depth: int = 4) -> int:
    """How many rules were found, each being left out in turn once it was."""
    chosen = [(n, rule.program) for n, rule in enumerate(rules)]
    chosen = [(n, program) for n, program in chosen if program.heads is None or operator.name in program.heads]
    decision = Decision(chosen)
    without: set[int] = set()
    for found in range(depth):
        wanted = one_by_one(rules, operator, without)
        got = decision.search(operator, without)
        assert (got is None) == (wanted is None), operator
        if got is None or wanted is None:
            return found
        assert got[0] == wanted[0]
        assert got[1] == wanted[1]
        without.add(got[0])
    return depth


MODELS = [
    "mediapipe/selfie_segmentation.tflite",
    "mediapipe/hair_segmentation.tflite",
    "mediapipe/face_landmark.tflite",
    "mediapipe/palm_detection_full.tflite",
    "coral/deeplabv3_mnv2_pascal_quant.tflite",
]


@pytest.mark.parametrize("name", MODELS)
def test_on_real_models_it_finds_the_rules_in_their_order_with_their_frames(name: str) -> None:
    path = SHARED / "models" / name
    if not path.exists():
        pytest.skip("the shared models are not at hand")
    generator = random.Random(name)
    rules = rules_of(generator.sample(PATTERNS, len(PATTERNS)))
    assert sum(agree(rules, operator) for operator in read(path).operators()) > 20


def test_both_orders_of_two_commutative_operators_are_tried() -> None:
    network = Network()
    x, y, z = network.input(), network.input("y"), network.input("z")
    product = network.add("MUL", [y, x], "product")
    model = network.build(network.add("ADD", [z, product]))
    rules = rules_of(['ADD(MUL(a, b), c) where a.name == "x"', 'ADD(MUL(a, b), c) where a.name == "y"'])
    (_, operator) = model.subgraphs[0].operators
    assert agree(rules, operator) == 2


def test_a_type_of_an_optional_operand_says_nothing_where_that_is_absent() -> None:
    network = Network()
    x, w = network.input("x", (1, 4)), network.constant("w", [[1.0] * 4] * 3)
    model = network.build(network.add("FULLY_CONNECTED", [x, w], "y", (1, 3)))
    rules = rules_of([f"FULLY_CONNECTED(x, w, b?: [{size}])" for size in (3, 4, 5)])
    (operator,) = model.subgraphs[0].operators
    assert agree(rules, operator) == 3


def test_numbers_of_attributes_are_looked_up_in_the_precision_of_the_file() -> None:
    network = Network()
    x = network.input()
    results = [
        network.add("LEAKY_RELU", [x], f"y{place}", attributes={"alpha": alpha})
        for place, alpha in enumerate((0.1, 0.2, 0.5, 1.0))
    ]
    rules = rules_of([f"LEAKY_RELU[alpha={alpha}](x)" for alpha in (0.1, 0.2, 0.5, 1)])
    operators = network.build(*results).subgraphs[0].operators
    assert [agree(rules, operator) for operator in operators] == [1, 1, 1, 1]


def test_rules_that_differ_in_what_made_an_operand_share_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = 0
    run = Produced.run

    def counted(step: Produced, frame: Frame) -> bool:
        nonlocal tests
        tests += 1
        return run(step, frame)

    monkeypatch.setattr(Produced, "run", counted)
    rules = rules_of([f"ADD(CUSTOM[Op{n}](x), y)" for n in range(500)])
    network = Network()
    x, y = network.input(), network.input("y")
    made = network.add("CUSTOM[Op377]", [x], "made")
    model = network.build(network.add("ADD", [made, y]))
    found = Matcher(rules).match(model.subgraphs[0].operators[-1])
    assert found is not None
    assert found[0] is rules[377]
    assert tests == 1
