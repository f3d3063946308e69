"""Constants that the property tests of the rules would not find by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.testing import values_for

if TYPE_CHECKING:
    from numpy.typing import NDArray


@values_for("fuse_pad_into_conv_same", "p")
@values_for("fuse_pad_into_conv_same_steps", "p")
@values_for("fuse_pad_into_conv_same_3d", "p")
@values_for("same_conv_with_slice", "p")
def sample_padding(shape: tuple[int, ...], dtype: str, seed: int) -> NDArray[Any]:
    """What filters of 1 to 3 places want, and nothing for batches and channels."""
    import numpy as np

    rng = np.random.default_rng(seed)
    found = np.zeros(shape, np.int32)
    for axis in range(1, shape[0] - 1):
        found[axis] = ((0, 0), (0, 1), (1, 1), (1, 1))[rng.integers(4)]
    return found.astype(np.int64 if dtype == "i64" else np.int32)


@values_for("fuse_mul_into_preceding_affine_qdq", "c")
def sample_scales(shape: tuple[int, ...], dtype: str, seed: int) -> NDArray[Any]:
    """Above 0."""
    import numpy as np

    return np.random.default_rng(seed).uniform(0.1, 4.0, shape).astype(np.float32)


@values_for("fuse_slice_with_tconv", "s")
def sample_begin(shape: tuple[int, ...], dtype: str, seed: int) -> NDArray[Any]:
    """Where SAME begins with small filters."""
    import numpy as np

    found = np.zeros(shape, np.int64 if dtype == "i64" else np.int32)
    if shape == (4,):
        found[1:3] = np.random.default_rng(seed).choice((0, 0, 0, 1), 2)
    return found


def sample_step(shape: tuple[int, ...], dtype: str, seed: int) -> int:
    """Mostly 1: of larger strides and dilations few go with a padding that is drawn beside them."""
    return (1, 1, 1, 2)[seed % 4]


for _rule in ("fuse_pad_into_conv_same", "fuse_pad_into_conv_same_steps", "fuse_pad_into_conv_same_3d"):
    for _axis in "dhw":
        for _name in (f"stride_{_axis}", f"dilation_{_axis}_factor"):
            sample_step = values_for(_rule, _name)(sample_step)
