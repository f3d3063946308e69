"""Rules that change the interface: an input or output gets another type or shape, or goes, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter import packs, run, selection
from rewriter.dialect.options import flexbuffer
from rewriter.driver import rewrite
from rewriter.errors import CheckError, RewriterError
from rewriter.language.check import compile_rules
from rewriter.model import Signature, read
from rewriter.testing import check_rules
from tests.unit.networks import Network, apply_rules, shown

if TYPE_CHECKING:
    from rewriter.model import Model, Tensor
    from rewriter.verify import CheckResult

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


# Outputs that are dropped

LARGEST = "rule cut (v, i) = TOPK_V2(x, _: const) -> v = x; i = absent changes interface"


def largest(network: Network, x: Tensor, count: int, name: str) -> list[Tensor]:
    """The results of a TOPK_V2."""
    results = [network.tensor(f"{name}_values", (1, count)), network.tensor(f"{name}_places", (1, count), "i32")]
    network.add("TOPK_V2", [x, network.constant(f"{name}_count", count, "i32")], results)
    return results


def ranked(*, places_are_read: bool = False, places_are_output: bool = True) -> Model:
    """x -> ABS -> TOPK_V2, and another output behind those of interest."""
    network = Network()
    x = network.input("x", (1, 6))
    values, places = largest(network, network.add("ABS", [x], "size"), 3, "top")
    other = network.add("NEG", [places if places_are_read else x], "other")
    return network.build(other, *([places] if places_are_output else []), values)


def test_an_output_that_is_dropped_leaves_the_others_in_their_order() -> None:
    model = ranked()
    apply_rules(model, LARGEST)
    assert shown(model) == ["top_values = ABS(x)", "other = NEG(x)"]
    assert described(model.subgraphs[0].outputs) == [("other", "f32", ()), ("top_values", "f32", ())]
    assert [each.shape for each in model.subgraphs[0].outputs] == [(1, 6), (1, 6)]


def test_signatures_lose_the_names_of_what_is_dropped_also_in_the_file() -> None:
    model = ranked()
    (subgraph,) = model.subgraphs
    names = [(each.name.upper(), each) for each in subgraph.outputs]
    model.signatures.append(Signature("serving_default", subgraph, [("in", subgraph.inputs[0])], names))
    model.modified = True
    model = read(model.to_bytes())
    rewrite(model, compile_rules(LARGEST, "i.pat"))
    for each in (model, read(model.to_bytes())):
        (signature,) = each.signatures
        assert [name for name, _ in signature.outputs] == ["OTHER", "TOP_VALUES"]
        assert [tensor.name for _, tensor in signature.outputs] == ["other", "top_values"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (ranked(places_are_read=True), "'top_places' cannot be dropped: something reads it"),
        (ranked(places_are_output=False), "'top_places' cannot be dropped: it is no output of the model"),
    ],
)
def test_what_is_no_output_alone_is_not_dropped(model: Model, reason: str) -> None:
    (miss,) = apply_rules(model, LARGEST).misses
    assert miss.reason == reason


def test_nothing_is_cut_off_that_reads_what_becomes_no_output() -> None:
    network = Network()
    x, n = network.input("x", (1, 6)), network.input("n", (), "i32")
    results = [network.tensor("values", (1, 3)), network.tensor("places", (1, 3), "i32")]
    network.add("TOPK_V2", [network.add("ABS", [x], "size"), n], results)
    (miss,) = apply_rules(network.build(*results), LARGEST.replace("_: const", "_")).misses
    assert miss.reason == "what is cut off reads 'n', which becomes no output"


def checked(model: Model, *texts: str) -> CheckResult:
    rules = compile_rules("\n".join(texts), "i.pat")
    report = run.apply(model, rules=[rules], allow=["interface"], only=[rule.name for rule in rules]).report
    assert report.check is not None
    return report.check


def test_the_check_applies_what_was_cut_off_to_the_new_outputs() -> None:
    found = checked(ranked(), LARGEST)
    assert found.status == "passed"
    assert {each.name for each in found.outputs if each.varied} == {"other", "top_places", "top_values"}


def test_an_output_that_is_cut_back_twice_is_brought_back_twice() -> None:
    network = Network()
    size = network.add("ABS", [network.input("x", (1, 6))], "size")
    four = largest(network, size, 4, "four")
    two = largest(network, four[0], 2, "two")
    model = network.build(two[1], four[1], two[0])
    found = checked(model, LARGEST)
    assert found.status == "passed"
    assert {each.name for each in found.outputs} == {"two_places", "four_places", "two_values"}


def test_an_output_that_changes_its_type_afterwards_is_brought_back_first() -> None:
    network = Network()
    x = network.input("x", (1, 6), "i8", scale=0.1)
    stored = network.add("RELU", [x], network.tensor("stored", (1, 6), "i8", scale=0.1))
    real = network.add("DEQUANTIZE", [stored], "real", (1, 6), "f32", version=2)
    model = network.build(*largest(network, real, 3, "top"))
    found = checked(model, LARGEST, STRIP_OUTPUT)
    assert found.status == "passed"


def test_a_new_output_that_is_something_else_is_found_and_who_is_to_blame() -> None:
    # The search for it makes the run again: by then the second rule has given the tensor another name.
    with pytest.raises(
        CheckError, match=r"wrong at 'top_values' \(application 1 of 2\) is to blame.*differ from it on"
    ):
        checked(ranked(), "rule wrong ABS(x) -> NEG(x) equal exact", LARGEST)


def test_rules_that_drop_outputs_pass_their_property_tests() -> None:
    (verdict,) = check_rules(compile_rules(LARGEST, "i.pat"), profile="quick")
    assert verdict.status == "passed"


# Shapes that the file does not record


def test_a_root_whose_shape_is_not_recorded_takes_what_its_operator_computes() -> None:
    network = Network()
    b, s = network.input("b", (1, 5, 4)), network.input("s", (1, 5, 2))
    anchors = network.constant("anchors", np.ones((5, 4)))
    options = dict.fromkeys(("max_classes_per_detection", "detections_per_class", "num_classes"), 1)
    scales = {f"{each}_scale": 1.0 for each in "yxhw"}
    custom = flexbuffer(options | scales | {"max_detections": 3, "nms_score_threshold": 0.1, "nms_iou_threshold": 0.5})
    results = [network.tensor(name, ()) for name in ("boxes", "classes", "scores", "count")]
    network.add("CUSTOM[TFLite_Detection_PostProcess]", [b, s, anchors], results, custom=custom)
    model = network.build(*results)
    rules = [rule for rule in packs.load("detection") if rule.name == "lower"]
    assert len(rewrite(model, rules).applications) == 1
    assert [each.shape for each in model.subgraphs[0].outputs] == [(), (), (), ()]


# Inputs that come in another type


FLOAT_INPUT = """
rule r y = RELU(x: i8) where x.is_input
  -> RELU(QUANTIZE(x: like x[dtype="f32"]): like x): like y changes interface
