"""Targets: what they take of single operators and why not, how they build on each other, and how a graph is cut."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from rewriter.language.check import compile_rules
from rewriter.targets import cut, left_over, predict, study
from tests.unit.networks import Network

if TYPE_CHECKING:
    from rewriter.language.rules import RuleSet
    from rewriter.model import Model, Tensor
    from rewriter.targets import Prediction, Target


def target(text: str) -> Target:
    return compile_rules(text, "targets.pat").targets[-1]


def taken(model: Model, text: str) -> Prediction:
    return predict(model, target(text), lambda _: None)


def reasons(model: Model, text: str) -> list[str]:
    return [each.reason for each in taken(model, text).blocked]


def pool(size: int, dtype: str = "f32", *, padding: str = "VALID") -> Model:
    network = Network()
    x = network.input("x", (1, 33, 33, 4), dtype)
    sizes = {"filter_height": size, "filter_width": size, "stride_h": 1, "stride_w": 1, "padding": padding}
    return network.build(network.add("AVERAGE_POOL_2D", [x], "y", (1, 1, 1, 4), attributes=sizes))


POOL = "target t accepts AVERAGE_POOL_2D"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", None),
        (" where filter_height * filter_width <= 256", "filter_height * filter_width <= 256 (33 * 33 is 1089)"),
        (" where stride_h == 1 and not filter_height > 3", "not filter_height > 3 (filter_height is 33)"),
        (
            " where filter_height < 3 or stride_w == 2",
            "filter_height < 3 or stride_w == 2 (filter_height is 33, stride_w is 1)",
        ),
        ("[padding=SAME]", "padding=SAME (padding is VALID)"),
        ("@>=2", "@>=2 (it is version 1)"),
        ("@<=2(input: f32[_, h, h, 4]) where h == filter_width", None),
        ("(input: f32[_, h, _, _]) where h < 3", "h < 3 (h is 33)"),
        ("(input: i8|u8)", "input: i8|u8 (input is f32[1, 33, 33, 4])"),
        ("(input: [_, _])", "input: [_, _] (input is f32[1, 33, 33, 4])"),
        ("(input: const)", "input: const (input is f32[1, 33, 33, 4])"),
        ("(inputs: f32, outputs: i8)", "outputs: i8 (outputs is f32[1, 1, 1, 4])"),
        (" where input.scale == 1", "input.scale == 1 (the tensor is not quantized)"),
        (' where input.dtype in ["i8", "u8"]', 'input.dtype in ["i8", "u8"] (input.dtype is f32)'),
        (' where subset(inputs.dtype, ["i8"])', 'subset(inputs.dtype, ["i8"]) (inputs.dtype is [f32])'),
        (" where len(constants) == 0, input.scales == 0, output.rank == 4", None),
    ],
)
def test_a_reason_is_the_part_of_the_line_that_fails_with_the_values(line: str, reason: str | None) -> None:
    assert reasons(pool(33), POOL + line) == ([] if reason is None else [reason])


def test_several_lines_are_alternatives_and_the_one_that_came_furthest_is_told() -> None:
    lines = "target t accepts AVERAGE_POOL_2D(input: i8) accepts AVERAGE_POOL_2D(input: f32) where stride_h == 2"
    assert reasons(pool(3), lines) == ["stride_h == 2 (stride_h is 1)"]
    assert reasons(pool(3), lines + " accepts AVERAGE_POOL_2D[padding=VALID]") == []


def test_what_nobody_lists_is_said_to_be_not_taken() -> None:
    assert reasons(pool(3), "target t accepts ADD") == ["t takes no AVERAGE_POOL_2D"]


def test_a_target_takes_what_those_take_that_it_extends_and_asks_what_they_ask() -> None:
    base = "target base requires max(inputs.rank) <= 3 accepts AVERAGE_POOL_2D where stride_h == 2 partitions first "
    assert reasons(pool(3), base + "target t extends base accepts AVERAGE_POOL_2D") == [
        "max(inputs.rank) <= 3 (max(inputs.rank) is 4)"
    ]
    free = base.replace("<= 3", "<= 4")
    assert reasons(pool(3), free + "target t extends base accepts AVERAGE_POOL_2D") == []
    assert reasons(pool(3), free + "target t extends base") == ["stride_h == 2 (stride_h is 1)"]
    assert target(free + "target t extends base").first
    assert not target(free + "target t extends base partitions largest 2").first


def test_a_size_that_is_left_open_is_no_reason_to_take_an_operator() -> None:
    network = Network()
    y = network.add("RELU", [network.input("x", (-1, 4))], "y", (-1, 4))
    assert reasons(network.build(y), "target t accepts RELU where input.shape[0] == 1") == [
        "input.shape[0] == 1 ('==' of a dimension that the model leaves open)"
    ]


def convolution(*, half: bool, reader: bool = False) -> Model:
    """A convolution whose filter is computed from f16 data; `reader` reads it as well."""
    network = Network()
    x = network.input("x", (1, 4, 4, 1))
    w = network.constant("w", [[[[1.0]]]], "f16" if half else "f32")
    filter_ = network.add("DEQUANTIZE", [w], "d", (1, 1, 1, 1), "f32") if half else w
    attributes = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
    outputs = [network.add("CONV_2D", [x, filter_, network.constant("b", [0.0])], "y", attributes=attributes)]
    if reader:
        outputs.append(network.add("NEG", [filter_], "n"))
    return network.build(*outputs)


def test_what_is_unpacked_counts_as_constant_unless_somebody_else_reads_it() -> None:
    text = "target t accepts CONV_2D(filter: const f32) "
    assert reasons(convolution(half=False), text) == []
    assert reasons(convolution(half=True), text) == [
        "t takes no DEQUANTIZE",
        "filter: const f32 (filter is f32[1, 1, 1, 1])",
    ]
    unpacking = text + "unpacks DEQUANTIZE(input: const f16)"
    assert taken(convolution(half=True), unpacking).partitions == (((0, 1),),)
    with_reader = taken(convolution(half=True, reader=True), unpacking)
    assert [each.reason for each in with_reader.blocked] == [
        "its result is read by NEG 2, which t leaves",
        "t takes no NEG",
    ]
    assert with_reader.partitions == (((1,),),)


def test_what_is_unpacked_for_a_whole_model_is_so_only_where_nothing_else_is_left() -> None:
    text = "target t accepts CONV_2D(filter: const f32) unpacks whole DEQUANTIZE(input: const f16) "
    assert taken(convolution(half=True), text).partitions == (((0, 1),),)
    with_reader = convolution(half=True, reader=True)
    assert reasons(with_reader, text) == [
        "t takes no DEQUANTIZE",
        "filter: const f32 (filter is f32[1, 1, 1, 1])",
        "t takes no NEG",
    ]
    assert reasons(with_reader, text + "accepts NEG") == []
    rules = compile_rules("rule negated NEG(x: f32) -> MUL(x, -1.0) equal exact", "rules.pat")
    (found,) = study(with_reader, [target(text + "accepts MUL")], [rules], lambda _: None)
    assert {place: [rule.name for rule in ways[0].rules] for place, ways in found.lifts.items()} == {
        (0, 0): ["negated"],
        (0, 1): ["negated"],
        (0, 2): ["negated"],
    }


def chain(names: str, *, branch: int | None = None) -> Model:
    """Operators one behind the other, `r` a RELU and `n` a NEG; `branch` is one that reads the input."""
    network = Network()
    value = x = network.input("x")
    outputs: list[Tensor] = []
    for place, letter in enumerate(names):
        if place == branch:
            outputs.append(value)
            value = x
        value = network.add("RELU" if letter == "r" else "NEG", [value], f"t{place}")
    return network.build(*outputs, value)


def test_the_largest_partitions_are_kept_and_the_first_of_equal_ones() -> None:
    model = chain("rrnrnrrn")
    text = "target t accepts RELU "
    assert taken(model, text).partitions == (((0, 1), (3,), (5, 6)),)
    one = taken(model, text + "partitions largest 1")
    assert one.partitions == (((0, 1),),)
    assert [each.reason for each in one.blocked if not each.refused] == [
        "t is given the largest partition only, and this one has 1 operator",
        "t is given the largest partition only, and this one has 2 operators",
        "t is given the largest partition only, and this one has 2 operators",
    ]
    assert taken(model, text + "partitions largest 2").partitions == (((0, 1), (5, 6)),)


def test_nothing_behind_the_first_operator_that_is_not_taken_is_given_to_a_target_of_one_piece() -> None:
    found = taken(chain("rrnr"), "target t accepts RELU partitions first")
    assert found.partitions == (((0, 1),),)
    assert [each.reason for each in found.blocked] == [
        "t takes no NEG",
        "it runs after NEG 2, and t takes nothing behind what it leaves",
    ]


def test_an_operator_that_is_not_taken_parts_only_what_depends_on_it() -> None:
    assert taken(chain("rnrr", branch=2), "target t accepts RELU").partitions == (((0, 2, 3),),)


def epochs(model: Model, inside: set[int]) -> list[list[int]]:
    """The runtime's own way: go through all operators again and again, and take what is ready and of the kind."""
    operators = model.subgraphs[0].operators
    known = {tensor for tensor in model.subgraphs[0].tensors if tensor.producer is None}
    left, found = list(range(len(operators))), list[list[int]]()
    while left:
        kind, epoch = left[0] in inside, list[int]()
        while True:
            ready = [at for at in left if (at in inside) == kind and known.issuperset(operators[at].inputs)]
            if not ready:
                break
            epoch.append(ready[0])
            left.remove(ready[0])
            known.update(operators[ready[0]].outputs)
        if kind:
            found.append(sorted(epoch))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_a_graph_is_cut_as_by_going_through_it_again_and_again(seed: int) -> None:
    draw = random.Random(seed)
    network = Network()
    tensors = [network.input("x")]
    for place in range(25):
        tensors.append(network.add("ADD", draw.choices(tensors[-6:], k=2), f"t{place}"))
    model = network.build(tensors[-1])
    subgraph = model.subgraphs[0]
    inside = {at for at in range(25) if draw.random() < 0.6}
    partitions = cut(subgraph, {subgraph.operators[at] for at in inside})
    assert partitions == epochs(model, inside)
    assert {*left_over(subgraph, partitions)} <= {*range(25)} - inside


