"""Reference kernels as declarations name them, and tensors that runtimes keep in a form of their own."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from rewriter.language.check import declarations_of
from rewriter.model import Operator, OperatorCode, Quantization, Tensor
from rewriter.verify import Runtime, kernel_calls
from rewriter.verify.hybrid import Executor
from rewriter.verify.kernels import is_private_form_seen
from tests.unit.verify_models import Maker

TEXT = """
op CUSTOM[MaxPoolingWithArgmax2D](input: f32) -> (values: f32, indices: f32 private) kernel any.pool
op CUSTOM[MaxUnpooling2D](input: f32, indices: f32 private) -> output: f32 kernel any.unpool
"""
# Padding, strides, filter, activation. MediaPipe's unpooling ignores its padding; XNNPACK takes VALID only.
POOL, UNPOOL = (struct.pack("<6i", padding, 2, 2, 2, 2, 0) for padding in (1, 2))


def pool(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows of 2 by 2, the first maximum as MediaPipe numbers it."""
    batch, height, width, channels = image.shape
    windows = image.reshape(batch, height // 2, 2, width // 2, 2, channels).transpose(0, 1, 3, 2, 4, 5)
    windows = windows.reshape(batch, height // 2, width // 2, 4, channels)
    return windows.max(3), (windows.argmax(3) + np.float32(0.1)).astype(np.float32)


def unpool(values: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The other way: all else is 0."""
    batch, height, width, channels = values.shape
    chosen = indices.astype(int)[:, :, :, None] == np.arange(4)[:, None]
    windows = np.where(chosen, values[:, :, :, None], np.float32(0)).reshape(batch, height, width, 2, 2, channels)
    return windows.transpose(0, 1, 3, 2, 4, 5).reshape(batch, 2 * height, 2 * width, channels)


CALLS = kernel_calls(declarations_of(TEXT, "private.pat", {"any.pool": pool, "any.unpool": unpool}.get).values())


def maker() -> Maker:
    made = Maker()
    for name in ("x", "y"):
        made.tensor(name, "f32", (1, 4, 4, 2))
    for name in ("v", "i", "d"):
        made.tensor(name, "f32", (1, 2, 2, 2))
    return made


def pooled(made: Maker) -> None:
    made.operator("CUSTOM[MaxPoolingWithArgmax2D]", ["x"], ["v", "i"], custom=POOL)


def unpooled(made: Maker) -> None:
    made.operator("CUSTOM[MaxUnpooling2D]", ["v", "i"], ["y"], custom=UNPOOL)


def test_a_pair_keeps_its_form_to_itself() -> None:
    made = maker()
    pooled(made)
    unpooled(made)
    assert not is_private_form_seen(made.build(["x"], ["y"]), CALLS)


@pytest.mark.parametrize(
    ("inputs", "outputs", "operators"),
    [
        (["x"], ["v", "i"], "pool"),
        (["v", "i"], ["y"], "unpool"),
        (["x"], ["y", "i"], "pool unpool"),
        (["x"], ["y", "d"], "pool unpool abs"),
    ],
)
def test_a_form_is_seen_where_anything_else_reads_makes_or_gives_it(
    inputs: list[str], outputs: list[str], operators: str
) -> None:
    made = maker()
    for each in operators.split():
        if each == "abs":
            made.operator("ABS", ["i"], ["d"], table="AbsOptions")
        else:
            {"pool": pooled, "unpool": unpooled}[each](made)
    assert is_private_form_seen(made.build(inputs, outputs), CALLS)


def test_indices_that_a_model_gives_away_are_the_declarations_own() -> None:
    """XNNPACK leaves the bits of integers in this tensor."""
    made = maker()
    pooled(made)
    before = made.build(["x"], ["v", "i"])
    x = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2)
    with Runtime() as runtime:
        with Executor.judging(runtime, CALLS, before).model(before, "default", "the model") as execution:
            assert not execution.whole
            assert np.array_equal(execution.run([x])[1], pool(x)[1])
        with Executor(runtime, CALLS).model(before, "default", "the model") as execution:
            assert execution.whole
            assert not np.array_equal(execution.run([x])[1], pool(x)[1])


def test_what_is_declared_is_known_beside_what_the_runtime_decides() -> None:
    """Of two largest elements XNNPACK takes that of the first column, MediaPipe that of the first row."""
    made = maker()
    pooled(made)
    unpooled(made)
    before = made.build(["x"], ["y"])
    x = np.tile(np.array([[0, 1], [1, 0]], np.float32)[None, :, :, None], (1, 2, 2, 2))
    expected = unpool(*pool(x))
    with Runtime() as runtime, Executor.judging(runtime, CALLS, before).model(before, "default", "it") as execution:
        assert execution.whole
        assert not np.array_equal(execution.run([x])[0], expected)
        meant = execution.meant([x])
        assert meant is not None
        assert np.array_equal(meant[0], expected)


def test_a_pair_of_which_one_was_rewritten_is_left_to_the_runtime() -> None:
    """XNNPACK's unpooling then reads what is no index of its own: only running it shows that."""
    made = maker()
    pooled(made)
    unpooled(made)
    before = made.build(["x"], ["y"])
    half = maker()
    half.operator(
        "MAX_POOL_2D", ["x"], ["v"], table="Pool2DOptions", strideW=2, strideH=2, filterWidth=2, filterHeight=2
    )
    half.operator("ABS", ["d"], ["i"], table="AbsOptions")
    half.operator("CUSTOM[MaxUnpooling2D]", ["v", "i"], ["y"], custom=UNPOOL)
    after = half.build(["x", "d"], ["y"])
    x = np.zeros((1, 4, 4, 2), np.float32)
    x[:, ::2, ::2] = [3, 5]
    first = np.full((1, 2, 2, 2), 0.1, np.float32)
    with Runtime() as runtime:
        executor = Executor.judging(runtime, CALLS, before)
        with executor.model(after, "reference", "the model") as execution:
            assert np.array_equal(execution.run([x, first])[0], x)
        with executor.model(after, "default", "the model") as execution:
            assert execution.whole
            assert not np.array_equal(execution.run([x, first])[0], x)


def test_a_kernel_that_asks_for_it_is_told_what_stored_operands_stand_for() -> None:
    seen: list[object] = []

    def doubled(values: np.ndarray, other: np.ndarray | None, *, quantization: list[Quantization | None]) -> np.ndarray:
        seen.extend(quantization)
        return values * 2

    declared = declarations_of(
        "op CUSTOM[twice](value, other?) -> output kernel any.twice", "t.pat", {"any.twice": doubled}.get
    )
    (call,) = kernel_calls(declared.values()).values()
    stored = Tensor.make("x", "i8", (2,), quantization=Quantization((0.5,), (3,)))
    operator = Operator(OperatorCode("CUSTOM", "twice"), [stored, None], [Tensor.make("y", "i8", (2,))])
    (result,) = call(operator, [np.array([1, 2], np.int8), None])
    assert result.tolist() == [2, 4]
    assert seen == [Quantization((0.5,), (3,)), None]
