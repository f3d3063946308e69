"""Convolution2DTransposeBias and TRANSPOSE_CONV in tests: cases of every size, models of them, and the plain loop."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from attrs import frozen
from hypothesis import strategies as st

from tests.rules.models import ModelBuilder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CUSTOM = "CUSTOM[Convolution2DTransposeBias]"
PADDING_NUMBERS = {"SAME": 1, "VALID": 2}
AXES = [(size, kernel, stride) for size in range(1, 10) for kernel in range(1, 6) for stride in range(1, 4)]
"""Every (input size, kernel size, stride) of one axis."""

RULE_FIGURE = 1e-5
"""What both rules state: ``equal within 1e-5``."""


@frozen
class Case:
    """One transposed convolution: its sizes, its attributes, and the seed of its numbers."""

    batch: int
    rows: tuple[int, int, int]
    columns: tuple[int, int, int]
    channels: int
    out_channels: int
    padding: str
    seed: int

    @property
    def image_shape(self) -> tuple[int, int, int, int]:
        return (self.batch, self.rows[0], self.columns[0], self.channels)

    @property
    def attributes(self) -> dict[str, Any]:
        return {"padding": self.padding, "stride_w": self.columns[2], "stride_h": self.rows[2]}

    @property
    def custom_options(self) -> bytes:
        """The packed struct, width before height."""
        return struct.pack("<3i", PADDING_NUMBERS[self.padding], self.columns[2], self.rows[2])

    @property
    def builtin_options(self) -> Any:
        options = schema.TransposeConvOptionsT()
        options.padding = getattr(schema.Padding, self.padding)
        options.strideW, options.strideH = self.columns[2], self.rows[2]
        return options

    def operands(self) -> tuple[Floats, Floats, Floats]:
        """Image, filter and bias, drawn from the seed; no two of a bias are alike, and none is near zero."""
        draw = np.random.default_rng(self.seed)
        image = draw.standard_normal(self.image_shape).astype(np.float32)
        shape = (self.out_channels, self.rows[1], self.columns[1], self.channels)
        bias = draw.permutation(np.arange(1, self.out_channels + 1)).astype(np.float32) * draw.choice([-0.7, 0.7])
        return image, draw.standard_normal(shape).astype(np.float32), bias.astype(np.float32)


def cases(**fixed: Any) -> st.SearchStrategy[Case]:
    """Cases of every size that the pack promises to handle; `fixed` takes the place of what is drawn."""
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "batch": st.sampled_from([1, 3]),
        "rows": st.sampled_from(AXES),
        "columns": st.sampled_from(AXES),
        "channels": st.integers(1, 4),
        "out_channels": st.integers(1, 4),
        "padding": st.sampled_from(["SAME", "VALID"]),
        "seed": st.integers(0, 2**32 - 1),
    }
    return st.builds(Case, **(drawn | {name: st.just(value) for name, value in fixed.items()}))


def both_axes(padding: str) -> list[Case]:
    """Each triple of `AXES` once on the rows and once on the columns, next to another one."""
    beside = AXES[47:] + AXES[:47]
    return [Case(1, rows, columns, 2, 3, padding, seed=0) for rows, columns in zip(AXES, beside, strict=True)]


def custom_model(
    case: Case,
    result_shape: tuple[int, ...],
    *,
    constants: tuple[Floats, Floats] | None = None,
    options: bytes | None = None,
) -> bytes:
    """A model of one Convolution2DTransposeBias, its result "y" recorded with `result_shape`.

    Args:
        case: Sizes, attributes and numbers.
        result_shape: What the file records; the operator's own kernel does not trust it.
        constants: Filter and bias in place of the case's.
        options: Custom options in place of the case's.
    """
    _, filters, bias = case.operands()
    filters, bias = constants or (filters, bias)
    builder = ModelBuilder()
    builder.input("x", case.image_shape)
    operands = ["x", builder.constant("w", filters), builder.constant("b", bias)]
    builder.operator(CUSTOM, operands, "y", result_shape, options=case.custom_options if options is None else options)
    return builder.finish("y")


def builtin_model(
    case: Case, result_shape: tuple[int, ...], *, filters: Floats | None = None, bias: str = "operand"
) -> bytes:
    """A model of one TRANSPOSE_CONV with result "y".

    Args:
        case: Sizes, attributes and numbers.
        result_shape: The result's shape, given to the operator as its `output_shape` too.
        filters: A filter in place of the case's.
        bias: ``"operand"``: its fourth operand; ``"add"``: an ADD behind it; ``"absent"``: none.
    """
    _, own_filters, own_bias = case.operands()
    builder = ModelBuilder()
    builder.input("x", case.image_shape)
    builder.constant("shape", np.array(result_shape, np.int32))
    builder.constant("w", own_filters if filters is None else filters)
    operands = ["shape", "w", "x"]
    if bias == "operand":
        operands.append(builder.constant("b", own_bias))
    convolved = "convolved" if bias == "add" else "y"
    version = 3 if bias == "operand" else 1
    builder.operator("TRANSPOSE_CONV", operands, convolved, result_shape, options=case.builtin_options, version=version)
    if bias == "add":
        operands = [convolved, builder.constant("b", own_bias)]
        builder.operator("ADD", operands, "y", result_shape, options=schema.AddOptionsT())
    return builder.finish("y")


def plain_loop(image: Floats, filters: Floats, bias: Floats, *, padding: str, stride_w: int, stride_h: int) -> Floats:
    """Convolution2DTransposeBias as described: one product after the other, in the order of MediaPipe's kernel."""
    (batch, height, width, channels), (out_channels, kernel_height, kernel_width, _) = image.shape, filters.shape
    result_height, top = _placed(height, kernel_height, stride_h, padding)
    result_width, left = _placed(width, kernel_width, stride_w, padding)
    result = np.tile(bias, (batch, result_height, result_width, 1))
    for n, iy, ix, c, fy, fx in itertools.product(
        range(batch), range(height), range(width), range(channels), range(kernel_height), range(kernel_width)
    ):
        oy, ox = iy * stride_h - top + fy, ix * stride_w - left + fx
        if 0 <= oy < result_height and 0 <= ox < result_width:
            # Output channels never meet, so they may go side by side.
            result[n, oy, ox] += image[n, iy, ix, c] * filters[:, fy, fx, c]
    assert result.shape[-1] == out_channels
    return result


def difference(expected: Floats, computed: Floats) -> float:
    """The largest difference, relative to the larger of 1 and the largest magnitude; infinite for other shapes."""
    if expected.shape != computed.shape:
        return float("inf")
    return float(np.abs(computed - expected).max() / max(1.0, np.abs(expected).max()))


def _placed(size: int, kernel: int, stride: int, padding: str) -> tuple[int, int]:
    """Length of the result along one axis, and how much of the canvas is cut before it."""
    windows = -(-size // stride)
    same = max(0, (windows - 1) * stride + kernel - size)
    cut = same if padding == "SAME" else 0
    return stride * (size - 1) + kernel - cut, cut // 2