"""
OTHER_BYTES = """
rule r y = RELU(x: i8) where x.is_input
  -> RELU(QUANTIZE(x: like x[dtype="u8", zero_point=x.zero_point + 128]): like x): like y changes interface
"""


def stepped(*, read_twice: bool = False) -> Model:
    """x -> RELU -> y, all in steps, with a signature."""
    network = Network()
    x = network.input("x", (1, 4), "i8", scale=0.1, zero=3)
    outputs = [network.add("RELU", [x], network.tensor("y", (1, 4), "i8", scale=0.1, zero=3), version=2)]
    if read_twice:
        outputs.append(network.add("DEQUANTIZE", [x], "n", dtype="f32", version=2))
    model = network.build(*outputs)
    model.signatures = [Signature("s", model.subgraphs[0], [("in", x)], [("out", outputs[0])])]
    model.signatures[0].inputs = [("in", model.subgraphs[0].inputs[0])]
    model.signatures[0].outputs = [("out", model.subgraphs[0].outputs[0])]
    return model


@pytest.mark.parametrize(("text", "kind"), [(FLOAT_INPUT, ("f32", None)), (OTHER_BYTES, ("u8", (131,)))])
def test_an_input_comes_in_another_type_and_signatures_follow(
    text: str, kind: tuple[str, tuple[int, ...] | None]
) -> None:
    model = stepped()
    apply_rules(model, text)
    (x,) = model.subgraphs[0].inputs
    assert shown(model) == ["y/1 = QUANTIZE(x)", "y = RELU(y/1)"]
    assert (x.dtype, x.quantization and x.quantization.zero_point) == kind
    assert model.signatures[0].inputs == [("in", x)]


def test_an_input_that_something_else_reads_comes_in_no_other_type() -> None:
    model = stepped(read_twice=True)
    report = apply_rules(model, FLOAT_INPUT)
    assert report.applications == []
    assert [each.reason for each in report.misses] == [
        "the type of the input 'x' cannot change: something else uses it"
    ]


@pytest.mark.parametrize("text", [FLOAT_INPUT, OTHER_BYTES])
def test_an_input_of_another_type_passes_the_check_and_the_property_tests(text: str) -> None:
    assert checked(stepped(), text).status == "passed"
    (verdict,) = check_rules(compile_rules(text, "i.pat"), profile="quick")
    assert verdict.status == "passed"


def test_a_zero_point_that_the_type_cannot_hold_is_no_match() -> None:
    model = stepped()
    report = apply_rules(model, OTHER_BYTES.replace("+ 128", "- 128"))
    assert report.applications == []
    assert "zero point" in report.misses[0].reason


def test_rules_are_named_by_what_their_names_begin_with() -> None:
    named = [rule.name for rule in selection.gather(["quant"], only=["quant.float16*"])]
    assert named
    assert all(name.startswith("float16") for name in named)
    with pytest.raises(RewriterError, match=r"there is no rule 'float17\*' here"):
        selection.gather(["quant"], only=["float17*"])
