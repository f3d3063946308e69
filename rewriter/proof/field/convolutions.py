"""References of convolutions, their gradients, pools and matrix products."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from rewriter.dialect.convolutions import convolved
from rewriter.proof.field.arithmetic import PRIME, inverse, product
from rewriter.proof.field.value import NoReference, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.proof.field.call import Call, Reference
    from rewriter.verify.protocol import Array


@frozen
class Windows:
    """Where the windows of a convolution stand along one spatial dimension.

    Attributes:
        size: Places of the image.
        kernel: Places of the window.
        count: How many windows.
        before: So many places the first one stands before the image.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    count: int
    before: int

    @classmethod
    def of(cls, size: int, kernel: int, stride: int, dilation: int, padding: str) -> Windows:
        """Those of an image of this size.

        Source:
            LiteRT's kernels (padding.h, ComputePadding): what does not go half and half, goes behind.
        """
        count = convolved(size, kernel, stride, dilation, padding)
        assert count is not None
        missing = (count - 1) * stride + (kernel - 1) * dilation + 1 - size
        return cls(size, kernel, stride, dilation, count, max(missing, 0) // 2)

    def places(self, at: int) -> slice:
        """The places of the padded image that are place `at` of the windows."""
        first = at * self.dilation
        return slice(first, first + self.stride * (self.count - 1) + 1, self.stride) if self.count else slice(0, 0)

    @property
    def edges(self) -> tuple[int, int]:
        """What is put around the image."""
        reach = (self.count - 1) * self.stride + (self.kernel - 1) * self.dilation + 1
        return self.before, max(reach - self.before - self.size, 0)


def _spatial(call: Call, sizes: Sequence[int], kernels: Sequence[int], *, dilated: bool = True) -> list[Windows]:
    """The windows along height and width, or depth, height and width, as the attributes say."""
    return [
        Windows.of(
            size,
            kernel,
            call.number(f"stride_{axis}"),
            call.number(f"dilation_{axis}_factor") if dilated else 1,
            call.word("padding"),
        )
        for axis, size, kernel in zip("dhw"[-len(sizes) :], sizes, kernels, strict=True)
    ]


def _padded(image: Array, windows: Sequence[Windows]) -> Array:
    return np.pad(image, [(0, 0), *(each.edges for each in windows), (0, 0)])


def convolve(image: Array, filters: Array, windows: Sequence[Windows], groups: int) -> Array:
    """A convolution of residues.

    Args:
        image: ``[batch, ..., groups * I]``.
        filters: ``[kernels..., I, groups * O]``, a group's columns side by side.
        windows: One for each spatial dimension.

    Returns:
        ``[batch, ..., groups * O]``.
    """
    depth, columns = filters.shape[-2], filters.shape[-1] // groups
    padded = _padded(image, windows)
    counts = [each.count for each in windows]
    rows = image.shape[0] * prod(counts)
    total = np.zeros((groups, rows, columns), np.int64)
    for at in np.ndindex(*filters.shape[:-2]):
        seen = padded[(slice(None), *(each.places(place) for each, place in zip(windows, at, strict=True)))]
        left = seen.reshape(rows, groups, depth).transpose(1, 0, 2)
        right = filters[at].reshape(depth, groups, columns).transpose(1, 0, 2)
        total = (total + product(left, right)) % PRIME
    return total.transpose(1, 0, 2).reshape(image.shape[0], *counts, groups * columns)


def spread(image: Array, filters: Array, windows: Sequence[Windows]) -> Array:
    """The gradient of a convolution: every place adds its multiple of the filter to the result around it.

    Args:
        image: ``[batch, ..., I]``.
        filters: ``[kernels..., I, O]``.
        windows: Of the convolution that leads from the result to the image: `size` is the result's.

    Returns:
        ``[batch, ..., O]``.
    """
    if image.shape[1:-1] != tuple(each.count for each in windows):
        raise ValueError(f"an image of {list(image.shape)} is none that the result's shape leads back to")
    # As wide as the padded result.
    canvas = np.zeros((image.shape[0], *(each.size + sum(each.edges) for each in windows), filters.shape[-1]), np.int64)
    for at in np.ndindex(*filters.shape[:-2]):
        places = (slice(None), *(each.places(place) for each, place in zip(windows, at, strict=True)))
        canvas[places] = (canvas[places] + product(image, filters[at])) % PRIME
    return canvas[(slice(None), *(slice(each.before, each.before + each.size) for each in windows))]


def _weighted(call: Call, bias: int, result: Array, terms: int) -> Value:
    """A result that is a sum of so many products of an image and a filter, with the bias added."""
    degree = call.value(0).degree.times(call.value(1).degree).summed(terms)
    added = call.optional(bias)
    if added is None:
        return Value(result, degree)
    if added.residues.size != result.shape[-1]:
        raise ValueError(f"a bias of {added.residues.size} does not go with {result.shape[-1]} channels")
    return Value((result + added.residues.reshape(-1)) % PRIME, degree.plus(added.degree))


def conv_2d(call: Call) -> Value:
    """CONV_2D: input NHWC, filter OHWI."""
    image, filters = call.value(0).residues, call.value(1).residues
    _, *sizes, channels = image.shape
    out, *kernels, depth = filters.shape
    groups = channels // depth
    if channels % depth or out % groups:
        raise ValueError(f"{channels} channels and a filter {list(filters.shape)} do not go together")
    windows = _spatial(call, sizes, kernels)
    result = convolve(image, filters.transpose(1, 2, 3, 0), windows, groups)
    return _weighted(call, 2, result, prod(kernels) * depth)


def depthwise_conv_2d(call: Call) -> Value:
    """DEPTHWISE_CONV_2D: input NHWC, filter ``[1, h, w, O]``; each channel has its own O / C filters, side by side."""
    image, filters = call.value(0).residues, call.value(1).residues
    _, *sizes, channels = image.shape
    one, *kernels, out = filters.shape
    if one != 1 or out % channels:
        raise ValueError(f"{channels} channels and a filter {list(filters.shape)} do not go together")
    result = convolve(image, filters.transpose(1, 2, 0, 3), _spatial(call, sizes, kernels), channels)
    return _weighted(call, 2, result, prod(kernels))


def conv_3d(call: Call) -> Value:
    """CONV_3D: input NDHWC, filter DHWIO."""
    image, filters = call.value(0).residues, call.value(1).residues
    _, *sizes, _ = image.shape
    *kernels, depth, _ = filters.shape
    result = convolve(image, filters, _spatial(call, sizes, kernels), 1)
    return _weighted(call, 2, result, prod(kernels) * depth)


def transpose_conv(call: Call) -> Value:
    """TRANSPOSE_CONV: input NHWC, filter OHWI; an operand says the result's shape."""
    filters = call.value(1).residues
    return _transposed(call, filters.transpose(1, 2, 3, 0))


def conv_3d_transpose(call: Call) -> Value:
    """CONV_3D_TRANSPOSE: input NDHWC, filter DHWOI; an operand says the result's shape."""
    axes = ("d", "h", "w")
    if any(call.number(f"dilation_{axis}_factor") != 1 for axis in axes):
        raise NoReference(f"{call.where} is dilated")
    return _transposed(call, call.value(1).residues.transpose(0, 1, 2, 4, 3))


def _transposed(call: Call, filters: Array) -> Value:
    image = call.value(0).residues
    *kernels, depth, out = filters.shape
    batch, *sizes, channels = call.integers(3, "output shape")
    if batch != image.shape[0] or channels != out:
        raise ValueError(f"an output shape of {[batch, *sizes, channels]} does not go with the operands")
    windows = _spatial(call, sizes, kernels, dilated=False)
    return _weighted(call, 2, spread(image, filters, windows), prod(kernels) * depth)


def average_pool_2d(call: Call) -> Value:
    """AVERAGE_POOL_2D: the mean of the places of a window that are inside the image."""
    value = call.value()
    batch, *sizes, channels = value.shape
    kernels = (call.number("filter_height"), call.number("filter_width"))
    windows = _spatial(call, sizes, kernels, dilated=False)
    counts = [each.count for each in windows]
    inside = _padded(np.ones((1, *sizes, 1), np.int64), windows)
    padded = _padded(value.residues, windows)
    total = np.zeros((batch, *counts, channels), np.int64)
    count = np.zeros((1, *counts, 1), np.int64)
    for at in np.ndindex(*kernels):
        places = (slice(None), *(each.places(place) for each, place in zip(windows, at, strict=True)))
        total += padded[places]
        count += inside[places]
    if not bool(count.all()):
        raise ValueError("a window is outside the image")
    return Value(total % PRIME * inverse(count) % PRIME, value.degree.summed(prod(kernels)))


def fully_connected(call: Call) -> Value:
    """FULLY_CONNECTED: rows of the input times a filter ``[units, features]``."""
    if call.word("weights_format") != "DEFAULT":
        raise NoReference(f"{call.where} has weights in the format {call.word('weights_format')}")
    image, filters = call.value(0).residues, call.value(1).residues
    _, features = filters.shape
    rows = image if call.flag("keep_num_dims") else image.reshape(-1, features)
    return _weighted(call, 2, product(rows, filters.T), features)


def batch_matmul(call: Call) -> Value:
    """BATCH_MATMUL: products of matrices; `adj_x` and `adj_y` transpose them first."""
    left, right = call.value(0), call.value(1)
    rows = np.swapaxes(left.residues, -1, -2) if call.flag("adj_x") else left.residues
    columns = np.swapaxes(right.residues, -1, -2) if call.flag("adj_y") else right.residues
    degree = left.degree.times(right.degree).summed(rows.shape[-1])
    return Value(product(rows, columns), degree)


OPERATORS: dict[str, Reference] = {
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "CONV_3D": conv_3d,
    "TRANSPOSE_CONV": transpose_conv,
    "CONV_3D_TRANSPOSE": conv_3d_transpose,
    "AVERAGE_POOL_2D": average_pool_2d,
    "FULLY_CONNECTED": fully_connected,
    "BATCH_MATMUL": batch_matmul,
}
