"""What the target of the runtime's default delegate says of one operator is what the runtime does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rewriter.targets import installed_targets, predict
from rewriter.verify import Runtime, RuntimeFailure
from rewriter.verify.delegated import delegated
from tests.dialect.test_inference import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.targets import Target
    from tests.dialect.one_operator import Case


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as found:
        yield found


@pytest.fixture(scope="module")
def xnnpack() -> Target:
    return installed_targets()["xnnpack"]


@given(case=st.sampled_from(sorted(CASES)).flatmap(CASES.__getitem__), constant=st.booleans())
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_the_runtime_takes_the_operators_that_the_target_takes(
    case: Case, constant: bool, runtime: Runtime, xnnpack: Target
) -> None:
    case = case.known() if constant else case
    # Whether the only element of a scalar fills a shape of [-1], the delegate finds out in a way of its own.
    assume(case.name != "RESHAPE" or case.types[0] is None or case.types[0].rank > 0)
    try:
        model = case.model(case.infer())
        real = delegated(runtime, model)
    except (ValueError, RuntimeFailure):
        assume(False)  # what the runtime refuses, it does not cut
        raise
    assert len(predict(model, xnnpack).partitions[0]) == real.partitions
