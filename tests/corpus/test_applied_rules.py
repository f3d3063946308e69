"""Rules on every real model: one place is rewritten and all else is as it was; where none matches, no byte changes."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from rewriter import compile_rules, driver
from rewriter.model import read
from tests.corpus.bindings import differences, unpack, unpack_file

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.model import Model

# Both sides of a rule for each kind of operator; the place is added to the left one.
SIDES = {
    "ADD": ("ADD[fused_activation_function=_](x, y)", "(x, y)"),
    "CONV_2D": ("CONV_2D[fused_activation_function=_](x, w, b?)", "(x, w, b)"),
    "DEPTHWISE_CONV_2D": ("DEPTHWISE_CONV_2D[fused_activation_function=_](x, w, b?)", "(x, w, b)"),
    "FULLY_CONNECTED": ("FULLY_CONNECTED[fused_activation_function=_](x, w, b?)", "(x, w, b)"),
    "LEAKY_RELU": ("LEAKY_RELU(x)", "(x)"),
    "LOGISTIC": ("LOGISTIC(x)", "(x)"),
    "MAXIMUM": ("MAXIMUM(x, y)", "(x, y)"),
    "MINIMUM": ("MINIMUM(x, y)", "(x, y)"),
    "MUL": ("MUL[fused_activation_function=_](x, y)", "(x, y)"),
    "PAD": ("PAD(x, paddings)", "(x, paddings)"),
    "RELU": ("RELU(x)", "(x)"),
    "SOFTMAX": ("SOFTMAX(x)", "(x)"),
    "STRIDED_SLICE": ("STRIDED_SLICE(x, begin, end, strides)", "(x, begin, end, strides)"),
    "SUB": ("SUB[fused_activation_function=_](x, y)", "(x, y)"),
    "TANH": ("TANH(x)", "(x)"),
    "TRANSPOSE": ("TRANSPOSE(x, permutation)", "(x, permutation)"),
}


def place_of(model: Model) -> tuple[int, int, str] | None:
    """The subgraph and number of an operator, and the condition by which a rule tells it from all others."""
    names = [tensor.name for subgraph in model.subgraphs for tensor in subgraph.tensors]
    kinds = model.histogram()
    for subgraph in model.subgraphs:
        for number, operator in enumerate(subgraph.operators):
            if operator.name not in SIDES:
                continue
            name = operator.outputs[0].name
            if kinds[operator.name] == 1:
                return subgraph.index, number, ""
            if names.count(name) == 1 and name.isprintable() and not set('"\\') & set(name):
                return subgraph.index, number, f'where r.name == "{name}"'
    return None


def with_codes_resolved(model: Any) -> Any:
    """Each operator with its code in place of the code's number: codes that nobody uses any more are dropped."""
    codes = [
        (code.deprecatedBuiltinCode, code.builtinCode, code.customCode, code.version) for code in model.operatorCodes
    ]
    for graph in model.subgraphs:
        for operator in graph.operators or ():
            operator.opcodeIndex = codes[operator.opcodeIndex]
    model.operatorCodes = None
    return model


def test_a_rule_that_matches_one_place_changes_that_place_alone(path: Path) -> None:
    model = read(path)
    place = place_of(model)
    if place is None:
        pytest.skip("this model has no operator of the kinds that this test has rules for")
    graph, number, condition = place
    old = model.subgraphs[graph].operators[number]
    left, right = SIDES[old.name]
    report = driver.rewrite(model, compile_rules(f"r = {left} {condition} -> CUSTOM[Renamed]{right}"))
    assert len(report.applications) == 1
    assert (report.operators_before, report.operators_after) == (sum(1 for _ in read(path).operators()),) * 2

    before = with_codes_resolved(copy.deepcopy(unpack_file(path)))
    after = with_codes_resolved(unpack(model.to_bytes()))
    gone, came = (each.subgraphs[graph].operators.pop(number) for each in (before, after))
    assert differences(before, after) == []
    assert came.opcodeIndex == (32, 32, b"Renamed", 1)
    assert list(came.outputs) == list(gone.outputs)
    assert [index for index in came.inputs if index >= 0] == [index for index in gone.inputs if index >= 0]


def test_a_model_that_no_rule_matches_comes_back_byte_for_byte(any_path: Path) -> None:
    model = read(any_path)
    report = driver.rewrite(model, compile_rules("CUSTOM[Nobody](x) -> CUSTOM[Somebody](x)"))
    assert report.applications == []
    assert not model.modified
    assert model.to_bytes() == any_path.read_bytes()
