"""Models of poolings with indices, and of unpoolings."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.patterns.mediapipe.windows import windows_along

if TYPE_CHECKING:
    from tests.rules.models import ModelBuilder

POOLING = "CUSTOM[MaxPoolingWithArgmax2D]"
UNPOOLING = "CUSTOM[MaxUnpooling2D]"
PADDING = {"SAME": 1, "VALID": 2}


@frozen
class Windows:
    """Windows of a pooling or an unpooling: rows and columns; strides are the same unless they are given."""

    height: int = 2
    width: int = 2
    stride_h: int = 0
    stride_w: int = 0
    padding: str = "VALID"
    activation: int = 0

    def options(self) -> bytes:
        """The packed struct, as MediaPipe's files have it: with bytes behind it that mean nothing."""
        strides = (self.stride_w or self.width, self.stride_h or self.height)
        fields = (PADDING[self.padding], *strides, self.width, self.height, self.activation)
        return struct.pack("<6i", *fields) + b"\xff" * 8

    def pooled(self, shape: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """What a pooling makes of a shape."""
        batch, height, width, channels = shape
        rows = windows_along(height, self.height, self.stride_h or self.height, self.padding)
        columns = windows_along(width, self.width, self.stride_w or self.width, self.padding)
        return batch, rows.count, columns.count, channels

    def unpooled(self, shape: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """What an unpooling makes of a shape."""
        batch, height, width, channels = shape
        return batch, height * self.height, width * self.width, channels


def add_pooling(
    builder: ModelBuilder, windows: Windows, shape: tuple[int, int, int, int], operand: str = "x", number: str = ""
) -> tuple[str, str]:
    """Add a pooling; the names of its results are `v` and `i`, and the number."""
    values, indices = f"v{number}", f"i{number}"
    builder.operator(POOLING, [operand], values, windows.pooled(shape), options=windows.options(), also=[indices])
    return values, indices


def add_unpooling(
    builder: ModelBuilder,
    windows: Windows,
    shape: tuple[int, int, int, int],
    values: str,
    indices: str = "i",
    result: str = "y",
) -> str:
    """Add an unpooling of values of some shape."""
    return builder.operator(UNPOOLING, [values, indices], result, windows.unpooled(shape), options=windows.options())
