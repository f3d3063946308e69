"""Custom operators by their reference kernels, and the rest by the interpreter."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.model import read
from rewriter.packs import load
from rewriter.verify import Runtime, RuntimeFailure, kernel_calls
from rewriter.verify.hybrid import Executor
from rewriter.verify.region import Region, region_between
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rewriter.model import Model, Operator
    from rewriter.verify.protocol import Array

X = np.arange(-4, 4, dtype=np.float32).reshape(2, 4)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def model() -> Model:
    """y = Cube(|x|, c) + |x| and z = exp(y): a custom operator between builtin ones, with |x| kept across it."""
    maker = Maker()
    for name in ("x", "a", "k", "y", "z"):
        maker.tensor(name, "f32", (2, 4))
    maker.tensor("c", "f32", (4,), [1, 2, 3, 4])
    maker.operator("ABS", ["x"], ["a"], table="AbsOptions")
    maker.operator("CUSTOM[Cube]", ["a", "", "c"], ["k"], custom=b"\x03")
    maker.operator("ADD", ["k", "a"], ["y"], table="AddOptions")
    maker.operator("EXP", ["y"], ["z"], table="ExpOptions")
    return maker.build(["x"], ["z", "y"])


def cube(operator: Operator, operands: list[Array | None]) -> Sequence[Array]:
    value, absent, scale = operands
    assert value is not None
    assert absent is None
    assert scale is not None
    assert operator.custom_options is not None
    return [value ** operator.custom_options[0] * scale]


CALLS = {"CUSTOM[Cube]": cube}


def expected() -> Array:
    return np.abs(X) ** 3 * np.array([1, 2, 3, 4], np.float32) + np.abs(X)


@pytest.mark.parametrize("kernels", ["reference", "builtin", "default"])
def test_a_model_is_cut_at_its_custom_operators(runtime: Runtime, kernels: str) -> None:
    with Executor(runtime, CALLS).model(model(), kernels, "the model") as execution:  # type: ignore[arg-type]
        outputs = execution.run([X / 4])
    y = np.abs(X / 4) ** 3 * np.array([1, 2, 3, 4], np.float32) + np.abs(X / 4)
    assert not execution.whole
    assert np.allclose(outputs[1], y, rtol=1e-6, atol=0)
    assert np.allclose(outputs[0], np.exp(y), rtol=1e-5, atol=0)


def test_intermediate_values_can_be_asked_for(runtime: Runtime) -> None:
    before = model()
    main = before.subgraphs[0]
    wanted = [operator.outputs[0] for operator in main.operators[:2]]
    region = region_between(before, main, main.inputs, wanted)
    assert region.names == ("ABS", "CUSTOM[Cube]")
    with Executor(runtime, CALLS).region(region, "reference", "a part") as execution:
        a, k = execution.run([X])
    assert np.array_equal(a, np.abs(X))
    assert np.array_equal(k, expected() - a)


def test_a_region_may_begin_behind_the_custom_operator(runtime: Runtime) -> None:
    before = model()
    main = before.subgraphs[0]
    k = main.operators[1].outputs[0]
    region = region_between(before, main, [k, *main.inputs], main.outputs[1:])
    assert region.names == ("ABS", "ADD")
    with Executor(runtime, {}).region(region, "reference", "the rest") as execution:
        assert np.array_equal(execution.run([X, X])[0], X + np.abs(X))


def test_a_region_without_operators_gives_its_inputs_and_constants(runtime: Runtime) -> None:
    before = model()
    x = before.subgraphs[0].inputs[0]
    c = before.subgraphs[0].operators[1].inputs[2]
    assert c is not None
    with Executor(runtime, {}).region(Region(before, (), (x,), (x, c)), "default", "nothing") as execution:
        first, second = execution.run([X])
    assert first is X
    assert second.tolist() == [1, 2, 3, 4]


def test_without_a_kernel_the_runtime_is_asked_and_its_refusal_said(runtime: Runtime) -> None:
    with pytest.raises(RuntimeFailure, match=r"the model: .*unresolved custom op: Cube"):
        Executor(runtime, {}).model(model(), "default", "the model")


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (lambda *_: 1 // 0, "failed: ZeroDivisionError"),
        (lambda *_: [], "gave 0 results, the operator has 1"),
        (lambda _, operands: [operands[0].astype(np.float64)], "gave float64 for 'k', which is f32"),
    ],
)
def test_a_kernel_at_fault_is_named_with_its_operator(
    runtime: Runtime, kernel: Callable[..., Sequence[Array]], words: str
) -> None:
    with (
        Executor(runtime, {"CUSTOM[Cube]": kernel}).model(model(), "reference", "the model") as execution,
        pytest.raises(RuntimeFailure, match=rf"the reference kernel of CUSTOM\[Cube\] at 'k' {words}"),
    ):
        execution.run([X])


def test_a_model_that_stands_in_a_file_is_run_from_there(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large model is not written once more only to be run."""
    maker = Maker()
    maker.tensor("x", "f32", (2, 4))
    maker.tensor("y", "f32", (2, 4))
    maker.operator("ABS", ["x"], ["y"])
    path = tmp_path / "model.tflite"
    path.write_bytes(maker.build(["x"], ["y"]).to_bytes())
    model = read(path.read_bytes())
    assert model.binary is not None
    monkeypatch.setattr(model.binary, "name", str(path))
    monkeypatch.setattr(Runtime, "keep", None)
    with Executor(runtime, {}).model(model, "default", "the model") as execution:
        assert np.array_equal(execution.run([X])[0], np.abs(X))
    assert path.exists()


