"""Cases of convolutions, pools, resizes and matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve
from hypothesis import strategies as st

from tests.dialect.draw import PADDINGS, SIZES, broadcast_pair, numbers, shapes
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

PLACES = st.integers(1, 8)


def bias_of(channels: int) -> Operand:
    """A bias. CONV_2D's kernels ask for one, and those of DEPTHWISE_CONV_2D crash without it."""
    return Operand("f32", (channels,), constant=True)


def maybe(draw: DrawFn, operand: Operand) -> Operand | None:
    """The operand, or none."""
    return operand if draw(st.booleans()) else None


def window(draw: DrawFn, padding: str, size: int, stride: int, dilation: int = 1) -> int:
    """A kernel's size. One that is larger than the image by more than a stride gives a result of negative size."""
    most = 4 if padding == "SAME" else min(4, (size + stride - 1) // dilation + 1)
    return draw(st.integers(1, max(1, most)))


def spatial(draw: DrawFn, axes: str, *, dilated: bool = True) -> tuple[list[int], list[int], dict[str, object]]:
    """Sizes of an image along some axes, sizes of a kernel that fits, and attributes."""
    padding = draw(PADDINGS)
    attributes: dict[str, object] = {"padding": padding}
    sizes, kernels = [], []
    for axis in axes:
        size, stride, dilation = draw(PLACES), draw(st.integers(1, 3)), draw(st.integers(1, 2)) if dilated else 1
        attributes[f"stride_{axis}"] = stride
        if dilated:
            attributes[f"dilation_{axis}_factor"] = dilation
        sizes.append(size)
        kernels.append(window(draw, padding, size, stride, dilation))
    return sizes, kernels, attributes


@st.composite
def conv_2d(draw: DrawFn) -> Case:
    groups = draw(st.sampled_from([1, 1, 2]))
    depth, out = draw(st.integers(1, 2)) * groups, draw(st.integers(1, 2)) * groups
    sizes, kernels, attributes = spatial(draw, "hw")
    image = Operand("f32", (draw(st.integers(1, 2)), *sizes, depth))
    weights = Operand("f32", (out, *kernels, depth // groups), constant=True)
    return Case("CONV_2D", (image, weights, bias_of(out)), attributes)


@st.composite
def depthwise(draw: DrawFn) -> Case:
    depth, times = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes, kernels, attributes = spatial(draw, "hw")
    image = Operand("f32", (draw(st.integers(1, 2)), *sizes, depth))
    weights = Operand("f32", (1, *kernels, depth * times), constant=True)
    attributes["depth_multiplier"] = times
    return Case("DEPTHWISE_CONV_2D", (image, weights, bias_of(depth * times)), attributes)


@st.composite
def transpose_conv(draw: DrawFn) -> Case:
    padding, strides, kernel = draw(PADDINGS), [draw(st.integers(1, 3)) for _ in range(2)], [draw(SIZES), draw(SIZES)]
    sizes = [draw(st.integers(1, 5)) for _ in range(2)]
    depth, out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    wanted = [
        size * stride + draw(st.integers(-stride, 1)) if padding == "SAME" else (size - 1) * stride + window
        for size, stride, window in zip(sizes, strides, kernel, strict=True)
    ]
    shape = numbers([1, *(max(each, 1) for each in wanted), out], constant=draw(st.booleans()))
    image = Operand("f32", (1, *sizes, depth))
    weights = Operand("f32", (out, *kernel, depth), constant=True)
    attributes = {"padding": padding, "stride_h": strides[0], "stride_w": strides[1]}
    return Case("TRANSPOSE_CONV", (image, weights, maybe(draw, bias_of(out)), shape), attributes)


@st.composite
def conv_3d(draw: DrawFn) -> Case:
    depth, out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes, kernels, attributes = spatial(draw, "dhw")
    weights = Operand("f32", (*kernels, depth, out), constant=True)
    return Case("CONV_3D", (Operand("f32", (1, *sizes, depth)), weights, maybe(draw, bias_of(out))), attributes)


@st.composite
def conv_3d_transpose(draw: DrawFn) -> Case:
    depth, out, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    sizes = [draw(st.integers(1, 3)) for _ in range(3)]
    wanted = numbers([1, *(size * stride for size in sizes), out], constant=draw(st.booleans()))
    image = Operand("f32", (1, *sizes, depth))
    weights = Operand("f32", (draw(SIZES), draw(SIZES), draw(SIZES), out, depth), constant=True)
    attributes = {"padding": "SAME"} | {f"stride_{axis}": stride for axis in "dhw"}
    return Case("CONV_3D_TRANSPOSE", (image, weights, None, wanted), attributes)


@st.composite
def pool(draw: DrawFn, name: str) -> Case:
    sizes, windows, attributes = spatial(draw, "hw", dilated=False)
    attributes["filter_height"], attributes["filter_width"] = windows
    return Case(name, (Operand("f32", (draw(st.integers(1, 2)), *sizes, draw(SIZES))),), attributes)


@st.composite
def resize(draw: DrawFn, name: str) -> Case:
    image = Operand("f32", draw(shapes(4, 4)))
    size = numbers([draw(PLACES), draw(PLACES)], constant=draw(st.booleans()))
    attributes = {"align_corners": draw(st.booleans()), "half_pixel_centers": draw(st.booleans())}
    if all(attributes.values()):
        # Where the size comes with a run, the kernel forgets to refuse both.
        size = evolve(size, constant=True)
    return Case(name, (image, size), attributes)


@st.composite
def fully_connected(draw: DrawFn) -> Case:
    features, units = draw(SIZES), draw(SIZES)
    leading = draw(shapes(1, 3))
    keep = draw(st.booleans())
    # Without `keep_num_dims` only the number of elements counts.
    last = features if keep else features * draw(st.integers(1, 2))
    weights = Operand("f32", (units, features), constant=True)
    attributes = {"keep_num_dims": keep}
    return Case("FULLY_CONNECTED", (Operand("f32", (*leading, last)), weights, maybe(draw, bias_of(units))), attributes)


@st.composite
def batch_matmul(draw: DrawFn) -> Case:
    left, right = broadcast_pair(draw, 3)
    rows, depth, columns = draw(SIZES), draw(SIZES), draw(SIZES)
    adj_x, adj_y = draw(st.booleans()), draw(st.booleans())
    lhs = (depth, rows) if adj_x else (rows, depth)
    rhs = (columns, depth) if adj_y else (depth, columns)
    operands = (Operand("f32", (*left, *lhs)), Operand("f32", (*right, *rhs)))
    return Case("BATCH_MATMUL", operands, {"adj_x": adj_x, "adj_y": adj_y})


CASES: dict[str, SearchStrategy[Case]] = {
    "CONV_2D": conv_2d(),
    "DEPTHWISE_CONV_2D": depthwise(),
    "TRANSPOSE_CONV": transpose_conv(),
    "CONV_3D": conv_3d(),
    "CONV_3D_TRANSPOSE": conv_3d_transpose(),
    **{name: pool(name) for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")},
    **{name: resize(name) for name in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")},
    "FULLY_CONNECTED": fully_connected(),
    "BATCH_MATMUL": batch_matmul(),
}
