"""The pack's kernels, and one-operator models that it rewrites, against what MediaPipe's own kernels gave."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from attrs import frozen

import rewriter
from rewriter import packs
from rewriter.dialect.declaration import Declaration
from rewriter.model import read
from rewriter.verify import kernel_calls
from tests.rules.models import operators, run

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

COUNTS = {
    "MaxPoolingWithArgmax2D": 24,
    "MaxUnpooling2D": 12,
    "TransformTensorBilinear": 20,
    "TransformLandmarks": 12,
    "Landmarks2TransformMatrix": 20,
}
"""How many cases there are. Those of Convolution2DTransposeBias have tests of their own."""
CASES = [(name, number) for name, count in COUNTS.items() for number in range(count)]

# The largest difference relative to the result's largest magnitude. MediaPipe takes sines and cosines of its C library.
KERNEL = {"Landmarks2TransformMatrix": 4 * 2.0**-23}
# In the builtin operators only the interpolation rounds elsewhere: where a coordinate is large, its last bit is seen.
REWRITTEN = {"Landmarks2TransformMatrix": 4 * 2.0**-23, "TransformTensorBilinear": 4e-6}


@frozen
class Golden:
    """A model of one operator, and what MediaPipe's runtime computed for it."""

    model: bytes
    inputs: list[Floats]
    outputs: list[Floats]


def _golden(folder: Path, name: str, number: int) -> Golden:
    with np.load(folder / name / f"{number:02}.npz") as recorded:
        inputs = [recorded[key] for key in recorded.files if key.startswith("input_")]
        outputs = [recorded[key] for key in recorded.files if key.startswith("output_")]
        return Golden(recorded["model"].tobytes(), inputs, outputs)


def _declaration(name: str) -> Declaration:
    found = packs.find_declaration(name)
    assert found is not None
    return found


def _difference(expected: Floats, computed: Any) -> float:
    assert computed.shape == expected.shape
    assert computed.dtype == expected.dtype
    if computed.tobytes() == expected.tobytes():
        return 0.0
    return float(np.abs(computed - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_declared_kernel_gives_what_mediapipe_gave(name: str, number: int, golden: Path) -> None:
    case = _golden(golden, name, number)
    (operator,) = read(case.model).operators()
    call = kernel_calls([_declaration(name)])[f"CUSTOM[{name}]"]
    results = call(operator, list(case.inputs))
    for expected, computed in zip(case.outputs, results, strict=True):
        assert _difference(expected, computed) <= KERNEL.get(name, 0.0)


def _is_covered(model: bytes) -> bool:
    """Windows that overlap are not: nothing builtin says where their maxima stand."""
    (row,) = operators(model)
    if row.name != "CUSTOM[MaxPoolingWithArgmax2D]":
        return True
    _, stride_w, stride_h, width, height = struct.unpack_from("<5i", row.custom_options)
    return (stride_w, stride_h) == (width, height)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_rewritten_model_passes_the_check_and_gives_what_mediapipe_gave(name: str, number: int, golden: Path) -> None:
    case = _golden(golden, name, number)
    result = rewriter.apply(case.model, packs=["mediapipe"], seeds=2)
    after = result.model.to_bytes()
    if not _is_covered(case.model):
        assert after == case.model
        return
    assert result.report.check is not None
    assert result.report.check.status == "passed"
    assert not any(row.name.startswith("CUSTOM") for row in operators(after))
    for expected, computed in zip(case.outputs, run(after, *case.inputs, kernels="builtin"), strict=True):
        assert _difference(expected, computed) <= REWRITTEN.get(name, 0.0)