def test_bodies_are_cut_by_themselves() -> None:
    network, body = Network(), Network()
    y = network.add("WHILE", [network.input("x")], "y", attributes={"cond_subgraph_index": 1, "body_subgraph_index": 1})
    inner = body.add("RELU", [body.input("a")], "b")
    found = taken(network.build(y, others=[(body, [inner])]), "target t accepts RELU")
    assert found.partitions == ((), ((0,),))
    assert [(each.subgraph, each.index, each.reason) for each in found.blocked] == [(0, 0, "t takes no WHILE")]


RULES = """
rule square "A square is a product." SQUARE(x: f32) -> MUL(x, x) equal exact
rule negated "In two steps: first a product." NEG(x: f32) -> MUL(x, -1.0) equal exact
rule product "Then something else." MUL(x: f32, c: const f32) -> SUB(x, x) lossy within 1e-1
rule interface
  y = CEIL(x: f32) where y.is_output
  -> CAST[in_data_type=FLOAT32, out_data_type=INT32](x)
  changes interface
"""


def test_a_rule_lifts_a_block_if_what_it_makes_is_taken_in_the_end() -> None:
    network = Network()
    x = network.input("x")
    network.add("CEIL", [y := network.add("NEG", [network.add("SQUARE", [x], "s")], "n")], "c")
    assert y is not None
    model = network.build(network.operators[-1].outputs[0])
    rules = compile_rules(RULES, "rules.pat")
    (found,) = study(model, [target("target t accepts MUL|CAST")], [rules], lambda _: None)
    lifted = {place: [rule.name for rule in ways[0].rules] for place, ways in found.lifts.items()}
    assert lifted == {(0, 0): ["square"], (0, 1): ["negated"], (0, 2): ["interface"]}
    assert [found.lifts[place][0].allowances for place in sorted(found.lifts)] == [(), (), ("interface",)]
    assert found.after is not None
    (chained,) = study(model, [target("target t accepts SUB")], [rules], lambda _: None)
    assert {place: [rule.name for rule in ways[0].rules] for place, ways in chained.lifts.items()} == {
        (0, 1): ["negated", "product"]
    }
    assert chained.lifts[0, 1][0].allowances == ("lossy",)
    assert len(model.subgraphs[0].operators) == 3


