"""TRANSPOSE_CONV, as the runtime computes it, against Convolution2DTransposeBias, as the pack's kernel computes it.

The models are written by hand here: these tests say what the pack's rules rest on, not how rules are applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from rewriter.patterns.mediapipe import transpose_conv_bias
from rewriter.patterns.mediapipe.shapes import transpose_conv_extent
from tests.rules.models import KERNELS, run
from tests.rules.transpose_conv import AXES, RULE_FIGURE, Case, both_axes, builtin_model, cases, difference

if TYPE_CHECKING:
    from tests.rules.transpose_conv import Floats


def _expected(case: Case) -> Floats:
    return transpose_conv_bias(*case.operands(), **case.attributes)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_both_operators_are_equal_for_every_size_of_either_axis(padding: str, kernels: str) -> None:
    for case in both_axes(padding):
        expected = _expected(case)
        (computed,) = run(builtin_model(case, expected.shape), case.operands()[0], kernels=kernels)
        assert difference(expected, computed) <= RULE_FIGURE, case


@settings(max_examples=30, deadline=None)
@given(case=cases())
def test_both_operators_are_equal_for_sizes_that_differ_per_axis(case: Case) -> None:
    expected = _expected(case)
    for bias in ("operand", "add"):
        model = builtin_model(case, expected.shape, bias=bias)
        for kernels in KERNELS:
            (computed,) = run(model, case.operands()[0], kernels=kernels)
            assert difference(expected, computed) <= RULE_FIGURE, (bias, kernels)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_runtime_accepts_other_output_shapes_so_acceptance_proves_nothing(padding: str) -> None:
    accepted = 0
    for size, kernel, stride in AXES:
        right = transpose_conv_extent(size, kernel, stride, padding).length
        case = Case(1, (size, kernel, stride), (2, 2, 2), 1, 1, padding, seed=0)
        image = case.operands()[0]
        run(builtin_model(case, (1, right, 4, 1)), image)
        # What the runtime checks is that an ordinary convolution leads from the result back to the input.
        back = -(-(size * stride) // stride) if padding == "SAME" else (size * stride - kernel + stride) // stride
        if back == size:
            accepted += run(builtin_model(case, (1, size * stride, 4, 1)), image)[0].shape[1] != right
        else:
            with pytest.raises(RuntimeError):
                run(builtin_model(case, (1, size * stride, 4, 1)), image)
    assert accepted > 0


SQUARE = Case(1, (5, 3, 2), (6, 3, 2), 3, 3, "SAME", seed=7)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    "mutant", ["bias dropped", "rows flipped", "columns flipped", "channels swapped", "axes swapped"]
)
def test_comparison_refutes_a_wrong_rewrite(mutant: str, padding: str, kernels: str) -> None:
    case = Case(1, SQUARE.rows, SQUARE.columns, SQUARE.channels, SQUARE.out_channels, padding, seed=7)
    image, filters, _ = case.operands()
    expected = _expected(case)
    wrong = {
        "bias dropped": filters,
        "rows flipped": filters[:, ::-1],
        "columns flipped": filters[:, :, ::-1],
        "channels swapped": filters.transpose(3, 1, 2, 0),
        "axes swapped": filters.transpose(0, 2, 1, 3),
    }[mutant]
    bias = "absent" if mutant == "bias dropped" else "operand"
    model = builtin_model(case, expected.shape, filters=np.ascontiguousarray(wrong), bias=bias)
    (computed,) = run(model, image, kernels=kernels)
    assert computed.shape == expected.shape
    assert difference(expected, computed) > 1000 * RULE_FIGURE
