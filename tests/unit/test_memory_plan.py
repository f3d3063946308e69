"""Rules in a model that brings a memory plan, which finds tensors by their numbers."""

from __future__ import annotations

import pytest

from rewriter.driver import Report, rewrite
from rewriter.explain import explain
from rewriter.language.check import compile_rules
from rewriter.model import Metadata, Model, read
from tests.unit.networks import Network, shown

STAY = "the model's memory plan (metadata OfflineMemoryAllocation) finds tensors by their numbers: all of them stay"


def planned() -> Model:
    network = Network()
    x, y = network.input("x"), network.input("y")
    model = network.build(network.add("RELU", [network.add("ADD", [network.add("ABS", [x], "a"), y], "s")], "z"))
    model.metadata.append(Metadata("OfflineMemoryAllocation", model.new_buffer(b"plan")))
    model.modified = True
    return read(model.to_bytes())


def applied(model: Model, text: str) -> Report:
    return rewrite(model, compile_rules(text, "rules.pat"))


@pytest.mark.parametrize(
    "text",
    [
        "ABS(x: f32) -> x",
        "ABS(x: f32) -> NEG(MINIMUM(x, NEG(x)))",
        "ABS(x: f32) -> MAXIMUM(x, NEG(x))",
        "ABS(x: f32) -> MAXIMUM(x, 0.0)",
        "RELU(x: f32) -> RELU6(ABS(x))",
        "ADD[pot_scale_int16=_](x, y) -> SUB(y, NEG(x))",
    ],
)
def test_what_would_move_a_tensor_or_let_it_live_longer_is_no_match(text: str) -> None:
    model = planned()
    before = model.to_bytes()
    report = applied(model, text)
    assert report.applications == []
    assert [miss.reason for miss in report.misses] == [STAY]
    assert model.to_bytes() == before
    model.metadata.clear()
    assert len(applied(model, text).applications) >= 1


def test_why_it_did_not_fire_is_explained() -> None:
    (rule,) = compile_rules("ABS(x: f32) -> MAXIMUM(x, NEG(x))", "rules.pat")
    (attempt,) = explain(planned(), rule).attempts
    assert not attempt.matched
    assert attempt.reason == STAY


@pytest.mark.parametrize(
    "text",
    [
        'a = ADD[custom_options=absent](x, y) -> @a[custom_options=bytes("note")](x, y)',
        "RELU(x: f32) -> RELU6(x)",
        "a = ADD[fused_activation_function=NONE](x, y) -> @a[fused_activation_function=RELU](x, y)",
    ],
)
def test_operators_are_exchanged_where_tensors_stay(text: str) -> None:
    model = planned()
    names = [tensor.name for tensor in model.subgraphs[0].tensors]
    assert len(applied(model, text).applications) == 1
    again = read(model.to_bytes())
    assert [tensor.name for tensor in again.subgraphs[0].tensors] == names
    assert len(shown(again)) == 3
    assert bytes(again.metadata[0].buffer.content(again.file)) == b"plan"
