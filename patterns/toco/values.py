"""What the property tests of the rules are made of where chance would not find it: one number, or places of a kind."""

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


def _full(shape: tuple[int, ...], value: float) -> Any:
    import numpy as np

    return np.full(shape, value, np.float32)


@values_for("identify_hardswish", "c")
def sample_sixth(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """The factor of a hard swish."""
    return _full(shape, 1 / 6)


@values_for("identify_gelu_tanh", "c")
def sample_cube_factor(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What a GELU by tanh multiplies the cube with."""
    return _full(shape, 0.044715)


@values_for("identify_gelu_tanh", "s")
def sample_tanh_factor(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What it multiplies the sum with."""
    return _full(shape, (2 / 3.141592653589793) ** 0.5)


@values_for("identify_gelu_erf", "s")
def sample_root_of_half(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What the error function of a GELU multiplies with."""
    return _full(shape, 0.5**0.5)


@values_for("identify_gelu_erf_div", "s")
def sample_root_of_two(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What it divides by."""
    return _full(shape, 2**0.5)


@values_for("identify_gelu_erfc", "s")
def sample_negative_root_of_half(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What its complement multiplies with."""
    return _full(shape, -(0.5**0.5))


@values_for("identify_l2_normalization", "e")
def sample_bound(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """The operator's own bound of a square."""
    return _full(shape, 1e-12)


@values_for("identify_l2_normalization_added", "e")
def sample_little(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What is added to a square, to keep it from 0."""
    return _full(shape, (1e-6, 1e-7, 1e-12)[seed % 3])


@values_for("identify_nearest_upsample_gather", "i")
@values_for("identify_nearest_upsample_gather", "j")
def sample_doubled_places(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """Each place twice, where their number is even."""
    import numpy as np

    (size,) = shape
    return (np.arange(size) // (1 if size % 2 else 2)).astype(np.int32)
