"""What the target of the runtime's default delegate says of a model is how the runtime cuts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter import load
from rewriter.targets import installed_targets, left_over, predict
from rewriter.verify import Runtime, RuntimeFailure
from rewriter.verify.delegated import delegated

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.targets import Target

AT_LEAST = 0.97
"""The share of models of which the prediction has to be right."""

OTHERWISE: dict[str, str] = {}
"""Models of which it is not, each with the operators and the cause."""


@pytest.fixture(scope="module")
def xnnpack() -> Target:
    return installed_targets()["xnnpack"]


def test_the_runtime_leaves_the_operators_that_the_target_does_not_take(any_paths: list[Path], xnnpack: Target) -> None:
    prepared, wrong = 0, dict[str, str]()
    with Runtime(threads=1) as runtime:
        for path in any_paths:
            try:
                real = delegated(runtime, path)
            except RuntimeFailure:
                continue  # a model that the runtime cannot prepare is cut in no way
            prepared += 1
            model = load(path)
            partitions = predict(model, xnnpack).partitions[0]
            outside = tuple(left_over(model.subgraphs[0], partitions))
            if (len(partitions), outside) != (real.partitions, real.outside):
                operators = model.subgraphs[0].operators
                differing = [f"{operators[at].name} {at}" for at in sorted({*outside} ^ {*real.outside})]
                shown = ", ".join(differing[:4]) or f"{len(partitions)} partitions, not {real.partitions}"
                wrong[path.name] = shown
    assert wrong.keys() <= OTHERWISE.keys(), wrong
    assert prepared >= len(any_paths) / 2
    assert len(wrong) <= (1 - AT_LEAST) * prepared
