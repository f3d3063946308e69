"""Rules run to a fixed point, in their order, the same way each time, and never for ever."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rewriter.driver import rewrite
from rewriter.errors import CycleError, LimitError
from rewriter.language.check import compile_rules
from rewriter.model import Model, read
from tests.unit.networks import Network, apply_rules, shown

ROOT = Path(__file__).parents[2]


def chain(*names: str) -> Model:
    network = Network()
    tensor = network.input()
    for place, name in enumerate(names):
        tensor = network.add(name, [tensor], f"t{place}")
    return network.build(tensor)


def test_a_run_can_be_made_again_as_far_as_any_application() -> None:
    """Bodies and phases included: what is done first is the same, and what is left half-way is a model all the same."""
    text = "NEG(NEG(x)) -> RELU(x)\nRELU(RELU(x)) -> RELU(x)\nrule late RELU(x) -> MAXIMUM(x, 0.0) phase 2"

    def model() -> Model:
        network = Network()
        first = network.input()
        body = Network()
        inner = body.input("b")
        for place in range(5):
            first = network.add("NEG", [first], f"t{place}")
            inner = body.add("NEG", [inner], f"b{place}")
        return network.build(first, others=[(body, [inner])])

    whole = apply_rules(model(), text).applications
    assert len(whole) > 6
    names = [(each.rule.qualified, each.subgraph, each.root.name) for each in whole]
    for count in range(len(whole) + 2):
        part = apply_rules(model(), text, stop_after=count)
        made = [(each.rule.qualified, each.subgraph, each.root.name) for each in part.applications]
        assert made == names[:count]
        assert part.stop_reason == ("stopped" if count <= len(whole) else "fixed point")


def test_rules_run_until_none_matches() -> None:
    model = chain(*["NEG"] * 9)
    report = apply_rules(model, "NEG(NEG(x)) -> RELU(x)\nRELU(RELU(x)) -> RELU(x)")
    assert report.stop_reason == "fixed point"
    assert report.rules_applied() == {"rules:1": 4, "rules:2": 3}
    assert (report.operators_before, report.operators_after) == (9, 2)
    assert not apply_rules(model, "NEG(NEG(x)) -> RELU(x)\nRELU(RELU(x)) -> RELU(x)").applications


def test_a_rule_that_an_earlier_change_makes_possible_fires_upstream_and_downstream() -> None:
    model = chain("NEG", "ABS", "SQUARE", "EXP")
    apply_rules(model, "SQUARE(x) -> SQRT(x)\nABS(NEG(x)) -> LOG(x)\nEXP(SQRT(LOG(x))) -> TANH(x)")
    assert shown(model) == ["t3 = TANH(x)"]


def test_an_operand_that_lost_its_other_reader_can_be_swallowed() -> None:
    network = Network()
    inner = network.add("NEG", [network.input()], "inner")
    wanted = network.add("ABS", [inner], "wanted")
    other = network.add("ADD", [inner, network.add("SQUARE", [wanted], "s")], "other")
    model = network.build(other)
    apply_rules(model, "ABS(NEG(x)) -> RELU(x)\nADD(x, y) -> RELU(y)")
    assert shown(model) == ["wanted = RELU(x)", "s = SQUARE(wanted)", "other = RELU(s)"]


def test_higher_benefit_first_then_the_order_of_the_text() -> None:
    assert shown_after("NEG(x) -> ABS(x)\nNEG(x) -> RELU(x) benefit 2\nNEG(x) -> EXP(x) benefit 2") == ["t0 = RELU(x)"]
    assert shown_after("NEG(x) -> ABS(x)\nNEG(x) -> RELU(x)") == ["t0 = ABS(x)"]
    assert shown_after("NEG(x) -> ABS(x) benefit -1\nr = ANY(x) where r.op == NEG -> RELU(x)") == ["t0 = RELU(x)"]


def test_phases_run_in_rising_order_each_to_its_end() -> None:
    rules = "NEG(x) -> ABS(x) phase 1\nNEG(x) -> RELU(x)\nRELU(x) -> SQUARE(x) phase 2\nSQUARE(x) -> NEG(x) phase -1"
    assert shown_after(rules) == ["t0 = SQUARE(x)"]


def shown_after(rules: str) -> list[str]:
    model = chain("NEG")
    apply_rules(model, rules)
    return shown(model)


def test_a_miss_carries_its_reason_once_however_often_it_is_tried() -> None:
    model = chain("NEG", "ABS", "NEG")
    report = apply_rules(model, "NEG(x) -> ADD(x, BITCAST(x))\nABS(x) -> RELU(x)")
    assert [(each.rule, each.root, each.reason) for each in report.misses] == [
        ("rules:1", "t0", "BITCAST stands inside the replacement, and its type cannot be inferred"),
        ("rules:1", "t2", "BITCAST stands inside the replacement, and its type cannot be inferred"),
    ]


def test_after_a_miss_the_next_rule_is_tried() -> None:
    assert shown_after("NEG(x) -> ADD(x, BITCAST(x)) benefit 2\nNEG(x) -> ABS(x)") == ["t0 = ABS(x)"]


def test_an_application_says_what_it_did() -> None:
    model = chain("NEG", "ABS")
    (each,) = apply_rules(model, "rule r ABS(NEG(x)) -> RELU(RELU(x))").applications
    assert (each.rule.name, each.subgraph, each.root.name) == ("r", 0, "t1")
    assert [result.name for result in each.results] == ["t1"]
    assert [operator.name for operator in each.before] == ["ABS", "NEG"]
    assert [operator.name for operator in each.after] == ["RELU", "RELU"]
    assert [operator.name for operator in each.removed] == ["NEG", "ABS"]
    assert [operator.name for operator in each.inserted] == ["RELU", "RELU"]


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ("rule a NEG(x) -> ABS(x)\nrule b ABS(x) -> NEG(x)", {"a", "b"}),
        ("rule a NEG(x) -> ABS(x)\nrule b ABS(x) -> EXP(x)\nrule c EXP(x) -> NEG(x)", {"a", "b", "c"}),
        ("rule a ADD(x, y) where x.name != '' -> ADD(y, x)", {"a"}),
        ("rule a RELU(RELU(x)) -> ADD(RELU(x), 0.0)\nrule b ADD(RELU(x), 0.0) -> RELU(RELU(x))", {"a", "b"}),
        ("rule a NEG(x) -> RELU(RELU6(x))\nrule b RELU(RELU6(x)) -> NEG(x)", {"a", "b"}),
        ("rule a SUB(x, y: const) -> ADD(x, y * 1.0)\nrule b ADD(x, y) -> SUB(x, y)", {"a", "b"}),
    ],
)
def test_rules_that_undo_each_other_are_named_with_their_cycle(rules: str, named: set[str]) -> None:
    network = Network()
    x = network.input()
    first = network.add("NEG", [x], "first")
    second = network.add("RELU", [network.add("RELU", [first], "inner")], "second")
    model = network.build(network.add("ADD", [second, network.constant("c", [1.0, 2.0, 3.0])]))
    with pytest.raises(CycleError) as raised:
        rewrite(model, compile_rules(rules, "r.pat"))
    assert set(raised.value.rules) == named
    cycle = [*raised.value.rules, raised.value.rules[0]]
    assert " -> ".join(cycle) in raised.value.message
    assert raised.value.exit_code == 3
    assert raised.value.hint is not None


def test_rules_that_undo_each_other_beside_others_that_make_progress() -> None:
    network = Network()
    x = network.input()
    tensor = network.add("NEG", [x], "n")
    for place in range(50):
        tensor = network.add("SQUARE", [tensor], f"s{place}")
    model = network.build(tensor)
    with pytest.raises(CycleError) as raised:
        rewrite(model, compile_rules("rule a NEG(x) -> ABS(x)\nrule b ABS(x) -> NEG(x)\nSQUARE(x) -> EXP(x)", "r.pat"))
    assert set(raised.value.rules) == {"a", "b"}


@pytest.mark.parametrize(
    "rule",
    [
        "RELU(x) where x.name != '' -> RELU(RELU(x))",
        "RELU(x) where x.name != '' -> ADD(RELU(x), 1.0)",
        "RELU(x) where x.name != '' -> ADD(RELU(x), RELU(x))",
        "ADD(x, c: const) where x.name != '' -> ADD(x, c + 1.0)",
        "RELU(x) where x.name != '' -> RELU(MUL(x, 2.0))",
    ],
)
def test_a_rule_that_feeds_itself_is_stopped_by_the_limit_and_named(rule: str) -> None:
    # The checker refuses those of which it can be sure; of a tensor's name it knows nothing.
    network = Network()
    tensor = network.add("ADD", [network.input(), network.constant("c", 1.0)], "a")
    for place in range(200):
        tensor = network.add("RELU", [tensor], f"t{place}")
    model = network.build(tensor)
    start = time.perf_counter()
    with pytest.raises(
        LimitError, match="the limit of 3010 steps was reached; the rules that fired last: growing"
    ) as raised:
        rewrite(model, compile_rules(f"rule growing {rule}", "r.pat"))
    assert not isinstance(raised.value, CycleError)
    assert time.perf_counter() - start < 20


def test_the_limit_counts_applications_and_none_are_needed_to_find_nothing_to_do() -> None:
    model = chain("NEG", "NEG", "ABS")
    assert len(apply_rules(read(model.to_bytes()), "NEG(x) -> RELU(x)", max_steps=2).applications) == 2
    with pytest.raises(LimitError, match="the limit of 1 steps"):
        rewrite(read(model.to_bytes()), compile_rules("NEG(x) -> RELU(x)", "r.pat"), max_steps=1)
    assert not apply_rules(model, "EXP(x) -> RELU(x)", max_steps=0).applications


MANY = """
rule first ADD(x, c: const) -> SUB(x, c * 2.0)
rule second SUB(RELU(x), c: const) -> MUL(RELU6(x), c + 1.0)
rule third MUL(x, y) -> MAXIMUM(RELU6(x), y)
rule fourth RELU(RELU(x)) -> RELU(x) benefit 3
rule fifth ADD(x, RELU(y)) -> SUB(RELU6(x), y)
"""


def mixture(seed: int) -> Model:
    draw = random.Random(seed)
    network = Network()
    tensors = [network.input()]
    for place in range(30):
        name = draw.choice(["ADD", "RELU", "SUB", "MUL", "RELU"])
        operands = [draw.choice(tensors[-4:])]
        if name != "RELU":
            operands.append(
                network.constant(f"c{place}", [draw.random()] * 3) if draw.random() < 0.7 else draw.choice(tensors)
            )
        tensors.append(network.add(name, operands, f"t{place}", (2, 3)))
    return network.build(tensors[-1], tensors[10])


def test_the_same_bytes_come_out_of_every_run() -> None:
    program = (
        "import hashlib\n"
        "from tests.unit.test_driver import MANY, mixture\n"
        "from rewriter.driver import rewrite\n"
        "from rewriter.language.check import compile_rules\n"
        "model = mixture(3)\n"
        "report = rewrite(model, compile_rules(MANY, 'm.pat'))\n"
        "print(len(report.applications), hashlib.sha256(model.to_bytes()).hexdigest())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "12345")
    }
    (output,) = outputs
    assert int(output.split()[0]) > 10
    model = mixture(3)
    rewrite(model, compile_rules(MANY, "m.pat"))
    assert hashlib.sha256(model.to_bytes()).hexdigest() == output.split()[1]


@pytest.mark.parametrize("seed", range(5))
def test_the_result_does_not_depend_on_how_tensors_are_numbered(seed: int) -> None:
    model, other = mixture(seed), mixture(seed)
    subgraph = other.subgraphs[0]
    random.Random(seed).shuffle(subgraph.tensors)
    for index, tensor in enumerate(subgraph.tensors):
        tensor.index = index
    other.modified = True
    other = read(other.to_bytes())
    assert [tensor.name for tensor in other.subgraphs[0].tensors] != [
        tensor.name for tensor in model.subgraphs[0].tensors
    ]
    for each in (model, other):
        assert rewrite(each, compile_rules(MANY, "m.pat")).applications
    assert shown(model) == shown(other)
