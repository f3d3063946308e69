"""Rules that change the interface: an input or output gets another type or shape, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter import run
from rewriter.driver import rewrite
from rewriter.language.check import compile_rules
from rewriter.model import Signature
from tests.unit.networks import Network, apply_rules, shown

if TYPE_CHECKING:
    from rewriter.model import Model, Tensor

STRIP_INPUT = "rule r QUANTIZE(x: f32) where x.is_input -> x changes interface"
STRIP_OUTPUT = "rule r y = DEQUANTIZE(x) where y.is_output -> x changes interface"
NARROW = "rule r ARG_MAX[output_type=INT64](x, a) -> ARG_MAX[output_type=INT32](x, a) changes interface"


def quantized(*, read_twice: bool = False, second_output: bool = False) -> Model:
    """x -> QUANTIZE -> RELU -> DEQUANTIZE -> y."""
    network = Network()
    x = network.input("x", (1, 4))
    q = network.add("QUANTIZE", [x], network.tensor("q", (1, 4), "i8", scale=0.1))
    r = network.add("RELU", [q], network.tensor("r", (1, 4), "i8", scale=0.1))
    outputs = [network.add("DEQUANTIZE", [r], "y", (1, 4), "f32")]
    if read_twice:
        outputs.append(network.add("NEG", [x], "n"))
    if second_output:
        outputs.append(network.add("ABS", [outputs[0]], "z"))
    return network.build(*outputs)


def described(tensors: list[Tensor]) -> list[tuple[str, str, tuple[float, ...]]]:
    return [(each.name, each.dtype, each.quantization.scale if each.quantization else ()) for each in tensors]


def test_an_input_takes_the_type_of_the_conversion_that_goes() -> None:
    model = quantized()
    apply_rules(model, STRIP_INPUT)
    assert shown(model) == ["r = RELU(x)", "y = DEQUANTIZE(r)"]
    assert described(model.subgraphs[0].inputs) == [("x", "i8", (np.float32(0.1).item(),))]


def test_an_output_takes_the_type_of_what_the_conversion_read() -> None:
    model = quantized()
    apply_rules(model, STRIP_OUTPUT)
    assert shown(model) == ["q = QUANTIZE(x)", "y = RELU(q)"]
    assert described(model.subgraphs[0].outputs) == [("y", "i8", (np.float32(0.1).item(),))]


def test_both_are_checked_on_values_that_both_types_can_hold() -> None:
    rules = compile_rules(f"{STRIP_INPUT}\n{STRIP_OUTPUT.replace('rule r', 'rule s')}", "i.pat")
    result = run.apply(quantized(), rules=[rules], allow=["interface"])
    assert result.report.rewriting.rules_applied() == {"r": 1, "s": 1}
    assert result.report.check is not None
    assert result.report.check.status == "passed"


def test_they_are_left_out_where_nobody_allows_them() -> None:
    result = run.apply(quantized(), rules=[compile_rules(STRIP_INPUT, "i.pat")])
    assert result.report.not_allowed == ("r",)
    assert not result.report.rewriting.applications


def test_signatures_know_the_new_inputs_and_outputs() -> None:
    model = quantized()
    (subgraph,) = model.subgraphs
    model.signatures.append(
        Signature("serving_default", subgraph, [("in", subgraph.inputs[0])], [("out", subgraph.outputs[0])])
    )
    rewrite(model, compile_rules(f"{STRIP_INPUT}\n{STRIP_OUTPUT.replace('rule r', 'rule s')}", "i.pat"))
    (signature,) = model.signatures
    assert signature.inputs == [("in", subgraph.inputs[0])]
    assert signature.outputs == [("out", subgraph.outputs[0])]
    assert {each.dtype for each in (*subgraph.inputs, *subgraph.outputs)} == {"i8"}


def test_an_input_that_something_else_reads_keeps_its_type() -> None:
    model = quantized(read_twice=True)
    (miss,) = apply_rules(model, STRIP_INPUT).misses
    assert miss.reason == "the type of the input 'x' cannot change: something else uses it"


def test_an_output_that_the_model_reads_keeps_its_type() -> None:
    (miss,) = apply_rules(quantized(second_output=True), STRIP_OUTPUT).misses
    assert miss.reason == "the replacement is i8[1, 4], the root f32[1, 4]"


def argmax() -> Network:
    network = Network()
    network.add(
        "ARG_MAX",
        [network.input("x", (1, 4)), network.constant("axis", 1, "i32")],
        "y",
        (1,),
        "i64",
        attributes={"output_type": "INT64"},
    )
    return network


def test_a_new_root_may_have_another_type() -> None:
    network = argmax()
    model = network.build(network.tensors[-1])
    apply_rules(model, NARROW)
    assert [(each.name, each.dtype) for each in model.subgraphs[0].outputs] == [("y", "i32")]
    assert [each.name for each in model.subgraphs[0].tensors] == ["x", "axis", "y"]


def test_what_a_body_gives_back_never_changes() -> None:
    body, main = argmax(), Network()
    x = main.input("x", (1, 4))
    flag = main.input("flag", (1,), "bool")
    subgraphs = {"then_subgraph_index": 1, "else_subgraph_index": 1}
    y = main.add("IF", [flag, x], "out", (1,), "i64", attributes=subgraphs)
    model = main.build(y, others=[(body, [body.tensors[-1]])])
    assert not apply_rules(model, NARROW).applications
    assert not apply_rules(model, NARROW.replace("changes interface", "")).applications