def test_what_rules_of_one_set_make_rules_of_another_take_on() -> None:
    network = Network()
    model = network.build(network.add("NEG", [network.add("CEIL", [network.input("x")], "c")], "n"))
    first = compile_rules("rule one NEG(x: f32) -> SUB(0.0, x)", "one.pat")
    second = compile_rules("rule two SUB[pot_scale_int16=_](a: const, x: f32) -> ADD(a, MUL(x, -1.0))", "two.pat")
    lossy = compile_rules("rule three CEIL(x: f32) -> x lossy within 1.0", "three.pat")

    def lifted(*sets: RuleSet) -> dict[tuple[int, int], list[str]]:
        (found,) = study(model, [target("target t accepts ADD|MUL")], sets, lambda _: None)
        return {place: [rule.name for rule in ways[0].rules] for place, ways in found.lifts.items()}

    assert lifted(first) == lifted(second) == {}
    assert lifted(first, second) == lifted(second, first) == {(0, 1): ["one", "two"]}
    assert lifted(lossy, first, second) == {(0, 0): ["three"], (0, 1): ["one", "two"]}


def test_sets_that_serve_another_target_take_no_part() -> None:
    network = Network()
    model = network.build(network.add("NEG", [network.input("x")], "n"))
    first = compile_rules("rule one NEG(x: f32) -> SUB(0.0, x)", "one.pat")
    text = 'pack p "d"\n  serves {}\nrule two SUB[pot_scale_int16=_](a: const, x: f32) -> ADD(a, MUL(x, -1.0))'
    for serves, places in (("t", [(0, 0)]), ("other", [])):
        second = compile_rules(text.format(serves), "two.pat", pack="p")
        (found,) = study(model, [target("target t accepts ADD|MUL")], [first, second], lambda _: None)
        assert list(found.lifts) == places
