"""What is inferred of an operator's results is what the runtime makes of them; what is refused, it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rewriter.dialect.dialect import builtin_declarations
from rewriter.verify.runtime import Runtime
from tests.dialect import convolution_cases, elementwise_cases, movement_cases, recurrent_cases, reduction_cases
from tests.dialect.one_operator import Case, Operand, RuntimeFailure, agrees, opened, weaker

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = {
    **elementwise_cases.CASES,
    **convolution_cases.CASES,
    **movement_cases.CASES,
    **reduction_cases.CASES,
    **recurrent_cases.CASES,
}

UNCHECKED = {
    "ATAN2": "the kernel compares numbers of dimensions, not sizes, and reads past the end",
    "BIDIRECTIONAL_SEQUENCE_RNN": "the kernel does not look at the recurrent weights' dimensions",
    "DILATE": "the kernel takes the first of many padding values",
    "FULLY_CONNECTED": "the kernel gives no rows where the elements do not fill one",
    "MATRIX_SET_DIAG": "the kernel does not look at the diagonal's dimensions",
    "REDUCE_WINDOW": "the kernel does not compare numbers of dimensions; it hangs, or reads past the end",
    "LSTM": "the kernel does not look at how many dimensions the recurrent weights have, and reads past the end",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "as for LSTM",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "as for LSTM",
    "SELECT": "the kernel reads the first size of a scalar",
    "SVDF": "the kernel does not look at the input's further dimensions",
    "RNN": "the kernel counts the bias's elements, and does not look at the recurrent weights' dimensions",
    "STABLEHLO_PAD": "the kernel does not compare numbers of dimensions, and reads past the end",
    "STABLEHLO_REDUCE_WINDOW": "the kernel does not compare numbers of dimensions, and reads past the end",
    "STABLEHLO_SHIFT_LEFT": "the kernel does not compare shapes",
    "STRIDED_SLICE": "the kernel takes entries that are too many for none, and with `offset` reads past their end",
}
"""Operators whose kernels take what they should refuse, and how."""

NO_KERNEL = [
    "STABLEHLO_ABS",
    "STABLEHLO_CBRT",
    "STABLEHLO_CLAMP",
    "STABLEHLO_COMPARE",
    "STABLEHLO_CONCATENATE",
    "STABLEHLO_CONVOLUTION",
    "STABLEHLO_COSINE",
    "STABLEHLO_DIVIDE",
    "STABLEHLO_DOT_GENERAL",
    "STABLEHLO_DYNAMIC_SLICE",
    "STABLEHLO_DYNAMIC_UPDATE_SLICE",
    "STABLEHLO_EXPONENTIAL",
    "STABLEHLO_FLOOR",
    "STABLEHLO_LOG",
    "STABLEHLO_LOGISTIC",
    "STABLEHLO_NEGATE",
    "STABLEHLO_OR",
    "STABLEHLO_POWER",
    "STABLEHLO_REDUCE",
    "STABLEHLO_REMAINDER",
    "STABLEHLO_RSQRT",
    "STABLEHLO_SELECT",
    "STABLEHLO_SLICE",
    "STABLEHLO_SORT",
    "STABLEHLO_SUBTRACT",
    "STABLEHLO_TANH",
    "STABLEHLO_TRANSPOSE",
]
"""Operators for which the runtime registers no kernel; a test asks it."""

NOT_ALONE = {
    "ASSIGN_VARIABLE": "it has no results",
    "CALL_ONCE": "it has no results",
    "DENSIFY": "it takes a constant in a sparse format, of which the models of tests/corpus have some",
    "HASHTABLE": "its result is a handle, which cannot be read out",
    "HASHTABLE_FIND": "it takes a handle, which no input can be",
    "HASHTABLE_IMPORT": "it has no results",
    "HASHTABLE_SIZE": "it takes a handle, which no input can be",
    "VAR_HANDLE": "its result is a handle, which cannot be read out; the models of tests/corpus have some",
}
"""Operators with inference that a model of one operator cannot show, and why."""

NOTHING_TO_SPOIL = {
    "STABLEHLO_RNG_BIT_GENERATOR",
    "RANDOM_STANDARD_NORMAL",
    "RANDOM_UNIFORM",
    "RANGE",
    "BROADCAST_ARGS",
}
"""Operators all of whose operands are sizes and the like."""


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as made:
        yield made


@pytest.mark.parametrize("name", sorted(CASES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_results_are_what_the_runtime_makes(name: str, runtime: Runtime, data: st.DataObject) -> None:
    case = data.draw(CASES[name])
    try:
        inferred = case.infer()
    except ValueError:
        with pytest.raises(RuntimeFailure):
            case.run(runtime, ())
        return
    try:
        found = case.run(runtime, inferred)
    except RuntimeFailure as failure:
        if "Invalid tensor size" in failure.reason:
            # The interface cannot read a result without elements out.
            assert any(0 in each.shape for each in case.known().infer() if each is not None)
            return
        # What only a run tells cannot be refused before; with all values known it has to be.
        with pytest.raises(ValueError, match=r"\S"):
            case.known().infer()
        return
    assert len(found) == len(inferred)
    for one, other in zip(inferred, found, strict=True):
        assert agrees(one, other), f"inferred {one}, the runtime makes {other.dtype}{list(other.shape)}"


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data(), choices=st.lists(st.booleans(), min_size=5, max_size=40))
def test_what_is_not_known_is_not_guessed(name: str, data: st.DataObject, choices: list[bool]) -> None:
    case = data.draw(CASES[name])
    try:
        whole = case.infer()
    except ValueError:
        return
    partly = case.infer(opened(case, choices))
    assert len(partly) == len(whole)
    assert all(map(weaker, whole, partly)), f"{whole} with less knowledge is {partly}"


def test_every_operator_with_inference_is_held_to_the_runtime_or_it_is_said_why_not() -> None:
    inferred = {name for name, each in builtin_declarations().items() if each.shape is not None}
    tables = [set(CASES), set(NO_KERNEL), set(NOT_ALONE)]
    assert inferred == set().union(*tables)
    assert sum(map(len, tables)) == len(inferred)
    assert len(inferred) >= 150


@pytest.mark.parametrize("name", NO_KERNEL)
def test_the_runtime_has_no_kernel(name: str, runtime: Runtime) -> None:
    declaration = builtin_declarations()[name]
    operands = () if not declaration.operands else (Operand("f32", (2, 3)),) * 2
    with pytest.raises(RuntimeFailure, match="Didn't find op for builtin opcode"):
        Case(name, operands[: len(declaration.operands or ())]).run(runtime, ())


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> Case:
    """A case of which one operand has another shape than it should, or another type."""
    case = draw(CASES[name])
    places = [place for place, each in enumerate(case.operands) if each is not None and each.values is None]
    assume(places)
    place = draw(st.sampled_from(places))
    operand = case.operands[place]
    assert operand is not None
    shape = list(operand.shape)
    at = draw(st.integers(0, max(len(shape) - 1, 0)))
    match draw(st.sampled_from(["longer", "shorter", "larger"])):
        case "shorter" if shape:
            del shape[at]
        case "larger" if shape:
            shape[at] += 1
        case _:
            shape.insert(at, 2)
    operands = list(case.operands)
    operands[place] = evolve(operand, shape=tuple(shape))
    return evolve(case, operands=tuple(operands))


@pytest.mark.parametrize("name", sorted(CASES.keys() - UNCHECKED.keys() - NOTHING_TO_SPOIL))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_what_is_refused_the_runtime_refuses(name: str, runtime: Runtime, data: st.DataObject) -> None:
    case = data.draw(spoilt(name))
    try:
        inferred = case.known().infer()
    except ValueError:
        with pytest.raises(RuntimeFailure):
            case.run(runtime, ())
        return
    try:
        found = case.run(runtime, inferred)
    except RuntimeFailure:
        return
    assert all(map(agrees, inferred, found)), f"{inferred}, the runtime makes {[each.shape for each in found]}"
