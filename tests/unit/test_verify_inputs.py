"""Inputs that models are compared on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.verify.inputs import Slot, make_inputs, slot
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from collections.abc import Callable

DTYPES = [
    "f32",
    "f16",
    "f64",
    "bf16",
    "i4",
    "u4",
    "i8",
    "u8",
    "i16",
    "i32",
    "i64",
    "u32",
    "u64",
    "bool",
    "string",
    "c64",
]


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 20), max_size=4), st.integers(0, 20))
def test_every_type_and_shape_gets_a_value_and_the_same_one_again(dtype: str, shape: list[int], seed: int) -> None:
    (first,) = make_inputs([Slot(tuple(shape), dtype)], seed)
    (again,) = make_inputs([Slot(tuple(shape), dtype)], seed)
    assert first.shape == tuple(shape)
    assert first.tolist() == again.tolist()


@pytest.mark.parametrize("dtype", ["f32", "i8", "u8", "i16", "bool", "string", "i32"])
def test_seeds_differ(dtype: str) -> None:
    values = [make_inputs([Slot((4, 16), dtype)], seed)[0].tolist() for seed in range(6)]
    assert all(values.count(value) == 1 for value in values)


def test_two_inputs_of_one_kind_are_not_the_same() -> None:
    first, second = make_inputs([Slot((8, 8), "f32"), Slot((8, 8), "f32")], 0)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (1, 2)])
@pytest.mark.parametrize("reduce", [np.any, np.all])
def test_many_booleans_are_not_always_both(axes: tuple[int, ...], reduce: Callable[..., object]) -> None:
    values = [make_inputs([Slot((16, 32, 128), "bool")], seed)[0] for seed in range(16)]
    assert len(np.unique([np.asarray(reduce(value, axis=axes)) for value in values])) == 2


@pytest.mark.parametrize("seed", range(4))
def test_quantized_integers_use_most_of_their_range(seed: int) -> None:
    (value,) = make_inputs([Slot((1, 32, 32, 3), "i8", quantized=True)], seed)
    assert value.dtype == np.int8
    assert int(value.max()) - int(value.min()) > 200


def test_some_places_are_given_small_quantized_values_too() -> None:
    """Sums of hundreds of large ones are beyond what a result of eight bits holds, and say nothing."""
    values = [make_inputs([Slot((64, 64), "u8", quantized=True, zero=100)], seed, "place")[0] for seed in range(3)]
    reaches = [max(abs(int(value.min()) - 100), abs(int(value.max()) - 100)) for value in values]
    assert reaches[1] < reaches[2] < reaches[0]
    assert all(np.ptp(value) > 0 for value in values)


def test_some_quantized_inputs_are_positive_throughout() -> None:
    (value,) = make_inputs([Slot((1, 32, 32, 3), "i8", quantized=True, zero=-3)], 4)
    assert int(value.min()) > -3
    assert int(value.max()) > 120


def test_values_for_places_stay_within_ten_and_reach_beyond_six() -> None:
    values = [make_inputs([Slot((64, 64), "f32")], seed, "place")[0] for seed in range(10)]
    assert max(float(value.max()) for value in values) > 6
    assert min(float(value.min()) for value in values) < -6
    assert all(np.abs(value).max() <= 10 for value in values)


def test_special_values_are_all_there() -> None:
    (value,) = make_inputs([Slot((64, 64), "f32")], 0, "special")
    assert np.isnan(value).any()
    assert np.isposinf(value).any()
    assert np.isneginf(value).any()
    assert ((value == 0) & np.signbit(value)).any()
    assert ((np.abs(value) > 0) & (np.abs(value) < np.finfo(np.float32).tiny)).any()


def gather(steps: int) -> Slot:
    """What the index of a table of five rows has to be, behind some operators that keep its values."""
    maker = Maker()
    maker.tensor("table", "f32", (5, 2), 1.0)
    maker.tensor("i", "i32", (3,))
    index = "i"
    for step in range(steps):
        maker.tensor(f"r{step}", "i32", (3,))
        maker.operator("RESHAPE", [index], [f"r{step}"], table="ReshapeOptions", newShape=[3])
        index = f"r{step}"
    maker.tensor("y", "f32", (3, 2))
    maker.operator("GATHER", ["table", index], ["y"], table="GatherOptions", axis=0)
    model = maker.build(["i"], ["y"])
    return slot(model.subgraphs[0].inputs[0])


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_indices_stay_within_the_table_they_index(steps: int) -> None:
    found = gather(steps)
    assert found.limit == 5
    values = [make_inputs([found], seed)[0] for seed in range(20)]
    assert {int(index) for value in values for index in value} == {0, 1, 2, 3, 4}


def test_an_operand_that_says_how_large_a_result_is_gets_that_size() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 3, 4))
    maker.tensor("shape", "i32", (2,))
    maker.tensor("flat", "f32", (6, 4))
    maker.tensor("order", "i32", (2,))
    maker.tensor("y", "f32", (4, 6))
    maker.operator("RESHAPE", ["x", "shape"], ["flat"])
    maker.operator("TRANSPOSE", ["flat", "order"], ["y"])
    model = maker.build(["x", "shape", "order"], ["y"])
    for seed in range(5):
        _, shape, order = make_inputs([slot(tensor) for tensor in model.subgraphs[0].inputs], seed)
        assert (shape.tolist(), order.tolist()) == ([6, 4], [1, 0])


def test_integers_of_unknown_use_are_small_and_not_negative() -> None:
    values = [make_inputs([Slot((100,), "i64")], seed)[0] for seed in range(5)]
    assert min(int(value.min()) for value in values) >= 0
    assert max(int(value.max()) for value in values) < 10
