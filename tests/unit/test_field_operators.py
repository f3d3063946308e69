"""What exact arithmetic says of an operator is what the runtime computes, wherever the runtime rounds nothing."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rewriter.proof.field import NoReference, evaluate, refusal
from rewriter.proof.field.arithmetic import residues
from rewriter.proof.field.evaluate import REFERENCES
from rewriter.verify.runtime import Runtime
from tests.dialect import convolution_cases, elementwise_cases, movement_cases, reduction_cases
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn, SearchStrategy

CASES: dict[str, SearchStrategy[Case]] = {
    name: strategy
    for cases in (elementwise_cases, convolution_cases, movement_cases, reduction_cases)
    for name, strategy in cases.CASES.items()
    if name in REFERENCES
}
FLOATS = ("f16", "f32", "f64")
# Operators all of whose operands are data, though some cases fix the values of one.
DATA = ("ADD", "SUB", "MUL", "SQUARED_DIFFERENCE")
# All sums over 3 or less of what is counted are multiples of these, so that their means are whole numbers.
MULTIPLES = {"AVERAGE_POOL_2D": 2**4 * 3**2, "MEAN": 2**8 * 3**4}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as made:
        yield made


@st.composite
def cases(draw: DrawFn, name: str) -> Case:
    """A case with small whole numbers as data, in a type that has an exact reference."""
    case = draw(CASES[name])
    if name == "CAST":
        assume({"INT8", "UINT8", "BOOL"}.isdisjoint(case.attributes.values()))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    operands = [each and _filled(name, each, place, rng) for place, each in enumerate(case.operands)]
    return evolve(case, operands=tuple(operands))


def _filled(name: str, operand: Operand, place: int, rng: np.random.Generator) -> Operand:
    if name == "DIV" and place == 1:
        return evolve(operand, values=rng.choice([1.0, 2.0, -4.0, 0.5], operand.shape), constant=False)
    if operand.values is not None and name not in DATA:
        return operand
    dtype = operand.dtype
    if name == "DEQUANTIZE":
        dtype = "f16"
    elif name == "MEAN" or dtype in ("i8", "bool"):
        dtype = "f32"
    most = 3 if name == "REDUCE_PROD" else 9
    values = rng.integers(-most, most + 1, operand.shape) * MULTIPLES.get(name, 1)
    constant = operand.constant and operand.values is None
    return evolve(operand, dtype=dtype, values=values, constant=constant, scale=None)


def known(name: str, case: Case) -> Case:
    """The case with all that says how in the file; what is data stays an input."""
    if name in DATA or name == "DIV":
        return case
    original = [
        each if each is None or each.dtype in FLOATS else evolve(each, constant=each.constant or _says_how(name, place))
        for place, each in enumerate(case.operands)
    ]
    return evolve(case, operands=tuple(original))


def _says_how(name: str, place: int) -> bool:
    how: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("RESHAPE", "EXPAND_DIMS", "TRANSPOSE", "GATHER", "GATHER_ND", "PAD", "PADV2"), (1,)),
        **dict.fromkeys(("MIRROR_PAD", "TILE", "BROADCAST_TO", "REVERSE_V2", "SUM", "MEAN", "CUMSUM"), (1,)),
        **dict.fromkeys(("SPLIT_V", "SLICE", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"), (1, 2)),
        **dict.fromkeys(("TRANSPOSE_CONV", "CONV_3D_TRANSPOSE"), (3,)),
        "REDUCE_PROD": (1,),
        "STRIDED_SLICE": (1, 2, 3),
        "SPLIT": (0,),
        "FILL": (0,),
        "SCATTER_ND": (0, 2),
        "DYNAMIC_UPDATE_SLICE": (2,),
        "BROADCAST_ARGS": (0, 1),
    }
    return place in how.get(name, ())


def expected(case: Case) -> Any:
    """What the model says of its results; cases that the runtime refuses, or cannot show, are left out."""
    try:
        results = case.infer()
    except ValueError:
        assume(False)
        raise
    assume(all(each is not None and 0 not in each.shape for each in results))
    return results


def test_every_operator_with_a_reference_is_held_to_the_runtime() -> None:
    assert REFERENCES.keys() == CASES.keys()


@pytest.mark.parametrize("name", sorted(REFERENCES))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_results_are_those_of_the_runtime(name: str, runtime: Runtime, data: st.DataObject) -> None:
    case = known(name, data.draw(cases(name)))
    if name == "POW":
        case = case.known()
    if name == "REDUCE_PROD":
        assert case.operands[0] is not None
        assume(prod(case.operands[0].shape) <= 12)
    results = expected(case)
    model = case.model(results)
    if case.attributes.get("in_data_type") == "FLOAT32":
        assert "rounds f32" in (refusal(model) or "")
        return
    assert refusal(model) is None
    found = case.run(runtime, results)
    ours = evaluate(model, [residues(each) for each in case.given])
    assert len(ours) == len(found)
    for one, other in zip(ours, found, strict=True):
        assert one.values.shape == other.shape
        values = np.rint(other) if name in MULTIPLES else other
        np.testing.assert_array_equal(one.values, residues(values))


@pytest.mark.parametrize("name", sorted(name for name in REFERENCES if any(_says_how(name, at) for at in range(4))))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_an_input_that_says_how_is_refused(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    place = data.draw(st.sampled_from([at for at in range(len(case.operands)) if _says_how(name, at)]))
    case = known(name, case)
    assert case.operands[place] is not None
    results = expected(case)
    operands = list(case.operands)
    operands[place] = evolve(operands[place], constant=False)  # pyright: ignore[reportArgumentType]
    model = evolve(case, operands=tuple(operands)).model(results)
    reason = refusal(model)
    assert reason is not None
    assert "is not known before a run" in reason
    with pytest.raises(NoReference):
        evaluate(model, [np.zeros(each.shape, np.int64) for each in model.subgraphs[0].inputs])
