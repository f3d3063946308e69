"""What rounding alone does to a computation, and how much of a difference it can account for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.verify import Runtime
from rewriter.verify.compare import widest_slack
from rewriter.verify.hybrid import Executor
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.rounding import rounding
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.model import Model
    from rewriter.verify.compare import Slack
    from rewriter.verify.protocol import Array


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def slack_of(runtime: Runtime, model: Model, inputs: Sequence[Array]) -> list[Slack]:
    with Executor(runtime, {}).model(model, "reference", "the model") as execution:
        return rounding(execution, inputs)


@pytest.mark.parametrize("seed", range(5))
def test_rounding_moves_a_convolution_by_little_and_tips_nothing(runtime: Runtime, seed: int) -> None:
    model = conv()
    (slack,) = slack_of(runtime, model, make_inputs([slot(each) for each in model.subgraphs[0].inputs], seed))
    assert 0 < slack.absolute < 5e-5, "a few units of the last place, of results up to 20"
    assert slack.elements == 0


def test_a_maximum_that_rounding_tips_is_counted_and_no_other(runtime: Runtime) -> None:
    """Of 400 rows two have their two largest values one unit apart."""
    maker = Maker()
    maker.tensor("x", "f32", (400, 8))
    maker.tensor("axis", "i32", (), 1)
    maker.tensor("y", "i64", (400,))
    maker.operator("ARG_MAX", ["x", "axis"], ["y"], table="ArgMaxOptions", outputType=4)
    value = np.tile(np.arange(8, dtype=np.float32), (400, 1))
    value[5, 0] = np.nextafter(np.float32(7), np.float32(0))
    value[9, 3] = np.nextafter(np.float32(7), np.float32(0))
    (slack,) = slack_of(runtime, maker.build(["x"], ["y"]), [value])
    assert slack.absolute == 0
    assert 1 <= slack.elements <= widest_slack(np.zeros(400, np.int64)).elements == 4
    value[[5, 9]] = value[0]
    assert slack_of(runtime, maker.build(["x"], ["y"]), [value])[0].elements == 0


def test_a_step_function_at_its_edge_does_not_widen_the_distance_for_all(runtime: Runtime) -> None:
    """floor(x) where one x of 400 is 3.0: rounding moves that result by 1, and no other at all."""
    maker = Maker()
    maker.tensor("x", "f32", (400,))
    maker.tensor("y", "f32", (400,))
    maker.operator("FLOOR", ["x"], ["y"])
    value = np.full(400, 0.5, np.float32)
    value[7] = 3.0
    (slack,) = slack_of(runtime, maker.build(["x"], ["y"]), [value])
    assert (slack.absolute, slack.elements) == (0.0, 4)


def test_integers_have_no_rounding(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "i32", (400,))
    maker.tensor("y", "i32", (400,))
    maker.operator("ABS", ["x"], ["y"], table="AbsOptions")
    (slack,) = slack_of(runtime, maker.build(["x"], ["y"]), [np.arange(400, dtype=np.int32)])
    assert (slack.absolute, slack.elements) == (0.0, 0)
