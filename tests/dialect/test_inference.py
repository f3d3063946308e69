"""What is inferred of an operator's results is what the runtime makes of them; what is refused, it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rewriter.verify.runtime import Runtime
from tests.dialect import convolution_cases, elementwise_cases, movement_cases, recurrent_cases, reduction_cases
from tests.dialect.one_operator import Case, RuntimeFailure, agrees, opened, weaker

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = {
    **elementwise_cases.CASES,
    **convolution_cases.CASES,
    **movement_cases.CASES,
    **reduction_cases.CASES,
    **recurrent_cases.CASES,
}

UNCHECKED: dict[str, str] = {}


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


@pytest.mark.parametrize("name", sorted(CASES.keys() - UNCHECKED.keys()))
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
