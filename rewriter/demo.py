"""A small model with a custom operator in it, made from nothing: what `rewriter demo` works on."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from math import prod

from rewriter.model import Buffer, Model, Operator, OperatorCode, Subgraph, Tensor

_SAME, _STRIDE = 1, 2  # as TfLitePadding numbers them in the custom options


def demo_model(seed: int = 0) -> Model:
    """A convolution that halves an image, MediaPipe's transposed convolution that doubles it again, and a LOGISTIC.

    Input float32 `[1, 16, 16, 3]`, output float32 `[1, 16, 16, 2]`.
    """
    generator = random.Random(seed)
    buffers = [Buffer(0)]
    tensors: list[Tensor] = []

    def tensor(name: str, shape: Sequence[int], *, constant: bool = False) -> Tensor:
        made = Tensor.make(name, "f32", shape)
        if constant:
            values = [generator.uniform(-0.5, 0.5) for _ in range(prod(shape))]
            data = struct.pack(f"<{len(values)}f", *values)
            made.buffer = Buffer(len(buffers), size=len(data), data=data)
            buffers.append(made.buffer)
        made.index = len(tensors)
        tensors.append(made)
        return made

    image = tensor("image", [1, 16, 16, 3])
    filter_ = tensor("encoder/filter", [8, 3, 3, 3], constant=True)
    bias = tensor("encoder/bias", [8], constant=True)
    half = tensor("encoder", [1, 8, 8, 8])
    up_filter = tensor("decoder/filter", [2, 2, 2, 8], constant=True)
    up_bias = tensor("decoder/bias", [2], constant=True)
    full = tensor("decoder", [1, 16, 16, 2])
    mask = tensor("mask", [1, 16, 16, 2])

    codes = [
        OperatorCode("CONV_2D"),
        OperatorCode("CUSTOM", "Convolution2DTransposeBias"),
        OperatorCode("LOGISTIC"),
    ]
    operators = [
        Operator(codes[0], [image, filter_, bias], [half], index=0),
        Operator(codes[1], [half, up_filter, up_bias], [full], index=1),
        Operator(codes[2], [full], [mask], index=2),
    ]
    operators[0].options = {
        "padding": "SAME",
        "stride_w": _STRIDE,
        "stride_h": _STRIDE,
        "dilation_w_factor": 1,
        "dilation_h_factor": 1,
        "fused_activation_function": "RELU",
    }
    operators[1].custom = struct.pack("<3i", _SAME, _STRIDE, _STRIDE)
    subgraph = Subgraph(0, tensors, [image], [mask], operators, "main")
    subgraph.connect()
    return Model([subgraph], buffers, codes, description="made by rewriter demo")
