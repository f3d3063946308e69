"""A difference is made smaller by its values: one series, and plain numbers where these differ as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.model import read
from rewriter.packs import find_declaration
from rewriter.proof.shrink import smaller
from rewriter.proof.trial import Instance, Trials
from rewriter.verify import Runtime
from tests.unit.proofs import rule_of
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as running:
        yield running


def product(constant: Any, *series: Any) -> Instance:
    """y = x * c, of three numbers each."""
    maker = Maker()
    maker.tensor("x", "f32", (3,))
    maker.tensor("c", "f32", (3,), constant)
    maker.tensor("y", "f32", (3,))
    maker.operator("MUL", ["x", "c"], ["y"], table="MulOptions")
    model = maker.build(["x"], ["y"]).to_bytes()
    return Instance(model, tuple((np.asarray(each, np.float32),) for each in series))


def made_smaller(runtime: Runtime, text: str, instance: Instance) -> Instance:
    trials = Trials(runtime, {}, rule_of(text), find_declaration)
    outcome = trials.run(instance)
    assert outcome.fate == "differs"
    found, after = smaller(trials, instance, outcome)
    assert after.fate == "differs"
    assert trials.run(found).fate == "differs"
    return found


def constant_of(instance: Instance) -> list[float]:
    (data,) = (each.data for each in read(instance.model).subgraphs[0].tensors if each.is_constant)
    assert data is not None
    return np.frombuffer(data, np.float32).tolist()


def test_one_series_and_one_number_that_is_no_plain_one_are_left(runtime: Runtime) -> None:
    start = product([1.7, 2.9, -3.3], [0.3, 5.1, 2.2], [4.4, -1.9, 0.7])
    found = made_smaller(runtime, "rule r MUL(x: f32, c: const f32) -> ADD(x, c)", start)
    assert len(found.series) == 1
    assert np.isin(found.series[0][0], (0, 1)).all()
    assert np.isin(constant_of(found), (0, 1)).all()
    assert [*found.series[0][0], *constant_of(found)].count(1) <= 1


def test_the_series_that_differs_is_the_one_that_is_kept(runtime: Runtime) -> None:
    start = product([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [1.0, -2.5, 3.0])
    found = made_smaller(runtime, "rule r MUL(x: f32, 1.0) -> ABS(x)", start)
    assert len(found.series) == 1
    (value,) = found.series[0]
    assert sum(value < 0) == 1
    assert sum(value == 0) == 2


def test_an_instance_that_is_as_plain_as_can_be_stays(runtime: Runtime) -> None:
    start = product([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    found = made_smaller(runtime, "rule r MUL(x: f32, c: const f32) -> ADD(x, c)", start)
    assert sum(constant_of(found)) == 1
    assert found.series[0][0].tolist() == [0, 0, 0]


def test_inputs_that_say_how_an_operator_works_stay_as_they_are(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 3))
    maker.tensor("p", "i32", (2,))
    for name in ("t", "y"):
        maker.tensor(name, "f32", (3, 2))
    maker.operator("TRANSPOSE", ["x", "p"], ["t"], table="TransposeOptions")
    maker.operator("NEG", ["t"], ["y"])
    values = (np.arange(6, dtype=np.float32).reshape(2, 3), np.asarray([1, 0], np.int32))
    start = Instance(maker.build(["x", "p"], ["y"]).to_bytes(), (values,), fixed=frozenset({1}))
    found = made_smaller(runtime, "rule r NEG(x: f32) -> ABS(x)", start)
    assert found.series[0][1].tolist() == [1, 0]
    assert found.series[0][0].sum() == 1