def test_a_small_model_that_stands_in_no_file_is_run_without_one(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 4))
    maker.tensor("y", "f32", (2, 4))
    maker.operator("ABS", ["x"], ["y"])
    monkeypatch.setattr(Runtime, "keep", None)
    with Executor(runtime, {}).model(maker.build(["x"], ["y"]), "default", "the model") as execution:
        assert np.array_equal(execution.run([X])[0], np.abs(X))


def test_kernels_of_declarations_get_operands_in_logical_order_and_attributes_by_name(runtime: Runtime) -> None:
    """MediaPipe's operator, declared in its pack, against the definition of a transposed convolution by hand."""
    maker = Maker()
    maker.tensor("x", "f32", (1, 2, 2, 1))
    maker.tensor("w", "f32", (1, 2, 2, 1), np.arange(1, 5).reshape(1, 2, 2, 1))
    maker.tensor("b", "f32", (1,), [10])
    maker.tensor("y", "f32", (1, 4, 4, 1))
    maker.operator("CUSTOM[Convolution2DTransposeBias]", ["x", "w", "b"], ["y"], custom=struct.pack("<3i", 1, 2, 2))
    calls = kernel_calls(load("mediapipe").declarations.values())
    x = np.array([[1, 2], [3, 4]], np.float32).reshape(1, 2, 2, 1)
    with Executor(runtime, calls).model(maker.build(["x"], ["y"]), "reference", "the model") as execution:
        (y,) = execution.run([x])
    assert not execution.whole
    assert y[0, :, :, 0].tolist() == (10 + np.kron([[1, 2], [3, 4]], [[1, 2], [3, 4]])).tolist()


def test_options_that_are_too_short_are_the_operators_failure(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "f32", (1, 2, 2, 1))
    maker.tensor("w", "f32", (1, 2, 2, 1), 1)
    maker.tensor("b", "f32", (1,), [10])
    maker.tensor("y", "f32", (1, 4, 4, 1))
    maker.operator("CUSTOM[Convolution2DTransposeBias]", ["x", "w", "b"], ["y"], custom=b"\x01\x00")
    calls = kernel_calls(load("mediapipe").declarations.values())
    with (
        Executor(runtime, calls).model(maker.build(["x"], ["y"]), "reference", "the model") as execution,
        pytest.raises(
            RuntimeFailure, match=r"the reference kernel of CUSTOM\[Convolution2DTransposeBias\] at 'y' failed"
        ),
    ):
        execution.run([np.zeros((1, 2, 2, 1), np.float32)])


def test_a_result_of_another_size_than_recorded_is_taken_on(runtime: Runtime) -> None:
    def longer(_: Operator, operands: list[Array | None]) -> Sequence[Array]:
        assert operands[0] is not None
        return [operands[0][:1]]

    with Executor(runtime, {"CUSTOM[Cube]": longer}).model(model(), "reference", "the model") as execution:
        assert execution.run([X])[1].tolist() == (np.abs(X[:1]) + np.abs(X)).tolist()
